"""The pulse: what was searched when, what waits for people, what failed last. No part of any version."""

from __future__ import annotations

from datetime import datetime, timedelta

from living.model.protocol import Protocol, Source
from living.publish.pages import Pulse, SourcePulse, SourceState
from living.review.evidence import Evidence
from living.service.alarms import Alarm, alarms
from living.service.house import INSTANT, House
from living.service.poll import polled_sources
from living.store import Cursor

TO_EXTRACT = frozenset({"extract", "second_reader", "verify"})
FAILURE = "failure"


def pulse(house: House, evidence: Evidence) -> Pulse:
    """Return a topic's pulse as of now."""
    topic = evidence.state.topic
    tasks = evidence.queue()
    return Pulse(
        checked_at=house.now(),
        sources=source_pulses(house, topic, evidence.protocol),
        to_screen=sum(task.kind == "screen" for task in tasks),
        to_extract=sum(task.kind in TO_EXTRACT for task in tasks),
        to_adjudicate=sum(task.kind == "adjudicate" for task in tasks),
        last_failure=last_failure(house),
        news=_news(house, topic),
    )


def source_pulses(house: House, topic: str, protocol: Protocol) -> tuple[SourcePulse, ...]:
    """Return the state of each source that is searched by machine."""
    raised = alarms(house, topic)
    return tuple(
        _source(source, house.store.cursor(topic, source.id), house.now(), raised)
        for source in polled_sources(protocol)
    )


def note_failure(house: House, where: str, what: str, traceback: str = "") -> None:
    """Remember a step that failed, for the pulse and whoever looks; one that goes on failing, once a day."""
    if last_failure(house) == _failure(house.now(), where, what):
        return
    house.store.log(house.now(), FAILURE, {"where": where, "what": what, "traceback": traceback})


def last_failure(house: House) -> str:
    """Return the last step that failed in one line, or nothing."""
    seen, told = house.failed
    for last in house.store.operations(after=seen, kind=FAILURE)[-1:]:
        told = _failure(last.at, str(last.body["where"]), str(last.body["what"]))
        house.failed = (last.seq, told)
    return told


def _failure(at: str, where: str, what: str) -> str:
    return f"{at[:10]}: {where}: {what}"


def _news(house: House, topic: str) -> str:
    """Return the last bulletin's sentence, unless a version has come since: the version knows better.

    Looking at the same evidence again is no news: the pulse itself says how far was searched.
    """
    bulletins, versions = house.store.bulletins(topic), house.store.published(topic)
    if not bulletins or (versions and bulletins[-1].at <= versions[-1].at):
        return ""
    if not bulletins[-1].decision.of_change:
        return ""
    return bulletins[-1].decision.banner


def _source(source: Source, cursor: Cursor | None, now: str, raised: tuple[Alarm, ...]) -> SourcePulse:
    cursor = cursor or Cursor()
    told = tuple(alarm.text for alarm in raised if alarm.source == source.id and alarm.public)
    state = _state(source, cursor, now)
    return SourcePulse(
        id=source.id,
        label=source.label,
        searched_to=cursor.watermark or "",
        next_due=cursor.next_due_at or "",
        state="alarm" if told and state == "current" else state,
        message=cursor.last_error,
        alarms=told,
    )


def _state(source: Source, cursor: Cursor, now: str) -> SourceState:
    if cursor.last_complete_at is None:
        return "failed" if cursor.failures else "never"
    last = datetime.strptime(cursor.last_complete_at, INSTANT)  # noqa: DTZ007 - both ends are UTC texts
    if datetime.strptime(now, INSTANT) - last > timedelta(hours=source.stale_after_hours):  # noqa: DTZ007
        return "stale"
    return "failed" if cursor.failures else "current"
