"""The verbs of working together, with and without accounts, in the words of the pages."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from living.cli.main import main
from living.service.accounts import invite
from tests.fakes import (
    EPSILON,
    Clock,
    articles,
    at,
    environment,
    epsilon_article,
    form,
    home_at,
    opened,
    toy_records,
)

NOW = at("2026-02-11T06:00:00")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    with home_at(path, toy_records(articles(epsilon_article())), now=NOW) as home:
        home.poll()
        home.include(EPSILON)
        home.read(form(mean=3.4567), "ann")
    return path


@pytest.fixture
def run(ready: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in [name for name in os.environ if name.startswith("LIVING_")]:
        monkeypatch.delenv(name)
    for name, value in environment(ready).items():
        monkeypatch.setenv(name, value)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["living", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def member(path: Path, name: str, role: str) -> str:
    house = opened(path, Clock(NOW))
    account, _ = invite(house, "console", name.title(), role, "toy")
    house.store.choose_login(account, name, house.now())
    house.store.set_password(account, "no hash lets anybody in", house.now(), "test")
    house.store.close()
    house.gateway.close()
    return account


def test_the_queue_says_why_a_task_is_not_for_the_one_who_asks(run: Run) -> None:
    _, out, _ = run("queue", "--json", "--as", "ann")
    [waiting] = [task for task in json.loads(out) if task["study"] == EPSILON]
    assert waiting["why_not"] == "you have read it; somebody else must too"
    assert waiting["href"] == f"/desk/toy/read/{EPSILON}"
    _, out, _ = run("queue", "--json", "--as", "ben", "--mine")
    assert EPSILON in [task["study"] for task in json.loads(out)]
    code, _, err = run("queue", "--mine")
    assert (code, "--mine asks for a person" in err) == (4, True)


def test_claims_and_remarks_go_by_the_same_rules_as_on_the_pages(run: Run) -> None:
    assert "Yours until" in run("claim", EPSILON, "--as", "ben")[1]
    assert "ben is at it" in run("queue", "--kind", "second_reader")[1].replace("\n", " ")
    assert "Given back" in run("claim", EPSILON, "--as", "ben", "--release")[1]
    assert "Kept as remark 1" in run("remark", EPSILON, "I read 3.4567", "--as", "ann")[1]
    _, out, _ = run("remarks", EPSILON, "--as", "ben")
    assert "3.4567" not in out
    assert "1 held back" in out
    assert "3.4567" in run("remarks", EPSILON, "--as", "ann")[1]


def test_a_task_is_assigned_to_an_account_and_taken_back(run: Run, ready: Path) -> None:
    ben = member(ready, "ben", "extractor")
    assert "Asked." in run("assign", EPSILON, "second_reader", "ben", "--as", "ben")[1]
    _, out, _ = run("queue", "--json")
    assert [ben] in [task["asked_of"] for task in json.loads(out)]
    assert "Taken back." in run("assign", EPSILON, "second_reader", "ben", "--as", "ben", "--take-back")[1]
    code, _, err = run("assign", EPSILON, "screen", "ben", "--as", "ben")
    assert (code, "does not wait any more" in err) == (4, True)
    code, _, err = run("claim", EPSILON, "--as", "nobody")
    assert (code, "--as" in err) == (4, True)


def test_the_audit_holds_back_what_is_read_blind_and_checks_the_chain(run: Run, tmp_path: Path) -> None:
    for arguments in (
        ("audit", "--json"),
        ("audit", "--json", "--as", "ben"),
        ("audit",),
        ("audit", "--events"),
    ):
        code, out, _ = run(*arguments)
        assert (code, "3.4567" in out) == (0, False)
    assert "3.4567" in run("audit", "--json", "--as", "ann")[1]
    _, out, _ = run("audit", "--json", "--kind", "extraction", "--study", EPSILON)
    assert {line["new"] for line in json.loads(out)} == {
        "held back until as many people as the protocol asks have handed in theirs"
    }
    assert "The chain holds" in run("audit", "--check")[1]
    place = tmp_path / "trail.csv"
    assert "written to" in run("audit", "--out", str(place))[1]
    assert b"3.4567" not in place.read_bytes()
    assert run("audit", "--out", str(place))[0] == 4
    assert run("audit", "--since", "yesterday")[0] == 4


def test_a_review_of_events_is_somebody_s(run: Run) -> None:
    assert run("audit", "--reviewed", "seen")[0] == 4
    assert "Recorded" in run("audit", "--reviewed", "nothing odd", "--as", "eve")[1]
    _, out, _ = run("audit", "--json", "--kind", "operation")
    assert "nothing odd" in out


def test_progress_adds_up(run: Run) -> None:
    _, out, _ = run("progress", "--json")
    found = json.loads(out)
    assert sum(number for _, number in found["standings"]) == found["studies"]
    assert sum(number for _, number in found["reading"]) == found["included"]
    assert "included:" in run("progress")[1]
