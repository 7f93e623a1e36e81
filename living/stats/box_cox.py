"""Mean and SD from a few quantiles by a power that makes them symmetric (the Box-Cox way of McGrath)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray, IntArray
from living.stats.five_numbers import mean_from_five_numbers_luo, sd_from_five_numbers_wan
from living.stats.quantile_estimation import Quantiles, quantiles
from living.stats.quantile_families import minimise
from living.stats.quantiles import (
    mean_from_quartiles_luo,
    mean_from_range_luo,
    sd_from_quartiles_wan,
    sd_from_range_wan,
)
from living.stats.status import Status

LOWEST, HIGHEST = -2.0, 3.0  # powers searched; a negative one is then replaced by 0, the logarithm
LOGARITHM = 1e-8  # powers below this are the logarithm to the last digit
NODES = 800
REACH = 40.0  # SDs on either side in the integral back; the normal density is 0 in double precision there


@dataclass(frozen=True, eq=False)
class BoxCox:
    """Means and SDs [rows], the power, and mean and SD on its scale; NaN where the status is not OK."""

    mean: FloatArray
    sd: FloatArray
    power: FloatArray
    location: FloatArray
    scale: FloatArray
    status: IntArray


def box_cox(
    low: npt.ArrayLike | None,
    q1: npt.ArrayLike | None,
    median: npt.ArrayLike,
    q3: npt.ArrayLike | None,
    high: npt.ArrayLike | None,
    n: npt.ArrayLike,
) -> BoxCox:
    """Mean and SD by Luo and Wan on the scale of a symmetrising power, and back.

    Shapes: single numbers or lists of one length; None for what was not reported: the range, the quartiles
    or all five numbers are needed, all above 0 (else IMPOSSIBLE_INPUT). The power, from 0 to 3, makes the
    upper distances from the median most nearly equal to the lower ones. The way back integrates over the
    normal distribution cut symmetrically where the power ends. `estmeansd` draws instead (n + 1000 draws,
    another answer each time, unless `avoid.mc`); here it is quadrature, and below a power of 0.01 too, where
    `estmeansd` takes the logarithm's formula. Its own error has no formula: `quantile_se`. Raises ValueError
    on another choice of numbers.
    **Source** McGrath et al. 2020, Stat Methods Med Res 29:2520-2537 (by the documentation and behaviour of
    its package; the paper was not read). Oracle: `estmeansd::bc.mean.sd(avoid.mc=TRUE)`.

    >>> found = box_cox(2, None, 4, None, 8, 100)
    >>> round(float(found.mean[0]), 4), round(float(found.power[0]), 6)
    (4.1569, 0.0)
    """
    given = quantiles(low, q1, median, q3, high, n)
    negative = (given.status == Status.OK) & (given.values <= 0).any(-1)
    status = np.where(negative, int(Status.IMPOSSIBLE_INPUT), given.status)
    ok = status == Status.OK
    values = np.where(ok[:, None], given.values, np.linspace(0.3, 0.7, given.values.shape[-1]))
    power = _power(values)
    location, scale = _luo_wan(given, _transformed(values, power[:, None]))
    mean, sd = moments_back(power, location, scale)
    mean, sd, power, location, scale = (
        np.where(ok, value, np.nan) for value in (mean, sd, power, location, scale)
    )
    return BoxCox(mean, sd, power, location, scale, status)


def moments_back(power: FloatArray, location: FloatArray, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD, [rows], of (power x + 1)^(1 / power), x normal and cut symmetrically where that ends.

    For a power of 0, of exp(x), uncut. Gauss-Legendre with nodes drawn to the ends.
    """
    node, weight = np.polynomial.legendre.leggauss(NODES)
    with np.errstate(divide="ignore"):
        ends = np.where(power > LOGARITHM, (location + 1 / power) / scale, np.inf)
    reach = np.minimum(ends, REACH)[:, None]
    z = reach * (1.5 * node - 0.5 * node**3)
    density = weight * (1 - node**2) * np.exp(-(z**2) / 2)
    share = density / density.sum(-1, keepdims=True)
    values = original(location[:, None] + scale[:, None] * z, power[:, None])
    mean = (share * values).sum(-1)
    return mean, np.sqrt((share * (values - mean[:, None]) ** 2).sum(-1))


def original(x: FloatArray, power: FloatArray) -> FloatArray:
    """Back from the scale of the power; 0 where the power ends. Shapes: broadcast."""
    with np.errstate(all="ignore"):
        raised = np.exp(np.log1p(np.maximum(power * x, -1.0)) / np.where(power > LOGARITHM, power, 1.0))
        return np.where(power > LOGARITHM, raised, np.exp(x))


def _transformed(values: FloatArray, power: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        raised = np.expm1(power * np.log(values)) / np.where(np.abs(power) > LOGARITHM, power, 1.0)
        return np.where(np.abs(power) > LOGARITHM, raised, np.log(values))


def _power(values: FloatArray) -> FloatArray:
    pairs = values.shape[-1] // 2

    def asymmetry(power: FloatArray) -> FloatArray:
        t = _transformed(values[:, None, :], power[..., None])
        with np.errstate(all="ignore"):
            ratios = [
                (t[..., -1 - i] - t[..., pairs]) / (t[..., pairs] - t[..., i]) - 1 for i in range(pairs)
            ]
            sums = sum(ratio**2 for ratio in ratios)
        return np.where(np.isfinite(sums), sums, np.inf)

    return np.maximum(minimise(asymmetry, LOWEST, HIGHEST, len(values))[0], 0.0)


def _luo_wan(given: Quantiles, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    n = given.n
    if given.scenario == "five numbers":
        a, p, m, q, b = t.T
        return mean_from_five_numbers_luo(a, p, m, q, b, n), sd_from_five_numbers_wan(a, p, q, b, n)
    a, m, b = t.T
    if given.scenario == "range":
        return mean_from_range_luo(a, m, b, n), sd_from_range_wan(a, b, n)
    return mean_from_quartiles_luo(a, m, b, n), sd_from_quartiles_wan(a, b, n)
