"""Prediction interval that allows for tau2 being an estimate, by a parametric bootstrap (Nagashima's)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import FloatArray
from living.stats.fit import fit
from living.stats.genq import generalised_q_tau2
from living.stats.moments import Layout, lay_out
from living.stats.q_distribution import generalised_q, q_below
from living.stats.status import NotEstimable, Status

DRAWS = 25_000  # as in the paper; the limits then move by about 1% of the width from seed to seed
KNOTS = 1600  # of the distribution of tau2, evenly spaced in its fourth root; nearly straight between them
REACH = 1e-7  # the distribution is followed until this much of it is left
MIN_STUDIES = 3


@dataclass(frozen=True)
class BootstrapPrediction:
    """Prediction and confidence interval from one bootstrap; ratios are natural logarithms.

    `mu` and `tau2` are DerSimonian and Laird's. The same `seed` gives the same numbers.
    """

    k: int
    mu: float
    tau2: float
    pi_low: float
    pi_high: float
    ci_low: float
    ci_high: float
    level: float
    draws: int
    seed: int


def bootstrap_prediction(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, seed: int, draws: int = DRAWS, level: float = 0.95
) -> BootstrapPrediction | NotEstimable:
    """Interval for the effect of a new study that keeps its coverage with few studies.

    Shapes: `yi`, `vi` [k], three studies or more. tau2 is drawn from its exact confidence distribution (that
    of Cochran's Q), the mean around it from Hartung and Knapp's t. Raises ValueError on another shape, an
    impossible level or fewer than 100 draws.
    **Source** Nagashima, Noma & Furukawa 2019, Stat Methods Med Res 28:1689-1702. Oracle:
    `pimeta::pima(method="boot")`.

    >>> found = bootstrap_prediction([0.1, 0.3, 0.8, -0.2], [0.04, 0.02, 0.09, 0.05], seed=1, draws=1000)
    >>> found.pi_low < found.ci_low < found.mu < found.ci_high < found.pi_high
    True
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape:
        raise ValueError(f"a bootstrap takes two lists of one length, not shapes {y.shape} and {v.shape}")
    if not 0 < level < 1 or draws < 100:
        raise ValueError("a bootstrap needs a level between 0 and 1 and at least 100 draws")
    layout = lay_out(y, v)
    if layout.status != Status.OK:
        return NotEstimable(Status(int(layout.status)))
    if layout.k < MIN_STUDIES:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    if layout.identical:
        return NotEstimable(Status.NO_WIDTH)
    source = np.random.default_rng(seed)
    tau2 = draw_tau2(layout, source.uniform(size=draws))
    mean, se = _mean_and_se(layout, tau2)
    centre = mean - source.standard_t(float(layout.df), draws) * se
    new = centre + source.standard_normal(draws) * np.sqrt(tau2)
    tails = [(1 - level) / 2, (1 + level) / 2]
    (pi_low, pi_high), (ci_low, ci_high) = np.quantile(new, tails), np.quantile(centre, tails)
    simple = fit(y, v, tau2="DL", interval="wald")
    return BootstrapPrediction(
        k=int(layout.k),
        mu=float(simple.mu),
        tau2=float(simple.tau2),
        pi_low=float(pi_low),
        pi_high=float(pi_high),
        ci_low=float(ci_low),
        ci_high=float(ci_high),
        level=level,
        draws=draws,
        seed=seed,
    )


def draw_tau2(layout: Layout, uniform: FloatArray) -> FloatArray:
    """Turn uniform numbers into draws of tau2 from its confidence distribution, one row of studies only.

    The distribution function of tau2 is the probability that Cochran's Q is larger than observed; the mass it
    has below 0 is put at 0.
    **Source** Nagashima, Noma & Furukawa 2019.
    """
    w = layout.weights(0.0)
    q = generalised_q(layout, w)
    top = np.maximum(generalised_q_tau2(layout, w), 1 / w.sum())
    while q_below(layout, w, top, q) > REACH:
        top = 4 * top
    knots = np.linspace(0.0, 1.0, KNOTS) ** 4 * top
    below = q_below(layout, np.broadcast_to(w, (KNOTS, *w.shape)), knots, np.broadcast_to(q, KNOTS))
    distribution = np.maximum.accumulate(1 - below)
    return np.asarray(np.interp(uniform, distribution, np.sqrt(knots), left=0.0) ** 2)


def _mean_and_se(layout: Layout, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Random-effects mean and Hartung and Knapp's standard error at each drawn tau2."""
    y, w = layout.y[0], 1 / (layout.v[0] + tau2[:, None])
    mean = (w * y).sum(-1) / w.sum(-1)
    scatter = (w * (y - mean[:, None]) ** 2).sum(-1)
    return mean, np.sqrt(scatter / float(layout.df) / w.sum(-1))
