"""The page of searches: what must be listed, what a changed query would lose, and its signature."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import SourceDown
from living.model.surveillance import Strategy
from living.service.topics import evidence_of
from tests.fakes import articles, at, home_at, site_of, toy_article, toy_records
from tests.workbench.conftest import PASSWORD, Client, Desk

PAGE, TRY, SIGN = (f"/desk/toy/searches/{part}" for part in ("", "try/", "sign/"))
NARROW = '"invented remedy"[tiab] NOT BETA[ti]'
SEEN = 'name="seen" value="'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """BETA's title loses the words of the search on 3 February."""
    lost = toy_article(2, "BETA", revised="2026-02-03", title="The made-up BETA trial")
    records = toy_records(articles(lost, since="2026-02-03"))
    with home_at(tmp_path / "home", records) as home, site_of(home.house) as browser:
        home.turn()
        yield Desk(home, browser)


def signed(desk: Desk) -> list[Strategy]:
    return [fact for _, fact in evidence_of(desk.home.house, "toy").state.of_kind(Strategy)]


def tried(client: Client, query: str = NARROW) -> str:
    """Try a query and return what a signature on it would be put on."""
    page = client.post(TRY, source="pubmed", query=query)
    assert page.status == 200, page.text
    return page.text.partition(SEEN)[2].partition('"')[0]


def test_everybody_of_the_team_sees_how_the_sources_are_searched(desk: Desk) -> None:
    page = desk.person("ria", "reader").get(PAGE).text
    assert "&#34;invented remedy&#34;[tiab]" in page
    assert "pubmed:90000002, Beta 2021" in page
    assert "Listed in the last full search." in page
    assert "No alarm stands." in page
    assert "See what it finds and loses" not in page


def test_a_missing_canary_stands_there_with_what_to_do(desk: Desk) -> None:
    desk.home.move_to("2026-02-03T06:00:00")
    desk.home.turn()
    page = desk.person("eve", "editor").get(PAGE).text
    assert "does not list pubmed:90000002 (Beta 2021), which every full search must list" in page
    assert "Last listed 2 February 2026" in page
    assert "--losing 90000002" in page


def test_a_try_shows_what_would_be_lost_and_changes_nothing(desk: Desk) -> None:
    before = desk.home.head()
    sam = desk.person("sam", "screener")
    page = sam.post(TRY, source="pubmed", query=NARROW).text
    assert "The invented BETA trial of an invented remedy" in page
    assert "must be listed" in page
    assert "NOT &#34;beta&#34;[Title]" in page
    assert "Sign this search" not in page
    assert desk.home.head() == before


def test_an_editor_signs_what_was_shown_and_names_what_is_lost(desk: Desk) -> None:
    eve = desk.person("eve", "editor")
    form = {"source": "pubmed", "query": NARROW, "seen": tried(eve), "reason": "BETA is another remedy"}
    refused = eve.post(SIGN, **form, password=PASSWORD)
    assert refused.status == 400
    assert "pubmed:90000002 (Beta 2021)" in refused.text
    assert "BETA is another remedy</textarea>" in refused.text
    assert signed(desk) == []
    done = eve.post(SIGN, **form, losing="pubmed:90000002", password=PASSWORD)
    assert "Signed: how PubMed is searched. It comes into force when" in done.text
    [fact] = signed(desk)
    assert (fact.query, fact.found, fact.lost, fact.lost_included) == (NARROW, 3, 1, ("pubmed:90000002",))
    assert fact.translation == '"invented remedy"[Title/Abstract] NOT "beta"[Title]'
    assert "BETA is another remedy" in eve.get(PAGE).text


def test_what_has_moved_since_it_was_shown_is_not_signed(desk: Desk) -> None:
    eve = desk.person("eve", "editor")
    query = '"invented remedy"[tiab]'
    seen = tried(eve, query)
    desk.home.standin.now = at("2026-02-03T06:00:00")
    form = {"source": "pubmed", "query": query, "seen": seen, "reason": "as it was"}
    moved = eve.post(SIGN, **form, losing="90000002", password=PASSWORD)
    assert moved.status == 400
    assert "finds something else than when it was shown" in moved.text
    assert "as it was</textarea>" in moved.text
    assert signed(desk) == []


def test_nothing_is_signed_that_was_not_shown(desk: Desk) -> None:
    eve = desk.person("eve", "editor")
    page = eve.post(SIGN, source="pubmed", query=NARROW, reason="because", password=PASSWORD)
    assert page.status == 400
    assert "Try the query first" in page.text
    assert signed(desk) == []


def test_a_registry_that_does_not_answer_refuses_with_its_sentence_and_keeps_the_query(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise SourceDown("pubmed", "no answer came")

    monkeypatch.setattr("living.service.strategy.ask_source", down)
    page = desk.person("sam", "screener").post(TRY, source="pubmed", query=NARROW)
    assert page.status == 503
    assert "no answer came" in page.text
    assert "NOT BETA[ti]</textarea>" in page.text


def test_a_query_that_the_registry_reads_otherwise_is_refused_with_the_reason(desk: Desk) -> None:
    page = desk.person("sam", "screener").post(TRY, source="pubmed", query="BETA[ti] AND abcxyz")
    assert page.status == 503
    assert "did not search for all of our query" in page.text


def test_while_another_process_searches_a_try_says_so(desk: Desk) -> None:
    with desk.home.house.alone("searching"):
        page = desk.person("sam", "screener").post(TRY, source="pubmed", query=NARROW)
    assert page.status == 503
    assert "another process is searching" in page.text


def test_a_source_that_is_not_there_and_an_empty_query_are_named(desk: Desk) -> None:
    sam = desk.person("sam", "screener")
    assert "no source &#39;embase&#39;" in sam.post(TRY, source="embase", query="x").text
    empty = sam.post(TRY, source="pubmed", query=" ")
    assert empty.status == 400
    assert "A sentence is needed" not in empty.text
