"""Nothing typed is ever lost: two windows, a stale form, a double press, a lost session, a restart."""

from __future__ import annotations

import html
import json
import re

from living.model.facts import Extraction
from living.service.drafts import open_drafts, prune
from tests.fakes import EPSILON, Reply, opened, site_of
from tests.workbench.conftest import PASSWORD, Client, Desk
from tests.workbench.test_reading import BASE, FILLED, KEY, READ, press, reader, said

DRAFT, DIFFER = f"/desk/toy/draft/{EPSILON}", f"/desk/toy/differ/{EPSILON}"


def save(client: Client, base: int, **fields: str) -> dict[str, object]:
    """What desk.js does at a pause."""
    reply = client.form(DRAFT, {**fields, "base": str(base)}, quick=True)
    assert reply.status == 200, reply.text
    found = json.loads(reply.text)
    assert isinstance(found, dict)
    return found


def test_a_save_at_a_pause_is_there_when_the_page_is_opened_again(desk: Desk) -> None:
    ann = reader(desk)
    first = save(ann, 0, **{"what.label": "Half a na"})
    assert (first["revision"], first["beside"]) == (1, "")
    assert 'value="Half a na"' in ann.get(READ).text


def test_two_windows_end_in_a_choice_between_both_and_nothing_is_dropped(desk: Desk) -> None:
    ann = reader(desk)
    save(ann, 0, **{"what.label": "One"})
    save(ann, 1, **{"what.label": "One, this window", "what.condition": "ache"})
    stale = save(ann, 1, **{"what.label": "One, that window", "what.condition": "ache"})
    assert str(stale["beside"]).startswith(DIFFER)
    page = ann.get(str(stale["beside"]))
    assert "One, this window" in page.text
    assert "One, that window" in page.text
    assert "take:what.label" in page.text
    assert "take:what.condition" not in page.text
    chosen = ann.form(DIFFER, {"base": str(stale["revision"]), "take:what.label": "other"})
    assert 'value="One, this window"' in chosen.text
    assert "Another window" not in chosen.text
    store = desk.home.house.store
    (kept,) = store.drafts_of(ann.id)
    bodies = [store.draft_at(kept, mark.revision) for mark in store.draft_marks(kept)]
    assert any("One, that window" in item.body for item in bodies if item)


def test_a_form_left_open_while_another_was_handed_in_is_not_said_over_it(desk: Desk) -> None:
    ann = reader(desk)
    left = ann.get(READ)
    save(ann, 0, **FILLED)
    press(ann, "hand_in", FILLED)
    stale = press(ann, "hand_in", {**FILLED, "c0.weeks": "13"}, left)
    assert stale.status == 200
    assert len(said(desk, Extraction)) == 1


def test_pressing_twice_says_once_and_shows_the_first_result(desk: Desk) -> None:
    ann = reader(desk)
    page = ann.get(READ)
    before = desk.home.head()[0]
    for _ in range(2):
        assert "Handed in: 1 cell" in press(ann, "hand_in", FILLED, page).text
    assert desk.home.head()[0] == before + 2  # characteristics and one extraction


def test_a_hand_in_after_the_session_ended_goes_through_the_sign_in_whole(desk: Desk) -> None:
    ann = reader(desk)
    page = ann.get(READ)
    key, base = KEY.search(page.text), BASE.findall(page.text)[-1]
    desk.home.clock.forward(hours=3)
    out = ann.form(READ, {**FILLED, "key": key[1] if key else "", "base": base, "do": "hand_in"})
    assert out.status == 401
    assert said(desk, Extraction) == []
    who = {"csrf": ann.token_of(out), "login": "ann", "password": PASSWORD}
    again = ann.form("/desk/sign-in", {**hidden_in(out), **who})
    assert "You are signed in again" in again.text
    done = ann.form(READ, hidden_in(again))
    assert "Handed in: 1 cell" in done.text
    assert len(said(desk, Extraction)) == 1


def hidden_in(page: Reply) -> dict[str, str]:
    """What a browser would send of a page's hidden fields."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def test_a_quick_save_without_a_session_says_so_and_stores_nothing(desk: Desk) -> None:
    ann = reader(desk)
    ann.cookies.clear()
    reply = ann.form(DRAFT, {"what.label": "x", "base": "0"}, quick=True)
    assert reply.status == 401
    assert desk.home.house.store.drafts_of(ann.id) == ()


def test_a_restart_of_the_server_keeps_every_draft(desk: Desk) -> None:
    ann = reader(desk)
    save(ann, 0, **{"what.label": "Before the restart"})
    again = opened(desk.home.path, desk.home.clock)
    try:
        with site_of(again) as browser:
            page = Client(browser, ann.id, ann.cookies, ann.csrf).get(READ)
    finally:
        again.store.close()
        again.gateway.close()
    assert 'value="Before the restart"' in page.text


def test_a_draft_is_its_author_s_alone_whatever_the_role(desk: Desk) -> None:
    ann = reader(desk)
    save(ann, 0, **{"what.label": "A secret of Ann"})
    for name, roles in (("ben", ("extractor",)), ("eve", ("extractor", "adjudicator", "editor"))):
        other = desk.person(name, *roles)
        for path in (READ, f"{READ}?rev=1", f"{DIFFER}?rev=1"):
            assert "A secret of Ann" not in other.get(path).text
        assert open_drafts(desk.home.house, other.id) == ()
    assert [item.subject for item in open_drafts(desk.home.house, ann.id)] == [EPSILON]


def test_a_draft_is_never_analysed(desk: Desk) -> None:
    ann = reader(desk)
    before = desk.home.head()
    save(ann, 0, **FILLED)
    assert desk.home.head() == before


def test_a_handed_in_draft_leaves_the_list_and_goes_after_thirty_days(desk: Desk) -> None:
    ann = reader(desk)
    save(ann, 0, **FILLED)
    press(ann, "hand_in", FILLED)
    assert open_drafts(desk.home.house, ann.id) == ()
    assert prune(desk.home.house) == 0
    desk.home.clock.forward(days=31)
    assert prune(desk.home.house) > 0


def test_a_draft_too_large_to_be_any_form_is_refused_and_the_last_one_stays(desk: Desk) -> None:
    ann = reader(desk)
    save(ann, 0, **{"what.label": "Small"})
    reply = ann.form(DRAFT, {"c0.q0.text": "x" * 450_000, "base": "1"}, quick=True)
    assert reply.status == 400
    assert "too large" in json.loads(reply.text)["fault"]
    assert 'value="Small"' in ann.get(READ).text


def test_what_can_be_said_while_typing_says_nothing_of_empty_fields(desk: Desk) -> None:
    ann = reader(desk)
    typed = {**FILLED, "c0.weeks": "twelve", "c0.control.mean": ""}
    reply: Reply = ann.form(f"/desk/toy/check/{EPSILON}", typed, quick=True)
    assert reply.status == 200
    note = re.search(r'id="note-c0\.weeks">(.*?)</div>', reply.text, re.DOTALL)
    assert note is not None
    assert "is no number" in note[1]
    empty = re.search(r'id="note-c0\.control\.mean">(.*?)</div>', reply.text, re.DOTALL)
    assert empty is not None
    assert "Type a number" not in empty[1]
