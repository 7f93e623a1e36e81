"""Interval of the between-study variance by profile likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from living.stats.crossings import crossing, widened
from living.stats.effects import FloatArray
from living.stats.jackson import Tau2Interval, tau2_interval
from living.stats.likelihood import covering_grid, log_likelihood, maximise
from living.stats.moments import Layout, lay_out
from living.stats.status import Status

RESTRICTED = {"REML": True, "ML": False}
GRID_POINTS = 64  # neighbours differ by a factor below 2 over a range of 1e16
GRID_FLOOR = 1e-4  # the first point above 0, relative to the smallest sampling variance


def profile_likelihood(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau2: str = "REML",
    level: float = 0.95,
    limit: float = np.inf,
    include: npt.ArrayLike | None = None,
) -> Tau2Interval:
    """Interval of tau2: the values whose likelihood is not much below the highest.

    Shapes: `yi`, `vi`, `include` [..., k]. `tau2` is "REML" or "ML". With a likelihood of several modes the
    interval reaches from the lowest to the highest tau2 that is likely enough. Twice the drop is compared
    with chi-square on one degree of freedom, which holds for many studies only. `limit` caps the upper end.
    Never `empty`. Raises KeyError on another method.
    **Source** Hardy & Thompson 1996, Stat Med 15:619-629; Viechtbauer 2007, Stat Med 26:37-52. Oracle:
    `confint(rma(method=), type="PL")`.
    """
    restricted = RESTRICTED[tau2]
    layout = lay_out(yi, vi, include)
    drop = float(chdtri(1.0, 1 - level)) / 2
    with np.errstate(all="ignore"):
        best = maximise(layout, restricted)
        peak = log_likelihood(layout, np.nan_to_num(best), restricted)
        usable = (layout.status == Status.OK) & np.isfinite(best)
        best = np.where(usable, best, 0.0)

        def likely(point: FloatArray) -> FloatArray:
            """Positive where tau2 belongs to the interval; never so in a row without likelihood."""
            value = log_likelihood(layout, point, restricted) - peak + drop
            return np.where(usable, value, -1.0)

        low, high = _outermost(layout, likely, best)
    low, high = np.where(usable, low, np.nan), np.where(usable, high, np.nan)
    return tau2_interval(layout, low, high, np.zeros(layout.k.shape, dtype=bool), limit)


def _outermost(
    layout: Layout, likely: Callable[[FloatArray], FloatArray], best: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The lowest and highest likely tau2, [...] each: bracketed on a grid, then by halving."""
    zero = np.zeros_like(best)
    smallest = np.where(layout.member > 0, layout.v, np.inf).min((-2, -1), initial=np.inf)
    smallest = np.where(np.isfinite(smallest), smallest, 1.0)
    # Above the grid's end the likelihood only falls: nothing likely lies beyond an unlikely point there.
    top = widened(likely, np.maximum(4 * (best + smallest), covering_grid(layout)[-1]))
    first = GRID_FLOOR * smallest
    steps = np.linspace(0.0, 1.0, GRID_POINTS).reshape(-1, *[1] * best.ndim)
    grid = np.sort(np.concatenate([first * np.exp(np.log(top / first) * steps), best[None]]), axis=0)
    inside = np.stack([likely(point) > 0 for point in grid]) | (grid == best)
    start = inside.argmax(0)
    stop = len(grid) - 1 - inside[::-1].argmax(0)
    before = np.where(start > 0, _at(grid, np.maximum(start - 1, 0)), zero)
    low = np.where(likely(zero) >= 0, 0.0, crossing(likely, before, _at(grid, start)))
    high = crossing(likely, _at(grid, stop), _at(grid, np.minimum(stop + 1, len(grid) - 1)))
    return low, high


def _at(grid: FloatArray, index: np.ndarray) -> FloatArray:
    return np.asarray(np.take_along_axis(grid, np.asarray(index)[None], 0)[0])
