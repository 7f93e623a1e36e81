"""Stopped at every arrow on the way of notices, digests and letters: nothing is told twice or lost."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from living.publish.verify import verify_folder
from living.service.endings import withdraw
from living.service.house import LETTER_FAILPOINTS, House
from living.service.letters import choose, token
from living.service.send import send_letters
from living.service.start import first_version
from living.service.turn import turn
from tests.fakes import (
    EPSILON,
    Clock,
    FakeMailer,
    articles,
    at,
    epsilon_article,
    form,
    home_at,
    opened,
    toy_article,
    toy_records,
)

THEN = at("2026-02-16T07:00:00")  # a Monday, the day of digests
TEAM = "team@review.example.org"


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which BETA's retraction was found and v1.0 withdrawn, v2.0 was published on Wednesday.

    Nothing of Monday was told yet: ann gets a digest of v2.0, both readers and the team the notices.
    """
    path = tmp_path_factory.mktemp("letters") / "home"
    records = toy_records(
        articles(epsilon_article(), since="2026-02-10"),
        articles(
            toy_article(2, "BETA", types=["Retracted Publication"], revised="2026-02-14"), since="2026-02-14"
        ),
    )
    with home_at(path, records, team=TEAM) as home:
        first_version(home.house, "toy")
        home.turn()
        ann = home.reader("ann", "every_bulletin")
        home.reader("ben", "retraction")
        choose(home.house, token(home.house, "leave", ann), "every_bulletin", "weekly")
        home.move_to("2026-02-11T06:00:00")
        home.turn()
        home.include(EPSILON)
        home.read(form())
        home.turn()
        assert home.versions == ["v1.0", "v2.0"]
        assert len(home.house.store.held("toy")) == 1
        home.clock.now = home.standin.now = THEN
        for source in ("pubmed", "ctgov"):
            home.poll(source)
        withdraw(home.house, "toy", "v1.0", "Another trial's numbers", "ann")
    return path


def opened_at(place: Path, port: int) -> House:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "team": TEAM}
    return opened(place, Clock(THEN), **mail)


def everything(house: House) -> None:
    turn(house, "toy")
    send_letters(house)


def arrived(mailer: FakeMailer) -> Counter[tuple[str, str]]:
    return Counter((str(letter["To"]), str(letter["Subject"])) for letter in mailer.taken)


@pytest.fixture(scope="module")
def undisturbed(
    ready: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], Counter[tuple[str, str]]]:
    """The arrows passed, in order, and the letters that arrive."""
    place = shutil.copytree(ready, tmp_path_factory.mktemp("undisturbed") / "home", symlinks=True)
    with FakeMailer() as mailer:
        house, names = opened_at(place, mailer.port), []
        house.failpoint = names.append
        everything(house)
        house.store.close()
        return names, arrived(mailer)


def test_every_arrow_of_letters_is_passed_and_each_reader_hears_of_each_thing_once(
    undisturbed: tuple[list[str], Counter[tuple[str, str]]],
) -> None:
    names, letters = undisturbed
    assert set(LETTER_FAILPOINTS) <= set(names)
    assert Counter(to.partition("@")[0] for to, _ in letters.elements()) == {"ann": 3, "ben": 2, "team": 1}
    assert max(letters.values()) == 1


def places(names: list[str]) -> list[tuple[str, int]]:
    """Every time that an arrow of letters is passed."""
    times: Counter[str] = Counter()
    found = []
    for name in names:
        if name in (*LETTER_FAILPOINTS, "presented"):
            times[name] += 1
            found.append((name, times[name]))
    return found


def test_stopped_at_any_arrow_nobody_gets_two_letters_and_at_most_the_one_at_hand_is_lost(
    ready: Path,
    tmp_path: Path,
    drawn: Callable[[list[Any], int], list[Any]],
    undisturbed: tuple[list[str], Counter[tuple[str, str]]],
) -> None:
    names, letters = undisturbed
    for number, (name, time_passed) in enumerate(drawn(places(names), 2)):
        here = f"killed at {name}, time {time_passed}"
        place = shutil.copytree(ready, tmp_path / str(number), symlinks=True)
        with FakeMailer() as mailer:
            house, left = opened_at(place, mailer.port), [time_passed]

            def dies(passing: str, name: str = name, left: list[int] = left) -> None:
                left[0] -= passing == name
                if passing == name and left[0] == 0:
                    raise Killed

            house.failpoint = dies
            with pytest.raises(Killed):
                everything(house)
            house.store.close()
            again = opened_at(place, mailer.port)
            for folder in (again.settings.site / "toy").glob("v[0-9]*"):
                assert verify_folder(folder) == [], here
            first_version(again, "toy")
            everything(again)
            everything(again)
            found = arrived(mailer)
            lost = letters - found
            assert found - letters == Counter(), here
            assert lost.total() == (1 if name == "letter.sending" else 0), here
            assert len(again.store.letters("toy", "unknown")) == lost.total(), here
            assert again.store.verify_store() == (), here
            again.store.close()
        shutil.rmtree(place)
