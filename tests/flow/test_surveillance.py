"""The page about the sources: what was searched, what is missing, what failed, and a log that adds up."""

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from re import sub
from typing import Any

import jsonschema_rs
import pytest

from living.publish import schemas
from living.service.endings import retire
from living.service.publish import present
from living.service.start import first_version
from living.service.surveillance import surveillance, windows_in
from living.store import Cursor, Run
from tests.fakes import Home, articles, at, home_at, toy_article, toy_records
from tests.standin.faults import without

ETA = "90000007"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_at(tmp_path / "home", toy_records(articles(toy_article(7, "ETA")))) as home:
        first_version(home.house, "toy")
        yield home
        home.quiet()


def words(home: Home) -> str:
    """The words of the page, as a reader without styles gets them."""
    text = sub(r"<style>.*?</style>|<[^>]+>", " ", home.page("surveillance/index.html").replace("\n", " "))
    return " ".join(unescape(text).split())


def told(home: Home) -> dict[str, Any]:
    """What the page says to programs; it follows the schema that the site gives."""
    found = json.loads(home.page("surveillance/runs.json"))
    schema = json.loads((home.house.settings.site / schemas.paths()["runs"]).read_bytes())
    jsonschema_rs.Draft202012Validator(schema, offline=True).validate(found)
    assert isinstance(found, dict)
    return found


def sentence(home: Home) -> str:
    return surveillance(home.house, "toy").said


# --- what is said first -------------------------------------------------------------------------------------


def test_before_the_first_search_the_page_says_so(home: Home) -> None:
    present(home.house, "toy")
    assert sentence(home).startswith("Nothing has been searched yet")
    assert "No source has been searched yet." in words(home)
    assert told(home)["runs"] == []


def test_after_a_complete_search_it_names_the_day(home: Home) -> None:
    home.turn()
    assert sentence(home) == (
        "All two sources were last searched completely on 2 February 2026; "
        "every entry that was asked for has come."
    )
    assert sentence(home) in words(home)


def test_a_source_that_fails_is_named_with_its_last_day(home: Home) -> None:
    home.turn()
    home.forward(days=1)
    home.standin.unknown_phrases.add("invented remedy")
    home.turn()
    assert sentence(home).startswith(
        "1 of 2 sources is not searched as planned: PubMed (last searched completely on 2 February 2026)"
    )
    home.forward(days=1)
    home.turn()
    source = told(home)["sources"][0]
    assert (source["state"], source["failure"]["since"], source["failure"]["tries"]) == (
        "failed",
        "2026-02-03T06:00:00Z",
        2,
    )
    said = "Two attempts have failed since 3 February 2026, 06:00 UTC. The source answers otherwise"
    assert said in words(home)
    assert 'href="surveillance/index.html#source-pubmed"' in home.page("index.html")
    assert 'href="../surveillance/index.html#source-pubmed"' in home.page("v1.0/index.html")


def test_of_a_retired_review_nothing_is_late(home: Home) -> None:
    home.turn()
    retire(home.house, "toy", "answered", "The invented answer stands.", "ann")
    home.forward(days=30)
    home.turn()
    assert sentence(home) == (
        "This review has ended: since 2 February 2026 its sources are not searched any more."
    )
    assert "no longer searched" in words(home)
    assert "Next search" not in words(home)
    assert "late" not in words(home).split()


# --- what is missing ----------------------------------------------------------------------------------------


def test_an_entry_that_does_not_come_is_open_from_its_first_missed_day(home: Home) -> None:
    home.standin.fault(without(ETA), None, path="efetch")
    home.turn()
    home.forward(days=1)
    home.turn()
    [entry] = told(home)["sources"][0]["open"]
    assert (entry["id"], entry["first_missed"][:10], entry["last_missed"][:10]) == (
        ETA,
        "2026-02-02",
        "2026-02-03",
    )
    assert sentence(home).endswith("one entry was asked for and has not come yet.")
    assert f"{ETA} PubMed 2 February 2026 3 February 2026" in words(home)
    home.standin.heal()
    home.forward(days=1)
    home.turn()
    assert told(home)["sources"][0]["open"] == []
    assert 'id="open"' not in home.page("surveillance/index.html")


