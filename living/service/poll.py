"""Ask a source what is new, and store it: raw bytes first, then records and cursor in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from living.errors import LivingError, NotVerified, SourceChanged, SourceError
from living.model.facts import MACHINE, Fact
from living.model.protocol import Protocol, Source
from living.model.record import Record
from living.model.values import later
from living.review.evidence import Evidence
from living.review.identity import new_links
from living.service.house import INSTANT, House
from living.service.topics import evidence_of, while_others_write
from living.sources.gateway import Answer
from living.sources.registry import REGISTRIES
from living.sources.run import Ask, Keep, Run, query_digest, registry_marker
from living.store import Cursor, Marker
from living.store.runs import Run as RunRow

TOOL = "living-review"
FIRST_RETRY = timedelta(minutes=5)
# A census that lists so many fewer entries than the last one is refused: entries are withdrawn one by one,
# and more at once is likelier a fault of ours or theirs. Of a small topic a few entries are a large share.
MOST_LOST = 0.05
FEW = 4
RUNS_LOOKED_AT = 400  # far enough back to find a census among hourly windows and retries


@dataclass(frozen=True)
class Polled:
    """What one poll of one source came to."""

    topic: str
    source: str
    label: str
    ok: bool
    listed: int = 0
    fetched: int = 0
    stored: int = 0
    absent: int = 0
    requests: int = 0
    error: str = ""
    next_due: str = ""


def polled_sources(protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources that a machine can search."""
    return tuple(source for source in protocol.sources if source.by_machine)


