"""Signing, reports page by page and daily needs in a real browser: every screen, no script, keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_desk_screening import faults, opened, reach
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import PASSWORD, Desk
from tests.workbench.test_daily import ALPHA, AT, SHA, uploaded
from tests.workbench.test_signing import SENTENCE, found_epsilon

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
PAGES = {
    "sign": "/desk/toy/sign/",
    "preview": "/desk/toy/sign/preview/",
    "daily": "/desk/toy/daily/",
    "study": f"/desk/toy/daily/{ALPHA}",
    "paper": f"/desk/toy/paper/{SHA}/2",
}
SCREENS = [(390, "dark"), (1280, "light")]  # each width and each scheme once
# Chromium would like a name beside every password; here the person is known and named in the text.
PASSWORD_ALONE = "Password forms should have"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        desk.person("ed", "editor", "extractor")
        ann = desk.person("ann", "extractor")
        home.turn()
        uploaded(ann)
        ann.post(f"{AT}/daily-ask/{ALPHA}", question="Is 2.1 an SD or an SE?")
        ann.post(f"{AT}/daily-recuse/{ALPHA}", reason="I ran this trial")
        found_epsilon(home)
        yield desk


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_on_every_screen(browser: "sync_api.Browser", desk: Desk, name: str) -> None:
    wrong = []
    for width, scheme in SCREENS:
        how = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        tab = opened(browser, desk.people["ed"], PAGES[name], **how)
        found = [fault for fault in faults(tab, width) if PASSWORD_ALONE not in fault]
        wrong += [f"{name} {width} {scheme}: {fault}" for fault in found]
        tab.context.close()
    assert wrong == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_keyboard_alone_signs_with_and_without_script(
    browser: "sync_api.Browser", desk: Desk, script: bool
) -> None:
    tab = opened(browser, desk.people["ed"], PAGES["sign"], java_script_enabled=script)
    reach(tab, "#conclusion")
    tab.keyboard.type(SENTENCE)
    reach(tab, "#meaning")
    tab.keyboard.press("Space")
    reach(tab, "#password")
    tab.keyboard.type(PASSWORD)
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "Signed." in tab.locator(".flash").inner_text()
    desk.home.turn()
    assert f"Signed by Ed ({desk.people['ed'].id})" in desk.home.page("v2.0/index.html")


def test_without_script_pages_of_a_report_are_turned_and_a_file_is_added(
    browser: "sync_api.Browser", desk: Desk
) -> None:
    tab = opened(browser, desk.people["ed"], f"/desk/toy/paper/{SHA}/1", java_script_enabled=False)
    with tab.expect_navigation():
        tab.locator("a[rel=next]").click()
    assert "Ache fell by 1.2 points" in tab.locator(".words").inner_text()
    assert tab.locator(".paper img").evaluate("one => one.naturalWidth") > 500
    tab.goto(tab.url.partition("/desk/")[0] + PAGES["study"])
    tab.locator("#report-2 ~ details summary").click()
    file = {"name": "note.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 nonsense"}
    tab.locator("#file-2").set_input_files(file)
    with tab.expect_navigation():
        tab.get_by_role("button", name="Add the file").last.click()
    assert "is damaged" in tab.locator("#wrong-upload").inner_text()
