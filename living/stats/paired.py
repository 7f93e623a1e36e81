"""Effect sizes of one group measured twice: crossover trials and changes within a group.

Three standardisers and three variances circulate for the same data, and they give different standard errors.
Each is a function here, so that the one used has a name. `r` is the correlation between the two conditions
within people.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.correlations import without_bias
from living.stats.effects import Effects, FloatArray, Rule, effects, floats
from living.stats.means import CORRECTIONS
from living.stats.status import Status


def paired_mean_difference(
    difference: npt.ArrayLike, sd1: npt.ArrayLike, sd2: npt.ArrayLike, n: npt.ArrayLike, r: npt.ArrayLike
) -> Effects:
    """Mean within-person difference whose variance comes from both SDs and their correlation.

    Shapes: broadcast; `n` people, each measured in both conditions. Sign: first condition minus second.
    **Source** Elbourne 2002, Int J Epidemiol 31:140-149; Handbook 6.3, section 23.2.6. Oracle:
    `escalc(measure="MC")`.
    """
    y, s, t, m, corr = floats(difference, sd1, sd2, n, r)
    with np.errstate(all="ignore"):
        return effects(y, (s**2 + t**2 - 2 * corr * s * t) / m, *paired_rules(s, t, m, corr))


def smd_change_sd(
    difference: npt.ArrayLike,
    sd_difference: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Within-person difference in units of the SD of the differences (SMCC); not on the scale of a parallel
    trial's d.

    Shapes: broadcast. `vtype`: large-sample variance at the corrected estimate ("LS"), that of the
    uncorrected one times the squared correction ("LS2"), or the unbiased one ("UB"). Raises KeyError on
    another.
    **Source** Gibbons 1993, J Educ Stat 18:271-279. Oracle: `escalc(measure="SMCC", vtype=, correct=)`.
    """
    y, s, m = floats(difference, sd_difference, n)
    with np.errstate(all="ignore"):
        c = CORRECTIONS[correction](m - 1)
        vi = CHANGE_VARIANCES[vtype](c * y / s, c, m)
        return effects(c * y / s, vi, *paired_rules(s, s, m, np.zeros_like(s)))


def smd_raw_sd(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    correction: str = "exact",
    vtype: str = "LS",
) -> Effects:
    """Within-person difference in units of the first condition's SD (SMCR).

    Shapes: broadcast. Variance 2(1-r)/n + y^2/(2n) with the corrected estimate y ("LS"), the same of the
    uncorrected one times the squared correction ("LS2"), or the unbiased one ("UB"; n > 3). Raises KeyError
    on another `vtype`.
    **Source** Becker 1988, Br J Math Stat Psychol 41:257-278. Oracle: `escalc(measure="SMCR", vtype=)`.
    """
    y, s, m, corr = floats(difference, sd1, n, r)
    name = {"LS": "SMCR", "LS2": "SMCR-LS2", "UB": "SMCR-UB"}[vtype]
    return _standardised(y, s, m, corr, correction, name, *paired_rules(s, s, m, corr))


def smd_average_sd(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike,
    *,
    correction: str = "none",
    variance: str = "SMCR",
) -> Effects:
    """Within-person difference in units of sqrt((sd1^2 + sd2^2) / 2): on the scale of a parallel trial's d.

    Shapes: broadcast. `variance` names the formula: "SMCR" is 2(1-r)/n + y^2/(2n); "Handbook" is 2(1-r) (1/n
    + y^2/(2n)), which is smaller whenever r > 1/2. Raises KeyError on any other name.
    **Source** "SMCR" Becker 1988, with the average SD; "Handbook" Cochrane Handbook 6.3, section 23.2.7.2.
    Oracle: `escalc(measure="SMCR")` when sd1 = sd2.
    """
    y, s, t, m, corr = floats(difference, sd1, sd2, n, r)
    sd = np.sqrt((s**2 + t**2) / 2)
    return _standardised(y, sd, m, corr, correction, variance, *paired_rules(s, t, m, corr))


def variance_smcr(yi: FloatArray, c: FloatArray, n: FloatArray, r: FloatArray) -> FloatArray:
    """2(1-r)/n + y^2/(2n). **Source** Becker 1988; metafor SMCR."""
    return 2 * (1 - r) / n + yi**2 / (2 * n)


def variance_smcr_ls2(yi: FloatArray, c: FloatArray, n: FloatArray, r: FloatArray) -> FloatArray:
    """The variance of the uncorrected estimate, times the squared correction c. Oracle: SMCR "LS2"."""
    return c**2 * 2 * (1 - r) / n + yi**2 / (2 * n)


def variance_smcr_ub(yi: FloatArray, c: FloatArray, n: FloatArray, r: FloatArray) -> FloatArray:
    """Unbiased, with the unbiased correlation. Oracle: SMCR "UB"."""
    return 2 * (1 - without_bias(r, n)) / n + change_ub(yi, c, n) - 1 / n


def variance_handbook(yi: FloatArray, c: FloatArray, n: FloatArray, r: FloatArray) -> FloatArray:
    """2(1-r) (1/n + y^2/(2n)).

    **Source** Cochrane Handbook 6.3, section 23.2.7.2; Borenstein 2009, equation 4.28.
    """
    return 2 * (1 - r) * (1 / n + yi**2 / (2 * n))


PAIRED_VARIANCES = {
    "SMCR": variance_smcr,
    "SMCR-LS2": variance_smcr_ls2,
    "SMCR-UB": variance_smcr_ub,
    "Handbook": variance_handbook,
}


def change_ls(yi: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
    """1/n + y^2/(2n). **Source** Gibbons 1993. Oracle: SMCC "LS"."""
    return 1 / n + yi**2 / (2 * n)


def change_ls2(yi: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
    """The variance of the uncorrected estimate, times the squared correction c. Oracle: SMCC "LS2"."""
    return c**2 / n + yi**2 / (2 * n)


def change_ub(yi: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
    """Unbiased variance of the estimate corrected exactly. **Source** Hedges 1983. Oracle: SMCC "UB"."""
    return 1 / n + (1 - (n - 3) / ((n - 1) * c**2)) * yi**2


CHANGE_VARIANCES = {"LS": change_ls, "LS2": change_ls2, "UB": change_ub}


def _standardised(
    difference: FloatArray,
    sd: FloatArray,
    n: FloatArray,
    r: FloatArray,
    correction: str,
    variance: str,
    *rules: Rule,
) -> Effects:
    with np.errstate(all="ignore"):
        c = CORRECTIONS[correction](n - 1)
        yi = c * difference / sd
        return effects(yi, PAIRED_VARIANCES[variance](yi, c, n, r), *rules)


def paired_rules(sd1: FloatArray, sd2: FloatArray, n: FloatArray, r: FloatArray) -> list[Rule]:
    """What one group measured twice must satisfy before an effect exists."""
    return [
        (Status.NO_VARIANCE, (sd1 < 0) | (sd2 < 0) | ((sd1 == 0) & (sd2 == 0))),
        (Status.TOO_FEW_PARTICIPANTS, n < 2),
        (Status.IMPOSSIBLE_INPUT, np.abs(r) > 1),
    ]
