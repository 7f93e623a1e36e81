"""F12: a registry that is busy is asked no faster than it allows, whatever it says of when to come back."""

import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest
from pydantic import SecretStr

from living.sources.gateway import Gateway
from living.sources.registry import pace_of
from tests.fakes import Home, home_at
from tests.flow.disturbed import CONTACT, FIRST, KEY
from tests.standin import Standin, faults

A_REST = 1.25  # seconds; our own pauses after a busy answer are longer, and left out to make the storm worse
FORMS = (None, "0", "-5", "soon", "1.5", "\xb2", "Wed, 21 Oct 2015 07:28:00 GMT", "", "1")
PER_SECOND = {"pubmed": 3, "pubmed with a key": 10, "ctgov": 1}


def hasty(seconds: float) -> None:
    """Wait as the pace asks, and not for what the back-off adds to it."""
    if seconds <= A_REST:
        time.sleep(seconds)


def storm(standin: Standin, busy: Sequence[int], answers: int) -> None:
    """Answers that say busy, each with another Retry-After, between answers that do not."""
    statuses = cycle(busy)
    for form in (FORMS * 2)[:answers]:
        standin.fault(faults.busy(next(statuses), retry_after=form))


def fastest(standin: Standin, kind: str) -> int:
    """The most requests that began within any second, by the registry's own log."""
    path = "eutils" if kind == "pubmed" else "/api/v2/"
    times = sorted(question.at for question in standin.log if path in question.path)
    return max(sum(start <= other < start + 1.0 for other in times) for start in times)


def strict_home(home: Home, name: str) -> Home:
    """The same home at the production's pace, before registries that count."""
    home.standin.strict()
    kind = name.split()[0]
    host = (home.standin.pubmed_url if kind == "pubmed" else home.standin.ctgov_url).split("/")[2]
    home.house.gateway.close()
    home.house.gateway = Gateway(
        CONTACT,
        "0",
        {host: pace_of(kind, with_key="key" in name)},
        sleep=hasty,
        jitter=lambda: 1.0,
    )
    return home


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak if name == "ctgov" else ()) for name in PER_SECOND]
)
def test_in_a_storm_no_registry_is_asked_faster_than_it_allows(tmp_path: Path, name: str) -> None:
    kind, limit = name.split()[0], PER_SECOND[name]
    key = SecretStr(KEY if "key" in name else "")
    with home_at(tmp_path, now=FIRST, ncbi_api_key=key, contact=CONTACT) as opened:
        home = strict_home(opened, name)
        storm(home.standin, (429, 503), answers=5)
        failed = home.poll(kind)
        assert not failed.ok
        assert KEY not in failed.error
        storm(home.standin, (429,), answers=2)
        assert home.poll(kind).ok  # two busy answers, and the third attempt came through
        assert home.hashes(kind)
        assert home.standin.violations == []
        assert fastest(home.standin, kind) <= limit
        home.quiet()
