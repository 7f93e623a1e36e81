"""What a poll of each registry is said to ask is what it asks, against the stand-ins of all of them."""

from collections.abc import Iterator
from datetime import date

import pytest

from living.sources.plan import Planned, planned
from living.sources.registry import REGISTRIES
from living.sources.run import Ask, Run
from tests.flow.test_sources_ctgov import HELD as STUDIES
from tests.flow.test_sources_europepmc import HELD as PREPRINTS
from tests.flow.test_sources_isrctn import HELD as TRIALS
from tests.flow.test_sources_pubmed import HELD as ARTICLES
from tests.standin import Standin
from tests.standin.poller import IN_NO_HURRY, Poller, source

FIRST, LATER = date(2026, 2, 3), date(2026, 3, 20)  # by the later day nothing has moved for weeks
KNOWN_TO_CTGOV = {
    "NCT09990001": "2026-01-05|RECRUITING|False",
    "NCT09990002": "2026-01-20|COMPLETED|False",
    "NCT09990003": "2026-01-28|RECRUITING|False",
}


@pytest.fixture
def poller() -> Iterator[Poller]:
    rates = dict.fromkeys(("ncbi_per_second", "ctgov_per_second", "others_per_second"), IN_NO_HURRY)
    with Standin(ARTICLES + STUDIES, FIRST, preprints=PREPRINTS, trials=TRIALS, **rates) as standin:
        with Poller(standin) as started:
            yield started
        assert not standin.violations


def fewest(plan: tuple[Planned, ...]) -> int:
    return sum(item.times for item in plan)


def known(poller: Poller, run: Run) -> dict[str, str]:
    return KNOWN_TO_CTGOV if run.source == "ctgov" else dict.fromkeys(poller.records(run), "")


@pytest.mark.parametrize("kind", REGISTRIES)
def test_a_first_search_asks_what_was_told_and_reads_what_is_new(poller: Poller, kind: str) -> None:
    asked = source(kind)
    run = poller.poll(asked, FIRST)
    plan = planned(Ask(asked, FIRST), 0)
    assert poller.records(run)
    reading = sum(1 for item in plan if item.each and not item.times and kind != "isrctn")
    assert fewest(plan) + reading <= run.requests <= fewest(plan) + reading + 1  # once more what did not come


@pytest.mark.parametrize("kind", REGISTRIES)
def test_a_quiet_search_asks_exactly_what_was_told(poller: Poller, kind: str) -> None:
    asked = source(kind)
    first = poller.poll(asked, FIRST)
    seen = known(poller, first)
    again = frozenset(sorted(seen)[:2])
    since = date(2026, 3, 18)
    run = poller.poll(asked, LATER, since=since, known=seen, census=True, refetch=again)
    plan = planned(Ask(asked, LATER, since, seen, census=True, refetch=again), len(first.listed))
    assert run.absent == ()
    assert run.requests == fewest(plan)


def test_what_ends_a_search_at_once_is_told(poller: Poller) -> None:
    asked = source("ctgov")
    first = poller.poll(asked, FIRST)
    stamp = first.data_timestamp
    run = poller.poll(asked, FIRST, since=FIRST, known=KNOWN_TO_CTGOV, read=stamp)
    plan = planned(Ask(asked, FIRST, FIRST, KNOWN_TO_CTGOV, read=stamp), 3)
    assert [item.alone for item in plan].index(True) == 0
    assert (run.fresh, run.requests) == (False, plan[0].times)


@pytest.mark.parametrize(
    ("kind", "found", "times"),
    [
        ("pubmed", 9_999, 1),
        ("pubmed", 10_000, 3),
        ("ctgov", 1_001, 2),
        ("europepmc", 2_500, 3),
        ("isrctn", 501, 3),
    ],
)
def test_a_large_topic_takes_more_requests_to_list(kind: str, found: int, times: int) -> None:
    plan = planned(Ask(source(kind), FIRST), found)
    listing = [item for item in plan if not item.each and item.to != "version"]
    assert fewest(tuple(listing)) == times
