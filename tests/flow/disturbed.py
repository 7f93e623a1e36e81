"""Two homes side by side: the registries of one misbehave, those of the other never do.

After every fault the disturbed home must have stored nothing, say what happened, and, once all is well again,
be the same as the calm one to the last line of its ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from living.model.values import digest
from living.service.poll import Polled
from living.sources.gateway import Gateway
from tests.fakes import Home, home_at, toy_article, toy_records
from tests.standin import RecordSet, from_ctgov, from_pubmed_xml
from tests.standin.faults import Fault
from tests.standin.synthetic import article_set, study_json

KEY, CONTACT = "0123456789abcdef-not-a-real-key", "asker@review.example.org"
FIRST = datetime(2026, 2, 2, 16, tzinfo=UTC)  # a Monday, after the register's refresh
DAYS = (
    80  # working days that hold something new; a test of all faults takes a new pair of homes each so often
)
# The requests of a day's poll, by their path and how many of the same path come before.
STEPS: dict[str, dict[str, tuple[str, int]]] = {
    "pubmed": {
        "topic": ("esearch", 0),
        "crdt": ("esearch", 1),
        "mdat": ("esearch", 2),
        "fetch": ("efetch", 0),
    },
    "ctgov": {
        "version": ("version", 0),
        "listing": ("studies", 0),
        "window": ("studies", 1),
        "fetch": ("studies", 2),
        "version again": ("version", 1),
    },
}
EVERY_STEP = [(kind, step) for kind, steps in STEPS.items() for step in steps]
LARGEST = 2 * 1_048_576


def working_day(number: int) -> datetime:
    """Return the hour of the poll on one working day after the other."""
    weeks, day = divmod(number, 5)
    return FIRST + timedelta(weeks=weeks, days=day)


def world(days: int = DAYS) -> RecordSet:
    """On each working day both registries show one new entry, and the one of the day before has changed."""
    held = toy_records()
    for number in range(1, days):
        day, morning = working_day(number), working_day(number) - timedelta(hours=16)
        entered = f"{day:%Y-%m-%d}"
        before = f"{working_day(number - 1):%Y-%m-%d}"
        new = toy_article(1000 + number, f"DAY {number}", day=entered)
        revised = toy_article(999 + number, f"DAY {number - 1}, corrected", day=before, revised=entered)
        held += from_pubmed_xml(article_set(new, revised), morning)
        posted = registered(number, first_posted=entered, updated=entered)
        moved = registered(number - 1, first_posted=before, updated=entered, status="COMPLETED")
        held += from_ctgov([posted, moved], morning)
    return held


def registered(number: int, **fields: Any) -> dict[str, Any]:
    return study_json(f"NCT9910{number:04d}", f"DAY {number}", interventions=["Invented remedy"], **fields)


@dataclass
class Pair:
    """The disturbed home and the calm one, on the same day."""

    disturbed: Home
    calm: Home
    day: int = 0

    def next_day(self) -> None:
        self.disturbed.standin.heal()
        self.day += 1
        for home in (self.disturbed, self.calm):
            home.clock.now = home.standin.now = working_day(self.day)

    def later(self, **how_far: float) -> None:
        for home in (self.disturbed, self.calm):
            home.forward(**how_far)

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """For what takes its time: a deadline that passes at once."""
        patient = self.disturbed.house.gateway
        self.disturbed.house.gateway = gateway_of(self.disturbed, total_deadline=0.4)
        try:
            yield
        finally:
            self.disturbed.house.gateway.close()
            self.disturbed.house.gateway = patient

    def fails(self, kind: str) -> Polled:
        """A poll that must fail: what was there stays, nothing is added, and the words are fit to show."""
        home, store = self.disturbed, self.disturbed.house.store
        before, hashes, cursor = home.head(), home.hashes(kind), store.cursor("toy", kind)
        polled = home.poll(kind, linking=False)
        assert not polled.ok
        assert (home.head(), home.hashes(kind)) == (before, hashes)
        after = store.cursor("toy", kind)
        assert after is not None
        assert cursor is not None
        attempt = {"last_attempt_at", "next_due_at", "last_error", "failures"}
        assert after.model_dump(exclude=attempt) == cursor.model_dump(exclude=attempt)
        self.tells(kind, polled.error)
        return polled

    def tells(self, kind: str, error: str) -> None:
        """The sentence names the source, holds nothing of the asker, and names a payload that is kept."""
        [run] = self.disturbed.house.store.runs("toy", kind, 1)
        assert (run.outcome, run.error) == ("failed", error), run.error
        assert error.startswith(f"{kind}: ")
        assert error.isprintable()
        assert len(error) < 600
        for secret in (KEY, CONTACT, CONTACT.replace("@", "%40")):
            assert secret not in error
        if run.payload:
            kept = self.disturbed.house.store.payload(run.payload)
            assert digest(kept) == run.payload
            assert kind != "pubmed" or KEY.encode() not in kept  # nobody else is sent the key

    def heals(self, kind: str) -> Polled:
        """The fault is over: the next poll brings the disturbed home to where the calm one is."""
        self.disturbed.standin.heal()
        self.later(minutes=10)
        polled, reference = self.disturbed.poll(kind), self.calm.poll(kind)
        assert polled.ok, polled.error
        assert polled == reference, f"{polled} is not {reference}"
        self.same(kind)
        return polled

    def same(self, kind: str) -> None:
        """Ledger, cursor, absences and the account of the last run are those of a home without faults."""
        assert self.disturbed.head() == self.calm.head()
        here, there = (self.remembered(home, kind) for home in (self.disturbed, self.calm))
        assert here == there
        self.disturbed.quiet()

    @staticmethod
    def remembered(home: Home, kind: str) -> tuple[object, ...]:
        store = home.house.store
        [run] = store.runs("toy", kind, 1)
        return (
            store.cursor("toy", kind),
            store.absent("toy", kind),
            home.hashes(kind),
            run.model_dump(exclude={"id"}),
        )

    def disturb(self, kind: str, step: str, fault: Fault, times: int | None = None) -> None:
        path, after = STEPS[kind][step]
        self.disturbed.standin.fault(fault, times, path=path, after=after)


def gateway_of(home: Home, **options: Any) -> Gateway:
    """A way out with two attempts and no pauses, small enough for large answers to be too large."""
    paces = {url.split("/")[2]: 0.0 for url in (home.standin.pubmed_url, home.standin.ctgov_url)}
    given = {"total_deadline": 20.0, "attempts": 2, "max_bytes": LARGEST, "sleep": _no_time}
    return Gateway(CONTACT, "0", paces, **{**given, **options})


def _no_time(_seconds: float) -> None:
    return


@contextmanager
def pair_at(place: Path, records: Callable[[], RecordSet] = world, **options: Any) -> Iterator[Pair]:
    """Open both homes; both have read both registries once, completely."""
    held = records()
    settings = {"now": FIRST, "ncbi_api_key": SecretStr(KEY), "contact": CONTACT}
    with (
        home_at(place / "disturbed", held, **settings) as disturbed,
        home_at(place / "calm", held, **settings) as calm,
    ):
        for home in (disturbed, calm):
            home.house.gateway.close()
            home.house.gateway = gateway_of(home, **options)
            for kind in STEPS:
                assert home.poll(kind).ok
        yield Pair(disturbed, calm)
        for home in (disturbed, calm):
            home.quiet()
            home.house.gateway.close()
