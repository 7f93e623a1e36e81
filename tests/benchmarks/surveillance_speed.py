"""Print how fast PubMed answers are read and stored: python -m tests.benchmarks.surveillance_speed [MANY].

Each line of the table is measured in a process of its own, on the same answers of 200 records; making or
unpacking them is not timed. `reading` is the registry's own parser, content hashes included. `to the end`
keeps every answer as a poll does, reads it back, and appends what it holds in one transaction. `next turn` is
what the first look at a topic of that size costs a daemon that starts.
"""

import json
import lzma
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from Bio import Entrez

from living.model.facts import MACHINE
from living.model.record import Record
from living.sources.pubmed_xml import ids_in
from living.sources.registry import REGISTRIES
from living.store import Cursor, Store
from living.store.runs import Run
from tests.benchmarks.synthetic_articles import BATCH, HEAD, TAIL, answers

MANY = 100_000
FASTER = 8.0  # reading, against Bio.Entrez.read on the same bytes
MINUTES = 3.0  # 100,000 records, to the end
MEGABYTES = 500.0  # at the peak of that
FILES = ("baseline_pubmed20n0014.xml.xz", "update_pubmed21n1298_subset.xml.xz")
AT = "2026-02-02T00:00:00Z"
TOPIC, SOURCE = "speed", "pubmed"


def recorded_answers(folder: Path) -> Iterator[bytes]:
    """The recorded entries, unchanged, cut into answers as efetch gives them."""
    for name in FILES:
        with lzma.open(folder / "pubmed" / name) as file:
            entries: list[bytes] = []
            for line in file:
                if line.strip() == b"<PubmedArticle>":
                    entries.append(b"")
                if entries and b"PubmedArticleSet" not in line:
                    entries[-1] += line
                if line.strip() == b"</PubmedArticle>" and len(entries) == BATCH:
                    yield HEAD + b"".join(entries) + TAIL
                    entries = []
            if entries:
                yield HEAD + b"".join(entries) + TAIL


def opened(folder: Path) -> Store:
    return Store.open(folder / "living.db", Path(__file__).resolve().parents[2] / "db" / "migrations")


class Stopwatch:
    """Seconds of this process's work, and of the wall, without the time between."""

    def __init__(self) -> None:
        self.wall = self.work = 0.0

    def time(self, act: Callable[..., int], *args: object) -> int:
        wall, work = time.perf_counter(), time.process_time()
        try:
            return act(*args)
        finally:
            self.wall += time.perf_counter() - wall
            self.work += time.process_time() - work


def bio(bodies: Iterator[bytes], watch: Stopwatch, _folder: Path) -> int:
    def read(body: bytes) -> int:
        return len(Entrez.read(BytesIO(body))["PubmedArticle"])

    return sum(watch.time(read, body) for body in bodies)


def reading(bodies: Iterator[bytes], watch: Stopwatch, _folder: Path) -> int:
    def read(body: bytes) -> int:
        return sum(1 for _ in REGISTRIES[SOURCE].parse(body, ""))

    return sum(watch.time(read, body) for body in bodies)


def noticing(bodies: Iterator[bytes], watch: Stopwatch, _folder: Path) -> int:
    """What the poll counts besides: kinds of content that are not known here."""

    def notice(body: bytes) -> int:
        return REGISTRIES[SOURCE].unmapped(body).total()

    return sum(watch.time(notice, body) for body in bodies)


def to_the_end(bodies: Iterator[bytes], watch: Stopwatch, folder: Path) -> int:
    store = opened(folder)
    pages: list[tuple[str, tuple[str, ...]]] = []
    listed: set[str] = set()  # one id may come in several versions, apart

    def keep(body: bytes) -> int:
        told = {"source": SOURCE, "url": "", "status": 200, "content_type": "text/xml", "at": AT}
        ids = tuple(pmid for pmid in ids_in(body) if pmid not in listed)
        listed.update(ids)
        pages.append((store.keep(body, **told), ids))
        return len(ids)

    def entries() -> Iterator[tuple[str, Record]]:
        for sha, ids in pages:
            found = REGISTRIES[SOURCE].parse(store.payload(sha), sha)
            yield from ((MACHINE, record) for record in found if record.id in ids)

    def finish() -> int:
        run = Run(mode="census", listed=len(listed), fetched=len(listed))
        return len(store.complete_run(TOPIC, SOURCE, AT, entries(), Cursor(), run))

    for body in bodies:
        watch.time(keep, body)
    return watch.time(finish)


def next_turn(_bodies: Iterator[bytes], watch: Stopwatch, folder: Path) -> int:
    store = opened(folder)
    return watch.time(lambda: len(store.state(TOPIC).records))


MEASURES = {
    "bio": bio,
    "reading": reading,
    "noticing": noticing,
    "to_the_end": to_the_end,
    "next_turn": next_turn,
}


def measure(name: str, many: int, folder: Path) -> None:
    """Do one thing and print what it took."""
    watch = Stopwatch()
    bodies = answers(many) if many else recorded_answers(Path(os.environ["LIVING_RECORDED"]))
    count = MEASURES[name](bodies, watch, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux tells kilobytes
    print(json.dumps({"count": count, "wall": watch.wall, "work": watch.work, "peak": peak}))


def measured(name: str, many: int, folder: str) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.surveillance_speed",
        "--measure",
        name,
        str(many),
        folder,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def table(what: str, many: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in MEASURES:
            found[name] = told = measured(name, many, folder)
            each = f"{told['count'] / told['work']:>9,.0f}" if name != "noticing" else " " * 9
            spent = f"{told['wall']:>8.1f} s {told['work']:>8.1f} s"
            print(
                f"{what:10} {name:12} {told['count']:>8,.0f} {spent} {each} {told['peak']:>7,.0f} MB",
                flush=True,
            )
    return found


def judged(goal: str, holds: bool) -> bool:
    print(f"{'holds' if holds else 'MISSED':7} {goal}")
    return holds


def main(many: int) -> bool:
    """Print the table and the goals; return whether all of them hold."""
    print(f"{'answers':10} {'what':12} {'records':>8} {'wall':>10} {'work':>10} {'each s':>9} {'peak':>10}")
    sets = {"synthetic": many}
    if os.environ.get("LIVING_RECORDED"):
        sets = {"recorded": 0, **sets}
    held = []
    for what, number in sets.items():
        found = table(what, number)
        faster = found["bio"]["work"] / found["reading"]["work"]
        held.append(
            judged(
                f"{what}: read {faster:.1f} times as fast as Bio.Entrez.read (goal {FASTER:g})",
                faster >= FASTER,
            )
        )
        share = found["noticing"]["work"] / found["reading"]["work"]
        print(f"        {what}: noticing what is unknown takes {share:.0%} of the time of reading")
    end = found["to_the_end"]
    minutes = end["wall"] / 60 * MANY / many
    held.append(
        judged(
            f"{many:,} to the end: {minutes:.1f} minutes for {MANY:,} (goal {MINUTES:g})", minutes <= MINUTES
        )
    )
    held.append(
        judged(
            f"{many:,} to the end: {end['peak']:,.0f} MB at the peak (goal {MEGABYTES:g})",
            end["peak"] <= MEGABYTES,
        )
    )
    return all(held)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY) else 1)
