"""Find where a function of one number crosses zero."""

from __future__ import annotations

from collections.abc import Callable

ABSOLUTE = 1e-13  # far below the digits anybody compares, far above the noise of the integrations behind it


def solve_between(function: Callable[[float], float], low: float, high: float) -> float:
    """Return x in [low, high] with function(x) = 0.

    Raises ValueError where the function has the same sign at both ends.
    **Source** Brent 1973, chapter 4 (scipy.optimize.brentq).
    """
    from scipy.optimize import brentq  # slow to import, and rarely needed

    return float(brentq(function, low, high, xtol=ABSOLUTE, rtol=1e-14))
