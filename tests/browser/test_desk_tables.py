"""Tables in a real browser: every screen, with faults and without, without script, and by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.flow.test_exchange import table
from tests.workbench.conftest import Desk
from tests.workbench.test_exchange import GOOD, PLACE

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
BAD = table(
    GOOD, GOOD | {"cell.weeks": "8,5", "numbers.control.total": "x"}, GOOD | {"numbers.shape": "counts"}
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        yield Desk(home, site)


def file_of(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_faults_stand_on_every_screen(
    browser: "sync_api.Browser", desk: Desk, tmp_path: Path, script: bool
) -> None:
    ann, wrong = desk.person("ann", "extractor"), []
    for width, scheme in SCREENS:
        how = {
            "viewport": {"width": width, "height": 844},
            "color_scheme": scheme,
            "java_script_enabled": script,
        }
        tab = opened(browser, ann, PLACE, **how)
        wrong += [f"{width} {scheme}: {fault}" for fault in faults(tab, width)] if script else []
        tab.set_input_files("#table", file_of(tmp_path, BAD))
        tab.click("text=Check and hand in")
        assert "3 things are to be put right" in tab.inner_text("#wrong-table")
        told = faults(tab, width, refused=True) if script else []
        wrong += [f"{width} {scheme}, faults: {fault}" for fault in told]
        tab.context.close()
    assert wrong == []


def test_a_table_is_handed_in_by_keyboard_alone(
    browser: "sync_api.Browser", desk: Desk, tmp_path: Path
) -> None:
    tab = opened(browser, desk.person("ann", "extractor"), PLACE)
    tab.set_input_files("#table", file_of(tmp_path, table(GOOD)))  # the chooser itself is the system's
    tab.focus("#table")
    for _ in range(3):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent") == "Check and hand in":
            break
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".flash")
    assert tab.inner_text(".flash") == "Stored: 1 extraction."
