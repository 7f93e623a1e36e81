"""What each study does to the pooled result: residuals, shrunken effects, influence and Baujat's plot."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import chdtr

from living.stats.cautions import FEW, Caution
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.fit import Fits, fit
from living.stats.intervals import critical
from living.stats.status import NotEstimable, Status

COOK_QUANTILE = 0.5  # Cook's distance above the median of its chi-square: Viechtbauer & Cheung 2010
DFBETAS_LIMIT = 1.0  # the mean moves by more than its standard error
ROUNDING = 100 * float(np.finfo(np.float64).eps)  # a residual below this is a study at the mean of the others


@dataclass(frozen=True, eq=False)
class Residuals:
    """Distances from the pooled mean, their standard errors and their ratio; arrays [k]."""

    residual: FloatArray
    se: FloatArray
    z: FloatArray
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, eq=False)
class Blups:
    """Each study's own effect, drawn towards the mean, with its interval; arrays [k]."""

    effect: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, eq=False)
class Baujat:
    """Share of each study in the heterogeneity and in the result; arrays [k]."""

    heterogeneity: FloatArray
    influence: FloatArray
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, eq=False)
class Influence:
    """Deletion diagnostics, one place per study; arrays [k].

    `status` is that of the fit without the study; where it is not OK the numbers that need this fit are NaN
    and `influential` is False. `hat` is a fraction, `weight` percent. `influential` follows Viechtbauer and
    Cheung's cut-offs, which are a help for the eye and not a test.
    """

    rstudent: FloatArray
    dffits: FloatArray
    cooks_distance: FloatArray
    covariance_ratio: FloatArray
    tau2_without: FloatArray
    q_without: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbetas: FloatArray
    influential: BoolArray
    status: IntArray
    cautions: tuple[Caution, ...]


def influence(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, tau2: str | float = "REML", interval: str = "wald"
) -> Influence | NotEstimable:
    """Leave out each study in turn and measure what changes.

    Shapes: `yi`, `vi` [k], at least three studies. Raises KeyError on an unknown method, ValueError on
    another shape.
    **Source** Viechtbauer & Cheung 2010, Res Synth Methods 1:112-125. Oracle: `influence(rma(...))`.
    """
    y, v = columns(yi, vi)
    if len(y) < 3:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    full, without = _with_and_without(y, v, tau2, interval)
    if not full.ok:
        return NotEstimable(Status(int(full.status)))
    with np.errstate(all="ignore"):
        moved, hat = full.mu - without.mu, full.weights / 100
        spread = _scale(y, v, without) * (v + without.tau2)
        residual = np.where(np.abs(y - without.mu) < ROUNDING, 0.0, y - without.mu)
        precision = (1 / (v + without.tau2[:, None])).sum(-1)
        dfbetas = moved / np.sqrt(_scale(y, v, without) / precision)
        dffits, cook = moved / np.sqrt(hat * spread), moved**2 / full.se**2
        return Influence(
            rstudent=residual / np.sqrt(spread + without.se**2),
            dffits=dffits,
            cooks_distance=cook,
            covariance_ratio=without.se**2 / full.se**2,
            tau2_without=without.tau2,
            q_without=without.q,
            hat=hat,
            weight=full.weights,
            dfbetas=dfbetas,
            influential=_flags(dffits, cook, hat, dfbetas) & without.ok,
            status=without.status,
            cautions=few_cautions(len(y)),
        )


def standardised_residuals(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, tau2: str | float = "REML"
) -> Residuals | NotEstimable:
    """Residuals from the mean of all studies over their own standard errors; the study pulls the mean, too.

    Shapes: `yi`, `vi` [k].
    **Source** Hedges & Olkin 1985, chapter 12; Viechtbauer & Cheung 2010, equation 8. Oracle:
    `rstandard(rma(...))`.
    """
    y, v = columns(yi, vi)
    full = fit(y, v, tau2=tau2, interval="wald")
    if not full.ok:
        return NotEstimable(Status(int(full.status)))
    residual, se = y - full.mu, np.sqrt(v + full.tau2 - full.se**2)
    return Residuals(residual, se, residual / se, few_cautions(len(y)))


