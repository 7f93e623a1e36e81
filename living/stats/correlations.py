"""Correlations as effects: as they are, without bias, Fisher's z, and of a group with a measurement."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import hyp2f1

from living.stats.effects import Effects, FloatArray, Rule, effects, floats
from living.stats.means import group_rules, pooled_variance
from living.stats.status import Status

SHORT_SERIES, TERMS = 30.0, 60  # from such a third parameter on, the terms left out are below 1e-23


def correlation(r: npt.ArrayLike, n: npt.ArrayLike, *, average: bool = False) -> Effects:
    """A Pearson correlation of n pairs.

    Shapes: broadcast; with `average` (the variance at the size-weighted mean correlation of all studies) the
    last axis are the studies.
    **Source** Hunter & Schmidt 2004, chapter 3. Oracle: `escalc(measure="COR", vtype="LS")`, "AV".
    """
    y, m = floats(r, n)
    with np.errstate(all="ignore"):
        at = _weighted_mean(y, m) if average else y
        return effects(y, (1 - at**2) ** 2 / (m - 1), *_rules(y, m))


def unbiased_correlation(r: npt.ArrayLike, n: npt.ArrayLike, *, vtype: str = "LS") -> Effects:
    """The correlation of n > 3 pairs that is right on average (Olkin and Pratt's).

    Shapes: broadcast. `vtype`: large-sample variance ("LS") or the unbiased one ("UB"), which is negative,
    and then refused, for some correlations near 0. Raises KeyError on another.
    **Source** Olkin & Pratt 1958, Ann Math Stat 29:201-211 (hypergeometric form; as implemented by metafor,
    not read). Oracle: `escalc(measure="UCOR", vtype=)`.

    >>> round(float(unbiased_correlation(0.5, 28).yi), 4)
    0.5077
    """
    y, m = floats(r, n)
    with np.errstate(all="ignore"):
        better = without_bias(y, m)
        return effects(better, UNBIASED_VARIANCES[vtype](better, y, m), *_rules(y, m))


def without_bias(r: FloatArray, n: FloatArray) -> FloatArray:
    """Return Olkin and Pratt's unbiased estimate of the correlation behind r. Shapes: broadcast, n > 2."""
    return r * _hypergeometric(0.5, (n - 2) / 2, 1 - r**2)


def unbiased_ls(better: FloatArray, r: FloatArray, n: FloatArray) -> FloatArray:
    """(1 - y^2)^2 / (n - 1) at the unbiased estimate y. Oracle: UCOR "LS"."""
    return (1 - better**2) ** 2 / (n - 1)


def unbiased_ub(better: FloatArray, r: FloatArray, n: FloatArray) -> FloatArray:
    """y^2 less the unbiased estimate of the squared correlation. Oracle: UCOR "UB"."""
    rest = 1 - r**2
    return better**2 - 1 + (n - 3) / (n - 2) * rest * _hypergeometric(1.0, n / 2, rest)


UNBIASED_VARIANCES = {"LS": unbiased_ls, "UB": unbiased_ub}


def point_biserial_correlation(
    m1: npt.ArrayLike,
    sd1: npt.ArrayLike,
    n1: npt.ArrayLike,
    m2: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n2: npt.ArrayLike,
) -> Effects:
    """Correlation of belonging to group one with a measurement, group sizes taken as fixed.

    Shapes: broadcast. Sign: positive when group one has the higher mean.
    **Source** Jacobs & Viechtbauer 2017, Res Synth Methods 8:161-180 (as implemented by metafor, not read).
    Oracle: `escalc(measure="RPB", vtype="ST")`.
    """
    a, s, n, b, t, m = floats(m1, sd1, n1, m2, sd2, n2)
    with np.errstate(all="ignore"):
        df = n + m - 2
        h = df / n + df / m
        d = (a - b) / np.sqrt(pooled_variance(s, n, t, m))
        vi = h**2 / (h + d**2) ** 3 * (1 / n + 1 / m + d**2 / (2 * (n + m)))
        return effects(d / np.sqrt(d**2 + h), vi, *group_rules(s, n, t, m))


def fisher_z(r: npt.ArrayLike, n: npt.ArrayLike) -> Effects:
    """Fisher's z of a correlation of n > 3 pairs; its variance does not depend on r. Shapes: broadcast.

    **Source** Fisher 1921, Metron 1:3-32. Oracle: `escalc(measure="ZCOR")`.

    >>> round(float(fisher_z(0.5, 28).yi), 4), round(float(fisher_z(0.5, 28).vi), 2)
    (0.5493, 0.04)
    """
    y, m = floats(r, n)
    with np.errstate(all="ignore"):
        return effects(np.arctanh(y), 1 / (m - 3), *_rules(y, m))


def correlation_from_z(z: npt.ArrayLike) -> FloatArray:
    """A correlation from Fisher's z, for a pooled estimate and its limits. Shapes: any.

    **Source** Fisher 1921.
    """
    (value,) = floats(z)
    return np.tanh(value)


def _hypergeometric(a: float, c: FloatArray, z: FloatArray) -> FloatArray:
    """2F1(a, a; c; z), 0 <= z <= 1; the library's own is NaN at some large c, where its series is short."""
    direct = hyp2f1(a, a, np.minimum(c, SHORT_SERIES), z)
    total = term = np.ones_like(z * c)
    for k in range(TERMS):
        term = term * (a + k) ** 2 / ((np.maximum(c, SHORT_SERIES) + k) * (k + 1)) * z
        total = total + term
    return np.where(c < SHORT_SERIES, direct, total)


def _weighted_mean(y: FloatArray, n: FloatArray) -> FloatArray:
    known = np.isfinite(y * n)
    total = np.where(known, n, 0.0).sum(-1)
    return np.asarray(np.where(known, y * n, 0.0).sum(-1) / total)[..., None]


def _rules(r: FloatArray, n: FloatArray) -> list[Rule]:
    return [(Status.IMPOSSIBLE_INPUT, np.abs(r) > 1), (Status.TOO_FEW_PARTICIPANTS, n <= 3)]
