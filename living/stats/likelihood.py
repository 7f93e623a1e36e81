"""Maximum likelihood and restricted maximum likelihood estimates of the between-study variance.

These likelihoods can have more than one maximum, and an iteration started elsewhere stops at the wrong one.
Here the likelihood is first evaluated at 0 and on a grid that provably covers every maximum; the best few
peaks are then refined and compared.
"""

from __future__ import annotations

import numpy as np

from living.stats.effects import BoolArray, FloatArray
from living.stats.moments import Layout, divide
from living.stats.rows import Rows, maximise_row, maximise_rows
from living.stats.status import Status

GRID_POINTS = (
    48  # ratio of neighbours is below 2 for ranges up to 1e14: two peaks closer than that have merged
)
GRID_FLOOR = 1e-4  # the first point above 0, relative to the smallest sampling variance
BLOCK = 1 << 18  # numbers evaluated at once: 2 MB, so that a big batch does not leave the cache
PEAKS = 3  # refined and compared; more than two have not been seen in practice
MAX_STEPS = 200
STEP_TOLERANCE = 4 * float(np.finfo(np.float64).eps)
ACCEPTED_STEP = 1e-12  # relative to tau2 plus the smallest sampling variance


def log_likelihood(layout: Layout, tau2: FloatArray, restricted: bool) -> FloatArray:
    """Log-likelihood of tau2 with the means at their best values, [...], up to metafor's constants.

    **Source** Viechtbauer 2005, J Educ Behav Stat 30:261-293, equations 10 and 14. Oracle:
    `logLik(rma(...))`.
    """
    w = layout.weights(tau2)
    scatter = np.where(layout.member > 0, np.log(layout.v + np.asarray(tau2)[..., None, None]), 0.0)
    value: FloatArray = -0.5 * (scatter.sum(-1).sum(-1) + layout.q(tau2))
    if not restricted:
        return np.asarray(value - 0.5 * layout.k * np.log(2 * np.pi))
    return np.asarray(value - 0.5 * layout.log_determinant(w) - 0.5 * layout.df * np.log(2 * np.pi))