def blup(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> Blups | NotEstimable:
    """The best linear unbiased prediction of each study's own effect (empirical Bayes).

    Shapes: `yi`, `vi` [k]. The standard error leaves out that tau2 is estimated.
    **Source** Raudenbush & Bryk 1985, J Educ Stat 10:75-98; Robinson 1991, Stat Sci 6:15-32. Oracle:
    `blup(rma(...))`.
    """
    y, v = columns(yi, vi)
    full = fit(y, v, tau2=tau2, interval=interval)
    if not full.ok:
        return NotEstimable(Status(int(full.status)))
    own = full.tau2 / (full.tau2 + v)
    effect, se = own * y + (1 - own) * full.mu, np.sqrt(own * v + (1 - own) ** 2 * full.se**2)
    half = critical(full.df, level) * se
    return Blups(effect, se, effect - half, effect + half, few_cautions(len(y)))


def baujat(yi: npt.ArrayLike, vi: npt.ArrayLike, *, tau2: str | float = "CE") -> Baujat | NotEstimable:
    """Two coordinates for each study: what it adds to the heterogeneity, and how far it moves the mean.

    Shapes: `yi`, `vi` [k]. `heterogeneity` is its share of the generalised Q, `influence` the squared shift
    of the mean when it is left out over the variance of the mean without it.
    **Source** Baujat et al. 2002, Stat Med 21:2641-2652. Oracle: `baujat(rma(...))`.
    """
    y, v = columns(yi, vi)
    if len(y) < 2:
        return NotEstimable(Status.SINGLE_STUDY)
    full, without = _with_and_without(y, v, tau2, "wald")
    if not full.ok:
        return NotEstimable(Status(int(full.status)))
    shift = (full.mu - without.mu) ** 2 / without.se**2
    return Baujat((y - full.mu) ** 2 / (v + full.tau2), shift, few_cautions(len(y)))


def columns(yi: npt.ArrayLike, vi: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return two lists of one length as arrays. Raises ValueError on another shape."""
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape:
        raise ValueError(f"effects and variances are two lists of one length, not {y.shape} and {v.shape}")
    return y, v


def few_cautions(k: int) -> tuple[Caution, ...]:
    """FEW_STUDIES below ten studies."""
    return (Caution.FEW_STUDIES,) if k < FEW else ()


def _with_and_without(y: FloatArray, v: FloatArray, tau2: str | float, interval: str) -> tuple[Fits, Fits]:
    """The fit to all studies, [], and those to all but one, [k], from one batch."""
    include = np.concatenate([np.ones((1, len(y)), dtype=bool), ~np.eye(len(y), dtype=bool)])
    every = fit(y, v, tau2=tau2, interval=interval, include=include)
    parts = {field.name: getattr(every, field.name) for field in fields(Fits)}
    return (
        Fits(**{name: part[0] for name, part in parts.items()}),
        Fits(**{name: part[1:] for name, part in parts.items()}),
    )


def _scale(y: FloatArray, v: FloatArray, without: Fits) -> FloatArray:
    """The factor an interval puts on the variance of the mean: 1 for Wald's."""
    w = 1 / (v + without.tau2[:, None])
    return np.asarray(without.se**2 * (w.sum(-1) - np.diagonal(w)))


def _flags(dffits: FloatArray, cook: FloatArray, hat: FloatArray, dfbetas: FloatArray) -> BoolArray:
    k = len(hat)
    return np.asarray(
        (np.abs(dffits) > 3 * np.sqrt(1 / (k - 1)))
        | (chdtr(1, cook) > COOK_QUANTILE)
        | (hat > 3 / k)
        | (np.abs(dfbetas) > DFBETAS_LIMIT)
    )
