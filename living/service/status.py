"""The whole service on one screen, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from filelock import FileLock, Timeout

from living.model.protocol import Source
from living.publish.pages import SourcePulse
from living.review.notices import retirement_of
from living.service.asking import question
from living.service.house import House, holder_of
from living.service.poll import polled_sources
from living.service.pulse import last_failure, pulse
from living.service.topics import evidence_of
from living.store import DESK, Cursor


@dataclass(frozen=True)
class TopicStatus:
    id: str
    title: str
    version: str
    version_note: str
    sources: tuple[SourcePulse, ...]
    to_screen: int
    to_extract: int
    to_adjudicate: int
    absent: int


@dataclass(frozen=True)
class Status:
    home: str
    replay: bool
    daemon: str
    topics: tuple[TopicStatus, ...]
    letters: str
    last_failure: str


@dataclass(frozen=True)
class Plan:
    """What a poll would ask now, in words."""

    source: str
    lines: tuple[str, ...]


def status_of(house: House) -> Status:
    """Return the state of everything here."""
    topics = tuple(_topic(house, topic) for topic in house.store.topics())
    return Status(
        home=str(house.settings.home.resolve()),
        replay=house.replay,
        daemon=_daemon(house),
        topics=topics,
        letters=_letters(house),
        last_failure=last_failure(house),
    )


def explained(house: House, topic: str, source: Source) -> Plan:
    """Return what a poll of a source would ask now, without asking it."""
    cursor = house.store.cursor(topic, source.id) or Cursor()
    ask = question(house, topic, source, cursor)
    since = f"entries since {ask.since} less {source.overlap_days} days" if ask.since else "everything"
    census = ", and the full list of ids for reconciliation" if ask.census and ask.since else ""
    return Plan(
        source.id,
        (
            f"{source.label}: {since}{census}",
            f"  query: {source.query}",
            f"  known here: {len(ask.known)} entries; read again whatever their dates: {len(ask.refetch)}",
            f"  last complete search: {cursor.last_complete_at or 'never'}",
            f"  next due: {cursor.next_due_at or 'now'}",
        ),
    )


def _topic(house: House, topic: str) -> TopicStatus:
    evidence = evidence_of(house, topic)
    protocol = evidence.protocol
    now = pulse(house, evidence)
    published = house.store.published(topic)
    absent = sum(len(house.store.absent(topic, source.id)) for source in polled_sources(protocol))
    return TopicStatus(
        id=topic,
        title=protocol.topic.title,
        version=published[-1].version if published else "",
        version_note=_note(house, topic, published[-1].at[:10] if published else ""),
        sources=now.sources,
        to_screen=now.to_screen,
        to_extract=now.to_extract,
        to_adjudicate=now.to_adjudicate,
        absent=absent,
    )


def _note(house: House, topic: str, day: str) -> str:
    retired = ", retired: nothing is searched by itself" if retirement_of(house.store.state(topic)) else ""
    return f", {day}{retired}" if day else retired


def _letters(house: House) -> str:
    places = (*house.store.topics(), DESK)
    states = Counter(letter.state for topic in places for letter in house.store.letters(topic))
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none yet"
    if not house.settings.smtp_host:
        return f"{told} (no mail server is set: LIVING_SMTP_HOST)"
    return f"{told} (paused)" if house.settings.mail_paused else told


def _daemon(house: House) -> str:
    lock = FileLock(house.settings.home / "daemon.lock", timeout=0)
    try:
        with lock:
            return "not running"
    except Timeout:
        holder = holder_of(house.settings.home)
        return f"running ({holder})" if holder else "running"
