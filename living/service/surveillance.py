"""How the sources of a topic are watched: what was searched when, what came, what is missing, what failed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from living.model.protocol import Protocol, Source
from living.model.state import ReviewState
from living.publish import surveillance as shown
from living.publish.numerals import instant
from living.publish.pages import SourcePulse
from living.publish.write import publish_page
from living.review.catalogue import URLS
from living.review.notices import retirement_of
from living.review.overdue import overdue_results
from living.review.sightings import sightings
from living.review.timeliness import Timeliness
from living.service.alarms import alarms
from living.service.house import House
from living.service.importing import hand_searches
from living.service.poll import polled_sources
from living.service.pulse import source_pulses
from living.service.topics import active, evidence_of
from living.sources.run import query_digest
from living.store import Cursor
from living.store.runs import Absent, StoredRun

RUNS_SHOWN = 30
KINDS: dict[str, shown.Kind] = {"census": "full", "window": "window", "check": "check"}
# What the sources call the dates of an entry, in readers' words; another word is shown as it is.
DATES = {"crdt": "entered", "mdat": "changed", "LastUpdatePostDate": "updated"}
EVERYTHING = "everything"
UNCHANGED = re.compile(r"dataTimestamp (?P<stamp>\S+) unchanged")
_WINDOW = re.compile(r"(?P<tag>.+) (?P<start>\d{4}-\d{2}-\d{2})\.\.(?P<end>\d{4}-\d{2}-\d{2})?")


def surveillance(house: House, topic: str) -> shown.SurveillanceOut:
    """Return how the sources of a topic are watched. Raises UserError for an unknown topic."""
    state, protocol = active(house, topic)
    head, retired = protocol.topic, _retired(state)
    sources = _sources(house, state, protocol)
    by_hand = () if retired else _by_hand(house, topic)
    attempts = [_cursor(house, topic, source.id).last_attempt_at for source in polled_sources(protocol)]
    return shown.SurveillanceOut(
        topic=topic,
        title=head.title,
        public_note=head.public_note,
        replay=house.replay,
        said=shown.in_few_words(sources, by_hand, retired),
        retired=retired or None,
        last_attempt=max((at for at in attempts if at), default=None),
        sources=sources,
        by_hand=by_hand,
        overdue=_overdue(house, topic),
        runs=_latest(house, topic, protocol),
    )


def present_surveillance(house: House, topic: str, timely: Timeliness) -> None:
    """Put the page and its JSON on the site again, where they differ from what is there."""
    found = surveillance(house, topic)
    written = {
        shown.PAGE: shown.render_surveillance(found, timely),
        shown.RUNS: shown.runs_json(found),
    }
    for name, content in written.items():
        place = house.settings.site / topic / name
        if not place.is_file() or place.read_bytes() != content:
            publish_page(house.settings.site, f"{topic}/{name}", content, house.failpoint)


def run_of(source: Source, stored: StoredRun) -> shown.RunOut:
    """Return one stored run as it is shown; what an older program did not record is None."""
    details, failed = stored.details, stored.outcome == "failed"
    known = bool(details.query_digest)
    return shown.RunOut(
        source=source.id,
        label=source.label,
        at=stored.at,
        outcome=stored.outcome,
        kind=KINDS[stored.mode],
        windows=windows_in(stored.window),
        listed=stored.listed,
        skipped=stored.skipped,
        fetched=stored.fetched,
        absent=stored.absent,
        new=stored.appended,
        unchanged=stored.unchanged,
        found=details.found if known and not failed else None,
        requests=details.requests if known else None,
        pages=details.pages if known else None,
        error=stored.error or None,
    )


def windows_in(text: str) -> tuple[shown.WindowOut, ...]:
    """Return the windows of a run in readers' words; kinds of dates with the same days stand together."""
    found: dict[tuple[str, str], list[str]] = {}
    for part in filter(None, text.split("; ")):
        window = _WINDOW.fullmatch(part)
        days = (window["start"], window["end"] or "") if window else ("", "")
        found.setdefault(days, []).append(DATES.get(window["tag"], window["tag"]) if window else _whole(part))
    return tuple(
        shown.WindowOut(what=" or ".join(what), start=start, end=end) for (start, end), what in found.items()
    )


def _whole(part: str) -> str:
    """A part of a search that has no days: all there is, or nothing because the data had not moved."""
    if unchanged := UNCHANGED.fullmatch(part):
        return f"its data were still those of {instant(unchanged['stamp'].removesuffix('Z') + 'Z')}"
    return part.replace("census", EVERYTHING, 1) if part.startswith("census") else part


