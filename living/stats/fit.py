"""Fit one meta-analysis or a whole batch: the mean, its interval, the weights and the heterogeneity."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.heterogeneity import (
    cochran_q_p,
    h2_from_q,
    h2_from_tau2,
    i2_from_q,
    i2_from_tau2,
    typical_variance,
)
from living.stats.intervals import INTERVALS, PREDICTIONS, Basis, checked_level, critical, two_sided_p
from living.stats.moments import Layout, across, divide, everywhere, lay_out, over_groups
from living.stats.status import Status
from living.stats.tau2 import estimator_of


@dataclass(frozen=True, eq=False)
class Fits:
    """One result per row of the batch; every array is [...], `weights` [..., k] in percent.

    Where `status` is not OK the numbers are NaN, except that a SINGLE_STUDY row shows the study: `mu`, `se`
    and its Wald interval. `df` is infinite for a normal interval. `pi_low`, `pi_high` are NaN where the rule
    gives no interval.
    """

    status: IntArray
    k: IntArray
    mu: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray
    tau2: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_p: FloatArray
    i2_q: FloatArray
    h2_q: FloatArray
    i2_tau2: FloatArray
    h2_tau2: FloatArray
    pi_low: FloatArray
    pi_high: FloatArray
    weights: FloatArray

    @property
    def ok(self) -> BoolArray:
        """Which rows were pooled."""
        return np.asarray(self.status == Status.OK)


def fit(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
    include: npt.ArrayLike | None = None,
) -> Fits:
    """Pool every row of a batch.

    Shapes: `yi`, `vi` [..., k]; `include`, if given, says which studies a row uses. Units: `vi` in squared
    units of `yi`; ratios as logarithms. `tau2` names an estimator or is the known value itself. Raises
    KeyError on a method that is not in TAU2, INTERVALS or PREDICTIONS and ValueError on shapes that do not
    fit or an impossible level, before anything is computed; a row never raises.
    **Source** Cochrane Handbook 6.5, section 10.10; each method cites its own. Oracle: `rma(yi, vi, method=,
    test=)`.
    """
    rules = Rules.of(tau2, interval, prediction, level)
    return fit_layout(lay_out(yi, vi, include), rules)


class Rules(NamedTuple):
    """The functions that the names of a model's rules stand for."""

    estimator: Callable[[Layout], FloatArray]
    basis: Callable[[FloatArray, FloatArray, FloatArray], Basis]
    predict: Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Basis]
    level: float

    @classmethod
    def of(cls, tau2: str | float, interval: str, prediction: str, level: float) -> Rules:
        """Look the names up. Raises as `fit`."""
        checked_level(level)
        return cls(estimator_of(tau2), INTERVALS[interval], PREDICTIONS[prediction], level)


def fit_layout(layout: Layout, rules: Rules) -> Fits:
    """Pool every row of a batch that is laid out."""
    with np.errstate(all="ignore"):
        variance = rules.estimator(layout)
        w = layout.weights(variance)
        means = layout.mu(w)
        sum_w, q = across(w), across(w, layout.squares_about(means))
        mu, wald_se = means[..., 0], np.sqrt(1 / sum_w)
        se, df = rules.basis(wald_se, ~layout.identical * q / layout.df, layout.df)
        pi_se, pi_df = rules.predict(se, wald_se, variance, layout.k, layout.df)
        status = _status(layout, variance, mu, se)
        if status.any():
            single = status == Status.SINGLE_STUDY
            se, df = np.where(single, wald_se, se), np.where(single, np.inf, df)
        half, spread = critical(df, rules.level) * se, critical(pi_df, rules.level) * pi_se
        test = mu / se
        estimate = {"mu": mu, "se": se, "ci_low": mu - half, "ci_high": mu + half, "statistic": test}
        estimate |= {"df": df, "p": two_sided_p(test, df)}
        spreads = {"tau2": variance, "pi_low": mu - spread, "pi_high": mu + spread}
        spreads |= _heterogeneity(layout, variance)
        weights = 100 * over_groups(np.swapaxes(w, -1, -2)) / sum_w[..., None]
        numbers = {"weights": weights, **estimate, **spreads}
    return Fits(status=status, k=layout.k.astype(np.int64), **_shown(status, numbers, spreads.keys()))


def leave_one_out(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
) -> Fits:
    """Refit without each study in turn; row i of the result lacks study i.

    Shapes: `yi`, `vi` [..., k]; results [..., k], `weights` [..., k, k-1]. Raises as `fit`.
    **Source** Viechtbauer & Cheung 2010, Res Synth Methods 1:112-125. Oracle: `leave1out(rma(...))`.
    """
    y, v = np.broadcast_arrays(np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64))
    k = y.shape[-1]
    others = np.nonzero(~np.eye(k, dtype=bool))[1].reshape(k, -1)
    return fit(
        y[..., others], v[..., others], tau2=tau2, interval=interval, prediction=prediction, level=level
    )


def _heterogeneity(layout: Layout, tau2: FloatArray) -> dict[str, FloatArray]:
    q, df, typical = layout.cochran_q, layout.df, typical_variance(layout)
    return {
        "q": q,
        "q_df": df,
        "q_p": cochran_q_p(q, df),
        "i2_q": i2_from_q(q, df),
        "h2_q": h2_from_q(q, df),
        "i2_tau2": i2_from_tau2(tau2, typical),
        "h2_tau2": h2_from_tau2(tau2, typical),
    }


def _shown(
    status: IntArray, numbers: dict[str, FloatArray], pooled_only: Collection[str]
) -> dict[str, FloatArray]:
    """NaN for the numbers of rows that were not pooled, save what a single study shows."""
    if not status.any():
        return {name: np.asarray(value) for name, value in numbers.items()}
    pooled = status == Status.OK
    shown = pooled | (status == Status.SINGLE_STUDY)
    rows = {name: pooled if name in pooled_only else shown for name in numbers}
    rows["weights"] = shown[..., None]
    return {name: np.where(rows[name], value, np.nan) for name, value in numbers.items()}


def _status(layout: Layout, tau2: FloatArray, mu: FloatArray, se: FloatArray) -> IntArray:
    status = layout.status
    if everywhere(np.isfinite(tau2 + se + mu / se)):
        return status
    rules = (
        (Status.NOT_CONVERGED, np.isnan(tau2)),
        (Status.OUT_OF_RANGE, ~np.isfinite(mu + se + divide(mu, se))),
        (Status.NO_WIDTH, se == 0),
    )
    for code, where in rules:
        if where.any():
            status = np.where((status == Status.OK) & where, int(code), status)
    return np.asarray(status, dtype=np.int64)
