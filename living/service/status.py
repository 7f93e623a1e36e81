"""The whole service on one screen, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from filelock import FileLock, Timeout

from living.publish.surveillance import SourceOut
from living.review.notices import retirement_of
from living.service.alarms import Alarm, alarms
from living.service.house import House, holder_of
from living.service.importing import HandSearch, hand_searches
from living.service.pulse import last_failure, pulse
from living.service.surveillance import surveillance
from living.service.topics import evidence_of
from living.store import DESK


@dataclass(frozen=True)
class TopicStatus:
    """One review. `said`: in one sentence, whether its sources are searched as they should be."""

    id: str
    title: str
    version: str
    version_note: str
    said: str
    sources: tuple[SourceOut, ...]
    by_hand: tuple[HandSearch, ...]
    alarms: tuple[Alarm, ...]
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


def _topic(house: House, topic: str) -> TopicStatus:
    evidence = evidence_of(house, topic)
    now, watch = pulse(house, evidence), surveillance(house, topic)
    published = house.store.published(topic)
    return TopicStatus(
        id=topic,
        title=evidence.protocol.topic.title,
        version=published[-1].version if published else "",
        version_note=_note(house, topic, published[-1].at[:10] if published else ""),
        said=watch.said,
        sources=watch.sources,
        by_hand=hand_searches(house, topic),
        alarms=alarms(house, topic),
        to_screen=now.to_screen,
        to_extract=now.to_extract,
        to_adjudicate=now.to_adjudicate,
        absent=watch.open,
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
