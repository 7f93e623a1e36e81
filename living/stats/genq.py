"""Pooling with weights chosen by the reader: the generalised Q estimator, and the unweighted mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray, IntArray
from living.stats.heterogeneity import i2_from_tau2, typical_variance
from living.stats.intervals import critical, two_sided_p
from living.stats.moments import Layout, divide, lay_out
from living.stats.q_distribution import generalised_q, q_mean
from living.stats.status import Status
from living.stats.tau2 import estimator_of


@dataclass(frozen=True, eq=False)
class WeightedFits:
    """A mean with fixed weights, one per row of the batch; arrays [...], NaN where `status` is not OK.

    The intervals are normal: no adjustment of Hartung and Knapp's kind is defined for free weights here.
    """

    status: IntArray
    k: IntArray
    mu: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    statistic: FloatArray
    p: FloatArray
    tau2: FloatArray
    q: FloatArray
    i2_tau2: FloatArray
    pi_low: FloatArray
    pi_high: FloatArray


def fit_weighted(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    tau2: str | float = "GENQ",
    level: float = 0.95,
    include: npt.ArrayLike | None = None,
) -> WeightedFits:
    """Pool every row of a batch with weights that do not depend on tau2 (1 for the plain mean).

    Shapes: `yi`, `vi`, `weights`, `include` broadcast to [..., k]. `tau2` is "GENQ" for the moment estimator
    that belongs to the weights, or whatever `fit` takes. `q` is Cochran's, whatever the weights. A weight
    that is not positive is IMPOSSIBLE_INPUT. Raises KeyError on an unknown estimator, ValueError on an
    impossible level.
    **Source** DerSimonian & Kacker 2007, Contemp Clin Trials 28:105-114; Jackson & Bowden 2009. Oracle:
    `rma(method="GENQ", weights=)`, `rma(weighted=FALSE)`.

    >>> found = fit_weighted([0.1, 0.3, 0.8], [0.04, 0.02, 0.09], 1)
    >>> round(float(found.mu), 3)
    0.4
    """
    layout, a = weighted_layout(yi, vi, weights, include)
    critical(1.0, level)
    with np.errstate(all="ignore"):
        variance = generalised_q_tau2(layout, a) if tau2 == "GENQ" else estimator_of(tau2)(layout)
        total = a.sum((-2, -1))
        mu = layout.mu(a)[..., 0]
        spread = (a**2 * (layout.v + variance[..., None, None])).sum((-2, -1))
        se = np.sqrt(spread) / total
        failed = (layout.status == Status.OK) & ~np.isfinite(mu + se + variance)
        status = np.where(failed, int(Status.NOT_CONVERGED), layout.status)
        half, wide = critical(np.inf, level) * se, critical(np.inf, level) * np.sqrt(variance + se**2)
        estimate = {"mu": mu, "se": se, "ci_low": mu - half, "ci_high": mu + half, "statistic": mu / se}
        estimate |= {"p": two_sided_p(mu / se, np.inf), "tau2": variance, "q": layout.q(0.0)}
        estimate |= {"i2_tau2": i2_from_tau2(variance, typical_variance(layout))}
        estimate |= {"pi_low": mu - wide, "pi_high": mu + wide}
    ok = status == Status.OK
    numbers = {name: np.where(ok, value, np.nan) for name, value in estimate.items()}
    return WeightedFits(status=np.asarray(status, dtype=np.int64), k=layout.k.astype(np.int64), **numbers)


def weighted_layout(
    yi: npt.ArrayLike, vi: npt.ArrayLike, weights: npt.ArrayLike, include: npt.ArrayLike | None
) -> tuple[Layout, FloatArray]:
    """Arrange a batch and its weights, [..., 1, k]; weights are 0 for studies left out."""
    a = np.asarray(weights, dtype=np.float64)
    shape = np.broadcast_shapes(a.shape, np.shape(yi), np.shape(vi))
    layout = lay_out(np.broadcast_to(np.asarray(yi, dtype=np.float64), shape), vi, include)
    a = layout.member * a[..., None, :] if a.ndim else layout.member * a
    bad = np.asarray(((layout.member > 0) & ~(np.isfinite(a) & (a > 0))).any((-2, -1)))
    status = np.where((layout.status == Status.OK) & bad, int(Status.IMPOSSIBLE_INPUT), layout.status)
    a = np.where(bad[..., None, None], layout.member, a)
    return Layout(layout.y, layout.v, layout.member, np.asarray(status, dtype=np.int64)), a


def generalised_q_tau2(layout: Layout, weights: FloatArray) -> FloatArray:
    """Moment estimator from the generalised Q at fixed weights, [...]; 1 / v gives DerSimonian and Laird's.

    **Source** DerSimonian & Kacker 2007. Oracle: `rma(method="GENQ", weights=)`.
    """
    excess = generalised_q(layout, weights) - q_mean(layout, weights, np.zeros_like(layout.k))
    return np.maximum(divide(excess, layout.trace_p(weights)), 0.0)
