"""Find the between-study variance at which the generalised Q takes a given value."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.moments import Layout

MAX_STEPS = (
    200  # a bisection alone needs about 60 to exhaust double precision, plus the way down from the bracket
)
STEP_TOLERANCE = 4 * float(np.finfo(np.float64).eps)  # relative; below this a step only moves the last digits
ACCEPTED_STEP = 1e-12  # relative; a last step above this means that the search did not settle


def solve_q(layout: Layout, target: npt.ArrayLike) -> FloatArray:
    """Return tau2 >= 0 with Q(tau2) = target, 0 where Q(0) is already below, NaN where the search did not
    settle.

    Shapes: `target` [...] > 0; returns [...]. Q falls with tau2, and Q(tau2) <= S / tau2 with S the
    unweighted squares within groups, so the root lies in [0, S / target] and no search range has to be
    invented. Newton's step is taken on 1/Q, which is nearly a straight line, and replaced by a bisection when
    it leaves the bracket.
    """
    goal = np.broadcast_to(np.asarray(target, dtype=np.float64), layout.k.shape)
    tau2 = np.zeros_like(goal)
    low, high = tau2, (layout.mean_square() * layout.df) / goal
    active = layout.q(tau2) > goal
    step = np.zeros_like(goal)
    for _ in range(MAX_STEPS):
        if not active.any():
            break
        w = layout.weights(tau2)
        squares = layout.squares(w)
        q = (w * squares).sum(-1).sum(-1)
        slope = (w**2 * squares).sum(-1).sum(-1)
        low, high = np.where(q > goal, tau2, low), np.where(q > goal, high, tau2)
        with np.errstate(all="ignore"):
            candidate = tau2 + q * (q / goal - 1) / slope
        candidate = np.where((candidate > low) & (candidate < high), candidate, (low + high) / 2)
        step = np.where(active, np.abs(candidate - tau2), step)
        tau2 = np.where(active, candidate, tau2)
        active = active & (step > STEP_TOLERANCE * tau2)
    return np.where(step <= ACCEPTED_STEP * tau2, tau2, np.nan)
