"""Alarms: a search that does not list what it must, reads otherwise, or is refused; each told once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.service.alarms import Alarm, alarms
from living.service.endings import retire
from living.service.importing import import_file
from living.service.send import send_letters
from living.service.start import first_version
from living.service.strategy import sign_search, source_named
from living.service.topics import load_topic
from living.store import Cursor, Details, Run
from tests.fakes import TOY, FakeMailer, Home, articles, home_at, toy_article, toy_records
from tests.hand_searched import handed, home_with_hand_searches

BETA = "pubmed:90000002"
TEAM = "team@review.example.org"
SUBJECT = "For the team of Invented remedy: look into PubMed"


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as mailer:
        yield mailer


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    """BETA's title loses the words of the search from 3 to 6 February, and again on 9 February."""
    records = toy_records(
        *(
            articles(toy_article(2, "BETA", revised=day, title=title), since=day)
            for day, title in (
                ("2026-02-03", "The made-up BETA trial"),
                ("2026-02-06", "The invented BETA trial of an invented remedy"),
                ("2026-02-09", "The made-up BETA trial"),
            )
        )
    )
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none", "team": TEAM}
    with home_at(tmp_path, records, public_url="http://localhost:8080", **mail) as home:
        first_version(home.house, "toy")
        home.turn()
        yield home
        home.quiet()


def raised(home: Home) -> list[tuple[str, str]]:
    return [(alarm.source, alarm.kind) for alarm in alarms(home.house, "toy")]


def on(home: Home, day: str) -> tuple[Alarm, ...]:
    home.move_to(f"{day}T06:00:00")
    home.turn()
    send_letters(home.house)
    return alarms(home.house, "toy")


def status(home: Home) -> dict[str, object]:
    [pubmed, _] = json.loads(home.page("status.json"))["sources"]
    return dict(pubmed)


def briefed(mailer: FakeMailer) -> int:
    return mailer.subjects().count(SUBJECT)


def test_a_full_search_without_an_included_record_is_an_alarm_that_names_it(
    home: Home, mailer: FakeMailer
) -> None:
    assert raised(home) == []
    assert status(home)["state"] == "current"
    [alarm] = on(home, "2026-02-03")
    assert (alarm.source, alarm.kind, alarm.since) == ("pubmed", "canary", "2026-02-03T06:00:00Z")
    assert "3 February 2026 does not list pubmed:90000002 (Beta 2021)" in alarm.text
    assert alarm.command.startswith("living strategy sign toy --source pubmed --as EDITOR")
    assert alarm.command.endswith("--losing 90000002")
    last = home.house.store.last_complete("toy", "pubmed")
    assert last is not None
    assert last.details.canaries_missing == ("90000002",)  # the run completed, and nothing is lost
    assert home.records()[BETA].title == "The made-up BETA trial"


def test_the_source_is_not_current_and_pages_say_why(home: Home) -> None:
    on(home, "2026-02-03")
    told = status(home)
    assert told["state"] == "alarm"
    assert "pubmed:90000002" in str(told["alarms"])
    page = home.page("v1.0/index.html")
    assert "PubMed was last searched successfully on 3 February 2026, and a person must look" in page
    assert "does not list pubmed:90000002 (Beta 2021)" in page


def test_the_team_is_told_once_and_again_when_it_comes_back(home: Home, mailer: FakeMailer) -> None:
    for day in ("2026-02-03", "2026-02-04", "2026-02-05"):
        [alarm] = on(home, day)
        assert alarm.since == "2026-02-03T06:00:00Z"
    assert briefed(mailer) == 1
    [letter] = [item for item in mailer.taken if item["Subject"] == SUBJECT]
    assert letter["To"] == TEAM
    plain = letter.get_body(("plain",))
    assert plain is not None
    text = " ".join(plain.get_content().split())
    assert "does not list pubmed:90000002 (Beta 2021)" in text
    assert "http://localhost:8080/desk/toy/searches/" in text
    assert on(home, "2026-02-06") == ()
    assert status(home)["state"] == "current"
    assert "a person must look" not in home.page("v1.0/index.html")
    [again] = on(home, "2026-02-09")
    assert again.since == "2026-02-09T06:00:00Z"
    assert briefed(mailer) == 2


