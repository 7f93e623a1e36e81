"""Letters that came back: the account says so, and its owner has the address tried again."""

from __future__ import annotations

from living.service.accounts import person_of
from living.service.own import own
from living.service.teammail import tell_team
from living.store import DESK
from tests.workbench.conftest import Client, Desk

AT = "/desk/account/"
WHY = "550 no such box"


def stopped(desk: Desk) -> Client:
    """Somebody whose one letter came back, in a home that stops after one."""
    house = desk.home.house
    person = desk.person("ann", "extractor", "screener")
    desk.home.poll()
    desk.person("eve", "editor")
    house.store.change_account(
        person.id, house.now(), name="Ann", address="ann@team.example.org", letters="at_once"
    )
    assert tell_team(house) == 1
    (leased,) = house.store.lease_letters(house.now(), "sender", 5, 600)
    assert house.store.mark_sending(leased.letter.id, "sender", house.now())
    house.store.mark_sent(leased.letter.id, house.now())
    counted = house.store.note_bounce(leased.letter.message_id, house.now(), WHY, 1)
    assert counted
    assert counted.stopped
    return person


def reason(desk: Desk, client: Client) -> str:
    person = person_of(desk.home.house, client.id)
    assert person
    return own(desk.home.house, person).stopped


def test_an_account_says_that_its_letters_came_back_and_a_button_tries_again(desk: Desk) -> None:
    ann = stopped(desk)
    page = ann.get(AT)
    assert "No letters go to your address any more" in page.text
    assert WHY in page.text
    again = ann.post("/desk/account/letters")
    assert "Letters are tried again." in again.text
    assert WHY not in again.text
    assert reason(desk, ann) == ""
    assert desk.home.house.store.operations()[-1].kind == "letters_resumed"
    assert "No letters were stopped." in ann.post("/desk/account/letters").text


def test_another_address_is_tried_afresh_and_the_same_one_is_not(desk: Desk) -> None:
    ann = stopped(desk)
    ann.post(AT, name="Ann", address="ann@team.example.org", letters="daily")
    assert WHY in reason(desk, ann)
    ann.post(AT, name="Ann", address="ann@other.example.org", letters="daily")
    assert reason(desk, ann) == ""
    assert [letter.state for letter in desk.home.house.store.letters(DESK)] == ["sent"]


def test_nobody_has_another_s_address_tried_again(desk: Desk) -> None:
    ann = stopped(desk)
    desk.people["eve"].post("/desk/account/letters", account=ann.id, person=ann.id)
    assert WHY in reason(desk, ann)
