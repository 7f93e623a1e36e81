"""Evidence that may be looked at after every study: e-values and confidence sequences (ALL-IN meta-analysis).

An e-value has an expectation of at most 1 under the null, and so has a product of e-values of independent
studies, whenever one stops: the chance that it ever reaches 1 / alpha is at most alpha (Ville). The null here
is the common null: the effect is zero in every study. Under heterogeneity around zero (tau2 > 0, mean 0) that
null is false, and the product grows: a large e-value then says that not all effects are zero, not that their
mean differs from zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from living.stats.effects import FloatArray, floats
from living.stats.status import NotEstimable, Status

LOG_TWO = float(np.log(2.0))
STEP = 0.05  # of log w, in the integral of the noncentral t density; the trapezoid rule is exact to 1e-13
REACH = 14.0  # standard deviations on either side of the integrand's peak


@dataclass(frozen=True, eq=False)
class SafeTest:
    """Running e-values in the order of the studies, [k], natural logarithms; one entry per study.

    `log_e[-1]` is all the evidence; e >= 1 / alpha rejects the common null at any moment.
    """

    log_e: FloatArray
    alternative: float
    sides: int

    @property
    def e(self) -> FloatArray:
        """The running e-values; may overflow to infinity."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_e)

    @property
    def p(self) -> FloatArray:
        """Anytime-valid P values: the smallest 1 / e so far, at most 1."""
        return np.minimum(1.0, np.exp(-np.maximum.accumulate(self.log_e)))

    def rejects(self, alpha: float = 0.05) -> npt.NDArray[np.bool_]:
        """Whether the common null is rejected by each moment."""
        return np.asarray(np.maximum.accumulate(self.log_e) >= -np.log(alpha), dtype=np.bool_)


def safe_z(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alternative: float, sides: int = 2
) -> SafeTest | NotEstimable:
    """Safe z-test of the common null: the likelihood ratio of the smallest effect of interest against zero.

    Shapes: `yi`, `vi` [k] in the order of arrival; variances are taken as known. Units: `alternative` in
    those of `yi`; one side tests its direction, two sides give each direction half. Tests that every effect
    is zero (see the module). Raises ValueError on another shape or an `alternative` of zero.
    **Source** ter Schure & Grünwald 2022, F1000Research 11:549 (ALL-IN meta-analysis); Grünwald, de Heide &
    Koolen 2024, J R Stat Soc B 86:1091-1128.
    """
    y, v = floats(yi, vi)
    bad = _unusable(y, v > 0, alternative, sides)
    if bad:
        return NotEstimable(bad)
    score, information = np.cumsum(y / v), np.cumsum(1 / v)
    tilt, cost = alternative * score, alternative**2 * information / 2
    return SafeTest((tilt if sides == 1 else _log_cosh(tilt)) - cost, alternative, sides)


def safe_t(
    t: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike, *, alternative: float, sides: int = 2
) -> SafeTest | NotEstimable:
    """Safe t-test of the common null over two-group studies: noncentral against central t density.

    Shapes: `t`, `n1`, `n2` [k] in the order of arrival, `t` with n1 + n2 - 2 degrees of freedom. Units:
    `alternative` is a standardised mean difference; the variance of every study is its own and unknown. Each
    study enters whole, so the test may stop between studies and not within one. Tests that every effect is
    zero (see the module). Raises ValueError on another shape or an `alternative` of zero.
    **Source** Grünwald, de Heide & Koolen 2024, J R Stat Soc B 86:1091-1128; the product over studies ter
    Schure & Grünwald 2022. Oracle: `dt(t, df, ncp) / dt(t, df)`.
    """
    s, n, m = floats(t, n1, n2)
    bad = _unusable(s, (n >= 1) & (m >= 1) & (n + m >= 3), alternative, sides)
    if bad:
        return NotEstimable(bad if bad == Status.MISSING_INPUT else Status.TOO_FEW_PARTICIPANTS)
    df, centre = n + m - 2, alternative * np.sqrt(n * m / (n + m))
    up = np.cumsum(log_t_ratio(s, df, centre))
    if sides == 1:
        return SafeTest(up, alternative, sides)
    down = np.cumsum(log_t_ratio(s, df, -centre))
    return SafeTest(np.logaddexp(up, down) - LOG_TWO, alternative, sides)


