"""The states between two snapshots, one cause after another, made from what their documents hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from living.model.difference import CauseKind
from living.model.facts import Characteristics
from living.model.protocol import Protocol
from living.model.snapshot import Snapshot, StudyOut
from living.review.evidence import Basis
from living.review.readings import Reading, Readings
from living.review.recompute import basis_of

NEVER = "9999"  # a study that does not say when its evidence was to be had comes last
RULED = frozenset({"excluded", "awaiting_classification"})


@dataclass(frozen=True)
class Held:
    """What an analysis may know of one study."""

    label: str
    what: Characteristics | None
    readings: tuple[Reading, ...]
    low_risk: bool

    def same_data(self, other: Held) -> bool:
        return (self.what, self.readings) == (other.what, other.readings)

    def became(self, other: Held) -> CauseKind:
        """Whether other data stand here now, or the same ones were checked or are open again."""
        numbers, others = (
            {reading.cell: (reading.numbers, reading.population) for reading in held.readings}
            for held in (self, other)
        )
        return "verified" if self.what == other.what and numbers == others else "corrected"


@dataclass(frozen=True)
class Stage:
    """One state: a protocol, the included studies in order, and the cause that led here; `told` in words."""

    protocol: Protocol
    studies: dict[str, Held]
    key_of: dict[str, str]
    cause: CauseKind = "methods"
    study: str = ""
    label: str = ""
    told: str = ""

    def basis(self, *keys: str) -> Basis:
        """Return what the analyses rest on; of these studies alone where some are named."""
        held = {key: self.studies[key] for key in keys} if keys else self.studies
        return Basis(
            protocol=self.protocol,
            included=tuple(held),
            labels={key: item.label for key, item in held.items()},
            what={key: item.what for key, item in held.items() if item.what},
            readings=Readings(tuple(reading for item in held.values() for reading in item.readings), ()),
            low_risk=frozenset(key for key, item in held.items() if item.low_risk),
            key_of=self.key_of,
        )


Entering = Callable[[Stage], frozenset[str]]


@dataclass(frozen=True)
class _Between:
    """Both documents taken apart; the older one goes by the newer one's keys."""

    new: Snapshot
    before: dict[str, Held]
    after: dict[str, Held]
    stood: dict[str, StudyOut]
    stands: dict[str, StudyOut]
    order: dict[str, tuple[int, int]]

    def arranged(self, studies: dict[str, Held]) -> dict[str, Held]:
        return {key: studies[key] for key in sorted(studies, key=lambda key: self.order[key])}


def stages(old: Snapshot, new: Snapshot, entering: Entering) -> Iterator[Stage]:
    """Yield the older state, then each further one that a single cause makes of it, up to the newer state.

    The order is fixed: methods (the new protocol on the old data), corrected or verified data of studies that
    both include, studies that are gone or retracted, studies that came or gave their first numbers in the
    order in which their evidence was to be had, and at last rulings on eligibility and risk of bias. `old`
    has its studies under the keys of `new` already; `entering` tells who gives numbers to some analysis.
    """
    both = _between(old, new)
    keys = {name: study.key for side in (old, new) for study in side.studies
            for name in (study.key, *study.aliases)}  # fmt: skip
    held = {study.key: both.before[study.key] for study in old.studies if study.status == "included"}
    stage = Stage(old.protocol, both.arranged(held), keys)
    yield stage
    if old.protocol != new.protocol:
        stage = replace(stage, protocol=new.protocol)
        yield stage
    first = _first_numbers(both, stage, entering)
    for cause, study, label, told, change in (
        *_corrected(both, stage, first),
        *_removed(both, stage),
        *_added(both, stage, first),
        *_judged(both, stage),
    ):
        held = change(dict(stage.studies))
        if held != stage.studies:
            stage = replace(
                stage, studies=both.arranged(held), cause=cause, study=study, label=label, told=told
            )
            yield stage


Change = Callable[[dict[str, Held]], dict[str, Held]]
_Step = tuple[CauseKind, str, str, str, Change]


def _between(old: Snapshot, new: Snapshot) -> _Between:
    place = {study.key: (index, 0) for index, study in enumerate(new.studies)}
    last = (-1, 0)
    for index, study in enumerate(old.studies, 1):
        if study.key not in place:
            place[study.key] = (last[0], index)
        last = place[study.key]
    return _Between(
        new,
        _held(old),
        _held(new),
        {study.key: study for study in old.studies},
        {study.key: study for study in new.studies},
        place,
    )


