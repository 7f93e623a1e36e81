"""CSV exports of databases and registers: which column is which field is guessed, shown, and kept as used."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from living.errors import UserError
from living.model.record import Item, Registration
from living.sources.files.entry import Draft, Fault, Found, exact_day, found_in
from living.sources.files.text import MOST_IN_A_LINE, cleaned, encoding_of, lines_of

Mapping = tuple[tuple[str, str], ...]  # pairs of field and column; a field may have several columns

DELIMITERS = (",", ";", "\t")
LOOKED_AT = 20  # rows in which the header is looked for: some databases print the search above it
MOST_COLUMNS = 1_000
MOST_PLACES = 50  # items of a list in one cell of a register's row
# Each field with the headings that databases give it, in small letters: the first that a file has is offered.
FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("title", "article title", "document title", "primary title", "public title", "public_title"),
    "authors": ("authors", "author(s)", "author names", "author full names", "author"),
    "abstract": ("abstract", "abstract note"),
    "journal": ("source title", "journal", "publication title", "journal/book", "source", "source register"),
    "year": ("publication year", "year", "pubyear", "date registration3", "date registration"),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id", "medline pmid", "pubmed_id"),
    "number": (
        "pui", "eid", "central id", "accession number", "unique-id", "ut (unique wos id)", "accession",
    ),
    "trial": ("trialid", "trial id", "main id", "nct number", "ctri number", "isrctn", "trial number"),
    "trials": (
        "clinical trial numbers", "ctgov id", "ictrp id", "secondary ids", "secondary id", "secondary_id",
    ),
    "type": ("publication type", "document type", "item type", "study type", "study_type"),
    "keywords": ("author keywords", "keywords", "index keywords", "emtree medical index terms"),
    "language": ("language of original document", "article language", "language"),
    "status": ("recruitment status", "recruitment_status", "study status", "status"),
    "phase": ("phase", "phases"),
    "size": ("target size", "target_size", "enrollment", "sample size"),
    "conditions": ("condition", "conditions"),
    "interventions": ("intervention", "interventions"),
    "outcomes": ("primary outcome", "primary outcomes", "primary outcome measures", "primary_outcome"),
    "allocation": ("allocation", "study design", "study_design"),
    "start": ("date enrollement", "date_enrollement", "start date"),
}  # fmt: skip
ENTRY = re.compile(r"TY {1,2}-|PMID ?-")  # how an entry of the tagged formats begins
_SEVERAL = frozenset({"authors", "trials", "type", "keywords"})
_NUMBER = re.compile(r"\d{1,7}|\d{1,3}(?:,\d{3})+")  # of people; of several groups it says no sum
_SPLIT = re.compile(r"[;|]")
_AFTER_INITIALS = re.compile(r"(?<=\.),\s+")

csv.field_size_limit(MOST_IN_A_LINE)  # a column of references is longer than the 131,072 that are usual


@dataclass(frozen=True)
class Header:
    """A table's head: its columns, the line it stands on, what separates them, and what each is taken for."""

    columns: tuple[str, ...]
    line: int
    delimiter: str
    mapping: Mapping


def header_of(content: bytes, encoding: str, where: str, mapping: Mapping = ()) -> Header:
    """Find a table's head and say which column is which field: as told, else as its headings suggest.

    Raises UserError where nothing looks like a head, a told field or column does not exist, or no column
    holds titles.
    """
    _refuse_unknown(mapping, where)
    head = list(islice(lines_of(content, encoding, where), LOOKED_AT))
    found = max((_head(head, delimiter, mapping) for delimiter in DELIMITERS), key=_likeness)
    if not found.columns or len(found.columns) > MOST_COLUMNS:
        told = "no row of column headings stands in the first lines"
        raise UserError(told, where=where, fix="Export it as CSV with headings")
    missing = next((column for _, column in mapping if column not in found.columns), None)
    if missing is not None:
        columns = ", ".join(found.columns[:30])
        raise UserError(f"there is no column '{missing[:60]}'", where=where, fix=f"There are: {columns}")
    if not any(field == "title" for field, _ in found.mapping):
        fix = f"Choose one (--map title=COLUMN) of: {', '.join(found.columns[:30])}"
        raise UserError("no column has a heading that is known for titles", where=where, fix=fix)
    return found


def columns_of(content: bytes, encoding: str, where: str) -> tuple[str, ...]:
    """Return the headings of what most looks like a table's head, whatever its columns are.

    Nothing when the file begins an entry of another format. Raises UserError for what is no text.
    """
    head = list(islice(lines_of(content, encoding_of(content, encoding, where), where), LOOKED_AT))
    if any(ENTRY.match(line) for _, line in head):
        return ()
    found = max((_head(head, delimiter, ()) for delimiter in DELIMITERS), key=_likeness)
    return found.columns if 1 < len(found.columns) <= MOST_COLUMNS else ()


