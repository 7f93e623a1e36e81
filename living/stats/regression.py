"""Meta-regression: how the effect depends on properties of the studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc

from living.stats.design import Design, design
from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.heterogeneity import cochran_q_p, i2_from_q, i2_from_tau2, typical_variance
from living.stats.intervals import INTERVALS, Basis, critical, two_sided_p
from living.stats.moments import Layout, across, divide
from living.stats.status import Status
from living.stats.tau2 import estimator_of

Basing = Callable[[FloatArray, FloatArray, FloatArray], Basis]
EXACT_FIT = 1e-24  # weighted squares left over, relative to those of the effects: rounding, not scatter


@dataclass(frozen=True, eq=False)
class Regressions:
    """One meta-regression per row of the batch; coefficients [..., p], the intercept (if any) first.

    `qe` on `qe_df`: scatter left around the fitted values. `qm`: test of all moderators, chi-square on
    `qm_df1` where `qm_df2` is infinite, otherwise F. `i2` and `r2` are percent; `r2` (share of tau2 that the
    moderators explain, 0 where there is none to explain) is NaN without an intercept or with a given tau2.
    The numbers are NaN where `status` is not OK.
    """

    status: IntArray
    k: IntArray
    b: FloatArray
    se: FloatArray
    covariance: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    level: float
    intercept: bool
    tau2: FloatArray
    qe: FloatArray
    qe_df: FloatArray
    qe_p: FloatArray
    qm: FloatArray
    qm_df1: int
    qm_df2: FloatArray
    qm_p: FloatArray
    i2: FloatArray
    r2: FloatArray

    @property
    def ok(self) -> BoolArray:
        """Which rows were fitted."""
        return np.asarray(self.status == Status.OK)


@dataclass(frozen=True, eq=False)
class Predictions:
    """The mean at given moderators, its confidence interval and the interval of a new study's effect."""

    mean: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    pi_low: FloatArray
    pi_high: FloatArray


def meta_regression(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    moderators: npt.ArrayLike,
    *,
    tau2: str | float = "REML",
    interval: str = "HK-guarded",
    level: float = 0.95,
    intercept: bool = True,
    include: npt.ArrayLike | None = None,
) -> Regressions:
    """Regress effects on moderators, with one residual tau2.

    Shapes: `yi`, `vi`, `include` [..., k]; `moderators` [..., k, m], or [k] for one. Units: a coefficient is
    in units of `yi` per unit of its moderator. With fewer than about ten studies per moderator the answer is
    seldom worth reading. Raises KeyError on an unknown method, ValueError on shapes that do not fit or an
    impossible level; a row never raises.
    **Source** Thompson & Sharp 1999, Stat Med 18:2693-2708; Knapp & Hartung 2003, Stat Med 22:2693-2710;
    `r2`: Raudenbush 1994, in Cooper & Hedges. Oracle: `rma(yi, vi, mods = ~ x, method=, test=)`.

    >>> import numpy as np
    >>> found = meta_regression([0.1, 0.3, 0.4, 0.8], [0.02] * 4, [1.0, 2.0, 3.0, 4.0], interval="wald")
    >>> found.b.round(2).tolist(), found.se.round(3).tolist()
    ([-0.15, 0.22], [0.173, 0.063])
    """
    estimator, basis = estimator_of(tau2), INTERVALS[interval]
    critical(1.0, level)
    x = design_columns(moderators, intercept)
    d = design(yi, vi, x, include)
    with np.errstate(all="ignore"):
        s = solve(d, estimator, basis)
        variance, b, se, df, ok = s.tau2, s.b, s.se, s.df, s.status == Status.OK
        wide = df[..., None]
        half = critical(wide, level) * se
        qm, qm_p = omnibus(s, int(intercept))
        per_coefficient = {"b": b, "se": se, "statistic": b / se, "ci_low": b - half, "ci_high": b + half}
        per_coefficient["p"] = two_sided_p(b / se, np.broadcast_to(wide, b.shape))
        q, typical = d.cochran_q, typical_variance(d)
        i2 = i2_from_q(q, d.df) if tau2 == "CE" else i2_from_tau2(variance, typical)
        per_row = {"tau2": variance, "df": df, "qe": q, "qe_df": d.df, "qe_p": cochran_q_p(q, d.df)}
        per_row |= {"qm": qm, "qm_df2": df, "qm_p": qm_p, "i2": i2, "r2": _r2(d, tau2, variance, intercept)}
    return Regressions(
        status=s.status,
        k=d.k.astype(np.int64),
        covariance=np.where(ok[..., None, None], s.covariance, np.nan),
        level=level,
        intercept=intercept,
        qm_df1=x.shape[-1] - int(intercept),
        **{name: np.where(ok[..., None], value, np.nan) for name, value in per_coefficient.items()},
        **{name: np.where(ok, value, np.nan) for name, value in per_row.items()},
    )


