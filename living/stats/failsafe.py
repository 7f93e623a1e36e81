"""Fail-safe numbers: how many unseen studies would undo a result. Old, popular, and seldom worth reading."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from living.stats.cautions import Caution
from living.stats.effects import FloatArray
from living.stats.influence import columns, few_cautions
from living.stats.moments import lay_out
from living.stats.status import NotEstimable, Status

WHOLE = float(np.sqrt(np.finfo(np.float64).eps))  # this close to a whole number, it is that number


@dataclass(frozen=True)
class FailSafe:
    """Number of studies that would undo the result; infinite for a target of zero.

    `p`: of the combined studies (one-sided for Rosenthal, two-sided for Rosenberg); `mean`: their mean
    effect, `target`: what would count as undone. None where the method has no such thing.
    """

    method: str
    k: int
    n: float
    p: float | None
    mean: float | None
    target: float | None
    alpha: float
    cautions: tuple[Caution, ...]


def rosenthal(yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05) -> FailSafe | NotEstimable:
    """Studies averaging z = 0 that bring Stouffer's combined test to a one-sided P of `alpha`.

    Shapes: `yi`, `vi` [k]. Raises ValueError unless 0 < alpha < 1/2. **Source** Rosenthal 1979, Psychol Bull
    86:638-641. Oracle: `fsn(yi, vi, type="Rosenthal")`.

    >>> found = rosenthal([0.4, 0.5, 0.3, 0.6], [0.04, 0.03, 0.05, 0.06])
    >>> found.n, [caution.name for caution in found.cautions]
    (24, ['OUTDATED', 'FEW_STUDIES'])
    """
    y, v, why = _usable(yi, vi, alpha)
    if why is not None:
        return why
    k = len(y)
    z = abs(float((y / np.sqrt(v)).sum())) / sqrt(k)
    p = float(ndtr(-z))
    n = k * (z / float(ndtri(1 - alpha))) ** 2 - k
    return FailSafe("Rosenthal", k, _whole(n), p, None, None, alpha, _cautions(k, p > alpha))


def orwin(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, target: float | None = None, weighted: bool = False
) -> FailSafe | NotEstimable:
    """Studies averaging an effect of zero that bring the mean down to the target (by default half of it).

    Shapes: `yi`, `vi` [k]. The mean is unweighted, or by inverse variance. **Source** Orwin 1983, J Educ Stat
    8:157-159. Oracle: `fsn(yi, vi, type="Orwin", target=, weighted=)`.
    """
    y, v, why = _usable(yi, vi, 0.05)
    if why is not None:
        return why
    w = 1 / v if weighted else np.ones_like(v)
    mean = float((w * y).sum() / w.sum())
    goal = mean / 2 if target is None else float(np.copysign(target, mean))
    n = inf if goal == 0 else len(y) * (mean - goal) / goal
    return FailSafe("Orwin", len(y), _whole(n), None, mean, goal, 0.05, _cautions(len(y), False))


def rosenberg(yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05) -> FailSafe | NotEstimable:
    """Studies of average weight and no effect that bring the common-effect mean to a two-sided P of `alpha`.

    Shapes: `yi`, `vi` [k]. Raises ValueError unless 0 < alpha < 1/2. **Source** Rosenberg 2005, Evolution
    59:464-468. Oracle: `fsn(yi, vi, type="Rosenberg")`.
    """
    y, v, why = _usable(yi, vi, alpha)
    if why is not None:
        return why
    w = 1 / v
    total, mean = float(w.sum()), float((w * y).sum() / w.sum())
    p = float(2 * ndtr(-abs(mean) * sqrt(total)))
    n = len(y) * ((mean * total / float(ndtri(1 - alpha / 2))) ** 2 - total) / total
    return FailSafe("Rosenberg", len(y), _whole(n), p, mean, None, alpha, _cautions(len(y), p > alpha))


def _usable(
    yi: npt.ArrayLike, vi: npt.ArrayLike, alpha: float
) -> tuple[FloatArray, FloatArray, NotEstimable | None]:
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha lies between 0 and one half, not at {alpha}")
    y, v = columns(yi, vi)
    status = Status(int(lay_out(y, v).status))
    return y, v, None if status in (Status.OK, Status.SINGLE_STUDY) else NotEstimable(status)


def _whole(n: float) -> float:
    if n <= 0 or n == inf:
        return max(n, 0)
    return round(n) if abs(n - round(n)) < WHOLE else ceil(n)


def _cautions(k: int, insignificant: bool) -> tuple[Caution, ...]:
    undone = (Caution.NOT_SIGNIFICANT,) if insignificant else ()
    return (Caution.OUTDATED, *few_cautions(k), *undone)
