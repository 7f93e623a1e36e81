"""Extractions out to a table and in again, by the same checks as the form; whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from living.errors import UserError
from living.model.facts import IMPORT, Extraction, LedgerLine
from living.review.blinding import Sight
from living.review.checks import KINDS, unanswered
from living.review.entry import check_extraction
from living.review.evidence import Evidence
from living.review.examined import look_at
from living.review.rows import (
    HIDDEN,
    READ_AT,
    READ_BY,
    STUDY,
    Item,
    Row,
    columns,
    from_row,
    header_for,
    says_nothing,
    to_row,
    unknown_columns,
)
from living.service import sheets
from living.service.house import House
from living.service.saying import Said, known_name, say
from living.service.sheets import Format, Line, Table
from living.service.topics import evidence_of

MOST_FAULTS = 200  # shown of one file
SPELLED = 3  # faults in a message of one line


@dataclass(frozen=True)
class Fault:
    """What is wrong in a handed-in table; `column` is its letter, empty where the whole row is meant."""

    row: int
    column: str
    name: str
    told: str

    @property
    def sentence(self) -> str:
        place = f"row {self.row}" + (f", column {self.column} ({self.name})" if self.column else "")
        return f"{place}: {self.told}" if self.row else self.told


class NotTaken(UserError):
    """A table was handed in and nothing of it was stored."""

    def __init__(self, faults: Sequence[Fault], where: str) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        told = "; also ".join(item.sentence for item in faults[:SPELLED])
        more = f"; and {len(faults) - SPELLED} more" if len(faults) > SPELLED else ""
        super().__init__(told + more, where=where, fix="Nothing was stored")


@dataclass(frozen=True)
class Taken:
    """What handing in a table did: rows of the person's own, and rows of others that were left alone."""

    said: Said
    own: int
    others: int


@dataclass(frozen=True)
class Exchange:
    """What a person would find in the table: extractions, and studies of which something is hidden."""

    shown: int
    hidden: int
    most_rows: int = sheets.MOST_ROWS
    most_bytes: int = sheets.MOST_BYTES


def overview(house: House, topic: str, by: str) -> Exchange:
    """Return what a person would find in the table."""
    rows = [row for row, _ in _rows(evidence_of(house, topic), by)]
    hidden = sum(HIDDEN in row for row in rows)
    return Exchange(len(rows) - hidden, hidden)


def extractions_table(house: House, topic: str, by: str, form: Format, mine: bool = False) -> bytes:
    """Return everybody's latest extractions as a table; what the person may not see yet has no content.

    `mine`: the person's own only.
    """
    known_name(by)
    rows = _rows(evidence_of(house, topic), by)
    found = [pair for pair in rows if not mine or pair[0].get(READ_BY) == by]
    header = [column.name for column in header_for(item for _, item in found if item is not None)]
    return sheets.written(form, header, [row for row, _ in found], _guide(house, topic))


def blank_table(house: House, topic: str, form: Format) -> bytes:
    """Return an empty table to fill in."""
    return sheets.written(form, [column.name for column in columns()], [], _guide(house, topic))


def hand_in_table(house: House, topic: str, name: str, content: bytes, by: str) -> Taken:
    """Check a table as forms are checked and append its rows, whole or not at all.

    Raises NotTaken with every fault by row and column; UserError for a file that is no table. Rows of other
    readers, as an export holds them, say nothing when they are as they were.
    """
    table = sheets.read(name, content)
    wrong = [
        Fault(1, table.letter(item.column), item.column, item.told) for item in unknown_columns(table.header)
    ]
    if wrong:
        raise NotTaken(wrong, name)
    counted = {"own": 0}

    def facts(evidence: Evidence) -> list[Extraction]:
        found = _own(evidence, table, by, name)
        counted["own"] = len(found)
        return found

    said = say(house, topic, by, facts)
    return Taken(said, counted["own"], len(table.lines) - counted["own"])


def _rows(evidence: Evidence, by: str) -> Iterator[tuple[dict[str, Item], Extraction | None]]:
    """Each reader's latest extraction of each cell; of what is hidden one row a study, the key alone."""
    sees = evidence.sight
    hidden: set[str] = set()
    for line, extraction in _latest(evidence):
        if sees.extraction(line, by):
            yield {READ_BY: line.by, READ_AT: line.at, **to_row(extraction)}, extraction
        elif (home := sees.home(extraction.cell.study)) not in hidden:
            hidden.add(home)
            yield (
                {HIDDEN: "not yet: others' reading shows when enough people have handed in", STUDY: home},
                None,
            )


def _latest(evidence: Evidence) -> tuple[tuple[LedgerLine, Extraction], ...]:
    found = {(line.by, item.cell): (line, item) for line, item in evidence.state.of_kind(Extraction)}
    return tuple(sorted(found.values(), key=lambda pair: pair[0].seq))


