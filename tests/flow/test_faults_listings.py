"""F14: listings that contradict themselves, pages that shift, tokens that expire, more than can be listed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import toy_article, toy_records
from tests.flow.disturbed import FIRST, STEPS, Pair, pair_at, registered, working_day, world
from tests.standin import RecordSet, faults, from_ctgov, from_pubmed_xml
from tests.standin.synthetic import article_set

LISTS = [(kind, step) for kind, steps in STEPS.items() for step in steps if step not in ("fetch", "version")]
CONTRADICTIONS = {
    "one more counted": faults.miscounted(1),
    "one less counted": faults.miscounted(-1),
    "one listed twice": faults.duplicate_ids(),
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair_at(tmp_path_factory.mktemp("homes")) as pair:
        yield pair


@pytest.mark.parametrize("name", list(CONTRADICTIONS))
@pytest.mark.parametrize(
    ("kind", "step"), [("pubmed", "topic"), ("pubmed", "crdt"), ("pubmed", "mdat"), ("ctgov", "listing")]
)
def test_a_listing_that_contradicts_its_own_count_is_believed_in_nothing(
    pair: Pair, kind: str, step: str, name: str
) -> None:
    pair.next_day()
    pair.disturb(kind, step, CONTRADICTIONS[name])
    assert "counts" in pair.fails(kind).error
    assert pair.heals(kind).stored >= 2


def test_a_window_that_contradicts_the_listing_is_believed_in_nothing(pair: Pair) -> None:
    pair.next_day()
    empty = faults.says(b'{"studies":[],"totalCount":0}', content_type="application/json")
    for after in (1, 2):  # the poll discards a first contradiction and begins again
        pair.disturbed.standin.fault(empty, path="studies", after=after)
    assert "disagree" in pair.fails("ctgov").error
    assert pair.heals("ctgov").stored >= 2


# --- pages that shift ---------------------------------------------------------------------------------------


REQUESTS = 9  # of the poll below: the version twice, five pages of the listing, the window, the records


def shifting() -> RecordSet:
    """Ten studies more, so that a page of three is one of several; a later refresh brings one before them."""
    early = [registered(500 + n, first_posted="2026-01-05", updated="2026-01-05") for n in range(10)]
    first = registered(600, first_posted="2026-02-04", updated="2026-02-04")
    appears = working_day(2) - timedelta(hours=16)
    return world(10) + from_ctgov(early, FIRST - timedelta(days=3)) + from_ctgov([first], appears)


@pytest.mark.parametrize(
    "after", [pytest.param(n, marks=[] if n in (1, 3, 5) else [pytest.mark.soak]) for n in range(REQUESTS)]
)
def test_data_refreshed_between_any_two_pages_are_read_again_and_none_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, after: int
) -> None:
    monkeypatch.setattr("living.sources.ctgov.PAGE_SIZE", 3)
    monkeypatch.setattr("living.sources.ctgov.BATCH", 3)
    with pair_at(tmp_path, shifting) as pair:
        pair.next_day()
        pair.next_day()
        pair.disturbed.standin.now = working_day(2) - timedelta(hours=3)  # before that day's refresh
        refresh = faults.moved_on(working_day(2))
        pair.disturbed.standin.fault(refresh, path="/api/v2/", after=after)
        disturbed, calm = pair.disturbed.poll("ctgov"), pair.calm.poll("ctgov")
        assert disturbed.ok, disturbed.error
        assert calm.ok, calm.error
        assert pair.disturbed.standin.now == working_day(2)
        assert disturbed.requests > calm.requests or not after
        hashes = [home.hashes("ctgov") for home in (pair.disturbed, pair.calm)]
        assert hashes[0] == hashes[1]
        assert "NCT99100600" in hashes[0]
        pair.disturbed.quiet()


def test_a_token_that_expires_ends_the_run_and_the_next_begins_at_the_first_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("living.sources.ctgov.PAGE_SIZE", 3)
    with pair_at(tmp_path, shifting) as pair:
        pair.next_day()
        pair.disturbed.standin.fault(faults.expired_token(), None, path="studies", after=2)
        assert "pageToken" in pair.fails("ctgov").error
        assert pair.heals("ctgov").stored >= 2


# --- more than can be listed --------------------------------------------------------------------------------


def crowded(count: int, a_day: int) -> RecordSet:
    """So many articles of the topic, a number on each day."""
    days = [working_day(-1) - timedelta(days=n // a_day) for n in range(count)]
    found = [toy_article(2_000 + n, f"NO {n}", day=f"{day:%Y-%m-%d}") for n, day in enumerate(days)]
    return toy_records() + from_pubmed_xml(article_set(*found), FIRST - timedelta(days=2))


def test_a_topic_above_the_ceiling_is_listed_by_day_of_entry_and_none_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for place in ("living.sources.pubmed.CEILING", "tests.standin.eutils.CEILING"):
        monkeypatch.setattr(place, 60)
    with pair_at(tmp_path, lambda: crowded(150, 25)) as pair:
        assert len(pair.calm.hashes("pubmed")) == 154
        pair.later(days=1)  # and 150 count as modified on the one day they appeared
        pair.disturb("pubmed", "topic", faults.miscounted(), times=None)
        pair.fails("pubmed")
        pair.heals("pubmed")


@pytest.mark.soak
def test_more_than_ten_thousand_hits_are_listed_in_full(tmp_path: Path) -> None:
    with pair_at(tmp_path, lambda: crowded(10_050, 300)) as pair:
        assert len(pair.calm.hashes("pubmed")) == 10_054
        pair.same("pubmed")
