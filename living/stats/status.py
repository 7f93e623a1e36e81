"""Why a row of numbers has no answer: one small code, one sentence a reader understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """Outcome of one row of a batch; anything but OK means that its numbers are NaN (see each function)."""

    OK = 0
    MISSING_INPUT = 1
    NO_STUDIES = 2
    SINGLE_STUDY = 3
    NO_VARIANCE = 4
    TOO_FEW_PARTICIPANTS = 5
    IMPOSSIBLE_INPUT = 6
    ZERO_CELL = 7
    DOUBLE_ZERO = 8
    NOT_CONVERGED = 9
    NO_WIDTH = 10
    OUT_OF_RANGE = 11
    TOO_FEW_STUDIES = 12
    COLLINEAR = 13
    ONE_SIDED = 14
    NO_ITEMS = 15
    ONE_CATEGORY = 16


REASONS: dict[Status, str] = {
    Status.OK: "estimable",
    Status.MISSING_INPUT: "a number needed for the calculation is missing or not finite",
    Status.NO_STUDIES: "no study contributes a number",
    Status.SINGLE_STUDY: "one study only: its own effect is shown and nothing is pooled",
    Status.NO_VARIANCE: "a standard deviation, standard error or variance is zero or negative",
    Status.TOO_FEW_PARTICIPANTS: "a group is too small for a standard deviation or its correction to exist",
    Status.IMPOSSIBLE_INPUT: "the numbers contradict each other (for example more events than participants)",
    Status.ZERO_CELL: "a cell is zero and the declared rule adds nothing to it",
    Status.DOUBLE_ZERO: "no events (or only events) in both groups, and the declared rule drops such studies",
    Status.NOT_CONVERGED: "the estimate of the between-study variance did not converge",
    Status.NO_WIDTH: "all studies report the same effect, so the interval of this method has no width",
    Status.OUT_OF_RANGE: "the numbers are too large or too small to be combined in double precision",
    Status.TOO_FEW_STUDIES: "too few studies for this quantity",
    Status.COLLINEAR: "a moderator is constant or a combination of the others: its slope cannot be told",
    Status.ONE_SIDED: "all events lie in one of the two groups, so the ratio has no finite estimate",
    Status.NO_ITEMS: "no item was answered by two people",
    Status.ONE_CATEGORY: "both people gave every item the same answer, so chance leaves nothing open",
}


@dataclass(frozen=True)
class NotEstimable:
    """A finding, not an error: there is no number, and this is why."""

    status: Status

    @property
    def reason(self) -> str:
        """The sentence for readers."""
        return REASONS[self.status]
