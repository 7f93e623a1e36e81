"""Killed after any page and at any arrow of a search, then searched again: the store of one undisturbed."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from living.service.house import POLL_FAILPOINTS
from living.store import Store
from tests.fakes import ROOT, TOY, environment, opened
from tests.flow.test_sources_recorded import PUBMED_FILES, TODAY, sample, unpacked
from tests.standin import RecordSet, Standin, from_ctgov_jsonl, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY

SEED = 20260202
TOPIC = "everything"
WHOLE = 33_843 + 509


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    """The invented topic, searching for all that there is."""
    folder = tmp_path / "topics" / TOPIC
    folder.mkdir(parents=True)
    text = (TOY / "protocol.toml").read_text()
    for old, new in (
        ('id = "toy"', f'id = "{TOPIC}"'),
        ("query = '\"invented remedy\"[tiab]'", 'query = "all[sb]"'),
        ("clauses = ['\"invented remedy\"[tiab]']\n", ""),
        ('query = "invented remedy"', 'query = "ALL"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "protocol.toml").write_text(text)
    return folder.parent


def standing_for(held: RecordSet) -> Standin:
    return Standin(held, TODAY, ncbi_per_second=IN_NO_HURRY, ctgov_per_second=IN_NO_HURRY)


def search(home: Path, topics: Path, registries: Standin, *kill: str) -> subprocess.CompletedProcess[str]:
    """Run the program once; with `kill` it dies at that arrow, and nothing is tidied up."""
    urls = registries.pubmed_url, registries.ctgov_url
    return subprocess.run(
        [sys.executable, "-m", "tests.flow.searching", str(home), str(topics), *urls, *kill],
        cwd=ROOT,
        env=environment(home) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def finished(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """How often each arrow was passed."""
    assert done.returncode == 0, done.stderr[-2000:]
    return {
        name: int(count) for name, _, count in (line.rpartition(" ") for line in done.stdout.splitlines())
    }


def held(home: Path) -> dict[str, Any]:
    """All that a search leaves in the store: lines, cursors, absences, runs, and every payload whole."""
    house = opened(home)
    store: Store = house.store
    try:
        lines = [(line.seq, line.by, line.fact.model_dump_json()) for line in store.lines(TOPIC)]
        assert store.verify_store() == ()
        sources = ("pubmed", "ctgov")
        return {
            "head": store.head(TOPIC),
            "lines": lines,
            "cursors": [store.cursor(TOPIC, source) for source in sources],
            "absent": [store.absent(TOPIC, source) for source in sources],
            "known": [store.known(TOPIC, source) for source in sources],
            "runs": [store.runs(TOPIC, source, 100) for source in sources],
            "payloads": {sha: len(store.payload(sha)) for sha in store.payloads()},
        }
    finally:
        store.close()
        house.gateway.close()


def same_after_kills(
    tmp_path: Path,
    topics: Path,
    registries: Standin,
    kills: list[tuple[str, int]],
    undisturbed: dict[str, Any],
) -> None:
    """Kill one home again and again, at each place in turn, then let it finish."""
    home = tmp_path / "disturbed"
    for place, time in kills:
        done = search(home, topics, registries, place, str(time))
        assert done.returncode == -signal.SIGKILL, f"not killed at {place} {time}: {done.stderr[-500:]}"
    finished(search(home, topics, registries))
    found = held(home)
    differing = [name for name, value in found.items() if value != undisturbed[name]]
    assert differing == []


def everywhere(passed: dict[str, int]) -> list[tuple[str, int]]:
    """Every page and every arrow, in an order in which each is reached: what is stored is not asked again."""
    found = []
    for source in ("pubmed", "ctgov"):
        found += [(f"{source} poll.kept", number + 1) for number in range(passed[f"{source} poll.kept"])]
        found += [(f"{source} poll.answered", 1), (f"{source} poll.stored", 1)]
    return [*found, ("all poll.linked", 1)]


def drawn(places: list[tuple[str, int]], pages: int) -> list[tuple[str, int]]:
    """Every arrow, and so many of the pages."""
    arrows = [place for place in places if "poll.kept" not in place[0]]
    chosen = random.Random(SEED).sample([place for place in places if place not in arrows], pages)
    return [place for place in places if place in arrows or place in chosen]


def test_killed_at_drawn_pages_and_at_every_arrow_it_ends_with_the_same_store(
    tmp_path: Path, topics: Path, recorded: Path
) -> None:
    with standing_for(sample(recorded)) as registries:
        passed = finished(search(tmp_path / "undisturbed", topics, registries))
        store = held(tmp_path / "undisturbed")
        assert {name.partition(" ")[2] for name in passed} == set(POLL_FAILPOINTS), "each arrow is passed"
        assert len(store["lines"]) > 600, "records of both registries, after the protocol"
        same_after_kills(tmp_path, topics, registries, drawn(everywhere(passed), 3), store)


@pytest.mark.soak
def test_killed_after_each_page_of_a_day_s_file_it_ends_with_the_same_store(
    tmp_path: Path, recorded: Path, topics: Path
) -> None:
    """3,845 records of one real day and 509 studies: each page, and each arrow."""
    day = from_pubmed_xml(unpacked(recorded / "pubmed" / PUBMED_FILES[0]))
    with standing_for(day + from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")) as registries:
        passed = finished(search(tmp_path / "undisturbed", topics, registries))
        store = held(tmp_path / "undisturbed")
        places = everywhere(passed)
        assert len(places) > 30
        same_after_kills(tmp_path, topics, registries, places, store)


@pytest.mark.soak
def test_killed_at_drawn_pages_of_everything_recorded_it_loses_nothing(
    tmp_path: Path, recorded: Path, topics: Path
) -> None:
    everything = RecordSet()
    for name in PUBMED_FILES:
        everything += from_pubmed_xml(unpacked(recorded / "pubmed" / name))
    everything += from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz")
    with standing_for(everything) as registries:
        passed = finished(search(tmp_path / "undisturbed", topics, registries))
        store = held(tmp_path / "undisturbed")
        assert sum(map(len, store["known"])) == WHOLE
        same_after_kills(tmp_path, topics, registries, drawn(everywhere(passed), 8), store)
