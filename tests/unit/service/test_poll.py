"""What a poll asks, when it is tried again, and which answer it does not believe."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from living.errors import SourceChanged, SourceDown
from living.model.protocol import Source
from living.service.poll import _refuse_great_loss, _retry_at, due, poll, polled_sources, question
from living.service.topics import active
from living.sources.run import Ask, Run, query_digest
from living.store import Cursor
from living.store.runs import Run as RunRow
from tests.fakes import TOY, Home, articles, home_at, toy_article, toy_records
from tests.standin.poller import source

AT = "2026-02-02T06:00:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", toy_records(articles(toy_article(7, "ETA")))) as home:
        yield home


def pubmed(home: Home) -> Source:
    return polled_sources(active(home.house, "toy")[1])[0]


def asked(home: Home) -> Ask:
    return question(home.house, "toy", pubmed(home), home.house.store.cursor("toy", "pubmed") or Cursor())


# --- the question -------------------------------------------------------------------------------------------


def test_the_first_poll_asks_for_everything_and_knows_no_seeded_id(home: Home) -> None:
    ask = asked(home)
    assert (ask.since, ask.census, dict(ask.known)) == (None, True, {})


def test_the_same_day_it_asks_a_window_and_the_next_day_a_census_too(home: Home) -> None:
    home.poll()
    home.forward(hours=3)
    ask = asked(home)
    assert (ask.since, ask.census, ask.refetch) == (date(2026, 2, 2), False, frozenset())
    assert set(ask.known) == {"90000001", "90000002", "90000003", "90000004", "90000007"}
    home.forward(days=1)
    assert (asked(home).since, asked(home).census) == (date(2026, 2, 2), True)


def test_included_studies_are_read_again_once_a_week_and_excluded_ones_are_not(home: Home) -> None:
    home.poll()
    home.forward(days=6)  # Sunday
    assert asked(home).refetch == frozenset()
    home.forward(days=1)
    assert asked(home).refetch == {"90000001", "90000002", "90000003"}


def test_a_changed_query_asks_for_everything_again_and_is_due_at_once(home: Home) -> None:
    home.poll()
    changed = pubmed(home).model_copy(update={"query": '"another remedy"[tiab]', "clauses": ()})
    ask = question(home.house, "toy", changed, home.house.store.cursor("toy", "pubmed") or Cursor())
    assert (ask.since, ask.census) == (None, True)


def test_a_source_is_due_when_it_was_never_searched_and_not_right_after(home: Home) -> None:
    protocol = active(home.house, "toy")[1]
    assert [item.id for item in due(home.house, "toy", protocol)] == ["pubmed", "ctgov"]
    home.poll()
    assert [item.id for item in due(home.house, "toy", protocol)] == ["ctgov"]
    home.forward(hours=24)
    assert [item.id for item in due(home.house, "toy", protocol)] == ["pubmed", "ctgov"]


def test_a_source_that_failed_is_due_after_its_pause_and_not_before(home: Home) -> None:
    protocol = active(home.house, "toy")[1]
    home.standin.unknown_phrases.add("invented remedy")
    assert not home.poll().ok
    assert "pubmed" not in [item.id for item in due(home.house, "toy", protocol)]
    home.forward(minutes=5)
    assert "pubmed" in [item.id for item in due(home.house, "toy", protocol)]


# --- trying again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "retry_after", "then"),
    [
        (0, None, "2026-02-02T06:05:00Z"),
        (1, None, "2026-02-02T06:10:00Z"),
        (3, None, "2026-02-02T06:40:00Z"),
        (50, None, "2026-02-03T06:00:00Z"),
        (0, 30.0, "2026-02-02T06:05:00Z"),
        (0, 3600.0, "2026-02-02T07:00:00Z"),
        (0, 999_999_999.0, "2026-02-03T06:00:00Z"),
        (0, 1e300, "2026-02-03T06:00:00Z"),
    ],
)
def test_the_pause_grows_with_failures_and_never_beyond_the_source_s_own_rhythm(
    failures: int, retry_after: float | None, then: str
) -> None:
    fault = SourceDown("pubmed", "busy", retry_after=retry_after)
    assert _retry_at(AT, source("pubmed"), Cursor(failures=failures), fault) == then


# --- what is not believed -----------------------------------------------------------------------------------


def census(home: Home, listed: int, *, query: str = "") -> None:
    """Offer a census of so many ids; store its run when it is believed."""
    asked_of = source("pubmed", query or "naltrexone")
    ids = tuple(str(number) for number in range(1, listed + 1))
    run = Run("pubmed", ids, (), (), (), (), {}, "", "", 2, query_digest(asked_of))
    ask = Ask(asked_of, date(2026, 2, 2), census=True)
    _refuse_great_loss(home.house, "toy", asked_of, ask, run)
    notes = f"2 requests; {listed} found by query {run.query_digest[:12]}"
    row = RunRow(mode="census", listed=listed, skipped=listed, notes=notes)
    home.house.store.complete_run("toy", "pubmed", AT, [], Cursor(), row)


def test_a_census_that_misses_more_than_a_twentieth_of_the_last_one_is_refused(home: Home) -> None:
    census(home, 1000)
    census(home, 950)
    with pytest.raises(SourceChanged, match="finds 902 entries, the last one found 950; refused"):
        census(home, 902)


def test_in_a_small_topic_a_few_withdrawn_entries_are_believed_and_losing_all_is_not(home: Home) -> None:
    census(home, 10)
    census(home, 6)
    with pytest.raises(SourceChanged):
        census(home, 1)
    census(home, 3)
    with pytest.raises(SourceChanged):
        census(home, 0)


def test_a_narrower_query_may_find_less_and_is_held_to_its_own_number_from_then_on(home: Home) -> None:
    census(home, 1000)
    census(home, 100, query="naltrexone pain")
    census(home, 99, query="naltrexone pain")
    with pytest.raises(SourceChanged):
        census(home, 50, query="naltrexone pain")


def test_a_changed_protocol_narrows_a_real_search_without_stopping_it(tmp_path: Path) -> None:
    """From many articles to the few of another query, through the stand-in."""
    many = articles(*(toy_article(number, f"number {number}") for number in range(10, 60)))
    with home_at(tmp_path / "home", toy_records(many)) as home:
        assert home.poll().listed == 54
        narrower = pubmed(home).model_copy(update={"query": '"invented alpha"[tiab]', "clauses": ()})
        home.forward(days=1)
        polled = poll(home.house, "toy", narrower)
        assert polled.ok, polled.error
        home.forward(days=1)
        assert poll(home.house, "toy", narrower).ok
        home.quiet()


def test_an_entry_that_came_and_cannot_be_read_fails_the_run(tmp_path: Path) -> None:
    """The batch holds its id, and the record in it is not one that the parser gives back."""
    from living.service import poll as room

    with home_at(tmp_path / "home") as home:
        run_of = home.poll()
        assert run_of.ok
        payload = home.house.store.payloads()[0]
        from living.sources.run import Page

        run = Run("pubmed", ("1",), ("1",), (), (Page(_efetch(home), ("1",)),), (), {}, "", "", 1, "q")
        with pytest.raises(SourceChanged, match="1 entries came and could not be read"):
            list(room._changed(home.house, "toy", pubmed(home), run))
        assert payload


def _efetch(home: Home) -> str:
    return next(
        sha for sha in home.house.store.payloads() if b"<PubmedArticleSet" in home.house.store.payload(sha)
    )


def test_the_topic_of_these_tests_is_the_invented_one() -> None:
    assert TOY.name == "toy"
