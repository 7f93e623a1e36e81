"""What each later version of a trial's registration says otherwise, when, and how much that weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from living.model.record import Record, Registration
from living.model.registration import About, Phase, RegistryChange, RegistryWatch
from living.model.state import ReviewState
from living.review.overdue import first_day, last_day
from living.review.registry_parts import WHOLE, Part, status
from living.review.registry_weights import weigh

NOT_BEGUN = frozenset({"NOT_YET_RECRUITING", "WITHDRAWN"})  # nobody was enrolled
ENROLS = frozenset({"RECRUITING", "ENROLLING_BY_INVITATION"})  # not completed, whatever a date says
BEGUN = frozenset({*ENROLS, "ACTIVE_NOT_RECRUITING", "SUSPENDED", "COMPLETED", "TERMINATED"})
STUB = "WITHHELD"  # such a version shows next to nothing; what it leaves out was not dropped
_ORDER: tuple[About, ...] = (
    "primary_outcome",
    "secondary_outcome",
    "sample_size",
    "allocation",
    "masking",
    "arm",
    "treatment",
    "results",
    "status",
    "start",
    "primary_completion",
    "completion",
)


@dataclass(frozen=True)
class Version:
    """One content of a registration as it was stored: ledger line, the day it came in, the register's day."""

    line: int
    seen: str
    posted: str
    payload: str
    status: str
    registration: Registration


@dataclass(frozen=True)
class History:
    """Every version of one registration that was stored here, oldest first, and every change between them.

    What changed before the first version is not known.
    """

    registration: str
    versions: tuple[Version, ...]
    changes: tuple[RegistryChange, ...]


def registration_history(state: ReviewState, key: str) -> History:
    """Return the history of a record that is a registration; without versions for any other.

    What was entered by hand before the register was first read is no version: it holds what somebody needed.
    """
    return _history(key, _versions(state, {key}).get(key, []))


def registry_histories(state: ReviewState) -> dict[str, History]:
    """Return the history of every registration of which a version is stored, by record key."""
    return {key: _history(key, found) for key, found in _versions(state, None).items()}


def watch_of(history: History) -> RegistryWatch | None:
    """Return what a snapshot says of a history: its major and minor changes; None while there are none.

    Changes of spelling and of dates are left out, and so is everything that moves with them, so that a poll
    which brings nothing else leaves a snapshot as it was.
    """
    changes = tuple(change for change in history.changes if change.weight != "noise")
    if not changes:
        return None
    first = history.versions[0]
    return RegistryWatch(
        registration=history.registration, first_seen=first.seen, first_posted=first.posted, changes=changes
    )


def phase(old: Registration, new: Registration, day: str) -> Phase:
    """Return where in the trial's course a version stands that a register showed from a day on.

    The latest word on dates counts. Of `2025-05` the whole month is meant: a version of that month is neither
    before nor after such a start.
    """
    if old.has_results or new.has_results:
        return "after_results" if old.has_results else "with_results"
    if new.status in NOT_BEGUN:
        return "before_start"
    if new.status not in ENROLS and _after(day, new.primary_completion or old.primary_completion):
        return "after_completion"
    start = new.start or old.start
    if _after(day, start) or (not start and old.status in BEGUN):
        return "after_start"
    return "before_start" if _before(day, start) else "unclear"


def _after(day: str, text: str) -> bool:
    last = last_day(text)
    return last is not None and day > last.isoformat()


def _before(day: str, text: str) -> bool:
    first = first_day(text)
    return first is not None and day < first.isoformat()


def _versions(state: ReviewState, only: set[str] | None) -> dict[str, list[Version]]:
    """Every version that came in. The same bytes read differently by a later program are no other version."""
    found: dict[str, list[Version]] = {}
    for line, record in state.of_kind(Record):
        entry = record.registration
        if entry is None or record.seeded or (only is not None and record.key not in only):
            continue
        known = found.setdefault(record.key, [])
        if record.payload and known and known[-1].payload == record.payload:
            known[-1] = replace(known[-1], line=line.seq, status=entry.status, registration=entry)
            continue
        known.append(
            Version(line.seq, line.at[:10], entry.last_update_posted, record.payload, entry.status, entry)
        )
    return found


def _history(key: str, versions: Sequence[Version]) -> History:
    """Compare each version with the one before; a withheld one only by its status."""
    changes: list[RegistryChange] = []
    whole: Version | None = None
    for place, version in enumerate(versions):
        if place:
            changes += _changes((status,), versions[place - 1], version)
        if version.status != STUB:
            changes += _changes(WHOLE, whole, version) if whole else []
            whole = version
    return History(
        key, tuple(versions), tuple(sorted(changes, key=lambda one: (one.new_line, _ORDER.index(one.about))))
    )


def _changes(parts: Sequence[Part], old: Version, new: Version) -> list[RegistryChange]:
    when = phase(old.registration, new.registration, _shown_from(new))
    return [
        RegistryChange(
            about=about,
            what=what,
            weight=weigh(about, what, when),
            when=when,
            seen=new.seen,
            posted=new.posted,
            old=before,
            new=after,
            old_line=old.line,
            new_line=new.line,
            old_payload=old.payload,
            new_payload=new.payload,
        )
        for part in parts
        for about, what, before, after in part(old.registration, new.registration)
    ]


def _shown_from(version: Version) -> str:
    """The day from which the register showed a version; its own word, unless that is no day or lies ahead."""
    try:
        posted = date.fromisoformat(version.posted).isoformat()
    except ValueError:
        return version.seen
    return min(posted, version.seen)
