"""Whether treatment changes how much people differ: log ratios of SDs and of coefficients of variation.

Groups are independent, or one group under two conditions with correlation `r`. Coefficients of variation need
a scale with a true zero.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, effects, floats
from living.stats.means import group_rules
from living.stats.paired import paired_rules
from living.stats.ratios import paired_ratio_of_means, ratio_of_means
from living.stats.status import Status

ORDERS = {"LS": 0.0, "LS2": 1.0}  # how much of the second-order term of the variance counts


def variability_ratio(
    sd1: npt.ArrayLike, n1: npt.ArrayLike, sd2: npt.ArrayLike, n2: npt.ArrayLike, *, vtype: str = "LS"
) -> Effects:
    """Natural logarithm of the ratio of two groups' SDs, first over second, corrected for their sizes.

    Shapes: broadcast. `vtype`: first order ("LS") or second order ("LS2"); raises KeyError on another.
    **Source** Nakagawa et al. 2015, Methods Ecol Evol 6:143-152; second order Senior et al. 2020, Res Synth
    Methods 11:553-567 (both as implemented by metafor, not read). Oracle: `escalc(measure="VR", vtype=)`.

    >>> found = variability_ratio(2.0, 11, 1.0, 11)
    >>> round(float(found.yi), 4), round(float(found.vi), 2)
    (0.6931, 0.1)
    """
    s, n, t, m = floats(sd1, n1, sd2, n2)
    with np.errstate(all="ignore"):
        yi = np.log(s / t) + _size_bias(n, m)
        return effects(yi, _spread_variance(n, m, vtype), *group_rules(s, n, t, m), _flat(s, t))


def cv_ratio(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    corrected: bool = True,
    vtype: str = "LS",
) -> Effects:
    """Natural logarithm of the ratio of two groups' coefficients of variation, first over second.

    Shapes: broadcast. `corrected` removes the bias of both logarithms in small samples. Means of opposite
    sign, or a mean of 0, are IMPOSSIBLE_INPUT. `vtype`: "LS" or "LS2"; raises KeyError on another.
    **Source** Nakagawa 2015; Senior 2020 (both as implemented by metafor, not read). Oracle:
    `escalc(measure="CVR", vtype=, correct=)` of metafor 5.
    """
    s, n, t, m = floats(sd1, n1, sd2, n2)
    means = ratio_of_means(m1, sd1, n1, m2, sd2, n2, corrected=corrected, vtype=vtype)
    with np.errstate(all="ignore"):
        yi = np.log(s / t) + (_size_bias(n, m) if corrected else 0.0) - means.yi
        vi = _spread_variance(n, m, vtype) + means.vi
        return effects(yi, vi, *_refusals(means), *group_rules(s, n, t, m), _flat(s, t))


def paired_variability_ratio(
    sd1: npt.ArrayLike, sd2: npt.ArrayLike, n: npt.ArrayLike, r: npt.ArrayLike, *, vtype: str = "LS"
) -> Effects:
    """Natural logarithm of the ratio of one group's SDs under two conditions, first over second.

    Shapes: broadcast; `n` people with correlation `r`. `vtype`: "LS" or "LS2"; raises KeyError on another.
    **Source** Senior et al. 2020 (as implemented by metafor, not read). Oracle: `escalc(measure="VRC",
    vtype=)` of metafor 5.
    """
    s, t, m, corr = floats(sd1, sd2, n, r)
    with np.errstate(all="ignore"):
        vi = _paired_spread_variance(s, t, m, corr, vtype)
        return effects(np.log(s / t), vi, *paired_rules(s, t, m, corr), _flat(s, t))


def paired_cv_ratio(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    corrected: bool = True,
    vtype: str = "LS",
) -> Effects:
    """Natural logarithm of the ratio of one group's coefficients of variation under two conditions.

    Shapes: broadcast; `n` people with correlation `r`. `vtype`: "LS" or "LS2"; raises KeyError on another.
    **Source** Senior et al. 2020 (as implemented by metafor, not read). Oracle: `escalc(measure="CVRC",
    vtype=, correct=)` of metafor 5.
    """
    s, t, m, corr = floats(sd1, sd2, n, r)
    means = paired_ratio_of_means(m1, sd1, m2, sd2, n, r, corrected=corrected, vtype=vtype)
    with np.errstate(all="ignore"):
        vi = _paired_spread_variance(s, t, m, corr, vtype) + means.vi
        rules = [*_refusals(means), *paired_rules(s, t, m, corr), _flat(s, t)]
        return effects(np.log(s / t) - means.yi, vi, *rules)


def _size_bias(n: FloatArray, m: FloatArray) -> FloatArray:
    """How much the logarithm of an SD falls short for n people, group one less group two."""
    return 1 / (2 * (n - 1)) - 1 / (2 * (m - 1))


def _spread_variance(n: FloatArray, m: FloatArray, vtype: str) -> FloatArray:
    first, second = 1 / (n - 1), 1 / (m - 1)
    return (first + second) / 2 + ORDERS[vtype] * (first**2 + second**2) / 2


def _paired_spread_variance(
    s: FloatArray, t: FloatArray, n: FloatArray, r: FloatArray, vtype: str
) -> FloatArray:
    first = (1 - r**2) / (n - 1)
    second = (1 + r**4 * (s**8 + t**8) / (2 * s**4 * t**4)) / (n - 1) ** 2
    return first + ORDERS[vtype] * second


def _flat(s: FloatArray, t: FloatArray) -> tuple[Status, np.ndarray]:
    """An SD of 0 has no logarithm."""
    return Status.NO_VARIANCE, (s <= 0) | (t <= 0)


def _refusals(found: Effects) -> list[tuple[Status, np.ndarray]]:
    """The refusals of another effect, as rules."""
    return [(Status(int(code)), found.status == code) for code in np.unique(found.status[~found.ok])]
