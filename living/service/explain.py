"""What a poll would ask now and why, told without asking anything or storing anything."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.protocol import Source
from living.review.sightings import away
from living.review.strategy import canaries
from living.service.asking import Asking, asking, watched
from living.service.house import House
from living.service.topics import evidence_of
from living.sources.plan import Planned, planned
from living.sources.registry import REGISTRIES, pace_of
from living.sources.run import query_digest
from living.store import Cursor


@dataclass(frozen=True)
class Again:
    """An entry that is read again whatever the source says of its dates."""

    id: str
    why: str


@dataclass(frozen=True)
class Plan:
    """One poll that was not made. `full`: everything is listed; `why`, or why not.

    `requests` come in this order; `fewest` of them in all, which take `seconds` at the pace that is kept.
    Where `skips` names a date of the data and the source still has it, the first request is the only one.
    """

    source: str
    label: str
    query: str
    full: bool
    why: str
    requests: tuple[Planned, ...]
    fewest: int
    pace: float
    seconds: float
    skips: str
    again: tuple[Again, ...]
    canaries: tuple[str, ...]
    known: int
    last_complete: str
    next_due: str


def explained(house: House, topic: str, source: Source) -> Plan:
    """Return what a poll of a source would ask now, without asking it."""
    cursor = house.store.cursor(topic, source.id) or Cursor()
    found = asking(house, topic, source, cursor)
    census = house.store.last_census(topic, source.id, query_digest(source))
    requests = planned(found.ask, census.details.found if census else 0)
    fewest = sum(item.times for item in requests)
    pace = pace_of(source.kind, with_key=bool(house.settings.ncbi_api_key.get_secret_value()))
    full, why = _full(source, found, cursor)
    evidence = evidence_of(house, topic)
    return Plan(
        source=source.id,
        label=source.label,
        query=source.query,
        full=full,
        why=why,
        requests=requests,
        fewest=fewest,
        pace=pace,
        seconds=round(fewest * pace, 1),
        skips=found.ask.read if any(item.alone for item in requests) else "",
        again=_again(house, topic, source, found),
        canaries=tuple(sorted(canaries(evidence, source))) if full else (),
        known=len(found.ask.known),
        last_complete=cursor.last_complete_at or "",
        next_due=cursor.next_due_at or "",
    )


def _full(source: Source, found: Asking, cursor: Cursor) -> tuple[bool, str]:
    """Whether everything is listed, and why or why not."""
    if cursor.last_complete_at is None:
        return True, "it is the first"
    if found.ask.since is None:
        return True, "the question was changed"
    if found.ask.census:
        return True, "it is the first today"
    if REGISTRIES[source.kind].whole:
        return True, "this source is listed whole each time"
    return False, "everything was listed today already"


def _again(house: House, topic: str, source: Source, found: Asking) -> tuple[Again, ...]:
    """Every id of `refetch` with the strongest reason for it, in order of the reasons."""
    why, evidence = found.reasons, evidence_of(house, topic)
    missed = {item.id: item.first_missed_at[:10] for item in house.store.absent(topic, source.id)}
    gone = {key.partition(":")[2] for key in away(evidence.state) if key.startswith(f"{source.id}:")}
    studied = watched(evidence, source)
    said: dict[str, str] = {}
    for name in sorted(why.look):
        said[name] = f"listed and not received since {missed[name]}; looked for directly if missed again"
    for name in sorted(why.missing):
        said.setdefault(name, f"listed and not received since {missed[name]}")
    for name in sorted(why.weekly & studied):
        said.setdefault(name, "weekly: its study is included or may yet be")
    for name in sorted(why.weekly & gone):
        said.setdefault(name, "weekly: it is gone from the source, or under another id, and may return")
    for name in sorted(why.weekly & found.ask.off):
        said.setdefault(name, "weekly: the search lists it no more")
    for name in sorted(why.weekly):
        said.setdefault(name, "weekly: this source changes entries without changing their dates")
    for name in sorted(why.beacon):
        said.setdefault(name, "it came before, so it shows whether anything is served")
    return tuple(Again(name, reason) for name, reason in said.items())
