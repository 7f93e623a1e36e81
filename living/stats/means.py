"""Effect sizes of two independent groups with means: mean difference and standardised mean difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from living.stats.effects import Effects, FloatArray, Rule, allowed, effects, floats
from living.stats.status import Status


def bias_correction(df: npt.ArrayLike) -> FloatArray:
    """Return the exact factor J that makes a standardised mean difference unbiased.

    Shapes: any. NaN where `df` <= 1, where J does not exist.
    **Source** Hedges 1981, J Educ Stat 6:107-128, equation 6e. Oracle: `metafor:::.cmicalc(df)`.
    """
    (m,) = floats(df)
    m = np.where(m > 1, m, np.nan)
    return np.exp(gammaln(m / 2) - np.log(np.sqrt(m / 2)) - gammaln((m - 1) / 2))


def bias_correction_approximate(df: npt.ArrayLike) -> FloatArray:
    """Return the usual approximation of J, 1 - 3 / (4 df - 1), as RevMan uses it.

    Shapes: any. NaN where `df` <= 1.
    **Source** Hedges 1981, equation 7; Cochrane Handbook 6.3, section 10.5.
    """
    (m,) = floats(df)
    m = np.where(m > 1, m, np.nan)
    return 1 - 3 / (4 * m - 1)


def no_correction(df: npt.ArrayLike) -> FloatArray:
    """Return 1: the standardised mean difference stays Cohen's d."""
    return np.ones(np.shape(df))


CORRECTIONS: dict[str, Callable[[npt.ArrayLike], FloatArray]] = {
    "none": no_correction,
    "exact": bias_correction,
    "approximate": bias_correction_approximate,
}


def variance_ls(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Large-sample variance at the corrected estimate.

    **Source** Hedges 1982, Psychol Bull 92:490-499, equation 8.
    """
    return 1 / n1 + 1 / n2 + (c * d) ** 2 / (2 * (n1 + n2))


def variance_ls2(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Large-sample variance of d, times J squared. **Source** Borenstein 2009, equations 4.20 and 4.24."""
    return c**2 * (1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))


def variance_ub(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Unbiased variance of the estimate corrected exactly; with another factor it is no longer unbiased.

    **Source** Hedges 1983, Psychol Bull 93:388-395, equation 9.
    """
    m = n1 + n2 - 2
    return 1 / n1 + 1 / n2 + (1 - (m - 2) / (m * c**2)) * (c * d) ** 2


def variance_av(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Variance at the size-weighted average estimate of all studies.

    **Source** Hunter & Schmidt 2004, chapter 7.
    """
    return 1 / n1 + 1 / n2 + average_estimate(c * d, n1 + n2) ** 2 / (2 * (n1 + n2))


def average_estimate(estimates: FloatArray, sizes: FloatArray) -> FloatArray:
    """Size-weighted average over the studies on the last axis that have an estimate, [..., 1]."""
    known = np.isfinite(estimates * sizes)
    total = np.sum(np.where(known, sizes, 0), -1, keepdims=True)
    return np.asarray(np.sum(np.where(known, estimates * sizes, 0), -1, keepdims=True) / total)


VTYPES: dict[str, Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]] = {
    "LS": variance_ls,
    "LS2": variance_ls2,
    "UB": variance_ub,
    "AV": variance_av,
}


def mean_difference(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    pooled_sd: bool = False,
) -> Effects:
    """Difference of two means, first group minus second.

    Shapes: broadcast. Units: of the means. `pooled_sd` assumes one standard deviation for both groups.
    **Source** Cochrane Handbook 6.3, section 10.5; Borenstein 2009, equations 4.2-4.5. Oracle:
    `escalc(measure="MD", vtype="LS")`, with `pooled_sd` `vtype="HO"`.
    """
    a, s, n, b, t, m = floats(m1, sd1, n1, m2, sd2, n2)
    with np.errstate(all="ignore"):
        vi = pooled_variance(s, n, t, m) * (1 / n + 1 / m) if pooled_sd else s**2 / n + t**2 / m
        return effects(a - b, vi, *group_rules(s, n, t, m))


def standardised_mean_difference(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Difference of two means in units of their pooled standard deviation: Cohen's d ("none") or Hedges' g.

    Shapes: broadcast; with vtype "AV" the last axis are the studies. Sign: first group minus second. Raises
    KeyError on a `correction` or `vtype` that is not in CORRECTIONS or VTYPES.
    **Source** Hedges 1981; Borenstein 2009, equations 4.18-4.24. Oracle: `escalc(measure="SMD", vtype=,
    correct=)`.
    """
    a, s, n, b, t, m = floats(m1, sd1, n1, m2, sd2, n2)
    with np.errstate(all="ignore"):
        sd = np.sqrt(pooled_variance(s, n, t, m))
    return _standardised(a - b, sd, n, m, correction, vtype, *group_rules(s, n, t, m))


def smd_from_difference(
    difference: npt.ArrayLike,
    se: npt.ArrayLike,
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "none",
    vtype: str = "LS",
) -> Effects:
    """Standardise a reported mean difference; its SD is backed out of its standard error.

    Shapes: broadcast. The SD is se / sqrt(1/n1 + 1/n2): that of the analysis which gave the difference, so
    after adjustment for baseline it is smaller than the SD between people, and d is larger.
    **Source** Cochrane Handbook 6.3, sections 6.5.2.3 and 10.5. Oracle: `escalc(measure="SMD", di=, n1i=,
    n2i=)`.
    """
    y, s, n, m = floats(difference, se, n1, n2)
    with np.errstate(all="ignore"):
        sd = s / np.sqrt(1 / n + 1 / m)
    return _standardised(y, sd, n, m, correction, vtype, *group_rules(s, n, s, m))


def pooled_variance(sd1: FloatArray, n1: FloatArray, sd2: FloatArray, n2: FloatArray) -> FloatArray:
    """Variance within two groups, weighted by degrees of freedom.

    **Source** Borenstein 2009, equation 4.19.
    """
    return ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)


def group_rules(sd1: FloatArray, n1: FloatArray, sd2: FloatArray, n2: FloatArray) -> list[Rule]:
    """What two groups must satisfy before an effect exists."""
    return [
        (Status.NO_VARIANCE, (sd1 < 0) | (sd2 < 0) | ((sd1 == 0) & (sd2 == 0))),
        (Status.TOO_FEW_PARTICIPANTS, (n1 < 2) | (n2 < 2)),
    ]


def _standardised(
    difference: FloatArray,
    sd: FloatArray,
    n1: FloatArray,
    n2: FloatArray,
    correction: str,
    vtype: str,
    *rules: Rule,
) -> Effects:
    with np.errstate(all="ignore"):
        d = np.where(allowed(rules), difference / sd, np.nan)
        c = CORRECTIONS[correction](n1 + n2 - 2)
        return effects(c * d, VTYPES[vtype](d, c, n1, n2), *rules)
