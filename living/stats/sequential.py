"""A cumulative meta-analysis judged at every look, so that looking often does not turn chance into news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import floats
from living.stats.fit import fit
from living.stats.spending import CLOSEST, boundaries
from living.stats.status import NotEstimable, Status


@dataclass(frozen=True)
class Look:
    """One look: what was known, what the boundary asked, and what may be said.

    `fraction`: of the required size, may exceed 1. `boundary`, `nominal_p`, `ci_low` and `ci_high` (adjusted:
    estimate -/+ boundary x SE) are None where `tested` is False; `why_not` then says the reason.
    """

    k: int
    size: float
    fraction: float
    mu: float
    se: float
    z: float
    tau2: float | None
    tested: bool
    why_not: str
    boundary: float | None
    nominal_p: float | None
    ci_low: float | None
    ci_high: float | None
    crossed: bool


@dataclass(frozen=True)
class Sequential:
    """All looks; `crossed_at` is the number of studies at the first crossing, None where there is none."""

    looks: tuple[Look, ...]
    required: float
    alpha: float
    sides: int
    spending: str
    tau2_method: str

    @property
    def crossed_at(self) -> int | None:
        """Studies at the first look that crossed its boundary."""
        return next((look.k for look in self.looks if look.crossed), None)

    @property
    def enough(self) -> bool:
        """Whether the required size has been reached."""
        return self.looks[-1].fraction >= 1


TOO_EARLY = "less than the least fraction of the required size is there"
TOO_CLOSE = "too little was added since the look before"
SPENT = "the required size was reached before, and its look spent all the error there was"


def sequential(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    sizes: npt.ArrayLike,
    *,
    required: float,
    alpha: float = 0.05,
    sides: int = 2,
    spending: str = "OBF",
    tau2: str = "DL",
    least: float = 0.01,
    gap: float = CLOSEST,
) -> Sequential | NotEstimable:
    """Judge a cumulative meta-analysis at every look by alpha spending (trial sequential analysis).

    Shapes: `yi`, `vi`, `sizes` [k], in the order in which the studies became known. `required` is the
    required size in the unit of `sizes` (participants: `required_size_means`, then `adjusted_size`). Looks
    below the fraction `least`, or less than `gap` of the required size after the last one tested, are shown
    and not tested; the first look at or beyond the required size spends all that is left. Signs: one side
    means upwards. The boundaries hold for independent increments of information, which a random-effects
    model whose tau2 is estimated anew at each look satisfies only approximately; with few studies the error
    is above `alpha`. Raises KeyError on an unknown name, ValueError on shapes that do not fit, a required
    size or a `gap` that is not positive.
    **Source** Wetterslev, Thorlund, Brok & Gluud 2008, J Clin Epidemiol 61:64-75. Oracle: `RTSA(type =
    "analysis")` results_df.
    """
    y, v, n = floats(yi, vi, sizes)
    if y.ndim != 1 or not 0 < required < np.inf or not (n > 0).all() or gap < CLOSEST:
        raise ValueError("sequential takes lists of one length, positive sizes and a positive required size")
    if not y.size:
        return NotEstimable(Status.NO_STUDIES)
    f = fit(y, v, tau2=tau2, interval="wald", include=np.tri(len(y), dtype=bool))
    unusable = ~np.isin(f.status, (Status.OK, Status.SINGLE_STUDY))
    if unusable.any():
        return NotEstimable(Status(int(f.status[unusable][0])))
    fractions = np.cumsum(n) / required
    why = _why_not(fractions, least, gap)
    limits = _limits(fractions, why, alpha, sides, spending)
    looks = tuple(
        _look(i + 1, required, float(fractions[i]), (f.mu[i], f.se[i], f.tau2[i]), why[i], limits[i], sides)
        for i in range(len(y))
    )
    return Sequential(looks, required, alpha, sides, spending, tau2)


def _limits(
    fractions: npt.NDArray[np.float64], why: Sequence[str], alpha: float, sides: int, spending: str
) -> list[tuple[float, float]]:
    """Boundary and nominal P of every look; NaN where it is not tested."""
    tested = [i for i, reason in enumerate(why) if not reason]
    found = [(np.nan, np.nan)] * len(why)
    if tested:
        times = [min(float(fractions[i]), 1.0) for i in tested]
        b = boundaries(times, alpha=alpha, sides=sides, spending=spending)
        for i, z, p in zip(tested, b.upper, b.nominal_p, strict=True):
            found[i] = (z, p)
    return found


def _why_not(fractions: npt.NDArray[np.float64], least: float, gap: float) -> Sequence[str]:
    reasons, last = [], 0.0
    for t in fractions:
        reached = min(float(t), 1.0)
        if last >= 1:
            reason = SPENT
        elif reached < least:
            reason = TOO_EARLY
        elif reached - last < gap:
            reason = TOO_CLOSE
        else:
            reason, last = "", reached
        reasons.append(reason)
    return reasons


def _look(
    k: int,
    required: float,
    fraction: float,
    pooled: tuple[float, float, float],
    why_not: str,
    limit: tuple[float, float],
    sides: int,
) -> Look:
    mu, se, tau2 = (float(x) for x in pooled)
    bound, nominal = limit
    tested, z = not why_not, mu / se
    return Look(
        k=k,
        size=fraction * required,
        fraction=fraction,
        mu=mu,
        se=se,
        z=z,
        tau2=tau2 if np.isfinite(tau2) else None,
        tested=tested,
        why_not=why_not,
        boundary=bound if tested else None,
        nominal_p=nominal if tested else None,
        ci_low=mu - bound * se if tested else None,
        ci_high=mu + bound * se if tested and sides == 2 else None,
        crossed=tested and (abs(z) if sides == 2 else z) >= bound,
    )
