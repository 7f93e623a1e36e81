"""Pool one set of studies and get plain numbers back, or the reason why there are none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.fit import Rules, fit_layout
from living.stats.heterogeneity import profile_q
from living.stats.moments import lay_out
from living.stats.status import NotEstimable, Status


@dataclass(frozen=True)
class PoolResult:
    """One pooled estimate with the names of the rules that made it; ratios are natural logarithms.

    `df` is None for a normal interval. `weights` and I2 are percent. I2 and H2 come in two conventions: `_q`
    from Cochran's Q (RevMan), `_tau2` from tau2 and the typical variance (metafor); the interval limits
    belong to the latter. `tau2_beyond`: the upper limit of tau2 exceeds the search limit; print it as ">
    limit". `pi_low` and `pi_high` are None where the prediction rule gives no interval (HTS with two
    studies).
    """

    k: int
    mu: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float | None
    p: float
    level: float
    tau2_method: str
    interval_method: str
    prediction_method: str
    tau2: float
    tau2_low: float
    tau2_high: float
    tau2_beyond: bool
    q: float
    q_df: int
    q_p: float
    i2_q: float
    h2_q: float
    i2_tau2: float
    i2_tau2_low: float
    i2_tau2_high: float
    h2_tau2: float
    h2_tau2_low: float
    h2_tau2_high: float
    pi_low: float | None
    pi_high: float | None
    weights: tuple[float, ...]


def pool(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
    tau2_limit: float = np.inf,
) -> PoolResult | NotEstimable:
    """Pool the studies of one meta-analysis.

    Shapes: `yi`, `vi` [k]; variances in squared units of `yi`. One study is not pooled: the answer is
    NotEstimable. Raises KeyError on an unknown method, ValueError on another shape or an impossible level.
    **Source** and oracle: see `fit` and `q_profile`.
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape:
        raise ValueError(f"pool takes two lists of one length, not shapes {y.shape} and {v.shape}")
    rules, layout = Rules.of(tau2, interval, prediction, level), lay_out(y, v)
    f = fit_layout(layout, rules)
    if f.status.any():
        return NotEstimable(Status(int(f.status)))
    profile = profile_q(layout, level, tau2_limit)
    if profile.status.any():
        return NotEstimable(Status(int(profile.status)))
    return PoolResult(
        k=int(f.k),
        mu=float(f.mu),
        se=float(f.se),
        ci_low=float(f.ci_low),
        ci_high=float(f.ci_high),
        statistic=float(f.statistic),
        df=_or_none(f.df),
        p=float(f.p),
        level=level,
        tau2_method=tau2,
        interval_method=interval,
        prediction_method=prediction,
        tau2=float(f.tau2),
        tau2_low=float(profile.low),
        tau2_high=float(profile.high),
        tau2_beyond=bool(profile.beyond),
        q=float(f.q),
        q_df=int(f.q_df),
        q_p=float(f.q_p),
        i2_q=float(f.i2_q),
        h2_q=float(f.h2_q),
        i2_tau2=float(f.i2_tau2),
        i2_tau2_low=float(profile.i2_low),
        i2_tau2_high=float(profile.i2_high),
        h2_tau2=float(f.h2_tau2),
        h2_tau2_low=float(profile.h2_low),
        h2_tau2_high=float(profile.h2_high),
        pi_low=_or_none(f.pi_low),
        pi_high=_or_none(f.pi_high),
        weights=tuple(f.weights.tolist()),
    )


def _or_none(value: FloatArray) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
