"""The page of searches in a real browser: an alarm, a try with a loss, signing by keyboard; every screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_desk_screening import faults, opened, reach
from tests.browser.test_desk_signing import PASSWORD_ALONE, SCREENS
from tests.browser.test_pages import browser
from tests.fakes import articles, home_at, site_of, toy_article, toy_records
from tests.workbench.conftest import PASSWORD, Desk
from tests.workbench.test_searches import NARROW, PAGE

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
TRY = "See what it finds and loses"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    lost = toy_article(3, "GAMMA", revised="2026-02-03", title="The made-up GAMMA trial")
    records = toy_records(articles(lost, since="2026-02-03"))
    with home_at(tmp_path / "home", records) as home, site_of(home.house) as site:
        home.turn()
        home.move_to("2026-02-03T06:00:00")
        home.turn()
        desk = Desk(home, site)
        desk.person("ed", "editor", "extractor")
        yield desk


def tried(tab: "sync_api.Page") -> None:
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    tab.fill("#query-pubmed", NARROW)
    tab.locator("form", has=tab.locator("#query-pubmed")).get_by_text(TRY).click()
    tab.wait_for_selector("#tried")


@pytest.mark.parametrize("state", ["alarm", "tried"])
def test_the_page_stands_on_every_screen(
    browser: "sync_api.Browser", desk: Desk, state: str, tmp_path: Path
) -> None:
    wrong = []
    for width, scheme in SCREENS:
        how = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        tab = opened(browser, desk.people["ed"], PAGE, **how)
        if state == "tried":
            tried(tab)
        tab.screenshot(path=tmp_path / f"{state}-{width}-{scheme}.png", full_page=True)
        found = [fault for fault in faults(tab, width) if PASSWORD_ALONE not in fault]
        wrong += [f"{state} {width} {scheme}: {fault}" for fault in found]
        tab.context.close()
    assert wrong == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_keyboard_alone_tries_and_signs(browser: "sync_api.Browser", desk: Desk, script: bool) -> None:
    tab = opened(browser, desk.people["ed"], PAGE, java_script_enabled=script)
    summary = tab.get_by_text("Try another query of PubMed")
    summary.focus()
    tab.keyboard.press("Enter")
    reach(tab, "#query-pubmed")
    tab.keyboard.press("Control+a")
    tab.keyboard.type(NARROW)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#tried")
    for box in tab.locator("input[name=losing]").all():
        reach(tab, f"#{box.get_attribute('id')}")
        tab.keyboard.press("Space")
    reach(tab, "#reason")
    tab.keyboard.type("BETA is another remedy")
    reach(tab, "#password")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".flash")
    assert "Signed: how PubMed is searched." in tab.inner_text(".flash")
    tab.context.close()
