"""The replay as a real process: run to its end, or killed on the way; and what it left, to compare."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 180.0  # seconds; a replay takes half a minute, a loaded machine more
STARTING, TELLING = 1.5, 18.0  # seconds that a replay takes at least; shorter, so that no kill comes too late
SEED = 20260618


@dataclass(frozen=True)
class Replay:
    """One run: where it lies, what it said and how long it took."""

    home: Path
    code: int
    said: str
    complained: str
    seconds: float

    @property
    def site(self) -> Path:
        return self.home / "site"


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Begin a replay; the environment holds nothing of ours but its folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVING_")}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.replay", *arguments],
        cwd=ROOT,
        env={**clean, "LIVING_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(home: Path, *arguments: str) -> Replay:
    """Run a replay to its end."""
    begun = time.monotonic()
    process = start(home, "--no-serve", *arguments)
    said, complained = process.communicate(timeout=LONGEST)
    return Replay(home, process.returncode, said, complained, time.monotonic() - begun)


@dataclass(frozen=True)
class Begun:
    """Two replays that run beside each other once in a session: one to its end, one killed on the way."""

    undisturbed: Future[Replay]
    disturbed: Future[Replay]


@cache
def begun(folder: Path) -> Begun:
    """Start both, or return those that were started; they mostly wait, so they hardly hold each other up."""
    pool = ThreadPoolExecutor(2)
    whole, killed = folder / "undisturbed-replay", folder / "disturbed-replay"
    return Begun(pool.submit(run, whole), pool.submit(killed_in_a_row, killed, moments(3)))


def moments(count: int) -> list[float]:
    """Seeded fractions of a run, one in each of `count` equal parts of it."""
    luck = random.Random(SEED)
    return [(part + luck.random()) / count for part in range(count)]


def killed_in_a_row(home: Path, fractions: list[float]) -> Replay:
    """Kill one replay again and again while it tells its story, then let it finish."""
    before = 0.0
    for fraction in fractions:
        assert killed_after(home, STARTING + (fraction - before) * TELLING), "it ended before it was killed"
        before = fraction
    return run(home)


def killed_after(home: Path, seconds: float) -> bool:
    """Begin or go on, and kill -9 after some seconds; False when it had already come to its end."""
    process = start(home, "--no-serve")
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    return False


def ledgers(home: Path) -> list[tuple[object, ...]]:
    """Every line of every topic's evidence, as it is stored."""
    with closing(sqlite3.connect(home / "living.db")) as store:
        return store.execute("SELECT * FROM ledger ORDER BY topic, seq").fetchall()


def version_files(home: Path) -> dict[str, bytes]:
    """Every file of every version's folder."""
    site = home / "site"
    found = (path for path in site.glob("*/v[0-9]*.[0-9]*/**/*") if path.is_file())
    return {str(path.relative_to(site)): path.read_bytes() for path in found}
