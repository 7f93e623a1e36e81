"""How the sources of a review are watched, for readers and for programs: no part of any version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from living.model.values import Count, Text, Value, canonical
from living.publish import words
from living.publish.numerals import counted, day
from living.publish.pages import SourceState, Told
from living.publish.words import opening
from living.review.timeliness import NO_DELAYS, Timeliness

FOLDER = "surveillance"
PAGE, RUNS = f"{FOLDER}/index.html", f"{FOLDER}/runs.json"
TROUBLED = frozenset({"stale", "failed", "never"})
Kind = Literal["full", "window", "check"]


class WindowOut(Value):
    """One part of a search: entries with a date of these kinds from `start` to `end`, or all (no dates)."""

    what: Text
    start: str
    end: str


class RunOut(Value):
    """One search of one source, and what became of every id that it listed or had to ask for.

    listed = skipped (known here and unchanged there) + fetched + absent; fetched = new (or changed) +
    unchanged. `found`: ids its own search listed; the others are earlier absences asked for again. None: a
    run from before this was recorded. A failed run has its `error` and counts nothing.
    """

    source: Text
    label: Text
    at: Text
    outcome: Literal["complete", "failed"]
    kind: Kind
    windows: tuple[WindowOut, ...]
    listed: Count
    skipped: Count
    fetched: Count
    absent: Count
    new: Count
    unchanged: Count
    found: Count | None
    requests: Count | None
    pages: Count | None
    error: str | None


class FailureOut(Value):
    """Why a source is not searched: the last attempt in words, the first one that failed, how many did.

    `kind`: the source was down, or it answers otherwise than it should (changed), or so much was missing that
    its answer was refused; None: not recorded.
    """

    kind: Literal["down", "changed", "refused"] | None
    text: Text
    since: Text
    tries: Count
    next_try: str | None


class OpenOut(Value):
    """An entry that was asked for and did not come: listed by its source, or known here from elsewhere.

    It is asked for in every search until it comes or is proven to be gone.
    """

    id: Text
    href: str
    first_missed: Text
    last_missed: Text
    times: Count


class SightingOut(Value):
    """An entry stored here that its source shows no more, shows again, or shows under another id."""

    record: Text
    title: str
    href: str
    state: Literal["gone", "returned", "aliased"]
    since: Text
    current: str | None


class AlarmOut(Value):
    """What a person must look into: a search does not list, read or receive what it should."""

    kind: Text
    text: Text
    since: Text


class SourceOut(Value):
    """One source that is searched by machine. `reading`: how it says it understood the query, where it does.

    `changed`: the query is another one than the last complete run asked, so the next search is a full one.
    """

    id: Text
    label: Text
    query: str
    reading: str
    every_hours: Count
    state: SourceState
    changed: bool
    alarms: tuple[AlarmOut, ...]
    last: RunOut | None
    last_full: RunOut | None
    next_due: str | None
    failure: FailureOut | None
    open: tuple[OpenOut, ...]
    sightings: tuple[SightingOut, ...]


class HandOut(Value):
    """A source that people search and hand in: the day of the last search, of the next, and the last file.

    found = stored + unchanged + repeated. `last` None: never searched. `strategy`: the whole, as it was run.
    """

    id: Text
    label: Text
    last: str | None
    due: Text
    overdue: bool
    platform: str
    found: Count
    stored: Count
    unchanged: Count
    repeated: Count
    strategy: str = ""


class OverdueOut(Value):
    """A registration that should show results and shows none, `days` after the day they were `due`.

    `reported`: the study has a report elsewhere; `pending`: results were handed in and are not posted yet.
    """

    study: Text
    label: Text
    registration: Text
    href: str
    completed: Text
    due: Text
    days: Count
    pending: bool
    reported: bool


class SurveillanceOut(Value):
    """How all sources of a review are watched. `last_attempt`: the latest at any source, complete or not."""

    schema_id: Literal["living-runs/1"] = "living-runs/1"
    topic: Text
    title: Text
    public_note: str
    replay: bool
    said: Text
    retired: str | None
    last_attempt: str | None
    sources: tuple[SourceOut, ...]
    by_hand: tuple[HandOut, ...]
    overdue: tuple[OverdueOut, ...]
    runs: tuple[RunOut, ...]

    @property
    def open(self) -> int:
        return sum(len(source.open) for source in self.sources)

    @property
    def sightings(self) -> tuple[SightingOut, ...]:
        return tuple(one for source in self.sources for one in source.sightings)


def in_few_words(sources: Sequence[SourceOut], by_hand: Sequence[HandOut] = (), retired: str = "") -> str:
    """Return whether everything was searched, what is missing and what is overdue, in plain words."""
    if retired:
        return f"This review has ended: since {day(retired)} its sources are not searched any more."
    late = sum(one.overdue for one in by_hand)
    hand = f"{counted(late, 'source', 'sources')} searched by hand {'is' if late == 1 else 'are'} overdue."
    raised = sum(len(source.alarms) for source in sources)
    look = f"{counted(raised, 'thing has', 'things have')} to be looked into."
    said = [_searched(sources), *([opening(look)] if raised else ()), *([opening(hand)] if late else ())]
    return " ".join(said)


def runs_json(found: SurveillanceOut) -> bytes:
    """Return what the page shows for programs, as canonical JSON."""
    return canonical(found).encode()


def render_surveillance(found: SurveillanceOut, timely: Timeliness = NO_DELAYS) -> bytes:
    """Return the page about the sources of one review."""
    told = Told(found.public_note, found.replay)
    return words.render("surveillance.html", v=found, timely=timely, told=told)


def _searched(sources: Sequence[SourceOut]) -> str:
    if not sources:
        return "No source of this review is searched by machine."
    if all(source.state == "never" for source in sources):
        return "Nothing has been searched yet: the first search lists everything."
    troubled = [source for source in sources if source.state in TROUBLED]
    told = _troubled(sources, troubled) if troubled else _all_well(sources)
    return f"{told}; {_open(sum(len(source.open) for source in sources))}."


def _all_well(sources: Sequence[SourceOut]) -> str:
    days = sorted({source.last.at[:10] for source in sources if source.last})
    when = f"on {day(days[0])}" if len(days) == 1 else f"between {day(days[0])} and {day(days[-1])}"
    if len(sources) == 1:
        return f"{sources[0].label} was searched completely {when}"
    return f"All {counted(len(sources), 'source', 'sources')} were last searched completely {when}"


def _troubled(sources: Sequence[SourceOut], troubled: Sequence[SourceOut]) -> str:
    named = ", ".join(f"{source.label} ({_last(source)})" for source in troubled)
    if len(troubled) == len(sources):
        return f"No source is searched as it should be: {named}"
    of_all = f"{len(troubled)} of {len(sources)} sources"
    return f"{of_all} {'is' if len(troubled) == 1 else 'are'} not searched as planned: {named}"


def _last(source: SourceOut) -> str:
    return f"last searched completely on {day(source.last.at[:10])}" if source.last else "never yet"


def _open(number: int) -> str:
    if not number:
        return "every entry that was asked for has come"
    return f"{counted(number, 'entry was', 'entries were')} asked for and {_has(number)} not come yet"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"
