"""Interval of the between-study variance from the exact distribution of a generalised Q (Jackson's)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.crossings import crossing, widened
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.genq import weighted_layout
from living.stats.heterogeneity import h2_from_tau2, i2_from_tau2, typical_variance
from living.stats.intervals import checked_level
from living.stats.moments import Layout
from living.stats.q_distribution import generalised_q, q_below
from living.stats.status import Status

# Weights by which the studies' distances are summed: those of Jackson 2013 (recommended there, and meta's
# default) and those of Biggerstaff and Jackson 2008 (Cochran's).
Q_WEIGHTS = {"1/se": -0.5, "1/v": -1.0}


@dataclass(frozen=True, eq=False)
class Tau2Interval:
    """Limits of tau2 and what they mean for I2 (percent, from tau2) and H2; arrays [...], NaN where not OK.

    `beyond`: the upper limit exceeds the search limit and is reported at it ("> limit"). `empty`: no tau2 >=
    0 agrees with so little scatter; the limits are 0.
    """

    low: FloatArray
    high: FloatArray
    i2_low: FloatArray
    i2_high: FloatArray
    h2_low: FloatArray
    h2_high: FloatArray
    beyond: BoolArray
    empty: BoolArray
    status: IntArray


def generalised_q_interval(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    weights: str | npt.ArrayLike = "1/se",
    level: float = 0.95,
    limit: float = np.inf,
    include: npt.ArrayLike | None = None,
) -> Tau2Interval:
    """Interval of tau2: the values at which the generalised Q with fixed weights is not surprising.

    Shapes: `yi`, `vi`, `include` and weights given as numbers [..., k]. `weights` names a rule ("1/se",
    Jackson's; "1/v", Biggerstaff and Jackson's) or is the numbers themselves. Exact for normal effects with
    known `vi`, like the Q-profile, and shorter than it when sampling variances differ. Raises KeyError on an
    unknown rule, ValueError on an impossible level.
    **Source** Biggerstaff & Jackson 2008, Stat Med 27:6093-6110; Jackson 2013, Res Synth Methods 4:220-229.
    Oracle: `metagen(method.tau.ci="J")`, "BJ"; `confint(rma(method="GENQ", weights=))`.
    """
    checked_level(level)
    given = fixed_weights(vi, weights) if isinstance(weights, str) else weights
    layout, a = weighted_layout(yi, vi, given, include)
    with np.errstate(all="ignore"):
        q = generalised_q(layout, a)
    tail = (1 - level) / 2

    def limit_at(probability: float) -> FloatArray:
        """The tau2 at which so little scatter has that probability; 0 where even tau2 = 0 gives less."""

        def excess(tau2: FloatArray) -> FloatArray:
            return q_below(layout, a, tau2, q) - probability

        zero = np.zeros_like(layout.k)
        top = widened(excess, np.maximum(q, 1e-300) / np.maximum(layout.trace_p(a), 1e-300))
        return np.where(excess(zero) > 0, crossing(excess, zero, top), 0.0)

    with np.errstate(all="ignore"):
        low, high = limit_at(1 - tail), limit_at(tail)
        empty = q_below(layout, a, np.zeros_like(layout.k), q) < tail
    return tau2_interval(layout, low, high, empty, limit)


def fixed_weights(vi: npt.ArrayLike, rule: str) -> FloatArray:
    """Weights by the named rule; 1 where a variance is not positive, which `lay_out` reports."""
    power = Q_WEIGHTS[rule]
    v = np.asarray(vi, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(v) & (v > 0)
    return np.where(known, np.where(known, v, 1.0) ** power, 1.0)


def tau2_interval(
    layout: Layout, low: FloatArray, high: FloatArray, empty: BoolArray, limit: float
) -> Tau2Interval:
    """Cut the limits off at the search limit, say why a row has none, and add I2 and H2."""
    failed = (layout.status == Status.OK) & ~(np.isfinite(low) & np.isfinite(high))
    status = np.where(failed, int(Status.NOT_CONVERGED), layout.status)
    ok = status == Status.OK
    with np.errstate(all="ignore"):
        typical = typical_variance(layout)
        first, last = np.minimum(low, limit), np.minimum(high, limit)
        numbers = {"low": first, "high": last}
        numbers |= {"i2_low": i2_from_tau2(first, typical), "i2_high": i2_from_tau2(last, typical)}
        numbers |= {"h2_low": h2_from_tau2(first, typical), "h2_high": h2_from_tau2(last, typical)}
    return Tau2Interval(
        beyond=np.asarray(ok & (high > limit)),
        empty=np.asarray(ok & empty),
        status=np.asarray(status, dtype=np.int64),
        **{name: np.where(ok, value, np.nan) for name, value in numbers.items()},
    )
