"""What a correlation within people does: SDs of change, and a crossover's effect over a sweep of values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.conversions import sd_of_difference
from living.stats.effects import Effects, FloatArray, floats
from living.stats.paired import paired_mean_difference

# No report of r: from none to nearly perfect; 0.5 is the value most often imputed.
SWEEP = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def sd_of_change(sd_before: npt.ArrayLike, sd_after: npt.ArrayLike, r: npt.ArrayLike) -> FloatArray:
    """Standard deviation of change from baseline, from those before and after and their correlation.

    Shapes: broadcast. The same sum as `sd_of_difference`, under the name that a change score has.
    **Source** Cochrane Handbook 6.3, section 6.5.2.8.
    """
    return sd_of_difference(sd_before, sd_after, r)


def r_from_sd_of_change(
    sd_before: npt.ArrayLike, sd_after: npt.ArrayLike, sd_change: npt.ArrayLike
) -> FloatArray:
    """Correlation implied by the SD of change: for lending to a trial that does not report its own.

    Shapes: broadcast. NaN when no correlation from -1 to 1 agrees.
    **Source** Cochrane Handbook 6.3, section 6.5.2.8.

    >>> round(float(r_from_sd_of_change(6.4, 7.1, 4.5)), 2)
    0.78
    """
    s, t, c = floats(sd_before, sd_after, sd_change)
    with np.errstate(all="ignore"):
        r = (s**2 + t**2 - c**2) / (2 * s * t)
        return np.where((s > 0) & (t > 0) & (c >= 0) & (np.abs(r) <= 1), r, np.nan)


def paired_mean_difference_sweep(
    difference: npt.ArrayLike,
    sd1: npt.ArrayLike,
    sd2: npt.ArrayLike,
    n: npt.ArrayLike,
    r: npt.ArrayLike = SWEEP,
) -> Effects:
    """A crossover's mean difference under each of several correlations, because its own is not reported.

    Shapes: inputs [...], `r` [m]; results [m, ...]: one row for each correlation, ready for `fit` as a batch.
    **Source** Elbourne 2002, Int J Epidemiol 31:140-149; Cochrane Handbook 6.3, section 23.2.7.3. Oracle:
    `escalc(measure="MC", ri=)`.
    """
    y, s, t, m = floats(difference, sd1, sd2, n)
    return paired_mean_difference(y, s, t, m, np.reshape(r, (-1, *[1] * y.ndim)))
