"""Can this filled form be true of this study under this protocol? One clear line when it cannot."""

from __future__ import annotations

from collections.abc import Iterator

from living.model.facts import Characteristics, Extraction
from living.model.numbers import (
    SD,
    ArmMean,
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.protocol import Outcome, Protocol, Scale
from living.review.documents import refuse, suggestion
from living.review.quotes import missing_numbers

OTHER = "other"  # an arm that the protocol compares with nothing
FIRST_PERIOD = "first period"

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
    extraction: Extraction, protocol: Protocol, study: Characteristics | None = None
) -> None:
    """Raise UserError, one line, when a filled cell cannot be right; return nothing when it may be.

    `study` gives design and arms as randomised; without it only the protocol's interventions are known
    as arms, and independent groups are not questioned. What the model cannot hold (SD = 0, events
    above denominators) has been refused before an Extraction exists.
    """
    outcome = next((item for item in protocol.outcomes if item.id == extraction.cell.outcome), None)
    faults = [*_names(extraction, protocol, study), *_shape(extraction, outcome), *_paired(extraction, study)]
    scale = next((item for item in protocol.scales if item.id == extraction.cell.scale), None)
    if scale:
        faults += _out_of_range(extraction, scale)
    missing = missing_numbers(extraction.numbers, extraction.quotes)
    if missing:
        faults.append(f"no quote contains {', '.join(missing)}")
    if faults:
        refuse(
            faults, f"{extraction.cell.study}, {extraction.cell.outcome} at {extraction.cell.weeks:g} weeks"
        )


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


def _paired(extraction: Extraction, study: Characteristics | None) -> Iterator[str]:
    crossover = study is not None and study.design == "crossover"
    if (
        crossover
        and isinstance(extraction.numbers, ArmMeans)
        and FIRST_PERIOD not in extraction.notes.lower()
    ):
        yield (
            "a crossover's two periods are the same people, not two independent groups: enter the paired "
            f"difference or both period means, or say in the notes that this is the {FIRST_PERIOD} only"
        )


def _out_of_range(extraction: Extraction, scale: Scale) -> Iterator[str]:
    length, numbers = scale.high - scale.low, extraction.numbers
    outside = f"cannot be on {scale.label}"
    if extraction.cell.estimand == "percent_change":
        return
    for value in _differences(numbers):
        if abs(value) > length:
            yield f"a difference of {value:g} {outside}"
    for value in _levels(numbers):
        if not scale.low <= value <= scale.high:
            yield f"a mean of {value:g} {outside}"
    for value in _spreads(numbers):
        if value > length:
            yield f"an SD of {value:g} {outside}"


def _differences(numbers: object) -> tuple[float, ...]:
    match numbers:
        case ReportedContrast(measure="MD", estimate=estimate):
            return (estimate,)
        case PairedDifference(difference=difference):
            return (difference,)
        case ArmMeans(values="change", experimental=one, control=two):
            return (one.mean, two.mean)
        case PairedMeans(values="change", mean_experimental=one, mean_control=two):
            return (one, two)
        case _:
            return ()


def _levels(numbers: object) -> tuple[float, ...]:
    match numbers:
        case ArmMeans(values="final", experimental=one, control=two):
            return (one.mean, two.mean)
        case PairedMeans(values="final", mean_experimental=one, mean_control=two):
            return (one, two)
        case _:
            return ()


def _spreads(numbers: object) -> tuple[float, ...]:
    match numbers:
        case ArmMeans(experimental=one, control=two):
            return tuple(_sd(arm) for arm in (one, two))
        case PairedMeans(sd_experimental=one, sd_control=two):
            return (one, two)
        case _:
            return ()


def _sd(arm: ArmMean) -> float:
    return arm.spread.sd if isinstance(arm.spread, SD) else 0.0