def score(layout: Layout, tau2: FloatArray, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of the log-likelihood by tau2, both [...].

    **Source** Viechtbauer 2005, equations 11-16; the second derivative by d P / d tau2 = -P P.
    """
    w = layout.weights(tau2)
    if restricted:
        fit, bend, trace, trace_pp = layout.derivative_parts(w)
        return 0.5 * (fit - trace), 0.5 * trace_pp - bend
    fit, bend = layout.py_squares(w)
    return 0.5 * (fit - w.sum(-1).sum(-1)), 0.5 * (w**2).sum(-1).sum(-1) - bend


def maximise(layout: Layout, restricted: bool) -> FloatArray:
    """Return the tau2 >= 0 of the highest likelihood, [...]; NaN where the search did not settle.

    Rows with one mean take the fast way, and leave it where there may be a second maximum.
    """
    if type(layout) is not Layout or layout.member.shape[-2] > 1:
        return _compare_peaks(layout, restricted)
    if layout.status.ndim == 0 and not layout.status:
        tau2, doubtful = maximise_row(Rows(layout.y[0], layout.v[0], layout.member[0]), restricted)
        return _compare_peaks(layout, restricted) if doubtful else tau2
    shape = (layout.status.size, layout.member.shape[-1])
    every = Rows(layout.y.reshape(shape), layout.v.reshape(shape), layout.member.reshape(shape))
    status = layout.status.reshape(-1)
    tau2 = np.zeros(len(every))
    usable = np.flatnonzero(status == Status.OK)
    tau2[usable], doubtful = maximise_rows(every[usable] if len(usable) < len(every) else every, restricted)
    again = usable[doubtful]
    if len(again):
        rest = every[again]
        tau2[again] = _compare_peaks(
            Layout(rest.y[:, None], rest.v[:, None], rest.member[:, None], status[again]), restricted
        )
    return tau2.reshape(layout.status.shape)


def _compare_peaks(layout: Layout, restricted: bool) -> FloatArray:
    """The highest of all peaks on a grid, whatever the number of means, [...]."""
    grid = covering_grid(layout)
    pieces = min(GRID_POINTS, 1 + layout.member.size * GRID_POINTS // BLOCK)
    values = np.concatenate(
        [log_likelihood(layout, part, restricted) for part in np.array_split(grid, pieces)]
    )
    return climb(layout, grid, values, restricted)


def climb(layout: Layout, grid: FloatArray, values: FloatArray, restricted: bool) -> FloatArray:
    """Refine the highest peaks of the likelihood on a grid that starts at 0; both [points, ...].

    `values` may leave out what is the same at every point, so heights are computed anew.
    Returns the best tau2 [...], NaN where its search did not settle.
    """
    best: FloatArray = np.zeros(grid.shape[1:])
    height = log_likelihood(layout, best, restricted)
    for index, real in _peaks(values):
        if not real.any():
            break
        low = np.take_along_axis(grid, np.maximum(index - 1, 0)[None], 0)[0]
        high = np.take_along_axis(grid, np.minimum(index + 1, len(grid) - 1)[None], 0)[0]
        tau2 = _refine(layout, low, np.take_along_axis(grid, index[None], 0)[0], high, restricted, real)
        found = log_likelihood(layout, np.where(np.isnan(tau2), 0.0, tau2), restricted)
        better = real & (np.isnan(tau2) | (found > height))
        best, height = np.where(better, tau2, best), np.where(better, found, height)
    return best


def covering_grid(layout: Layout) -> FloatArray:
    """0 and a geometric grid up to a bound above which the score is negative, [points, ...].

    With S the squares within groups, the score is positive only if S / tau2^2 >= df / (vmax + tau2).
    """
    member = layout.member > 0
    largest = np.where(member, layout.v, 0.0).max((-2, -1), initial=0.0)
    smallest = np.where(member, layout.v, np.inf).min((-2, -1), initial=np.inf)
    smallest = np.where(np.isfinite(smallest), smallest, 1.0)
    ms = layout.mean_square()
    bound = np.maximum((ms + np.sqrt(ms**2 + 4 * ms * largest)) / 2, smallest)
    first = GRID_FLOOR * smallest
    steps = (np.arange(GRID_POINTS) / (GRID_POINTS - 1)).reshape(-1, *[1] * first.ndim)
    return np.concatenate([np.zeros_like(first)[None], first * np.exp(np.log(bound / first) * steps)])


def common_grid(layout: Layout) -> FloatArray:
    """One grid that covers every row of a batch, [points]."""
    grid = covering_grid(layout)
    last, first = float(grid[-1].max()), float(grid[1].min())
    return np.concatenate([[0.0], np.geomspace(first, last, GRID_POINTS)])


def _peaks(values: FloatArray) -> list[tuple[np.ndarray, BoolArray]]:
    """Grid indices of the highest local maxima, best first, with whether there is such a peak, each [...]."""
    edge = np.full_like(values[:1], -np.inf)
    left, right = np.concatenate([edge, values[:-1]]), np.concatenate([values[1:], edge])
    peak = (values >= left) & (values >= right)
    order = np.argsort(np.where(peak, -values, np.inf), axis=0, kind="stable")[:PEAKS]
    return [(index, np.take_along_axis(peak, index[None], 0)[0]) for index in order]


def _refine(
    layout: Layout, low: FloatArray, start: FloatArray, high: FloatArray, restricted: bool, wanted: BoolArray
) -> FloatArray:
    """Newton's steps on the score from `start`, kept inside [low, high] by bisection on its sign."""
    tau2, step, active = start, np.zeros_like(start), wanted
    scale = np.where(layout.member > 0, layout.v, np.inf).min((-2, -1), initial=np.inf)
    scale = np.where(np.isfinite(scale), scale, 0.0)
    for _ in range(MAX_STEPS):
        if not active.any():
            break
        slope, curvature = score(layout, tau2, restricted)
        low, high = np.where(slope > 0, tau2, low), np.where(slope > 0, high, tau2)
        candidate = tau2 + np.where(curvature < 0, divide(slope, -curvature), np.inf)
        candidate = np.where((candidate >= low) & (candidate <= high), candidate, (low + high) / 2)
        last, step = step, np.where(active, np.abs(candidate - tau2), step)
        tau2 = np.where(active, candidate, tau2)
        rounding = (step <= ACCEPTED_STEP * (tau2 + scale)) & (step > last / 2)
        active = active & (step > STEP_TOLERANCE * tau2) & ~rounding
    settled = step <= ACCEPTED_STEP * (tau2 + scale)
    return np.where(settled, tau2, np.nan)
