"""Home, queue, studies, remarks and audit in a real browser: every screen, no script, keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.service.assignments import assign
from living.service.claims import take
from living.service.drafts import keep, sheaf_of
from living.service.remarks import remark
from living.service.start import first_version
from tests.browser.test_desk_screening import faults, opened, reach
from tests.browser.test_pages import browser
from tests.fakes import EPSILON, articles, epsilon_article, form, home_at, site_of, toy_records
from tests.workbench.conftest import Desk

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
ALPHA = "pubmed:90000001"
PAGES = {
    "home": "/desk/",
    "queue": "/desk/toy/?whose=all",
    "studies": "/desk/toy/studies/",
    "study": f"/desk/toy/study/{ALPHA}",
    "audit": "/desk/toy/audit/?check=yes",
    "a line": "/desk/toy/audit/line/12",
    "events": "/desk/toy/audit/events/",
}
SCREENS = [(390, "dark"), (1280, "light")]  # each width and each scheme once


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A working day: claims, requests, remarks, drafts, a blind reading, and one that was changed late."""
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path / "home", records) as home, site_of(home.house) as site:
        first_version(home.house, "toy")
        home.move_to("2026-02-11")
        home.poll()
        home.include(EPSILON)
        desk, house = Desk(home, site), home.house
        ed = desk.person("ed", "editor", "adjudicator", "extractor", "administrator")
        ann = desk.person("ann", "screener", "extractor")
        home.read(form(), ann.id)
        take(house, "toy", EPSILON, ann.id)
        assign(house, "toy", EPSILON, "second_reader", ed.id, ann.id)
        first = remark(house, "toy", ALPHA, "The registry says 60 and the paper 58, @ed.", ann.id)
        remark(house, "toy", ALPHA, "Asked on Monday.", ed.id, answers=first)
        keep(house, sheaf_of(house, "toy", "reading", [ALPHA], ed.id), {"label": "A"}, 0)
        home.forward(minutes=1)
        home.read(form(mean=3.6), ann.id)
        yield desk


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_on_every_screen(browser: "sync_api.Browser", desk: Desk, name: str) -> None:
    wrong = []
    for width, scheme in SCREENS:
        how = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        tab = opened(browser, desk.people["ed"], PAGES[name], **how)
        wrong += [f"{name} {width} {scheme}: {fault}" for fault in faults(tab, width)]
        tab.context.close()
    assert wrong == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_keyboard_alone_claims_filters_and_remarks(
    browser: "sync_api.Browser", desk: Desk, script: bool
) -> None:
    tab = opened(browser, desk.people["ed"], PAGES["queue"], java_script_enabled=script)
    reach(tab, f'form[action="/desk/toy/claim/{EPSILON.replace(":", "%3A")}"] button')
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "It is yours until" in tab.locator(".flash").inner_text()
    here = tab.url.partition("/desk/")[0]
    tab.goto(here + PAGES["study"])
    reach(tab, "#remark")
    tab.keyboard.type("Read on the train")
    reach(tab, 'button:has-text("Write the remark")')
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "Read on the train" in tab.locator("main").inner_text()
    tab.goto(here + PAGES["audit"])
    reach(tab, "#text")
    tab.keyboard.type("EPSILON")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "EPSILON" in tab.locator(".trail").inner_text()
