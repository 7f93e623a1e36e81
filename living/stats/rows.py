"""The likelihood of the between-study variance where every row is a meta-analysis with one mean, made fast.

Points on a grid come on an axis before the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.moments import dot, total

POWERS = 2.0 ** np.arange(48)  # from one grid point to the next no study's weight changes by more than half
BLOCK = 1 << 15  # numbers evaluated at once: 256 kB, so that a handful of arrays stays in a core's cache
MAX_STEPS = 50
SETTLED = 1e-7  # relative; the step after a Newton step this small is below rounding
ROUNDING = 1e-13  # relative to tau2 plus the smallest sampling variance


@dataclass(frozen=True, eq=False)
class Rows:
    """Meta-analyses [n, k]; `member` is 1 where a study belongs to the row, and each has two or more."""

    y: FloatArray
    v: FloatArray
    member: FloatArray

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, which: slice | IntArray | BoolArray) -> Rows:
        return Rows(self.y[which], self.v[which], self.member[which])

    def smallest(self) -> FloatArray:
        """The smallest sampling variance of each row, [n]."""
        return np.asarray(np.where(self.member > 0, self.v, np.inf).min(-1))

    def bound(self) -> FloatArray:
        """A between-study variance above which the score is negative, [n].

        With S the unweighted squares, the score is positive only if S / tau2^2 >= (k - 1) / (vmax + tau2).
        """
        largest = (self.member * self.v).max(-1)
        k = total(self.member)
        mean = dot(self.member, self.y) / k
        distance = self.member * (self.y - mean[..., None])
        ms = dot(distance, distance) / (k - 1)
        return np.asarray((ms + np.sqrt(ms * ms + 4 * ms * largest)) / 2)

    def balance(self, tau2: FloatArray, restricted: bool) -> tuple[FloatArray, FloatArray]:
        """Trace P over y'PPy and its derivative by tau2 [..., n]; below 1 where the likelihood rises.

        Without restriction the trace is that of the weights. The score is the difference of the two parts;
        their ratio is a straight line where sampling variances are equal, and nearly one otherwise.
        **Source** Viechtbauer 2005, equations 11-16; the derivatives by d P / d tau2 = -P P.
        """
        w = self.member / (self.v + tau2[..., None])
        one, squares = total(w), w * w
        two = total(squares)
        py = w * (self.y - (dot(w, self.y) / one)[..., None])
        fit = dot(py, py)
        trace, trace_pp = one, two
        if restricted:
            share = two / one
            trace, trace_pp = one - share, two - 2 * dot(squares, w) / one + share * share
        np.multiply(w, py, out=squares)
        lost = total(squares)
        bend = dot(squares, py) - lost * lost / one
        ratio = trace / fit
        return ratio, (2 * ratio * bend - trace_pp) / fit


def maximise_rows(rows: Rows, restricted: bool) -> tuple[FloatArray, BoolArray]:
    """Return the tau2 >= 0 of the only maximum of each row's likelihood, and which rows are doubtful, [n].

    The score is looked at in 0 and on a grid that covers every maximum. A row is doubtful, and its tau2
    without meaning, if the score falls through zero more than once, turns between two points so that it may,
    or if the search did not settle.
    """
    tau2, doubtful = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    size = max(1, BLOCK // max(1, rows.y.shape[-1]))
    with np.errstate(all="ignore"):  # studies that agree perfectly have no finite ratio
        for first in range(0, len(rows), size):
            part = slice(first, first + size)
            tau2[part], doubtful[part] = _maximise_block(rows[part], restricted)
    return tau2, doubtful


def _maximise_block(rows: Rows, restricted: bool) -> tuple[FloatArray, BoolArray]:
    smallest = rows.smallest()
    reach = 1 + rows.bound() / smallest
    points = min(len(POWERS), int(np.searchsorted(POWERS, reach.max())) + 1)
    grid = (POWERS[:points, None] - 1) * smallest
    ratio, slope = _balance_on(grid, rows, restricted)
    rising = ratio < 1
    falls = (rising[:-1] & ~rising[1:]).sum(0) + ~rising[0]
    doubtful = (falls != 1) | ~(reach <= POWERS[points - 1]) | _may_hide(grid, ratio, slope, rising)
    tau2 = np.zeros(len(rows))
    inside = np.flatnonzero(rising[0] & ~doubtful)
    if len(inside):
        last, curve = rising[:, inside].sum(0) - 1, np.stack([grid, ratio, slope])
        ends = curve[:, last, inside], curve[:, last + 1, inside]
        chosen = rows if len(inside) == len(rows) else rows[inside]
        tau2[inside] = _settle(chosen, *ends, smallest[inside], restricted)
    return tau2, doubtful | np.isnan(tau2)


def _balance_on(grid: FloatArray, rows: Rows, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """`Rows.balance` on a grid [points, n], as many points at once as the cache holds."""
    size = max(1, BLOCK // max(1, rows.y.size))
    if size >= len(grid):
        return rows.balance(grid, restricted)
    parts = [rows.balance(grid[i : i + size], restricted) for i in range(0, len(grid), size)]
    return np.concatenate([ratio for ratio, _ in parts]), np.concatenate([slope for _, slope in parts])


def _may_hide(grid: FloatArray, ratio: FloatArray, slope: FloatArray, rising: BoolArray) -> BoolArray:
    """Rows whose ratio may cross 1 twice between two grid points, [n].

    It turns there, and the tangents at both ends meet on the other side of 1.
    """
    a, b, width = slope[:-1], slope[1:], grid[1:] - grid[:-1]
    meeting = ratio[:-1] + a * (ratio[1:] - ratio[:-1] - b * width) / (a - b)
    across = (rising[:-1] == rising[1:]) & ((meeting < 1) != rising[1:])
    return np.asarray((across & (a * b < 0)).any(0) | np.isnan(ratio).any(0))


def _between(left: FloatArray, right: FloatArray) -> FloatArray:
    """Where the ratio may be 1, by the cubic through two neighbours: tau2 as a function of the ratio, [n].

    `left`, `right` [3, n]: tau2, the ratio and its slope, below and above 1.
    """
    (low, below, slope_low), (high, above, slope_high) = left, right
    rise, width = above - below, high - low
    x = (1 - below) / rise
    rest = 1 - x
    bend = rise * x * rest * (rest / slope_low - x / slope_high)
    cubic = low + width * x * x * (3 - 2 * x) + bend
    return np.asarray(np.where((cubic > low) & (cubic < high), cubic, low + x * width))


def _settle(
    rows: Rows, left_end: FloatArray, right_end: FloatArray, scale: FloatArray, restricted: bool
) -> FloatArray:
    """Newton's steps between two ends [3, n], or halving; a row leaves when it has settled, [n]."""
    tau2, left = np.full(len(rows), np.nan), np.arange(len(rows))
    low, at, high = left_end[0], _between(left_end, right_end), right_end[0]
    for _ in range(MAX_STEPS):
        ratio, slope = rows.balance(at, restricted)
        rises = ratio < 1
        low, high = np.where(rises, at, low), np.where(rises, high, at)
        there = at + (1 - ratio) / slope
        newton = (there >= low) & (there <= high)
        there = np.where(newton, there, (low + high) / 2)
        moved = np.abs(there - at)
        done = (newton & (moved <= SETTLED * there)) | (moved <= ROUNDING * (there + scale))
        tau2[left[done]] = there[done]
        if done.all():
            break
        if done.any():
            more = np.flatnonzero(~done)
            rows, left = rows[more], left[more]
            low, there, high, scale = np.stack([low, there, high, scale])[:, more]
        at = there
    return tau2