def log_t_ratio(t: npt.ArrayLike, df: npt.ArrayLike, ncp: npt.ArrayLike) -> FloatArray:
    """Log of the noncentral over the central t density at `t`.

    Shapes: broadcast. By the integral of w^df exp(-(w - x)^2 / 2) with x = t ncp / sqrt(t^2 + df), on a log
    scale, so that nothing overflows.
    **Source** Johnson, Kotz & Balakrishnan 1995, chapter 31. Oracle: `dt(t, df, ncp, log=TRUE) - dt(t, df,
    log=TRUE)`.
    """
    s, d, c = floats(t, df, ncp)
    x = s * c / np.sqrt(s**2 + d)
    return -(c**2) / 2 + x**2 / 2 + _log_integral(d, x) - _log_integral(d, np.zeros_like(x))


@dataclass(frozen=True, eq=False)
class ConfidenceSequence:
    """Intervals that hold at all times together, one per study; [k] each.

    `running_low`, `running_high`: the intersection so far, which may be empty (low above high) when studies
    disagree beyond chance: a sign that there is no common effect.
    """

    mu: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    prior_variance: float

    @property
    def running_low(self) -> FloatArray:
        """Largest lower limit so far."""
        return np.maximum.accumulate(self.low)

    @property
    def running_high(self) -> FloatArray:
        """Smallest upper limit so far."""
        return np.minimum.accumulate(self.high)


def confidence_sequence(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, prior_variance: float, level: float = 0.95
) -> ConfidenceSequence | NotEstimable:
    """Confidence sequence for the common effect by a normal mixture: valid whenever one looks or stops.

    Shapes: `yi`, `vi` [k] in the order of arrival; variances are taken as known. Units: `prior_variance` in
    squared units of `yi`; it decides where the sequence is tight and never whether it is valid. It is about
    one effect common to all studies: under tau2 > 0 its coverage of the mean is below `level`. Raises
    ValueError on another shape, a variance that is not positive or an impossible level.
    **Source** Robbins 1970, Ann Math Stat 41:1397-1409 (normal mixture); ter Schure & Grünwald 2022.
    """
    y, v = floats(yi, vi)
    if not prior_variance > 0 or not 0 < level < 1:
        raise ValueError("a confidence sequence needs a positive prior variance and a level between 0 and 1")
    bad = _unusable(y, v > 0, prior_variance, 2)
    if bad:
        return NotEstimable(bad)
    information = np.cumsum(1 / v)
    mu = np.cumsum(y / v) / information
    grown = 1 + prior_variance * information
    half = np.sqrt(grown * (np.log(grown) - 2 * np.log1p(-level)) / prior_variance) / information
    return ConfidenceSequence(mu, mu - half, mu + half, level, prior_variance)


def safe_mixture(yi: npt.ArrayLike, vi: npt.ArrayLike, *, prior_variance: float) -> SafeTest | NotEstimable:
    """E-values of the common null by the same normal mixture; 1 / alpha is passed when the sequence leaves 0.

    Shapes, units and raises as `confidence_sequence`. Tests that every effect is zero (see the module).
    **Source** Robbins 1970.
    """
    found = confidence_sequence(yi, vi, prior_variance=prior_variance)
    if isinstance(found, NotEstimable):
        return found
    _, v = floats(yi, vi)
    information = np.cumsum(1 / v)
    grown = 1 + prior_variance * information
    log_e = prior_variance * (found.mu * information) ** 2 / (2 * grown) - np.log(grown) / 2
    return SafeTest(log_e, float(np.sqrt(prior_variance)), 2)


def _unusable(y: FloatArray, good: npt.ArrayLike, alternative: float, sides: int) -> Status:
    if y.ndim != 1 or not np.isfinite(alternative) or alternative == 0 or sides not in (1, 2):
        raise ValueError("safe tests take lists of one length, an alternative other than 0, and 1 or 2 sides")
    if y.size == 0:
        return Status.NO_STUDIES
    if not np.isfinite(y).all():
        return Status.MISSING_INPUT
    return Status.OK if np.all(good) else Status.NO_VARIANCE


def _log_cosh(x: FloatArray) -> FloatArray:
    return np.logaddexp(x, -x) - LOG_TWO


def _log_integral(df: FloatArray, x: FloatArray) -> FloatArray:
    """Log of the integral over w > 0 of w^df exp(-(w - x)^2 / 2), in u = log w by the trapezoid rule."""
    peak = (x + np.sqrt(x**2 + 4 * (df + 1))) / 2  # of the integrand in u: w^(df + 1) exp(-(w - x)^2 / 2)
    scale = 1 / np.sqrt(df + 1 + peak**2)
    u = np.log(peak)[..., None] + scale[..., None] * np.arange(-4 * REACH, REACH, STEP)
    w = np.exp(u)
    log_f = (df[..., None] + 1) * u - (w - x[..., None]) ** 2 / 2
    return np.asarray(logsumexp(log_f, axis=-1) + np.log(scale * STEP))
