"""Henmi and Copas's interval: the common-effect mean with an interval that allows for heterogeneity.

Weights that do not depend on tau2 give small studies less influence, so the interval suffers less from
publication bias than one around a random-effects mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from living.stats.crossings import crossing, widened
from living.stats.effects import FloatArray, IntArray
from living.stats.intervals import checked_level
from living.stats.moments import Layout, lay_out
from living.stats.status import Status
from living.stats.tau2 import dersimonian_laird

PANELS, ORDER = 24, 16  # Gauss-Legendre: doubling either changes nothing beyond 1e-12
REACH = 10.0  # standard deviations beyond which a normal density counts for nothing (below 1e-23)


@dataclass(frozen=True, eq=False)
class HenmiCopas:
    """The common-effect mean and its robust interval; arrays [...], NaN where `status` is not OK.

    `se` allows for tau2 (DerSimonian and Laird's), but the interval is not `mu` plus or minus a fixed number
    of it.
    """

    status: IntArray
    k: IntArray
    mu: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    tau2: FloatArray


def henmi_copas(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, level: float = 0.95, include: npt.ArrayLike | None = None
) -> HenmiCopas:
    """Pool with common-effect weights and an interval that is right under heterogeneity.

    Shapes: `yi`, `vi`, `include` [..., k]; ratios as logarithms. Raises ValueError on an impossible level.
    **Source** Henmi & Copas 2010, Stat Med 29:2969-2983. Oracle: `hc(rma(yi, vi))`.

    >>> found = henmi_copas([0.1, 0.3, 0.8, 0.4], [0.04, 0.02, 0.09, 0.05])
    >>> round(float(found.mu), 3)
    0.324
    """
    checked_level(level)
    layout = lay_out(yi, vi, include)
    with np.errstate(all="ignore"):
        tau2 = dersimonian_laird(layout)
        w = layout.weights(0.0)
        sums = _Sums.of(w, layout, tau2)
        mu, se = layout.mu(w)[..., 0], np.sqrt((tau2 * sums.w2 + 1) / sums.w1)

        def excess(t: FloatArray) -> FloatArray:
            return sums.tail(t) - (1 - level) / 2

        top = widened(excess, np.full_like(tau2, 2.0))
        half = np.sqrt(sums.ratio) * crossing(excess, np.zeros_like(tau2), top) * se
    failed = (layout.status == Status.OK) & ~np.isfinite(mu + half)
    status = np.where(failed, int(Status.NOT_CONVERGED), layout.status)
    numbers = {"mu": mu, "se": se, "ci_low": mu - half, "ci_high": mu + half, "tau2": tau2}
    return HenmiCopas(
        status=np.asarray(status, dtype=np.int64),
        k=layout.k.astype(np.int64),
        **{name: np.where(status == Status.OK, value, np.nan) for name, value in numbers.items()},
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Moments of the weights, as the paper names them: w1 their sum, w2..w4 power sums over it; all [...]."""

    w1: FloatArray
    w2: FloatArray
    w3: FloatArray
    w4: FloatArray
    df: FloatArray
    tau2: FloatArray

    @classmethod
    def of(cls, w: FloatArray, layout: Layout, tau2: FloatArray) -> _Sums:
        one = w.sum((-2, -1))
        two, three, four = ((w**power).sum((-2, -1)) / one for power in (2, 3, 4))
        return cls(one, two, three, four, layout.df, tau2)

    @property
    def ratio(self) -> FloatArray:
        """Variance of the standardised mean under heterogeneity."""
        return 1 + self.tau2 * self.w2

    def q_moments(self, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of Q given the standardised mean r times its SD."""
        t, v = self.tau2, self.ratio
        spread = self.w3 - self.w2**2
        bent = r**2 / v**2 - 1 / v
        mean = self.df + t * (self.w1 - self.w2) + t**2 * bent * spread
        variance = (
            2 * self.df
            + 4 * t * (self.w1 - self.w2)
            + 2 * t**2 * (self.w1 * self.w2 - 2 * self.w3 + self.w2**2)
            + 4 * t**2 * bent * spread
            + 4 * t**3 * bent * (self.w4 - 2 * self.w2 * self.w3 + self.w2**3)
            + 2 * t**4 * (1 / v**2 - 2 * r**2 / v**3) * spread**2
        )
        return mean, variance

    def tail(self, t: FloatArray) -> FloatArray:
        """Probability that the pivot exceeds t: Q approximated by a gamma, integrated over the mean."""
        nodes, masses = np.polynomial.legendre.leggauss(ORDER)
        edges = np.arange(PANELS) / PANELS * REACH
        shift = (edges[:, None] + (nodes + 1) / 2 * REACH / PANELS).reshape(-1, *[1] * t.ndim)
        r = t + shift
        mean, variance = self.q_moments(np.sqrt(self.ratio) * r)
        bound = np.where(t > 0, (self.w1 / self.w2 - 1) * ((r / t) ** 2 - 1) + self.df, np.inf)
        below = gammainc(mean**2 / variance, bound * mean / variance) * np.exp(-(r**2) / 2)
        weights = np.tile(masses, PANELS) * REACH / PANELS / 2 / np.sqrt(2 * np.pi)
        return np.asarray(np.tensordot(weights, below, axes=1))
