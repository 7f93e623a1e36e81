"""Mean and SD from a few quantiles: distributions are fitted and the nearest is taken (QE of McGrath)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray, floats
from living.stats.quantile_families import FAMILIES
from living.stats.status import Status

FEWEST, MOST = 3, 10**6  # people: below, 1/n is no low quantile; above, nobody has recruited
GIVEN: dict[tuple[bool, ...], str] = {
    (True, False, True, False, True): "range",
    (False, True, True, True, False): "quartiles",
    (True, True, True, True, True): "five numbers",
}


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Quantiles [rows, points], their probabilities, sizes [rows], a status per row and what was given.

    `inner` [rows, 2]: the quartiles where given, else the range. Rows that are not OK hold harmless numbers.
    """

    values: FloatArray
    probabilities: FloatArray
    n: FloatArray
    status: IntArray
    scenario: str

    @property
    def inner(self) -> FloatArray:
        """Ends of the innermost interval around the median."""
        middle = self.values.shape[-1] // 2
        return self.values[:, [middle - 1, middle + 1]]

    @property
    def ok(self) -> BoolArray:
        """Which rows can be fitted."""
        return np.asarray(self.status == Status.OK, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class QuantileFit:
    """Means and SDs [rows], the nearest family's name and, [rows, families], how far each one was.

    `loss`: sums of squared distances in the order of `FAMILIES`, infinite where a family does not apply;
    `parameters` [rows, families, 2]. NaN and an empty name where the status is not OK.
    """

    mean: FloatArray
    sd: FloatArray
    family: npt.NDArray[np.str_]
    loss: FloatArray
    parameters: FloatArray
    status: IntArray


def quantile_estimation(
    low: npt.ArrayLike | None,
    q1: npt.ArrayLike | None,
    median: npt.ArrayLike,
    q3: npt.ArrayLike | None,
    high: npt.ArrayLike | None,
    n: npt.ArrayLike,
) -> QuantileFit:
    """Mean and SD of the distribution whose quantiles are nearest to those reported.

    Shapes: single numbers or lists of one length; None for what was not reported: the range, the quartiles
    or all five numbers are needed. The smallest and largest of n people stand for the quantiles 1/n and
    1 - 1/n. Normal, log-normal, gamma, Weibull and, where all lies between 0 and 1, beta distributions
    are fitted by least squares; with a negative number the normal only. Unlike `estmeansd`, whose limits of
    the parameters depend on the unit of measurement (Weibull scale at most 100) and which reads 0 as 0.01,
    answers here keep with the unit, and a lower sum of squares is found where its search stops early.
    Its own error has no formula: `quantile_se`. Raises ValueError on another choice of numbers.
    **Source** McGrath et al. 2020, Stat Methods Med Res 29:2520-2537 (by the documentation and behaviour of
    its package; the paper was not read). Oracle: `estmeansd::qe.mean.sd`, examples printed in its README.

    >>> found = quantile_estimation(2, None, 4, None, 9, 100)
    >>> round(float(found.mean[0]), 4), round(float(found.sd[0]), 4), str(found.family[0])
    (4.3473, 1.5022, 'log-normal')
    """
    given = quantiles(low, q1, median, q3, high, n)
    fits = [family(given.values, given.probabilities, given.inner) for family in FAMILIES.values()]
    loss = np.stack([one.loss for one in fits], axis=-1)
    loss[(given.values < 0).any(-1), 1:] = np.inf
    parameters = np.stack([one.parameters for one in fits], axis=1)
    best = loss.argmin(-1)
    rows = np.arange(len(best))
    ok = given.ok
    return QuantileFit(
        np.where(ok, np.stack([one.mean for one in fits])[best, rows], np.nan),
        np.where(ok, np.stack([one.sd for one in fits])[best, rows], np.nan),
        np.where(ok, np.array(list(FAMILIES))[best], ""),
        np.where(ok[:, None], loss, np.nan),
        np.where((ok[:, None] & np.isfinite(loss))[..., None], parameters, np.nan),
        given.status,
    )


def quantiles(
    low: npt.ArrayLike | None,
    q1: npt.ArrayLike | None,
    median: npt.ArrayLike,
    q3: npt.ArrayLike | None,
    high: npt.ArrayLike | None,
    n: npt.ArrayLike,
) -> Quantiles:
    """What was reported, with probabilities, checked row by row.

    Out of order: IMPOSSIBLE_INPUT; all equal: NO_VARIANCE; fewer than three people, with five numbers fewer
    than five: TOO_FEW_PARTICIPANTS. Raises ValueError unless range, quartiles or all five numbers are given.
    """
    five = (low, q1, median, q3, high)
    scenario = GIVEN.get(tuple(value is not None for value in five))
    if scenario is None:
        raise ValueError("give the median with the range, with the quartiles, or with both")
    *points, size = (np.atleast_1d(v) for v in floats(*(v for v in five if v is not None), n))
    values = np.stack(points, axis=-1)
    status = _status(values, size)
    ok = status == Status.OK
    values = np.where(ok[:, None], values, np.linspace(0.3, 0.7, values.shape[-1]))
    size = np.where(ok, size, 10.0)
    ends, quarters = [1 / size, 1 - 1 / size], [np.full_like(size, p) for p in (0.25, 0.5, 0.75)]
    chosen = {
        "range": [ends[0], quarters[1], ends[1]],
        "quartiles": quarters,
        "five numbers": [ends[0], *quarters, ends[1]],
    }[scenario]
    return Quantiles(values, np.stack(chosen, axis=-1), size, status, scenario)


def _status(values: FloatArray, n: FloatArray) -> IntArray:
    """Four people's range are their quartiles in probability, so five numbers need more than four."""
    fewest = FEWEST if values.shape[-1] == 3 else 5
    with np.errstate(invalid="ignore"):
        conditions = [
            ~np.isfinite(values).all(-1) | ~np.isfinite(n),
            (np.diff(values, axis=-1) < 0).any(-1) | (n > MOST),
            values[:, 0] == values[:, -1],
            n < fewest,
        ]
    codes = [
        Status.MISSING_INPUT,
        Status.IMPOSSIBLE_INPUT,
        Status.NO_VARIANCE,
        Status.TOO_FEW_PARTICIPANTS,
    ]
    return np.select(conditions, [int(code) for code in codes], int(Status.OK)).astype(np.int64)
