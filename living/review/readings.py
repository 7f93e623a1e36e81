"""What the extractions of a cell agree on, or why they do not yet."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.facts import Adjudication, Cell, Extraction, LedgerLine, Quote
from living.model.numbers import NoNumbers, Numbers
from living.model.protocol import Protocol
from living.model.snapshot import Standing
from living.model.state import ReviewState
from living.review.identity import Studies

Line = tuple[LedgerLine, Extraction]


@dataclass(frozen=True)
class Reading:
    """The numbers of one cell that may be used, who read them and how far they are checked.

    `beside` is an import that people's reading has replaced.
    """

    cell: Cell
    numbers: Numbers
    quotes: tuple[Quote, ...]
    standing: Standing
    read_by: tuple[Line, ...]
    adjudicated: LedgerLine | None = None
    population: str = ""
    notes: str = ""
    beside: Line | None = None

    @property
    def usable(self) -> bool:
        return not isinstance(self.numbers, NoNumbers)


@dataclass(frozen=True)
class Open:
    """A cell that people have begun and not settled: `differ` or `waiting` for another reader."""

    cell: Cell
    kind: str
    lines: tuple[Line, ...]
    missing: int = 0


@dataclass(frozen=True)
class Readings:
    settled: tuple[Reading, ...]
    open: tuple[Open, ...]

    def of_study(self, key: str) -> tuple[Reading, ...]:
        """Return the settled cells of one study, in order of first entry."""
        return tuple(reading for reading in self.settled if reading.cell.study == key)


def agree(state: ReviewState, studies: Studies, protocol: Protocol) -> Readings:
    """Settle every cell: enough readers with equal numbers, or an adjudication, or an import in their place.

    One person's extraction never settles a cell. Each person's latest extraction counts, and who came first
    changes nothing. Cells without usable numbers agree when their status does. An adjudication
    holds until a later extraction of the same cell contradicts it. An import is used only while no human
    reading is settled; two agreeing readers with the import's numbers make it `verified`.
    """
    extractions = _by_cell(state, studies)
    adjudications = _adjudications(state, studies)
    settled: list[Reading] = []
    unsettled: list[Open] = []
    for cell, lines in extractions.items():
        reading, still_open = _settle(cell, lines, adjudications.get(cell), protocol.people.readers)
        if reading:
            settled.append(reading)
        if still_open:
            unsettled.append(still_open)
    return Readings(tuple(settled), tuple(unsettled))


def _by_cell(state: ReviewState, studies: Studies) -> dict[Cell, list[Line]]:
    cells: dict[Cell, list[Line]] = {}
    for line, extraction in state.of_kind(Extraction):
        cell = _at_home(extraction.cell, studies)
        if cell:
            cells.setdefault(cell, []).append((line, extraction))
    return cells


def _adjudications(state: ReviewState, studies: Studies) -> dict[Cell, tuple[LedgerLine, Adjudication]]:
    found: dict[Cell, tuple[LedgerLine, Adjudication]] = {}
    for line, ruling in state.of_kind(Adjudication):
        cell = _at_home(ruling.cell, studies)
        if cell:
            found[cell] = (line, ruling)
    return found


def _at_home(cell: Cell, studies: Studies) -> Cell | None:
    study = studies.study_of(cell.study)
    return cell.model_copy(update={"study": study.key}) if study else None


def _settle(
    cell: Cell, lines: list[Line], ruling: tuple[LedgerLine, Adjudication] | None, needed: int
) -> tuple[Reading | None, Open | None]:
    people = {line.by: (line, extraction) for line, extraction in lines if extraction.imported is None}
    human = tuple(people[name] for name in sorted(people))
    imported = next((pair for pair in reversed(lines) if pair[1].imported is not None), None)
    stands_in = _imported(cell, imported) if imported else None
    if ruling and all(
        line.seq < ruling[0].seq or same_numbers(e.numbers, ruling[1].numbers) for line, e in human
    ):
        return _adjudicated(cell, human, ruling, imported), None
    if any(not same_numbers(e.numbers, human[0][1].numbers) for _, e in human):
        return stands_in, Open(cell, "differ", human)
    if len(human) >= needed:
        return _agreed(cell, human, imported), None
    if human:
        return stands_in, Open(cell, "waiting", human, needed - len(human))
    return stands_in, None


def same_numbers(one: Numbers, other: Numbers) -> bool:
    """Whether two readers say the same: why nothing can be used, each says in words of their own."""
    if isinstance(one, NoNumbers) and isinstance(other, NoNumbers):
        return one.status == other.status
    return one == other


def _imported(cell: Cell, pair: Line) -> Reading:
    _, extraction = pair
    return Reading(
        cell,
        extraction.numbers,
        extraction.quotes,
        "unverified",
        (pair,),
        population=extraction.population,
        notes=extraction.notes,
    )


def _agreed(cell: Cell, human: tuple[Line, ...], imported: Line | None) -> Reading:
    first = human[0][1]
    same = imported is not None and same_numbers(imported[1].numbers, first.numbers)
    return Reading(
        cell,
        first.numbers,
        _quotes(human),
        "verified" if same else "agreed",
        human,
        population=first.population,
        notes=first.notes,
        beside=imported,
    )


def _adjudicated(
    cell: Cell, human: tuple[Line, ...], ruling: tuple[LedgerLine, Adjudication], imported: Line | None
) -> Reading:
    line, decision = ruling
    return Reading(
        cell,
        decision.numbers,
        decision.quotes,
        "adjudicated",
        human,
        adjudicated=line,
        notes=decision.reason,
        beside=imported,
    )


def _quotes(human: tuple[Line, ...]) -> tuple[Quote, ...]:
    return tuple(dict.fromkeys(quote for _, extraction in human for quote in extraction.quotes))
