"""What one more trial might change: its result is drawn from what is known, then all is pooled again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from living.stats.effects import FloatArray, IntArray, floats
from living.stats.fit import fit
from living.stats.status import NotEstimable, Status

LEAST_FOR_PREDICTION = 3  # with fewer studies the spread between them is not known at all

UNIMPORTANT = 9  # holds none and neither important difference


@dataclass(frozen=True)
class NextTrial:
    """Shares of the simulated results of one more trial.

    `excludes_none`: the new interval lies on one side of none. `changes`: it is of another category than
    before (on one side of none, beyond the important difference there, holding none, or holding it and
    neither important difference); None where there was no interval before. `moves`: the estimate moves by the
    important difference or more; None without one. `width`: median width of the new interval; None where no
    draw gives one. `basis` names the distribution of the trial's true effect.
    """

    draws: int
    seed: int
    excludes_none: float
    changes: float | None
    moves: float | None
    width: float | None
    basis: str


def next_trial(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    se: float,
    *,
    prior_sd: float,
    important: float | None = None,
    tau2: str = "REML",
    interval: str = "HK-guarded",
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> NextTrial | NotEstimable:
    """Simulate the result of one more trial with standard error `se` and pool it with what is there.

    Shapes: `yi`, `vi` [k], k >= 1; units of `yi` throughout, ratios as logarithms. With three studies or more
    the trial's true effect is normal around the pooled mean with variance SE^2 (Wald) + tau2, both as
    estimated; with fewer it is normal around zero with `prior_sd`, whatever the studies say. The observed
    result adds its own error. A draw whose pool has no interval excludes nothing and moves nothing. The same
    seed gives the same shares. Raises KeyError on an unknown method, ValueError on a size that is not
    positive or another shape.
    **Source** Roloff, Higgins & Sutton 2013, Stat Med 32:11-24 (planning a trial by the meta-analysis it
    will enter), there conditional on the observed estimates, as here.
    """
    y, v = floats(yi, vi)
    if y.ndim != 1 or not (np.isfinite(se) and se > 0 and prior_sd > 0 and draws > 0):
        raise ValueError("a simulated trial takes lists of one length and positive sizes")
    if not y.size:
        return NotEstimable(Status.NO_STUDIES)
    now = fit(y, v, tau2=tau2, interval=interval, level=level)
    known = len(y) >= LEAST_FOR_PREDICTION
    if known and not now.ok:
        return NotEstimable(Status(int(now.status)))
    centre, spread = 0.0, prior_sd
    if known:
        wald = fit(y, v, tau2=tau2, interval="wald", level=level)
        centre, spread = float(wald.mu), float(np.sqrt(wald.se**2 + wald.tau2))
    drawn = centre + np.hypot(spread, se) * _normal(seed, draws)
    rows = np.column_stack([np.broadcast_to(y, (draws, len(y))), drawn])
    after = fit(rows, np.append(v, se**2), tau2=tau2, interval=interval, level=level)
    category = _category(after.ci_low, after.ci_high, important)
    before = _category(now.ci_low, now.ci_high, important)
    apart = (after.ci_low > 0) | (after.ci_high < 0)
    settled = now.ok and np.isfinite(now.mu)
    widths = (after.ci_high - after.ci_low)[after.ok]
    shift = np.where(after.ok, np.abs(after.mu - now.mu), 0.0)
    return NextTrial(
        draws=draws,
        seed=seed,
        excludes_none=float((after.ok & apart).mean()),
        changes=float((after.ok & (category != before)).mean()) if settled else None,
        moves=None if important is None else float((shift >= important).mean()),
        width=float(np.median(widths)) if widths.size else None,
        basis="prediction from the studies" if known else "prior around no effect",
    )


def _normal(seed: int, draws: int) -> FloatArray:
    """Normal draws by inversion of the generator's own bits, which no version of NumPy may change."""
    raw = np.random.default_rng(seed).bit_generator.random_raw(draws)
    return np.asarray(ndtri((np.asarray(raw >> np.uint64(11), dtype=np.float64) + 0.5) * 2.0**-53))


def _category(low: npt.ArrayLike, high: npt.ArrayLike, important: float | None) -> IntArray:
    """-1 below none, 1 above, twice that if beyond the important difference; 0 holds none, or UNIMPORTANT."""
    a, b = floats(low, high)
    limit = np.inf if important is None else important
    side = (a > 0).astype(np.int64) - (b < 0)
    beyond = ((side < 0) & (b <= -limit)) | ((side > 0) & (a >= limit))
    within = (side == 0) & (a > -limit) & (b < limit) & (limit < np.inf)
    return np.where(within, UNIMPORTANT, side * (1 + beyond))
