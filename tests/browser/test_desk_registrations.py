"""The page of a registration, and what it offers beside domain 5, in a real browser on every screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.model.record import Item
from tests.browser.checks import on_screen
from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.unit.publish import test_registrations as public
from tests.workbench.conftest import Desk
from tests.workbench.test_judging import ALPHA, RESULT, ROB, trusted
from tests.workbench.test_registrations import ACHE, HERE, switched, version

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
LONG = "Number of days off work because of ache, as told in the weekly diary and counted by two people"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        trusted(desk)
        switched(desk)
        version(
            desk, "2020-05-01", primary_outcomes=(ACHE, Item(name=LONG, detail="24 weeks")), enrolment=120
        )
        yield desk


def test_the_page_and_the_offer_stand_on_every_screen(browser: "sync_api.Browser", desk: Desk) -> None:
    wrong = []
    for path in (HERE, f"{ROB}?result={RESULT}", f"/desk/toy/study/{ALPHA}"):
        for width, scheme in SCREENS:
            viewport = {"width": width, "height": 844}
            tab = opened(browser, desk.people["ann"], path, viewport=viewport, color_scheme=scheme)
            tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            wrong += [f"{path} {width} {scheme}: {fault}" for fault in faults(tab, width)]
            tab.context.close()
    assert wrong == []


def test_words_beside_domain_5_have_room(browser: "sync_api.Browser", desk: Desk) -> None:
    """Long labels once left one letter a line."""
    for width, scheme in SCREENS:
        viewport = {"width": width, "height": 844}
        path = f"{ROB}?result={RESULT}"
        tab = opened(browser, desk.people["ann"], path, viewport=viewport, color_scheme=scheme)
        widths = tab.eval_on_selector_all(
            "#D5 dd", "els => els.map(one => one.getBoundingClientRect().width)"
        )
        assert len(widths) > 4
        assert min(widths) > 200
        tab.context.close()


def test_a_study_s_public_page_with_a_switch_stands_on_every_screen(
    browser: "sync_api.Browser", tmp_path: Path
) -> None:
    snapshot = public.built(public.FIRST, public.SWITCHED, *public.TRIAL, public.STOPPED_EARLY)
    files = public.render_version(snapshot)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    pages = [f"study/{study.slug}.html" for study in snapshot.studies if study.registry]
    assert len(pages) == 2
    wrong = [
        f"{page} {width} {scheme}: {fault}"
        for page in pages
        for width in (390, 1280)
        for scheme in ("light", "dark")
        for fault in on_screen(browser, tmp_path, page, width, scheme)
    ]
    assert wrong == []
