"""Mean and standard deviation from a median with quartiles or a range, assuming a symmetric distribution.

Place by place on arrays that broadcast together; numbers in the wrong order give NaN. With visible skew
(quartiles at very different distances from the median) these are guesses: ask `skewed_quartiles` or
`skewed_range` first, and keep the studies apart in a sensitivity analysis.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from living.stats.effects import BoolArray, FloatArray, floats

NORMAL_IQR = 1.35  # width of a normal distribution's interquartile range in SDs, as the Handbook rounds it


def sd_from_iqr(q1: npt.ArrayLike, q3: npt.ArrayLike) -> FloatArray:
    """Standard deviation as the interquartile range over 1.35 (large samples).

    **Source** Cochrane Handbook 6.3, section 6.5.2.5.
    """
    low, high = floats(q1, q3)
    return np.where(high >= low, (high - low) / NORMAL_IQR, np.nan)


def mean_from_quartiles_wan(q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike) -> FloatArray:
    """Mean as the average of the three quartiles.

    **Source** Wan 2014, BMC Med Res Methodol 14:135, equation 14. Oracle:
    `meta:::mean_sd_iqr(method.mean="Wan")`.
    """
    low, mid, high = floats(q1, median, q3)
    return np.where((low <= mid) & (mid <= high), (low + mid + high) / 3, np.nan)


def sd_from_quartiles_wan(q1: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Standard deviation from quartiles, with the expected width for n people.

    **Source** Wan 2014, equation 16. Oracle: `conv.fivenum(q1=, median=, q3=, n=)`.
    """
    low, high, m = floats(q1, q3, n)
    with np.errstate(all="ignore"):
        width = 2 * ndtri((0.75 * m - 0.125) / (m + 0.25))
        return np.where((high >= low) & (m > 1), (high - low) / width, np.nan)


def mean_from_quartiles_luo(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean from quartiles with the best weights for n people.

    **Source** Luo 2018, Stat Methods Med Res 27:1785-1805, equation 15. Oracle: `conv.fivenum(q1=, median=,
    q3=, n=)`.
    """
    low, mid, high, m = floats(q1, median, q3, n)
    with np.errstate(all="ignore"):
        weight = 0.7 + 0.39 / m
        return np.where(
            (low <= mid) & (mid <= high) & (m > 0), weight * (low + high) / 2 + (1 - weight) * mid, np.nan
        )


def sd_from_range_wan(low: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Standard deviation from the smallest and largest value of n people.

    **Source** Wan 2014, equation 9. Oracle: `conv.fivenum(min=, median=, max=, n=)`.
    """
    a, b, m = floats(low, high, n)
    with np.errstate(all="ignore"):
        width = 2 * ndtri((m - 0.375) / (m + 0.25))
        return np.where((b >= a) & (m > 1), (b - a) / width, np.nan)


def mean_from_range_luo(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean from the smallest, middle and largest value of n people.

    **Source** Luo 2018, equation 7. Oracle: `conv.fivenum(min=, median=, max=, n=)`.
    """
    a, mid, b, m = floats(low, median, high, n)
    with np.errstate(all="ignore"):
        weight = 4 / (4 + m**0.75)
        return np.where((a <= mid) & (mid <= b) & (m > 0), weight * (a + b) / 2 + (1 - weight) * mid, np.nan)


def skewed_quartiles(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> BoolArray:
    """Whether the quartiles of n people are too lopsided for a normal distribution (5% level).

    **Source** Shi 2023, Stat Methods Med Res 32:1338-1360, table 1. Oracle: `conv.fivenum(test=TRUE)`
    refuses.
    """
    low, mid, high, m = floats(q1, median, q3, n)
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(low + high - 2 * mid) / (high - low) > 2.65 / np.sqrt(m) - 6 / m**2)


def skewed_range(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> BoolArray:
    """Whether smallest, middle and largest value of n people are too lopsided for a normal distribution (5%).

    **Source** Shi 2023 (the constants of the published version, as in metafor; its preprint, arXiv
    2010.05749, has 1.01 and 2.43). Oracle: `conv.fivenum(test=TRUE)` refuses.
    """
    a, mid, b, m = floats(low, median, high, n)
    with np.errstate(all="ignore"):
        limit = 1 / np.log(m + 9) + 2.5 / (m + 1)
        return np.asarray(np.abs(a + b - 2 * mid) / (b - a) > limit)
