"""Kendall's rank correlation and the tests of funnel asymmetry built on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from living.stats.cautions import Caution, funnel_cautions
from living.stats.effects import FloatArray
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
    pairs = np.triu_indices(k, 1)
    signs_a, signs_b = (np.sign(c[pairs[0]] - c[pairs[1]]) for c in (a, b))
    untied = np.sqrt((signs_a**2).sum() * (signs_b**2).sum())
    if untied == 0:
        return NotEstimable(Status.COLLINEAR)
    score = float((signs_a * signs_b).sum())
    ties = bool((signs_a == 0).any() or (signs_b == 0).any())
    se = _score_se(a, b)
    return RankTest(
        test=test,
        k=k,
        tau=score / float(untied),
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
    shares = np.ones(1)
    for size in range(2, k + 1):
        wider = np.concatenate([shares, np.zeros(size - 1)])
        total = np.cumsum(wider)
        total[size:] -= total[:-size].copy()
        shares = total / size
    inversions = round((k * (k - 1) / 2 - abs(score)) / 2)
    return float(min(1.0, 2 * shares[: inversions + 1].sum()))


def _score_se(a: FloatArray, b: FloatArray) -> float:
    """Standard deviation of the score under independence, corrected for ties.

    **Source** Kendall 1970, Rank Correlation Methods, 4th edition, chapter 4.
    """
    k = len(a)
    ta, tb = (np.unique(c, return_counts=True)[1].astype(np.float64) for c in (a, b))
    plain = k * (k - 1) * (2 * k + 5)
    linear = [float((t * (t - 1) * (2 * t + 5)).sum()) for t in (ta, tb)]
    two = float((ta * (ta - 1)).sum() * (tb * (tb - 1)).sum()) / (2 * k * (k - 1))
    three = float((ta * (ta - 1) * (ta - 2)).sum() * (tb * (tb - 1) * (tb - 2)).sum())
    return float(np.sqrt((plain - sum(linear)) / 18 + two + three / (9 * k * (k - 1) * (k - 2))))
