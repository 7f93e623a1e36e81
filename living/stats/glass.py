"""Mean differences in units of the control group's standard deviation, or of two unequal ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, allowed, effects, floats
from living.stats.means import CORRECTIONS, average_estimate, group_rules
from living.stats.status import Status

Variance = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


def glass_ls(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Large-sample variance at the corrected estimate. **Source** Hedges 1981; metafor SMD1 "LS"."""
    return 1 / n1 + 1 / n2 + (c * d) ** 2 / (2 * n2)


def glass_ls2(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Large-sample variance of d, times the squared correction. Oracle: SMD1 "LS2"."""
    return c**2 * (1 / n1 + 1 / n2 + d**2 / (2 * n2))


def glass_ub(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Unbiased variance of the estimate corrected exactly. **Source** Hedges 1983. Oracle: SMD1 "UB"."""
    m = n2 - 1
    return 1 / n1 + 1 / n2 + (1 - (m - 2) / (m * c**2)) * (c * d) ** 2


def glass_av(d: FloatArray, c: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Variance at the size-weighted average estimate of all studies. Oracle: SMD1 "AV"."""
    return 1 / n1 + 1 / n2 + average_estimate(c * d, n1 + n2) ** 2 / (2 * n2)


GLASS_VARIANCES: dict[str, Variance] = {"LS": glass_ls, "LS2": glass_ls2, "UB": glass_ub, "AV": glass_av}


def glass_delta(
    m1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n1: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Difference of two means in units of the second (control) group's standard deviation.

    Shapes: broadcast; with vtype "AV" the last axis are the studies. Sign: first group minus second. The
    variance takes both groups' standard deviations for equal; `glass_delta_unequal` does not. Raises KeyError
    on an unknown `correction` or `vtype`.
    **Source** Glass 1976; variances Hedges 1981 and 1983. Oracle: `escalc(measure="SMD1", vtype=, correct=)`.
    """
    a, b, t, n, m = floats(m1, m2, sd2, n1, n2)
    rules = group_rules(t, n, t, m)
    with np.errstate(all="ignore"):
        d, c = np.where(allowed(rules), (a - b) / t, np.nan), CORRECTIONS[correction](m - 1)
        return effects(c * d, GLASS_VARIANCES[vtype](d, c, n, m), *rules)


def glass_delta_unequal(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correction: str = "exact",
) -> Effects:
    """The same difference, with a variance that does not take the standard deviations for equal.

    Shapes: broadcast. Sign: first group minus second.
    **Source** Bonett 2008, Psychol Methods 13:99-109. Oracle: `escalc(measure="SMD1H", correct=)`, metafor 5.
    """
    a, s, n, b, t, m = floats(m1, sd1, n1, m2, sd2, n2)
    with np.errstate(all="ignore"):
        yi = CORRECTIONS[correction](m - 1) * (a - b) / t
        vi = (s / t) ** 2 / (n - 1) + 1 / (m - 1) + yi**2 / (2 * (m - 1))
        return effects(yi, vi, (Status.NO_VARIANCE, t == 0), *group_rules(s, n, t, m))


# What is subtracted from the group sizes in the two parts of the variance: that of the standardiser and that
# of the difference.
LOSSES = {"LS": (1, 1), "LS2": (0, 0), "LS3": (1, 0)}


def smd_unequal(
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
    """Difference of two means in units of sqrt((sd1^2 + sd2^2) / 2), for groups that scatter differently.

    Shapes: broadcast. Sign: first group minus second. `vtype` names how group sizes enter the variance: less
    one ("LS"), as they are ("LS2"), or less one for the standardiser only ("LS3"). Raises KeyError on an
    unknown `correction` or `vtype`.
    **Source** Bonett 2008, Psychol Methods 13:99-109; Bonett 2009, Psychol Methods 14:225-238. Oracle:
    `escalc(measure="SMDH", vtype=, correct=)` of metafor 5; version 3.8 has other formulas.
    """
    a, s, n, b, t, m = floats(m1, sd1, n1, m2, sd2, n2)
    inner, outer = LOSSES[vtype]
    with np.errstate(all="ignore"):
        mean = (s**2 + t**2) / 2
        yi = CORRECTIONS[correction](n + m - 2) * (a - b) / np.sqrt(mean)
        vi = yi**2 * (s**4 / (n - inner) + t**4 / (m - inner)) / (8 * mean**2)
        vi = vi + (s**2 / (n - outer) + t**2 / (m - outer)) / mean
        return effects(yi, vi, *group_rules(s, n, t, m))
