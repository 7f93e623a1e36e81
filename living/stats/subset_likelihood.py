"""Restricted or plain maximum likelihood for many subsets of the same studies at once.

Every sum over a subset at a given tau2 is linear in who belongs to it. So the likelihood of all subsets on
one common grid costs a few additions each; only the last steps, where each subset has a tau2 of its own, need
one division for each study.
"""

from __future__ import annotations

import numpy as np

from living.stats.effects import FloatArray, IntArray
from living.stats.likelihood import GRID_FLOOR, maximise
from living.stats.moments import lay_out

RATIO = 2.0  # of neighbours on the grid; two peaks closer than that have merged
MAX_STEPS = 60  # bisection alone halves a bracket of ratio 4 to the last digit in 54
SETTLED = 1e-9  # relative; the step after a Newton step this small is below rounding


def grid_of(y: FloatArray, v: FloatArray) -> FloatArray:
    """0 and a geometric grid beyond which no subset's score is positive, [points].

    The unweighted mean square of any subset is at most half the squared range; the bound is that of
    `likelihood`.
    """
    ms = float(np.ptp(y)) ** 2 / 2
    bound = max((ms + np.sqrt(ms**2 + 4 * ms * float(v.max()))) / 2, float(v.min()))
    first = GRID_FLOOR * float(v.min())
    points = int(np.ceil(np.log(bound / first) / np.log(RATIO))) + 1
    return np.concatenate([[0.0], first * RATIO ** np.arange(points)])


def grid_columns(y: FloatArray, v: FloatArray, grid: FloatArray) -> FloatArray:
    """What has to be summed over a subset for its likelihood on the grid, [4 * points, k]."""
    total = v + grid[:, None]
    w = 1 / total
    return np.concatenate([np.log(total), w, w * y, w * y**2])


def maximise_subsets(
    y: FloatArray,
    v: FloatArray,
    member: FloatArray,
    sums: FloatArray,
    grid: FloatArray,
    restricted: bool,
) -> FloatArray:
    """Return tau2 of the highest likelihood for each subset, [n]; NaN where the search did not settle.

    Shapes: `y`, `v` [k] (`y` around zero); `member` [n, k], 1 for a study inside, at least two in a row;
    `sums` [4 * points, n], the sums of `grid_columns` over each subset. A subset with several peaks on the
    grid goes to the slower search that compares them.
    **Source** Viechtbauer 2005, equations 11-16. Oracle: `gosh(rma(...))`.
    """
    height = _grid_likelihood(sums.reshape(4, len(grid), -1), member.sum(-1), restricted)
    several = _count_peaks(height) > 1
    best = height.argmax(0)
    tau2 = _climb(y, v, member, grid, best, restricted)
    again = several | np.isnan(tau2)
    if again.any():
        tau2[again] = maximise(lay_out(y, v, member[again] > 0), restricted)
    return tau2


def _grid_likelihood(sums: FloatArray, k: FloatArray, restricted: bool) -> FloatArray:
    """Log-likelihood up to a constant of the subset, [points, n]."""
    logs, total, first, second = sums
    value: FloatArray = logs + second - first**2 / total
    return -(value + np.log(total)) if restricted else -value


def _count_peaks(height: FloatArray) -> IntArray:
    rising = height[1:] > height[:-1]
    falls_at_once = ~rising[0]
    return np.asarray(falls_at_once + (rising[:-1] & ~rising[1:]).sum(0))


def _climb(
    y: FloatArray, v: FloatArray, member: FloatArray, grid: FloatArray, best: IntArray, restricted: bool
) -> FloatArray:
    """Newton's steps from the best grid point, inside its neighbours; a row leaves when it has settled."""
    tau2 = np.full(len(best), np.nan)
    rows = np.arange(len(best))
    at, low, high = grid[best], grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    powers = np.stack([np.ones_like(y), y, y**2], axis=1)
    for _ in range(MAX_STEPS):
        slope, curvature = _score(v, member, at, powers, restricted)
        low, high = np.where(slope > 0, at, low), np.where(slope > 0, high, at)
        with np.errstate(all="ignore"):
            step = np.where(curvature < 0, at - slope / curvature, np.inf)
        step = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        step = np.where((at == 0) & (slope <= 0), 0.0, step)
        done = np.abs(step - at) <= SETTLED * step
        tau2[rows[done]] = step[done]
        if done.all():
            break
        left = ~done
        rows, at, low, high, member = rows[left], step[left], low[left], high[left], member[left]
    return tau2


def _score(
    v: FloatArray, member: FloatArray, tau2: FloatArray, powers: FloatArray, restricted: bool
) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of each row's log-likelihood at its own tau2, both [n]."""
    w = member / (v + tau2[:, None])
    w2 = w * w
    total, first = (w @ powers[:, :2]).T
    s2, a2, b2 = (w2 @ powers).T
    s3, a3, b3 = ((w2 * w) @ powers).T
    mu = first / total
    fit = b2 - 2 * mu * a2 + mu**2 * s2
    bend = b3 - 2 * mu * a3 + mu**2 * s3 - (a2 - mu * s2) ** 2 / total
    if not restricted:
        return 0.5 * (fit - total), 0.5 * s2 - bend
    ratio = s2 / total
    return 0.5 * (fit - total + ratio), 0.5 * (s2 - 2 * s3 / total + ratio**2) - bend
