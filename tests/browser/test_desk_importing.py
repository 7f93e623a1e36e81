"""Imports in a real browser: every screen, looked at and at fault, without script, and by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import site_of
from tests.hand_searched import SHAPES, home_with_hand_searches
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_importing import PLACE, WORDS

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_with_hand_searches(tmp_path) as home, site_of(home.house) as site:
        yield Desk(home, site)


def looked_at(tab: "sync_api.Page", file: Path, **more: str) -> None:
    """Fill the form, choose a file and look at it."""
    for name in ("platform", "day", "strategy"):
        tab.fill(f"#{name}", (WORDS | more)[name])
    tab.set_input_files("#export", str(file))
    tab.click("button[value=look]")


def at(browser: "sync_api.Browser", ann: Client, width: int, scheme: str, script: bool) -> "sync_api.Page":
    size = {"width": width, "height": 844}
    return opened(browser, ann, PLACE, viewport=size, color_scheme=scheme, java_script_enabled=script)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_look_and_its_faults_stand_on_every_screen(
    browser: "sync_api.Browser", desk: Desk, tmp_path: Path, script: bool
) -> None:
    ann, wrong = desk.person("ann", "screener"), []
    bad = tmp_path / "bad.ris"
    bad.write_text("TY  - JOUR\nAU  - Nobody\nER  - \nTY  - JOUR\n")
    for width, scheme in SCREENS:
        tab = at(browser, ann, width, scheme, script)
        wrong += [f"{width} {scheme}: {fault}" for fault in faults(tab, width)] if script else []
        looked_at(tab, SHAPES / "synthetic_scopus.csv")
        assert "What importing synthetic_scopus.csv would do" in tab.inner_text("main")
        wrong += [f"{width} {scheme}, look: {fault}" for fault in faults(tab, width)] if script else []
        looked_at(tab, bad)
        assert "2 entries are at fault" in tab.inner_text("#wrong-import")
        assert tab.input_value("#strategy") == WORDS["strategy"]
        told = faults(tab, width, refused=True) if script else []
        wrong += [f"{width} {scheme}, faults: {fault}" for fault in told]
        tab.context.close()
    assert wrong == []


def test_a_file_is_imported_by_keyboard_alone(browser: "sync_api.Browser", desk: Desk) -> None:
    tab = at(browser, desk.person("ann", "screener"), 1280, "light", script=True)
    looked_at(tab, SHAPES / "synthetic_embase.ris")
    for _ in range(80):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.value") == "import":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_load_state()
    assert "Imported: synthetic_embase.ris, 3 entries" in tab.inner_text("body")
    tab.click("text=How Embase was searched on 1")
    assert "<b>ache</b>" in tab.inner_text("main pre")
    tab.context.close()
