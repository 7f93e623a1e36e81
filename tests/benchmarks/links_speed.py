"""Print how long links for one new record take among many: python -m tests.benchmarks.links_speed [MANY].

Through the door that pages use (`living.service.proposing.proposed`): reading the new line from the store,
looking at what it touches, and answering with every proposal. Beside it what the first look at all of them
takes, and what is held in memory. `work` is this process's own time, which other programs do not lengthen;
the goal is held against it.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

from living.config import Settings
from living.model.facts import MACHINE, Fact
from living.model.record import AbstractPart, Record
from living.service.house import House, open_house
from living.service.proposing import Proposed, proposed
from tests import factories as make

MANY = 100_000
GOAL = 0.3  # seconds for one new record
NEW = 100
APART = 70  # between two trial numbers: as sparse as those of a topic are among all that were given
TOPIC = "speed"
AT = "2026-01-01T00:00:00Z"
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def invented(number: int, luck: random.Random, words: list[str], weights: list[float]) -> Record:
    """A paper or a registration with words as unevenly spread as those of titles are."""
    title = " ".join(luck.choices(words, cum_weights=weights, k=9))
    year, name = 2000 + number % 26, luck.choice(words)
    if number % 5 == 0:
        return make.registered(id=f"NCT{number * APART:08d}", title=title, identifiers=())
    known = luck.randrange(number // 5 + 1) * 5 * APART
    named = (None, known, luck.randrange(MANY * APART))[number % 3]  # none, one that is stored, or any
    text = (AbstractPart(text="None." if named is None else f"Registered as NCT{named:08d}."),)
    who = {"authors": (f"{name} A",), "published": str(year), "identifiers": ()}
    return make.record(id=str(number), title=title, abstract=text, **who)


def invention() -> Callable[[int], Record]:
    """Return what makes the same record of a number in every run."""
    luck = random.Random(20260101)
    words = sorted({"".join(luck.choices(SYLLABLES, k=luck.randint(2, 5))) for _ in range(20_000)})
    luck.shuffle(words)
    weights = list(accumulate(1 / (at + 1) for at in range(len(words))))
    return lambda number: invented(number, luck, words, weights)


def timed(house: House) -> tuple[float, float, Proposed]:
    """Return how long the answer took, how long this process worked on it, and the answer."""
    began, worked = time.perf_counter(), time.process_time()
    found = proposed(house, TOPIC)
    return time.perf_counter() - began, time.process_time() - worked, found


def held() -> float:
    """Return the megabytes that this process holds at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(many: int) -> float:
    """Return the most work of this process on the answer after one new record, of a hundred."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        house = open_house(settings, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        make_one = invention()
        entries: Iterator[tuple[str, Fact]] = ((MACHINE, make_one(number)) for number in range(many))
        house.store.append(TOPIC, AT, entries)
        house.store.state(TOPIC)
        before = held()
        first, worked, found = timed(house)
        print(f"{many:,} records, first look at all: {first:.1f} s ({worked:.1f} s of work),", end=" ")
        print(f"{len(found.links):,} proposals;", end=" ")
        print(f"{held() - before:.0f} MB more than the {before:.0f} MB of the ledger read")
        times: list[tuple[float, float]] = []
        for number in range(many, many + NEW):
            house.store.append(TOPIC, AT, [(MACHINE, make_one(number))])
            times.append(timed(house)[:2])
        took, work = (sorted(1000 * each for each in column) for column in zip(*times, strict=True))
        half, goal = NEW // 2, 1000 * GOAL
        print(f"one new record: median {took[half]:.0f} ms ({work[half]:.0f} of work), slowest", end=" ")
        print(f"{took[-1]:.0f} ms ({work[-1]:.0f} of work; goal {goal:.0f} ms)")
        return work[-1] / 1000


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY) <= GOAL else 1)
