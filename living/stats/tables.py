"""What pooling tables of events, rather than effects, has in common: its result and the checks before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from living.stats.effects import BoolArray, Effects, FloatArray, IntArray
from living.stats.events import ZeroCells
from living.stats.intervals import critical, two_sided_p
from living.stats.status import Status

# For Q alone: studies with an empty cell get half an event, studies with no events at all say nothing.
STUDY_EFFECTS = ZeroCells(drop00=True)


@dataclass(frozen=True, eq=False)
class TablePool:
    """A common effect pooled from tables, one per row of the batch; every array is [...].

    Ratios are natural logarithms. The interval is normal. `q` compares the studies' own effects with the
    pooled one on `q_df`. A SINGLE_STUDY row shows that study; every other status but OK holds NaN.
    """

    status: IntArray
    k: IntArray
    mu: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    statistic: FloatArray
    p: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_p: FloatArray

    @property
    def ok(self) -> BoolArray:
        """Which rows were pooled."""
        return np.asarray(self.status == Status.OK)


@dataclass(frozen=True, eq=False)
class TableTest:
    """A chi-square test over tables, one per row of the batch; arrays [...], NaN where `status` is not OK."""

    statistic: FloatArray
    df: FloatArray
    p: FloatArray
    status: IntArray


def chosen(include: npt.ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    """Which studies each row uses, in the common shape of `include` and the tables."""
    if include is None:
        return np.ones(shape, dtype=bool)
    wanted = np.asarray(include, dtype=bool)
    return np.ascontiguousarray(np.broadcast_to(wanted, np.broadcast_shapes(wanted.shape, shape)))


def row_status(used: BoolArray, cells: tuple[FloatArray, ...], impossible: BoolArray) -> IntArray:
    """Why a row of tables cannot be pooled, before anything is computed, [...]."""
    finite = np.all([np.isfinite(cell) for cell in cells], axis=0)
    k = used.sum(-1)
    rules: tuple[tuple[Status, Any], ...] = (
        (Status.NO_STUDIES, k == 0),
        (Status.MISSING_INPUT, (used & ~finite).any(-1)),
        (Status.IMPOSSIBLE_INPUT, (used & impossible).any(-1)),
        (Status.SINGLE_STUDY, k == 1),
    )
    return first_reason(np.full(k.shape, int(Status.OK), dtype=np.int64), rules)


def first_reason(status: IntArray, rules: tuple[tuple[Status, Any], ...]) -> IntArray:
    """Give every row that is still OK the first reason that holds, [...]."""
    for code, where in rules:
        status = np.where((status == Status.OK) & where, int(code), status)
    return np.asarray(status, dtype=np.int64)


def table_pool(
    status: IntArray, used: BoolArray, mu: FloatArray, se: FloatArray, studies: Effects, level: float
) -> TablePool:
    """Put a pooled estimate, its interval and the scatter of the studies around it together.

    A pooled estimate that does not exist (an empty group in every study) is ZERO_CELL.
    """
    no_estimate = ~(np.isfinite(mu) & np.isfinite(se) & (se > 0))
    mu, se = np.where(no_estimate, np.nan, mu), np.where(no_estimate, np.nan, se)
    half = critical(np.inf, level) * se
    known = used & studies.ok
    with np.errstate(all="ignore"):
        scatter = np.where(known, (studies.yi - mu[..., None]) ** 2 / studies.vi, 0.0).sum(-1)
    single = (status == Status.SINGLE_STUDY) & ~no_estimate
    status = np.where(status == Status.SINGLE_STUDY, np.where(single, status, Status.ZERO_CELL), status)
    status = first_reason(np.asarray(status, dtype=np.int64), ((Status.ZERO_CELL, no_estimate),))
    shown, pooled = single | (status == Status.OK), status == Status.OK
    df = np.maximum(known.sum(-1) - 1.0, 0.0)
    z = np.divide(mu, se, out=np.full_like(mu, np.nan), where=shown)
    estimate = {"mu": mu, "se": se, "ci_low": mu - half, "ci_high": mu + half, "statistic": z}
    estimate["p"] = two_sided_p(z, np.inf)
    heterogeneity = {"q": scatter, "q_df": df, "q_p": chi_square_p(scatter, df)}
    return TablePool(
        status=status,
        k=used.sum(-1),
        **{name: np.where(shown, value, np.nan) for name, value in estimate.items()},
        **{name: np.where(pooled, value, np.nan) for name, value in heterogeneity.items()},
    )


def chi_square_p(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Upper tail of chi-square; 1 without degrees of freedom. Shapes: broadcast."""
    return np.where(df > 0, chdtrc(np.maximum(df, 1.0), statistic), 1.0)


def table_test(statistic: FloatArray, df: npt.ArrayLike, status: IntArray) -> TableTest:
    """A test whose numbers are NaN where a row has a reason."""
    d = np.broadcast_to(np.asarray(df, dtype=np.float64), statistic.shape)
    known = status == Status.OK
    p = chi_square_p(np.where(known, statistic, 0.0), d)
    numbers = {"statistic": statistic, "df": d, "p": p}
    return TableTest(status=status, **{key: np.where(known, value, np.nan) for key, value in numbers.items()})
