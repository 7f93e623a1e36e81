"""What changed between two sights of a record, by type; and which types a person must see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from living.model.record import Record, Registration
from living.model.state import ReviewState
from living.model.surveillance import Sighting

Change = Literal[
    "NEW",
    "RESULTS_POSTED",
    "RESULTS_CHANGED",
    "STATUS",
    "PRIMARY_OUTCOME",
    "ENROLMENT",
    "ARMS_DOSE",
    "DATES_ONLY",
    "CONTACTS_ONLY",
    "PUBTYPE_OR_MESH",
    "RETRACTED",
    "REINSTATED",
    "CONCERN",
    "ERRATUM",
    "NEW_VERSION",
    "WITHHELD",
    "GONE",
    "RETURNED",
    "ALIASED",
    "TEXT",
    "OTHER",
]

NEWS: frozenset[Change] = frozenset(
    {
        "NEW",
        "RESULTS_POSTED",
        "RESULTS_CHANGED",
        "PRIMARY_OUTCOME",
        "ARMS_DOSE",
        "RETRACTED",
        "REINSTATED",
        "CONCERN",
        "ERRATUM",
        "NEW_VERSION",
        "WITHHELD",
        "GONE",
        "RETURNED",
    }
)
SIGHTED: dict[str, Change] = {"gone": "GONE", "returned": "RETURNED", "aliased": "ALIASED"}
Span = tuple[Literal["retraction", "concern"], str, str]  # kind, first day, day it was taken back or nothing
RETRACTED_TYPE = "retracted publication"
_DATES = ("start", "primary_completion", "completion", "last_update_posted", "results_first_posted")


def typed_changes(old: Record | None, new: Record) -> tuple[Change, ...]:
    """Return the types of change from one stored content of a record to the next, in a fixed order.

    `old` None means the record was never stored: NEW. The first live sight of a seeded id is no change by
    itself; only a notice it brings is. Equal content hashes give no change.
    """
    if old is None:
        return ("NEW", *_notices(None, new))
    if old.seeded and not new.seeded:
        return _notices(old, new)
    if old.content_hash == new.content_hash:
        return ()
    found = [
        *_notices(old, new),
        *_bibliographic(old, new),
        *_registration(old.registration, new.registration),
    ]
    return tuple(dict.fromkeys(found)) or ("OTHER",)


def sighted(seen: Sighting) -> tuple[Change, ...]:
    """Return the type of change that a sighting tells."""
    return (SIGHTED[seen.state],)


def is_news(changes: tuple[Change, ...]) -> bool:
    """Return whether a person must see any of these changes."""
    return any(change in NEWS for change in changes)


def is_retracted(record: Record) -> bool:
    """Return whether the source says that this report is retracted."""
    return RETRACTED_TYPE in (kind.lower() for kind in record.types) or any(
        notice.kind == "retraction" for notice in record.notices
    )


def standing_notice(record: Record) -> Literal["retraction", "concern"] | None:
    """Return the gravest notice that stands on this report, or None."""
    if is_retracted(record):
        return "retraction"
    return "concern" if any(notice.kind == "concern" for notice in record.notices) else None


def notice_spans(state: ReviewState) -> dict[str, tuple[Span, ...]]:
    """Return, by record key, each notice that stood: its kind, since when, until when if taken back.

    A concern that became a retraction was not taken back; it ends in that retraction and is left out.
    """
    found: dict[str, list[Span]] = {}
    standing: dict[str, tuple[Literal["retraction", "concern"], str]] = {}
    for line, record in state.of_kind(Record):
        kind, day = standing_notice(record), line.at[:10]
        was = standing.get(record.key)
        if was and was[0] != kind:
            if (was[0], kind) != ("concern", "retraction"):
                found.setdefault(record.key, []).append((*was, day))
            del standing[record.key]
        if kind and record.key not in standing:
            standing[record.key] = (kind, day)
    for key, (kind, since) in standing.items():
        found.setdefault(key, []).append((kind, since, ""))
    return {key: tuple(spans) for key, spans in found.items()}


def noticed_on(state: ReviewState) -> dict[str, str]:
    """Return, by record key, the day on which the notice that stands now was first seen here."""
    days: dict[str, str] = {}
    latest: dict[str, str | None] = {}
    for line, record in state.of_kind(Record):
        kind = standing_notice(record)
        if kind is None:
            days.pop(record.key, None)
        elif kind != latest.get(record.key):
            days[record.key] = line.at[:10]
        latest[record.key] = kind
    return days


def _notices(old: Record | None, new: Record) -> tuple[Change, ...]:
    before = {(notice.kind, notice.record) for notice in old.notices} if old else set()
    fresh = {notice.kind for notice in new.notices if (notice.kind, notice.record) not in before}
    found: list[Change] = []
    was = old is not None and is_retracted(old)
    if is_retracted(new) and not was:
        found.append("RETRACTED")
    if was and not is_retracted(new):
        found.append("REINSTATED")
    if "concern" in fresh:
        found.append("CONCERN")
    if "erratum" in fresh:
        found.append("ERRATUM")
    return tuple(found)


def _bibliographic(old: Record, new: Record) -> list[Change]:
    found: list[Change] = []
    if new.version > old.version or ("update" in _kinds(new) and "update" not in _kinds(old)):
        found.append("NEW_VERSION")
    if (old.types, old.headings, old.keywords) != (new.types, new.headings, new.keywords):
        found.append("PUBTYPE_OR_MESH")
    if (old.title, old.abstract) != (new.title, new.abstract):
        found.append("TEXT")
    return found


def _kinds(record: Record) -> set[str]:
    return {notice.kind for notice in record.notices}


def _registration(old: Registration | None, new: Registration | None) -> list[Change]:
    if old is None or new is None or old == new:
        return []
    if new.status == "WITHHELD" and old.status != "WITHHELD":
        return ["WITHHELD"]
    found: list[Change] = [name for name, differs in _REGISTRATION if differs(old, new)]
    quiet = old.model_copy(update={field: getattr(new, field) for field in (*_DATES, "contacts")})
    if not found and quiet == new:
        dates = any(getattr(old, field) != getattr(new, field) for field in _DATES)
        found.append("DATES_ONLY" if dates else "CONTACTS_ONLY")
    return found


_REGISTRATION: tuple[tuple[Change, Callable[[Registration, Registration], bool]], ...] = (
    ("RESULTS_POSTED", lambda old, new: new.has_results and not old.has_results),
    ("RESULTS_CHANGED", lambda old, new: old.has_results and old.results != new.results),
    ("STATUS", lambda old, new: old.status != new.status),
    ("PRIMARY_OUTCOME", lambda old, new: old.primary_outcomes != new.primary_outcomes),
    ("ENROLMENT", lambda old, new: old.enrolment != new.enrolment),
    ("ARMS_DOSE", lambda old, new: (old.arms, old.interventions) != (new.arms, new.interventions)),
)
