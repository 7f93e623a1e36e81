"""Everything that follows from the facts before any analysis: studies, standings, readings."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.facts import Characteristics, Judgement
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.review.identity import Studies, link_studies
from living.review.readings import Readings, agree
from living.review.screening import Screened, screening
from living.review.selection import characteristics
from living.review.work import Task, label_of, to_do


@dataclass(frozen=True)
class Basis:
    """What analyses rest on, and nothing of the ledger behind it, so that a snapshot can give it again."""

    protocol: Protocol
    included: tuple[str, ...]
    labels: dict[str, str]
    what: dict[str, Characteristics]
    readings: Readings
    low_risk: frozenset[str]
    key_of: dict[str, str]


@dataclass(frozen=True)
class Evidence:
    """One state of a topic under one protocol, taken apart."""

    state: ReviewState
    protocol: Protocol
    studies: Studies
    standing: dict[str, Screened]
    readings: Readings
    what: dict[str, Characteristics]
    low_risk: frozenset[str]

    def label(self, key: str) -> str:
        return label_of(self.state, key, self.what.get(key))

    @property
    def included(self) -> tuple[str, ...]:
        """Keys of the studies that may enter an analysis, in order of first sight."""
        return tuple(key for key, screened in self.standing.items() if screened.status == "included")

    @property
    def basis(self) -> Basis:
        labels = {key: self.label(key) for key in self.included}
        return Basis(
            self.protocol,
            self.included,
            labels,
            self.what,
            self.readings,
            self.low_risk,
            self.studies.key_of,
        )

    def queue(self) -> tuple[Task, ...]:
        return to_do(self.state, self.protocol, self.studies, self.standing, self.readings)


def gather(state: ReviewState, protocol: Protocol) -> Evidence:
    """Derive studies, standings and readings from a state."""
    studies = link_studies(state)
    return Evidence(
        state,
        protocol,
        studies,
        screening(state, studies, protocol),
        agree(state, studies, protocol),
        characteristics(state, studies),
        _low_risk(state, studies),
    )


def _low_risk(state: ReviewState, studies: Studies) -> frozenset[str]:
    """Studies whose every judged result is at low risk; a subject is a record's key, then what was judged."""
    latest: dict[str, dict[str, str]] = {}
    for _, judgement in state.of_kind(Judgement):
        record, _, result = judgement.subject.partition(" ")
        study = studies.study_of(record)
        if study and judgement.tool == "rob2":
            latest.setdefault(study.key, {})[result] = judgement.overall
    return frozenset(key for key, results in latest.items() if set(results.values()) == {"low"})
