"""F13: bodies that inflate, that never end, or that are all parts: time and memory of a real process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ROOT, environment, toy_records
from tests.flow.disturbed import FIRST
from tests.standin import Standin, faults
from tests.standin.poller import IN_NO_HURRY

MEGABYTE = 1_048_576
# The cap of 64 MB, once as it came and once as one text, and what zlib and the parser need besides.
ROOM = 200 * MEGABYTE
SECONDS = 60
# One poll with the caps of production and a single attempt, in a process of its own that tells what it took.
ONE_POLL = """
import json, re, sys
from datetime import date
from living.errors import SourceError
from living.model.protocol import Source
from living.sources.gateway import Gateway
from living.sources.registry import REGISTRIES
from living.sources.run import Ask

def peak():  # of this program alone; getrusage also counts what the one that started it held
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024

kind, url = sys.argv[1:]
source = Source(id=kind, label=kind, kind=kind, query="invented remedy")
kept = []
gateway = Gateway("a@b.example", "0", {url.split("/")[2]: 0.0}, attempts=1)
before = peak()
try:
    ask = Ask(source, date(2026, 2, 2))
    REGISTRIES[kind].fetch(gateway, url, ask, lambda a: a.sha256, email="a@b.example", tool="t")
    said = ""
except SourceError as fault:
    said = str(fault)
print(json.dumps({"said": said, "grown": peak() - before, "before": before}))
"""
BODIES = {
    "inflating": faults.inflating(300 * MEGABYTE),
    "inflating redirect": faults.inflating(300 * MEGABYTE, status=301, location="/elsewhere"),
    "inflating failure": faults.inflating(300 * MEGABYTE, status=500),
    "endless": faults.endless(),
    "elements": faults.inflating(60 * MEGABYTE, of=b"<a/>"),
    "references": faults.inflating(
        60 * MEGABYTE, b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">\n<PubmedArticleSet>', of=b"&b;"
    ),
    "objects": faults.inflating(60 * MEGABYTE, b'{"studies":[', of=b"{},"),
    "brackets": faults.inflating(60 * MEGABYTE, b'{"studies":', of=b"["),
    "one text": faults.inflating(60 * MEGABYTE, b'{"studies":"', of=b"x"),
}
IN_EVERY_BUILD = ("inflating", "elements", "objects")
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read off /proc")


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    counts = {"ncbi_per_second": IN_NO_HURRY, "ctgov_per_second": IN_NO_HURRY}
    with Standin(toy_records(), FIRST, **counts) as running:
        yield running


def one_poll(home: Path, kind: str, url: str) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", ONE_POLL, kind, url],
        cwd=ROOT,
        env=environment(home) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    found: dict[str, object] = json.loads(ended.stdout)
    return found


def test_a_poll_of_what_is_there_is_measured_too(tmp_path: Path, standin: Standin) -> None:
    for kind, url in (("pubmed", standin.pubmed_url), ("ctgov", standin.ctgov_url)):
        took = one_poll(tmp_path, kind, url)
        assert took["said"] == ""
        assert 0 <= int(str(took["grown"])) < ROOM


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in IN_EVERY_BUILD else [pytest.mark.soak]) for name in BODIES],
)
def test_a_body_beyond_measure_is_left_in_bounded_time_and_memory(
    tmp_path: Path, standin: Standin, name: str
) -> None:
    kind = "pubmed" if list(BODIES).index(name) % 2 == 0 else "ctgov"
    url = standin.pubmed_url if kind == "pubmed" else standin.ctgov_url
    standin.fault(BODIES[name], times=None)
    try:
        took = one_poll(tmp_path, kind, url)
    finally:
        standin.heal()
    assert str(took["said"]).startswith(f"{kind}: ")
    assert int(str(took["grown"])) < ROOM, took
