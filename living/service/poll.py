"""Ask a source what is new, and store it: raw bytes first, then records and cursor in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from living.errors import SourceChanged, SourceError
from living.model.facts import MACHINE, Fact
from living.model.protocol import Protocol, Source
from living.model.record import Record
from living.model.state import ReviewState
from living.review.evidence import gather
from living.review.identity import new_links
from living.service.house import INSTANT, House
from living.service.topics import active
from living.sources.gateway import Answer
from living.sources.registry import FETCH, PARSE
from living.sources.run import Ask, Keep, Run, query_digest, registry_marker
from living.store.runs import Cursor
from living.store.runs import Run as RunRow

POLLED = ("pubmed", "ctgov")
TOOL = "living-review"
FIRST_RETRY = timedelta(minutes=5)
MOST_LOST = (
    0.05  # a census that misses more of what is known is refused: the fault is likelier ours or theirs
)


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
    return tuple(source for source in protocol.sources if source.kind in POLLED)


def due(house: House, topic: str, protocol: Protocol) -> tuple[Source, ...]:
    """Return the sources whose next search is due now. The answer comes from the store, not from a timer."""
    now = house.now()
    return tuple(source for source in polled_sources(protocol) if _is_due(house, topic, source, now))


def poll(house: House, topic: str, source: Source) -> Polled:
    """Search one source. A fault is an answer too: it is recorded, and the cursor stays where it was."""
    at = house.now()
    state, protocol = active(house, topic)
    cursor = house.store.cursor(topic, source.id) or Cursor()
    ask = question(house, state, protocol, source, cursor)
    try:
        run = FETCH[source.kind](
            house.gateway,
            _base_url(house, source),
            ask,
            _keeper(house, source),
            email=house.settings.contact,
            tool=TOOL,
            api_key=house.settings.ncbi_api_key.get_secret_value(),
        )
        return _store(house, state, source, ask, run, at)
    except SourceError as fault:
        failed = house.store.failed_run(
            topic, source.id, at, str(fault), _retry_at(at, source, cursor, fault), payload=fault.payload
        )
        return Polled(
            topic, source.id, source.label, False, error=str(fault), next_due=failed.next_due_at or ""
        )


def link(house: House, topic: str) -> int:
    """Append the links that exact ids prove and nobody has ruled on; return how many."""
    state = house.store.state(topic)
    links: list[tuple[str, Fact]] = [(MACHINE, found) for found in new_links(state)]
    if links:
        house.store.append(topic, house.now(), links, after=state.seq)
    return len(links)


def question(house: House, state: ReviewState, protocol: Protocol, source: Source, cursor: Cursor) -> Ask:
    """Return what a poll would ask now: a window after a complete run, a census each day and for a new query.

    Ids of included and pending studies are read again once a week, whatever the registry says of their dates.
    A seeded id counts as unknown until it has been seen live.
    """
    today = house.clock().astimezone(UTC).date()
    same_query = cursor.query_digest == query_digest(source)
    last = datetime.strptime(cursor.last_complete_at, INSTANT).date() if cursor.last_complete_at else None  # noqa: DTZ007
    known = {
        name: _marker(source, marker.last_update_posted, marker.status, marker.has_results)
        for name, marker in house.store.known(state.topic, source.id).items()
        if not marker.seeded
    }
    weekly = last is None or last.isocalendar()[:2] != today.isocalendar()[:2]
    return Ask(
        source=source,
        today=today,
        since=last if same_query else None,
        known=known,
        census=last is None or last != today or not same_query,
        refetch=_watched(state, protocol, source) & frozenset(known) if weekly else frozenset(),
    )


def _store(house: House, state: ReviewState, source: Source, ask: Ask, run: Run, at: str) -> Polled:
    topic = state.topic
    _refuse_great_loss(source, ask, run)
    records = list(_changed(house, topic, source, run))
    listed = set(run.listed) | set(run.asked)
    fetched = len(set(run.asked)) - len(run.absent)
    cursor = Cursor(
        watermark=ask.today.isoformat(),
        query_digest=run.query_digest,
        next_due_at=_later(at, timedelta(hours=source.every_hours)),
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
        notes=f"{run.requests} requests",
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
        for record in PARSE[source.kind](house.store.payload(page.payload), page.payload):
            if record.id not in wanted or record.id in seen:
                continue
            seen.add(record.id)
            before = known.get(record.id)
            if before is None or before.seeded or before.content_hash != record.content_hash:
                yield record


def _refuse_great_loss(source: Source, ask: Ask, run: Run) -> None:
    if not ask.census or not ask.known:
        return
    lost = len(set(ask.known) - set(run.listed) - set(run.asked))
    if lost > MOST_LOST * len(ask.known):
        raise SourceChanged(
            source.id, f"a full search misses {lost} of {len(ask.known)} known entries; refused"
        )


def _watched(state: ReviewState, protocol: Protocol, source: Source) -> frozenset[str]:
    evidence = gather(state, protocol)
    studies = [
        evidence.studies.by_key[key]
        for key, standing in evidence.standing.items()
        if standing.status in ("included", "ongoing", "stopped", "awaiting_classification")
    ]
    prefix = f"{source.id}:"
    return frozenset(
        key.removeprefix(prefix) for study in studies for key in study.records if key.startswith(prefix)
    )


def _marker(source: Source, last_update_posted: str, status: str, has_results: bool) -> str:
    return (
        registry_marker(last_update_posted, status, has_results=has_results) if source.kind == "ctgov" else ""
    )


def _is_due(house: House, topic: str, source: Source, now: str) -> bool:
    cursor = house.store.cursor(topic, source.id)
    if cursor is None or cursor.next_due_at is None:
        return True
    changed_query = cursor.query_digest != query_digest(source) and not cursor.failures
    return cursor.next_due_at <= now or changed_query


def _retry_at(at: str, source: Source, cursor: Cursor, fault: SourceError) -> str:
    """Push the due time forward with each failure, never beyond the source's own rhythm."""
    pause = min(FIRST_RETRY * 2 ** min(cursor.failures, 10), timedelta(hours=source.every_hours))
    asked = getattr(fault, "retry_after", None)
    return _later(at, max(pause, timedelta(seconds=asked or 0)))


def _later(at: str, pause: timedelta) -> str:
    return (datetime.strptime(at, INSTANT) + pause).strftime(INSTANT)  # noqa: DTZ007


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


def _base_url(house: House, source: Source) -> str:
    return house.settings.ncbi_url if source.kind == "pubmed" else house.settings.ctgov_url
