"""How far each study and the topic have come: counts that add up and tell nothing of a blind reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from living.model.facts import Extraction
from living.model.snapshot import Snapshot
from living.publish.view import analyses
from living.review.blinding import Sight, sight
from living.review.evidence import Evidence
from living.review.recused import recused
from living.service.accounts import names
from living.service.claims import ClaimView, claims, known_study
from living.service.fulltexts import ReportRow, full_texts
from living.service.house import House
from living.service.policy import Act, Person
from living.service.refresh import snapshot_at
from living.service.screening import standing_words
from living.service.tasks import Waiting, waiting_for
from living.service.topics import evidence_of

# The stages of an included study; each included study is in exactly one of them.
READ = (
    ("nobody", "nobody has read it"),
    ("begun", "read, and another reader is needed"),
    ("differ", "readers differ; it waits to be settled"),
    ("settled", "settled by people"),
)
PAGE = 50


@dataclass(frozen=True)
class Row:
    """One study in the list. `read` says how many of the readers needed have handed in."""

    study: str
    label: str
    standing: str
    status: str
    read: str
    cells: str
    full_text: str
    trust: str
    rob: str
    claimed: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """Counts of a topic. `standings` add up to `studies`, `reading` to the included among them."""

    studies: int
    standings: tuple[tuple[str, int], ...]
    included: int
    reading: tuple[tuple[str, int], ...]
    imported: int
    trusted: int
    judged: int


@dataclass(frozen=True)
class StudyList:
    rows: tuple[Row, ...]
    progress: Progress
    status: str
    statuses: tuple[tuple[str, str, int], ...]
    total: int
    page: int
    pages: int
    before: int
    after: int


@dataclass(frozen=True)
class Way:
    """A page about a study. `why_not`: why the viewer cannot work on it."""

    label: str
    href: str


@dataclass(frozen=True)
class RecordLine:
    """A record of a study. `registration`: its versions have a page of their own."""

    key: str
    title: str
    source: str
    published: str
    registration: bool = False


@dataclass(frozen=True)
class Hub:
    """One study: where it stands, its records, how far it has come, what waits, and its pages."""

    row: Row
    records: tuple[RecordLine, ...]
    reports: tuple[ReportRow, ...]
    tasks: tuple[Waiting, ...]
    claims: tuple[ClaimView, ...]
    away: tuple[str, ...]
    mine_away: bool
    analyses: tuple[str, ...]
    versions: tuple[str, ...]
    ways: tuple[Way, ...]


def study_list(house: House, topic: str, status: str = "", page: int = 1) -> StudyList:
    """Return one page of the studies, of one standing or all."""
    look = _Look.of(house, topic)
    keys = [key for key, one in look.evidence.standing.items() if not status or one.status == status]
    pages = max(1, -(-len(keys) // PAGE))
    page = min(max(page, 1), pages)
    rows = tuple(look.row(key) for key in keys[(page - 1) * PAGE : page * PAGE])
    counts = Counter(one.status for one in look.evidence.standing.values())
    statuses = tuple((name, _words(name), number) for name, number in sorted(counts.items()))
    return StudyList(rows, look.progress(), status, statuses, len(keys), page, pages, page - 1, page + 1)


def hub(house: House, topic: str, study: str, person: Person) -> Hub:
    """Return one study as a person may see it. Raises UserError for an unknown one."""
    key = known_study(house, topic, study)
    look = _Look.of(house, topic)
    evidence = look.evidence
    records = [evidence.state.records[name] for name in evidence.studies.by_key[key].records]
    away = recused(evidence.state, evidence.studies).get(key, frozenset())
    inside, versions = _published(house, evidence, key)
    return Hub(
        look.row(key),
        tuple(
            RecordLine(item.key, item.title, item.source, item.published, item.registration is not None)
            for item in records
        ),
        full_texts(house, topic, key),
        tuple(item for item in waiting_for(house, topic, person) if item.study == key),
        tuple(claim for claim in look.claims if claim.study == key),
        tuple(sorted(look.called.get(one, one) for one in away)),
        person.id in away,
        inside,
        versions,
        _ways(topic, key, person, evidence),
    )


@dataclass(frozen=True)
class _Look:
    house: House
    topic: str
    evidence: Evidence
    sight: Sight
    called: dict[str, str]
    claims: tuple[ClaimView, ...]
    readers: dict[str, frozenset[str]]
    full_text: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, house: House, topic: str) -> _Look:
        evidence = evidence_of(house, topic)
        texts: dict[str, tuple[str, ...]] = {}
        for report in full_texts(house, topic):
            texts[report.study] = (*texts.get(report.study, ()), report.status)
        may_see = sight(evidence.state, evidence.studies, evidence.protocol)
        readers = _readers(evidence)
        return cls(house, topic, evidence, may_see, names(house), claims(house, topic), readers, texts)

    def row(self, key: str) -> Row:
        evidence = self.evidence
        screened, needed = evidence.standing[key], evidence.protocol.people
        read = len(self.readers.get(key, ()))
        included = screened.status == "included"
        return Row(
            key,
            evidence.label(key),
            standing_words(screened, needed.screeners),
            screened.status,
            f"{min(read, needed.readers)} of {needed.readers} have read it" if included or read else "",
            self._cells(key),
            _full_text(self.full_text.get(key, ())),
            evidence.judged.trust[key].overall.replace("_", " ") if key in evidence.judged.trust else "",
            _rob(evidence, key),
            tuple(claim.who for claim in self.claims if claim.study == key),
        )

    def _cells(self, key: str) -> str:
        """How many numbers are settled and, once the study is open, how many wait; imports apart."""
        settled = self.evidence.readings.of_study(key)
        by_people = sum(reading.standing != "unverified" for reading in settled)
        imported = len(settled) - by_people
        waiting = 0
        if self.sight.open_to_all(key):
            waiting = sum(item.cell.study == key for item in self.evidence.readings.open)
        parts = ((by_people, "settled"), (waiting, "to settle"), (imported, "imported, unverified"))
        return ", ".join(f"{number} {words}" for number, words in parts if number)

    def progress(self) -> Progress:
        evidence = self.evidence
        counts = Counter(one.status for one in evidence.standing.values())
        stages = Counter(self._stage(key) for key in evidence.included)
        resting = sum(
            any(reading.standing == "unverified" for reading in evidence.readings.of_study(key))
            for key in evidence.included
        )
        return Progress(
            len(evidence.standing),
            tuple((_words(name), counts[name]) for name in sorted(counts)),
            len(evidence.included),
            tuple((words, stages[name]) for name, words in READ),
            resting,
            sum(key in evidence.judged.trust for key in evidence.included),
            sum(bool(evidence.judged.rob.get(key)) for key in evidence.included),
        )

    def _stage(self, key: str) -> str:
        readers = self.readers.get(key, frozenset())
        if not readers:
            return "nobody"
        if not self.sight.open_to_all(key):
            return "begun"
        still_open = any(item.cell.study == key for item in self.evidence.readings.open)
        return "differ" if still_open else "settled"


def _readers(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Who has handed in a reading of each study; how many is no secret, what they read is."""
    found: dict[str, set[str]] = {}
    for line, fact in evidence.state.of_kind(Extraction):
        key = evidence.studies.key_of.get(fact.cell.study)
        if fact.imported is None and key:
            found.setdefault(key, set()).add(line.by)
    return {key: frozenset(people) for key, people in found.items()}


