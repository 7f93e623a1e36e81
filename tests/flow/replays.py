"""The replay as a real process: run to its end, or killed on the way; and what it left, to compare."""

import os
import random
import re
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
STEPS = 12  # of the story
LASTS = 2.0  # seconds: within which of a step it is killed; some steps take longer, and some a tenth of it
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
        [sys.executable, "-u", "-m", "deploy.replay", *arguments],
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
    for fraction in fractions:
        assert killed_at(home, fraction), "it ended before it was killed"
    return run(home)


def killed_at(home: Path, fraction: float) -> bool:
    """Begin or go on, and kill -9 within the step that stands there in the story; False when it ended first.

    By what it tells and not by the clock: a machine may be slow.
    """
    process, (step, within) = start(home, "--no-serve"), divmod(fraction * STEPS, 1)
    assert process.stdout is not None
    for line in process.stdout:
        told = re.match(r" ?(\d+)  \d{4}-\d\d-\d\d  ", line)
        if told and int(told[1]) > step:
            break
    try:
        process.communicate(timeout=within * LASTS)
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