def test_a_loss_that_an_editor_signed_is_no_alarm_any_more(home: Home) -> None:
    on(home, "2026-02-03")
    wanted = source_named(home.house, "toy", "pubmed")
    trial, said = sign_search(home.house, "toy", wanted, "renamed by its journal", "ed", losing=["90000002"])
    assert (said.facts, trial.in_force, trial.compared.lost_included) == (1, True, (BETA,))
    assert raised(home) == []
    assert on(home, "2026-02-04") == ()
    assert status(home)["state"] == "current"


def test_a_canary_of_the_protocol_is_missed_like_an_included_record(tmp_path: Path) -> None:
    folder = tmp_path / "topics" / "toy"
    shutil.copytree(TOY, folder)
    text = (folder / "protocol.toml").read_text(encoding="utf-8")
    named = text.replace("clauses = ['", 'canaries = ["90000077"]\nclauses = [\'', 1)
    (folder / "protocol.toml").write_text(named, encoding="utf-8")
    with home_at(tmp_path / "home", topics=[folder]) as home:
        home.poll()
        [alarm] = alarms(home.house, "toy")
        assert "does not list pubmed:90000077, which" in alarm.text


def test_a_retired_topic_raises_nothing(home: Home) -> None:
    on(home, "2026-02-03")
    retire(home.house, "toy", "question_answered", "The question is answered", "ed")
    assert raised(home) == []


def test_searches_by_hand_that_are_overdue_are_one_alarm_until_they_are_done(
    tmp_path: Path, mailer: FakeMailer
) -> None:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none", "team": TEAM}
    subject = "For the team of Invented remedy: look into Searches by hand"
    with home_with_hand_searches(tmp_path, public_url="http://localhost:8080", **mail) as home:
        import_file(home.house, "toy", handed("synthetic_embase.ris"), "ann")  # as of 1 February
        assert on(home, "2026-05-03") == ()
        [alarm] = on(home, "2026-05-04")
        assert (alarm.source, alarm.kind, alarm.public) == ("", "overdue", False)
        assert alarm.text == "one source was not searched in time: Embase, due 3 May 2026"
        assert (alarm.since, alarm.command.split()[3:5]) == ("2026-05-03T00:00:00Z", ["--source", "embase"])
        [alarm] = on(home, "2026-05-05")
        assert alarm.text == (
            "two sources were not searched in time: Embase, due 3 May 2026; WHO ICTRP, due 4 May 2026"
        )
        assert on(home, "2026-05-06") == (alarm,)
        assert mailer.subjects().count(subject) == 2  # one for each day on which another became overdue
        for source in ("embase", "ictrp"):
            again = handed("synthetic_embase.ris", source, day="2026-05-06", content=LATER)
            import_file(home.house, "toy", again, "ann")
        assert alarms(home.house, "toy") == ()


LATER = b"TY  - JOUR\nTI  - An invented remedy, later\nAN  - 5\nER  - \n"


# --- what the other kinds rest on ---------------------------------------------------------------------------


def searched(home: Home, day: str, **details: object) -> None:
    """A complete search that found nothing new, as the store would hold it."""
    home.move_to(f"{day}T06:00:00")
    digest = source_named(home.house, "toy", "pubmed").query_digest
    said = Details.model_validate({"query_digest": digest, "found": 4, **details})
    run = Run(mode="census", details=said)
    cursor = Cursor(watermark=day, query_digest=digest, next_due_at=f"{day}T18:00:00Z")
    home.house.store.complete_run("toy", "pubmed", home.house.now(), (), cursor, run)


