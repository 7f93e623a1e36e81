"""Screening and linking in a real browser: single keys, Tab and Enter alone, no script, narrow and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.service.topics import evidence_of
from tests.browser.checks import OPEN, axe
from tests.browser.test_pages import FAINT, browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_linking import FINAL_PAPER, FINAL_TRIAL, TSUI_PAPER, TSUI_TRIAL
from tests.workbench.test_screening import SERIES, TRIAL, found

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
PAGES = {
    "queue": "/desk/toy/screen/",
    "all": "/desk/toy/screen/?show=all",
    "study": f"/desk/toy/screen/{TRIAL.key}",
    "registration": f"/desk/toy/screen/{TSUI_TRIAL.key}?after={TRIAL.key}",
    "links": "/desk/toy/links/",
    "pair": f"/desk/toy/links/{TSUI_PAPER.key}?with={TSUI_TRIAL.key}",
}
SCREENS = [(390, "dark"), (1280, "light")]  # each width and each scheme once


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        found(desk, TRIAL, SERIES, TSUI_PAPER, TSUI_TRIAL, FINAL_PAPER, FINAL_TRIAL)
        yield desk


def opened(browser: "sync_api.Browser", client: Client, path: str, **how: object) -> "sync_api.Page":
    at = f"http://127.0.0.1:{client.browser.port}"
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 844}, **how})
    cookies = [{"name": name, "value": value, "url": f"{at}/desk/"} for name, value in client.cookies.items()]
    context.add_cookies(cookies)
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    tab.on("pageerror", lambda fault: tab.complaints.append(str(fault)))
    tab.on(
        "request", lambda request: request.url.startswith((at, "data:")) or tab.complaints.append(request.url)
    )
    tab.goto(at + path)
    return tab


def standing(desk: Desk, key: str = TRIAL.key) -> str:
    found = evidence_of(desk.home.house, "toy").standing[key]
    return found.reason or found.status


def test_every_page_stands_on_every_screen(browser: "sync_api.Browser", desk: Desk) -> None:
    kim, wrong = desk.person("kim", "screener"), []
    for name, path in PAGES.items():
        for width, scheme in SCREENS:
            how = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
            tab = opened(browser, kim, path, **how)
            wrong += [f"{name} {width} {scheme}: {fault}" for fault in faults(tab, width)]
            tab.context.close()
    assert wrong == []


def faults(tab: "sync_api.Page", width: int, *, refused: bool = False) -> list[str]:
    """What is wrong with a page; a refused one is a 400, which Chromium puts on its console when it likes."""
    tab.evaluate(OPEN)
    widest = tab.evaluate("document.documentElement.scrollWidth")
    faint = [f"faint: {words}" for words in tab.evaluate(FAINT)]
    seen = [
        f"{item['id']}: {item['nodes'][0]['html'][:120]}"
        for item in axe.Axe().run(tab).response["violations"]
    ]
    complaints = [said for said in tab.complaints if not (refused and "status of 400" in said)]
    return [*complaints, *([f"{widest} pixels"] if widest > width else []), *faint, *seen]


def test_single_keys_vote_and_take_back_and_can_be_turned_off(
    browser: "sync_api.Browser", desk: Desk
) -> None:
    tab = opened(browser, desk.person("kim", "screener"), PAGES["study"])
    with tab.expect_navigation():
        tab.keyboard.press("i")
    assert standing(desk) == "1 of 2 screeners have voted"
    with tab.expect_navigation():
        tab.keyboard.press("z")
    assert standing(desk) == "unscreened"
    tab.keyboard.press("e")
    with tab.expect_navigation():
        tab.keyboard.press("2")
    assert "Excluded, X1." in tab.locator(".flash").inner_text()
    tab.goto(tab.url.partition("/desk/")[0] + PAGES["study"])
    tab.locator("#reason").press_sequentially("u i")  # typed words are no keys
    assert tab.locator("#reason").input_value() == "u i"
    tab.locator("[data-keys-switch]").click()
    tab.keyboard.press("u")
    assert tab.locator("[data-keys-on]").is_hidden()
    assert tab.url.endswith(TRIAL.key)
    assert tab.complaints == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_tab_and_enter_alone_screen_a_study(browser: "sync_api.Browser", desk: Desk, script: bool) -> None:
    tab = opened(browser, desk.person("kim", "screener"), PAGES["study"], java_script_enabled=script)
    reach(tab, "#vote-include")
    tab.keyboard.press("Space")
    reach(tab, "form[data-screen] button[type=submit]")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "Included." in tab.locator(".flash").inner_text()
    assert standing(desk) == "1 of 2 screeners have voted"


def test_without_script_a_link_is_confirmed_and_split_again(browser: "sync_api.Browser", desk: Desk) -> None:
    tab = opened(browser, desk.person("kim", "screener"), PAGES["pair"], java_script_enabled=False)
    tab.get_by_label("One study: two reports").check()
    tab.get_by_role("button", name="Rule").click()
    assert "are now one study" in tab.locator(".flash").inner_text()
    tab.goto(tab.url.partition("/desk/")[0] + f"/desk/toy/links/{TSUI_PAPER.key}")
    tab.locator("summary", has_text="Split it from this study").last.click()
    tab.get_by_label(f"What shows that {TSUI_TRIAL.key} is another study").fill("another city")
    tab.get_by_role("button", name="Split").last.click()
    assert "stands alone again" in tab.locator(".flash").inner_text()


def reach(tab: "sync_api.Page", selector: str) -> None:
    """Press Tab until the focus is there, as somebody without a mouse does."""
    wanted = tab.locator(selector).first
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.locator(":focus").count() and wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {selector}")
