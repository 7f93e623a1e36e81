"""What the entries of a handed-in file are to the records stored and to each other."""

from __future__ import annotations

from dataclasses import dataclass, fields

from living.model.record import Record
from living.model.state import ReviewState
from living.model.values import digest


@dataclass(frozen=True)
class Counts:
    """How many entries are what; `found` is the sum of the four after it.

    `by_doi`, `by_pmid`: entries with an id that a record of another source has; `duplicates`: with either.
    `by_trial`: entries that name a trial whose registration is stored.
    """

    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    duplicates: int = 0
    by_doi: int = 0
    by_pmid: int = 0
    by_trial: int = 0


class Incoming:
    """Counts the entries of one file, each against what is stored of its source and against those before it.

    Of entries with one number the first counts; they are the same only when their titles say the same.
    """

    def __init__(self, state: ReviewState, source: str) -> None:
        records = state.records.values()
        self._known = {record.id: record.content_hash for record in records if record.source == source}
        others = (record for record in records if record.source != source)
        self._elsewhere = {named for record in others for named in _ids(record)}
        self._trials = {record.id.upper() for record in records if record.registration}
        self._seen: dict[str, tuple[int, str]] = {}
        self._said = {name.name: 0 for name in fields(Counts)}

    def clash(self, record: Record) -> int:
        """Return the number of an earlier entry that has this one's id and another title; 0 when none has."""
        entry, title = self._seen.get(record.id, (0, ""))
        return entry if entry and title != _words(record.title) else 0

    def add(self, record: Record, entry: int) -> bool:
        """Count an entry; True when it is to be stored."""
        said = self._said
        said["found"] += 1
        if record.id in self._seen:
            said["repeated"] += 1
            return False
        self._seen[record.id] = (entry, _words(record.title))
        schemes = {scheme for scheme, value in _ids(record) if (scheme, value) in self._elsewhere}
        said["by_doi"] += "doi" in schemes
        said["by_pmid"] += "pmid" in schemes
        said["duplicates"] += bool(schemes)
        said["by_trial"] += any(item.value.upper() in self._trials for item in record.identifiers)
        stands = self._known.get(record.id)
        same = stands == record.content_hash
        said["new" if stands is None else "unchanged" if same else "changed"] += 1
        return not same

    def counts(self) -> Counts:
        """Return the counts so far."""
        return Counts(**self._said)


def _ids(record: Record) -> set[tuple[str, str]]:
    """The DOIs and PMIDs of a record, written so that the same ones are equal."""
    stated = (item for item in record.identifiers if item.scheme in ("doi", "pmid"))
    named = {(item.scheme, item.value.lower()) for item in stated}
    return named | {("pmid", record.id)} if record.source == "pubmed" else named


def _words(title: str) -> str:
    """A title by its letters and digits alone."""
    return digest("".join(char for char in title.casefold() if char.isalnum()))
