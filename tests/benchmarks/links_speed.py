"""Print how long links for one new record take among many: python -m tests.benchmarks.links_speed [MANY]."""

import random
import sys
import time
from itertools import accumulate

from living.model.record import AbstractPart, Record
from living.review.proposals import Index
from tests import factories as make

MANY = 100_000
GOAL = 0.3  # seconds for one new record
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def invented(number: int, luck: random.Random, words: list[str], weights: list[float]) -> Record:
    """A paper or a registration with words as unevenly spread as those of titles are."""
    title = " ".join(luck.choices(words, cum_weights=weights, k=9))
    year, name = 2000 + number % 26, luck.choice(words)
    if number % 5 == 0:
        return make.registered(id=f"NCT{number:08d}", title=title, identifiers=())
    text = (AbstractPart(text=f"Registered as NCT{luck.randrange(MANY):08d}." if number % 3 else "None."),)
    who = {"authors": (f"{name} A",), "published": str(year), "identifiers": ()}
    return make.record(id=str(number), title=title, abstract=text, **who)


def main(many: int) -> float:
    """Return the slowest of a hundred proposals."""
    luck = random.Random(20260101)  # the same records in every run
    words = sorted({"".join(luck.choices(SYLLABLES, k=luck.randint(2, 5))) for _ in range(20_000)})
    luck.shuffle(words)
    weights = list(accumulate(1 / (at + 1) for at in range(len(words))))
    records = [invented(number, luck, words, weights) for number in range(many)]
    began = time.perf_counter()
    index = Index.of(records)
    built = time.perf_counter() - began
    times = []
    for number in range(100):
        new = invented(many + number, luck, words, weights)
        began = time.perf_counter()
        index.add(new)
        index.near(new.key)
        times.append(time.perf_counter() - began)
    times.sort()
    print(
        f"{many:,} records: index {built:.1f} s; one new record: median {times[50] * 1000:.1f} ms,", end=" "
    )
    print(f"slowest {times[-1] * 1000:.1f} ms (goal {GOAL * 1000:.0f} ms)")
    return times[-1]


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY) <= GOAL else 1)
