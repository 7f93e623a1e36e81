"""Judging in a real browser: every screen, questions that fold away with script, and the same without."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_desk_screening import SCREENS, faults, opened
from tests.browser.test_pages import browser
from tests.fakes import home_at, site_of
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_judging import ALPHA, LOW, ROB, TRUST, study, trusted

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
__all__ = ["browser"]
BIAS = f"{ROB}?result=ache"
SHOWN = "els => els.filter(one => one.offsetParent).map(one => one.textContent)"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as site:
        desk = Desk(home, site)
        trusted(desk)
        yield desk


def differing(desk: Desk) -> Client:
    """Ann and Ben differ; Eve may judge, settle and rate."""
    ann, ben = desk.people["ann"], desk.people["ben"]
    ann.form(ROB, LOW)
    ben.form(ROB, {**LOW, "1.3": "Y"})
    return desk.person("eve", "adjudicator", "editor", "extractor")


def test_every_page_stands_on_every_screen(browser: "sync_api.Browser", desk: Desk) -> None:
    eve, wrong = differing(desk), []
    settle = f"/desk/toy/rob/settle/{ALPHA}?result=ache"
    for path in ("/desk/toy/judgements/", TRUST, BIAS, settle, "/desk/toy/grade/ache"):
        for width, scheme in SCREENS:
            tab = opened(browser, eve, path, viewport={"width": width, "height": 844}, color_scheme=scheme)
            wrong += [f"{path} {width} {scheme}: {fault}" for fault in faults(tab, width)]
            tab.context.close()
    assert wrong == []


def asked(tab: "sync_api.Page") -> list[str]:
    return tab.eval_on_selector_all("fieldset.asked legend .no", SHOWN)


def test_questions_that_do_not_apply_fold_away_and_come_back(browser: "sync_api.Browser", desk: Desk) -> None:
    tab = opened(browser, desk.people["ann"], BIAS)
    assert "2.3" not in asked(tab)
    tab.check('input[name="2.1"][value="Y"]')
    assert "2.3" in asked(tab)
    tab.check('input[name="2.3"][value="PY"]')
    assert "2.4" in asked(tab)
    for name in ("2.1", "2.2"):
        tab.check(f'input[name="{name}"][value="N"]')
    assert not {"2.3", "2.4"} & set(asked(tab))
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_two_people_judge_by_keyboard_alone(browser: "sync_api.Browser", desk: Desk, script: bool) -> None:
    for name in ("ann", "ben"):
        tab = opened(browser, desk.people[name], BIAS, java_script_enabled=script)
        for question, answer in LOW.items():
            if question[0].isdigit():
                tab.focus(f'input[name="{question}"][value="{answer}"]')
                tab.keyboard.press("Space")
        tab.focus('button[value="hand_in"]')
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        assert tab.locator(".flash").inner_text() == "Your judgement is stored."
        tab.context.close()
    assert [one.overall for one in study(desk).rob] == ["low"]
