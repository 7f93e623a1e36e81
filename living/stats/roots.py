"""Find the between-study variance at which the generalised Q takes a given value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.moments import Layout, across, divide

MAX_STEPS = 100  # 19 were the most that sampling variances twenty orders of magnitude apart needed
SETTLED = 1e-7  # of tau2; the step after a Newton step this small is below rounding
ROUNDING = 1e-14  # of Q; nearer to the target only the last digits move


def solve_q(layout: Layout, target: npt.ArrayLike) -> FloatArray:
    """Return tau2 >= 0 with Q(tau2) = target, 0 where Q(0) is already below, NaN where the search did not
    settle.

    Shapes: `target` [...] > 0, with more axes in front where several values are sought for each row; returns
    its shape. 1/Q rises with tau2, is concave and nearly a straight line. Newton's steps on it from a point
    below the root therefore lead up to the root and never beyond. They begin where the asymptote of 1/Q meets
    the target, which is not above the root, or at 0: no search range has to be invented.
    """
    goal = np.asarray(target, dtype=np.float64) + np.zeros_like(layout.k)
    squares = layout.squares(layout.member)
    spread, sampling = across(layout.member, squares), across(layout.member * layout.v, squares)
    tau2 = np.maximum(spread / goal - divide(sampling, spread), 0.0)
    settled = (tau2 == 0) & (layout.cochran_q <= goal)
    with np.errstate(all="ignore"):
        for _ in range(MAX_STEPS):
            if settled.all():
                return np.asarray(tau2)
            w = layout.weights(tau2)
            part = w * layout.squares(w)
            q = across(part)
            excess = q / goal - 1
            step = np.where(settled, 0.0, excess * q / across(w, part))
            tau2 = tau2 + step
            settled = settled | (np.abs(step) <= SETTLED * tau2) | (np.abs(excess) <= ROUNDING)
    return np.where(settled, tau2, np.nan)
