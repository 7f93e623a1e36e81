"""Mean and standard deviation from smallest value, quartiles and largest value, assuming symmetry.

Place by place on arrays that broadcast together; numbers in the wrong order give NaN. Ask
`skewed_five_numbers` first: with visible skew these are guesses.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from living.stats.effects import BoolArray, FloatArray, floats


def mean_from_five_numbers_luo(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Mean of n people with the best weights for range, quartiles and median.

    **Source** Luo 2018, Stat Methods Med Res 27:1785-1805 (five numbers). Oracle:
    `conv.fivenum(min=, q1=, median=, q3=, max=, n=)`.

    >>> round(float(mean_from_five_numbers_luo(-2.35, 3.6175, 4.745, 6.1325, 9.21, 72)), 4)
    4.7196
    """
    a, p, m, q, b, size = floats(low, q1, median, q3, high, n)
    with np.errstate(all="ignore"):
        outer, inner = 2.2 / (2.2 + size**0.75), 0.7 - 0.72 / size**0.55
        mean = outer * (a + b) / 2 + inner * (p + q) / 2 + (1 - outer - inner) * m
        return np.where(_ordered(a, p, m, q, b) & (size > 0), mean, np.nan)


def mean_from_five_numbers_wan(
    low: npt.ArrayLike, q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, high: npt.ArrayLike
) -> FloatArray:
    """Mean as (low + 2 q1 + 2 median + 2 q3 + high) / 8, whatever the number of people.

    **Source** Bland 2015, Int J Stat Med Res 4:57-64; Wan 2014, BMC Med Res Methodol 14:135.
    Oracle: `conv.fivenum(method="wan2014")`.
    """
    a, p, m, q, b = floats(low, q1, median, q3, high)
    return np.where(_ordered(a, p, m, q, b), (a + 2 * p + 2 * m + 2 * q + b) / 8, np.nan)


def mean_from_range_wan(low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike) -> FloatArray:
    """Mean as (low + 2 median + high) / 4, whatever the number of people.

    **Source** Hozo 2005, BMC Med Res Methodol 5:13; Wan 2014. Oracle:
    `conv.fivenum(min=, median=, max=, method="wan2014")`.
    """
    a, m, b = floats(low, median, high)
    return np.where((a <= m) & (m <= b), (a + 2 * m + b) / 4, np.nan)


def sd_from_five_numbers_shi(
    low: npt.ArrayLike, q1: npt.ArrayLike, q3: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people with the best weights for range and interquartile range.

    **Source** Shi 2020, Res Synth Methods 11:641-654. Oracle:
    `conv.fivenum(min=, q1=, median=, q3=, max=, n=)`.
    """
    a, p, q, b, size = floats(low, q1, q3, high, n)
    with np.errstate(all="ignore"):
        weight = 1 / (1 + 0.07 * size**0.6)
        outer, inner = _sds(a, p, q, b, size)
        return np.where(
            (a <= p) & (p <= q) & (q <= b) & (size > 1), weight * outer + (1 - weight) * inner, np.nan
        )


def sd_from_five_numbers_wan(
    low: npt.ArrayLike, q1: npt.ArrayLike, q3: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation as the average of those from the range and from the quartiles.

    **Source** Wan 2014. Oracle: `conv.fivenum(method="wan2014")`.
    """
    a, p, q, b, size = floats(low, q1, q3, high, n)
    with np.errstate(all="ignore"):
        outer, inner = _sds(a, p, q, b, size)
        return np.where((a <= p) & (p <= q) & (q <= b) & (size > 1), (outer + inner) / 2, np.nan)


def skewed_five_numbers(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> BoolArray:
    """Whether the five numbers of n people are too lopsided for a normal distribution (5% level).

    **Source** Shi 2023, Stat Methods Med Res 32:1338-1360, table 1. Oracle: `conv.fivenum(test=TRUE)`
    refuses.
    """
    a, p, m, q, b, size = floats(low, q1, median, q3, high, n)
    with np.errstate(all="ignore"):
        range_skew = 2.65 * np.log(0.6 * size) / np.sqrt(size) * np.abs(a + b - 2 * m) / (b - a)
        quartile_skew = np.abs(p + q - 2 * m) / (q - p)
        return np.asarray(np.maximum(range_skew, quartile_skew) > 3 / np.sqrt(size) - 40 / size**3)


def _ordered(*values: FloatArray) -> BoolArray:
    return np.asarray(np.all([a <= b for a, b in pairwise(values)], axis=0))


def _sds(
    a: FloatArray, p: FloatArray, q: FloatArray, b: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """SD from the range and SD from the quartiles, by their expected widths for n people."""
    range_width = 2 * ndtri((n - 0.375) / (n + 0.25))
    quartile_width = 2 * ndtri((0.75 * n - 0.125) / (n + 0.25))
    return (b - a) / range_width, (q - p) / quartile_width