def due(house: House, topic: str, protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources whose next search is due now. The answer comes from the store, not from a timer."""
    now = house.now()
    return tuple(source for source in polled_sources(protocol) if _is_due(house, topic, source, now))


def poll(house: House, topic: str, source: Source) -> Polled:
    """Search one source. A fault is an answer too: it is recorded, and the cursor stays where it was.

    Raises HeldElsewhere while another process searches: together they would be faster than is allowed.
    """
    with house.alone("searching"):
        return _poll(house, topic, source)


def _poll(house: House, topic: str, source: Source) -> Polled:
    at = house.now()
    cursor = house.store.cursor(topic, source.id) or Cursor()
    ask = question(house, topic, source, cursor)
    try:
        run = REGISTRIES[source.kind].fetch(
            house.gateway,
            house.settings.base_url(source.kind),
            ask,
            _keeper(house, source),
            email=house.settings.contact,
            tool=TOOL,
            api_key=house.settings.ncbi_api_key.get_secret_value(),
        )
        return _store(house, topic, source, ask, run, at)
    except (SourceError, NotVerified) as fault:
        # The search took time: the pause before the next one begins now.
        retry = _retry_at(house.now(), source, cursor, fault)
        payload = getattr(fault, "payload", "")
        failed = house.store.failed_run(topic, source.id, at, str(fault), retry, payload=payload)
        return Polled(
            topic, source.id, source.label, False, error=str(fault), next_due=failed.next_due_at or ""
        )


def link(house: House, topic: str) -> int:
    """Append the links that exact ids prove and nobody has ruled on; return how many."""

    def append() -> int:
        state = house.store.state(topic)
        links: list[tuple[str, Fact]] = [(MACHINE, found) for found in new_links(state)]
        if links:
            house.store.append(topic, house.now(), links, after=state.seq)
        return len(links)

    return while_others_write(topic, append)


def question(house: House, topic: str, source: Source, cursor: Cursor) -> Ask:
    """Return what a poll would ask now: a window after a complete run, a census each day and for a new query.

    1. A seeded id counts as unknown until it has been seen live.
    2. Ids of included and pending studies are read again once a week, whatever the registry says of their
       dates, and those that the search does not list as well: a retraction must not pass unseen.
    3. Ids that were asked for and did not come are asked for again in every poll, together with one that did
       come: then an answer without them still shows whether the registry serves anything.
    """
    today = house.clock().astimezone(UTC).date()
    same_query = cursor.query_digest == query_digest(source)
    last = datetime.strptime(cursor.last_complete_at, INSTANT).date() if cursor.last_complete_at else None  # noqa: DTZ007
    stored = house.store.known(topic, source.id)
    known = {name: _marker(source, marker) for name, marker in stored.items() if not marker.seeded}
    missing = {absent.id for absent in house.store.absent(topic, source.id)}
    if missing:
        missing |= set(sorted(known.keys() - missing)[:1])
    weekly = last is None or last.isocalendar()[:2] != today.isocalendar()[:2]
    watched = _watched(evidence_of(house, topic), source) & stored.keys() if weekly else frozenset()
    return Ask(
        source=source,
        today=today,
        since=min(last, today) if last and same_query else None,
        known=known,
        census=last is None or last != today or not same_query,
        refetch=frozenset(watched | missing),
    )


def _store(house: House, topic: str, source: Source, ask: Ask, run: Run, at: str) -> Polled:
    _refuse_great_loss(house, topic, source, ask, run)
    records = list(_changed(house, topic, source, run))
    listed = set(run.listed) | set(run.asked)
    fetched = len(set(run.asked)) - len(run.absent)
    cursor = Cursor(
        watermark=ask.today.isoformat(),
        query_digest=run.query_digest,
        next_due_at=later(at, timedelta(hours=source.every_hours)),
        data_timestamp=run.data_timestamp,
        translation=run.translation,
    )
    row = RunRow(
        mode="census" if ask.census else "window",
        window="; ".join(run.windows),
        listed=len(listed),
        skipped=len(listed) - len(set(run.asked)),
        fetched=fetched,
        unchanged=fetched - len(records),
        notes=f"{run.requests} requests; {_found(run)}",
    )
    entries: Iterator[tuple[str, Fact]] = ((MACHINE, record) for record in records)
    house.store.complete_run(topic, source.id, at, entries, cursor, row, run.absent)
    return Polled(
        topic,
        source.id,
        source.label,
        True,
        listed=len(listed),
        fetched=fetched,
        stored=len(records),
        absent=len(run.absent),
        requests=run.requests,
        next_due=cursor.next_due_at or "",
    )


def _changed(house: House, topic: str, source: Source, run: Run) -> Iterator[Record]:
    """Yield the records whose content is new here, and the first live sight of a seeded one, each once."""
    known = house.store.known(topic, source.id)
    seen: set[str] = set()
    for page in run.pages:
        wanted = set(page.ids)
        for record in REGISTRIES[source.kind].parse(house.store.payload(page.payload), page.payload):
            if record.id not in wanted or record.id in seen:
                continue
            seen.add(record.id)
            before = known.get(record.id)
            if before is None or before.seeded or before.content_hash != record.content_hash:
                yield record
        if unread := wanted - seen:
            what = f"{len(unread)} entries came and could not be read ({min(unread)})"
            raise SourceChanged(source.id, what, payload=page.payload)


def _refuse_great_loss(house: House, topic: str, source: Source, ask: Ask, run: Run) -> None:
    """Compare with the last census of the same query; another query may well list less."""
    if not ask.census:
        return
    before = _last_census(house, topic, source, run.query_digest)
    found = len(run.listed)
    if before - found > max(FEW, MOST_LOST * before) or (before and not found):
        raise SourceChanged(
            source.id, f"a full search finds {found} entries, the last one found {before}; refused"
        )


def _last_census(house: House, topic: str, source: Source, query: str) -> int:
    for row in house.store.runs(topic, source.id, RUNS_LOOKED_AT):
        told = FOUND.search(row.notes)
        if row.outcome == "complete" and row.mode == "census" and told and told["query"] == query[:12]:
            return int(told["number"])
    return 0


def _found(run: Run) -> str:
    return f"{len(run.listed)} found by query {run.query_digest[:12]}"


FOUND = re.compile(r"(?P<number>\d+) found by query (?P<query>\w{12})")


def _watched(evidence: Evidence, source: Source) -> frozenset[str]:
    studies = [
        evidence.studies.by_key[key]
        for key, standing in evidence.standing.items()
        if standing.status in ("included", "ongoing", "stopped", "awaiting_classification")
    ]
    prefix = f"{source.id}:"
    return frozenset(
        key.removeprefix(prefix) for study in studies for key in study.records if key.startswith(prefix)
    )


def _marker(source: Source, seen: Marker) -> str:
    if source.kind != "ctgov":
        return ""
    return registry_marker(seen.last_update_posted, seen.status, has_results=seen.has_results)


def _is_due(house: House, topic: str, source: Source, now: str) -> bool:
    cursor = house.store.cursor(topic, source.id)
    if cursor is None or cursor.next_due_at is None:
        return True
    changed_query = cursor.query_digest != query_digest(source) and not cursor.failures
    clock_went_back = cursor.last_attempt_at is not None and cursor.last_attempt_at > now
    return cursor.next_due_at <= now or changed_query or clock_went_back


def _retry_at(at: str, source: Source, cursor: Cursor, fault: LivingError) -> str:
    """Push the due time forward with each failure, never beyond the source's own rhythm.

    A registry may ask for more than our pause, and not for more than that: one odd Retry-After must not
    silence a source for years.
    """
    rhythm = timedelta(hours=source.every_hours)
    asked = timedelta(seconds=min(getattr(fault, "retry_after", None) or 0.0, rhythm.total_seconds()))
    return later(at, min(rhythm, max(FIRST_RETRY * 2 ** min(cursor.failures, 10), asked)))


def _keeper(house: House, source: Source) -> Keep:
    def keep(answer: Answer) -> str:
        return house.store.keep(
            answer.body,
            source=source.id,
            url=answer.url,
            status=answer.status,
            content_type=answer.headers.get("content-type", ""),
            at=house.now(),
        )

    return keep
