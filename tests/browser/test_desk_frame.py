"""The way into the workbench in a real browser: every screen, by keyboard, and nothing typed is lost."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from living.service import accounts
from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import PASSWORD, Desk

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
HINT = "Password forms should have"  # a step that asks for the password again needs no login


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        yield Desk(home, site)


def link_of(desk: Desk) -> str:
    return "/desk/link/" + accounts.first_link(desk.home.house).rpartition("/")[2]


def test_every_page_of_the_frame_stands_on_every_screen(browser: "sync_api.Browser", desk: Desk) -> None:
    link, wrong = link_of(desk), []
    pages = [(desk.stranger(), path) for path in ("/desk/sign-in", link, "/desk/link/none-such")]
    for width, scheme in SCREENS:
        for client, path in pages:
            tab = opened(browser, client, path, viewport={"width": width, "height": 844}, color_scheme=scheme)
            wrong += [
                f"{path} {width} {scheme}: {fault}"
                for fault in faults(tab, width)
                if "status of 404" not in fault
            ]
            tab.context.close()
    ann, root = desk.person("ann", "extractor"), desk.person("root", "administrator")
    pages = [(ann, "/desk/account/"), (ann, "/desk/account/second/"), (root, "/desk/people/")]
    for width, scheme in SCREENS:
        for client, path in pages:
            tab = opened(browser, client, path, viewport={"width": width, "height": 844}, color_scheme=scheme)
            seen = [fault for fault in faults(tab, width) if HINT not in fault]
            wrong += [f"{path} {width} {scheme}: {fault}" for fault in seen]
            tab.context.close()
    assert wrong == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_first_administrator_comes_in_by_keyboard_alone(
    browser: "sync_api.Browser", desk: Desk, script: bool
) -> None:
    tab = opened(browser, desk.stranger(), link_of(desk), java_script_enabled=script)
    for name, text in (
        ("name", "Root"),
        ("login", "root"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ):
        tab.locator(f"#{name}").focus()
        tab.keyboard.type(text)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk/account/second/")
    secret = tab.locator("li code").inner_text().replace(" ", "")
    tab.locator("#code").focus()
    tab.keyboard.type(pyotp.TOTP(secret).at(desk.home.clock.now))
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk/account/")
    assert "The second factor is set up" in tab.inner_text(".flash")
    tab.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_was_typed_before_the_session_ended_arrives_after_signing_in(
    browser: "sync_api.Browser", desk: Desk, script: bool
) -> None:
    ann = desk.person("ann", "extractor")
    tab = opened(browser, ann, "/desk/account/", java_script_enabled=script)
    tab.fill("#name", 'Ann "of the long form" Ünal')
    desk.home.forward(hours=3)
    tab.get_by_role("button", name="Keep the changes").click()
    tab.fill("#login", "ann")
    tab.fill("#password", PASSWORD)
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Send it now").click()
    tab.wait_for_url("**/desk/account/")
    assert tab.input_value("#name") == 'Ann "of the long form" Ünal'
    found = desk.home.house.store.account(ann.id)
    assert found is not None
    assert found.name == 'Ann "of the long form" Ünal'
    tab.context.close()
