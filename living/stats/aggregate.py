"""One effect for each study from several that are correlated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, effects
from living.stats.status import Status


class Aggregated(NamedTuple):
    """The studies' labels, sorted, and one effect for each."""

    labels: npt.NDArray[np.generic]
    effects: Effects


def aggregate(yi: npt.ArrayLike, vi: npt.ArrayLike, studies: npt.ArrayLike, r: float) -> Aggregated:
    """Average the effects of each study, weighted for sampling errors that all correlate by `r`.

    Shapes: `yi`, `vi`, `studies` [k]; one effect for each distinct study. Places with a missing effect do not
    count. Where the variances of a study are unequal and `r` is high, its best weights can be negative and
    the average can lie outside its effects. A correlation at which the study's covariance is no covariance is
    IMPOSSIBLE_INPUT. Raises ValueError on shapes that do not fit and unless -1 < r < 1.
    **Source** Borenstein 2009, chapter 24; Gleser & Olkin 2009 (weights). Oracle:
    `aggregate(escalc(...), cluster=, struct="CS", rho=r)`.

    >>> aggregate([0.2, 0.4, 0.9], [0.02, 0.02, 0.03], ["a", "a", "b"], 0.5).effects.vi.round(3).tolist()
    [0.015, 0.03]
    """
    y, v, names = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64), np.asarray(studies)
    if not y.ndim == 1 == names.ndim or not y.shape == v.shape == names.shape:
        raise ValueError("aggregate takes three lists of one length")
    if not -1 < r < 1:
        raise ValueError(f"a correlation lies between -1 and 1, not at {r}")
    labels = np.unique(names)
    found = np.array([_one(y, v, names == label, r) for label in labels]).reshape(-1, 3)
    impossible, absent = found[:, 2] == Status.IMPOSSIBLE_INPUT, found[:, 2] == Status.NO_VARIANCE
    rules = ((Status.IMPOSSIBLE_INPUT, impossible), (Status.NO_VARIANCE, absent))
    return Aggregated(labels, effects(found[:, 0], found[:, 1], *rules))


def _one(y: FloatArray, v: FloatArray, chosen: npt.NDArray[np.bool_], r: float) -> tuple[float, float, int]:
    used = chosen & np.isfinite(y) & np.isfinite(v)
    if (v[used] <= 0).any():
        return np.nan, np.nan, Status.NO_VARIANCE
    se = np.sqrt(v[used])
    covariance = np.where(np.eye(len(se), dtype=bool), 1.0, r) * np.outer(se, se)
    if not len(se):
        return np.nan, np.nan, Status.OK
    if 1 + r * (len(se) - 1) <= 0:
        return np.nan, np.nan, Status.IMPOSSIBLE_INPUT
    weights = np.linalg.solve(covariance, np.ones(len(se)))
    return float(weights @ y[used] / weights.sum()), float(1 / weights.sum()), Status.OK
