"""Logarithm of the ratio of two means, of independent groups and of one group measured twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, effects, floats
from living.stats.means import group_rules, pooled_variance
from living.stats.paired import paired_rules
from living.stats.status import Status


class Arms(NamedTuple):
    """Means, SDs and sizes of both groups, all [..., studies]."""

    m1: FloatArray
    sd1: FloatArray
    n1: FloatArray
    m2: FloatArray
    sd2: FloatArray
    n2: FloatArray

    @property
    def first(self) -> FloatArray:
        """Squared coefficient of variation of the first mean."""
        return self.sd1**2 / (self.n1 * self.m1**2)

    @property
    def second(self) -> FloatArray:
        """Squared coefficient of variation of the second mean."""
        return self.sd2**2 / (self.n2 * self.m2**2)


def ratio_ls(a: Arms) -> FloatArray:
    """First-order variance. **Source** Hedges, Gurevitch & Curtis 1999, Ecology 80:1150-1156."""
    return a.first + a.second


def ratio_ls2(a: Arms) -> FloatArray:
    """Second-order variance. **Source** Lajeunesse 2015, Methods Ecol Evol 6:1056-1063. Oracle: "LS2"."""
    return a.first + a.second + (a.first**2 + a.second**2) / 2


def ratio_ho(a: Arms) -> FloatArray:
    """First-order variance with one pooled SD. Oracle: "HO"."""
    return pooled_variance(a.sd1, a.n1, a.sd2, a.n2) * (1 / (a.n1 * a.m1**2) + 1 / (a.n2 * a.m2**2))


def ratio_av(a: Arms) -> FloatArray:
    """With each group's average coefficient of variation over the studies. Oracle: "AV".

    **Source** Nakagawa et al. 2023, Ecol Lett 26:232-244.
    """
    known = np.isfinite(a.first + a.second)
    one, two = _average(a.sd1 / a.m1, a.n1, known), _average(a.sd2 / a.m2, a.n2, known)
    return one**2 / a.n1 + two**2 / a.n2


def ratio_avho(a: Arms) -> FloatArray:
    """With one average coefficient of variation over studies and groups. Oracle: "AVHO"."""
    known = np.isfinite(a.first + a.second)
    both = (a.n1 * a.sd1 / a.m1 + a.n2 * a.sd2 / a.m2) / (a.n1 + a.n2)
    return _average(both, a.n1 + a.n2, known) ** 2 * (1 / a.n1 + 1 / a.n2)


RATIO_VARIANCES: dict[str, Callable[[Arms], FloatArray]] = {
    "LS": ratio_ls,
    "LS2": ratio_ls2,
    "HO": ratio_ho,
    "AV": ratio_av,
    "AVHO": ratio_avho,
}


def ratio_of_means(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    corrected: bool = False,
    vtype: str = "LS",
) -> Effects:
    """Natural logarithm of the ratio of two means, first group over second.

    Shapes: broadcast; with vtype "AV" and "AVHO" the last axis are the studies. The ratio needs a scale with
    a true zero; means of opposite sign, or a mean of 0, are IMPOSSIBLE_INPUT. `corrected` removes the bias of
    the logarithm in small samples. Raises KeyError on an unknown `vtype`.
    **Source** Hedges, Gurevitch & Curtis 1999; correction Lajeunesse 2015, Methods Ecol Evol 6:1056-1063.
    Oracle: `escalc(measure="ROM", vtype=, correct=)`; versions before 5 never correct.
    """
    a = Arms(*floats(m1, sd1, n1, m2, sd2, n2))
    with np.errstate(all="ignore"):
        yi = np.log(a.m1 / a.m2) + (0.5 * (a.first - a.second) if corrected else 0.0)
        rules = [*group_rules(a.sd1, a.n1, a.sd2, a.n2), (Status.IMPOSSIBLE_INPUT, a.m1 * a.m2 <= 0)]
        return effects(yi, RATIO_VARIANCES[vtype](a), *rules)


RATIO_ORDERS = {"LS": 0.0, "LS2": 1.0}  # how much of the second-order term of the variance counts


def paired_ratio_of_means(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    corrected: bool = False,
    vtype: str = "LS",
) -> Effects:
    """Natural logarithm of the ratio of one group's means under two conditions, first over second.

    Shapes: broadcast; `n` people, each measured in both conditions with correlation `r`. `vtype`: first order
    ("LS") or second order ("LS2"); raises KeyError on another.
    **Source** Lajeunesse 2011, Ecology 92:2049-2055; Lajeunesse 2015. Oracle: `escalc(measure="ROMC",
    vtype=, correct=)` of metafor 5.
    """
    a, s, b, t, m, corr = floats(m1, sd1, m2, sd2, n, r)
    with np.errstate(all="ignore"):
        one, two = s**2 / (m * a**2), t**2 / (m * b**2)
        second = (one**2 + two**2) / 2
        second = second + corr**2 * one * two * (a**4 + b**4) / (2 * a**2 * b**2)
        vi = one + two - 2 * corr * s * t / (a * b * m) + RATIO_ORDERS[vtype] * second
        yi = np.log(a / b) + (0.5 * (one - two) if corrected else 0.0)
        return effects(yi, vi, *paired_rules(s, t, m, corr), (Status.IMPOSSIBLE_INPUT, a * b <= 0))


def _average(values: FloatArray, sizes: FloatArray, known: np.ndarray) -> FloatArray:
    total = np.where(known, sizes, 0.0).sum(-1)
    return np.asarray(np.where(known, values * sizes, 0.0).sum(-1) / total)[..., None]
