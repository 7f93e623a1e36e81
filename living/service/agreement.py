"""How far the team agrees, as its page shows it: of what is open to everybody, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.teamwork import AgreementOut
from living.review.agreement import agreement
from living.service.house import House
from living.service.topics import evidence_of


@dataclass(frozen=True)
class AgreementView:
    """Agreement by field; `waiting`: studies begun whose readings nobody but their readers sees yet."""

    fields: tuple[AgreementOut, ...]
    waiting: int


def team_agreement(house: House, topic: str) -> AgreementView:
    """Return how often two people who worked blind said the same, as the next version will print it."""
    evidence = evidence_of(house, topic)
    blind = set(evidence.sight.handed_in) - set(evidence.sight.opened)
    return AgreementView(agreement(evidence), len(blind))
