"""The first methods for an SD from a range or five numbers, to retrace reviews that used them.

Place by place on arrays that broadcast together; numbers in the wrong order give NaN. For new work prefer
`quantiles` and `five_numbers`, which have less error.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from living.stats.effects import FloatArray, floats

SMALL, LARGE = 15, 70  # people: Hozo's rules for the SD change here
SMALL_FOR_MEAN = 25  # people: above this Hozo takes the median for the mean
REACH, STEP = 12.0, 0.01  # the integral of a normal sample's range; the trapezoid rule is exact to 1e-14


def mean_from_range_hozo(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people: (low + 2 median + high) / 4 up to 25 people, the median above.

    **Source** Hozo 2005, BMC Med Res Methodol 5:13. Oracle: `conv.fivenum(method="hozo2005")`.
    """
    a, m, b, size = floats(low, median, high, n)
    known = (a <= m) & (m <= b) & (size > 0)
    return np.where(known, np.where(size <= SMALL_FOR_MEAN, (a + 2 * m + b) / 4, m), np.nan)


def sd_from_range_hozo(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people: by the median's place up to 15, a quarter of the range up to 70, then a
    sixth.

    **Source** Hozo 2005. Oracle: `conv.fivenum(method="hozo2005")`.

    >>> float(sd_from_range_hozo(0.0, 5.0, 12.0, 40))
    3.0
    """
    a, m, b, size = floats(low, median, high, n)
    few = np.sqrt(((a - 2 * m + b) ** 2 / 4 + (b - a) ** 2) / 12)
    sd = np.where(size <= SMALL, few, (b - a) / np.where(size <= LARGE, 4.0, 6.0))
    return np.where((a <= m) & (m <= b) & (size > 1), sd, np.nan)


def sd_from_range_walter(low: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Standard deviation as the range over its exact expectation for n people of a normal distribution.

    **Source** Walter & Yao 2007, J Clin Epidemiol 60:849-852. Oracle: `conv.fivenum(method="walter2007")`.

    >>> round(float(sd_from_range_walter(0.0, 1.128379167, 2)), 6)
    1.0
    """
    a, b, size = floats(low, high, n)
    x = np.arange(-REACH, REACH, STEP)
    with np.errstate(all="ignore"):
        below, above = size[..., None] * log_ndtr(x), size[..., None] * log_ndtr(-x)
        width = (1 - np.exp(below) - np.exp(above)).sum(-1) * STEP
        return np.where((b >= a) & (size > 1), (b - a) / width, np.nan)


def sd_from_five_numbers_bland(
    low: npt.ArrayLike, q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, high: npt.ArrayLike
) -> FloatArray:
    """Standard deviation if people were spread evenly between the five numbers, whatever their number.

    **Source** Bland 2015, Int J Stat Med Res 4:57-64. Oracle: `conv.fivenum(method="bland2015")`.
    """
    a, p, m, q, b = floats(low, q1, median, q3, high)
    ordered = (a <= p) & (p <= m) & (m <= q) & (q <= b)
    squares = (a**2 + 2 * p**2 + 2 * m**2 + 2 * q**2 + b**2) / 16
    products = (a * p + p * m + m * q + q * b) / 8
    mean = (a + 2 * p + 2 * m + 2 * q + b) / 8
    with np.errstate(all="ignore"):
        return np.where(ordered, np.sqrt(squares + products - mean**2), np.nan)
