"""Ask a source what is new, and store it: raw bytes first, then records and cursor in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from living.errors import LivingError, NotVerified, SourceChanged, SourceDown, SourceError
from living.model.facts import MACHINE, Fact
from living.model.protocol import Protocol, Source
from living.model.values import later
from living.review.identity import new_links
from living.service.asking import question
from living.service.house import House
from living.service.intake import Intake
from living.service.topics import evidence_of, while_others_write
from living.sources.gateway import Answer
from living.sources.registry import REGISTRIES
from living.sources.run import Ask, GreatLoss, Keep, Run, query_digest
from living.store import Cursor, Details

TOOL = "living-review"
FIRST_RETRY = timedelta(minutes=5)
# What a registry refuses for good is not asked again soon: a person has to look, and the pages say so.
REFUSED_RETRY = timedelta(hours=6)


@dataclass(frozen=True)
class Polled:
    """What one poll of one source came to. `fresh` False: the source's data had not moved since the last."""

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
    fresh: bool = True


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
    at, before = house.now(), house.gateway.requests
    cursor = house.store.cursor(topic, source.id) or Cursor()
    ask = question(house, topic, source, cursor)
    try:
        run = ask_source(house, ask)
        house.failpoint("poll.answered")
        polled = _store(house, topic, source, ask, run, at)
    except (SourceError, NotVerified) as fault:
        # The search took time: the pause before the next one begins now.
        retry = _retry_at(house.now(), source, cursor, fault)
        details = Details(
            query_digest=query_digest(source),
            requests=house.gateway.requests - before,
            fault=_kind_of(fault),
        )
        payload = getattr(fault, "payload", "")
        house.store.failed_run(topic, source.id, at, str(fault), retry, payload=payload, details=details)
        return Polled(topic, source.id, source.label, False, error=str(fault), next_due=retry)
    house.failpoint("poll.stored")
    return polled


def _kind_of(fault: LivingError) -> Literal["down", "changed", "refused"]:
    if isinstance(fault, SourceDown):
        return "down"
    return "changed" if isinstance(fault, SourceChanged) and not isinstance(fault, GreatLoss) else "refused"


def ask_source(house: House, ask: Ask) -> Run:
    """Put a question to its registry. Raises SourceDown or SourceChanged when the answer is not complete."""
    return REGISTRIES[ask.source.kind].fetch(
        house.gateway,
        house.settings.base_url(ask.source.kind),
        ask,
        _keeper(house, ask.source),
        email=house.settings.contact,
        tool=TOOL,
        api_key=house.settings.ncbi_api_key.get_secret_value(),
    )


def link(house: House, topic: str) -> int:
    """Append the links that exact ids prove and nobody has ruled on; return how many."""

    def append() -> int:
        state = house.store.state(topic)
        links: list[tuple[str, Fact]] = [(MACHINE, found) for found in new_links(state)]
        if links:
            house.store.append(topic, house.now(), links, after=state.seq)
        return len(links)

    linked = while_others_write(topic, append)
    house.failpoint("poll.linked")
    return linked


def _store(house: House, topic: str, source: Source, ask: Ask, run: Run, at: str) -> Polled:
    """Append what is new and move the cursor, in one transaction. Raises when the run does not reconcile."""
    intake = Intake(house, source, ask, run, evidence_of(house, topic), at)
    next_due = later(at, timedelta(hours=source.every_hours))
    cursor = Cursor(
        watermark=ask.today.isoformat(),
        query_digest=run.query_digest,
        next_due_at=next_due,
        data_timestamp=run.data_timestamp,
        translation=run.translation,
    )
    house.store.complete_run(topic, source.id, at, intake.facts(), cursor, intake.counted, intake.absent)
    counted = intake.counted()
    return Polled(
        topic,
        source.id,
        source.label,
        True,
        listed=counted.listed,
        fetched=counted.fetched,
        stored=intake.changed,
        absent=len(intake.absent),
        requests=run.requests,
        next_due=next_due,
        fresh=run.fresh,
    )


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
    if isinstance(fault, SourceChanged):
        return later(at, REFUSED_RETRY)
    asked = timedelta(seconds=min(getattr(fault, "retry_after", None) or 0.0, rhythm.total_seconds()))
    return later(at, min(rhythm, max(FIRST_RETRY * 2 ** min(cursor.failures, 10), asked)))


def _keeper(house: House, source: Source) -> Keep:
    def keep(answer: Answer) -> str:
        kept = house.store.keep(
            answer.body,
            source=source.id,
            url=answer.url,
            status=answer.status,
            content_type=answer.headers.get("content-type", ""),
            at=house.now(),
        )
        house.failpoint("poll.kept")
        return kept

    return keep
