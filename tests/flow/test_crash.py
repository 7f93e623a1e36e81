"""Stopped at every arrow of a publication, killed at seeded moments: nothing torn, lost or doubled."""

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from living.errors import EnvironmentFault
from living.publish.verify import verify_folder
from living.publish.write import FAILPOINTS as OF_PUBLISH
from living.review.recompute import recompute
from living.service.checks import check_store
from living.service.house import FAILPOINTS as OF_SERVICE
from living.service.house import POLL_FAILPOINTS, House
from living.service.publish import publish_bound
from living.service.send import send_letters
from living.service.start import first_version
from living.service.turn import turn
from tests.fakes import (
    EPSILON,
    ROOT,
    Clock,
    FakeMailer,
    articles,
    at,
    environment,
    epsilon_article,
    form,
    home_at,
    living,
    opened,
    toy_records,
)

THEN = at("2026-02-11T07:00:00")
DRAFT = ".index.html.new"  # of a shell, the one file that may change; the next start replaces it


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything for v2.0 has been said and nothing decided; one reader waits for letters."""
    path = tmp_path_factory.mktemp("crash") / "home"
    with home_at(path, toy_records(articles(epsilon_article(), since="2026-02-10"))) as home:
        first_version(home.house, "toy")
        home.turn()
        home.reader()
        home.move_to("2026-02-11T06:00:00")
        home.turn()
        home.include(EPSILON)
        home.read(form())
    return path


def copy(ready: Path, to: Path) -> House:
    shutil.copytree(ready, to / "home", symlinks=True)
    return opened(to / "home", Clock(THEN))


def evidence(house: House) -> list[str]:
    return [line.model_dump_json() for line in house.store.lines("toy")]


def folders(house: House) -> dict[str, bytes]:
    root = house.settings.site / "toy"
    found = (path for folder in root.glob("v[0-9]*") for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found if path.name != "index.html"}


def passed(house: House) -> list[str]:
    """Every arrow passed on the way to v2.0, in order; those of a search are `test_poll_killed`'s."""
    names: list[str] = []
    house.failpoint = names.append
    turn(house, "toy")
    return [name for name in names if name not in POLL_FAILPOINTS]


def places(names: list[str]) -> list[tuple[str, int]]:
    """The first time that each arrow is passed; of those passed for every file, the last time too."""
    last = Counter(name for name in names if name in ("publish.file", "replace.written"))
    return [(name, time) for name in dict.fromkeys(names) for time in sorted({1, last[name] or 1})]


@pytest.fixture(scope="module")
def undisturbed(
    ready: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[str], dict[str, bytes]]:
    house = copy(ready, tmp_path_factory.mktemp("undisturbed"))
    names = passed(house)
    found = names, evidence(house), folders(house)
    house.store.close()
    return found


def test_every_arrow_that_is_declared_is_passed_on_the_way_to_a_version(
    undisturbed: tuple[list[str], list[str], dict[str, bytes]],
) -> None:
    assert set(OF_SERVICE) | set(OF_PUBLISH) == set(undisturbed[0])


def test_stopped_at_any_arrow_it_completes_the_same_version_with_the_same_bytes(
    ready: Path,
    tmp_path: Path,
    drawn: Callable[[list[Any], int], list[Any]],
    undisturbed: tuple[list[str], list[str], dict[str, bytes]],
) -> None:
    names, ledger, bytes_of_versions = undisturbed
    for number, (name, time_passed) in enumerate(drawn(places(names), 2)):
        here = f"killed at {name}, time {time_passed}"
        house = copy(ready, tmp_path / str(number))
        left = [time_passed]

        def dies(passing: str, name: str = name, left: list[int] = left) -> None:
            left[0] -= passing == name
            if passing == name and left[0] == 0:
                raise Killed

        house.failpoint = dies
        with pytest.raises(Killed):
            turn(house, "toy")
        house.store.close()

        again = opened(house.settings.home, Clock(THEN))
        for folder in (again.settings.site / "toy").glob("v[0-9]*"):
            drafts = f"{DRAFT} is in the folder and not in the manifest"
            assert [finding for finding in verify_folder(folder) if finding != drafts] == [], here
        latest = again.settings.site / "toy" / "latest"
        assert latest.resolve().name in [item.version for item in again.store.published("toy")], here
        first_version(again, "toy")
        turn(again, "toy")
        assert (evidence(again), folders(again)) == (ledger, bytes_of_versions), here
        assert [letter.kind for letter in again.store.letters("toy")] == ["confirmation", "major"], here
        assert check_store(again) == [], here
        again.store.close()
        shutil.rmtree(house.settings.home)