def _own(evidence: Evidence, table: Table, by: str, name: str) -> list[Extraction]:
    """The person's own extractions in a table. Raises NotTaken with every fault of every row."""
    faults: list[Fault] = []
    found: list[tuple[Line, Extraction]] = []
    sees = evidence.sight
    for line in table.lines:
        if line.items.get(READ_BY, by) != by or HIDDEN in line.items:
            faults += _changed(evidence, sees, line, table, by)
            continue
        extraction, wrong = from_row(line.items)
        faults += [Fault(line.number, table.letter(item.column), item.column, item.told) for item in wrong]
        if extraction is not None:
            found.append((line, extraction))
    faults += _twice(found)
    for line, extraction in found:
        faults += _asked(evidence, table, line, extraction, [item for _, item in found], by)
    if faults:
        raise NotTaken(sorted(faults, key=lambda item: (item.row, item.column)), name)
    return [extraction for _, extraction in found]


def _asked(
    evidence: Evidence, table: Table, line: Line, extraction: Extraction, form: Sequence[Extraction], by: str
) -> Iterator[Fault]:
    """What the form would say about a row: names, quotes, impossible numbers, unanswered questions."""
    study = evidence.studies.study_of(extraction.cell.study)
    if study is None:
        told = f"no study '{extraction.cell.study}' here"
        yield Fault(line.number, table.letter(STUDY), STUDY, told)
        return
    unknown = next((code for code, _ in extraction.reasons if code not in KINDS), None)
    if unknown is not None:
        yield Fault(line.number, table.letter("reasons.1.code"), "reasons.1.code", f"no check '{unknown}'")
    beside = [item for item in form if evidence.studies.study_of(item.cell.study) == study]
    seen = look_at(extraction, evidence, by, None, beside)
    open_ones = [item for item in seen if item.level == "impossible"] + list(unanswered(extraction, seen))
    for item in open_ones:
        told, column = f"[{item.code}] {item.saw}. {item.suggestion}", _column(table, item.field)
        yield Fault(line.number, table.letter(column), column, told)
    if not any(item.level == "impossible" for item in seen):
        try:
            check_extraction(extraction, evidence.protocol, evidence.known_to(by, study.key), beside)
        except UserError as fault:
            yield Fault(line.number, "", "", fault.what)


def _column(table: Table, field: str) -> str:
    """The column of a field, or the first below it where the field has several (`numbers.precision`)."""
    below = (name for name in table.header if name == field or name.startswith(f"{field}."))
    return next(below, field)


def _twice(found: Sequence[tuple[Line, Extraction]]) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for line, extraction in found:
        if extraction.cell in first:
            yield Fault(line.number, "", "", f"fills the cell of row {first[extraction.cell]} again")
        first.setdefault(extraction.cell, line.number)


def _changed(evidence: Evidence, sees: Sight, line: Line, table: Table, by: str) -> Iterator[Fault]:
    """A row that is somebody else's must be as the export gave it; nobody speaks for another."""
    if says_nothing(line.items):
        return
    reader = str(line.items.get(READ_BY, ""))
    row = dict(line.items)
    stands = (
        _as_text(row) == _as_text({READ_BY: other.by, READ_AT: other.at, **to_row(item)})
        for other, item in _latest(evidence)
        if other.by == reader and sees.extraction(other, by)
    )
    if not any(stands):
        whose = "an import" if reader == IMPORT else f"of '{reader}'" if reader else "hidden"
        told = f"this row is {whose} and was changed; you hand in your own reading, with read_by left empty"
        yield Fault(line.number, table.letter(READ_BY), READ_BY, told)


def _as_text(row: Row) -> dict[str, str]:
    """A row for comparison: a number is the same as its text."""
    return {name: _same_text(item) for name, item in row.items() if item != ""}


def _same_text(item: Item) -> str:
    try:
        return repr(float(item))
    except ValueError:
        return str(item).strip()


def _guide(house: House, topic: str) -> list[list[str]]:
    """The sheet that explains the columns."""
    protocol = evidence_of(house, topic).protocol
    known = {
        "cell.study": "a record key of the study, such as pubmed:12345678",
        "cell.outcome": ", ".join(item.id for item in protocol.outcomes),
        "cell.experimental": "the arm's id, or one of: "
        + ", ".join(item.id for item in protocol.interventions),
        "cell.control": "the arm's id, or an intervention",
        "cell.scale": ", ".join(item.id for item in protocol.scales),
        "cell.weeks": "from randomisation",
        "cell.estimand": "adjusted, change, final, percent_change, count",
        "population": "all_randomised, completers, not_stated",
        "numbers.shape": "arm_means, paired_difference, paired_means, event_counts, event_rates, "
        "reported_contrast, no_numbers",
        "quotes.1.kind": "verbatim, figure, transcribed",
        "reasons.1.code": "the code in brackets of a check that asked; reasons.1.why: why the number stands",
        READ_BY: "filled by the export; leave it empty in rows of your own",
    }
    rows = [[column.name, column.kind, known.get(column.name, "")] for column in columns()]
    more = "more quotes and reasons: quotes.3.text, reasons.2.code and so on"
    return [["column", "kind", "what it says"], *rows, ["", "", more]]
