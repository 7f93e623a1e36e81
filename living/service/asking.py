"""What a search would ask now, and why: which part of the source, and which ids whatever their dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from living.model.protocol import Source
from living.model.values import later
from living.review.evidence import Evidence
from living.review.sightings import away
from living.review.strategy import signed_since
from living.service.house import INSTANT, House
from living.service.topics import evidence_of
from living.sources.registry import REGISTRIES
from living.sources.run import Ask, query_digest, registry_marker
from living.store import Absent, Cursor, Marker, StoredRun

A_DAY = timedelta(days=1)
MISSED = 2  # complete searches, a day or more apart, before an entry is looked for directly
WATCHED = ("included", "ongoing", "stopped", "awaiting_classification")


@dataclass(frozen=True)
class Reasons:
    """The ids that are read again whatever the source says of their dates, by why.

    `weekly`: those that a retraction or withdrawal must not pass unseen at, those that the search lists no
    more, and those that are gone and may return. `missing`: asked for and not received. `look`: missed so
    often that each is looked for directly. `beacon`: one that came before, so that an answer without the
    others shows whether anything is served.
    """

    weekly: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    look: frozenset[str] = frozenset()
    beacon: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self.weekly | self.missing | self.look | self.beacon


@dataclass(frozen=True)
class Asking:
    """A search about to be made, and the reasons behind it."""

    ask: Ask
    reasons: Reasons


def question(house: House, topic: str, source: Source, cursor: Cursor) -> Ask:
    """Return what a poll would ask now (see `asking`)."""
    return asking(house, topic, source, cursor).ask


def asking(house: House, topic: str, source: Source, cursor: Cursor) -> Asking:
    """Return what a poll would ask now: a window after a complete run, a census each day and for a new query.

    1. A seeded id counts as unknown until it has been seen live, and so does one that is gone: it may return.
    2. What a full search no longer lists is asked for by its id, at first sight and then once a week.
    3. The stamp of the data read last is compared with the source's own, where it has one: while it stands
       and no id is due, there is nothing to ask.
    """
    today = house.clock().astimezone(UTC).date()
    evidence = evidence_of(house, topic)
    same_query = cursor.query_digest == query_digest(source)
    last = day_of(cursor.last_complete_at)
    prefix = f"{source.id}:"
    missing_now = {key.removeprefix(prefix) for key in away(evidence.state) if key.startswith(prefix)}
    stored = house.store.known(topic, source.id)
    known = {
        name: freshness(source, marker)
        for name, marker in stored.items()
        if not marker.seeded and name not in missing_now
    }
    weekly = last is None or last.isocalendar()[:2] != today.isocalendar()[:2]
    census = house.store.last_census(topic, source.id, query_digest(source))
    off = frozenset(census.details.unlisted) if census else frozenset()
    again = known.keys() if REGISTRIES[source.kind].read_weekly else off
    due = (watched(evidence, source) & stored.keys()) | again | missing_now
    why = Reasons(
        weekly=frozenset(due) if weekly else frozenset(),
        **_missing(house.now(), house.store.absent(topic, source.id), frozenset(known)),
    )
    ask = Ask(
        source=source,
        today=today,
        since=min(last, today) if last and same_query else None,
        known=known,
        census=last is None or last != today or not same_query,
        refetch=why.ids,
        look=why.look,
        read=cursor.data_timestamp if same_query and not why.ids else "",
        off=off,
        before=_found_before(evidence, source, census),
    )
    return Asking(ask, why)


def _found_before(evidence: Evidence, source: Source, census: StoredRun | None) -> int:
    """What the last full search of the query found, or what an editor signed that it finds since then."""
    if census is None:
        return 0
    signed = signed_since(evidence.state, source, census.at)
    return signed.found if signed else census.details.found


def day_of(instant: str | None) -> date | None:
    """Return the day of an instant as stored, or None."""
    return datetime.strptime(instant, INSTANT).date() if instant else None  # noqa: DTZ007 - UTC by its form


def freshness(source: Source, seen: Marker) -> str:
    """Return what a listing of the source would show of a stored entry while that has not moved."""
    if source.kind != "ctgov":
        return ""
    return registry_marker(seen.last_update_posted, seen.status, has_results=seen.has_results)


def watched(evidence: Evidence, source: Source) -> frozenset[str]:
    """Return the source's ids of studies that are included or may yet be."""
    studies = [
        evidence.studies.by_key[key]
        for key, standing in evidence.standing.items()
        if standing.status in WATCHED
    ]
    prefix = f"{source.id}:"
    return frozenset(
        key.removeprefix(prefix) for study in studies for key in study.records if key.startswith(prefix)
    )


def _missing(now: str, absences: tuple[Absent, ...], known: frozenset[str]) -> dict[str, frozenset[str]]:
    missing = frozenset(item.id for item in absences)
    looked = frozenset(
        item.id for item in absences if item.times >= MISSED and later(item.first_missed_at, A_DAY) <= now
    )
    return {
        "missing": missing,
        "look": looked,
        "beacon": frozenset(sorted(known - missing)[:1] if missing else ()),
    }
