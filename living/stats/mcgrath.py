"""McGrath's ways from quantiles to a mean and an SD, one function per number, as provenance names them.

Place by place on numbers or lists of one length; NaN where there is no answer. `quantile_estimation` and
`box_cox` say more: which family or power was taken, and why there is none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.box_cox import box_cox
from living.stats.effects import FloatArray
from living.stats.quantile_estimation import quantile_estimation


def mean_from_range_qe(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from median and range, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S1; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(low, None, median, None, high, n).mean, low, median, high, n)


def sd_from_range_qe(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from median and range, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S1; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(low, None, median, None, high, n).sd, low, median, high, n)


def mean_from_quartiles_qe(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from the quartiles, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S2; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(None, q1, median, q3, None, n).mean, q1, median, q3, n)


def sd_from_quartiles_qe(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from the quartiles, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S2; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(None, q1, median, q3, None, n).sd, q1, median, q3, n)


def mean_from_five_numbers_qe(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Mean of n people from the five numbers, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S3; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(low, q1, median, q3, high, n).mean, low, q1, median, q3, high, n)


def sd_from_five_numbers_qe(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Standard deviation of n people from the five numbers, by the nearest distribution (QE).

    **Source** McGrath 2020, scenario S3; see `quantile_estimation`. Oracle: `estmeansd::qe.mean.sd`.
    """
    return _shaped(quantile_estimation(low, q1, median, q3, high, n).sd, low, q1, median, q3, high, n)


def mean_from_range_bc(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from median and range, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S1; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(low, None, median, None, high, n).mean, low, median, high, n)


def sd_from_range_bc(
    low: npt.ArrayLike, median: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from median and range, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S1; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(low, None, median, None, high, n).sd, low, median, high, n)


def mean_from_quartiles_bc(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Mean of n people from the quartiles, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S2; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(None, q1, median, q3, None, n).mean, q1, median, q3, n)


def sd_from_quartiles_bc(
    q1: npt.ArrayLike, median: npt.ArrayLike, q3: npt.ArrayLike, n: npt.ArrayLike
) -> FloatArray:
    """Standard deviation of n people from the quartiles, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S2; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(None, q1, median, q3, None, n).sd, q1, median, q3, n)


def mean_from_five_numbers_bc(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Mean of n people from the five numbers, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S3; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(low, q1, median, q3, high, n).mean, low, q1, median, q3, high, n)


def sd_from_five_numbers_bc(
    low: npt.ArrayLike,
    q1: npt.ArrayLike,
    median: npt.ArrayLike,
    q3: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
) -> FloatArray:
    """Standard deviation of n people from the five numbers, by a symmetrising power (BC).

    **Source** McGrath 2020, scenario S3; see `box_cox`. Oracle: `estmeansd::bc.mean.sd`.
    """
    return _shaped(box_cox(low, q1, median, q3, high, n).sd, low, q1, median, q3, high, n)


def _shaped(found: FloatArray, *given: npt.ArrayLike) -> FloatArray:
    """A number for numbers, a list for lists."""
    return found.reshape(np.broadcast_shapes(*(np.shape(value) for value in given)))
