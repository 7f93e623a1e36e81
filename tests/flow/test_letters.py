"""Letters from a stored change to a real mail server on loopback, under every fault that server can have."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from living.service.letters import leave, subscribe, token
from living.service.send import send_letters
from living.service.start import first_version
from tests.fakes import (
    EPSILON,
    FakeMailer,
    Home,
    articles,
    epsilon_article,
    form,
    free_port,
    home_at,
    opened,
    site_of,
    toy_records,
)

MAIL = {"smtp_host": "127.0.0.1", "smtp_security": "none", "public_url": "http://localhost:8080"}


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as mailer:
        yield mailer


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path / "home", records, smtp_port=mailer.port, **MAIL) as home:
        first_version(home.house, "toy")
        yield home
        home.quiet()


def new_version(home: Home) -> None:
    """v2.0 with the trial EPSILON; its letters wait in the outbox."""
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form())
    home.turn()
    assert home.versions == ["v1.0", "v2.0"]


def link_in(letter: EmailMessage, purpose: str) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://localhost:8080(/letters/{purpose}/[0-9a-f]+)", body.get_content())
    assert found is not None
    return found[1]


def news(mailer: FakeMailer) -> list[EmailMessage]:
    """What arrived beside the letters that ask to confirm."""
    return [letter for letter in mailer.taken if letter["List-Unsubscribe"]]


# --- who gets what ------------------------------------------------------------------------------------------


def test_only_confirmed_readers_who_want_it_get_the_letter_once(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    home.reader("ben", "retraction")
    subscribe(home.house, "toy", "never-confirmed@readers.example.org", "every_bulletin")
    leave(home.house, token(home.house, "leave", home.reader("left")))
    new_version(home)
    send_letters(home.house)
    assert [letter["To"] for letter in news(mailer)] == ["ann@readers.example.org"]
    send_letters(home.house)
    home.turn()
    send_letters(home.house)
    assert len(news(mailer)) == 1


def test_the_subject_says_the_change_and_the_letter_can_be_left_with_one_click(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann")
    new_version(home)
    send_letters(home.house)
    letter = news(mailer)[0]
    assert (
        letter["Subject"]
        == "Invented remedy for invented ache: one trial added, average now −0.92 (−1.57 to −0.27)"
    )
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/toy/v2.0/" in letter.get_body(("plain",)).get_content()
    assert letter.get_body(("html",)) is not None

    place = letter["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8080")
    with site_of(home.house) as web:
        asked = web.get(place)
        assert asked.status == 200
        assert "<form" in asked.text
        assert home.house.store.subscribers("toy", "confirmed")
        assert web.post(place).status == 200
        assert home.house.store.subscribers("toy", "confirmed") == ()
        assert web.post(place).status == 200
        assert "no more letters" in web.get(place).text
    assert len(home.house.store.subscribers("toy", "left")) == 1


def test_a_subscription_begins_with_the_button_behind_a_letter_and_not_before(
    home: Home, mailer: FakeMailer
) -> None:
    reader = subscribe(home.house, "toy", "Ann@Readers.example.org", "new_study")
    assert subscribe(home.house, "toy", "ann@readers.example.org", "new_study").id == reader.id
    assert send_letters(home.house).sent == 1
    place = link_in(mailer.taken[0], "confirm")
    with site_of(home.house) as web:
        assert "Nothing is sent unless you say yes" in web.get(place).text
        assert web.head(place).status == 200
        assert home.house.store.subscribers("toy", "confirmed") == ()
        assert "You will get letters" in web.post(place).text
    assert [item.id for item in home.house.store.subscribers("toy", "confirmed")] == [reader.id]


def test_nothing_is_sent_after_somebody_left_even_if_it_was_waiting(home: Home, mailer: FakeMailer) -> None:
    reader = home.reader("ann")
    new_version(home)
    assert ("major", "queued") in home.letters()
    leave(home.house, token(home.house, "leave", reader))
    assert send_letters(home.house).sent == 0
    assert ("major", "withdrawn") in home.letters()
    assert news(mailer) == []


def test_who_leaves_while_letters_go_out_gets_none_of_those_that_follow(
    home: Home, mailer: FakeMailer
) -> None:
    readers = {name: home.reader(name) for name in ("ann", "ben")}
    new_version(home)

    def the_other_leaves() -> None:
        mailer.when_taken = None
        first = str(mailer.taken[-1]["To"]).partition("@")[0]
        other = "ben" if first == "ann" else "ann"
        leave(home.house, token(home.house, "leave", readers[other]))

    mailer.when_taken = the_other_leaves
    assert send_letters(home.house).sent == 1
    assert len(news(mailer)) == 1


# --- the server's faults ------------------------------------------------------------------------------------


def test_a_refused_letter_fails_and_is_not_tried_again(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    new_version(home)
    mailer.answers["rcpt"] = "550 no mailbox ann@readers.example.org here"
    assert send_letters(home.house).failed == 1
    mailer.answers.clear()
    home.forward(days=3)
    assert send_letters(home.house).sent == 0
    assert "ann@" not in home.all_letters()[-1].error


def test_a_letter_refused_for_now_is_tried_later_and_arrives(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    new_version(home)
    mailer.answers["rcpt"] = "451 greylisted"
    assert send_letters(home.house).retry == 1
    mailer.answers.clear()
    assert send_letters(home.house).sent == 0
    home.forward(minutes=20)
    assert send_letters(home.house).sent == 1


def test_a_connection_lost_before_the_text_is_tried_again(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    new_version(home)
    mailer.answers["data"] = "452 the disk is full"
    assert send_letters(home.house).retry == 1
    mailer.answers.clear()
    home.forward(hours=1)
    assert send_letters(home.house).sent == 1


def test_a_connection_lost_after_the_text_is_never_tried_again(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    new_version(home)
    mailer.hang_up = "after"
    assert send_letters(home.house).unknown == 1
    mailer.hang_up = ""
    home.forward(days=2)
    assert send_letters(home.house).sent == 0
    assert len(news(mailer)) == 1
    assert ("major", "unknown") in home.letters()


def test_a_server_that_is_away_is_left_alone_after_a_few_and_gets_every_letter_later(
    home: Home, mailer: FakeMailer
) -> None:
    for number in range(6):
        home.reader(f"reader-{number}")
    new_version(home)
    here = home.house.settings.smtp_port
    home.house.settings = home.house.settings.model_copy(update={"smtp_port": free_port()})
    assert send_letters(home.house).retry == 3
    home.house.settings = home.house.settings.model_copy(update={"smtp_port": here})
    home.forward(hours=1)
    assert send_letters(home.house).sent == 6
    assert sorted(letter["To"] for letter in news(mailer)) == [
        f"reader-{number}@readers.example.org" for number in range(6)
    ]


def test_one_address_to_which_no_mail_can_go_does_not_hold_up_the_others(
    home: Home, mailer: FakeMailer
) -> None:
    odd = subscribe(home.house, "toy", "ann..b@readers.example.org", "new_study")
    assert send_letters(home.house).failed == 1
    home.reader("ben")
    new_version(home)
    assert send_letters(home.house).sent == 1
    assert [letter.state for letter in home.all_letters() if letter.subscriber == odd.id] == ["failed"]
    assert not [letter for letter in home.all_letters() if "ann..b" in letter.error]


def test_without_a_mail_server_and_while_mail_is_paused_letters_wait(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    new_version(home)
    settings = home.house.settings
    for away in ({"smtp_host": ""}, {"mail_paused": True}):
        home.house.settings = settings.model_copy(update=away)
        assert send_letters(home.house).sent == 0
        assert ("major", "queued") in home.letters()
    home.house.settings = settings
    assert send_letters(home.house).sent == 1


class Killed(BaseException):
    """The process dies here."""


def test_a_sender_killed_while_the_server_took_the_text_leaves_it_unknown_and_unsent(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann")
    new_version(home)

    class Dying(type(home.house.store)):  # type: ignore[misc]
        """A store whose process dies before it can note that the letter went out."""

        def mark_sent(self, letter: int, at: str) -> bool:
            raise Killed

    home.house.store.__class__ = Dying
    with pytest.raises(Killed):
        send_letters(home.house)
    assert len(news(mailer)) == 1
    again = opened(home.path, home.clock, smtp_port=mailer.port, **MAIL)
    first_version(again, "toy")
    assert send_letters(again).sent == 0
    assert again.store.letters("toy", "unknown")[0].kind == "major"
    assert again.store.verify_store() == ()
    again.store.close()
    assert len(news(mailer)) == 1


# --- privacy ------------------------------------------------------------------------------------------------


def test_no_address_is_in_any_page_payload_ledger_line_or_log(
    home: Home, mailer: FakeMailer, caplog: pytest.LogCaptureFixture
) -> None:
    reader = home.reader("unmistakable-name", "every_bulletin")
    new_version(home)
    mailer.answers["rcpt"] = "451 unmistakable-name@readers.example.org is greylisted"
    send_letters(home.house)
    home.turn()
    for path in home.house.settings.site.rglob("*"):
        assert not path.is_file() or b"unmistakable-name" not in path.read_bytes(), path
    facts = [line.model_dump_json() for line in home.house.store.lines("toy")]
    operations = [str(item.body) for item in home.house.store.operations()]
    errors = [letter.error for letter in home.all_letters()]
    assert not [text for text in (*facts, *operations, *errors) if "unmistakable-name" in text]
    assert "unmistakable-name" not in caplog.text
    assert reader in str(operations)
    assert any("greylisted" in error for error in errors)
