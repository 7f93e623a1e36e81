"""Notices: what shells and lists show of them today, and the letters that tell each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from living.model.facts import Retirement, Withdrawal
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import canonical, digest
from living.publish.pages import Notice
from living.review.notices import (
    Warned,
    retired_sentence,
    retirement_of,
    taken_back,
    warnings,
    withdrawal_of,
)
from living.review.record_changes import noticed_on, standing_notice
from living.service.house import House
from living.service.letters import team_of
from living.service.refresh import snapshot_at
from living.service.topics import evidence_of
from living.store import NewLetter

TEAM_KIND = "team"


@dataclass(frozen=True)
class Event:
    """One thing to be told once. `kind` is that of readers' letters; `detail` what the words need."""

    id: str
    kind: str
    detail: dict[str, Any]
    for_team: bool = True


def notices(state: ReviewState, snapshot: Snapshot) -> tuple[Notice, ...]:
    """Return what readers of a version must see before its answer today."""
    return tuple(notice for _, notice in _standing(state, snapshot))


def passed(state: ReviewState, snapshot: Snapshot) -> tuple[Notice, ...]:
    """Return the notices that stood on a version and were taken back: history, not banners."""
    version = snapshot.release.version if snapshot.release else ""
    found = [Notice("reinstated", item.text, item.until) for item in taken_back(state, snapshot)]
    before: tuple[str, Withdrawal] | None = None
    for line, fact in state.of_kind(Withdrawal):
        if fact.version == version and before and before[1].withdrawn and not fact.withdrawn:
            text = f"{version} was withdrawn from {before[0]} to {line.at[:10]}: {before[1].reason}"
            found.append(Notice("restored", text, line.at[:10]))
        if fact.version == version:
            before = (line.at[:10], fact)
    return tuple(found)


def of_topic(house: House, state: ReviewState) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    """Return the notices on all published versions, each once in the newest one's words; then history."""
    standing: dict[str, Notice] = {}
    history: dict[str, Notice] = {}
    for snapshot in reversed(_published(house, state)):
        for about, notice in _standing(state, snapshot):
            told = notice if notice.kind != "withdrawn" else replace(notice, text=f"{about}: {notice.text}")
            standing.setdefault(about, told)
        for item in passed(state, snapshot):
            history.setdefault(item.text, item)
    return tuple(standing.values()), tuple(history.values())


def tell(house: House, topic: str) -> int:
    """Queue the letters on everything that stands and was not told yet; return how many events that were.

    A notice of a source goes to the review team and to every reader, at once, whatever else has changed and
    whether or not a version follows. What came and went between two looks is told to nobody.
    """
    state = house.store.state(topic)
    told = house.store.told(topic)
    new = [event for event in _events(house, state, told) if event.id not in told]
    if not new:
        return 0
    team, readers = team_of(house), house.store.subscribers(topic)
    for event in new:
        text = canonical(event.detail)
        letters = [
            NewLetter(event=event.id, subscriber=reader.id, kind=event.kind, detail=text, urgent=True)
            for reader in readers
        ]
        if event.for_team:
            letters += [
                NewLetter(event=event.id, subscriber=person, kind=TEAM_KIND, detail=text, urgent=True)
                for person in team
            ]
        house.store.tell_once(topic, event.id, house.now(), letters)
        house.failpoint("notices.told")
    return len(new)


def notice_in(detail: str) -> Notice:
    """Return the notice that a letter tells."""
    said = json.loads(detail)
    return Notice(said["notice"], said["text"], said["date"])


def _standing(state: ReviewState, snapshot: Snapshot) -> Iterator[tuple[str, Notice]]:
    """Each notice on a version with what it is about: the version, a record, or the topic."""
    version = snapshot.release.version if snapshot.release else ""
    withdrawal, retirement = withdrawal_of(state, version), retirement_of(state)
    if withdrawal:
        yield version, Notice("withdrawn", withdrawal[1].reason, withdrawal[0].at[:10])
    for item in warnings(state, snapshot):
        yield f"{item.kind} {item.record}", Notice(item.kind, item.text, item.date)
    if retirement:
        line, fact = retirement
        yield "the topic", Notice("retired", retired_sentence(snapshot, line, fact), line.at[:10])


