"""The form of extraction in a real browser: it saves itself, checks while one types, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from living.model.facts import Extraction
from tests.browser.test_pages import browser
from tests.fakes import EPSILON, home_at, site_of
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_reading import FILLED, READ, reader, said

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
__all__ = ["browser"]
NAME = "[id='what.label']"
SOON = 20_000  # ms; a save comes a second after the last key, on a machine that does other things too


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        yield Desk(home, site)


def tab(browser: Any, desk: Desk, who: Client, **context: Any) -> Any:
    """A page of a browser in which somebody is signed in."""
    base = f"http://127.0.0.1:{desk.browser.port}"
    opened = browser.new_context(base_url=base, **context)
    opened.set_default_timeout(SOON)
    opened.add_cookies([{"name": name, "value": value, "url": base} for name, value in who.cookies.items()])
    page = opened.new_page()
    page.complaints = []
    page.on("pageerror", lambda fault: page.complaints.append(str(fault)))
    return page


def told(page: Any, words: str) -> None:
    sync_api.expect(page.locator("#kept")).to_contain_text(words, timeout=SOON)


def saved_when(page: Any, desk: Desk, words: str) -> None:
    """Wait until the store holds what was typed, and the page knows."""
    store, (person,) = desk.home.house.store, desk.people.values()
    for _ in range(SOON // 200):
        if any(words in draft.body for draft in store.drafts_of(person.id)):
            return told(page, "Saved")
        page.wait_for_timeout(200)
    raise AssertionError(f"'{words}' was never saved: {page.text_content('#kept')}")


def fill(page: Any, names: list[str]) -> None:
    for name in names:
        field = page.locator(f"[id='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(FILLED[name])
        else:
            field.fill(FILLED[name])


def fill_whole(page: Any) -> None:
    """Fill the form as the design and the kind of datum unfold it."""
    page.goto(READ)
    fill(page, [name for name in FILLED if name.startswith(("what.l", "what.d", "what.c", "what.g", "arm"))])
    fill(page, ["c0.outcome"])
    page.get_by_role("button", name="Next: show the fields").click()
    fill(page, ["c0.scale", "c0.experimental", "c0.control", "c0.weeks", "c0.estimand", "c0.datum"])
    page.get_by_role("button", name="Next: show the fields").click()
    numbers = [name for name in FILLED if name.startswith(("c0.experimental.", "c0.control."))]
    fill(page, [*numbers, "c0.q0.locator", "c0.q0.text", "c0.population"])


def test_what_is_typed_saves_itself_and_is_checked_meanwhile(browser: Any, desk: Desk) -> None:
    page = tab(browser, desk, reader(desk))
    fill_whole(page)
    page.fill("[id='c0.control.mean']", "4.6")
    note = page.locator("[id='note-c0.control.mean']")
    sync_api.expect(note).to_contain_text("No quote of this cell contains 4.6", timeout=SOON)
    saved_when(page, desk, "4.6")
    page.goto(READ)
    assert page.input_value("[id='c0.control.mean']") == "4.6"
    assert page.complaints == []


def test_without_a_connection_the_text_waits_in_the_browser_and_then_goes(browser: Any, desk: Desk) -> None:
    ann = reader(desk)
    page = tab(browser, desk, ann)
    page.goto(READ)
    page.context.set_offline(True)
    page.fill(NAME, "Typed on a train")
    told(page, "No connection")
    assert desk.home.house.store.drafts_of(ann.id) == ()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    told(page, "Saved")
    assert "Typed on a train" in desk.home.house.store.drafts_of(ann.id)[0].body


def test_two_windows_are_told_of_each_other(browser: Any, desk: Desk) -> None:
    ann = reader(desk)
    one = tab(browser, desk, ann)
    one.goto(READ)
    other = one.context.new_page()
    other.goto(READ)
    one.fill(NAME, "In the first window")
    told(one, "Saved")
    other.fill(NAME, "In the second window")
    told(other, "Another window saved this form differently")
    other.locator("#kept a").click()
    for words in ("In the first window", "In the second window"):
        assert other.get_by_text(words).is_visible()
    other.get_by_role("button", name="Go on with these").click()
    assert other.input_value(NAME) == "In the second window"


def test_a_session_that_ends_while_somebody_types_is_told_and_the_text_stays(
    browser: Any, desk: Desk
) -> None:
    page = tab(browser, desk, reader(desk))
    page.goto(READ)
    page.context.clear_cookies()
    page.fill(NAME, "Typed after the session")
    told(page, "You were signed out")
    page.get_by_role("button", name="Save draft").click()
    assert page.locator("input[value='Typed after the session']").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_form_stands_on_every_screen(browser: Any, desk: Desk, width: int, scheme: str) -> None:
    ann = reader(desk)
    ann.form(f"/desk/toy/draft/{EPSILON}", {**FILLED, "base": "0"}, quick=True)
    page = tab(browser, desk, ann, viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(READ)
    page.get_by_role("button", name="Check").click()
    page.wait_for_load_state()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [item["id"] for item in axe.Axe().run(page).response["violations"]] == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_form_is_filled_and_handed_in_by_keyboard_alone(browser: Any, desk: Desk, script: bool) -> None:
    page = tab(browser, desk, reader(desk), java_script_enabled=script)
    fill_whole(page)
    page.get_by_role("button", name="Hand in").focus()
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".flash")).to_contain_text("Handed in: 1 cell", timeout=SOON)
    assert len(said(desk, Extraction)) == 1
