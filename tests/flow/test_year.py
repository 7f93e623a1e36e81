"""A simulated year: no listed record lost, none twice, staleness always shown, every run adds up."""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from living.model.record import Record
from living.model.surveillance import Sighting
from living.service.poll import Polled, due, link, poll
from living.service.pulse import source_pulses
from living.service.topics import active, evidence_of
from living.service.turn import turn
from living.sources.registry import REGISTRIES
from tests.fakes import TOY, Home, home_at
from tests.flow.test_sources_recorded import PUBMED_FILES, unpacked
from tests.flow.year import Year, next_year_s_schema, outages, year
from tests.standin import faults, from_ctgov_jsonl
from tests.standin.ctgov import refreshed
from tests.standin.records import ENTRY, article
from tests.standin.synthetic import article_set

STEP = timedelta(hours=6)
NEW_SCHEMA = datetime(2027, 1, 5, tzinfo=UTC)
HOSTS = {"pubmed": "eutils", "ctgov": "/api/v2/"}
STALE_AFTER = {"pubmed": timedelta(hours=48), "ctgov": timedelta(hours=72)}
PASSING = (
    faults.html(), faults.busy(429), faults.busy(503), faults.reset(), faults.cut_gzip(), faults.cut(100),
    faults.miscounted(), faults.duplicate_ids(), faults.says(b""),
)  # fmt: skip


@dataclass
class Watch:
    """Follows the searches of a home from outside, and keeps what each should have led to."""

    home: Home
    world: Year
    chance: random.Random
    last: dict[str, datetime] = field(default_factory=dict)
    found: dict[str, list[int]] = field(default_factory=dict)
    ever: dict[str, set[str]] = field(default_factory=dict)
    faults: int = 0

    def shown(self, source: str) -> set[str]:
        """The ids that a registry lists now."""
        now = self.home.standin.now
        if source == "pubmed":
            return {item.pmid for item in self.world.held.articles_at(now).values()}
        return set(self.world.held.studies_at(refreshed(now)))

    def weather(self, down: frozenset[str]) -> None:
        """Set what goes wrong for the next search: an outage, a fault that passes, or nothing."""
        standin = self.home.standin
        standin.heal()
        for source in down:
            standin.fault(faults.html(503), times=None, path=HOSTS[source])
        if not down and self.chance.random() < 0.2:
            standin.fault(self.chance.choice(PASSING), times=self.chance.choice((1, None)), path="studies")
            standin.fault(self.chance.choice(PASSING), times=self.chance.choice((1, None)), path="efetch")
        elif standin.now >= NEW_SCHEMA:
            standin.fault(next_year_s_schema(), times=None)

    def search(self) -> None:
        """Do what the daemon does of a turn that concerns the registries, and look at what it came to."""
        house, topic = self.home.house, self.home.topic
        for source in due(house, topic, active(house, topic)[1]):
            polled = poll(house, topic, source)
            self.note(source.id, polled)
        link(house, topic)
        self.staleness()

    def note(self, source: str, polled: Polled) -> None:
        if not polled.ok:
            self.faults += 1
            return
        self.last[source] = self.home.clock.now
        run = self.home.house.store.runs(self.home.topic, source, 1)[0]
        if run.mode == "census":
            listed = self.shown(source)
            assert run.details.found == len(listed)
            self.ever.setdefault(source, set()).update(listed)
            open_ids = {item.id for item in self.home.house.store.absent(self.home.topic, source)}
            assert listed <= self.home.house.store.known(self.home.topic, source).keys() | open_ids

    def staleness(self) -> None:
        _, protocol = active(self.home.house, self.home.topic)
        for pulse in source_pulses(self.home.house, self.home.topic, protocol):
            last = self.last.get(pulse.id)
            if last is None or self.home.clock.now - last > STALE_AFTER[pulse.id]:
                assert pulse.state not in ("current", "alarm"), f"{pulse.id} is stale and says {pulse.state}"
            else:
                assert pulse.state not in ("stale", "never"), f"{pulse.id} says {pulse.state}, read at {last}"


def topic(tmp_path: Path) -> Path:
    """The invented topic, searching for all that there is, in the rhythm of the shipped one."""
    text = (TOY / "protocol.toml").read_text().replace('id = "toy"', 'id = "everything"', 1)
    text = text.replace("query = '\"invented remedy\"[tiab]'", 'query = "all[sb]"\nevery_hours = 6', 1)
    text = re.sub(r"^clauses = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace(
        'query = "invented remedy"', 'query = "ALL"\nevery_hours = 1\nstale_after_hours = 72', 1
    )
    folder = tmp_path / "topics" / "everything"
    folder.mkdir(parents=True)
    (folder / "protocol.toml").write_text(text)
    return folder


def world(recorded: Path, start: datetime, end: datetime, seed: int) -> Year:
    chance = random.Random(seed)
    entries = [match[0] for match in ENTRY.finditer(unpacked(recorded / "pubmed" / PUBMED_FILES[0]))]
    pmids: dict[str, bytes] = {article(raw).pmid: raw for raw in chance.sample(entries, 220)}
    studies = from_ctgov_jsonl(recorded / "ctgov/studies_v2.jsonl.xz").studies
    drawn = [item for item in chance.sample(studies, 60) if not item.aliases]
    return year([article(raw) for raw in pmids.values()], drawn, start, end, seed)


