"""Can this filled form be true of this study under this protocol? One clear line when it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from living.model.facts import Characteristics, Extraction
from living.model.numbers import (
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.protocol import Outcome, Protocol
from living.review.checks import examine
from living.review.documents import refuse, suggestion
from living.review.quotes import missing_numbers

OTHER = "other"  # an arm that the protocol compares with nothing

_SHAPES: dict[str, tuple[type, ...]] = {
    "continuous": (ArmMeans, PairedDifference, PairedMeans),
    "binary": (EventCounts,),
    "rate": (EventRates,),
}
_MEASURES = {"continuous": {"MD", "SMD"}, "binary": {"RR", "OR", "HR"}, "rate": {"IRR"}}
_WANTED = {
    "continuous": "means or a difference of means",
    "binary": "participants with the event and participants counted",
    "rate": "numbers of events",
}


def check_extraction(
    extraction: Extraction,
    protocol: Protocol,
    study: Characteristics | None = None,
    siblings: Sequence[Extraction] = (),
) -> None:
    """Raise UserError, one line, when a filled cell cannot be right; return nothing when it may be.

    `study` gives design and arms as randomised; without it only the protocol's interventions are known
    as arms, and independent groups are not questioned. What the model cannot hold (SD = 0, events
    above denominators) has been refused before an Extraction exists; what a check calls impossible is
    refused here, whoever says it. `siblings`: the same reader's other cells of the study.
    """
    outcome = next((item for item in protocol.outcomes if item.id == extraction.cell.outcome), None)
    faults = [*_names(extraction, protocol, study), *_shape(extraction, outcome)]
    seen = examine(extraction, protocol, study, siblings)
    faults += [f"{item.saw}. {item.suggestion}".rstrip(". ") for item in seen if item.level == "impossible"]
    missing = missing_numbers(extraction.numbers, extraction.quotes)
    if missing:
        faults.append(f"no quote contains {', '.join(missing)}")
    if faults:
        refuse(faults, place_of(extraction))


def place_of(extraction: Extraction) -> str:
    """Return a cell's name for a message: its study, outcome and time."""
    cell = extraction.cell
    return f"{cell.study}, {cell.outcome} at {cell.weeks:g} weeks"


def check_characteristics(what: Characteristics, protocol: Protocol, today: str) -> None:
    """Raise UserError when a description names what the protocol does not know, or dates from the future."""
    faults: list[str] = []
    groups = [item.id for item in protocol.condition_groups]
    if groups and what.condition_group not in groups:
        faults.append(
            f"no condition group '{what.condition_group}'{suggestion(what.condition_group, groups)}"
        )
    ids = [arm.id for arm in what.arms]
    faults += [f"two arms are called '{name}'" for name in dict.fromkeys(ids) if ids.count(name) > 1]
    known = [OTHER, *(item.id for item in protocol.interventions)]
    faults += [
        f"arm {arm.id}: no intervention '{arm.intervention}'{suggestion(arm.intervention, known)}"
        for arm in what.arms
        if arm.intervention not in known
    ]
    if in_future(what.available_from, today):
        faults.append(f"available from {what.available_from} lies after {today}")
    if faults:
        refuse(faults, f"{what.study} ({what.label})")


def in_future(date: str, today: str) -> bool:
    """Return whether a date of any precision (`2026`, `2026-06`, `2026-06-30`) lies wholly after a day."""
    return date > today[: len(date)]


def _names(extraction: Extraction, protocol: Protocol, study: Characteristics | None) -> Iterator[str]:
    cell = extraction.cell
    outcomes = {item.id: item for item in protocol.outcomes}
    if cell.outcome not in outcomes:
        yield f"no outcome '{cell.outcome}'{suggestion(cell.outcome, outcomes)}"
        return
    scales = outcomes[cell.outcome].scales or tuple(item.id for item in protocol.scales)
    needed = outcomes[cell.outcome].scales and not isinstance(extraction.numbers, NoNumbers)
    if cell.scale not in scales and (cell.scale or needed):
        told = f"no scale '{cell.scale}' for it" if cell.scale else "the scale is not named"
        yield f"{told}{suggestion(cell.scale, scales)}"
    arms = {item.id for item in protocol.interventions} | ({arm.id for arm in study.arms} if study else set())
    for side in (cell.experimental, cell.control):
        if side not in arms:
            yield f"no intervention or arm '{side}'{suggestion(side, arms)}"
    if cell.experimental == cell.control:
        yield f"'{cell.control}' is compared with itself"
    if cell.weeks <= 0:
        yield f"{cell.weeks:g} weeks is no time after randomisation"


def _shape(extraction: Extraction, outcome: Outcome | None) -> Iterator[str]:
    numbers, estimand = extraction.numbers, extraction.cell.estimand
    if outcome is None or isinstance(numbers, NoNumbers):
        return
    if isinstance(numbers, ReportedContrast):
        fits = numbers.measure in _MEASURES[outcome.type]
        says = numbers.estimand if outcome.type == "continuous" else estimand
    else:
        fits = isinstance(numbers, _SHAPES[outcome.type])
        says = numbers.values if isinstance(numbers, ArmMeans | PairedDifference | PairedMeans) else "count"
    if not fits:
        yield f"{outcome.label} takes {_WANTED[outcome.type]}, not {numbers.shape.replace('_', ' ')}"
    elif says != estimand:
        yield f"the cell says {estimand} values and the numbers say {says} values"
