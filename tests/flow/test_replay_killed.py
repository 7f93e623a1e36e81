"""`kill -9` at seeded moments of the replay: once finished, evidence and versions are as if undisturbed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.flow.replays import Replay, begun, killed_at, ledgers, moments, run, version_files

AT_ONCE = 3  # replays beside each other; more would hold each other up


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp()


def assert_same(ours: Replay, whole: Replay) -> None:
    assert ours.code == 0, ours.complained
    assert ledgers(ours.home) == ledgers(whole.home)
    here, there = version_files(ours.home), version_files(whole.home)
    assert sorted(here) == sorted(there)
    assert [name for name in here if here[name] != there[name]] == []


def test_a_replay_killed_three_times_in_a_row_ends_as_if_undisturbed(base: Path) -> None:
    last = begun(base).disturbed.result()
    assert_same(last, begun(base).undisturbed.result())
    assert "Going on after" in last.said


@pytest.mark.soak
def test_a_replay_killed_at_any_of_ten_moments_ends_as_if_undisturbed(base: Path, tmp_path: Path) -> None:
    whole = begun(base).undisturbed.result()

    def killed_once(moment: float) -> Replay:
        home = tmp_path / f"{moment:.3f}"
        killed_at(home, moment)
        return run(home)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for last in pool.map(killed_once, moments(10)):
            assert_same(last, whole)
