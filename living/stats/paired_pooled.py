"""Standardised differences of one group measured twice whose two standard deviations may differ."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, effects, floats
from living.stats.means import CORRECTIONS
from living.stats.paired import paired_rules
from living.stats.status import Status

LOSSES = {"LS": 1, "LS2": 0}  # subtracted from n in the variance


def smd_raw_sd_unequal(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Within-person difference in units of the first condition's SD, the second SD being different (SMCRH).

    Shapes: broadcast. `vtype`: n - 1 in the variance ("LS") or n ("LS2"). Raises KeyError on another.
    **Source** Bonett 2008, Psychol Methods 13:99-109. Oracle: `escalc(measure="SMCRH", vtype=, correct=)` of
    metafor 5; version 3.8 has another formula.
    """
    y, s, t, m, corr = floats(difference, sd1, sd2, n, r)
    people = m - LOSSES[vtype]
    with np.errstate(all="ignore"):
        yi = CORRECTIONS[correction](m - 1) * y / s
        vi = (s**2 + t**2 - 2 * corr * s * t) / (s**2 * people) + yi**2 / (2 * people)
        return effects(yi, vi, (Status.NO_VARIANCE, s == 0), *paired_rules(s, t, m, corr))


def smd_pooled_sd(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    correction: str = "exact",
) -> Effects:
    """Within-person difference in units of sqrt((sd1^2 + sd2^2) / 2), with the SDs taken for equal (SMCRP).

    Shapes: broadcast. The correction uses 2 (n - 1) / (1 + r^2) degrees of freedom: two correlated SDs carry
    less than two independent ones.
    **Source** Cousineau 2020, Quant Methods Psychol 16:418-421. Oracle:
    `escalc(measure="SMCRP", correct=)`.
    """
    y, s, t, m, corr = floats(difference, sd1, sd2, n, r)
    with np.errstate(all="ignore"):
        c = CORRECTIONS[correction](2 * (m - 1) / (1 + corr**2))
        yi = c * y / np.sqrt((s**2 + t**2) / 2)
        vi = 2 * (1 - corr) / m + yi**2 * (1 + corr**2) / (4 * m)
        return effects(yi, vi, *paired_rules(s, t, m, corr))


def smd_pooled_sd_unequal(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Within-person difference in units of sqrt((sd1^2 + sd2^2) / 2), for SDs that differ (SMCRPH).

    Shapes: broadcast. `vtype` as in `smd_raw_sd_unequal`.
    **Source** Bonett 2008, Psychol Methods 13:99-109. Oracle: `escalc(measure="SMCRPH", vtype=, correct=)`.
    """
    y, s, t, m, corr = floats(difference, sd1, sd2, n, r)
    people = m - LOSSES[vtype]
    with np.errstate(all="ignore"):
        mean = (s**2 + t**2) / 2
        yi = CORRECTIONS[correction](2 * (m - 1) / (1 + corr**2)) * y / np.sqrt(mean)
        vi = yi**2 * (s**4 + t**4 + 2 * (corr * s * t) ** 2) / (8 * people * mean**2)
        vi = vi + (s**2 + t**2 - 2 * corr * s * t) / (people * mean)
        return effects(yi, vi, *paired_rules(s, t, m, corr))
