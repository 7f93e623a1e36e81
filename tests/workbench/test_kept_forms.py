"""Nothing typed is lost on the forms of judgements and of settling: windows, restarts, sessions, hand-ins."""

from __future__ import annotations

import json

import pytest

from living.service.drafts import open_drafts
from tests.fakes import opened, site_of
from tests.workbench.conftest import PASSWORD, Client, Desk
from tests.workbench.test_drafts import hidden_in
from tests.workbench.test_judging import LOW, RESULT, ROB, TRUST, graded, sound, text, trusted, two
from tests.workbench.test_settling import CELL, PLACE, WHY, hand_in, rulings, stamp

GRADE, SECRET = "/desk/toy/grade/ache", "half a reason of ann's"
BIAS = f"{ROB}?result={RESULT}"


@pytest.fixture
def rater(desk: Desk) -> Client:
    trusted(desk)
    return desk.person("eve", "extractor", "adjudicator", "editor")


def save(client: Client, path: str, base: int, **fields: str) -> dict[str, object]:
    """What desk.js does at a pause."""
    reply = client.form(path, {**fields, "base": str(base), "do": "save"}, quick=True)
    assert reply.status == 200, reply.text
    found = json.loads(reply.text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("path", "shown", "fields"),
    [
        (TRUST, TRUST, {"1.1": "yes", "T1.reason": SECRET}),
        (ROB, BIAS, {"result": RESULT, "reason": SECRET}),
        (GRADE, GRADE, {"reason": SECRET}),
    ],
)
def test_a_draft_is_there_again_listed_and_its_author_s_alone(
    desk: Desk, rater: Client, path: str, shown: str, fields: dict[str, str]
) -> None:
    head = desk.home.head()
    done = rater.form(path, {**fields, "base": "0", "do": "save"})
    assert "Draft saved" in done.text
    assert "Your draft, kept from" in text(done)
    assert SECRET.replace("'", "&#39;") in rater.get(shown).text
    assert f'href="{shown}"' in rater.get("/desk/").text
    other = desk.person("zoe", "extractor", "adjudicator", "editor")
    assert "half a reason" not in other.get(shown).text
    assert shown not in other.get("/desk/").text
    assert desk.home.head() == head


def test_two_windows_end_in_a_choice_and_nothing_is_dropped(desk: Desk) -> None:
    ann, _ = two(desk)
    save(ann, TRUST, 0, reason="one")
    save(ann, TRUST, 1, reason="this window")
    stale = save(ann, TRUST, 1, **{"reason": "that window", "1.1": "yes"})
    page = ann.get(str(stale["beside"]))
    for words in ("this window", "that window", "All in all: why"):
        assert words in page.text
    fields = {**hidden_in(page), "take:reason": "other", "take:1.1": "mine"}
    chosen = ann.form(TRUST, fields)
    assert "this window" in chosen.text
    assert "Another window" not in chosen.text
    store = desk.home.house.store
    (kept,) = store.drafts_of(ann.id)
    bodies = [store.draft_at(kept, mark.revision) for mark in store.draft_marks(kept)]
    assert any("that window" in item.body for item in bodies if item)


def test_a_hand_in_beside_another_window_s_text_asks_first(desk: Desk) -> None:
    ann, _ = two(desk)
    head = desk.home.head()
    save(ann, TRUST, 0, reason="in another window")
    asked = ann.form(TRUST, sound(base="0", reason="in this one"))
    assert "in another window" in asked.text
    assert "in this one" in asked.text
    assert desk.home.head() == head


@pytest.mark.parametrize("path", [TRUST, GRADE])
def test_what_was_handed_in_leaves_the_list(desk: Desk, rater: Client, path: str) -> None:
    fields = sound() if path == TRUST else graded()
    save(rater, path, 0, **{name: value for name, value in fields.items() if name != "do"})
    assert [item.form for item in open_drafts(desk.home.house, rater.id)] != []
    assert rater.form(path, {**fields, "base": "1", "do": "hand_in"}).status == 200
    assert open_drafts(desk.home.house, rater.id) == ()
    assert "kept from" not in text(rater.get(path))


def test_a_refused_hand_in_and_a_look_are_kept_too(desk: Desk, rater: Client) -> None:
    assert rater.form(TRUST, {"1.1": "yes", "do": "hand_in"}).status == 400
    assert rater.form(ROB, {**LOW, "do": "look"}).status == 200
    assert [item.form for item in open_drafts(desk.home.house, rater.id)] == ["trust", "rob"]


def test_a_draft_survives_a_restart(desk: Desk) -> None:
    ann, _ = two(desk)
    save(ann, TRUST, 0, reason="before the restart")
    again = opened(desk.home.path, desk.home.clock)
    try:
        with site_of(again) as browser:
            page = Client(browser, ann.id, ann.cookies, ann.csrf).get(TRUST)
    finally:
        again.store.close()
        again.gateway.close()
    assert "before the restart" in page.text


def test_a_save_after_the_session_ended_goes_through_the_sign_in_whole(desk: Desk) -> None:
    ann, _ = two(desk)
    desk.home.clock.forward(hours=3)
    assert ann.form(TRUST, {"reason": "late", "do": "save"}, quick=True).status == 401
    out = ann.form(TRUST, {"reason": "late", "base": "0", "do": "save"})
    assert out.status == 401
    who = {"csrf": ann.token_of(out), "login": "ann", "password": PASSWORD}
    again = ann.form("/desk/sign-in", {**hidden_in(out), **who})
    assert "Draft saved" in ann.form(TRUST, hidden_in(again)).text
    assert "late" in ann.get(TRUST).text


def test_numbers_that_moved_since_are_told_beside_the_draft(desk: Desk) -> None:
    ann, _ = two(desk)
    save(ann, TRUST, 0, reason="typed on other records", judged="0" * 64)
    page = ann.get(TRUST)
    assert "has changed since you typed" in page.text
    assert "typed on other records" in page.text


def test_a_dropped_draft_leaves_the_form_and_the_list(desk: Desk) -> None:
    ann, _ = two(desk)
    save(ann, TRUST, 0, reason="a second thought")
    gone = ann.form(TRUST, {"reason": "a second thought", "base": "1", "do": "drop"})
    assert "a second thought" not in gone.text
    assert open_drafts(desk.home.house, ann.id) == ()


def test_settling_keeps_its_draft_and_closes_it_when_said(desk: Desk) -> None:
    hand_in(desk, "ann")
    hand_in(desk, "ben", 3.6, label="Epsilon 2027")
    cleo = desk.person("cleo", "adjudicator")
    fields = {f"{CELL}.choice": "back", f"{CELL}.reason": "half a sentence"}
    assert "half a sentence" in cleo.form(PLACE, {**fields, "base": "0", "do": "save"}).text
    assert f'href="{PLACE}"' in cleo.get("/desk/").text
    assert "half a sentence" not in desk.person("dora", "adjudicator").get(PLACE).text
    side = f"side:{desk.people['ann'].id}"
    said = {f"{CELL}.choice": side, f"{CELL}.reason": WHY, f"{CELL}.stamp": stamp(cleo.get(PLACE))}
    left = {"description.reason": "still thinking", "base": "1"}
    page = cleo.form(PLACE, {**said, **left})
    assert "Settled: 1." in page.text
    assert "still thinking" in page.text  # what was not settled yet is not lost with what was
    assert len(rulings(desk)) == 1
