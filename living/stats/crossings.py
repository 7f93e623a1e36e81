"""Find where a function of one number per row crosses zero, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from living.stats.effects import FloatArray

CLOSE = 4 * float(np.finfo(np.float64).eps)  # of the bracket, relative: the last digits
HALVINGS = 80  # about 52 settle the last digits, the rest lead down in a bracket that begins at 0


def crossing(function: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Return x in [low, high] where the function changes its sign, by halving the bracket.

    Shapes: all [...]. The sign at `low` decides the direction; without a change of sign the answer is an end.
    **Source** Press et al. 2007, Numerical Recipes, section 9.1.
    """
    start = np.sign(function(low))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if (high - low <= CLOSE * np.abs(high)).all():
            break
        before = np.sign(function(middle)) == start
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.asarray((low + high) / 2)


def widened(function: Callable[[FloatArray], FloatArray], high: FloatArray) -> FloatArray:
    """Multiply `high` until the function is not positive there; infinite where that never happens.

    Shapes: [...].
    """
    for _ in range(80):
        positive = function(high) > 0
        if not positive.any():
            return high
        high = np.where(positive, 16 * high, high)
    return np.where(function(high) > 0, np.inf, high)
