"""How sure a mean from quantiles is: the same quantiles of many samples drawn from what was fitted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from living.stats.box_cox import BoxCox, box_cox, original
from living.stats.effects import FloatArray
from living.stats.quantile_estimation import QuantileFit, quantile_estimation
from living.stats.quantile_families import FAMILIES
from living.stats.status import NotEstimable, Status

DRAWS = 1000
METHODS: dict[str, Callable[..., QuantileFit | BoxCox]] = {"qe": quantile_estimation, "bc": box_cox}
FIVE = [0.0, 0.25, 0.5, 0.75, 1.0]
Five = tuple[float | None, float | None, float, float | None, float | None]


def quantile_se(
    low: float | None,
    q1: float | None,
    median: float,
    q3: float | None,
    high: float | None,
    n: int,
    *,
    method: str,
    draws: int = DRAWS,
    seed: int = 1,
) -> float | NotEstimable:
    """Standard error of a mean had from quantiles, by the parametric bootstrap; of one group.

    Shapes: single numbers; None for what was not reported. Units: those of the quantiles. `method` is "qe"
    or "bc"; `draws` samples of n people come from the fitted distribution, and every sample's own quantiles
    go the same way (a sample that the method refuses is left out). The seed makes the answer repeatable; its
    own noise is about 2% with 1000 draws. Unlike SD / sqrt(n) it counts what is lost by knowing quantiles
    only. Unlike `estmeansd::get_SE`, no constant is added to samples with negative numbers: they are fitted
    as such numbers are. Raises ValueError on an unknown method, fewer than two draws or an impossible choice
    of numbers.
    **Source** McGrath et al. 2023, Stat Methods Med Res 32:373-388 (by the documentation of `get_SE`; the
    paper was not read). Oracle: none pinned; the known error of a mean where all is normal.
    """
    if method not in METHODS or draws < 2:
        raise ValueError(f"a method is one of {list(METHODS)}, and an error needs two draws or more")
    model = _family_samples if method == "qe" else _power_samples
    samples = model((low, q1, median, q3, high), n, (draws, n), seed)
    if isinstance(samples, NotEstimable):
        return samples
    points = np.quantile(samples, FIVE, axis=-1)
    given = (low, q1, median, q3, high)
    again = [None if value is None else point for value, point in zip(given, points, strict=True)]
    means = METHODS[method](*again, n).mean
    return float(np.std(means[np.isfinite(means)], ddof=1))


def _family_samples(five: Five, n: int, size: tuple[int, int], seed: int) -> FloatArray | NotEstimable:
    found = quantile_estimation(*five, n)
    if found.status[0] != Status.OK:
        return NotEstimable(Status(int(found.status[0])))
    name = str(found.family[0])
    a, b = found.parameters[0, list(FAMILIES).index(name)]
    draw = np.random.default_rng(seed)
    makers: dict[str, Callable[[], FloatArray]] = {
        "normal": lambda: draw.normal(a, b, size),
        "log-normal": lambda: draw.lognormal(a, b, size),
        "gamma": lambda: draw.gamma(a, b, size),
        "Weibull": lambda: b * draw.weibull(a, size),
        "beta": lambda: draw.beta(a, b, size),
    }
    return makers[name]()


def _power_samples(five: Five, n: int, size: tuple[int, int], seed: int) -> FloatArray | NotEstimable:
    found = box_cox(*five, n)
    if found.status[0] != Status.OK:
        return NotEstimable(Status(int(found.status[0])))
    draw = np.random.default_rng(seed)
    return original(draw.normal(found.location[0], found.scale[0], size), found.power)
