"""A month of daily polls under a moving clock and random faults: nothing is lost."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from living.errors import SourceError
from living.sources.run import marker
from tests.standin import RecordSet, Standin, faults, from_ctgov, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.synthetic import article_xml, study_json

START, DAYS = date(2026, 3, 2), 30
FAULTS = (
    faults.html(), faults.busy(429), faults.busy(503), faults.reset(), faults.cut_gzip(), faults.cut(100),
    faults.miscounted(), faults.duplicate_ids(), faults.says(b""), faults.expired_token(),
)  # fmt: skip


def evening(day: date) -> datetime:
    return datetime.combine(day, time(20), UTC)


def papers(chance: random.Random) -> RecordSet:
    """Sixty articles; some come with an index date years back, every third is revised later."""
    held = RecordSet()
    for pmid in range(5000, 5060):
        day = START + timedelta(days=chance.randrange(DAYS - 3))
        old = str(day - timedelta(days=900)) if pmid % 5 == 0 else ""
        held += from_pubmed_xml(article_xml(pmid, entered=str(day), indexed=old))
        if pmid % 3 == 0:
            later = evening(day + timedelta(days=chance.randrange(1, 3))) - timedelta(hours=6)
            held += from_pubmed_xml(article_xml(pmid, "Revised", entered=str(day), indexed=old), later)
    return held


def trials(chance: random.Random) -> RecordSet:
    """Thirty trials; every third is updated later."""
    held = RecordSet()
    for number in range(30):
        nct, day = f"NCT0999{number:04d}", START + timedelta(days=chance.randrange(DAYS - 6))
        held += from_ctgov([study_json(nct, updated=str(day))])
        if number % 3 == 0:
            later = day + timedelta(days=chance.randrange(1, 3))
            held += from_ctgov([study_json(nct, updated=str(later), status="COMPLETED")])
    return held


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["pubmed", "ctgov"])
def test_a_month_with_outages_ends_as_one_without(kind: str, seed: int) -> None:
    held = papers(random.Random(seed)) + trials(random.Random(seed))
    quiet, _ = month(held, kind, faulty=None)
    stormy, failed = month(held, kind, faulty=random.Random(seed))
    assert quiet == stormy
    assert len(quiet) == {"pubmed": 60, "ctgov": 30}[kind]
    assert failed > 0


def month(held: RecordSet, kind: str, faulty: random.Random | None) -> tuple[dict[str, str], int]:
    """Poll each evening; keep what each complete run brings. Return id -> content hash, and the failures."""
    stored: dict[str, str] = {}
    known: dict[str, str] = {}
    since, failed = None, 0
    limits = {"ncbi_per_second": IN_NO_HURRY, "ctgov_per_second": IN_NO_HURRY}
    asked = source(kind, {"pubmed": "all[sb]", "ctgov": "naltrexone"}[kind])
    with Standin(held, evening(START), **limits) as standin, Poller(standin, attempts=3) as poller:
        for day in (START + timedelta(days=n) for n in range(DAYS + 3)):
            standin.now = evening(day)
            storm(standin, faulty if day < START + timedelta(days=DAYS - 1) else None)
            try:
                run = poller.poll(asked, day, since=since, known=known)
            except SourceError:
                failed += 1
                continue
            records = poller.records(run)
            assert run.absent == ()
            assert set(run.listed) - known.keys() <= records.keys()
            stored |= {key: record.content_hash for key, record in records.items()}
            known |= {key: marker(record) for key, record in records.items()}
            since = day
        assert not standin.crashes
        return stored, failed


def storm(standin: Standin, chance: random.Random | None) -> None:
    """Arm a few faults; on bad days one that does not pass."""
    standin.heal()
    for _ in range(chance.randrange(4) if chance else 0):
        assert chance is not None
        standin.fault(chance.choice(FAULTS), times=chance.choice((1, 2, None)), after=chance.randrange(3))
