"""Find the between-study variance at which the generalised Q takes a given value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.moments import Layout, across, divide

MAX_STEPS = 200  # bisection alone needs about 60 to exhaust double precision, plus the way down the bracket
SETTLED = 1e-8  # relative; the step after a Newton step this small is below rounding
ROUNDING = 1e-13  # relative to tau2; smaller steps only move the last digits


def solve_q(layout: Layout, target: npt.ArrayLike) -> FloatArray:
    """Return tau2 >= 0 with Q(tau2) = target, 0 where Q(0) is already below, NaN where the search did not
    settle.

    Shapes: `target` [...] > 0, with more axes in front where several values are sought for each row; returns
    its shape. Q falls with tau2, and Q(tau2) <= S / tau2 with S the unweighted squares within groups, so the
    root lies in [0, S / target] and no search range has to be invented. Newton's step is taken on 1/Q, which
    is concave and nearly a straight line, and replaced by a bisection when it leaves the bracket. It starts
    from where the asymptote of 1/Q meets the target, which is not beyond the root.
    """
    goal = np.asarray(target, dtype=np.float64) + np.zeros_like(layout.k)
    squares = layout.squares(layout.member)
    spread = across(layout.member, squares)
    low, high = np.zeros_like(goal), spread / goal
    sampling = across(layout.member * layout.v, squares)
    tau2 = np.clip(high - divide(sampling, spread), low, high)
    settled = (tau2 == 0) & (layout.cochran_q <= goal)
    for _ in range(MAX_STEPS):
        if settled.all():
            return np.asarray(tau2)
        w = layout.weights(tau2)
        part = w * layout.squares(w)
        q, slope = across(part), across(w, part)
        low, high = np.where(q > goal, tau2, low), np.where(q > goal, high, tau2)
        with np.errstate(all="ignore"):
            there = tau2 + q * (q / goal - 1) / slope
        newton = (there >= low) & (there <= high)
        there = np.where(newton, there, (low + high) / 2)
        moved = np.abs(there - tau2)
        tau2 = np.where(settled, tau2, there)
        settled = settled | (newton & (moved <= SETTLED * there)) | (moved <= ROUNDING * there)
    return np.where(settled, tau2, np.nan)
