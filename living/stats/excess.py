"""Are there more significant studies than their power allows?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, ndtr, ndtri

from living.stats.cautions import HIGH_I2, Caution
from living.stats.effects import FloatArray
from living.stats.fit import fit
from living.stats.influence import columns, few_cautions
from living.stats.status import NotEstimable, Status


@dataclass(frozen=True)
class Excess:
    """Observed and expected number of significant studies; `p` is one-sided: as many or more by chance.

    `effect` and `tau2` are what the power of each study (`power`) was worked out with.
    """

    test: str
    k: int
    observed: int
    expected: float
    p: float
    power: tuple[float, ...]
    effect: float
    tau2: float
    alpha: float
    cautions: tuple[Caution, ...]


def exact_excess(observed: int, power: FloatArray) -> float:
    """P of as many or more, each study significant with its own power (Poisson binomial).

    **Source** Wang 1993, Stat Sinica 3:295-312. Oracle: `tes(test="exact")`.
    """
    shares = np.ones(1)
    for chance in power:
        shares = np.convolve(shares, [1 - chance, chance])
    return float(min(1.0, shares[observed:].sum()))


def binomial_excess(observed: int, power: FloatArray) -> float:
    """P of as many or more, each study significant with the average power. Oracle: `tes(test="binom")`."""
    return 1.0 if observed == 0 else float(bdtrc(observed - 1, len(power), power.mean()))


def chi_square_excess(observed: int, power: FloatArray) -> float:
    """One-sided P of Pearson's chi-square without correction.

    **Source** Ioannidis & Trikalinos 2007. Oracle: `tes(test="chi2")`.
    """
    k, share = len(power), power.mean()
    return float(ndtr(-(observed - k * share) / np.sqrt(k * share * (1 - share))))


EXCESS_TESTS: dict[str, Callable[[int, FloatArray], float]] = {
    "exact": exact_excess,
    "binomial": binomial_excess,
    "chi-square": chi_square_excess,
}


def excess_significance(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    test: str = "exact",
    tau2: str | float = "CE",
    effect: float | None = None,
    alpha: float = 0.05,
) -> Excess | NotEstimable:
    """Compare the number of significant studies (two-sided `alpha`) with the sum of their powers.

    Shapes: `yi`, `vi` [k]. The power is that to find the pooled effect (by the `tau2` method), or the one
    given; with a tau2 it is averaged over the effects of studies. Raises KeyError on an unknown test or
    method, ValueError unless 0 < alpha < 1.
    **Source** Ioannidis & Trikalinos 2007, Clin Trials 4:245-253. Oracle: `tes(yi, vi, test=)`.

    >>> found = excess_significance([0.5, 0.6, 0.7, 0.05], [0.05, 0.08, 0.1, 0.01])
    >>> found.observed, round(found.expected, 2), round(found.p, 3)
    (3, 0.91, 0.023)
    """
    chance = EXCESS_TESTS[test]
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, not at {alpha}")
    y, v = columns(yi, vi)
    pooled = fit(y, v, tau2=tau2, interval="wald")
    if not pooled.ok:
        return NotEstimable(Status(int(pooled.status)))
    mean = float(pooled.mu) if effect is None else effect
    limit = float(ndtri(1 - alpha / 2))
    spread, edge = np.sqrt(v + pooled.tau2), limit * np.sqrt(v)
    power = ndtr((mean - edge) / spread) + ndtr((-mean - edge) / spread)
    observed = int((np.abs(y) >= edge).sum())
    uneven = (Caution.HETEROGENEOUS,) if pooled.tau2 == 0 and pooled.i2_q > HIGH_I2 else ()
    return Excess(
        test=test,
        k=len(y),
        observed=observed,
        expected=float(power.sum()),
        p=chance(observed, power),
        power=tuple(float(value) for value in power),
        effect=mean,
        tau2=float(pooled.tau2),
        alpha=alpha,
        cautions=few_cautions(len(y)) + uneven,
    )
