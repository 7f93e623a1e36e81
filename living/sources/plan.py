"""What a poll of each registry would ask: the requests that `fetch` makes, in their order, none sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from living.sources import ctgov, europepmc, isrctn, pubmed
from living.sources.ctgov_json import NCT
from living.sources.europepmc_json import PPR
from living.sources.pubmed_xml import PMID
from living.sources.run import Ask

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Planned:
    """Requests of one kind. `times`: the fewest of them; `each`: so many entries bring one more.

    `start` and `end`: the days asked about, both included. `alone`: where its answer is what it was in the
    last complete search, nothing else is asked.
    """

    to: str
    what: str
    times: int
    start: date | None = None
    end: date | None = None
    each: int = 0
    alone: bool = False


def planned(ask: Ask, found: int) -> tuple[Planned, ...]:
    """Return what a poll would ask; `found`: how many entries the last full search of the query listed."""
    return PLANS[ask.source.kind](ask, found)


def _pubmed(ask: Ask, found: int) -> tuple[Planned, ...]:
    whole = ask.census or ask.since is None
    parts = _parts(found, pubmed.CEILING)
    first = (
        Planned("esearch", "all entries that the question finds", 1)
        if whole
        else Planned("esearch", "the question by itself, to see how it is read", 1)
    )
    by_day = Planned("esearch", "all of them by day of entry, in parts that can be listed", parts)
    windows = tuple(
        Planned("esearch", f"those {word}", 1, *_days(ask)) for word in ("entered", "changed") if ask.since
    )
    due = sum(bool(PMID.match(name)) for name in ask.refetch | ask.look)
    read = _read("efetch", due, pubmed.BATCH)
    return (first, *((by_day,) if whole and parts > 1 else ()), *windows, read, *_looks(ask, "efetch"))


def _ctgov(ask: Ask, found: int) -> tuple[Planned, ...]:
    alone = bool(ask.read) and not (ask.refetch or ask.look)
    pages = _parts(found, ctgov.PAGE_SIZE)
    window = (
        Planned("studies", "as a check of that list, those updated", 1, _days(ask)[0]) if ask.since else None
    )
    due = sum(bool(NCT.match(name)) for name in ask.refetch | ask.look)
    return (
        Planned("version", "the date of the data", 1, alone=alone),
        Planned("studies", "all entries that the question finds, with their dates", pages),
        *((window,) if window else ()),
        _read("studies", due, ctgov.BATCH),
        *_looks(ask, "studies/ID"),
        Planned("version", "the date of the data again: a refresh on the way would spoil the list", 1),
    )


def _europepmc(ask: Ask, found: int) -> tuple[Planned, ...]:
    pages = _parts(found, europepmc.PAGE_SIZE)
    window = Planned("search", "entries created or updated", 1, *_days(ask)) if ask.since else None
    due = sum(bool(PPR.match(name)) for name in ask.refetch | ask.look)
    return (
        Planned("search", "all entries that the question finds", pages),
        *((window,) if window else ()),
        _read("search", due, europepmc.BATCH),
        *_looks(ask, "search"),
    )


def _isrctn(ask: Ask, found: int) -> tuple[Planned, ...]:
    """Its listing is all there is to read, so entries are read again without being asked for one by one."""
    pages = _parts(found, isrctn.LIMIT)
    return (
        Planned("query", "all entries that the question finds, whole", pages if pages == 1 else pages + 1),
        Planned("query", "entries due that the list lacks, by number", 0, each=isrctn.BATCH),
        *_looks(ask, "query"),
    )


PLANS: Mapping[str, Callable[[Ask, int], tuple[Planned, ...]]] = {
    "pubmed": _pubmed,
    "ctgov": _ctgov,
    "europepmc": _europepmc,
    "isrctn": _isrctn,
}


def _days(ask: Ask) -> tuple[date, date]:
    """The days of a window: from the last complete search less the overlap, to tomorrow."""
    since = ask.since or ask.today
    return since - timedelta(days=ask.source.overlap_days), ask.today + A_DAY


def _read(to: str, due: int, batch: int) -> Planned:
    """The entries that are read whole: those due whatever their dates, and what turns out to be new."""
    again = f"{due} {'entry' if due == 1 else 'entries'} read again, and " if due else ""
    return Planned(to, f"{again}whatever is new or changed", -(-due // batch), each=batch)


def _looks(ask: Ask, to: str) -> tuple[Planned, ...]:
    if not ask.look:
        return ()
    return (
        Planned(to, f"a direct look for each of {len(ask.look)} that were missed before, if missed now", 0),
    )


def _parts(found: int, size: int) -> int:
    return max(1, -(-found // size))
