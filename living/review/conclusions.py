"""What a signed version concludes, in terms that two of them can be compared by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from living.model.snapshot import AnalysisOut, Snapshot
from living.review.pairs import analyses

Effect = Literal[
    "none given",
    "less, important",
    "less",
    "no important difference",
    "no clear difference",
    "more",
    "more, important",
]


@dataclass(frozen=True)
class Conclusion:
    """A signed sentence with its rating and what the numbers under it say; `certainty` empty: not rated."""

    version: str
    sentence: str
    certainty: str
    effect: Effect
    studies: int


def conclusion_of(snapshot: Snapshot | None) -> Conclusion | None:
    """Return the signed conclusion of a snapshot; None where none is signed."""
    if snapshot is None or not snapshot.answer.headline_signed:
        return None
    main = analyses(snapshot)[snapshot.answer.analysis]
    return Conclusion(
        version=snapshot.release.version if snapshot.release else "",
        sentence=snapshot.answer.headline,
        certainty=snapshot.answer.certainty,
        effect=effect_of(main),
        studies=len(main.contrasts),
    )


def effect_of(analysis: AnalysisOut) -> Effect:
    """Return the category of an analysis's effect, from its interval alone.

    `less` and `more`: the whole interval lies on one side of no difference. It is `important` when the whole
    interval reaches at least the important difference of the protocol. Where the interval includes no
    difference, it is `no important difference` if it stays within the important one on both sides, else `no
    clear difference`. Without a declared important difference nothing is called important or unimportant.
    Less and more are of what is measured, not better and worse. Without a pooled interval: `none given`.
    """
    low, high = analysis.pool.low, analysis.pool.high
    if not analysis.pool.pooled or low is None or high is None:
        return "none given"
    limit = limit_of(analysis)
    if high < 0:
        return "less, important" if limit is not None and high <= -limit else "less"
    if low > 0:
        return "more, important" if limit is not None and low >= limit else "more"
    if limit is not None and -limit < low and high < limit:
        return "no important difference"
    return "no clear difference"


def limit_of(analysis: AnalysisOut) -> float | None:
    """Return the important difference on the scale of the estimates; a ratio is declared as the ratio."""
    size = analysis.important_difference
    if size is None or size <= 0 or (analysis.ratio and size == 1):
        return None
    return abs(math.log(size)) if analysis.ratio else size


def conclusions_differ(before: Conclusion | None, now: Conclusion, needed: int) -> bool:
    """Return whether two signed conclusions differ in certainty or in the category of the effect.

    Both must rest on `needed` studies and on a rating of certainty: other words alone are no change, and a
    few studies can change none.
    """
    if before is None or min(before.studies, now.studies) < needed:
        return False
    if not (before.certainty and now.certainty):
        return False
    return (before.certainty, before.effect) != (now.certainty, now.effect)
