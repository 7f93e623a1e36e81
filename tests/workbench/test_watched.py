"""Everybody's first page says how the sources of each of their reviews are watched, and leads to the page."""

from html import unescape

from tests.workbench.conftest import Desk


def test_the_first_page_says_how_the_sources_are_and_leads_to_their_page(desk: Desk) -> None:
    desk.home.turn()
    ann = desk.person("ann", "screener")
    page = unescape(ann.get("/desk/").text)
    assert "All two sources were last searched completely on 2 February 2026" in page
    assert 'href="/toy/surveillance/"' in page
    found = ann.get("/toy/surveillance/")
    assert (found.status, found.headers["cache-control"]) == (200, "no-cache")
    assert "How the sources are watched" in found.text
    runs = ann.get("/toy/surveillance/runs.json")
    assert (runs.status, runs.headers["content-type"]) == (200, "application/json")


def test_it_needs_no_account_to_see_how_the_sources_are_watched(desk: Desk) -> None:
    desk.home.turn()
    assert desk.stranger().get("/toy/surveillance/").status == 200


def test_a_source_that_fails_is_named_on_the_first_page(desk: Desk) -> None:
    desk.home.turn()
    desk.home.forward(days=1)
    desk.home.standin.unknown_phrases.add("invented remedy")
    desk.home.turn()
    page = unescape(desk.person("ben", "extractor").get("/desk/").text)
    assert "1 of 2 sources is not searched as planned: PubMed" in page
