"""`living poll --explain`: what would be asked and why. It asks and stores nothing, and it comes true."""

import socket
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from living.cli.status import plan_lines, status_lines
from living.service.explain import Plan, explained
from living.service.poll import poll, polled_sources
from living.service.start import first_version
from living.service.status import status_of
from living.service.topics import active
from living.sources.plan import PLANS
from living.sources.registry import REGISTRIES
from tests.fakes import Home, articles, epsilon_article, home_at, living, toy_article, toy_records
from tests.standin.faults import without
from tests.standin.server import Standin

WIDTH = 80


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    more = articles(toy_article(7, "ETA")), articles(epsilon_article(), since="2026-02-10")
    with home_at(tmp_path / "home", toy_records(*more)) as home:
        first_version(home.house, "toy")
        yield home
        home.quiet()


def plans(home: Home) -> dict[str, Plan]:
    sources = polled_sources(active(home.house, "toy")[1])
    return {source.id: explained(home.house, "toy", source) for source in sources}


def asked(standin: Standin) -> list[Any]:
    return list(standin.log)


# --- it asks nothing ----------------------------------------------------------------------------------------


def test_it_opens_no_connection_and_leaves_the_store_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.turn()
    home.forward(days=8)
    before, seen = home.house.settings.database.read_bytes(), asked(home.standin)
    wal = home.house.settings.database.with_name("living.db-wal")
    written = wal.read_bytes() if wal.exists() else b""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert len(plans(home)) == 2
    monkeypatch.undo()
    assert home.house.settings.database.read_bytes() == before
    assert (wal.read_bytes() if wal.exists() else b"") == written
    assert asked(home.standin) == seen


def test_the_real_program_needs_no_registry_for_it(tmp_path: Path) -> None:
    """Its registries are a port where nobody listens."""
    path = tmp_path / "home"
    with home_at(path) as home:
        first_version(home.house, "toy")
    before = (path / "living.db").read_bytes()
    told = living(path, "poll", "--explain")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("PubMed: a full search, because it is the first\n")
    assert (path / "living.db").read_bytes() == before


# --- it says why --------------------------------------------------------------------------------------------


def test_every_kind_of_source_that_can_be_searched_can_be_explained() -> None:
    assert PLANS.keys() == REGISTRIES.keys()


def test_a_search_is_full_at_first_and_once_a_day_and_says_which(home: Home) -> None:
    assert (plans(home)["pubmed"].full, plans(home)["pubmed"].why) == (True, "it is the first")
    home.turn()
    home.forward(hours=3)
    assert (plans(home)["pubmed"].full, plans(home)["pubmed"].why) == (
        False,
        "everything was listed today already",
    )
    assert plans(home)["ctgov"].why == "this source is listed whole each time"
    home.forward(days=1)
    assert (plans(home)["pubmed"].full, plans(home)["pubmed"].why) == (True, "it is the first today")


def test_a_changed_question_makes_a_full_search(home: Home) -> None:
    home.turn()
    source = polled_sources(active(home.house, "toy")[1])[0]
    changed = source.model_copy(update={"query": '"another remedy"[tiab]', "clauses": ()})
    plan = explained(home.house, "toy", changed)
    assert (plan.full, plan.why, plan.query) == (True, "the question was changed", '"another remedy"[tiab]')
    assert [item.start for item in plan.requests] == [None, None]


def test_each_entry_that_is_read_again_has_its_reason(home: Home) -> None:
    home.standin.fault(without("90000007"), None, path="efetch")
    home.turn()
    home.forward(days=7)
    why = {item.id: item.why for item in plans(home)["pubmed"].again}
    assert why == {
        "90000007": "listed and not received since 2026-02-02",
        **dict.fromkeys(("90000001", "90000002", "90000003"), "weekly: its study is included or may yet be"),
    }
    home.turn()
    home.forward(hours=3)
    why = {item.id: item.why for item in plans(home)["pubmed"].again}
    assert why == {
        "90000007": "listed and not received since 2026-02-02; looked for directly if missed again",
        "90000001": "it came before, so it shows whether anything is served",
    }
    home.standin.heal()


def test_what_must_come_back_is_named(home: Home) -> None:
    assert plans(home)["pubmed"].canaries == ("90000001", "90000002", "90000003")
    assert plans(home)["ctgov"].canaries == ("NCT99000001",)


def test_the_register_that_tells_the_date_of_its_data_may_end_it_at_once(home: Home) -> None:
    home.turn()
    home.forward(hours=3)
    plan = plans(home)["ctgov"]
    assert plan.skips
    assert plan.requests[0].alone
    before = len(home.standin.log)
    assert home.poll("ctgov").requests == 1
    assert len(home.standin.log) == before + 1


# --- it comes true ------------------------------------------------------------------------------------------


def test_a_quiet_search_makes_as_many_requests_as_were_told(home: Home) -> None:
    home.turn()
    for day in range(8):
        home.forward(days=1, hours=1)
        for source in polled_sources(active(home.house, "toy")[1]):
            plan = explained(home.house, "toy", source)
            polled = poll(home.house, "toy", source)
            assert polled.ok
            if not polled.fresh:
                assert (polled.requests, bool(plan.skips)) == (1, True), day
                continue
            new = polled.stored  # EPSILON, one day: one request more where none was due
            assert polled.requests - plan.fewest in ((0, 1) if new else (0,)), (day, source.id)


def test_the_days_asked_about_are_those_that_were_told(home: Home) -> None:
    home.turn()
    home.forward(days=1)
    plan, before = plans(home)["pubmed"], len(home.standin.log)
    home.poll("pubmed")
    terms = [str(item.params.get("term", "")) for item in home.standin.log[before:]]
    for item in plan.requests:
        if item.start and item.end:
            assert any(f"{item.start:%Y/%m/%d}" in term and f"{item.end:%Y/%m/%d}" in term for term in terms)
    assert [(item.start, item.end) for item in plan.requests if item.start] == [
        (date(2026, 1, 26), date(2026, 2, 4))
    ] * 2


# --- in words -----------------------------------------------------------------------------------------------


def test_plan_and_status_fit_a_screen_of_eighty_columns(home: Home) -> None:
    home.standin.fault(without("90000007"), None, path="efetch")
    for _ in range(10):
        home.turn()
        home.forward(days=1)
    home.standin.unknown_phrases.add("invented remedy")
    home.turn()
    lines = [*status_lines(status_of(home.house))][1:]  # the first names a folder of this machine
    lines += [line for plan in plans(home).values() for line in plan_lines(plan)]
    assert [line for line in lines if len(line) > WIDTH] == []
    assert any("PubMed: THE LAST ATTEMPT FAILED" in line for line in lines)
    assert any(line.startswith("  ! PubMed, since 2026-02-12: ") for line in lines)
    home.standin.heal()


def test_programs_get_the_same_in_full(home: Home) -> None:
    home.turn()
    plan = asdict(plans(home)["pubmed"])
    assert {"source", "requests", "fewest", "again", "canaries", "skips", "pace"} <= plan.keys()
    assert sum(item["times"] for item in plan["requests"]) == plan["fewest"]
