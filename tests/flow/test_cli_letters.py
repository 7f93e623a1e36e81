"""The verbs about letters and about what ends, as one types them."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.fakes import FakeMailer
from tests.flow import test_cli
from tests.unit.publish.reports import delivery_report

ANN = "ann@readers.example.org"
Desk = test_cli.Desk
desk, ready, standin = test_cli.desk, test_cli.ready, test_cli.standin


def test_readers_are_listed_without_their_addresses_unless_asked_for(desk: Desk) -> None:
    assert "Nobody" in desk("subscribers").out
    desk("subscribe", ANN, "--level", "conclusions", "--pace", "weekly")
    rows = desk("subscribers", "--json").json
    assert isinstance(rows, list)
    (row,) = rows
    assert (row["state"], row["level"], row["pace"], row["address"]) == (
        "pending",
        "conclusions",
        "weekly",
        None,
    )
    told = desk("subscribers")
    assert (told.code, "weekly" in told.out, "ann@" in told.out) == (0, True, False)
    assert "ann@" in desk("subscribers", "--addresses").out


def test_a_dry_run_prints_what_would_go_out_and_changes_nothing(desk: Desk) -> None:
    out = desk.folder / "mail"
    assert desk("send", "--dry-run", "--out", out).out == "Nothing waits to go out.\n"
    desk("subscribe", ANN)
    before = desk.dump()
    said = desk("send", "--dry-run", "--out", out)
    assert said.code == 0
    assert "confirmation" in said.out
    assert "1 letters written" in said.out
    (path,) = out.glob("*.eml")
    assert ANN.encode() in path.read_bytes()
    rows = desk("send", "--dry-run", "--out", out, "--topic", "toy", "--json").json
    assert isinstance(rows, list)
    assert (rows[0]["kind"], rows[0]["topic"]) == ("confirmation", "toy")
    assert desk.dump() == before


def test_sending_without_a_mail_server_says_which_setting_is_missing(desk: Desk) -> None:
    said = desk("send")
    assert said.code == 4
    assert "LIVING_SMTP_HOST" in said.err
    assert desk("send", "--topic", "toy").code == 4


def test_letters_are_sent_and_a_report_that_comes_back_is_counted_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk("subscribe", ANN)
    with FakeMailer() as mailer:
        for name, value in (("HOST", "127.0.0.1"), ("PORT", str(mailer.port)), ("SECURITY", "none")):
            monkeypatch.setenv(f"LIVING_SMTP_{name}", value)
        assert desk("send").out.startswith("1 sent, 0 to try again")
        assert desk("send", "--json").json == {"sent": 0, "retry": 0, "failed": 0, "unknown": 0}
    report = delivery_report(str(mailer.taken[0]["Message-ID"]), to=ANN)
    path = desk.file(report, "report.eml")
    first = desk("bounces", path)
    assert (first.code, "bounced" in first.out, "ann@" in first.out) == (0, True, False)
    desk.file(b"Subject: away\r\n\r\nback on Monday", "away.eml")
    found = desk("bounces", desk.folder, "--json").json
    assert isinstance(found, list)
    told = {Path(item["file"]).name: item["found"] for item in found}
    assert (told["report.eml"], told["away.eml"]) == ("known already", "no delivery report")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report)))
    assert "known already" in desk("bounces", "-").out
    assert desk("subscribers", "--json").json[0]["bounces"] == 1  # type: ignore[index]
    assert "bounced: 5.1.1" in desk("letters", "--json").out
    assert desk("bounces", desk.folder / "nowhere.eml").code == 4


def test_a_version_is_withdrawn_and_put_back(desk: Desk) -> None:
    page = desk.home / "site" / "toy" / "v1.0" / "index.html"
    done = desk("withdraw", "toy", "v1.0", "--because", "Numbers of another trial", "--as", "ann")
    assert (done.code, done.out.startswith("v1.0 is withdrawn.")) == (0, True)
    assert "Numbers of another trial" in page.read_text()
    rows = desk("versions", "--json").json
    assert isinstance(rows, list)
    assert rows[0]["notice"] == "withdrawn"
    before = desk.dump()
    again = desk("withdraw", "toy", "v1.0", "--because", "Numbers of another trial", "--as", "ann")
    assert (again.out, desk.dump()) == ("Nothing new: this had been said before.\n", before)
    back = desk("withdraw", "toy", "v1.0", "--because", "They were right", "--as", "ann", "--restore")
    assert back.out.startswith("v1.0 is put back.")
    assert '<aside class="notice withdrawn"' not in page.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("withdraw", "toy", "v9.9", "--because", "Why", "--as", "ann"),
        ("withdraw", "toy", "v1.0", "--because", "Why", "--as", "ann", "--restore"),
        ("withdraw", "nothing", "v1.0", "--because", "Why", "--as", "ann"),
        ("withdraw", "toy", "v1.0", "--because", " ", "--as", "ann"),
        ("retire", "toy", "--because", "Why", "--as", "machine"),
        ("retire", "nothing", "--because", "Why", "--as", "ann"),
        ("retire", "toy", "--because", "Why", "--as", "ann", "--restore"),
    ],
)
def test_an_ending_that_makes_no_sense_is_refused_whole(desk: Desk, arguments: tuple[str, ...]) -> None:
    before = desk.dump()
    said = desk(*arguments)
    assert (said.code, said.err.count("\n"), desk.dump()) == (4, 1, before)


def test_a_topic_is_retired_and_returns(desk: Desk) -> None:
    page = desk.home / "site" / "toy" / "index.html"
    done = desk(
        "retire", "toy", "--because", "It is answered", "--trigger", "answered", "--as", "ann", "--json"
    )
    assert done.json == {"facts": 1, "last_seq": done.json["last_seq"]}  # type: ignore[index]
    assert "Reason: It is answered." in page.read_text()
    back = desk("retire", "toy", "--because", "A new trial", "--as", "ann", "--restore")
    assert back.out.startswith("toy is living again.")
    assert "Reason: It is answered." not in page.read_text()