def _sources(house: House, state: ReviewState, protocol: Protocol) -> tuple[shown.SourceOut, ...]:
    pulses = {item.id: item for item in source_pulses(house, state.topic, protocol)}
    sighted = _sightings(state)
    return tuple(
        _source(house, state.topic, source, pulses[source.id], sighted.get(source.id, ()))
        for source in polled_sources(protocol)
    )


def _alarms(house: House, topic: str, source: Source) -> tuple[shown.AlarmOut, ...]:
    """Those that readers are told; the others are for whoever looks after the service."""
    return tuple(
        shown.AlarmOut(kind=alarm.kind, text=alarm.text, since=alarm.since)
        for alarm in alarms(house, topic)
        if alarm.source == source.id and alarm.public
    )


def _source(
    house: House, topic: str, source: Source, pulse: SourcePulse, sighted: Iterable[shown.SightingOut]
) -> shown.SourceOut:
    cursor, store = _cursor(house, topic, source.id), house.store
    last, full = store.last_complete(topic, source.id), store.last_complete(topic, source.id, "census")
    return shown.SourceOut(
        id=source.id,
        label=source.label,
        query=source.query,
        reading=cursor.translation,
        every_hours=source.every_hours,
        state=pulse.state,
        changed=last is not None and cursor.query_digest != query_digest(source),
        alarms=_alarms(house, topic, source),
        last=run_of(source, last) if last else None,
        last_full=run_of(source, full) if full else None,
        next_due=cursor.next_due_at,
        failure=_failure(house, topic, source, cursor),
        open=tuple(_open(source, absent) for absent in store.absent(topic, source.id)),
        sightings=tuple(sighted),
    )


def _failure(house: House, topic: str, source: Source, cursor: Cursor) -> shown.FailureOut | None:
    first = house.store.first_failure(topic, source.id) if cursor.failures else None
    if first is None:
        return None
    latest = house.store.runs(topic, source.id, 1)[0]
    return shown.FailureOut(
        kind=latest.details.fault or None,
        text=cursor.last_error.removeprefix(f"{source.id}: "),
        since=first.at,
        tries=cursor.failures,
        next_try=cursor.next_due_at,
    )


def _open(source: Source, absent: Absent) -> shown.OpenOut:
    return shown.OpenOut(
        id=absent.id,
        href=_address(f"{source.id}:{absent.id}"),
        first_missed=absent.first_missed_at,
        last_missed=absent.last_missed_at,
        times=absent.times,
    )


def _sightings(state: ReviewState) -> dict[str, list[shown.SightingOut]]:
    """What was last seen of each entry that ever went away, by source."""
    found: dict[str, list[shown.SightingOut]] = {}
    for key, fact in sightings(state).items():
        record = state.records.get(key)
        told = shown.SightingOut(
            record=key,
            title=record.title if record else "",
            href=_address(key),
            state=fact.state,
            since=fact.since,
            current=fact.current,
        )
        found.setdefault(key.partition(":")[0], []).append(told)
    return found


def _by_hand(house: House, topic: str) -> tuple[shown.HandOut, ...]:
    return tuple(
        shown.HandOut(
            id=item.source,
            label=item.label,
            last=item.last or None,
            due=item.due,
            overdue=item.overdue,
            platform=item.platform,
            found=item.found,
            stored=item.stored,
            unchanged=item.unchanged,
            repeated=item.repeated,
            strategy=item.strategy,
        )
        for item in hand_searches(house, topic)
    )


def _overdue(house: House, topic: str) -> tuple[shown.OverdueOut, ...]:
    return tuple(
        shown.OverdueOut(
            study=item.study,
            label=item.label,
            registration=item.registration,
            href=_address(item.registration),
            completed=item.completed,
            due=item.due,
            days=item.days,
            pending=item.pending,
            reported=item.reported,
        )
        for item in overdue_results(evidence_of(house, topic), house.now()[:10])
    )


def _latest(house: House, topic: str, protocol: Protocol) -> tuple[shown.RunOut, ...]:
    """The latest runs of all sources, newest first."""
    found = [
        (stored.id, run_of(source, stored))
        for source in polled_sources(protocol)
        for stored in house.store.runs(topic, source.id, RUNS_SHOWN)
    ]
    return tuple(run for _, run in sorted(found, key=lambda item: item[0], reverse=True)[:RUNS_SHOWN])


def _retired(state: ReviewState) -> str:
    found = retirement_of(state)
    return found[0].at[:10] if found else ""


def _cursor(house: House, topic: str, source: str) -> Cursor:
    return house.store.cursor(topic, source) or Cursor()


def _address(key: str) -> str:
    source, _, name = key.partition(":")
    return URLS[source].format(name) if source in URLS else ""
