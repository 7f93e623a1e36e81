"""Confidence and prediction intervals of a pooled mean, one function per named method."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from living.stats.effects import FloatArray
from living.stats.moments import everywhere


class Basis(NamedTuple):
    """What an interval is built on: a standard error and its degrees of freedom (infinite means normal)."""

    se: FloatArray
    df: FloatArray


def wald(wald_se: FloatArray, q: FloatArray, df: FloatArray) -> Basis:
    """Normal interval with the inverse-variance standard error (RevMan 5).

    Here and below: `wald_se` = 1 / sqrt(sum of weights), `q` = the generalised Q at tau2 over its `df`, all
    [...].
    **Source** DerSimonian & Laird 1986. Oracle: `rma(test="z")`.
    """
    return Basis(wald_se, np.full_like(df, np.inf))


def wald_t(wald_se: FloatArray, q: FloatArray, df: FloatArray) -> Basis:
    """The same standard error with a t distribution on k - 1 degrees of freedom.

    **Source** Follmann & Proschan 1999, Biometrics 55:732-737. Oracle: `rma(test="t")`.
    """
    return Basis(wald_se, df)


def hartung_knapp(wald_se: FloatArray, q: FloatArray, df: FloatArray) -> Basis:
    """Variance scaled by the generalised Q over its degrees of freedom, t on k - 1; can be narrower than
    Wald's.

    **Source** Knapp & Hartung 2003, Stat Med 22:2693-2710, equation 3. Oracle: `rma(test="knha")`.
    """
    return Basis(wald_se * np.sqrt(q), df)


def hartung_knapp_guarded(wald_se: FloatArray, q: FloatArray, df: FloatArray) -> Basis:
    """Hartung and Knapp's interval whose factor is not allowed below 1, so it is never narrower than Wald's.

    **Source** Knapp & Hartung 2003, section 3; Cochrane Handbook 6.5, section 10.10.4. Oracle:
    `rma(test="adhoc")`.
    """
    return Basis(wald_se * np.sqrt(np.maximum(q, 1.0)), df)


INTERVALS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], Basis]] = {
    "wald": wald,
    "wald-t": wald_t,
    "HK": hartung_knapp,
    "HK-guarded": hartung_knapp_guarded,
}


def predict_hts(
    mu_se: FloatArray, wald_se: FloatArray, tau2: FloatArray, k: FloatArray, df: FloatArray
) -> Basis:
    """Prediction interval on t with k - 2 degrees of freedom and Wald's standard error; none below three
    studies.

    **Source** Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137-159, equation 12.
    """
    return Basis(np.sqrt(tau2 + wald_se**2), np.where(k > 2, k - 2, np.nan))


def predict_k1(
    mu_se: FloatArray, wald_se: FloatArray, tau2: FloatArray, k: FloatArray, df: FloatArray
) -> Basis:
    """Prediction interval on t with k - 1 degrees of freedom and the standard error of the confidence
    interval.

    **Source** Viechtbauer 2010 (metafor); Cochrane Handbook 6.5, section 10.10.4. Oracle:
    `predict(rma(test="knha"))`.
    """
    return Basis(np.sqrt(tau2 + mu_se**2), np.where(k > 1, k - 1, np.nan))


def predict_k2(
    mu_se: FloatArray, wald_se: FloatArray, tau2: FloatArray, k: FloatArray, df: FloatArray
) -> Basis:
    """Prediction interval on t with k - 2 degrees of freedom and the standard error of the confidence
    interval; with Hartung and Knapp's it is the interval Partlett and Riley examine.

    **Source** Partlett & Riley 2017, Stat Med 36:301-317. Oracle: `metagen(method.random.ci="HK",
    method.predict="HK-PR")`.
    """
    return Basis(np.sqrt(tau2 + mu_se**2), np.where(k > 2, k - 2, np.nan))


def predict_normal(
    mu_se: FloatArray, wald_se: FloatArray, tau2: FloatArray, k: FloatArray, df: FloatArray
) -> Basis:
    """Prediction interval on the normal distribution; too narrow with few studies. Oracle:
    `predict(rma(test="z"))`.

    **Source** Skipka 2006, cited in Viechtbauer 2010.
    """
    return Basis(np.sqrt(tau2 + mu_se**2), np.where(k > 1, np.inf, np.nan))


PREDICTIONS: dict[str, Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Basis]] = {
    "HTS": predict_hts,
    "t(k-1)": predict_k1,
    "t(k-2)": predict_k2,
    "normal": predict_normal,
}


def checked_level(level: float) -> float:
    """Return the confidence level. Raises ValueError unless 0 < level < 1."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    return level


def critical(df: npt.ArrayLike, level: float) -> FloatArray:
    """Two-sided critical value: normal where `df` is infinite, otherwise t; NaN where `df` is NaN or not
    positive.

    Shapes: any. Raises ValueError unless 0 < level < 1.
    """
    upper = (1 + checked_level(level)) / 2
    d = np.asarray(df, dtype=np.float64)
    if d.size > 1:  # the quantile of t is slow, and a batch has few different degrees of freedom
        values, place = np.unique(d, return_inverse=True)
        return np.asarray(_quantile(values, upper)[place].reshape(d.shape))
    return _quantile(d, upper)


def _quantile(d: FloatArray, upper: float) -> FloatArray:
    known = (d > 0) & (d < np.inf)
    if everywhere(known):
        return np.asarray(stdtrit(d, upper))
    t = stdtrit(np.where(known, d, 1.0), upper)
    return np.where(known, t, np.where(np.isposinf(d), ndtri(upper), np.nan))


def two_sided_p(statistic: npt.ArrayLike, df: npt.ArrayLike) -> FloatArray:
    """Two-sided P of a z (infinite `df`) or t statistic; NaN where `df` is NaN or not positive.

    Shapes: broadcast.
    """
    s, d = np.asarray(statistic, dtype=np.float64), np.asarray(df, dtype=np.float64)
    known = (d > 0) & (d < np.inf)
    if everywhere(known):
        return np.asarray(2 * stdtr(d, -np.abs(s)))
    t = 2 * stdtr(np.where(known, d, 1.0), -np.abs(s))
    return np.where(known, t, np.where(np.isposinf(d), 2 * ndtr(-np.abs(s)), np.nan))


def study_interval(
    yi: npt.ArrayLike, vi: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wald interval of each single study, for a forest plot. Shapes: any. Oracle: `summary(escalc(...))`."""
    y = np.asarray(yi, dtype=np.float64)
    half = critical(np.inf, level) * np.sqrt(np.asarray(vi, dtype=np.float64))
    return y - half, y + half
