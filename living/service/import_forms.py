"""The form of an import: what is typed is kept, and so is the file, until both are right."""

from __future__ import annotations

from dataclasses import dataclass

from living.errors import UserError
from living.service.house import House
from living.service.importing import (
    Handed,
    HandSearch,
    NotImported,
    Preview,
    hand_searches,
    keep_file,
    preview,
    shown_name,
)
from living.sources.files.entry import Fault
from living.sources.files.reader import MOST_BYTES, readable
from living.sources.files.table import FIELDS, Mapping, columns_of

MOST_UPLOADED = 30_000_000  # bytes by way of a page; `living import` takes more
LABELS = {
    "title": "Title",
    "authors": "Authors",
    "abstract": "Abstract",
    "journal": "Journal",
    "year": "Year or day",
    "doi": "DOI",
    "pmid": "PMID",
    "number": "The database’s number",
    "trial": "Register number of a registration",
    "trials": "Register numbers named",
    "type": "Kind of report",
    "keywords": "Keywords",
    "language": "Language",
    "status": "Recruitment status",
    "phase": "Phase",
    "size": "Planned number of people",
    "conditions": "Conditions",
    "interventions": "Interventions",
    "outcomes": "Primary outcomes",
    "allocation": "Allocation",
    "start": "Start",
}


@dataclass(frozen=True)
class Choice:
    """One field that a column can be chosen for; `column` is the one it is read from now."""

    field: str
    label: str
    column: str


@dataclass(frozen=True)
class Looked:
    """What came of looking at a file. `kept`: where its bytes are, so that nobody has to choose it again.

    `choices`: of a table, with its `columns`. `total`: how many faults there are in all.
    """

    kept: str = ""
    file: str = ""
    preview: Preview | None = None
    columns: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    fault: UserError | None = None
    faults: tuple[Fault, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class ImportPage:
    """The sources that are searched by hand, and the day that a search cannot be later than."""

    sources: tuple[HandSearch, ...]
    today: str
    most_megabytes: int = MOST_UPLOADED // 1_000_000
    most_by_command: int = MOST_BYTES // 1_000_000


def import_page(house: House, topic: str) -> ImportPage:
    """Return what the page of imports shows before anything is handed in."""
    return ImportPage(hand_searches(house, topic), house.now()[:10])


def look(house: House, topic: str, handed: Handed) -> Looked:
    """Look at a file, keep it, and say what importing it would do or what stands in its way.

    A file that cannot be read at all, or whose entries are at fault, is not kept: it has to be made again.
    """
    try:
        shown = preview(house, topic, handed)
    except NotImported as fault:
        columns = _columns(handed)
        choices = _choices(columns, handed.mapping)
        return Looked("", "", None, columns, choices, fault, fault.faults, fault.total)
    except UserError as fault:
        return _refused(house, topic, handed, fault)
    kept = keep_file(house, topic, handed)
    return Looked(kept, shown.file, shown, shown.columns, _choices(shown.columns, shown.mapping))


def refused(house: House, topic: str, handed: Handed, fault: UserError) -> Looked:
    """Return what the form shows when importing was refused: the file again, and why."""
    if isinstance(fault, NotImported):
        return Looked(fault=fault, faults=fault.faults, total=fault.total)
    return _refused(house, topic, handed, fault)


def _refused(house: House, topic: str, handed: Handed, fault: UserError) -> Looked:
    if not readable(handed.content, handed.encoding):
        return Looked(fault=fault)
    columns = _columns(handed)
    kept = keep_file(house, topic, handed)
    return Looked(kept, shown_name(handed.file), None, columns, _choices(columns, handed.mapping), fault)


def _columns(handed: Handed) -> tuple[str, ...]:
    """The columns of a file that is a table; of others, and of what cannot be read, none."""
    try:
        return columns_of(handed.content, handed.encoding, handed.file)
    except UserError:
        return ()


def _choices(columns: tuple[str, ...], mapping: Mapping) -> tuple[Choice, ...]:
    at = dict(reversed(mapping))
    return tuple(Choice(field, LABELS[field], at.get(field, "")) for field in FIELDS) if columns else ()