def live(tmp_path: Path, recorded: Path, start: datetime, days: int, seed: int) -> None:
    """Let the time go by; then ten quiet days; then look at everything that was stored."""
    chance = random.Random(seed)
    end = start + timedelta(days=days)
    held = world(recorded, start, end, seed)
    folder = topic(tmp_path)
    with home_at(tmp_path / "home", held.held, now=start, topics=(folder,)) as home:
        watch = Watch(home, held, chance)
        down_on = dict(outages(chance, start.date(), days))
        while home.clock.now < end + timedelta(days=10):
            quiet = home.clock.now >= end
            watch.weather(frozenset() if quiet else down_on.get(home.clock.now.date(), frozenset()))
            watch.search()
            home.clock.now += timedelta() if quiet else odd_clock(chance)
            home.clock.now = max(home.clock.now, start) + STEP
            home.standin.now = home.clock.now
        watch.weather(frozenset())
        turn(home.house, home.topic)
        assert watch.faults > 0
        nothing_lost(watch)
        nothing_twice(watch)
        fates_told(watch)
        runs_add_up(watch)
        home.quiet()


def odd_clock(chance: random.Random) -> timedelta:
    """Mostly right; now and then an hour back, or asleep for three days."""
    drawn = chance.random()
    return timedelta(hours=-1) if drawn < 0.02 else timedelta(days=3) if drawn < 0.03 else timedelta()


def nothing_lost(watch: Watch) -> None:
    """Every id ever listed is stored, and what is shown now is stored as it is shown."""
    records = watch.home.records()
    for source, listed in watch.ever.items():
        assert {f"{source}:{name}" for name in listed} <= records.keys()
        assert not watch.home.house.store.absent(watch.home.topic, source)
    for key, body in now_shown(watch):
        source = key.partition(":")[0]
        expected = next(iter(REGISTRIES[source].parse(body, "")))
        assert records[key].content_hash == expected.content_hash, key


def now_shown(watch: Watch) -> list[tuple[str, bytes]]:
    """The latest version of each entry as the registries would send it today."""
    now, edit = watch.home.standin.now, next_year_s_schema().edit
    assert edit is not None
    papers = sorted(watch.world.held.articles_at(now).values(), key=lambda item: item.version)
    bodies = {f"pubmed:{item.pmid}": article_set(item.raw) for item in papers}
    for study in watch.world.held.studies_at(refreshed(now)).values():
        body = study.raw
        if now >= NEW_SCHEMA:
            body = json.dumps({"studies": [json.loads(body)]}, separators=(",", ":")).encode()
            body = body.replace(b'"protocolSection":{', b'"protocolSection":{"novelModule":{"novel":true},')
        bodies[f"ctgov:{study.nct}"] = body
    return list(bodies.items())


def nothing_twice(watch: Watch) -> None:
    """No content is stored twice in a row, and a trial that changed its id is one study."""
    state = watch.home.house.store.state(watch.home.topic)
    latest: dict[str, str] = {}
    for _, record in state.of_kind(Record):
        assert latest.get(record.key) != record.content_hash, f"{record.key} twice with one content"
        latest[record.key] = record.content_hash
    studies = evidence_of(watch.home.house, watch.home.topic).studies
    for old in watch.world.aliased & watch.ever["ctgov"]:
        current = old.replace("NCT095", "NCT096")
        assert studies.key_of[f"ctgov:{old}"] == studies.key_of[f"ctgov:{current}"]


def fates_told(watch: Watch) -> None:
    """What went away, came back or changed its id is told, each once."""
    state = watch.home.house.store.state(watch.home.topic)
    told = Counter((seen.record.partition(":")[2], seen.state) for _, seen in state.of_kind(Sighting))
    # Also what a window found and no full search ever listed: it came and went between two of them.
    stored = {key.partition(":")[2] for key in state.records}
    expected = {(name, "gone") for name in watch.world.withdrawn & stored}
    expected |= {(name, "returned") for name in watch.world.returned & stored}
    expected |= {(name, "aliased") for name in watch.world.aliased & stored}
    assert set(told) == expected
    assert set(told.values()) == {1}
    assert {name for name, state in expected} >= watch.world.returned & stored
    retracted = {key for key in watch.world.retracted if key in state.records}
    assert all("Retracted Publication" in state.records[key].types for key in retracted)


def runs_add_up(watch: Watch) -> None:
    """The log of every run reconciles, and all runs together brought every record line there is."""
    store, topic = watch.home.house.store, watch.home.topic
    appended = 0
    for source in HOSTS:
        runs = store.runs(topic, source, 100_000)
        for run in runs:
            assert run.outcome == "failed" or run.listed == run.skipped + run.fetched + run.absent
            assert run.fetched == run.appended + run.unchanged
        appended += sum(run.appended for run in runs)
        assert {run.outcome for run in runs} == {"complete", "failed"}
    written = Counter(line.fact.key for line, _ in store.state(topic).of_kind(Record) if line.by == "machine")
    assert appended == written.total()


def test_three_weeks_around_a_new_year_s_schema(tmp_path: Path, recorded: Path) -> None:
    live(tmp_path, recorded, datetime(2026, 12, 21, 6, tzinfo=UTC), 24, seed=20270105)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_outages_odd_clocks_and_a_new_schema(tmp_path: Path, recorded: Path, seed: int) -> None:
    live(tmp_path, recorded, datetime(2026, 2, 2, 6, tzinfo=UTC), 365, seed)
