"""Europe PMC and ISRCTN under every fault at every request, and over six weeks of bad days."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from living.errors import SourceError
from living.sources.run import Run
from tests.fakes import START, TOY, Home, home_at
from tests.flow.test_four_sources import MORE, with_more_sources
from tests.standin import RecordSet, Standin, faults
from tests.standin.europepmc import Preprint, from_europepmc
from tests.standin.isrctn import Trial, from_isrctn
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.synthetic_registers import preprint_json, trial_xml

NOW, TODAY = datetime(2026, 2, 3, 20, tzinfo=UTC), date(2026, 2, 3)
PREPRINTS = from_europepmc([preprint_json(f"PPR{n}") for n in range(1, 8)])
TRIALS = from_isrctn([trial_xml(f"9000000{n}") for n in range(1, 8)])
SMALL = {"europepmc": {"PAGE_SIZE": 3, "BATCH": 4}, "isrctn": {"LIMIT": 4, "BATCH": 2}}
WIRE = {
    "reset": faults.reset(),
    "no http": faults.no_http(),
    "cut": faults.cut(40),
    "cut, honestly": faults.cut(40, honest=True),
    "cut gzip": faults.cut_gzip(0.9),
    "inflating": faults.inflating(8_000_000),
    "web page": faults.html(),
    "outage": faults.html(503),
    "busy": faults.busy(429, "1"),
    "nothing": faults.says(b""),
}


@pytest.fixture(params=["europepmc", "isrctn"])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of source whose pages are small, so that one poll asks many times."""
    for name, value in SMALL[request.param].items():
        monkeypatch.setattr(f"living.sources.{request.param}.{name}", value)
    return str(request.param)


@pytest.fixture
def standin() -> Iterator[Standin]:
    edited = [f"2026-01-{day:02d}T00:00:00Z" for day in range(1, 8)]
    trials = from_isrctn([trial_xml(f"9000000{n}", edited=day) for n, day in enumerate(edited, start=1)])
    with Standin(
        RecordSet(), NOW, preprints=PREPRINTS, trials=trials, others_per_second=IN_NO_HURRY
    ) as found:
        yield found
        assert not found.crashes


def polled(poller: Poller, kind: str) -> Run:
    missing = "PPR99" if kind == "europepmc" else "ISRCTN99999999"
    return poller.poll(source(kind), TODAY, date(2026, 2, 2), {missing: ""}, look=frozenset({missing}))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", WIRE)
def test_a_fault_at_any_request_is_got_over_or_fails_the_run_and_never_shortens_it(
    standin: Standin, asked: str, name: str
) -> None:
    with Poller(standin, max_bytes=2_000_000, attempts=2) as poller:
        whole = polled(poller, asked)
        records = poller.records(whole)
        assert len(records) == 7
        assert len(whole.gone) == 1
        for request in range(whole.requests):
            standin.fault(WIRE[name], times=1, after=request)
            again = polled(poller, asked)
            assert replace(again, requests=whole.requests) == whole
            assert poller.records(again) == records
            standin.fault(WIRE[name], times=None, after=request)
            with pytest.raises(SourceError):
                polled(poller, asked)
            standin.heal()


DAYS = 42


def _six_weeks(rng: random.Random) -> tuple[tuple[Preprint, ...], tuple[Trial, ...]]:
    """Entries that appear, get versions, are edited, and go away again, on days drawn from a seed."""
    preprints: list[Preprint] = []
    trials: list[Trial] = []
    for n in range(1, 31):
        days = sorted(rng.sample(range(DAYS - 3), 3))
        first, second, last = (START + timedelta(days=day) for day in days)
        own, later, title = f"PPR{n}", f"PPR{n + 500}", f"Draft {n} of an invented remedy"
        draft = preprint_json(own, title, indexed=f"{first:%Y-%m-%d}")
        revised = preprint_json(later, title, version=2, versions=[own, later], indexed=f"{second:%Y-%m-%d}")
        taken = {**revised, "pubTypeList": {"pubType": ["preprint", "preprint-withdrawal"]}}
        preprints += from_europepmc([draft], first)
        if n % 2:
            preprints += from_europepmc([revised], second)
        if n % 6 == 1:
            preprints += from_europepmc([taken], last)
        number = f"9100{n:04d}"
        for place, moment in enumerate((first, second, last)[: 1 + n % 3]):
            entry = trial_xml(
                number,
                f"Trial {n} of an invented remedy",
                edited=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                weeks=12 + place,
                version=place + 1,
            )
            trials += from_isrctn([entry], moment)
    return tuple(preprints), tuple(trials)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_six_weeks_of_bad_days_end_with_what_undisturbed_polls_end_with(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    topic = tmp_path / "topics" / "toy"
    shutil.copytree(TOY, topic)
    text = (topic / "protocol.toml").read_text(encoding="utf-8")
    (topic / "protocol.toml").write_text(with_more_sources(text, MORE), encoding="utf-8")
    preprints, trials = _six_weeks(rng)
    homes = {}
    for name in ("disturbed", "undisturbed"):
        with home_at(
            tmp_path / name, RecordSet(), topics=(topic,), preprints=preprints, trials=trials
        ) as home:
            failed = _live_through(home, rng if name == "disturbed" else None)
            homes[name] = {
                key: record.content_hash
                for key, record in home.records().items()
                if record.source in ("europepmc", "isrctn")
            }
            home.quiet()
            assert (failed > DAYS / 4) == (name == "disturbed")
    assert homes["disturbed"] == homes["undisturbed"]
    assert sorted(homes["disturbed"]) == sorted(
        [f"europepmc:PPR{n}" for n in range(1, 31)] + [f"isrctn:ISRCTN9100{n:04d}" for n in range(1, 31)]
    )


def _live_through(home: Home, rng: random.Random | None) -> int:
    """Poll both sources each day, half of the days with a fault; return how many polls failed."""
    failed = 0
    for day in range(DAYS):
        home.clock.now = START + timedelta(days=day, hours=6)
        home.standin.now = home.clock.now
        for kind in ("europepmc", "isrctn"):
            if rng and day < DAYS - 2 and rng.random() < 0.5:
                home.standin.fault(rng.choice(list(WIRE.values())), times=None, after=rng.randrange(3))
            failed += not home.poll(kind, linking=False).ok
            home.standin.heal()
    return failed
