"""A filled extraction form read whole: what can be handed in, and every fault beside its field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import get_args

from living.errors import UserError
from living.model.facts import Arm, Characteristics, Design, Extraction, Quote
from living.model.protocol import Protocol
from living.review.cell_fields import CellRead, read_cell, read_quotes, typed_nothing
from living.review.entry import check_characteristics
from living.review.fields import (
    LONGEST_TEXT,
    MOST_ROWS,
    WHAT,
    Fault,
    Fields,
    arm_ids,
    below,
    rows,
)
from living.review.quotes import UNCHECKABLE, holds
from living.review.typed import number, whole

DESIGNS: tuple[Design, ...] = get_args(Design)
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Sheet:
    """What a form says, as far as it can be read. `said` tells how typed numbers were read, by field."""

    characteristics: Characteristics | None
    cells: tuple[CellRead, ...]
    faults: tuple[Fault, ...]
    said: dict[str, str] = field(default_factory=dict)

    @property
    def extractions(self) -> tuple[Extraction, ...]:
        return tuple(cell.extraction for cell in self.cells if cell.extraction)


@dataclass(frozen=True)
class Source:
    """What a form is read against: the study, its records, the protocol and the day."""

    study: str
    records: Collection[str]
    protocol: Protocol
    day: str


def read_sheet(fields: Fields, source: Source) -> Sheet:
    """Read a whole form. Nothing raises: each fault names its field, and the rest is still read."""
    what, faults, said = _characteristics(fields, source)
    cells = []
    for row in rows(fields, "c"):
        if typed_nothing(below(fields, row)):
            continue
        cell = read_cell(below(fields, row), row, source.study, source.records, source.protocol, what)
        cells.append(cell)
        faults += cell.faults
        said |= cell.said
    faults += _twice(cells)
    faults += [Fault("do", f"At most {MOST_ROWS} cells in one sitting")] if len(cells) > MOST_ROWS else []
    faults += [
        Fault(name, f"At most {LONGEST_TEXT} characters")
        for name, value in fields.items()
        if len(value) > LONGEST_TEXT
    ]
    return Sheet(what, tuple(cells), tuple(faults), said)


def _twice(cells: list[CellRead]) -> Iterator[Fault]:
    seen: dict[object, str] = {}
    for cell in cells:
        if cell.extraction is None:
            continue
        if cell.extraction.cell in seen:
            what = "This outcome, comparison, time and kind of value stand in this form already"
            yield Fault(f"{cell.row}.outcome", what)
        seen.setdefault(cell.extraction.cell, cell.row)


def _characteristics(
    fields: Fields, source: Source
) -> tuple[Characteristics | None, list[Fault], dict[str, str]]:
    typed = below(fields, WHAT)
    quotes, faults, wrong_quotes = _its_quotes(typed, source)
    arms, wrong_arms, said = _arms(fields, source.protocol)
    faults = [*_named(typed, source.protocol), *wrong_arms, *_found(fields, quotes), *faults]
    if faults or wrong_quotes:
        return None, faults, said
    what = Characteristics(
        study=source.study,
        label=typed["label"],
        design=next(item for item in DESIGNS if item == typed["design"]),
        condition=typed["condition"],
        condition_group=typed["group"],
        arms=arms,
        quotes=quotes,
    )
    try:
        check_characteristics(what, source.protocol, source.day)
    except UserError as fault:
        return None, [Fault(f"{WHAT}.label", fault.what)], said
    return what, [], said


def _its_quotes(typed: Fields, source: Source) -> tuple[tuple[Quote, ...], list[Fault], bool]:
    """Where the study part was read; one quote without a word in it is no quote and no fault."""
    if not any(
        typed.get(f"{row}.{name}", "").strip() for row in rows(typed, "q") for name in ("locator", "text")
    ):
        return (), [], False
    quotes, faults = read_quotes(typed, WHAT, source.records)
    return quotes, faults, bool(faults)


def _named(typed: Fields, protocol: Protocol) -> Iterator[Fault]:
    if not typed.get("label", "").strip():
        yield Fault(f"{WHAT}.label", "Name the study: first author and year, or the trial's name and year")
    if typed.get("design") not in DESIGNS:
        yield Fault(f"{WHAT}.design", "Choose the design; the form follows from it")
    if not typed.get("condition", "").strip():
        yield Fault(f"{WHAT}.condition", "Say what the people had")
    group, groups = typed.get("group", ""), [item.id for item in protocol.condition_groups]
    if groups and group not in groups:
        yield Fault(f"{WHAT}.group", "Choose the group of the protocol that this belongs to")
    elif not groups and not _ID.fullmatch(group):
        yield Fault(f"{WHAT}.group", "One word in small letters")


def _arms(fields: Fields, protocol: Protocol) -> tuple[tuple[Arm, ...], list[Fault], dict[str, str]]:
    present = rows(fields, "arm")
    typed = [below(fields, row) for row in present]
    names = arm_ids(typed)
    known = {"other", *(item.id for item in protocol.interventions)}
    arms: list[Arm] = []
    said: dict[str, str] = {}
    faults = [] if len(present) > 1 else [Fault("arms", "A randomised study has two arms or more: add them")]
    faults += [Fault("arms", f"At most {MOST_ROWS} arms")] if len(present) > MOST_ROWS else []
    for row, arm, name in zip(present, typed, names, strict=True):
        wrong = list(_arm_faults(row, arm, name, names, known))
        numbers: dict[str, float | None] = {"dose": None, "n": None}
        for part, reader in (("dose", number), ("n", whole)):
            if arm.get(part, "").strip():
                found = reader(arm[part])
                numbers[part] = found.value
                said |= {f"{row}.{part}": found.said} if found.said else {}
                wrong += [Fault(f"{row}.{part}", found.fault)] if found.fault else []
        if numbers["dose"] is not None and numbers["dose"] < 0:
            wrong.append(Fault(f"{row}.dose", "A dose cannot be negative"))
        faults += wrong
        if not wrong:
            people = None if numbers["n"] is None else int(numbers["n"])
            arms.append(
                Arm(
                    id=name,
                    label=arm["label"],
                    intervention=arm["intervention"],
                    dose_mg=numbers["dose"],
                    n_randomised=people,
                )
            )
    return tuple(arms), faults, said


def _arm_faults(
    row: str, arm: Fields, name: str, names: tuple[str, ...], known: Collection[str]
) -> Iterator[Fault]:
    if not arm.get("label", "").strip():
        yield Fault(f"{row}.label", "Say what this arm was given, as the report names it")
    if arm.get("intervention") not in known:
        yield Fault(f"{row}.intervention", "Choose which treatment of the protocol this is, or another one")
    elif arm.get("id", "").strip() and not _ID.fullmatch(name):
        yield Fault(f"{row}.id", "Small letters, digits, dot and dash")
    elif names.count(name) > 1:
        yield Fault(f"{row}.id", f"Two arms would be called '{name}': give this one a short name of its own")


def _found(fields: Fields, quotes: tuple[Quote, ...]) -> Iterator[Fault]:
    """A dose and a number randomised stand in a quote, as every number does."""
    if any(quote.kind in UNCHECKABLE for quote in quotes):
        return
    for row in rows(fields, "arm"):
        for part, reader in (("dose", number), ("n", whole)):
            value = reader(fields.get(f"{row}.{part}", "")).value
            if value is None:
                continue
            sought: float = int(value) if part == "n" else value
            if not any(holds(quote.text, sought) for quote in quotes):
                yield Fault(f"{row}.{part}", f"No quote of this part contains {value:g}")
