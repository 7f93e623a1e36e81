"""Everything that follows from the facts before any analysis: studies, standings, readings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from living.model.facts import Characteristics
from living.model.judgements import RobOut
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.review.blinding import Sight, sight
from living.review.described import Description, descriptions
from living.review.identity import Studies, link_studies
from living.review.judged import NOBODY_JUDGED, Judgements, judgements, low_risk, risk_of_bias
from living.review.looks import Seen, looks_of
from living.review.proposals import Proposal
from living.review.readings import Readings, agree
from living.review.screening import Screened, screening
from living.review.trusted import after_trust
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
    judged: Judgements = NOBODY_JUDGED
    looks: dict[str, tuple[Seen, ...]] = field(default_factory=dict)

    def rob(self, key: str) -> tuple[RobOut, ...]:
        """Return the risk-of-bias judgements of a study, those whose numbers have moved marked stale."""
        return risk_of_bias(self.judged, key, self.readings.of_study(key))


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
    judged: Judgements
    sight: Sight
    described: dict[str, Description]

    def label(self, key: str) -> str:
        return label_of(self.state, key, self.what.get(key))

    def known_to(self, person: str, key: str) -> Characteristics | None:
        """Return what a study is as somebody may know it: their own words while its readings are blind."""
        said = [fact for line, fact in self.state.of_kind(Characteristics) if line.by == person]
        own = [fact for fact in said if self.sight.home(fact.study) == key]
        return own[-1] if own and not self.sight.open_to_all(key) else self.what.get(key)

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
            self.judged,
            looks_of(self.state),
        )

    def queue(self, proposed: Iterable[Proposal] = ()) -> tuple[Task, ...]:
        """Return what waits for people; `proposed` are links to rule on, which take a while to find."""
        return to_do(
            self.state,
            self.protocol,
            self.studies,
            self.standing,
            self.readings,
            self.sight,
            self.described,
            proposed,
        )


def gather(state: ReviewState, protocol: Protocol) -> Evidence:
    """Derive studies, standings and readings from a state."""
    studies = link_studies(state)
    readings, judged = agree(state, studies, protocol), judgements(state, studies, protocol)
    seen = sight(state, studies, protocol)
    described = descriptions(state, studies, seen)
    return Evidence(
        state,
        protocol,
        studies,
        after_trust(screening(state, studies, protocol), judged, protocol),
        readings,
        {key: item.what for key, item in described.items()},
        low_risk(judged, readings),
        judged,
        seen,
        described,
    )