def test_another_reading_of_the_query_is_an_alarm_until_it_is_signed_or_over(home: Home) -> None:
    first = '"invented remedy"[Title/Abstract]'
    for day in ("2026-02-04", "2026-02-05"):
        searched(home, day, translation="remedies[All Fields]")
        [alarm] = alarms(home.house, "toy")
        assert (alarm.kind, alarm.since) == ("translation", "2026-02-04T06:00:00Z")
        assert "remedies[All Fields]" in alarm.text
        assert first in alarm.action
    searched(home, "2026-02-06", translation=first)
    assert raised(home) == []
    searched(home, "2026-02-07", translation="remedies[All Fields]")
    wanted = source_named(home.house, "toy", "pubmed")
    home.move_to("2026-02-07T07:00:00")
    sign_search(home.house, "toy", wanted, "as it should be read", "ed", losing=())
    assert raised(home) == []  # what was read before the signature is not held against it
    searched(home, "2026-02-08", translation="remedies[All Fields]")
    assert raised(home) == [("pubmed", "translation")]


@pytest.mark.parametrize(
    ("fault", "kind"), [("refused", "refused"), ("changed", "stopped"), ("down", None), ("", None)]
)
def test_a_search_that_a_person_must_look_at_is_an_alarm_with_its_sentence(
    home: Home, fault: str, kind: str | None
) -> None:
    for hour in (7, 9):
        home.move_to(f"2026-02-02T{hour:02}:00:00")
        details = Details.model_validate({"fault": fault})
        again = "2026-02-02T12:00:00Z"
        home.house.store.failed_run("toy", "pubmed", home.house.now(), "what it said", again, details=details)
    found = alarms(home.house, "toy")
    assert [(alarm.kind, alarm.since) for alarm in found] == (
        [(kind, "2026-02-02T07:00:00Z")] if kind else []
    )
    assert all("what it said" in alarm.text for alarm in found)


def test_what_was_listed_and_did_not_come_for_a_week_is_an_alarm(home: Home) -> None:
    digest = source_named(home.house, "toy", "pubmed").query_digest
    home.move_to("2026-02-02T08:00:00")
    cursor = Cursor(watermark="2026-02-02", query_digest=digest, next_due_at="2026-03-01T00:00:00Z")
    run = Run(mode="window", listed=1, details=Details(query_digest=digest))
    home.house.store.complete_run("toy", "pubmed", home.house.now(), (), cursor, run, ["90000009"])
    assert raised(home) == []
    home.move_to("2026-02-09T07:00:00")
    assert raised(home) == []
    home.move_to("2026-02-09T08:00:00")
    [alarm] = alarms(home.house, "toy")
    assert (alarm.kind, alarm.since) == ("absent", "2026-02-02T08:00:00Z")
    assert alarm.text.startswith("pubmed:90000009 was listed and not received for more than a week")


def test_content_that_is_not_read_here_is_a_note_that_is_not_mailed(home: Home, mailer: FakeMailer) -> None:
    searched(home, "2026-02-04", unmapped={"NewElement": 3, "OtherThing": 7})
    [note] = alarms(home.house, "toy")
    assert (note.kind, note.grave) == ("unmapped", False)
    assert "OtherThing (7); NewElement (3)" in note.text
    home.turn()
    send_letters(home.house)
    assert briefed(mailer) == 0
    home.move_to("2026-02-12T06:00:00")
    assert "unmapped" not in [kind for _, kind in raised(home)]


def test_letters_wait_until_somebody_is_of_the_team(tmp_path: Path, mailer: FakeMailer) -> None:
    lost = toy_article(2, "BETA", revised="2026-02-03", title="The made-up BETA trial")
    records = toy_records(articles(lost, since="2026-02-03"))
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
    with home_at(tmp_path, records, **mail) as home:
        first_version(home.house, "toy")
        home.turn()
        on(home, "2026-02-03")
        assert raised(home) == [("pubmed", "canary")]
        home.house.settings = home.house.settings.model_copy(update={"team": TEAM})
        home.forward(hours=1)
        home.turn()
        send_letters(home.house)
        assert briefed(mailer) == 1


def test_a_topic_loaded_again_keeps_its_alarms(home: Home) -> None:
    on(home, "2026-02-03")
    load_topic(home.house, TOY)
    assert raised(home) == [("pubmed", "canary")]
