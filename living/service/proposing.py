"""The links that people are asked to rule on, kept as lines are added and never found all over again."""

from __future__ import annotations

from dataclasses import dataclass, field

from living.model.facts import LedgerLine
from living.model.state import ReviewState
from living.review.proposals import Misprint, Proposal, Standing
from living.service.house import House
from living.service.topics import known


@dataclass(frozen=True)
class Proposed:
    """What may belong together, and the trial numbers to look up."""

    links: tuple[Proposal, ...] = ()
    misprints: tuple[Misprint, ...] = ()


@dataclass
class Kept:
    """What stands proposed on a topic, the last line it rests on, and the answer given for it."""

    standing: Standing = field(default_factory=Standing)
    last: LedgerLine | None = None
    answer: Proposed = Proposed()


def proposed(house: House, topic: str) -> Proposed:
    """Return what is proposed as the evidence stands. A vote or a number read makes no difference to it.

    Of what was proposed before only that is looked at again which a new record or ruling touches, by one
    thread at a time. Raises UserError for an unknown topic.
    """
    known(house, topic)
    with house.proposing:
        state = house.store.state(topic)
        kept = house.proposed.get(topic)
        if not isinstance(kept, Kept) or not _goes_on(kept, state):
            kept = house.proposed[topic] = Kept()
        if kept.standing.read(state):
            kept.answer = Proposed(kept.standing.proposals(), kept.standing.misprints())
        kept.last = state.lines[-1] if state.lines else None
        return kept.answer


def _goes_on(kept: Kept, state: ReviewState) -> bool:
    """Whether this state continues the one last read. It does not where a backup was put back."""
    read = kept.standing.lines
    if kept.last is None or read > len(state.lines):
        return read == 0
    last = state.lines[read - 1]
    return last is kept.last or last == kept.last
