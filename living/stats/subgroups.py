"""Pool groups of studies apart and test whether the groups differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc

from living.stats.effects import FloatArray
from living.stats.fit import fit
from living.stats.heterogeneity import cochran_q_p
from living.stats.intervals import INTERVALS, critical, two_sided_p
from living.stats.moments import Layout, lay_out
from living.stats.pool import PoolResult, pool
from living.stats.status import NotEstimable, Status
from living.stats.tau2 import TAU2


@dataclass(frozen=True)
class Between:
    """Test whether group means differ: chi-square on `df` (`df2` None), or F on `df` and `df2`."""

    statistic: float
    df: int
    df2: int | None
    p: float


@dataclass(frozen=True)
class SeparateSubgroups:
    """Every group pooled by itself, with its own tau2.

    A group of one study is NotEstimable as a pool and enters the test with its own effect.
    """

    levels: dict[str, PoolResult | NotEstimable]
    between: Between | NotEstimable


@dataclass(frozen=True)
class LevelMean:
    """The mean of one group in a model with a common tau2; `df` None for a normal interval."""

    k: int
    mu: float
    se: float
    ci_low: float
    ci_high: float
    df: int | None
    p: float


@dataclass(frozen=True)
class CommonSubgroups:
    """All groups in one model: a mean for each, one tau2 for all, `q_within` on `q_df`."""

    levels: dict[str, LevelMean]
    tau2: float
    q_within: float
    q_df: int
    q_p: float
    between: Between | NotEstimable


def subgroups(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
) -> SeparateSubgroups:
    """Pool each group with a tau2 of its own; compare the group means by chi-square.

    Shapes: `yi`, `vi`, `groups` [k]; groups come in the order of their sorted labels. The test weighs each
    mean by its Wald standard error whatever the interval (a group of one study by its own), as RevMan and
    metafor do. Raises as `pool`.
    **Source** Borenstein 2009, chapter 19, method "Q-test based on analysis of variance"; Cochrane Handbook
    6.5, section 10.11.3.1. Oracle: `rma` per level, then `rma(method="EE")$QE` on the level means.
    """
    y, v, labels = _columns(yi, vi, groups)
    levels: dict[str, PoolResult | NotEstimable] = {}
    means: list[float] = []
    variances: list[float] = []
    for label in np.unique(labels):
        chosen = labels == label
        levels[str(label)] = pool(
            y[chosen], v[chosen], tau2=tau2, interval=interval, prediction=prediction, level=level
        )
        mean, variance = _wald(y[chosen], v[chosen], tau2, levels[str(label)])
        means.append(mean)
        variances.append(variance)
    return SeparateSubgroups(levels, _separate_test(means, variances))


def subgroups_common_tau2(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "HK-guarded",
    level: float = 0.95,
) -> CommonSubgroups | NotEstimable:
    """Give each group a mean and all groups one tau2: the meta-regression on the group.

    Shapes: `yi`, `vi`, `groups` [k]. With a normal interval the groups are compared by chi-square, otherwise
    by F. Raises as `pool`.
    **Source** Borenstein 2009, chapter 19 (pooled tau2); Knapp & Hartung 2003, section 4. Oracle: `rma(yi,
    vi, mods = ~ 0 + group, method=, test=)` and `QM` of `~ group`.
    """
    estimator, basis = TAU2[tau2], INTERVALS[interval]
    critical(1.0, level)
    y, v, labels = _columns(yi, vi, groups)
    layout = lay_out(y, v, groups=labels)
    if layout.status != Status.OK:
        return NotEstimable(Status(int(layout.status)))
    if layout.df < 1:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    with np.errstate(all="ignore"):
        variance = estimator(layout)
        if np.isnan(variance):
            return NotEstimable(Status.NOT_CONVERGED)
        w = layout.weights(variance)
        factor = layout.q(variance) / layout.df
        se, df = basis(np.sqrt(1 / w.sum(-1)), factor, layout.df)
        scale = (se[0] ** 2) * w.sum(-1)[0]
    if not (se > 0).all():
        return NotEstimable(Status.NO_WIDTH)
    q = layout.q(0.0)
    levels = dict(
        zip((str(label) for label in np.unique(labels)), _level_means(layout, w, se, df, level), strict=True)
    )
    return CommonSubgroups(
        levels=levels,
        tau2=float(variance),
        q_within=float(q),
        q_df=int(layout.df),
        q_p=float(cochran_q_p(q, layout.df)),
        between=_common_test(layout.mu(w), w.sum(-1), float(scale), float(df)),
    )


def _columns(
    yi: npt.ArrayLike, vi: npt.ArrayLike, groups: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.str_]]:
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    labels = np.asarray(groups).astype(str)
    if not (y.ndim == 1 and y.shape == v.shape == labels.shape):
        raise ValueError(
            f"subgroups take three lists of one length, not {y.shape}, {v.shape} and {labels.shape}"
        )
    return y, v, labels


def _level_means(
    layout: Layout, w: FloatArray, se: FloatArray, df: FloatArray, level: float
) -> list[LevelMean]:
    mu = layout.mu(w)
    half, p = critical(df, level) * se, two_sided_p(mu / se, df)
    sizes = layout.member.sum(-1)
    return [
        LevelMean(
            k=int(sizes[i]),
            mu=float(mu[i]),
            se=float(se[i]),
            ci_low=float(mu[i] - half[i]),
            ci_high=float(mu[i] + half[i]),
            df=int(df) if np.isfinite(df) else None,
            p=float(p[i]),
        )
        for i in range(len(sizes))
    ]


def _wald(y: FloatArray, v: FloatArray, tau2: str, pooled: PoolResult | NotEstimable) -> tuple[float, float]:
    """A group's mean and its variance by Wald's rule, NaN where there is none.

    Wald's interval also has a width where the group's own has none, and for one study.
    """
    if isinstance(pooled, PoolResult):
        return pooled.mu, 1 / float((1 / (v + pooled.tau2)).sum())
    mean = fit(y, v, tau2=tau2, interval="wald")
    return float(mean.mu), float(mean.se) ** 2


def _separate_test(means: list[float], variances: list[float]) -> Between | NotEstimable:
    if len(means) < 2 or not np.isfinite([*means, *variances]).all():
        return NotEstimable(Status.TOO_FEW_STUDIES if len(means) < 2 else Status.MISSING_INPUT)
    layout = lay_out(means, variances)
    q = float(layout.q(0.0))
    df = len(means) - 1
    return Between(q, df, None, float(chdtrc(df, q)))


def _common_test(mu: FloatArray, weights: FloatArray, scale: float, df: float) -> Between | NotEstimable:
    between = len(mu) - 1
    if between < 1:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    grand = (weights * mu).sum() / weights.sum()
    q = float((weights * (mu - grand) ** 2).sum()) / scale
    if np.isinf(df):
        return Between(q, between, None, float(chdtrc(between, q)))
    return Between(q / between, between, int(df), float(fdtrc(between, df, q / between)))