def test_killed_between_the_decision_and_its_number_nothing_is_decided_twice(
    ready: Path, tmp_path: Path
) -> None:
    house = copy(ready, tmp_path)
    decided = len(house.store.decisions("toy"))

    def dies(name: str) -> None:
        if name == "refresh.decided":
            raise Killed

    house.failpoint = dies
    with pytest.raises(Killed):
        turn(house, "toy")
    assert house.store.bound("toy") == ()
    house.failpoint = lambda _: None
    turn(house, "toy")
    assert len(house.store.decisions("toy")) == decided + 1
    assert [item.version for item in house.store.published("toy")] == ["v1.0", "v2.0"]
    house.store.close()


def test_killed_between_the_commit_and_the_pages_the_next_start_shows_the_version(
    ready: Path, tmp_path: Path
) -> None:
    house = copy(ready, tmp_path)

    def dies(name: str) -> None:
        if name == "publication.committed":
            raise Killed

    house.failpoint = dies
    with pytest.raises(Killed):
        turn(house, "toy")
    index = house.settings.site / "toy" / "index.html"
    assert "v2.0" not in index.read_text()
    house.store.close()
    again = opened(house.settings.home, Clock(THEN))
    assert first_version(again, "toy") == "v2.0"
    assert "v2.0" in index.read_text()
    again.store.close()


def test_a_folder_that_cannot_be_written_is_told_and_the_number_completed_when_it_can(
    ready: Path, tmp_path: Path
) -> None:
    house = copy(ready, tmp_path)
    in_the_way = house.settings.site / "toy" / ".staging-v2.0"
    in_the_way.write_text("a file where a folder should be")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        turn(house, "toy")
    assert [release.version for _, release in house.store.bound("toy")] == ["v2.0"]
    in_the_way.unlink()
    assert publish_bound(house, "toy") == ("v2.0",)
    assert verify_folder(house.settings.site / "toy" / "v2.0", recompute) == []
    house.store.close()


def test_killed_anywhere_on_the_way_to_a_letter_it_arrives_once_at_most_and_is_never_begun_again(
    ready: Path, tmp_path: Path
) -> None:
    with FakeMailer() as mailer:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": mailer.port, "smtp_security": "none"}
        shutil.copytree(ready, tmp_path / "home", symlinks=True)
        house = opened(tmp_path / "home", Clock(THEN), **mail)
        turn(house, "toy")
        house.store.close()
        for step, arrive in (("lease_letters", 1), ("mark_sending", 0), ("mark_sent", 1)):
            mailer.taken.clear()
            shutil.copytree(tmp_path / "home", tmp_path / step, symlinks=True)
            house = opened(tmp_path / step, Clock(THEN), **mail)
            _dies_after(house, step)
            with pytest.raises(Killed):
                send_letters(house)
            again = opened(tmp_path / step, Clock(THEN), **mail)
            again.store.recover_letters(again.now())
            send_letters(again)
            assert len(mailer.taken) == arrive, step
            assert max(Counter(mailer.subjects()).values(), default=0) <= 1, step
            assert again.store.verify_store() == ()
            again.store.close()


def _dies_after(house: House, step: str) -> None:
    done = getattr(house.store, step)

    def and_dies(*arguments: object) -> object:
        done(*arguments)
        raise Killed

    vars(house.store)[step] = and_dies


# --- kill -9 ------------------------------------------------------------------------------------------------

SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 11))]


@pytest.mark.parametrize("seed", SEEDS)
def test_kill_9_at_seeded_moments_leaves_nothing_torn_and_loses_nothing(
    ready: Path, tmp_path: Path, seed: int
) -> None:
    dice, home = random.Random(seed), tmp_path / "home"
    shutil.copytree(ready, home, symlinks=True)
    for _ in range(2):
        command = subprocess.Popen(
            [sys.executable, "-m", "living", "refresh"],
            cwd=ROOT,
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(dice.uniform(0.3, 1.6))
        command.kill()
        command.wait()
        house = opened(home, Clock(THEN))
        for item in house.store.published("toy"):
            found = verify_folder(house.settings.site / "toy" / item.version)
            assert [finding for finding in found if not finding.startswith(DRAFT)] == []
        house.store.close()
    assert living(home, "refresh").returncode == 0
    checked = living(home, "verify", "--store")
    assert (checked.returncode, checked.stdout) == (0, "All is well.\n")
    house = opened(home, Clock(THEN))
    assert [item.version for item in house.store.published("toy")] == ["v1.0", "v2.0"]
    assert [letter.kind for letter in house.store.letters("toy")] == ["confirmation", "major"]
    house.store.close()
