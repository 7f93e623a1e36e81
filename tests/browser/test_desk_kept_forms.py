"""Judgements and settling in a real browser: nothing typed is lost, with and without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_desk_reading import saved_when, tab, told
from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import Desk
from tests.workbench.test_judging import TRUST
from tests.workbench.test_settling import CELL, PLACE, hand_in

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
REASON = {TRUST: '[name="T1.reason"]', PLACE: f'[name="{CELL}.reason"]'}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two people differ in one mean; Cleo may judge and settle."""
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        hand_in(desk, "ann")
        hand_in(desk, "ben", 3.6)
        desk.people.clear()
        desk.person("cleo", "adjudicator")
        yield desk


@pytest.mark.parametrize("path", [TRUST, PLACE])
def test_what_is_typed_saves_itself_and_is_there_again(browser: Any, desk: Desk, path: str) -> None:
    page = tab(browser, desk, desk.people["cleo"])
    page.goto(path)
    page.fill(REASON[path], "half a sentence")
    saved_when(page, desk, "half a sentence")
    page.goto(path)
    assert page.input_value(REASON[path]) == "half a sentence"
    told(page, "kept from")
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("path", [TRUST, PLACE])
def test_without_script_a_press_keeps_it(browser: Any, desk: Desk, path: str) -> None:
    page = tab(browser, desk, desk.people["cleo"], java_script_enabled=False)
    page.goto(path)
    page.fill(REASON[path], "half a sentence")
    page.get_by_role("button", name="Save draft").click()
    assert page.input_value(REASON[path]) == "half a sentence"
    page.goto("/desk/")
    page.locator(f'#drafts + ul a[href="{path}"]').click()
    assert page.input_value(REASON[path]) == "half a sentence"
    page.context.close()


def test_two_windows_are_told_of_each_other_and_choose(browser: Any, desk: Desk) -> None:
    one = tab(browser, desk, desk.people["cleo"])
    one.goto(TRUST)
    other = one.context.new_page()
    other.goto(TRUST)
    one.fill(REASON[TRUST], "in the first window")
    told(one, "Saved")
    other.fill(REASON[TRUST], "in the second window")
    told(other, "Another window saved this form differently")
    other.locator("#kept a").click()
    for words in ("in the first window", "in the second window"):
        assert other.get_by_text(words).is_visible()
    other.get_by_role("button", name="Go on with these").click()
    assert other.input_value(REASON[TRUST]) == "in the second window"
    one.context.close()


def test_a_kept_form_stands_on_every_screen(browser: Any, desk: Desk) -> None:
    cleo, wrong = desk.people["cleo"], []
    for path, name in ((TRUST, "T1.reason"), (PLACE, f"{CELL}.reason")):
        cleo.form(path, {name: "this window", "base": "0", "do": "save"})
        cleo.form(path, {name: "that window", "base": "0", "do": "save"})
        for shown in (path, f"{path}?differ=2"):
            for width, scheme in SCREENS:
                screen = {"width": width, "height": 844}
                page = opened(browser, cleo, shown, viewport=screen, color_scheme=scheme)
                wrong += [f"{shown} {width} {scheme}: {fault}" for fault in faults(page, width)]
                page.context.close()
    assert wrong == []