def parse(
    content: bytes, encoding: str, where: str, source: str, payload: str, header: Header
) -> Iterator[Found | Fault]:
    """Yield each row under the head as a record of the source, or what is wrong with it."""
    places = [(field, header.columns.index(column)) for field, column in header.mapping]
    entries = 0
    for line, cells in _rows(content, encoding, where, header):
        if isinstance(cells, str):
            yield Fault(entries + 1, line, cells)
            return
        if not any(cell.strip() for cell in cells):
            continue
        entries += 1
        if len(cells) != len(header.columns):
            told = f"has {len(cells):,} cells under {len(header.columns):,} headings"
            yield Fault(entries, line, told)
            continue
        said: dict[str, list[str]] = {}
        for name, place in places:
            if cells[place].strip():
                said.setdefault(name, []).append(cells[place])
        yield found_in(_draft(said), source, payload, entries, line)
    if not entries:
        raise UserError("there is no row under the headings", where=where)


def _refuse_unknown(mapping: Mapping, where: str) -> None:
    unknown = next((field for field, _ in mapping if field not in FIELDS), None)
    if unknown is not None:
        known = ", ".join(FIELDS)
        raise UserError(f"there is no field '{unknown[:40]}'", where=where, fix=f"There are: {known}")


def _likeness(header: Header) -> tuple[int, int]:
    """How much a row looks like a head: by the columns that are known, then by how many there are."""
    return len(header.mapping), len(header.columns)


def _head(lines: Sequence[tuple[int, str]], delimiter: str, told: Mapping) -> Header:
    """The row of the first lines that most looks like a head when read with this delimiter."""
    best = Header((), 0, delimiter, ())
    for number, line in lines:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        columns = tuple(cleaned(cell) for cell in cells)
        found = Header(columns, number, delimiter, _mapped(columns, told))
        best = max(best, found, key=_likeness)
    return best


def _mapped(columns: Sequence[str], told: Mapping) -> Mapping:
    """What each field is read from: the columns told for it, else the first column of a known heading."""
    if told:
        return tuple((field, column) for field, column in told if column in columns)
    at = {column.casefold(): column for column in reversed(columns)}
    guessed = (
        (field, next((at[name] for name in names if name in at), "")) for field, names in FIELDS.items()
    )
    return tuple((field, column) for field, column in guessed if column)


def _rows(content: bytes, encoding: str, where: str, header: Header) -> Iterator[tuple[int, list[str] | str]]:
    """Rows under the head with the line each begins on; a text instead of cells says why it cannot go on."""
    lines = (f"{line}\n" for number, line in lines_of(content, encoding, where) if number > header.line)
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    line = header.line + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield line, f"cannot be read as a row ({fault}); is a quotation mark missing?"
            return
        yield line, cells
        line = header.line + reader.line_num + 1


def _draft(said: dict[str, list[str]]) -> Draft:
    one = {name: texts[0].strip() for name, texts in said.items()}
    several = {
        name: [part for text in said.get(name, ()) for part in _SPLIT.split(text)] for name in _SEVERAL
    }
    trial = cleaned(one.get("trial", ""))
    return Draft(
        title=one.get("title", ""),
        abstract=one.get("abstract", ""),
        authors=[name for part in several["authors"] for name in _AFTER_INITIALS.split(part)],
        container=one.get("journal", ""),
        published=_day(one.get("year", "")),
        types=several["type"],
        keywords=several["keywords"],
        languages=_SPLIT.split(one.get("language", "")),
        number=trial or one.get("number", ""),
        doi=one.get("doi", ""),
        pmid=re.sub(r"(?i)^\s*(?:pubmed|pmid)[: ]\s*", "", one.get("pmid", "")),
        trials=[trial, *several["trials"]],
        registration=_registration(one) if trial else None,
    )


def _registration(one: dict[str, str]) -> Registration:
    """What a register's row says of its trial, in the register's own words for its status."""
    size = cleaned(one.get("size", ""))
    return Registration(
        status=cleaned(one.get("status", "")).upper().replace(" ", "_")[:60],
        allocation=_allocation(one.get("allocation", "")),
        phases=tuple(_listed(one.get("phase", ""))),
        enrolment=int(size.replace(",", "")) if _NUMBER.fullmatch(size) else None,
        conditions=tuple(_listed(one.get("conditions", ""))),
        interventions=tuple(Item(name=text) for text in _listed(one.get("interventions", ""))),
        primary_outcomes=tuple(Item(name=text) for text in _listed(one.get("outcomes", ""))),
        start=_day(one.get("start", "")),
    )


def _allocation(text: str) -> str:
    """How a register says that people were allocated, in ClinicalTrials.gov's codes; else nothing."""
    said = re.sub(r"[\s-]", "", text.casefold())
    if "random" not in said:
        return ""
    return "NON_RANDOMIZED" if re.search(r"(?:non|not)random", said) else "RANDOMIZED"


def _listed(text: str) -> list[str]:
    parts = (cleaned(part) for part in re.split(r"[;|]|<br ?/?>", text))
    return list(dict.fromkeys(part for part in parts if part))[:MOST_PLACES]


def _day(text: str) -> str:
    """A day, also as ICTRP writes it (20210513); of `13/09/2026` only the year is without doubt."""
    text = cleaned(text)
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return exact_day(text)
