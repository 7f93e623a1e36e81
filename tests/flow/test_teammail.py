"""Letters to the team: what waits, to whom, once, as each person wants them, whatever is killed when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from living.errors import UserError
from living.service.accounts import close, invite
from living.service.assignments import assign
from living.service.house import House
from living.service.policy import Role
from living.service.remarks import remark
from living.service.send import send_letters
from living.store import DESK
from tests.fakes import (
    EPSILON,
    Clock,
    FakeMailer,
    Home,
    articles,
    epsilon_article,
    form,
    home_at,
    opened,
    site_of,
    toy_records,
)

SENTINEL = "3.5"


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    """EPSILON came and waits to be screened."""
    mail: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path / "home", records, **mail) as home:
        home.move_to("2026-02-11")
        home.poll()
        yield home


def member(home: Home, name: str, *roles: Role, letters: str = "at_once") -> str:
    """Somebody with an account, an address and these roles in the topic."""
    house = home.house
    account, _ = invite(house, "console", name.title(), roles[0], home.topic, f"{name}@team.example.org")
    store, now = house.store, house.now()
    store.choose_login(account, name, now)
    store.set_password(account, "no hash lets anybody in", now, "test")
    for role in roles[1:]:
        store.grant(home.topic, account, role, now, "console")
    store.change_account(account, now, name=name.title(), address=f"{name}@team.example.org", letters=letters)
    return account


def text_of(mailer: FakeMailer, number: int = -1) -> str:
    part = mailer.taken[number].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_task_is_told_once_to_whom_it_waits_for(home: Home, mailer: FakeMailer) -> None:
    member(home, "ann", Role.SCREENER)
    member(home, "eve", Role.READER)
    send_letters(home.house)
    send_letters(home.house)
    assert mailer.recipients == ["ann@team.example.org"]
    text = text_of(mailer)
    assert "SCREEN: " in text
    assert f"/desk/toy/screen/{EPSILON}" in text
    home.quiet()


def test_a_letter_tells_nothing_of_a_blind_reading(home: Home, mailer: FakeMailer) -> None:
    home.include(EPSILON)
    ann = member(home, "ann", Role.EXTRACTOR)
    member(home, "ben", Role.EXTRACTOR)
    home.read(form(), ann)
    send_letters(home.house)
    assert set(mailer.recipients) == {"ann@team.example.org", "ben@team.example.org"}
    for letter in mailer.taken:
        whole = letter.as_string()
        assert SENTINEL not in whole
        assert "12 weeks" not in whole
    to_ben = next(item for item in mailer.taken if "ben@" in str(item["To"]))
    part = to_ben.get_body(("plain",))
    assert part is not None
    assert "READ, SECOND" in part.get_content()


def test_what_was_done_before_the_digest_is_not_in_it(home: Home, mailer: FakeMailer) -> None:
    member(home, "ann", Role.SCREENER, letters="daily")
    send_letters(home.house)
    assert mailer.taken == []
    home.include(EPSILON)
    home.forward(days=1)
    send_letters(home.house)
    assert EPSILON not in "".join(text_of(mailer, number) for number in range(len(mailer.taken)))


def test_a_digest_goes_out_once_the_day_is_over(home: Home, mailer: FakeMailer) -> None:
    member(home, "ann", Role.SCREENER, letters="daily")
    send_letters(home.house)
    home.forward(days=1)
    send_letters(home.house)
    send_letters(home.house)
    assert len(mailer.taken) == 1
    assert EPSILON in text_of(mailer)


def test_none_means_none_and_the_link_in_a_letter_ends_them(home: Home, mailer: FakeMailer) -> None:
    member(home, "eve", Role.SCREENER, letters="none")
    ann = member(home, "ann", Role.SCREENER)
    send_letters(home.house)
    assert mailer.recipients == ["ann@team.example.org"]
    link = str(mailer.taken[0]["List-Unsubscribe"]).strip("<>").partition("/letters/")[2]
    with site_of(home.house) as browser:
        looked = browser.get(f"/letters/{link}")
        assert "tasks that wait for you" in looked.text
        assert home.house.store.account(ann).letters == "at_once"  # type: ignore[union-attr]
        assert browser.post(f"/letters/{link}").status == 200
        assert browser.get(f"/letters/{link.replace('leave', 'manage')}").status == 404
    assert home.house.store.account(ann).letters == "none"  # type: ignore[union-attr]
    home.read(form(), ann)
    send_letters(home.house)
    assert len(mailer.taken) == 1
    home.quiet()


def test_somebody_who_left_the_team_gets_nothing_more(home: Home, mailer: FakeMailer) -> None:
    ann = member(home, "ann", Role.SCREENER)
    mailer.answers["data"] = "451 later"
    send_letters(home.house)
    taken = len(mailer.taken)
    close(home.house, "console", ann, erase=True)
    mailer.answers.clear()
    home.forward(days=1)
    send_letters(home.house)
    assert len(mailer.taken) == taken
    assert {letter.state for letter in home.house.store.letters(DESK)} == {"withdrawn"}
    assert "ann@team.example.org" not in str([item.body for item in home.house.store.operations()])
    home.quiet()


def test_a_request_and_a_remark_that_names_somebody_are_told(home: Home, mailer: FakeMailer) -> None:
    ann = member(home, "ann", Role.SCREENER)
    cem = member(home, "cem", Role.EXTRACTOR, letters="none")
    send_letters(home.house)
    assert assign(home.house, "toy", EPSILON, "screen", ann, cem)
    remark(home.house, "toy", EPSILON, "Could you look at the arms, @ann? Nothing secret.", cem)
    send_letters(home.house)
    text = text_of(mailer)
    assert "SCREEN (ASKED OF YOU)" in text
    assert "REMARK" in text
    assert "secret" not in text


def test_a_task_is_asked_only_of_who_can_do_it(home: Home) -> None:
    eve = member(home, "eve", Role.READER)
    with pytest.raises(UserError, match="Eve cannot do it: it takes one of the roles screener"):
        assign(home.house, "toy", EPSILON, "screen", eve, eve)
    with pytest.raises(UserError, match="does not wait any more"):
        assign(home.house, "toy", EPSILON, "adjudicate", eve, eve)


@pytest.mark.parametrize("arrow", ["tasks.noted", "letter.leased", "letter.sending", "letter.sent"])
def test_stopped_at_any_arrow_nobody_gets_two_letters(home: Home, mailer: FakeMailer, arrow: str) -> None:
    member(home, "ann", Role.SCREENER)

    def dies(passing: str) -> None:
        if passing == arrow:
            raise Killed

    home.house.failpoint = dies
    with pytest.raises(Killed):
        send_letters(home.house)
    again = restarted(home)
    again.store.recover_letters(again.now())
    send_letters(again)
    states = [letter.state for letter in again.store.letters(DESK)]
    assert states == (["unknown"] if arrow == "letter.sending" else ["sent"])
    assert len(mailer.taken) == (0 if arrow == "letter.sending" else 1)
    assert again.store.verify_store() == ()
    again.store.close()
    again.gateway.close()


def restarted(home: Home) -> House:
    given = home.house.settings.model_dump()
    mail = {name: given[name] for name in ("smtp_host", "smtp_port", "smtp_security")}
    urls = {name: given[name] for name in ("ncbi_url", "ctgov_url")}
    return opened(home.path, Clock(home.clock.now), **mail, **urls)
