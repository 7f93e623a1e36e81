"""The likelihood of the between-study variance where every row is a meta-analysis with one mean, made fast.

Points on a grid come on an axis before the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.moments import dot, everywhere, total

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
        w = self.v + tau2[..., None]
        np.divide(self.member, w, out=w)
        one, squares = total(w), w * w
        two = total(squares)
        py = self.y - (dot(w, self.y) / one)[..., None]
        py *= w
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


def maximise_row(row: Rows, restricted: bool) -> tuple[FloatArray, BoolArray]:
    """`maximise_rows` for one row of studies [k]: the same numbers, without the price of a batch."""
    with np.errstate(all="ignore"):
        view = _look(row, restricted)
        if view.doubtful or not view.rising[0]:
            return np.zeros(()), view.doubtful
        last = np.count_nonzero(view.rising) - 1
        tau2 = _settle(row, view.at(last), view.at(last + 1), view.smallest, restricted)
        return tau2, np.isnan(tau2)


def _maximise_block(rows: Rows, restricted: bool) -> tuple[FloatArray, BoolArray]:
    view, tau2 = _look(rows, restricted), np.zeros(len(rows))
    inside = np.flatnonzero(view.rising[0] & ~view.doubtful)
    if len(inside):
        last = view.rising[:, inside].sum(0) - 1
        ends = view.at((last, inside)), view.at((last + 1, inside))
        chosen = rows if len(inside) == len(rows) else rows[inside]
        tau2[inside] = _settle(chosen, *ends, view.smallest[inside], restricted)
    return tau2, view.doubtful | np.isnan(tau2)


class Point(NamedTuple):
    """A between-study variance with the ratio and its slope there, [n] or of one row."""

    tau2: FloatArray
    ratio: FloatArray
    slope: FloatArray


class View(NamedTuple):
    """The ratio on a grid; arrays [points, n], and [n] for `smallest` and for which rows are doubtful."""

    curve: Point
    rising: BoolArray
    doubtful: BoolArray
    smallest: FloatArray

    def at(self, place: Any) -> Point:
        """The points at one place of each row."""
        tau2, ratio, slope = self.curve
        return Point(tau2[place], ratio[place], slope[place])


def _look(rows: Rows, restricted: bool) -> View:
    smallest = rows.smallest()
    reach = 1 + rows.bound() / smallest
    points = min(len(POWERS), int(np.searchsorted(POWERS, reach.max())) + 1)
    grid = np.multiply.outer(POWERS[:points] - 1, smallest)
    curve = Point(grid, *_balance_on(grid, rows, restricted))
    rising = curve.ratio < 1
    falls = np.add.reduce(rising[:-1] > rising[1:], 0, dtype=np.int64) + ~rising[0]
    doubtful = (falls != 1) | ~(reach <= POWERS[points - 1]) | _may_hide(curve, rising)
    return View(curve, rising, doubtful, smallest)


def _balance_on(grid: FloatArray, rows: Rows, restricted: bool) -> tuple[FloatArray, FloatArray]:
    """`Rows.balance` on a grid [points, n], as many points at once as the cache holds."""
    size = max(1, BLOCK // max(1, rows.y.size))
    if size >= len(grid):
        return rows.balance(grid, restricted)
    parts = [rows.balance(grid[i : i + size], restricted) for i in range(0, len(grid), size)]
    return np.concatenate([ratio for ratio, _ in parts]), np.concatenate([slope for _, slope in parts])


def _may_hide(curve: Point, rising: BoolArray) -> BoolArray:
    """Rows whose ratio may cross 1 twice between two grid points, [n].

    It turns there, and the tangents at both ends meet on the other side of 1.
    """
    grid, ratio, slope = curve
    a, b = slope[:-1], slope[1:]
    lost, turns = np.asarray(np.isnan(ratio).any(0)), a * b < 0
    if not turns.any():
        return lost
    meeting = ratio[:-1] + a * (ratio[1:] - ratio[:-1] - b * (grid[1:] - grid[:-1])) / (a - b)
    across = (rising[:-1] == rising[1:]) & ((meeting < 1) != rising[1:])
    return np.asarray((across & turns).any(0) | lost)


def _between(left: Point, right: Point) -> FloatArray:
    """Where the ratio may be 1, by the cubic through two neighbours: tau2 as a function of the ratio, [n].

    The ratio is below 1 on the left and above it on the right.
    """
    rise, width = right.ratio - left.ratio, right.tau2 - left.tau2
    x = (1 - left.ratio) / rise
    rest = 1 - x
    bend = rise * x * rest * (rest / left.slope - x / right.slope)
    cubic = left.tau2 + width * x * x * (3 - 2 * x) + bend
    good = (cubic > left.tau2) & (cubic < right.tau2)
    return cubic if everywhere(good) else np.where(good, cubic, left.tau2 + x * width)


def _settle(rows: Rows, left: Point, right: Point, scale: FloatArray, restricted: bool) -> FloatArray:
    """Where the ratio is 1 between two points, [n]; NaN where the search did not settle."""
    return _newton(rows, left.tau2, _between(left, right), right.tau2, scale, restricted)


def _newton(
    rows: Rows, low: FloatArray, at: FloatArray, high: FloatArray, scale: FloatArray, restricted: bool
) -> FloatArray:
    """Newton's steps from `at` that stay between `low` and `high`, or halving; who has settled waits, [n]."""
    for _ in range(MAX_STEPS):
        ratio, slope = rows.balance(at, restricted)
        there = at + (1 - ratio) / slope
        newton = (slope > 0) & (there >= low) & (there <= high)
        settled = newton & (np.abs(there - at) <= SETTLED * there)
        if everywhere(settled):
            return there
        rises = ratio < 1
        low, high = np.where(rises, at, low), np.where(rises, high, at)
        there = np.where(newton, there, (low + high) / 2)
        settled |= np.abs(there - at) <= ROUNDING * (there + scale)
        if settled.any():
            more = np.flatnonzero(~settled)
            if len(more):
                ends = low[more], there[more], high[more], scale[more]
                there[more] = _newton(rows[more], *ends, restricted)
            return there
        at = there
    return np.full_like(at, np.nan)
