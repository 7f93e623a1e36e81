"""The pooled result as it stood after each study."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.fit import Fits, fit


def cumulative(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    order: npt.ArrayLike | None = None,
    tau2: str | float = "REML",
    interval: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
) -> Fits:
    """Pool the first study, the first two, and so on: row i of the result holds i + 1 studies.

    Shapes: `yi`, `vi` [..., k]; `order` [k], anything that sorts (a date, a year), where equal values keep
    the order given; without it the studies come as they are. Results [..., k], `weights` [..., k, k] in the
    sorted order. The first row is a SINGLE_STUDY. No row is adjusted for having looked before. Raises as
    `fit`, and ValueError where `order` has another length.
    **Source** Lau et al. 1992, N Engl J Med 327:248-254. Oracle: `cumul(rma(...), order=)`.

    >>> found = cumulative([0.2, 0.5, 0.1], [0.04, 0.09, 0.01], order=[2003, 1999, 2010], tau2="CE")
    >>> found.mu.round(3).tolist()
    [0.5, 0.292, 0.151]
    """
    y, v = np.broadcast_arrays(np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64))
    k = y.shape[-1]
    sequence = np.arange(k) if order is None else np.argsort(np.asarray(order), kind="stable")
    if sequence.shape != (k,):
        raise ValueError(f"an order of {sequence.shape} values does not fit {k} studies")
    return fit(
        y[..., None, sequence],
        v[..., None, sequence],
        tau2=tau2,
        interval=interval,
        prediction=prediction,
        level=level,
        include=np.tri(k, dtype=bool),
    )
