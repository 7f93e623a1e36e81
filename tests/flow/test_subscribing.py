"""Readers ask, choose, get digests, are forgotten by a server: over real HTTP and a real mail server."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest

from living.service.bounces import import_reports
from living.service.letters import OF_ADDRESS, OF_ALL, leave, subscribe, token
from living.service.outbox import drafts, readers
from living.service.send import send_letters
from living.service.start import first_version
from tests.fakes import (
    EPSILON,
    Browser,
    FakeMailer,
    Home,
    Reply,
    articles,
    epsilon_article,
    form,
    home_at,
    site_of,
    toy_article,
    toy_records,
)
from tests.unit.publish.reports import delivery_report

MAIL = {"smtp_host": "127.0.0.1", "smtp_security": "none", "public_url": "http://localhost:8080"}
ANN = "ann@readers.example.org"


@pytest.fixture
def mailer() -> Iterator[FakeMailer]:
    with FakeMailer() as mailer:
        yield mailer


@pytest.fixture
def home(tmp_path: Path, mailer: FakeMailer) -> Iterator[Home]:
    retracted = toy_article(2, "BETA", types=["Retracted Publication"], revised="2026-03-01")
    records = toy_records(
        articles(epsilon_article(), since="2026-02-10"), articles(retracted, since="2026-03-01")
    )
    with home_at(tmp_path / "home", records, smtp_port=mailer.port, **MAIL) as home:
        first_version(home.house, "toy")
        home.turn()
        yield home
        home.quiet()


@pytest.fixture
def web(home: Home) -> Iterator[Browser]:
    with site_of(home.house) as web:
        yield web


def asks(web: Browser, address: str = ANN, level: str = "new_study", pace: str = "at_once") -> Reply:
    fields = {"address": address, "level": level, "pace": pace}
    return web.post("/toy/letters/", urlencode(fields).encode())


def link_in(letter: EmailMessage, purpose: str) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http://localhost:8080(/letters/{purpose}/[0-9a-f]+)", body.get_content())
    assert found is not None
    return found[1]


def to(mailer: FakeMailer, address: str = ANN) -> list[str]:
    return [str(letter["Subject"]) for letter in mailer.taken if letter["To"] == address]


def second_version(home: Home, day: str = "2026-02-11") -> None:
    home.move_to(f"{day}T06:00:00")
    home.turn()
    home.include(EPSILON)
    home.read(form())
    home.turn()


# --- the form -----------------------------------------------------------------------------------------------


def test_the_topic_s_page_leads_to_a_form_that_works_without_script(home: Home, web: Browser) -> None:
    assert 'href="http://localhost:8080/toy/letters/"' in home.page("index.html")
    page = web.get("/toy/letters/")
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    assert page.text.count('type="radio"') == 7
    assert "<script" not in page.text
    assert web.get("/nowhere/letters/").status == 404
    assert asks(web).status == 200
    assert web.post("/nowhere/letters/", b"address=a@b.example").status == 404


def test_who_asks_confirms_and_gets_what_was_chosen(home: Home, web: Browser, mailer: FakeMailer) -> None:
    asks(web, level="retraction", pace="weekly")
    send_letters(home.house)
    web.post(link_in(mailer.taken[-1], "confirm"))
    (reader,) = home.house.store.subscribers("toy")
    assert (reader.level, reader.pace) == ("retraction", "weekly")


def test_the_answer_is_the_same_for_a_known_an_unknown_and_a_typed_again_address(
    home: Home, web: Browser
) -> None:
    home.reader("ann")
    pages = [asks(web), asks(web), asks(web, "new@readers.example.org"), asks(web, "new@readers.example.org")]
    pages += [asks(web, "new@readers.example.org") for _ in range(OF_ADDRESS)]
    assert len({(page.status, page.body) for page in pages}) == 1


def test_of_one_address_there_is_one_letter_a_day_however_often_it_is_typed_in(
    home: Home, web: Browser, mailer: FakeMailer
) -> None:
    for _ in range(OF_ADDRESS + 2):
        asks(web)
    send_letters(home.house)
    assert len(to(mailer)) == 1


def test_after_many_wishes_in_an_hour_everybody_is_told_to_come_again(home: Home, web: Browser) -> None:
    for number in range(OF_ALL):
        assert asks(web, f"reader-{number}@readers.example.org").status == 200
    full = asks(web, "one-more@readers.example.org")
    assert (full.status, "try again in an hour" in full.text) == (503, True)
    assert asks(web, "reader-1@readers.example.org").body == full.body
    home.forward(hours=1, minutes=1)
    assert asks(web, "one-more@readers.example.org").status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "nobody", "level": "new_study", "pace": "at_once"},
        {"address": ANN, "level": "everything", "pace": "at_once"},
        {"address": ANN, "level": "new_study", "pace": "hourly"},
        {"address": '"><script>@x.example', "level": "new_study", "pace": "at_once"},
        {},
    ],
)
def test_what_is_no_wish_is_told_beside_the_form_and_stored_nowhere(
    home: Home, web: Browser, fields: dict[str, str]
) -> None:
    page = web.post("/toy/letters/", urlencode(fields).encode())
    assert (page.status, 'role="alert"' in page.text) == (400, True)
    assert "<script" not in page.text
    assert home.all_letters() == ()


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a&" * 50, b"address", b"{}"])
def test_a_body_that_is_no_form_is_no_wish(web: Browser, body: bytes) -> None:
    assert web.post("/toy/letters/", body).status == 400


def test_without_a_mail_server_there_is_no_form_and_no_link_to_it(home: Home, web: Browser) -> None:
    home.house.settings = home.house.settings.model_copy(update={"smtp_host": ""})
    home.forward(hours=1)
    home.turn()
    assert "/toy/letters/" not in home.page("index.html")
    for page in (web.get("/toy/letters/"), asks(web)):
        assert (page.status, "<form" in page.text) == (503, False)
    assert home.all_letters() == ()


# --- choosing -----------------------------------------------------------------------------------------------


def test_a_reader_changes_level_and_pace_by_the_link_of_any_letter(
    home: Home, web: Browser, mailer: FakeMailer
) -> None:
    home.reader("ann")
    second_version(home)
    send_letters(home.house)
    place = link_in(mailer.taken[-1], "manage")
    page = web.get(place)
    assert 'value="new_study" id="level-new_study" checked' in page.text
    assert ANN not in page.text
    kept = web.post(place, b"level=conclusions&pace=monthly")
    assert "Your choice is kept" in kept.text
    (reader,) = home.house.store.subscribers("toy")
    assert (reader.level, reader.pace) == ("conclusions", "monthly")
    assert "Your choice is kept" not in web.post(place, b"level=all&pace=monthly").text
    assert web.post("/letters/manage/nobody", b"level=conclusions&pace=monthly").status == 404
    assert home.house.store.subscribers("toy") == (reader,)


def test_the_page_of_choices_has_a_way_out_too(home: Home, web: Browser) -> None:
    reader = home.reader("ann")
    place = f"/letters/manage/{token(home.house, 'leave', reader)}"
    assert 'name="leave"' in web.get(place).text
    assert "no more letters" in web.post(place, b"leave=yes").text
    assert home.house.store.subscribers("toy") == ()
    assert "You left these letters" in web.get(place).text
    assert "Your choice is kept" not in web.post(place, b"level=conclusions&pace=weekly").text


def test_a_confirmed_reader_who_asks_again_gets_the_link_to_the_choices_and_keeps_what_was_chosen(
    home: Home, web: Browser, mailer: FakeMailer
) -> None:
    home.reader("ann", "retraction")
    asks(web, level="every_bulletin")
    send_letters(home.house)
    assert to(mailer)[-1].startswith("You get letters already")
    assert "Choose which letters" in web.get(link_in(mailer.taken[-1], "manage")).text
    assert home.house.store.subscribers("toy")[0].level == "retraction"


def test_a_second_letter_that_asks_to_confirm_does_not_go_out_after_the_first_was_used(
    home: Home, web: Browser, mailer: FakeMailer
) -> None:
    mailer.answers["rcpt"] = "451 later"
    subscribe(home.house, "toy", ANN, "new_study")
    send_letters(home.house)
    mailer.answers.clear()
    home.forward(days=1)
    reader = subscribe(home.house, "toy", ANN, "new_study")
    web.post(f"/letters/confirm/{token(home.house, 'confirm', reader.id)}")
    assert send_letters(home.house).sent == 0
    assert mailer.taken == []


# --- digests ------------------------------------------------------------------------------------------------


def weekly(home: Home, name: str = "ann", level: str = "every_bulletin") -> str:
    reader = home.reader(name, level)
    home.house.store.choose(_leave_hash(home, reader), level, "weekly", home.house.now())  # type: ignore[arg-type]
    return reader


def _leave_hash(home: Home, reader: str) -> str:
    from living.model.values import digest

    return digest(token(home.house, "leave", reader))


def test_a_digest_tells_all_of_the_week_in_one_letter_and_is_never_empty(
    home: Home, mailer: FakeMailer
) -> None:
    weekly(home)
    second_version(home)
    home.read(form(mean=3.6))
    home.turn()
    assert home.versions == ["v1.0", "v2.0", "v2.1"]
    assert send_letters(home.house).sent == 0
    home.move_to("2026-02-16T00:30:00")  # a Monday
    home.turn()
    assert send_letters(home.house).sent == 1
    letter = mailer.taken[-1]
    assert str(letter["Subject"]).startswith("Invented remedy for invented ache: ")
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert text.index("v2.0") < text.index("v2.1")
        assert "Studies added: Epsilon 2026" in text
        assert "letters/manage/" in text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for day in ("2026-02-23", "2026-02-28"):
        home.move_to(f"{day}T06:00:00")
        home.turn()
        assert send_letters(home.house).sent == 0


def test_a_retraction_waits_for_no_digest(home: Home, mailer: FakeMailer) -> None:
    weekly(home, level="new_study")
    home.move_to("2026-03-03T06:00:00")  # a Tuesday
    home.turn()
    assert send_letters(home.house).sent == 1
    assert "retraction: Beta 2021" in to(mailer)[-1]


def test_who_leaves_gets_no_digest(home: Home, mailer: FakeMailer) -> None:
    reader = weekly(home)
    second_version(home)
    leave(home.house, token(home.house, "leave", reader))
    home.move_to("2026-02-16T06:00:00")
    before = len(mailer.taken)
    send_letters(home.house)
    assert len(mailer.taken) == before


# --- dry run ------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_what_would_go_out_digests_included_and_changes_nothing(
    home: Home, mailer: FakeMailer, tmp_path: Path
) -> None:
    weekly(home)
    home.reader("ben")
    second_version(home)
    home.move_to("2026-02-16T06:00:00")
    home.turn()
    before = (home.all_letters(), home.house.store.held("toy"), len(mailer.taken))
    found = drafts(home.house, "toy", tmp_path / "out")
    assert sorted(draft.kind for draft in found) == ["digest", "major"]
    assert (home.all_letters(), home.house.store.held("toy"), len(mailer.taken)) == before
    ids = {Path(draft.path).read_bytes().partition(b"Message-ID: ")[2].split(b"\r\n")[0] for draft in found}
    send_letters(home.house)
    assert {str(letter["Message-ID"]).encode() for letter in mailer.taken[before[2] :]} == ids


# --- what comes back ----------------------------------------------------------------------------------------


def test_an_address_refused_so_often_in_a_row_is_stopped_and_may_ask_again(
    home: Home, mailer: FakeMailer, web: Browser
) -> None:
    home.reader("ann", "every_bulletin")
    mailer.answers["rcpt"] = f"550 5.1.1 no mailbox {ANN} here"
    second_version(home)
    for mean in (3.6, 3.7):
        assert send_letters(home.house).failed == 1
        home.read(form(mean=mean))
        home.turn()
    assert send_letters(home.house).failed == 1
    (reader,) = readers(home.house, "toy")
    assert (reader.state, reader.bounces) == ("stopped", 3)
    assert "3 letters in a row came back; the last: 550 5.1.1 no mailbox the reader here" in reader.stopped
    home.read(form(mean=3.8))
    home.turn()
    assert send_letters(home.house).failed == 0

    mailer.answers.clear()
    asks(web, level="every_bulletin")
    send_letters(home.house)
    web.post(link_in(mailer.taken[-1], "confirm"))
    assert readers(home.house, "toy")[0].state == "confirmed"


def test_a_refusal_that_speaks_of_us_stops_nobody(home: Home, mailer: FakeMailer) -> None:
    home.reader("ann")
    mailer.answers["rcpt"] = "554 5.7.1 relaying denied"
    second_version(home)
    assert send_letters(home.house).failed == 1
    assert readers(home.house, "toy")[0].bounces == 0


def test_a_delivery_report_is_matched_by_the_id_it_brings_back_and_counts_once(
    home: Home, mailer: FakeMailer
) -> None:
    home.reader("ann")
    second_version(home)
    send_letters(home.house)
    sent = str(mailer.taken[-1]["Message-ID"])
    files = [
        ("ours.eml", delivery_report(sent, to=ANN)),
        ("again.eml", delivery_report(sent, to=ANN)),
        ("delayed.eml", delivery_report(sent, to=ANN, action="delayed", status="4.4.1")),
        ("bare.eml", delivery_report("", to=ANN)),
        ("other.eml", delivery_report(f"<{'0' * 32}@localhost>", to=ANN)),
        ("holiday.eml", b"Subject: I am away\r\n\r\nUntil Monday.\r\n"),
    ]
    found = import_reports(home.house, files)
    assert [item.found for item in found] == [
        "bounced",
        "known already",
        "not counted: delayed",
        "not counted: the report does not bring the letter's id back",
        "not counted: no letter of ours",
        "no delivery report",
    ]
    assert readers(home.house, "toy")[0].bounces == 1
    assert ANN not in str(found)


# --- privacy ------------------------------------------------------------------------------------------------


def test_no_address_of_form_digest_team_or_report_is_in_a_page_chain_or_log(
    home: Home, mailer: FakeMailer, web: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    name = "unmistakable-name"
    home.house.settings = home.house.settings.model_copy(update={"team": f"{name}-team@review.example.org"})
    asks(web, f"{name}@readers.example.org")
    weekly(home, name)
    second_version(home)
    home.move_to("2026-03-03T06:00:00")
    home.turn()
    send_letters(home.house)
    sent = str(mailer.taken[-1]["Message-ID"])
    import_reports(home.house, [("r", delivery_report(sent, to=f"{name}@readers.example.org"))])
    home.turn()
    for path in home.house.settings.site.rglob("*"):
        assert not path.is_file() or name.encode() not in path.read_bytes(), path
    facts = [line.model_dump_json() for line in home.house.store.lines("toy")]
    operations = [str(item.body) for item in home.house.store.operations()]
    errors = [letter.error + letter.detail for letter in home.all_letters()]
    assert not [text for text in (*facts, *operations, *errors) if name in text]
    assert name not in caplog.text
