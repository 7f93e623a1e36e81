"""From what a report prints to what an analysis needs: standard errors, standard deviations, correlations,
scales.

Every function works place by place on arrays that broadcast together. An input for which the answer does not
exist (a negative width, a P outside 0 to 1, a group of one) gives NaN in that place; an effect computed from
it carries a status. Provenance prints the name under which a function stands in `FORMULAS`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from living.stats.effects import BoolArray, FloatArray, floats
from living.stats.intervals import critical


def se_from_ci_z(low: npt.ArrayLike, high: npt.ArrayLike, level: float = 0.95) -> FloatArray:
    """Standard error of an estimate from its normal confidence interval; for a ratio give the logarithms.

    **Source** Cochrane Handbook 6.3, section 6.3.1. Oracle: `conv.wald(ci.lb=, ci.ub=)`.
    """
    lo, hi = floats(low, high)
    return _where(hi > lo, (hi - lo) / (2 * critical(np.inf, level)))


def se_from_ci_t(
    low: npt.ArrayLike, high: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.95
) -> FloatArray:
    """Standard error of an estimate from a confidence interval built on t with `df` degrees of freedom.

    **Source** Cochrane Handbook 6.3, section 6.5.2.3.
    """
    lo, hi, d = floats(low, high, df)
    return _where((hi > lo) & (d > 0), (hi - lo) / (2 * critical(d, level)))


def log_se_from_ci_z(low: npt.ArrayLike, high: npt.ArrayLike, level: float = 0.95) -> FloatArray:
    """Standard error of the logarithm of a ratio from the ratio's own normal confidence interval.

    **Source** Cochrane Handbook 6.3, section 6.3.2. Oracle: `conv.wald(ci.lb=, ci.ub=, transf=log)`.
    """
    lo, hi = floats(low, high)
    with np.errstate(all="ignore"):
        return se_from_ci_z(np.log(_where(lo > 0, lo)), np.log(_where(hi > 0, hi)), level)


def estimate_from_ci(low: npt.ArrayLike, high: npt.ArrayLike) -> FloatArray:
    """Estimate as the middle of its confidence interval. **Source** Cochrane Handbook 6.3, section 6.3.1."""
    lo, hi = floats(low, high)
    return _where(hi >= lo, (lo + hi) / 2)


def log_estimate_from_ci(low: npt.ArrayLike, high: npt.ArrayLike) -> FloatArray:
    """Logarithm of a ratio as the middle of its interval's logarithms. Oracle: `conv.wald(transf=log)`.

    **Source** Cochrane Handbook 6.3, section 6.3.2.
    """
    lo, hi = floats(low, high)
    with np.errstate(all="ignore"):
        return estimate_from_ci(np.log(_where(lo > 0, lo)), np.log(_where(hi > 0, hi)))


def se_from_t(estimate: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
    """Standard error of an estimate from its t (or z) statistic; signs do not matter.

    **Source** Cochrane Handbook 6.3, section 6.5.2.3.
    """
    y, s = floats(estimate, t)
    with np.errstate(all="ignore"):
        return _where((y != 0) & (s != 0), np.abs(y / s))


def se_from_p_z(estimate: npt.ArrayLike, p: npt.ArrayLike) -> FloatArray:
    """Standard error of an estimate from the two-sided P of a normal test.

    **Source** Cochrane Handbook 6.3, section 6.3.1. Oracle: `conv.wald(out=, pval=)`.
    """
    y, prob = floats(estimate, p)
    with np.errstate(all="ignore"):
        return se_from_t(y, _where((prob > 0) & (prob < 1), ndtri(prob / 2)))


def se_from_p_t(estimate: npt.ArrayLike, p: npt.ArrayLike, df: npt.ArrayLike) -> FloatArray:
    """Standard error of an estimate from the two-sided P of a t test with `df` degrees of freedom.

    **Source** Cochrane Handbook 6.3, section 6.5.2.3.
    """
    y, prob, d = floats(estimate, p, df)
    known = (prob > 0) & (prob < 1) & (d > 0)
    return se_from_t(y, _where(known, stdtrit(np.where(known, d, 1.0), np.where(known, prob / 2, 0.25))))


def sd_from_se(se: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Standard deviation of one group from the standard error of its mean.

    **Source** Handbook 6.3, section 6.5.2.2.
    """
    s, m = floats(se, n)
    with np.errstate(all="ignore"):
        return _where((s > 0) & (m > 0), s * np.sqrt(m))


def sd_from_ci_z(
    low: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95
) -> FloatArray:
    """Standard deviation of one group from the normal interval of its mean (large groups).

    **Source** Cochrane Handbook 6.3, section 6.5.2.2.
    """
    return sd_from_se(se_from_ci_z(low, high, level), n)


