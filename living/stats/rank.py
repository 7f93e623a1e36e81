"""Kendall's rank correlation and the tests of funnel asymmetry built on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from living.stats.cautions import Caution, funnel_cautions
from living.stats.effects import FloatArray, IntArray
from living.stats.influence import columns
from living.stats.moments import lay_out
from living.stats.status import NotEstimable, Status


@dataclass(frozen=True)
class RankTest:
    """Kendall's tau between effects and precisions; `score` = concordant minus discordant pairs.

    `exact` tells whether `p` counts permutations (no ties) or is the normal approximation.
    """

    test: str
    k: int
    tau: float
    score: float
    score_se: float
    p: float
    exact: bool
    cautions: tuple[Caution, ...]


def begg(yi: npt.ArrayLike, vi: npt.ArrayLike, *, exact: bool = True) -> RankTest | NotEstimable:
    """Rank correlation of the standardised effects with their variances; weak below 25 studies.

    Shapes: `yi`, `vi` [k], at least three studies. With `exact`, P counts permutations unless there are ties.
    Positive `tau`: the less precise the study, the larger the effect.
    **Source** Begg & Mazumdar 1994, Biometrics 50:1088-1101. Oracle: `ranktest(rma(...), exact=)`.

    >>> found = begg([0.9, 0.7, 0.5, 0.3, 0.25], [0.16, 0.09, 0.04, 0.02, 0.01])
    >>> round(found.tau, 2), round(found.p, 4), found.exact
    (1.0, 0.0167, True)
    """
    y, v = columns(yi, vi)
    status = Status(int(lay_out(y, v).status))
    if status is not Status.OK or len(y) < 3:
        few = status in (Status.OK, Status.SINGLE_STUDY)
        return NotEstimable(Status.TOO_FEW_STUDIES if few else status)
    w = 1 / v
    standardised = (y - (w * y).sum() / w.sum()) / np.sqrt(v - 1 / w.sum())
    return rank_test("Begg", standardised, v, exact, funnel_cautions(v))


def rank_test(
    test: str, a: FloatArray, b: FloatArray, exact: bool, cautions: tuple[Caution, ...]
) -> RankTest | NotEstimable:
    """Kendall's tau-b of two columns [k] and its P. Oracle: `cor.test(a, b, method="kendall")`."""
    k = len(a)
    signs_a, signs_b = (np.sign(c[:, None] - c) for c in (a, b))
    tied_a, tied_b = ((signs == 0).sum(0) for signs in (signs_a, signs_b))
    untied = np.sqrt(float((k - tied_a).sum()) * float((k - tied_b).sum())) / 2
    if untied == 0:
        return NotEstimable(Status.COLLINEAR)
    score = float(np.vdot(signs_a, signs_b)) / 2
    ties = bool((tied_a > 1).any() or (tied_b > 1).any())
    se = _score_se(tied_a, tied_b)
    return RankTest(
        test=test,
        k=k,
        tau=float(score / untied),
        score=score,
        score_se=se,
        p=exact_p(score, k) if exact and not ties else float(2 * ndtr(-abs(score) / se)),
        exact=exact and not ties,
        cautions=(*cautions, Caution.TIES) if ties else cautions,
    )


def exact_p(score: float, k: int) -> float:
    """Two-sided P of Kendall's score among all orders of k studies without ties.

    **Source** Kendall 1938, Biometrika 30:81-93 (the recursion over the number of inversions).
    """
    inversions = round((k * (k - 1) / 2 - abs(score)) / 2)
    shares = np.zeros(inversions + 1)  # the upper end is never asked for, and the lower does not depend on it
    shares[0] = 1.0
    for size in range(2, k + 1):
        reached = shares[: size * (size - 1) // 2 + 1]
        total = np.cumsum(reached)
        reached[:size] = total[:size]
        np.subtract(total[size:], total[:-size], out=reached[size:])
        reached /= size
    return float(min(1.0, 2 * shares.sum()))


def _score_se(tied_a: IntArray, tied_b: IntArray) -> float:
    """Standard deviation of the score under independence, corrected for ties.

    Shapes: [k], how many studies hold the value of each, itself included.
    **Source** Kendall 1970, Rank Correlation Methods, 4th edition, chapter 4.
    """
    k = len(tied_a)
    ta, tb = tied_a.astype(np.float64), tied_b.astype(np.float64)
    plain = k * (k - 1) * (2 * k + 5)
    linear = [float(((t - 1) * (2 * t + 5)).sum()) for t in (ta, tb)]
    two = float((ta - 1).sum() * (tb - 1).sum()) / (2 * k * (k - 1))
    three = float(((ta - 1) * (ta - 2)).sum() * ((tb - 1) * (tb - 2)).sum())
    return float(np.sqrt((plain - sum(linear)) / 18 + two + three / (9 * k * (k - 1) * (k - 2))))
