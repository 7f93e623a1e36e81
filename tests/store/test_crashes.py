"""Real processes, killed or racing: what was acknowledged is there, and the chain is whole."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from living.store import Store
from tests.factories import AT, TOPIC, vote
from tests.store.conftest import MIGRATIONS
from tests.store.writer import PER_RUN

ROOT = Path(__file__).resolve().parents[2]
LONGER_THAN_ANYBODY_LIVES = 100_000
SEED = 20260301


def start(path: Path, verb: str, name: str, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(path), str(MIGRATIONS), verb, name, str(times)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def acknowledged_before_kill(writer: subprocess.Popen[str], lines: int, moments: random.Random) -> int:
    """Let it acknowledge so many, kill it a moment later, and return the last it acknowledged."""
    assert writer.stdout is not None
    for _ in range(lines):
        assert writer.stdout.readline(), "the writer ended by itself"
    time.sleep(moments.uniform(0, 0.02))
    writer.kill()
    rest = writer.stdout.read().split("\n")[:-1]  # a last line without its end was not acknowledged
    writer.stdout.close()
    assert writer.wait() != 0
    return int(rest[-1]) if rest else 0


def test_a_killed_append_loses_nothing_acknowledged(path: Path) -> None:
    moments = random.Random(SEED)
    for kill in range(4):
        last = acknowledged_before_kill(
            start(path, "append", f"w{kill}", LONGER_THAN_ANYBODY_LIVES), moments.randint(1, 20), moments
        )
        with Store.open(path, MIGRATIONS) as store:
            head = store.verify(TOPIC)
            assert head.seq >= last
            assert head.seq % PER_RUN == 0, "an append is whole or absent"
            assert len(store.state(TOPIC).lines) == head.seq
            assert store.verify_store() == ()


def test_a_killed_poll_never_parts_the_cursor_from_its_records(path: Path) -> None:
    moments = random.Random(SEED + 1)
    for _ in range(4):
        last = acknowledged_before_kill(
            start(path, "poll", "pubmed", LONGER_THAN_ANYBODY_LIVES), moments.randint(1, 12), moments
        )
        with Store.open(path, MIGRATIONS) as store:
            cursor = store.cursor(TOPIC, "pubmed")
            assert cursor is not None
            runs = int(cursor.data_timestamp)
            assert runs >= last
            assert len(store.runs(TOPIC, "pubmed", limit=LONGER_THAN_ANYBODY_LIVES)) == runs
            assert store.head(TOPIC).seq == runs * PER_RUN
            assert store.verify_store() == ()


def test_two_processes_appending_at_once_never_break_the_chain(path: Path) -> None:
    Store.open(path, MIGRATIONS).close()
    writers = [start(path, "append", name, 40) for name in ("a", "b")]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    with Store.open(path, MIGRATIONS) as store:
        assert store.verify(TOPIC).seq == 2 * 40 * PER_RUN
        by = [line.by for line in store.lines(TOPIC)]
        assert by.count("a") == by.count("b") == 40 * PER_RUN
        assert store.verify_store() == ()


def test_two_processes_may_make_the_same_store_at_once(path: Path) -> None:
    writers = [start(path, "append", name, 1) for name in ("a", "b", "c")]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    with Store.open(path, MIGRATIONS) as store:
        assert store.verify(TOPIC).seq == 3 * PER_RUN


def test_many_threads_of_one_store_append_in_turn(store: Store) -> None:
    def append() -> None:
        for _ in range(10):
            store.append(TOPIC, AT, [("reader-1", vote())])
            store.state(TOPIC)

    threads = [threading.Thread(target=append) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.verify(TOPIC).seq == 120


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing_acknowledged(path: Path) -> None:
    moments = random.Random(SEED + 2)
    for kill in range(100):
        last = acknowledged_before_kill(
            start(path, "append", f"w{kill}", LONGER_THAN_ANYBODY_LIVES), moments.randint(1, 60), moments
        )
        with Store.open(path, MIGRATIONS) as store:
            assert store.verify(TOPIC).seq >= last
            assert store.verify_store() == ()
