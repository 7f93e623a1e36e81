"""Entries that go away, come back or change their id; what a full search lists no more; data that stand."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from living.model.surveillance import Sighting
from living.review.sightings import away
from living.service.topics import evidence_of
from living.store import StoredRun
from tests.fakes import Home, articles, at, home_at, toy_article, toy_records
from tests.standin import RecordSet, from_ctgov
from tests.standin.faults import HTML, says
from tests.standin.synthetic import study_json

BETA, ZETA = "90000002", "90000006"
TRIAL, OLD, OTHER = "NCT99000001", "NCT99000008", "NCT99000009"
DAY_OF_WEEK = "2026-02-02"  # a Monday: the week's full reading is done at the first search
LATER = ("2026-02-03T06:00:00", "2026-02-04T07:00:00", "2026-02-05T08:00:00")


def withdrawn(records: RecordSet, *ids: str, at_time: str) -> RecordSet:
    return records.withdrawn(ids, at(at_time))


def registered(nct: str = OTHER, **fields: object) -> RecordSet:
    given: dict[str, object] = {"interventions": ["Invented remedy"], "updated": "2026-01-15"}
    return from_ctgov([study_json(nct, f"Invented {nct}", **{**given, **fields})])  # type: ignore[arg-type]


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[list[Home]]:
    """Homes to be looked at once more at the end: the store holds, whatever went away."""
    opened: list[Home] = []
    yield opened
    for home in opened:
        home.quiet()


def sighted(home: Home) -> list[tuple[str, str]]:
    state = home.house.store.state("toy")
    return [(seen.record, seen.state) for _, seen in state.of_kind(Sighting)]


def last_run(home: Home, source: str) -> StoredRun:
    return home.house.store.runs("toy", source, 1)[0]


def asked(home: Home, path: str, name: str = "id") -> list[str]:
    return [question.params.get(name, "") for question in home.standin.log if path in question.path]


def days(home: Home, source: str, moments: tuple[str, ...] = LATER) -> None:
    for moment in moments:
        home.move_to(moment)
        home.poll(source)


# --- PubMed ---------------------------------------------------------------------------------------------


def test_an_entry_is_gone_only_after_two_searches_a_day_apart_and_a_direct_look(
    tmp_path: Path, homes: list[Home]
) -> None:
    records = withdrawn(toy_records(), BETA, at_time="2026-02-03")
    with home_at(tmp_path, records) as home:
        home.poll()
        days(home, "pubmed", LATER[:1])
        assert [item.id for item in home.house.store.absent("toy", "pubmed")] == [BETA]
        home.forward(hours=6)
        home.poll()
        assert sighted(home) == [], "missed twice, but not a day apart"
        days(home, "pubmed", LATER[1:2])
        [(record, state)] = sighted(home)
        assert (record, state) == (f"pubmed:{BETA}", "gone")
        [seen] = away(home.house.store.state("toy")).values()
        assert seen.since == "2026-02-03"
        assert b"<PubmedArticle>" not in home.house.store.payload(seen.proof)
        assert home.house.store.absent("toy", "pubmed") == (), "no longer open: it is proven gone"
        assert f"pubmed:{BETA}" in home.records(), "and nothing is deleted"
        homes.append(home)
        home.quiet()


def test_what_is_gone_is_asked_for_once_a_week_and_told_when_it_returns(
    tmp_path: Path, homes: list[Home]
) -> None:
    back = articles(toy_article(2, "BETA", day="2021-06-15"), since="2026-02-12")
    with home_at(tmp_path, withdrawn(toy_records(), BETA, at_time="2026-02-03") + back) as home:
        home.poll()
        days(home, "pubmed")
        assert sighted(home)[-1][1] == "gone"
        home.standin.log.clear()
        days(home, "pubmed", ("2026-02-06T06:00:00", "2026-02-07T06:00:00"))
        assert not [ids for ids in asked(home, "efetch") if BETA in ids.split(",")]
        days(home, "pubmed", ("2026-02-09T06:00:00",))
        assert [ids for ids in asked(home, "efetch") if BETA in ids.split(",")], "another week"
        days(home, "pubmed", ("2026-02-13T06:00:00",))
        assert sighted(home)[-1] == (f"pubmed:{BETA}", "returned")
        assert away(home.house.store.state("toy")) == {}
        home.quiet()


def test_an_included_study_that_goes_away_and_comes_back_is_a_task_each_time(tmp_path: Path) -> None:
    back = articles(toy_article(2, "BETA", day="2021-06-15"), since="2026-02-12")
    with home_at(tmp_path, withdrawn(toy_records(), BETA, at_time="2026-02-03") + back) as home:
        home.poll()
        study = f"pubmed:{BETA}"
        before = [task for task in home.queue if task == ("look_again", study)]
        days(home, "pubmed")
        tasks = evidence_of(home.house, "toy").queue()
        [task] = [item for item in tasks if item.study == study and item.kind == "look_again"]
        assert before == []
        assert task.detail == f"{study}: GONE"
        home.include(study)
        assert ("look_again", study) not in home.queue
        days(home, "pubmed", ("2026-02-13T06:00:00",))
        assert ("look_again", study) in home.queue


def test_what_the_search_lists_no_more_and_still_exists_is_read_at_once_and_then_weekly(
    tmp_path: Path,
) -> None:
    renamed = articles(toy_article(6, "ZETA", title="A paper about other things", day="2026-01-20",
                                   revised="2026-02-03"), since="2026-02-03")  # fmt: skip
    first = articles(toy_article(6, "ZETA", day="2026-01-20"))
    with home_at(tmp_path, toy_records(first, renamed)) as home:
        home.poll()
        days(home, "pubmed", LATER[:1])
        assert last_run(home, "pubmed").details.unlisted == (ZETA,)
        assert home.records()[f"pubmed:{ZETA}"].title == "A paper about other things"
        home.standin.log.clear()
        days(home, "pubmed", LATER[1:])
        assert not [ids for ids in asked(home, "efetch") if ZETA in ids.split(",")]
        assert last_run(home, "pubmed").details.unlisted == (ZETA,), "still said of each full search"
        days(home, "pubmed", ("2026-02-09T06:00:00",))
        assert [ids for ids in asked(home, "efetch") if ZETA in ids.split(",")], "another week"
        assert sighted(home) == []
        home.quiet()


# --- ClinicalTrials.gov -----------------------------------------------------------------------------------


def test_a_registration_is_gone_when_the_register_itself_denies_it(tmp_path: Path) -> None:
    records = withdrawn(toy_records(registered()), OTHER, at_time="2026-02-03")
    with home_at(tmp_path, records) as home:
        home.poll("ctgov")
        days(home, "ctgov", ("2026-02-03T15:00:00", "2026-02-04T16:00:00", "2026-02-05T16:00:00"))
        assert sighted(home) == [(f"ctgov:{OTHER}", "gone")]
        [seen] = away(home.house.store.state("toy")).values()
        assert f"NCT number {OTHER} not found".encode() in home.house.store.payload(seen.proof)
        home.quiet()


def test_a_web_page_that_says_404_proves_nothing(tmp_path: Path) -> None:
    records = withdrawn(toy_records(registered()), OTHER, at_time="2026-02-03")
    with home_at(tmp_path, records) as home:
        home.poll("ctgov")
        home.standin.fault(says(HTML, 404, "text/html"), times=None, path=f"studies/{OTHER}")
        days(home, "ctgov", ("2026-02-03T15:00:00", "2026-02-04T16:00:00", "2026-02-05T16:00:00"))
        assert sighted(home) == []
        assert last_run(home, "ctgov").outcome == "failed"
        home.standin.heal()
        days(home, "ctgov", ("2026-02-06T16:00:00",))
        assert sighted(home) == [(f"ctgov:{OTHER}", "gone")]
        home.quiet()


def test_a_registration_that_gets_another_id_stays_one_study(tmp_path: Path) -> None:
    earlier = withdrawn(registered(OLD), OLD, at_time="2026-02-03")
    current = registered(OTHER, aliases=[OLD], updated="2026-02-03")
    with home_at(tmp_path, toy_records(earlier, current)) as home:
        home.poll("ctgov")
        assert f"ctgov:{OLD}" in home.records()
        days(home, "ctgov", ("2026-02-03T15:00:00",))
        assert sighted(home) == [(f"ctgov:{OLD}", "aliased")]
        [seen] = away(home.house.store.state("toy")).values()
        assert seen.current == f"ctgov:{OTHER}"
        studies = evidence_of(home.house, "toy").studies
        assert studies.key_of[f"ctgov:{OTHER}"] == studies.key_of[f"ctgov:{OLD}"]
        assert ("look_again", f"ctgov:{OLD}") not in home.queue, "a new number wakes nobody"
        home.standin.log.clear()
        days(home, "ctgov", ("2026-02-04T16:00:00",))
        assert not [ids for ids in asked(home, "studies", "filter.ids") if OLD in ids]
        home.quiet()


def test_while_the_register_has_not_refreshed_its_data_nothing_but_its_version_is_asked(
    tmp_path: Path,
) -> None:
    with home_at(tmp_path) as home:
        home.poll("ctgov")
        full = last_run(home, "ctgov")
        home.standin.log.clear()
        home.forward(hours=1)
        polled = home.poll("ctgov")
        assert [question.path for question in home.standin.log] == ["/api/v2/version"]
        assert (polled.ok, polled.fresh, polled.requests) == (True, False, 1)
        run = last_run(home, "ctgov")
        assert (run.mode, run.listed, run.details.data_timestamp) == ("check", 0, full.details.data_timestamp)
        home.move_to("2026-02-02T15:00:00")  # after the day's refresh
        assert home.poll("ctgov").fresh
        assert last_run(home, "ctgov").mode == "census"
        home.quiet()


def test_once_a_week_every_registration_is_read_again_whatever_its_dates(tmp_path: Path) -> None:
    with home_at(tmp_path, toy_records(registered())) as home:
        home.poll("ctgov")
        days(home, "ctgov", ("2026-02-03T15:00:00",))
        assert last_run(home, "ctgov").fetched == 0
        days(home, "ctgov", ("2026-02-09T06:00:00",))
        run = last_run(home, "ctgov")
        assert (run.fetched, run.unchanged, run.appended) == (2, 2, 0)


# --- both -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["pubmed", "ctgov"])
def test_a_run_tells_what_it_asked_and_how_it_was_answered(tmp_path: Path, source: str) -> None:
    with home_at(tmp_path) as home:
        home.poll(source)
        run = last_run(home, source)
        shown: Mapping[str, int] = run.details.counts
        assert run.mode == "census"
        assert run.listed == run.skipped + run.fetched + run.absent
        assert run.details.found == shown["listed"] == shown["census"]
        assert run.details.pages == 1
        assert run.details.requests == len(home.standin.log)
        assert run.details.unmapped == {}
        assert bool(run.details.translation) is (source == "pubmed")


def test_a_search_that_would_lose_a_twentieth_is_refused_and_says_so(tmp_path: Path) -> None:
    many = [toy_article(number, f"N{number}") for number in range(100, 140)]
    away_at = [str(90000000 + number) for number in range(100, 110)]
    records = withdrawn(toy_records(articles(*many)), *away_at, at_time="2026-02-03")
    with home_at(tmp_path, records) as home:
        home.poll()
        before = home.house.store.cursor("toy", "pubmed")
        head = home.head()
        days(home, "pubmed", LATER[:1])
        after = home.house.store.cursor("toy", "pubmed")
        assert before is not None
        assert after is not None
        assert (after.watermark, after.failures) == (before.watermark, 1)
        assert "finds 34 entries, the last one found 44; refused" in after.last_error
        assert (last_run(home, "pubmed").details.fault, home.head()) == ("refused", head)
        home.quiet()
