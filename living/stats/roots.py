"""Find the between-study variance at which the generalised Q takes a given value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.moments import Layout, across, divide, everywhere

MAX_STEPS = 100  # 19 were the most that sampling variances twenty orders of magnitude apart needed
SETTLED = 1e-7  # of tau2; the step after a Newton step this small is below rounding
ROUNDING = 1e-14  # of Q; nearer to the target only the last digits move


def solve_q(layout: Layout, target: npt.ArrayLike) -> FloatArray:
    """Return tau2 >= 0 with Q(tau2) = target, 0 where Q(0) is already below, NaN where the search did not
    settle.

    Shapes: `target` [...] > 0, with more axes in front where several values are sought for each row; returns
    its shape. 1/Q rises with tau2, is concave and nearly a straight line. Newton's steps on it from a point
    below the root therefore lead up to the root and never beyond, and from a point above it to one below.
    """
    goal = np.asarray(target, dtype=np.float64)
    with np.errstate(all="ignore"):
        settled = layout.cochran_q <= goal
        lowest, start = _start(layout, goal)
        tau2 = np.where(settled, 0.0, start)
        for _ in range(MAX_STEPS):
            if everywhere(settled):
                return tau2
            w = layout.weights(tau2)
            part = w * layout.squares(w)
            q = across(part)
            excess = q / goal - 1
            there = np.where(settled, tau2, np.maximum(tau2 + excess * q / across(w, part), lowest))
            settled = settled | (np.abs(there - tau2) <= SETTLED * there) | (np.abs(excess) <= ROUNDING)
            tau2 = there
    return np.where(settled, tau2, np.nan)


def _start(layout: Layout, goal: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A tau2 that is not above the root, and one near it: no search range has to be invented.

    The asymptote of 1/Q lies above it and meets the target at `low`; the parallel through 1/Q(0) lies below
    and meets it at `high`. The curve between them that falls short of the asymptote by a hyperbola, and that
    has the value and the slope of 1/Q at 0, is nearly 1/Q itself.
    """
    squares, w = layout.squares(layout.member), layout.common
    spread, sampling = across(layout.member, squares), across(layout.member * layout.v, squares)
    at_goal, at_zero = spread / goal, spread / layout.cochran_q
    low, high = at_goal - divide(sampling, spread), at_goal - at_zero
    steeper = at_zero * across(w, w * layout.common_squares) / layout.cochran_q - 1
    short = high - low
    half = short - low * steeper
    meeting = 2 * high * short / (half + np.sqrt(half * half + 4 * steeper * high * short))
    lowest = np.maximum(low, 0.0)
    return lowest, np.fmax(lowest, np.fmin(meeting, high))
