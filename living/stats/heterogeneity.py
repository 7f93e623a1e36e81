"""How much studies differ: Cochran's Q, I2 and H2 in both conventions, and the Q-profile interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.intervals import checked_level
from living.stats.moments import Layout, divide, lay_out
from living.stats.roots import solve_q
from living.stats.status import Status


def cochran_q_p(q: FloatArray, df: FloatArray) -> FloatArray:
    """P of Cochran's Q, chi-square on `df`; 1 where there are no degrees of freedom. Oracle: `rma(...)$QEp`.

    Shapes: [...].
    **Source** Cochran 1954, Biometrics 10:101-129.
    """
    return np.where(df > 0, chdtrc(np.maximum(df, 1.0), q), 1.0)


def i2_from_q(q: FloatArray, df: FloatArray) -> FloatArray:
    """I2 in percent from Q, as RevMan prints it. Shapes: [...].

    **Source** Higgins & Thompson 2002, Stat Med 21:1539-1558, equation 10. Oracle: `rma(method="EE")$I2`.
    """
    return 100 * np.maximum(divide(q - df, q), 0.0)


def h2_from_q(q: FloatArray, df: FloatArray) -> FloatArray:
    """H2 = Q / df; below 1 when studies agree better than chance. **Source** Higgins & Thompson 2002,
    equation 8.

    Shapes: [...]. Oracle: `rma(method="EE")$H2`.
    """
    return divide(q, df)


def typical_variance(layout: Layout) -> FloatArray:
    """The sampling variance of a typical study, [...]. **Source** Higgins & Thompson 2002, equation 9."""
    return divide(layout.df, layout.common_trace)


def i2_from_tau2(tau2: FloatArray, typical: FloatArray) -> FloatArray:
    """I2 in percent from tau2 and the typical variance, as metafor prints it. Shapes: [...].

    **Source** Higgins & Thompson 2002, section 3.3. Oracle: `rma(method=...)$I2`.
    """
    return 100 * divide(tau2, tau2 + typical)


def h2_from_tau2(tau2: FloatArray, typical: FloatArray) -> FloatArray:
    """H2 = 1 + tau2 / typical variance, as metafor prints it. Shapes: [...]. Oracle: `rma(method=...)$H2`."""
    return 1 + divide(tau2, typical)


@dataclass(frozen=True, eq=False)
class QProfile:
    """Interval of tau2 and what it means for I2 (percent, from tau2) and H2; arrays [...], NaN where not OK.

    `beyond`: the upper limit exceeds the search limit and is reported at it ("> limit"). `empty`: no tau2 >=
    0 agrees with so little scatter; the limits are 0.
    """

    low: FloatArray
    high: FloatArray
    i2_low: FloatArray
    i2_high: FloatArray
    h2_low: FloatArray
    h2_high: FloatArray
    beyond: BoolArray
    empty: BoolArray
    status: IntArray


def q_profile(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    level: float = 0.95,
    limit: float = np.inf,
    include: npt.ArrayLike | None = None,
) -> QProfile:
    """Interval of the between-study variance: the values at which Q is not surprising.

    Shapes: `yi`, `vi`, `include` [..., k]. `limit` caps the search, in units of tau2; without it the limits
    are exact whatever their size. Raises ValueError unless 0 < level < 1.
    **Source** Viechtbauer 2007, Stat Med 26:37-52. Oracle: `confint(rma(...), type="QP")`.
    """
    return profile_q(lay_out(yi, vi, include), checked_level(level), limit)


def profile_q(layout: Layout, level: float, limit: float) -> QProfile:
    """The interval of `q_profile` for a batch that is laid out."""
    with np.errstate(all="ignore"):
        return _profile(layout, level, limit)


def _profile(layout: Layout, level: float, limit: float) -> QProfile:
    df = np.maximum(layout.df, 1.0)
    tail = (1 - level) / 2
    goals = np.array([chdtri(df, tail), chdtri(df, 1 - tail)])
    found = solve_q(layout, goals)
    limits, typical = np.minimum(found, limit), typical_variance(layout)
    shown = [limits, i2_from_tau2(limits, typical), h2_from_tau2(limits, typical)]
    beyond, empty, status = found[1] > limit, layout.cochran_q < goals[1], layout.status
    failed = ~np.isfinite(found)
    if status.any() or failed.any():
        status = np.where((status == Status.OK) & failed.any(0), int(Status.NOT_CONVERGED), status)
        ok = status == Status.OK
        beyond, empty = ok & beyond, ok & empty
        shown = [np.where(ok, numbers, np.nan) for numbers in shown]
    (low, high), (i2_low, i2_high), (h2_low, h2_high) = shown
    return QProfile(
        low=low,
        high=high,
        i2_low=i2_low,
        i2_high=i2_high,
        h2_low=h2_low,
        h2_high=h2_high,
        beyond=beyond,
        empty=empty,
        status=np.asarray(status, dtype=np.int64),
    )
