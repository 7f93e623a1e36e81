"""A notice to its end: task, numbers, banners, letters, decision, way back; what is withdrawn or retired."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import UserError
from living.service.checks import check_store
from living.service.endings import retire, withdraw
from living.service.people import vote
from living.service.send import send_letters
from living.service.start import first_version
from tests.fakes import (
    EPSILON,
    FakeMailer,
    Home,
    articles,
    epsilon_article,
    form,
    home_at,
    toy_article,
    toy_records,
)

BETA = "pubmed:90000002"
RETRACTED = ["Journal Article", "Retracted Publication"]
TEAM = "team@review.example.org"


def beta(day: str, **fields: object) -> object:
    return articles(toy_article(2, "BETA", revised=day, **fields), since=day)  # type: ignore[arg-type]


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as mailer:
        yield mailer


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    """EPSILON appears in February, BETA is retracted in March and reinstated in April."""
    records = toy_records(
        articles(epsilon_article(), since="2026-02-10"),
        beta("2026-03-01", types=RETRACTED),  # type: ignore[arg-type]
        beta("2026-04-01"),  # type: ignore[arg-type]
    )
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
    given = {"public_url": "http://localhost:8080", "team": f"{TEAM}, second@review.example.org"}
    with home_at(tmp_path, records, **mail, **given) as home:
        first_version(home.house, "toy")
        home.turn()
        yield home
        assert check_store(home.house) == []
        home.quiet()


def second_version(home: Home) -> None:
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form())
    home.turn()
    assert home.versions == ["v1.0", "v2.0"]


def to(mailer: FakeMailer, address: str) -> list[str]:
    return [str(letter["Subject"]) for letter in mailer.taken if letter["To"] == address]


def test_within_one_cycle_a_retraction_is_a_task_a_number_banners_and_letters(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    home.reader("ben", "every_bulletin")
    second_version(home)
    send_letters(home.house)
    mailer.taken.clear()
    frozen = home.frozen()

    home.move_to("2026-03-02T06:00:00")
    assert home.turn().published == ()
    assert ("retraction", BETA) in home.queue
    for version in home.versions:
        assert "was retracted on 2026-03-02" in home.page(f"{version}/index.html")
        assert "was retracted" not in home.page(f"{version}/page.html")
    assert home.frozen() == frozen
    assert "was retracted" in home.page("index.html")
    send_letters(home.house)
    for address in ("ann@readers.example.org", "ben@readers.example.org"):
        (subject,) = to(mailer, address)
        assert "retraction: Beta 2021 (pubmed:90000002) was retracted" in subject
    for address in (TEAM, "second@review.example.org"):
        assert to(mailer, address) == ["For the team of Invented remedy: retraction, Beta 2021"]
    (brief,) = [letter for letter in mailer.taken if letter["To"] == TEAM]
    text = brief.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "v1.0, v2.0" in text
    assert f"living screen {BETA} exclude --topic toy" in text
    assert brief["List-Unsubscribe"] is None


def test_it_is_told_once_however_often_one_looks_and_to_nobody_who_came_later(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    home.reader("late", "every_bulletin")
    for _ in range(3):
        home.forward(hours=2)
        home.turn()
        send_letters(home.house)
    assert len(to(mailer, "ann@readers.example.org")) == 2  # the first asked to confirm
    assert len(to(mailer, "late@readers.example.org")) == 1
    assert len(to(mailer, TEAM)) == 1


def test_readers_hear_of_a_retraction_although_a_new_trial_came_in_the_same_turn(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    home.move_to("2026-02-11T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form())
    home.move_to("2026-03-02T06:00:00")
    assert home.turn().published == ("v2.0",)
    send_letters(home.house)
    assert any("retraction: Beta" in subject for subject in to(mailer, "ann@readers.example.org"))
    for version in home.versions:
        assert "was retracted" in home.page(f"{version}/index.html")


def test_the_pool_changes_only_in_the_next_version_once_people_have_voted(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    frozen = home.frozen()
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    vote(home.house, "toy", BETA, "exclude", "ann", "X1", "Retracted")
    home.turn()
    assert home.versions == ["v1.0"]
    vote(home.house, "toy", BETA, "exclude", "ben", "X1", "Retracted")
    home.turn()
    assert home.versions == ["v1.0", "v1.1"]
    assert {name: content for name, content in home.frozen().items() if name.startswith("v1.0")} == frozen
    assert "was retracted" in home.page("v1.0/index.html")
    assert '<aside class="notice' not in home.page("v1.1/index.html")
    send_letters(home.house)
    assert [subject for subject in to(mailer, "ann@readers.example.org") if "1 removed" in subject] == []
    assert len(to(mailer, "ann@readers.example.org")) == 3


def test_people_may_keep_a_retracted_study_and_the_banner_stays(home: Home) -> None:
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    for who in ("ann", "ben"):
        vote(home.house, "toy", BETA, "include", who, reason="Retracted for its authorship alone")
    home.turn()
    assert ("retraction", BETA) not in home.queue
    assert home.versions == ["v1.0"]
    assert "was retracted" in home.page("v1.0/index.html")


def test_a_reinstatement_clears_the_banner_keeps_a_line_and_is_told(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann", "retraction")
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    frozen = home.frozen()
    home.move_to("2026-04-02T06:00:00")
    home.turn()
    line = "was under a retraction notice from 2026-03-02 to 2026-04-02"
    page, topic = home.page("v1.0/index.html"), home.page("index.html")
    for text in (page, topic):
        assert line in text
        assert '<aside class="notice' not in text.partition("<!--body-->")[0]
    assert home.frozen() == frozen
    send_letters(home.house)
    assert "a notice was taken back" in to(mailer, "ann@readers.example.org")[-1]
    assert len(to(mailer, TEAM)) == 2


def test_without_a_team_nobody_of_it_is_written_to_and_who_left_it_is_forgotten(home: Home) -> None:
    home.move_to("2026-03-02T06:00:00")
    home.turn()
    assert [kind for kind, _ in home.letters()] == ["team", "team"]
    home.house.settings = home.house.settings.model_copy(update={"team": ""})
    home.move_to("2026-04-02T06:00:00")
    home.turn()
    assert [state for kind, state in home.letters() if kind == "team"] == ["withdrawn", "withdrawn"]
    assert b"team@review" not in home.house.settings.database.read_bytes()


def test_a_study_under_an_expression_of_concern_stays_in_with_a_banner_and_everybody_is_told(
    tmp_path: Path, mailer: FakeMailer
) -> None:
    concern = toy_article(2, "BETA", corrections=[("ExpressionOfConcernIn", "99")], revised="2026-03-01")
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
    records = toy_records(articles(concern, since="2026-03-01"))
    with home_at(tmp_path / "other", records, **mail, team=TEAM) as home:
        first_version(home.house, "toy")
        home.turn()
        home.reader("ann", "retraction")
        frozen = home.frozen()
        home.move_to("2026-03-02T06:00:00")
        home.turn()
        assert "carries an expression of concern; it remains included" in home.page("v1.0/index.html")
        assert (home.versions, home.frozen()) == (["v1.0"], frozen)
        assert ("retraction", BETA) in home.queue
        send_letters(home.house)
        assert "expression of concern: Beta 2021" in to(mailer, "ann@readers.example.org")[-1]
        assert "expression of concern, Beta 2021" in to(mailer, TEAM)[-1]
        home.quiet()


# --- withdrawn versions -------------------------------------------------------------------------------------


def test_a_withdrawn_version_says_so_everywhere_keeps_its_bytes_and_is_told(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    second_version(home)
    send_letters(home.house)
    frozen, before = home.frozen(), len(mailer.taken)
    assert withdraw(home.house, "toy", "v1.0", "It used another trial's numbers", "ann").facts == 1
    assert withdraw(home.house, "toy", "v1.0", "It used another trial's numbers", "ann").facts == 0
    home.turn()
    assert home.versions == ["v1.0", "v2.0"]
    assert "This version was withdrawn" in home.page("v1.0/index.html")
    assert "another trial" in home.page("v1.0/index.html")
    assert "was withdrawn" not in home.page("v2.0/index.html").partition("<!--body-->")[0]
    assert '<span class="chip">withdrawn</span>' in home.page("index.html")
    assert home.frozen() == frozen
    assert '"kind":"withdrawn"' in home.page("status.json")
    send_letters(home.house)
    (letter,) = mailer.taken[before:]
    assert "this version was withdrawn: It used another trial" in letter["Subject"]
    assert "/toy/v1.0/" in letter.get_body(("plain",)).get_content()

    assert withdraw(home.house, "toy", "v1.0", "They were right", "ben", restore=True).facts == 1
    home.turn()
    send_letters(home.house)
    assert '<aside class="notice' not in home.page("v1.0/index.html").partition("<!--body-->")[0]
    assert "v1.0 was withdrawn from 2026-02-11 to 2026-02-11" in home.page("v1.0/index.html")
    assert "put back" in str(mailer.taken[-1]["Subject"])
    assert home.frozen() == frozen


def test_what_was_withdrawn_and_put_back_between_two_looks_is_told_to_nobody(home: Home) -> None:
    home.reader("ann", "retraction")
    withdraw(home.house, "toy", "v1.0", "A mistake", "ann")
    withdraw(home.house, "toy", "v1.0", "No mistake", "ann", restore=True)
    home.turn()
    assert [kind for kind, _ in home.letters()] == ["confirmation"]


@pytest.mark.parametrize(
    ("version", "because", "by", "restore"),
    [
        ("v9.9", "Because", "ann", False),
        ("v1.0", "  ", "ann", False),
        ("v1.0", "Because", "machine", False),
        ("v1.0", "Because", "ann", True),
    ],
)
def test_a_withdrawal_that_makes_no_sense_is_refused_whole(
    home: Home, version: str, because: str, by: str, restore: bool
) -> None:
    before = home.head()
    with pytest.raises(UserError):
        withdraw(home.house, "toy", version, because, by, restore=restore)
    assert home.head() == before


# --- retirement ---------------------------------------------------------------------------------------------


def test_a_retired_topic_is_searched_no_more_says_so_and_may_return(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann", "every_bulletin")
    frozen = home.frozen()
    retire(home.house, "toy", "answered", "The question is answered", "ann")
    home.move_to("2026-03-02T06:00:00")
    turned = home.turn()
    assert (turned.polled, home.versions, home.frozen()) == ((), ["v1.0"], frozen)
    for place in ("v1.0/index.html", "index.html"):
        assert "No longer updated since 2026-02-02. Reason: The question is answered." in home.page(place)
        assert "later than its schedule" not in home.page(place).partition("<!--body-->")[0]
    send_letters(home.house)
    assert "the end of living mode: No longer updated" in mailer.subjects()[-1]
    again = len(mailer.taken)
    home.forward(hours=3)
    home.turn()
    send_letters(home.house)
    assert len(mailer.taken) == again

    retire(home.house, "toy", "answered", "A new trial was announced", "ann", restore=True)
    assert len(home.turn().polled) == 2
    assert "No longer updated since" not in home.page("index.html")
    send_letters(home.house)
    assert any("living again" in subject for subject in mailer.subjects()[again:])
    with pytest.raises(UserError):
        retire(home.house, "toy", "answered", "Twice", "ann", restore=True)
