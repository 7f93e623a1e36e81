"""What a poll asks, when it is tried again, and which answer it does not believe."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from living.errors import NotVerified, SourceChanged, SourceDown
from living.model.protocol import Source
from living.service.asking import question
from living.service.intake import Intake
from living.service.poll import _retry_at, due, poll, polled_sources
from living.service.topics import active, evidence_of
from living.sources.run import Ask, GreatLoss, Page, Run, refuse_loss
from living.store import Cursor
from tests.fakes import TOY, Home, articles, home_at, toy_article, toy_records
from tests.standin.faults import html
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
    home.standin.fault(html(503), times=None)
    assert not home.poll().ok
    assert "pubmed" not in [item.id for item in due(home.house, "toy", protocol)]
    home.forward(minutes=5)
    assert "pubmed" in [item.id for item in due(home.house, "toy", protocol)]


def test_what_a_registry_refuses_for_good_is_left_alone_for_hours(home: Home) -> None:
    protocol = active(home.house, "toy")[1]
    home.standin.unknown_phrases.add("invented remedy")
    assert not home.poll().ok
    home.forward(hours=5, minutes=59)
    assert "pubmed" not in [item.id for item in due(home.house, "toy", protocol)]
    home.forward(minutes=1)
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


def census(found: int, before: int, *, list_only: bool = False) -> None:
    """Offer a full search of so many ids after one of so many."""
    refuse_loss(
        Ask(source("pubmed"), date(2026, 2, 2), census=True, before=before, list_only=list_only), found
    )


@pytest.mark.parametrize(
    ("found", "before"), [(10, 0), (0, 0), (950, 1000), (1200, 1000), (6, 10), (1, 4)], ids=str
)
def test_a_full_search_that_misses_a_few_of_the_last_one_is_believed(found: int, before: int) -> None:
    census(found, before)


@pytest.mark.parametrize(("found", "before"), [(902, 950), (949, 1000), (1, 6), (0, 3), (0, 1)], ids=str)
def test_one_that_misses_more_than_a_twentieth_or_all_is_refused(found: int, before: int) -> None:
    with pytest.raises(GreatLoss, match=f"finds {found} entries, the last one found {before}; refused"):
        census(found, before)


def test_what_another_search_would_find_may_be_little() -> None:
    census(0, 1000, list_only=True)


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
        assert poll(home.house, "toy", narrower).ok, "and is held to its own number from then on"
        home.quiet()


def test_an_entry_that_came_and_cannot_be_read_fails_the_run(home: Home) -> None:
    """The batch holds its id, and the record in it is not one that the parser gives back."""
    assert home.poll().ok
    page = Page(_efetch(home), ("1",))
    run = Run("pubmed", ("1",), ("1",), (), (page,), (), {}, "", "", 1, "q")
    with pytest.raises(SourceChanged, match="1 entries came and could not be read"):
        list(intake(home, run).facts())


def test_an_id_asked_for_that_is_neither_here_nor_absent_fails_the_run(home: Home) -> None:
    run = Run("pubmed", ("1", "2"), ("1", "2"), ("2",), (), (), {}, "", "", 1, "q")
    with pytest.raises(NotVerified, match=r"1 entries were asked for and are neither here nor absent \(1\)"):
        intake(home, run)


def intake(home: Home, run: Run) -> Intake:
    return Intake(home.house, pubmed(home), asked(home), run, evidence_of(home.house, "toy"), AT)


def _efetch(home: Home) -> str:
    return next(
        sha for sha in home.house.store.payloads() if b"<PubmedArticleSet" in home.house.store.payload(sha)
    )


def test_the_topic_of_these_tests_is_the_invented_one() -> None:
    assert TOY.name == "toy"