def test_an_entry_that_the_search_still_lists_is_missing_and_never_gone(home: Home) -> None:
    home.standin.fault(without(ETA), None, path="efetch")
    for _ in range(9):
        home.turn()
        assert [entry["id"] for entry in told(home)["sources"][0]["open"]] == [ETA]
        assert told(home)["runs"][1]["found"] == told(home)["runs"][1]["listed"] == 5
        home.forward(days=1)
    assert told(home)["sources"][0]["sightings"] == []
    home.standin.heal()


def test_an_entry_that_is_proven_gone_stands_on_the_page(tmp_path: Path) -> None:
    records = toy_records(articles(toy_article(7, "ETA"))).withdrawn([ETA], at("2026-02-03T12:00:00"))
    with home_at(tmp_path / "home", records) as home:
        for _ in range(12):
            home.turn()
            home.forward(days=1)
        [seen] = told(home)["sources"][0]["sightings"]
        assert (seen["record"], seen["state"]) == (f"pubmed:{ETA}", "gone")
        assert f"pubmed:{ETA} gone" in words(home)
        assert "The invented ETA trial" in words(home)
        assert told(home)["sources"][0]["open"] == []
        home.quiet()


# --- the log ------------------------------------------------------------------------------------------------


def test_every_line_of_the_log_adds_up_and_says_what_was_asked(home: Home) -> None:
    home.standin.fault(without(ETA), 3, path="efetch")
    for hours in (0, 3, 21, 24, 24):
        home.forward(hours=hours)
        home.turn()
    runs = told(home)["runs"]
    assert {run["outcome"] for run in runs} == {"complete"}
    for run in runs:
        assert run["listed"] == run["skipped"] + run["fetched"] + run["absent"]
        assert run["fetched"] == run["new"] + run["unchanged"]
        assert run["requests"] >= 1
    assert sorted(runs, key=lambda run: run["at"], reverse=True) == runs
    first = next(run for run in reversed(runs) if run["source"] == "pubmed")
    assert (first["kind"], first["found"], first["absent"]) == ("full", 5, 1)
    assert first["windows"] == [{"what": "everything", "start": "", "end": ""}]


def test_no_more_than_thirty_runs_are_shown_the_newest(home: Home) -> None:
    for _ in range(20):
        home.turn()
        home.forward(days=1)
    runs = told(home)["runs"]
    assert len(runs) == 30
    assert runs[0]["at"] == "2026-02-21T06:00:00Z"
    assert home.page("surveillance/index.html").partition('id="runs"')[2].count("<tr>") == 1 + 30


def test_a_run_from_before_details_were_kept_says_not_recorded(home: Home) -> None:
    older = Run(mode="census", window="census", listed=2, skipped=2, notes="3 requests; 2 found by query abc")
    home.house.store.complete_run("toy", "pubmed", "2026-02-01T06:00:00Z", [], Cursor(), older)
    present(home.house, "toy")
    [run] = told(home)["runs"]
    assert (run["listed"], run["found"], run["requests"], run["pages"]) == (2, None, None, None)
    assert "1 February 2026, 06:00 UTC: its number was not recorded" in words(home)
    assert words(home).count("not recorded") == 2


def test_a_page_that_says_the_same_is_not_written_again(home: Home) -> None:
    home.turn()
    place = home.site("surveillance/index.html")
    before = place.stat().st_ino
    home.forward(hours=2)
    home.turn()
    assert place.stat().st_ino == before
    home.forward(days=1)
    home.turn()
    assert place.stat().st_ino != before


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("", []),
        ("census", [("everything", "", "")]),
        (
            "census; crdt 2026-01-26..2026-02-03; mdat 2026-01-26..2026-02-03",
            [("everything", "", ""), ("entered or changed", "2026-01-26", "2026-02-03")],
        ),
        ("LastUpdatePostDate 2026-01-26..", [("updated", "2026-01-26", "")]),
        (
            "dataTimestamp 2026-02-02T09:00:05 unchanged",
            [("its data were still those of 2 February 2026, 09:00 UTC", "", "")],
        ),
        (
            "census by last edit, 3 parts; created or updated 2026-01-26..2026-02-03",
            [
                ("everything by last edit, 3 parts", "", ""),
                ("created or updated", "2026-01-26", "2026-02-03"),
            ],
        ),
        ("FIRST_IDATE 2026-01-26..2026-02-03", [("FIRST_IDATE", "2026-01-26", "2026-02-03")]),
    ],
)
def test_windows_are_said_in_words(stored: str, said: list[tuple[str, str, str]]) -> None:
    assert [(one.what, one.start, one.end) for one in windows_in(stored)] == said
