"""Mean and standard deviation from a median with quartiles or a range, assuming a log-normal distribution.

The quantiles' logarithms go through Luo's mean and Wan's or Shi's variance, then back, corrected for bias.
Place by place on arrays that broadcast together; numbers in the wrong order, or not above 0, give NaN. Ask
`skewed_quartiles` or its kin of the logarithms first: skewed logarithms are not normal either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray, floats
from living.stats.five_numbers import mean_from_five_numbers_luo, sd_from_five_numbers_shi
from living.stats.quantiles import (
    mean_from_quartiles_luo,
    mean_from_range_luo,
    sd_from_quartiles_wan,
    sd_from_range_wan,
)


class LogScale(NamedTuple):
    """Mean of the logarithms, unbiased estimates of their variance and of its square, and the sizes; [...].

    `wide`, `tall` weigh the two estimates in the bias of exp(mean + variance / 2).
    """

    mean: FloatArray
    variance: FloatArray
    square: FloatArray
    n: FloatArray
    wide: float
    tall: float


def mean_from_range_lognormal(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from their smallest, middle and largest value.

    **Source** Shi, Tong, Wang & Genton 2020, Stat Interface 13:519-531 (as implemented by metafor, not read).
    Oracle: `conv.fivenum(min=, median=, max=, n=, dist="lnorm")`.

    >>> round(float(mean_from_range_lognormal(1.01, 2.715, 10.33, 82)), 4)
    3.0999
    """
    return _mean(_of_range(low, median, high, n))


def sd_from_range_lognormal(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from their smallest, middle and largest value. Source, oracle: as the
    mean's.
    """
    return _sd(_of_range(low, median, high, n))


def mean_from_quartiles_lognormal(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from their quartiles.

    **Source** Shi et al. 2020. Oracle: `conv.fivenum(q1=, median=, q3=, n=, dist="lnorm")`.
    """
    return _mean(_of_quartiles(q1, median, q3, n))


def sd_from_quartiles_lognormal(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from their quartiles. Source, oracle: as the mean's."""
    return _sd(_of_quartiles(q1, median, q3, n))


def mean_from_five_numbers_lognormal(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Mean of n people from range, quartiles and median.

    **Source** Shi et al. 2020. Oracle: `conv.fivenum(min=, q1=, median=, q3=, max=, n=, dist="lnorm")`.
    """
    return _mean(_of_five_numbers(low, q1, median, q3, high, n))


def sd_from_five_numbers_lognormal(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Standard deviation of n people from range, quartiles and median. Source, oracle: as the mean's."""
    return _sd(_of_five_numbers(low, q1, median, q3, high, n))


def _of_range(low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike) -> LogScale:
    a, m, b, size = _logarithms(low, median, high, n)
    with np.errstate(all="ignore"):
        sd = sd_from_range_wan(a, b, size)
        variance = sd**2 / (1.01 + 0.25 / np.log(size) ** 2)
        square = sd**4 / (1 + 2.23 / np.log(size) ** 2)
        return LogScale(mean_from_range_luo(a, m, b, size), variance, square, size, 0.565, 0.37)


def _of_quartiles(q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike) -> LogScale:
    p, m, q, size = _logarithms(q1, median, q3, n)
    with np.errstate(all="ignore"):
        sd = sd_from_quartiles_wan(p, q, size)
        square = sd**4 / (1 + 19.2 / size**1.2)
        variance = sd**2 / (1 + 1.58 / size)
        return LogScale(mean_from_quartiles_luo(p, m, q, size), variance, square, size, 0.57, 0.75)


def _of_five_numbers(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> LogScale:
    a, p, m, q, b, size = _logarithms(low, q1, median, q3, high, n)
    with np.errstate(all="ignore"):
        sd = sd_from_five_numbers_shi(a, p, q, b, size)
        mean = mean_from_five_numbers_luo(a, p, m, q, b, size)
        variance, square = sd**2 / (1 + 0.28 / np.log(size) ** 2), sd**4 / (1 + 3.93 / size)
        return LogScale(mean, variance, square, size, 0.405, 0.315)


def _logarithms(*given: npt.ArrayLike) -> list[FloatArray]:
    """Logarithms of all but the last, which is the size."""
    *points, size = floats(*given)
    with np.errstate(all="ignore"):
        return [*(np.log(np.where(point > 0, point, np.nan)) for point in points), size]


def _mean(s: LogScale) -> FloatArray:
    with np.errstate(all="ignore"):
        bias = 1 + s.wide * s.variance / s.n + s.tall * s.square / s.n
        return np.asarray(np.exp(s.mean + s.variance / 2) / bias)


def _sd(s: LogScale) -> FloatArray:
    """Root of the second moment less the squared mean; either is corrected for its own bias."""
    with np.errstate(all="ignore"):
        share = 1 + 4 * s.wide * s.variance / s.n
        second = np.exp(2 * s.mean + 2 * s.variance) / (share + 16 * s.tall * s.square / s.n)
        squared = np.exp(2 * s.mean + s.variance) / (share + 4 * s.tall * s.square / s.n)
        return np.asarray(np.sqrt(second - squared))
