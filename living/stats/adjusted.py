"""Intervals of a pooled mean that need more than one fit: Kenward-Roger's, and the ad hoc rules around HK."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray
from living.stats.fit import Fits, fit
from living.stats.intervals import critical, two_sided_p
from living.stats.moments import lay_out


def fit_kenward_roger(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    level: float = 0.95,
    include: npt.ArrayLike | None = None,
) -> Fits:
    """Pool every row by REML with Kenward and Roger's standard error and degrees of freedom.

    Shapes and raises: as `fit`. The standard error allows for tau2 being an estimate by REML (another `tau2`
    is taken at that uncertainty); the degrees of freedom can fall below 1, and the interval is then very
    wide. The prediction interval uses both.
    **Source** Kenward & Roger 1997, Biometrics 53:983-997, with the expected information; Partlett & Riley
    2017, Stat Med 36:301-317. Oracle: `metagen(method.tau="REML", method.random.ci="KR",
    method.predict="KR")`.

    >>> found = fit_kenward_roger([0.1, 0.3, 0.8, -0.2], [0.04, 0.02, 0.09, 0.05])
    >>> round(float(found.se), 4), round(float(found.df), 3)
    (0.1811, 2.581)
    """
    wald = fit(yi, vi, tau2=tau2, interval="wald", level=level, include=include)
    layout = lay_out(yi, vi, include)
    with np.errstate(all="ignore"):
        w = layout.weights(np.where(wald.ok, wald.tau2, 0.0))
        one, two, three = ((w**power).sum((-2, -1)) for power in (1, 2, 3))
        tau2_variance = 2 / layout.trace_pp(w)
        variance = 1 / one + 2 * tau2_variance * (three - two**2 / one) / one**2
        df = 2 / (tau2_variance * (variance * two) ** 2)
        se = np.sqrt(variance)
        changed = _mean_interval(wald.mu, se, df, level)
        spread = critical(df, level) * np.sqrt(wald.tau2 + variance)
        changed |= {"pi_low": wald.mu - spread, "pi_high": wald.mu + spread}
    return replace(wald, **{key: np.where(wald.ok, new, getattr(wald, key)) for key, new in changed.items()})


def fit_wider(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    prediction: str = "HTS",
    level: float = 0.95,
    include: npt.ArrayLike | None = None,
) -> Fits:
    """Pool every row with Hartung and Knapp's interval, or Wald's where that one is wider.

    Shapes and raises: as `fit`. The standard error and P are those of the interval that was taken; an
    infinite `df` tells that it was Wald's. A row without width in Hartung and Knapp's way takes Wald's.
    **Source** Wiksten, Ruecker & Schwarzer 2016, Stat Med 35:2503-2515; Jackson et al. 2017, Stat Med
    36:3923-3934. Oracle: `metagen(method.random.ci="HK", adhoc.hakn.ci="ci")`.
    """
    case = (yi, vi, tau2, prediction, level, include)
    knapp, wald = _fit("HK", *case), _fit("wald", *case)
    return _mixed(knapp, wald, wald.ok & ~(_width(knapp) >= _width(wald)))


def fit_iqwig(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "PM",
    prediction: str = "HTS",
    level: float = 0.95,
    include: npt.ArrayLike | None = None,
) -> Fits:
    """Pool every row with Hartung and Knapp's interval, guarded where it is narrower than a simpler one.

    Shapes and raises: as `fit`. The comparison is with the normal interval of a DerSimonian-Laird fit,
    whatever `tau2` is; the guarded interval never has a factor below 1.
    **Source** IQWiG General Methods, version 6 (2020). Oracle:
    `metagen(method.random.ci="HK", adhoc.hakn.ci="IQWiG6")`.
    """
    case = (yi, vi, tau2, prediction, level, include)
    knapp, guarded = _fit("HK", *case), _fit("HK-guarded", *case)
    simple = fit(yi, vi, tau2="DL", interval="wald", level=level, include=include)
    return _mixed(knapp, guarded, guarded.ok & ~(_width(knapp) >= _width(simple)))


def _fit(
    interval: str,
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    tau2: str | float,
    prediction: str,
    level: float,
    include: npt.ArrayLike | None,
) -> Fits:
    return fit(yi, vi, tau2=tau2, interval=interval, prediction=prediction, level=level, include=include)


def _mean_interval(mu: FloatArray, se: FloatArray, df: FloatArray, level: float) -> dict[str, FloatArray]:
    half = critical(df, level) * se
    numbers = {"se": se, "ci_low": mu - half, "ci_high": mu + half, "statistic": mu / se, "df": df}
    return numbers | {"p": two_sided_p(mu / se, df)}


def _width(found: Fits) -> FloatArray:
    return found.ci_high - found.ci_low


def _mixed(first: Fits, second: Fits, where: BoolArray) -> Fits:
    """The rows of `second` where told so, of `first` elsewhere."""
    merged = {}
    for field in fields(Fits):
        a, b = getattr(first, field.name), getattr(second, field.name)
        chosen = where[..., None] if field.name == "weights" else where
        merged[field.name] = np.where(chosen, b, a)
    return Fits(**merged)