def sd_from_ci_t(
    low: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95
) -> FloatArray:
    """Standard deviation of one group from the interval of its mean, on t with n - 1 degrees of freedom.

    **Source** Cochrane Handbook 6.3, section 6.5.2.2.
    """
    lo, hi, m = floats(low, high, n)
    return sd_from_se(se_from_ci_t(lo, hi, m - 1, level), m)


def sd_from_difference_se(se: npt.ArrayLike, n1: npt.ArrayLike, n2: npt.ArrayLike) -> FloatArray:
    """The one standard deviation behind the standard error of a difference between two groups.

    **Source** Cochrane Handbook 6.3, section 6.5.2.3.
    """
    s, n, m = floats(se, n1, n2)
    with np.errstate(all="ignore"):
        return _where((s > 0) & (n > 0) & (m > 0), s / np.sqrt(1 / n + 1 / m))


def sd_of_difference(sd1: npt.ArrayLike, sd2: npt.ArrayLike, r: npt.ArrayLike) -> FloatArray:
    """Standard deviation of within-person differences from both SDs and their correlation.

    **Source** Cochrane Handbook 6.3, sections 6.5.2.8 and 23.2.6; Elbourne 2002.
    """
    s, t, corr = floats(sd1, sd2, r)
    with np.errstate(all="ignore"):
        return _where((s >= 0) & (t >= 0) & (np.abs(corr) <= 1), np.sqrt(s**2 + t**2 - 2 * corr * s * t))


def se_of_paired_difference(
    sd1: npt.ArrayLike, sd2: npt.ArrayLike, n: npt.ArrayLike, r: npt.ArrayLike
) -> FloatArray:
    """Standard error of a mean within-person difference of n people.

    **Source** Handbook 6.3, section 23.2.6.
    """
    sd, m = floats(sd_of_difference(sd1, sd2, r), n)
    with np.errstate(all="ignore"):
        return _where(m > 0, sd / np.sqrt(m))


def r_from_paired_se(
    sd1: npt.ArrayLike, sd2: npt.ArrayLike, n: npt.ArrayLike, se: npt.ArrayLike
) -> FloatArray:
    """Correlation between two conditions implied by the standard error of their paired difference.

    NaN when no correlation from -1 to 1 agrees.
    **Source** Cochrane Handbook 6.3, section 23.2.7.1; Elbourne 2002.
    """
    s, t, m, e = floats(sd1, sd2, n, se)
    with np.errstate(all="ignore"):
        r = (s**2 + t**2 - m * e**2) / (2 * s * t)
        return _where((s > 0) & (t > 0) & (np.abs(r) <= 1), r)


def combined_n(n1: npt.ArrayLike, n2: npt.ArrayLike) -> FloatArray:
    """Size of two groups taken together. **Source** Cochrane Handbook 6.3, section 6.5.2.10."""
    n, m = floats(n1, n2)
    return n + m


def combined_mean(n1: npt.ArrayLike, m1: npt.ArrayLike, n2: npt.ArrayLike, m2: npt.ArrayLike) -> FloatArray:
    """Mean of two groups taken together. **Source** Cochrane Handbook 6.3, section 6.5.2.10, table 6.5.a."""
    n, a, m, b = floats(n1, m1, n2, m2)
    with np.errstate(all="ignore"):
        return (n * a + m * b) / (n + m)


def combined_sd(
    n1: npt.ArrayLike,
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n2: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
) -> FloatArray:
    """Standard deviation of two groups taken together: exactly that of all their people.

    **Source** Cochrane Handbook 6.3, section 6.5.2.10, table 6.5.a.
    """
    n, a, s, m, b, t = floats(n1, m1, sd1, n2, m2, sd2)
    with np.errstate(all="ignore"):
        squares = (n - 1) * s**2 + (m - 1) * t**2 + n * m / (n + m) * (a - b) ** 2
        return _where(n + m > 1, np.sqrt(squares / (n + m - 1)))


def scaled(value: npt.ArrayLike, factor: float) -> FloatArray:
    """A mean, difference, SD or SE on a scale multiplied by a positive factor (0-100 to 0-10: 0.1).

    Raises ValueError unless the factor is positive.
    **Source** Cochrane Handbook 6.3, section 10.5.1.
    """
    if not factor > 0:
        raise ValueError(
            f"a scale is multiplied by a positive factor, not by {factor}; to turn it round use flipped"
        )
    (v,) = floats(value)
    return v * factor


def flipped(value: npt.ArrayLike) -> FloatArray:
    """A mean or difference with its sign changed, for a scale on which more is better; leave SD and SE alone.

    **Source** Cochrane Handbook 6.3, section 6.5.1.2.
    """
    (v,) = floats(value)
    return -v


def _where(known: BoolArray | np.bool_, value: FloatArray) -> FloatArray:
    return np.where(known, value, np.nan)