def _full_text(statuses: Sequence[str]) -> str:
    known = Counter(status for status in statuses if status)
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(known.items()))


def _rob(evidence: Evidence, key: str) -> str:
    found = Counter(one.overall for one in evidence.judged.rob.get(key, ()))
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(found.items()))


def _words(status: str) -> str:
    return status.replace("_", " ")


def _published(house: House, evidence: Evidence, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The analyses of the newest version that hold the study, and every version that lists it as included."""
    lines = {release.version: line for line, release in evidence.state.releases}
    versions, newest = [], None
    for item in house.store.published(evidence.state.topic):
        newest = snapshot_at(house, evidence.state, lines[item.version])
        if any(study.key == key and study.status == "included" for study in newest.studies):
            versions.append(item.version)
    return (_analyses(newest, key) if newest else ()), tuple(versions)


def _analyses(snapshot: Snapshot, key: str) -> tuple[str, ...]:
    return tuple(
        analysis.label
        for analysis in analyses(snapshot)
        if any(row.study == key for row in analysis.contrasts)
    )


def _ways(topic: str, key: str, person: Person, evidence: Evidence) -> tuple[Way, ...]:
    """The pages about a study that this person's roles open; a page that is not there is not named."""
    included = evidence.standing[key].status == "included"
    opened = sight(evidence.state, evidence.studies, evidence.protocol).open_to_all(key)
    pages = (
        ("Screen it", "screen", Act.SCREEN, True),
        ("Read it", "read", Act.EXTRACT, included),
        ("Settle it", "settle", Act.ADJUDICATE, included and opened),
        ("Trustworthiness", "trust", Act.JUDGE, included),
        ("Risk of bias", "rob", Act.JUDGE, included),
        ("Full texts, questions, how it was done", "daily", Act.LOOK, True),
    )
    return tuple(
        Way(label, f"/desk/{topic}/{word}/{quote(key, safe=':')}")
        for label, word, act, there in pages
        if there and person.may(act, topic)
    )
