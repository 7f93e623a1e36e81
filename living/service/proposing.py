"""The links that people are asked to rule on, found once for each change of records or rulings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from living.model.facts import Link
from living.model.record import Record
from living.review.proposals import Index, Misprint, Proposal, misprints, proposals
from living.service.house import House
from living.service.topics import evidence_of


@dataclass(frozen=True)
class Proposed:
    """What may belong together, and the trial numbers to look up."""

    links: tuple[Proposal, ...]
    misprints: tuple[Misprint, ...]


def proposed(house: House, topic: str) -> Proposed:
    """Return what is proposed as the evidence stands. A vote or a number read makes no difference to it."""
    evidence = evidence_of(house, topic)
    lines = evidence.state.lines
    about = next((line.seq for line in reversed(lines) if isinstance(line.fact, Record | Link)), 0)
    held = house.proposed.get(topic)
    if held is None or held[0] != about:
        index = Index.of(evidence.state.records.values())
        found = Proposed(proposals(evidence.state, evidence.studies, index), misprints(evidence.state, index))
        held = house.proposed[topic] = (about, found)
    return cast(Proposed, held[1])