def _held(snapshot: Snapshot) -> dict[str, Held]:
    basis = basis_of(snapshot, snapshot.protocol)
    found: dict[str, list[Reading]] = {study.key: [] for study in snapshot.studies}
    for reading in basis.readings.settled:
        found[reading.cell.study].append(reading)
    return {
        key: Held(basis.labels[key], basis.what.get(key), tuple(readings), key in basis.low_risk)
        for key, readings in found.items()
    }


def _first_numbers(both: _Between, stage: Stage, entering: Entering) -> frozenset[str]:
    """Studies that both versions include and that give their first number in the newer one."""
    silent = set(stage.studies) - entering(stage)
    told = {key: both.after[key] for key in silent if _included(both.stands.get(key))}
    later = replace(stage, studies={**stage.studies, **told})
    return frozenset(silent & entering(later))


def _corrected(both: _Between, stage: Stage, first: frozenset[str]) -> Iterator[_Step]:
    for key, held in stage.studies.items():
        if key in first or not _included(both.stands.get(key)) or held.same_data(both.after[key]):
            continue
        found = replace(both.after[key], low_risk=held.low_risk)
        yield held.became(found), key, found.label, "", _with(key, found)


def _removed(both: _Between, stage: Stage) -> Iterator[_Step]:
    for key, held in stage.studies.items():
        study = both.stands.get(key)
        if not _included(study) and not _ruled_out(study):
            yield "removed", key, held.label, _why_gone(both, key), _without(key)


def _added(both: _Between, stage: Stage, first: frozenset[str]) -> Iterator[_Step]:
    came = [
        study
        for key, study in both.stands.items()
        if _included(study) and (key in first or (key not in stage.studies and not _was_ruled(both, key)))
    ]
    for study in sorted(came, key=lambda study: (study.available_from or NEVER, both.order[study.key])):
        told = "gave its first numbers" if study.key in first else "entered"
        yield "added", study.key, study.label, told, _with(study.key, both.after[study.key])


def _judged(both: _Between, stage: Stage) -> Iterator[_Step]:
    for key, held in stage.studies.items():
        study = both.stands.get(key)
        if study and not _included(study) and _ruled_out(study):
            yield "judged", key, held.label, _ruling(study), _without(key)
    for key, study in both.stands.items():
        if _included(study) and key not in stage.studies and _was_ruled(both, key):
            told = f"was ruled eligible, {both.stood[key].status.replace('_', ' ')} until then"
            yield "judged", key, study.label, told, _with(key, both.after[key])
    for key in stage.studies:
        if _included(both.stands.get(key)) and both.before[key].low_risk != both.after[key].low_risk:
            low = both.after[key].low_risk
            told = "was judged to be at low risk of bias" if low else "is no longer at low risk of bias"
            yield "judged", key, both.after[key].label, told, _with(key, both.after[key])


def _with(key: str, held: Held) -> Change:
    return lambda studies: {**studies, key: held}


def _without(key: str) -> Change:
    return lambda studies: {name: held for name, held in studies.items() if name != key}


def _included(study: StudyOut | None) -> bool:
    return study is not None and study.status == "included"


def _ruled_out(study: StudyOut | None) -> bool:
    """Left by people's votes; a retracted study left for that reason, whoever voted."""
    return study is not None and study.status in RULED and not _retracted(study)


def _was_ruled(both: _Between, key: str) -> bool:
    return key in both.stood and both.stood[key].status in RULED


def _retracted(study: StudyOut) -> bool:
    return any(notice.kind == "retraction" for report in study.reports for notice in report.notices)


def _why_gone(both: _Between, key: str) -> str:
    study = both.stands.get(key)
    if study is None:
        heir = next((item.label for item in both.new.studies if key in item.aliases), "")
        return f"is now one study with {heir}" if heir else "is no longer listed"
    return "was retracted and left" if _retracted(study) else f"is listed as {study.status} and left"


def _ruling(study: StudyOut) -> str:
    if study.status == "awaiting_classification":
        return "awaits classification again"
    return f"was excluded by {study.criterion}" if study.criterion else "was excluded"
