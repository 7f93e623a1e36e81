"""Settling in a real browser: every screen, no script, and the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.model.facts import Adjudication
from living.service.topics import evidence_of
from tests.browser.checks import OPEN, axe
from tests.browser.test_desk_screening import SCREENS, opened
from tests.browser.test_pages import FAINT, browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import Desk
from tests.workbench.test_settling import CELL, MORE, PLACE, WHY, hand_in

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Ann and ben differ in one mean, in one result that ben left out, and in what the study is called."""
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        hand_in(desk, "ann", extra=MORE)
        hand_in(desk, "ben", 3.6, label="Epsilon 2027")
        yield desk


def test_the_pages_stand_on_every_screen(browser: "sync_api.Browser", desk: Desk) -> None:
    cleo, wrong = desk.person("cleo", "adjudicator"), []
    for path in (PLACE, "/desk/toy/agreement/"):
        for width, scheme in SCREENS:
            screen = {"width": width, "height": 844}
            tab = opened(browser, cleo, path, viewport=screen, color_scheme=scheme)
            tab.evaluate(OPEN)
            found = [*tab.complaints, *(f"faint: {words}" for words in tab.evaluate(FAINT))]
            if (wide := tab.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{wide} pixels wide")
            broken = axe.Axe().run(tab).response["violations"]
            found += [f"{item['id']}: {item['nodes'][0]['html'][:120]}" for item in broken]
            wrong += [f"{path} {width} {scheme}: {item}" for item in found]
            tab.context.close()
    assert wrong == []


@pytest.mark.parametrize("script", [True, False])
def test_one_cell_is_settled_by_keyboard_alone(browser: "sync_api.Browser", desk: Desk, script: bool) -> None:
    cleo = desk.person("cleo", "adjudicator")
    tab = opened(browser, cleo, PLACE, java_script_enabled=script)
    tab.locator(f'[name="{CELL}.choice"]').last.focus()
    tab.keyboard.press("ArrowDown")  # from the last choice round to the first: as Ann read it
    tab.locator(f'[name="{CELL}.reason"]').focus()
    tab.keyboard.type(WHY)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.get_by_text("Settled: 1.").wait_for()
    tab.context.close()
    [ruling] = [fact for _, fact in evidence_of(desk.home.house, "toy").state.of_kind(Adjudication)]
    assert ruling.reason == WHY
