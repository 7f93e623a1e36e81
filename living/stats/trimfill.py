"""Trim and fill: how many studies would make the funnel symmetric, and what the pool would be with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.cautions import Caution, funnel_cautions
from living.stats.effects import FloatArray
from living.stats.fit import fit
from living.stats.influence import columns
from living.stats.moments import lay_out
from living.stats.pool import PoolResult, pool
from living.stats.regression import straight_line
from living.stats.status import NotEstimable, Status
from living.stats.tau2 import TAU2

MAX_ROUNDS = 100  # the number trimmed settles in a few rounds or goes round in circles
NOISE = 1e-12  # relative: a mirror image this close is a tie, and its rank must not hang on rounding
SIDES = ("left", "right", "auto")


@dataclass(frozen=True)
class TrimFill:
    """What trimming found and what filling gives; a check of robustness, not a corrected answer.

    `missing` studies on the `side` ("left": small effects are missing), its standard error (None where its
    variance is negative), and for R0 the P of none being missing (None otherwise). `filled_yi`, `filled_vi`:
    the mirror images, to be drawn apart.
    """

    estimator: str
    side: str
    missing: int
    missing_se: float | None
    missing_p: float | None
    filled_yi: tuple[float, ...]
    filled_vi: tuple[float, ...]
    pooled: PoolResult
    cautions: tuple[Caution, ...]


def missing_r0(signed_ranks: FloatArray) -> tuple[float, float]:
    """How many are missing, and the standard error of that, from the run of ranks at the far end.

    **Source** Duval & Tweedie 2000, J Am Stat Assoc 95:89-98. Here and below: `signed_ranks` [k].
    """
    below = signed_ranks[signed_ranks < 0]
    found = len(signed_ranks) - float((-below).max(initial=0.0)) - 1
    return found, float(np.sqrt(2 * max(0.0, found) + 2))


def missing_l0(signed_ranks: FloatArray) -> tuple[float, float]:
    """How many are missing, and the standard error of that, linear in Wilcoxon's statistic.

    **Source** Duval & Tweedie 2000.
    """
    k = len(signed_ranks)
    found = (4 * float(signed_ranks[signed_ranks > 0].sum()) - k * (k + 1)) / (2 * k - 1)
    return found, 4 * np.sqrt(_rank_sum_variance(found, k)) / (2 * k - 1)


def missing_q0(signed_ranks: FloatArray) -> tuple[float, float]:
    """How many are missing, and the standard error of that, from a quadratic; NaN where that has no root.

    **Source** Duval & Tweedie 2000.
    """
    k = len(signed_ranks)
    found = k - 0.5 - np.sqrt(2 * k**2 - 4 * float(signed_ranks[signed_ranks > 0].sum()) + 0.25)
    slope = np.sqrt((k - 0.5) ** 2 - found * (2 * k - found - 1))
    return float(found), float(2 * np.sqrt(_rank_sum_variance(float(found), k)) / slope)


MISSING: dict[str, Callable[[FloatArray], tuple[float, float]]] = {
    "L0": missing_l0,
    "R0": missing_r0,
    "Q0": missing_q0,
}


def trim_and_fill(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    estimator: str = "L0",
    side: str = "auto",
    tau2: str = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
) -> TrimFill | NotEstimable:
    """Trim the studies that have no mirror image, find the centre without them, fill in the images.

    Shapes: `yi`, `vi` [k], at least three studies. `side` "auto" follows the sign of the regression on
    standard errors. NotEstimable where Q0 has no root, the trimming goes in circles or the standard errors
    are equal (for "auto"). Raises KeyError on an unknown estimator or method, ValueError on another shape or
    side.
    **Source** Duval & Tweedie 2000, Biometrics 56:455-463. Oracle: `trimfill(rma(...), estimator=, side=)`.

    >>> found = trim_and_fill([0.1, 0.2, 0.3, 0.6, 1.0], [0.01, 0.01, 0.03, 0.1, 0.2], tau2="CE")
    >>> found.missing, found.side, round(found.pooled.mu, 3)
    (2, 'left', 0.171)
    """
    rule = MISSING[estimator]
    if side not in SIDES:
        raise ValueError(f"side {side!r} is not one of {', '.join(SIDES)}")
    y, v = columns(yi, vi)
    plain = fit(y, v, tau2=tau2, interval=interval, prediction=prediction, level=level)
    if not plain.ok or len(y) < 3:
        return NotEstimable(Status.TOO_FEW_STUDIES if plain.ok else Status(int(plain.status)))
    chosen = _side(y, v, tau2) if side == "auto" else (side, None)
    if isinstance(chosen, NotEstimable):
        return chosen
    where, arbitrary = chosen
    sign = -1.0 if where == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    with np.errstate(all="ignore"):
        trimmed = _trim(sign * y[order], v[order], rule, tau2, sign * float(plain.mu))
    if isinstance(trimmed, NotEstimable):
        return trimmed
    ends = order[len(y) - trimmed.missing :]
    images = 2 * sign * trimmed.centre - y[ends]
    everything = np.append(y, images), np.append(v, v[ends])
    filled = pool(*everything, tau2=tau2, interval=interval, prediction=prediction, level=level)
    if isinstance(filled, NotEstimable):
        return filled
    return TrimFill(
        estimator=estimator,
        side=where,
        missing=trimmed.missing,
        missing_se=trimmed.se,
        missing_p=0.5 ** (trimmed.missing + 1) if estimator == "R0" else None,
        filled_yi=tuple(float(value) for value in images),
        filled_vi=tuple(float(value) for value in v[ends]),
        pooled=filled,
        cautions=(
            *funnel_cautions(v, float(plain.i2_q)),
            *((Caution.TIES,) if trimmed.tied else ()),
            *((arbitrary,) if arbitrary else ()),
        ),
    )


def _side(y: FloatArray, v: FloatArray, tau2: str) -> tuple[str, Caution | None] | NotEstimable:
    """Studies are missing on the side to which the imprecise ones do not lean."""
    line = straight_line(y, v, np.sqrt(v), tau2, "wald")
    if line.status != Status.OK:
        return NotEstimable(Status(int(line.status)))
    level = abs(line.b[1]) <= NOISE * line.se[1]
    return ("right" if line.b[1] < 0 and not level else "left"), Caution.NO_DIRECTION if level else None


@dataclass(frozen=True)
class _Trimmed:
    missing: int
    se: float | None
    centre: float
    tied: bool


def _trim(
    y: FloatArray, v: FloatArray, rule: Callable[[FloatArray], tuple[float, float]], tau2: str, centre: float
) -> _Trimmed | NotEstimable:
    """Trim the right end of ascending effects, pooled at `centre`, until the number missing settles."""
    missing, k, tied = 0, len(y), False
    for _ in range(MAX_ROUNDS):
        distance = _without_noise(y - centre)
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(distance), kind="stable")] = np.arange(1, k + 1)
        found, se = rule(np.sign(distance) * ranks)
        if not np.isfinite([found, centre]).all() or round(found) >= k:
            return NotEstimable(Status.NOT_CONVERGED)
        before, missing = missing, max(0, round(found))
        tied |= bool((distance == 0).any()) or len(np.unique(np.abs(distance))) < len(np.unique(distance))
        if missing == before:
            return _Trimmed(missing, float(se) if np.isfinite(se) else None, centre, tied)
        centre = _centre(y[: k - missing], v[: k - missing], tau2)
    return NotEstimable(Status.NOT_CONVERGED)


def _centre(y: FloatArray, v: FloatArray, tau2: str) -> float:
    """The pooled mean alone, or the only study's effect; NaN where tau2 did not settle."""
    if len(y) == 1:
        return float(y[0])
    w = 1 / (v + TAU2[tau2](lay_out(y, v)))
    return float((w * y).sum() / w.sum())


def _without_noise(distance: FloatArray) -> FloatArray:
    """Distances on a grid of NOISE times the largest, so that equal ones are equal."""
    unit = NOISE * np.abs(distance).max()
    return np.asarray(np.round(distance / unit) if unit > 0 else distance)


def _rank_sum_variance(found: float, k: int) -> float:
    """Variance of Wilcoxon's statistic when `found` of the studies are missing."""
    own = k * (k + 1) * (2 * k + 1) + 10 * found**3 + 27 * found**2 + 17 * found
    return (own - 18 * k * found**2 - 18 * k * found + 6 * k**2 * found) / 24
