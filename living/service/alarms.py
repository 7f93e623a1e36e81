"""Alarms: what a person must look into about a source, derived from the store each time and never kept.

An alarm stands for as long as what it is about does; letters to the team tell each occurrence once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from living.model.protocol import Source
from living.model.values import canonical, digest, later
from living.publish.numerals import counted, day
from living.review.evidence import Evidence
from living.review.notices import retirement_of
from living.review.sightings import away
from living.review.strategy import canaries, signed_strategy
from living.service.house import House
from living.service.importing import hand_searches
from living.service.letters import team_of
from living.service.topics import active, evidence_of, file_stamp, waiting_searches
from living.store import NewLetter, StoredRun

Kind = Literal[
    "canary", "translation", "refused", "stopped", "absent", "gone", "unsigned", "overdue", "unmapped"
]
LETTER = "alarm"  # the kind of letter that tells the team
# What a reader must know: the search does not list, read or receive what it should.
PUBLIC: frozenset[Kind] = frozenset({"canary", "translation", "absent"})
A_WEEK = timedelta(days=7)
NAMED = 5  # of ids in one sentence; the page of searches has them all
LOOKED_AT = 20  # the latest runs in which content that is not read here is looked for
AN_HOUR = len("2026-01-01T00")  # of an instant; time alone raises an alarm


@dataclass(frozen=True)
class Alarm:
    """One thing to look into. `text` says what, `action` what to do; both without a full stop at the end.

    `source` is empty where it is about searches by hand.
    `command`: the line that settles it where nothing needs mending. `since`: the instant from which on it
    stands. `event` names this occurrence: what went and came back has another. An alarm that is not `grave`
    is a note: it is shown to the team and mailed to nobody.
    """

    source: str
    kind: Kind
    text: str
    since: str
    action: str
    command: str = ""
    label: str = ""
    event: str = ""
    grave: bool = True

    @property
    def public(self) -> bool:
        """Whether it stands on the pages for readers, beside the source."""
        return self.kind in PUBLIC


def alarms(house: House, topic: str) -> tuple[Alarm, ...]:
    """Return every alarm of a topic, by source as the protocol lists them, and then of searches by hand.

    There are none once it is retired.
    """
    state, protocol = active(house, topic)
    if retirement_of(state):
        return ()
    sources = tuple(source for source in protocol.sources if source.by_machine)
    cursors = [house.store.cursor(topic, source.id) for source in sources]
    seen = house.store.head(topic), cursors, house.now()[:AN_HOUR], file_stamp(house, topic)
    held = house.alarmed.get(topic)
    if held is None or held[0] != seen:
        of_sources = (alarm for source in sources for alarm in _of_source(house, topic, source))
        found = (*of_sources, *_overdue(house, topic))
        held = house.alarmed[topic] = seen, found
    return held[1]  # type: ignore[return-value]


def tell_alarms(house: House, topic: str) -> int:
    """Queue letters to the team on every grave alarm not told yet; return how many alarms that were.

    While nobody is of the team, nothing counts as told.
    """
    told = house.store.told(topic)
    new = [alarm for alarm in alarms(house, topic) if alarm.grave and alarm.event not in told]
    team = team_of(house) if new else ()
    if not team:
        return 0
    for alarm in new:
        names = ("label", "text", "action", "command", "since")
        detail = canonical({name: getattr(alarm, name) for name in names})
        letters = [
            NewLetter(event=alarm.event, subscriber=person, kind=LETTER, detail=detail, urgent=True)
            for person in team
        ]
        house.store.tell_once(topic, alarm.event, house.now(), letters)
    return len(new)


def _of_source(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    for kind in (_canary, _translation, _fault, _absent, _gone, _unsigned, _unmapped):
        yield from kind(house, topic, source)


def _alarm(
    source: Source, kind: Kind, text: str, since: str, action: str, command: str = "", newest: str = ""
) -> Alarm:
    """`newest`: what tells its latest part from those before, where that is not `since`."""
    event = f"alarm-{digest(canonical([source.id, kind, newest or since]))[:24]}"
    return Alarm(source.id, kind, text, since, action, command, source.label, event, kind != "unmapped")


def _canary(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    census = house.store.last_census(topic, source.id, source.query_digest)
    if census is None or not census.details.canaries_missing:
        return
    evidence = evidence_of(house, topic)
    missing = sorted(canaries(evidence, source) & set(census.details.canaries_missing))
    if not missing:
        return
    before = house.store.searches_of(topic, source.id, source.query_digest, "census")
    since = [_since(before, _misses(name)) for name in missing]
    losing = " ".join(f"--losing {name}" for name in missing[:NAMED])
    yield _alarm(
        source,
        "canary",
        f"the full search of {day(census.at[:10])} does not list {_named(evidence, source, missing)},"
        " which every full search must list",
        min(since),
        "Look the entry up at the source. Where the search lost it, mend the query, or accept the loss",
        f"{_sign(topic, source)} {losing}",
        max(since),
    )


def _translation(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    signed = signed_strategy(house.store.state(topic), source)
    first = house.store.first_reading(topic, source.id, source.query_digest)
    if first is None:
        return
    agreed = (signed[1].translation if signed else "") or first.details.translation
    begun = signed[0].at if signed else ""
    runs = house.store.searches_of(topic, source.id, source.query_digest)
    told = [run for run in runs if run.details.translation and run.at >= begun]
    if not told or told[0].details.translation == agreed:
        return
    yield _alarm(
        source,
        "translation",
        f"the source reads the query otherwise than it did: {told[0].details.translation}",
        _since(told, lambda run: run.details.translation != agreed),
        f"Before, it was read as: {agreed}. Compare the two, and mend the query or accept this reading",
        _sign(topic, source),
    )


def _fault(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    first, [*last] = house.store.first_failure(topic, source.id), house.store.runs(topic, source.id, 1)
    if first is None or not last:
        return
    match last[0].details.fault:
        case "refused":
            action = "Look the search up at the source. Where so many entries did go, sign what it finds now"
            text = f"a search was refused: {last[0].error}"
            yield _alarm(source, "refused", text, first.at, action, _sign(topic, source))
        case "changed":
            action = "Nothing is lost; it is asked again. Look at what it answers, and mend query or program"
            text = f"the source answers otherwise than it should: {last[0].error}"
            yield _alarm(source, "stopped", text, first.at, action)
        case _:  # a source that is down is tried again, and goes stale where that lasts
            return


def _absent(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    now, missing = house.now(), house.store.absent(topic, source.id)
    overdue = [item for item in missing if later(item.first_missed_at, A_WEEK) <= now]
    if not overdue:
        return
    evidence = evidence_of(house, topic)
    gone = away(evidence.state)
    late = {item.id: item.first_missed_at for item in overdue if f"{source.id}:{item.id}" not in gone}
    if late:
        yield _alarm(
            source,
            "absent",
            f"{_named(evidence, source, sorted(late))} {'was' if len(late) == 1 else 'were'} listed and not"
            " received for more than a week",
            min(late.values()),
            "It is asked for in every search. Look the entry up at the source",
            newest=max(late.values()),
        )


def _gone(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    missing = away(house.store.state(topic))
    if not any(key.startswith(f"{source.id}:") for key in missing):
        return
    evidence = evidence_of(house, topic)
    included = set(evidence.included)
    for key, seen in sorted(missing.items()):
        study = evidence.studies.key_of.get(key, key)
        if seen.state == "gone" and study in included and key.startswith(f"{source.id}:"):
            yield _alarm(
                source,
                "gone",
                f"the source does not show {key} ({evidence.label(study)}) any more, an entry of an included"
                " study",
                f"{seen.since}T00:00:00Z",
                "What was stored of it stays, and so do its numbers. Find out why it went: whether the study"
                " stays is yours to decide",
                newest=f"{key} {seen.since}",
            )


def _unsigned(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    waiting = waiting_searches(house, topic)
    if any(item.id == source.id for item in waiting):
        yield _alarm(
            source,
            "unsigned",
            "the topic's file holds another query, which nobody has signed; the source is searched as before",
            file_stamp(house, topic),
            "See what it would lose, then sign it or put the file back",
            f"living strategy try {topic} --source {source.id}",
            digest(canonical([item.query for item in waiting if item.id == source.id])),
        )


def _unmapped(house: House, topic: str, source: Source) -> Iterator[Alarm]:
    """Once for the latest run of the last week that met something; searches come by it again and again."""
    week_ago = later(house.now(), -A_WEEK)
    for run in house.store.runs(topic, source.id, LOOKED_AT):
        if run.details.unmapped and run.at >= week_ago:
            most = sorted(run.details.unmapped.items(), key=lambda item: (-item[1], item[0]))
            named = [f"{name} ({times})" for name, times in most[:NAMED]]
            text = f"answers hold what is not read here: {_listed(named, len(most))}"
            action = "Nothing is lost: answers are stored whole. Tell whoever looks after the program"
            yield _alarm(source, "unmapped", text, run.at, action)
            return


def _overdue(house: House, topic: str) -> Iterator[Alarm]:
    """One for all searches by hand: who does one does the others on the same day."""
    late = sorted((item for item in hand_searches(house, topic) if item.overdue), key=lambda item: item.due)
    if not late:
        return
    named = _listed([f"{item.label}, due {day(item.due)}" for item in late[:NAMED]], len(late))
    event = f"alarm-{digest(canonical(['overdue', late[-1].due]))[:24]}"
    yield Alarm(
        "",
        "overdue",
        f"{counted(len(late), 'source was', 'sources were')} not searched in time: {named}",
        f"{late[0].due}T00:00:00Z",
        "Search, and import what each search exports, also where nothing in it is new: on the page Imports of"
        " the workbench, or with",
        f"living import FILE --source {late[0].source} --as LOGIN --day DAY --strategy FILE --topic {topic}",
        "Searches by hand",
        event,
    )


def _misses(name: str) -> Callable[[StoredRun], bool]:
    return lambda run: name in run.details.canaries_missing


def _since(newest_first: Iterable[StoredRun], stands: Callable[[StoredRun], bool]) -> str:
    """The instant of the first run of the unbroken row, up to now, in which something stands."""
    since = ""
    for run in newest_first:
        if not stands(run):
            break
        since = run.at
    return since


def _named(evidence: Evidence, source: Source, ids: list[str]) -> str:
    return _listed([_name(evidence, f"{source.id}:{name}") for name in ids[:NAMED]], len(ids))


def _name(evidence: Evidence, key: str) -> str:
    study = evidence.studies.key_of.get(key, "")
    return f"{key} ({evidence.label(study)})" if study in evidence.standing else key


def _listed(named: list[str], all_of_them: int) -> str:
    more = all_of_them - len(named)
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def _sign(topic: str, source: Source) -> str:
    return f"living strategy sign {topic} --source {source.id} --as EDITOR --reason WHY"