def _events(house: House, state: ReviewState, told: frozenset[str]) -> Iterator[Event]:
    versions = _published(house, state)
    if not versions:
        return
    yield from _of_reports(house, state, versions)
    for snapshot in versions:
        for item in taken_back(state, snapshot):
            if _id(item.kind, item.record, item.since) in told:
                event = _id("reinstated", item.record, item.since, item.until)
                detail = {"notice": "reinstated", "text": item.text, "date": item.until}
                yield Event(event, "reinstated", {**detail, "study": item.study, "version": _last(versions)})
    yield from _of_versions(state, told)
    yield from _of_the_topic(state, versions[-1], told)


def _of_reports(house: House, state: ReviewState, versions: list[Snapshot]) -> Iterator[Event]:
    """Each notice that stands, with every version that used the report and the newest one's numbers."""
    found: dict[str, tuple[Warned, list[str]]] = {}
    for snapshot in versions:
        for item in warnings(state, snapshot):
            event = _id(item.kind, item.record, item.date)
            before = found.get(event, (item, []))[1]
            found[event] = item, [*before, snapshot.release.version if snapshot.release else ""]
    for event, (item, used_in) in found.items():
        yield Event(event, "retraction", _warned(item, used_in))
    for item in _unused(house, state):
        event = _id(item.kind, item.record, item.date)
        if event not in found:
            yield Event(event, "retraction", {**_warned(item, []), "version": _last(versions)})


def _unused(house: House, state: ReviewState) -> Iterator[Warned]:
    """Notices on included studies that no published version took numbers from."""
    evidence, days = evidence_of(house, state.topic), noticed_on(state)
    for key in evidence.included:
        for name in evidence.studies.by_key[key].records:
            record = state.records[name]
            kind = standing_notice(record)
            if kind:
                words = "was retracted" if kind == "retraction" else "carries an expression of concern"
                label = evidence.label(key)
                seen = f"{label} ({name}) {words}, seen here on {days[name]}"
                text = f"{seen}. No published version uses its numbers."
                yield Warned(kind, key, text, days[name], name, label)


def _warned(item: Warned, used_in: list[str]) -> dict[str, Any]:
    fed = [[one.label, one.share, one.before, one.after] for one in item.fed]
    return {
        "notice": item.kind,
        "text": item.text,
        "date": item.date,
        "study": item.study,
        "label": item.label,
        "record": item.record,
        "versions": used_in,
        "version": used_in[-1] if used_in else "",
        "fed": fed,
    }


def _of_versions(state: ReviewState, told: frozenset[str]) -> Iterator[Event]:
    latest: dict[str, tuple[str, int, Withdrawal]] = {}
    withdrawn: dict[str, str] = {}
    for line, fact in state.of_kind(Withdrawal):
        if fact.withdrawn:
            withdrawn[fact.version] = f"withdrawn-{line.seq}"
        latest[fact.version] = (line.at[:10], line.seq, fact)
    for version, (day, seq, fact) in latest.items():
        kind = "withdrawn" if fact.withdrawn else "restored"
        if fact.withdrawn or withdrawn.get(version) in told:
            detail = {"notice": kind, "text": fact.reason, "date": day, "version": version}
            yield Event(f"{kind}-{seq}", kind, detail, for_team=False)


def _of_the_topic(state: ReviewState, newest: Snapshot, told: frozenset[str]) -> Iterator[Event]:
    said = list(state.of_kind(Retirement))
    if not said:
        return
    line, fact = said[-1]
    kind = "retired" if fact.retired else "revived"
    ends = [f"retired-{earlier.seq}" for earlier, other in said[:-1] if other.retired]
    if fact.retired or (ends and ends[-1] in told):
        text = retired_sentence(newest, line, fact) if fact.retired else fact.reason
        version = newest.release.version if newest.release else ""
        detail = {"notice": kind, "text": text, "date": line.at[:10], "version": version}
        yield Event(f"{kind}-{line.seq}", kind, detail, for_team=False)


def _published(house: House, state: ReviewState) -> list[Snapshot]:
    lines = {release.version: line for line, release in state.releases}
    return [snapshot_at(house, state, lines[item.version]) for item in house.store.published(state.topic)]


def _last(versions: list[Snapshot]) -> str:
    return versions[-1].release.version if versions[-1].release else ""


def _id(kind: str, *parts: str) -> str:
    return f"{kind}-{digest(canonical(parts))[:24]}"
