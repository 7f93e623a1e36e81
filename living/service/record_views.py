"""A record as the team's pages show it: what the source says, why it came, what changed since."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.record import Item, Record, Registration
from living.review.catalogue import URLS
from living.review.evidence import Evidence
from living.review.record_changes import Change, typed_changes
from living.review.surfaced import Match, Surfaced, pieces, surfaced

Pieces = tuple[tuple[str, bool], ...]
FEW_AUTHORS = 6
CHANGES: dict[Change, str] = {
    "NEW": "first seen",
    "RESULTS_POSTED": "results posted",
    "RESULTS_CHANGED": "posted results changed",
    "STATUS": "status changed",
    "PRIMARY_OUTCOME": "primary outcome changed",
    "ENROLMENT": "enrolment changed",
    "ARMS_DOSE": "arms or treatments changed",
    "DATES_ONLY": "dates changed",
    "CONTACTS_ONLY": "contacts changed",
    "PUBTYPE_OR_MESH": "types, headings or keywords changed",
    "RETRACTED": "retracted",
    "REINSTATED": "a retraction was taken back",
    "CONCERN": "expression of concern",
    "ERRATUM": "correction published",
    "NEW_VERSION": "a new version",
    "WITHHELD": "withheld by the register",
    "TEXT": "title or abstract changed",
    "OTHER": "changed in other ways",
}


@dataclass(frozen=True)
class Part:
    """A part of an abstract in pieces, each with whether a word of the query stands there."""

    label: str
    text: Pieces


@dataclass(frozen=True)
class RecordView:
    """One record. `register` are the lines of a registration's summary; `changes` day and words."""

    key: str
    source: str
    address: str
    title: str
    authors: str
    container: str
    published: str
    types: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    abstract: tuple[Part, ...]
    register: tuple[tuple[str, tuple[str, ...]], ...]
    why: Surfaced
    matches: tuple[Match, ...]
    first_seen: str
    before_search: bool
    changes: tuple[tuple[str, str], ...]


def record_view(evidence: Evidence, key: str) -> RecordView:
    """Return a stored record as a page shows it."""
    record, why = evidence.state.records[key], surfaced(evidence.state.records[key], evidence.protocol)
    doi = next((item.value for item in record.identifiers if item.scheme == "doi"), "")
    source = URLS[record.source].format(record.id) if record.source in URLS else ""
    first = evidence.state.first_seen[key]
    return RecordView(
        key=key,
        source=why.source,
        address=source or (f"https://doi.org/{doi}" if doi else ""),
        title=record.title,
        authors=_authors(record.authors),
        container=record.container,
        published=record.published,
        types=record.types,
        ids=tuple((item.scheme, item.value) for item in record.identifiers),
        abstract=tuple(Part(part.label, pieces(part.text, why.words)) for part in record.abstract),
        register=_register(record.registration) if record.registration else (),
        why=why,
        matches=why.matches,
        first_seen=first.at,
        before_search=isinstance(first.fact, Record) and first.fact.seeded,
        changes=_changes(evidence, key),
    )


def _authors(authors: tuple[str, ...]) -> str:
    if len(authors) <= FEW_AUTHORS:
        return ", ".join(authors)
    return f"{', '.join(authors[:FEW_AUTHORS])} and {len(authors) - FEW_AUTHORS} more"


def _changes(evidence: Evidence, key: str) -> tuple[tuple[str, str], ...]:
    """What changed at each later sight of a record; a seeded one's first live sight is none by itself."""
    found: list[tuple[str, str]] = []
    before: Record | None = None
    for line, record in evidence.state.of_kind(Record):
        if record.key != key:
            continue
        changes = typed_changes(before, record) if before else ()
        if changes:
            found.append((line.at, ", ".join(CHANGES[change] for change in changes)))
        before = record
    return tuple(found)


def _register(entry: Registration) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The lines of a registration's summary that say something."""
    enrolment = f"{entry.enrolment:,} people" if entry.enrolment is not None else ""
    results = "posted" if entry.has_results else "submitted, not yet posted" if entry.results_pending else ""
    lines = (
        ("Status", (_plain(entry.status), entry.why_stopped)),
        ("Allocation", (_plain(entry.allocation),)),
        ("Masking", (_plain(entry.masking),)),
        ("Enrolment", (enrolment,)),
        ("Conditions", entry.conditions),
        ("Arms", tuple(map(_item, entry.arms))),
        ("Treatments", tuple(map(_item, entry.interventions))),
        ("Primary outcomes", tuple(map(_item, entry.primary_outcomes))),
        ("Secondary outcomes", tuple(map(_item, entry.secondary_outcomes))),
        ("Start", (entry.start,)),
        ("Completion", (entry.completion,)),
        ("Results", (results,)),
    )
    said = ((label, tuple(text for text in texts if text)) for label, texts in lines)
    return tuple((label, texts) for label, texts in said if texts)


def _plain(code: str) -> str:
    """A register's code in small letters: `NON_RANDOMIZED` reads `non randomized`."""
    return code.replace("_", " ").lower()


def _item(item: Item) -> str:
    kind = f" ({_plain(item.type)})" if item.type else ""
    return f"{item.name}{kind}{': ' if item.detail else ''}{item.detail}"
