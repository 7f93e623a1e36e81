"""Restricted or plain maximum likelihood for many subsets of the same studies at once.

Every sum over a subset at a given tau2 is linear in who belongs to it. So the likelihood of all subsets on
one common grid costs a few additions each; only the last steps, where each subset has a tau2 of its own, need
one division for each study.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.likelihood import GRID_FLOOR, maximise
from living.stats.moments import lay_out

RATIO = 2.0  # of neighbours on the grid; two peaks closer than that have merged
CANCELLED = 1e-6  # scatter relative to the sum it is left over from: below this it is summed from distances
MAX_STEPS = 60  # bisection alone halves a bracket of ratio 4 to the last digit in 54
SETTLED = 1e-9  # relative; the step after a Newton step this small is below rounding


@dataclass(frozen=True, eq=False)
class SubsetLikelihood:
    """The likelihood of tau2 for subsets of the same studies; `y` [k] around zero, `v` [k], `grid` [points].

    **Source** Viechtbauer 2005, J Educ Behav Stat 30:261-293, equations 11-16. Oracle: `gosh(rma(...))`.
    """

    y: FloatArray
    v: FloatArray
    grid: FloatArray
    restricted: bool

    @classmethod
    def of(cls, y: FloatArray, v: FloatArray, restricted: bool) -> SubsetLikelihood:
        """Beside 0, a geometric grid beyond which no subset's score is positive.

        The unweighted mean square of any subset is at most half the squared range; the bound is that of
        `likelihood`.
        """
        ms = float(np.ptp(y)) ** 2 / 2
        bound = max((ms + np.sqrt(ms**2 + 4 * ms * float(v.max()))) / 2, float(v.min()))
        first = GRID_FLOOR * float(v.min())
        points = int(np.ceil(np.log(bound / first) / np.log(RATIO))) + 1
        return cls(y, v, np.concatenate([[0.0], first * RATIO ** np.arange(points)]), restricted)

    @property
    def columns(self) -> FloatArray:
        """What has to be summed over a subset for its likelihood on the grid, [3 * points, k]."""
        total = self.v + self.grid[:, None]
        w = 1 / total
        return np.concatenate([np.log(total) + w * self.y**2, w, w * self.y])

    def maximise(self, studies: IntArray, member: FloatArray, sums: FloatArray) -> FloatArray:
        """Return tau2 of the highest likelihood for each subset, [n]; NaN where the search did not settle.

        Shapes: `studies` [m], those that may be inside; `member` [m, n], 1 where one is; `sums`
        [3 * points, n], the sums of `columns`, which are overwritten. A subset of fewer than two has 0. A
        subset with several peaks on the grid goes to the slower search that compares them.
        """
        several = member.sum(0) > 1
        deviance = self.on_grid(sums.reshape(3, len(self.grid), -1))
        best, single = _valley(deviance)
        tau2 = self.climb(studies, member, several, best, self.between(deviance, best))
        again = several & ~(single & np.isfinite(tau2))
        if again.any():
            inside = member[:, again].T > 0
            tau2[again] = maximise(lay_out(self.y[studies], self.v[studies], inside), self.restricted)
        return tau2

    def on_grid(self, sums: FloatArray) -> FloatArray:
        """Minus twice the log-likelihood on the grid up to a constant of the subset, [points, n].

        It is made in the place of the sums.
        """
        deviance: FloatArray = sums[0]
        total, first = sums[1:]
        first *= first
        first /= total
        deviance -= first
        if self.restricted:
            deviance += np.log(total, out=total)
        return deviance

    def between(self, deviance: FloatArray, best: IntArray) -> FloatArray:
        """Where a quartic of log tau2 through the best grid point and two on each side is lowest, [n].

        Without two on each side (0 has no logarithm) it is the grid point itself.
        """
        inner = np.clip(best, 3, len(self.grid) - 3)
        n = deviance.shape[1]
        place, flat = inner * n + np.arange(n), deviance.reshape(-1)
        middle = flat.take(place)
        a, b, d, e = (flat.take(place + step * n) - middle for step in (-2, -1, 1, 2))
        slope, bend = (a - e) / 12 + (d - b) * (2 / 3), (b + d) * (4 / 3) - (a + e) / 12
        third, fourth = (e - a) / 2 + b - d, a + e - 4 * (b + d)
        shift = -slope / bend
        for _ in range(2):
            height = slope + shift * (bend + shift * (third / 2 + shift * (fourth / 6)))
            shift -= height / (bend + shift * (third + shift * (fourth / 2)))
        usable = (inner == best) & (np.abs(shift) < 1)
        return self.grid[best] * RATIO ** np.where(usable, shift, 0.0)

    def climb(
        self, studies: IntArray, member: FloatArray, wanted: BoolArray, best: IntArray, at: FloatArray
    ) -> FloatArray:
        """Newton's steps from `at`, inside the neighbours of the best grid point, [n]; 0 where not wanted."""
        tau2 = np.where(wanted, np.nan, 0.0)
        low = self.grid[np.maximum(best - 1, 0)]
        high = self.grid[np.minimum(best + 1, len(self.grid) - 1)]
        y, v = self.y[studies], self.v[studies, None]
        powers = np.stack([np.ones_like(y), y, y**2])
        room = np.empty((2, member.size))
        rows, left = np.arange(len(best)), np.flatnonzero(wanted)
        for _ in range(MAX_STEPS):
            if len(left) == 0:
                break
            if len(left) < len(rows):
                rows, at, low, high = rows[left], at[left], low[left], high[left]
                member = member.take(left, axis=1)
            slope, curvature = _score(v, member, at, powers, self.restricted, room)
            rising = slope > 0
            low, high = np.where(rising, at, low), np.where(rising, high, at)
            step = at - slope / curvature
            inside = (curvature < 0) & (step >= low) & (step <= high)
            step = np.where(inside, step, (low + high) / 2)
            step[(at == 0) & ~rising] = 0.0
            done = np.abs(step - at) <= SETTLED * step
            tau2[rows] = np.where(done, step, np.nan)
            at, left = step, np.flatnonzero(~done)
        return tau2


def _valley(deviance: FloatArray) -> tuple[IntArray, BoolArray]:
    """The grid point of the only valley of each column, and whether it is the only one, both [n]."""
    falling = (deviance[1:] < deviance[:-1]).view(np.uint8)
    ends = np.add.reduce(falling[:-1] > falling[1:], axis=0, dtype=np.uint8)
    valleys = ends + (1 - falling[0]) + falling[-1]
    return np.add.reduce(falling, axis=0, dtype=np.int64), valleys == 1


def _score(
    v: FloatArray,
    member: FloatArray,
    tau2: FloatArray,
    powers: FloatArray,
    restricted: bool,
    room: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of each subset's log-likelihood at its own tau2, both [n]."""
    w, power = room[:, : member.size].reshape(2, *member.shape)
    np.divide(member, np.add(v, tau2, out=w), out=w)
    total, first = powers[:2] @ w
    s2, a2, b2 = powers @ np.multiply(w, w, out=power)
    s3, a3, b3 = powers @ np.multiply(power, w, out=power)
    mu = first / total
    fit = b2 - 2 * mu * a2 + mu**2 * s2
    bend = b3 - 2 * mu * a3 + mu**2 * s3 - (a2 - mu * s2) ** 2 / total
    if not restricted:
        return 0.5 * (fit - total), 0.5 * s2 - bend
    ratio = s2 / total
    return 0.5 * (fit - total + ratio), 0.5 * (s2 - 2 * s3 / total + ratio**2) - bend