def predict(found: Regressions, moderators: npt.ArrayLike) -> Predictions:
    """Predict the mean effect, and a new study's, at given moderators.

    Shapes: `moderators` [..., n, m], or [n] for one; results [..., n]. Both intervals use the distribution of
    the regression's own interval (normal, or t on k - p degrees of freedom).
    **Source** Viechtbauer 2010, J Stat Softw 36(3). Oracle: `predict(rma(...), newmods=)`.
    """
    x = design_columns(moderators, found.intercept)
    mean = (x @ found.b[..., None])[..., 0]
    se = np.sqrt(((x @ found.covariance) * x).sum(-1))
    factor = critical(found.df, found.level)[..., None]
    half, spread = factor * se, factor * np.sqrt(se**2 + found.tau2[..., None])
    return Predictions(mean, se, mean - half, mean + half, mean - spread, mean + spread)


def design_columns(moderators: npt.ArrayLike, intercept: bool) -> FloatArray:
    """The design [..., k, p]: moderators as columns, after a column of ones if there is an intercept."""
    given = np.asarray(moderators, dtype=np.float64)
    columns = given[:, None] if given.ndim == 1 else given
    if columns.ndim < 2:
        raise ValueError("moderators come as [studies] or [studies, moderators]")
    ones = np.ones((*columns.shape[:-1], 1))
    return np.concatenate([ones, columns], axis=-1) if intercept else columns


@dataclass(frozen=True, eq=False)
class Solution:
    """The bare solution of a batch: `b`, `se` [..., p], `covariance` [..., p, p], the rest [...]."""

    status: IntArray
    tau2: FloatArray
    b: FloatArray
    se: FloatArray
    covariance: FloatArray
    df: FloatArray


def solve(d: Design, estimator: Callable[[Design], FloatArray], basis: Basing) -> Solution:
    """Estimate tau2, then the coefficients and their covariance under the rule of an interval."""
    variance = np.where(d.status == Status.OK, estimator(d), np.nan)
    w = d.weights(np.nan_to_num(variance))
    b, covariance, scatter = d.coefficients(w)
    exact = d.cochran_q <= EXACT_FIT * across(d.common, d.y**2)
    ratio = np.where(exact, 0.0, scatter / d.df)
    one, df = basis(np.ones_like(ratio), ratio, d.df)
    covariance = covariance * (one**2)[..., None, None]
    se = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return Solution(_status(d, variance, b, se), variance, b, se, covariance, np.asarray(df))


def straight_line(y: FloatArray, v: FloatArray, x: FloatArray, tau2: str | float, interval: str) -> Solution:
    """Regress effects on an intercept and one predictor, all [k]; no tests of the whole and no shares.

    Raises and **Source** as `meta_regression`.
    """
    with np.errstate(all="ignore"):
        return solve(design(y, v, design_columns(x, True)), estimator_of(tau2), INTERVALS[interval])


def _status(d: Design, tau2: FloatArray, b: FloatArray, se: FloatArray) -> IntArray:
    status = d.status
    finite = np.isfinite(b).all(-1) & np.isfinite(se).all(-1)
    rules = (
        (Status.NOT_CONVERGED, np.isnan(tau2)),
        (Status.NO_WIDTH, (se == 0).any(-1)),
        (Status.OUT_OF_RANGE, ~finite),
    )
    for code, where in rules:
        status = np.where((status == Status.OK) & where, int(code), status)
    return np.asarray(status, dtype=np.int64)


def omnibus(s: Solution, first: int) -> tuple[FloatArray, FloatArray]:
    """Test all coefficients from `first` on; scaled to a correlation matrix, so units do not matter.

    **Source** Knapp & Hartung 2003 (F); Thompson & Sharp 1999 (chi-square). Oracle: `rma(...)$QM`.
    """
    b, covariance, df, ok = s.b, s.covariance, s.df, s.status == Status.OK
    m = b.shape[-1] - first
    if m == 0:
        return np.full(ok.shape, np.nan), np.full(ok.shape, np.nan)
    scale = np.where(ok[..., None], np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1)), 1.0)[..., first:]
    block = covariance[..., first:, first:] / (scale[..., :, None] * scale[..., None, :])
    block = np.where(ok[..., None, None], block, np.eye(m))
    z = np.where(ok[..., None], b[..., first:] / scale, 0.0)
    q = (z * np.linalg.solve(block, z[..., None])[..., 0]).sum(-1)
    normal = np.isinf(df)
    p = np.where(normal, chdtrc(m, q), fdtrc(m, np.where(normal, 1.0, df), q / m))
    return np.where(normal, q, q / m), p


def _r2(d: Design, tau2: str | float, residual: FloatArray, intercept: bool) -> FloatArray:
    """The share of tau2 that is explained; without a tau2, the adjusted R2 of the weighted regression."""
    if not (intercept and isinstance(tau2, str)):
        return np.full(residual.shape, np.nan)
    plain = Layout(d.y, d.v, d.member, d.status)
    if tau2 == "CE":
        left, total = divide(d.cochran_q, d.df), divide(plain.cochran_q, plain.df)
    else:
        left, total = residual, estimator_of(tau2)(plain)
    return 100 * np.maximum(divide(total - left, total), 0.0)
