"""Bayesian random effects by quadrature: no sampling, so the same numbers every time.

Given tau the posterior of the mean is normal; only tau has to be integrated, over tau = c u / (1 - u) with u
in 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, roots_legendre

from living.stats.effects import FloatArray
from living.stats.intervals import critical
from living.stats.moments import lay_out
from living.stats.status import NotEstimable, Status

PANELS = 600  # a posterior a hundredth as wide as its centre still spans several panels
NODES = 8  # Gauss-Legendre points in a panel: exact for polynomials of degree 15
COARSE = np.geomspace(1e-6, 1e6, 481)  # in units of the larger of the typical standard error and the scatter
BRACKET = 60.0  # standard deviations: no posterior quantile of a tail of 1e-3 or more lies further out


def half_normal(tau: FloatArray, scale: float) -> FloatArray:
    """Log-density of a half-normal prior, without its constant. **Source** Gelman 2006; Roever 2021."""
    return -0.5 * (tau / scale) ** 2


def half_cauchy(tau: FloatArray, scale: float) -> FloatArray:
    """Log-density of a half-Cauchy prior, without its constant.

    **Source** Gelman 2006, Bayesian Anal 1:515-534.
    """
    return -np.log1p((tau / scale) ** 2)


def uniform(tau: FloatArray, scale: float) -> FloatArray:
    """Log-density of the flat prior on tau; `scale` has no meaning. Proper from three studies on."""
    return np.zeros_like(tau)


TAU_PRIORS: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "half-normal": half_normal,
    "half-cauchy": half_cauchy,
    "uniform": uniform,
}
TAIL_POWER = {
    "half-normal": np.inf,
    "half-cauchy": 2.0,
    "uniform": 0.0,
}  # a prior falls like tau to minus this


@dataclass(frozen=True)
class Posterior:
    """Median, mean, standard deviation and central interval; `mean` or `sd` is None where it is infinite."""

    median: float
    mean: float | None
    sd: float | None
    low: float
    high: float


@dataclass(frozen=True)
class BayesResult:
    """Posteriors of the mean, of tau and of the effect in a new study; `p_below` is P(mu < `threshold`)."""

    k: int
    mu: Posterior
    tau: Posterior
    new_study: Posterior
    threshold: float
    p_below: float
    tau_prior: str
    tau_scale: float
    mu_prior: tuple[float, float] | None
    level: float


def bayes(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau_scale: float,
    tau_prior: str = "half-normal",
    mu_prior: tuple[float, float] | None = None,
    threshold: float = 0.0,
    level: float = 0.95,
) -> BayesResult | NotEstimable:
    """Bayesian random effects with a prior on tau and a flat (or normal: mean, sd) prior on the mean.

    Shapes: `yi`, `vi` [k]. Units: `tau_scale` in those of `yi`. One study is enough for the normal tails; a
    prior too flat for so few studies is NotEstimable. Raises KeyError on an unknown prior, ValueError on
    another shape, a scale or prior SD that is not positive, or an impossible level.
    **Source** Roever 2020, J Stat Softw 93(6), section 2. Oracle: `bayesmeta(y, sigma, tau.prior=,
    interval.type="central")`.
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if (
        y.ndim != 1
        or y.shape != v.shape
        or not tau_scale > 0
        or (mu_prior is not None and not mu_prior[1] > 0)
    ):
        raise ValueError("bayes takes two lists of one length and positive scales of its priors")
    critical(1.0, level)
    prior = TAU_PRIORS[tau_prior]
    layout = lay_out(y, v)
    status = Status(int(layout.status))
    if status not in (Status.OK, Status.SINGLE_STUDY):
        return NotEstimable(status)
    # For large tau the likelihood falls like tau^-(k - 1), with a proper prior on the mean like tau^-k.
    tail_power = TAIL_POWER[tau_prior] + len(y) - (mu_prior is None)
    if tail_power <= 1:
        return NotEstimable(Status.TOO_FEW_STUDIES)
    grid = _Grid.build(y, v, lambda tau: prior(tau, tau_scale), mu_prior)
    spread_of_new = np.sqrt(grid.mu_sd**2 + grid.tau**2)
    return BayesResult(
        k=len(y),
        mu=grid.normal_mixture(grid.mu_sd, level, tail_power if mu_prior is None else np.inf),
        tau=grid.tau_posterior(level, tail_power),
        new_study=grid.normal_mixture(spread_of_new, level, tail_power),
        threshold=threshold,
        p_below=float((grid.weight * ndtr((threshold - grid.mu) / grid.mu_sd)).sum()),
        tau_prior=tau_prior,
        tau_scale=tau_scale,
        mu_prior=mu_prior,
        level=level,
    )


@dataclass(frozen=True, eq=False)
class _Grid:
    """Nodes of tau, their posterior weights (sum 1) and the conditional posterior of the mean at each."""

    tau: FloatArray
    weight: FloatArray
    mu: FloatArray
    mu_sd: FloatArray
    edges: FloatArray
    density: Callable[[FloatArray], FloatArray]

    @classmethod
    def build(
        cls,
        y: FloatArray,
        v: FloatArray,
        log_prior: Callable[[FloatArray], FloatArray],
        mu_prior: tuple[float, float] | None,
    ) -> _Grid:
        """Centre the transformation on the bulk of tau's posterior, then integrate panel by panel."""

        def log_density(tau: FloatArray) -> FloatArray:
            return _marginal(y, v, tau, mu_prior)[0] + log_prior(tau)

        unit = max(float(np.sqrt(1 / np.mean(1 / v))), float(np.std(y)))
        coarse = unit * COARSE
        centre = float(coarse[np.argmax(log_density(coarse) + np.log(coarse))])
        edges = np.linspace(0.0, 1.0, PANELS + 1)
        nodes, shares = roots_legendre(NODES)
        u = (edges[:-1, None] + (nodes + 1) / 2 * np.diff(edges)[:, None]).ravel()
        tau = centre * u / (1 - u)
        log_weight = log_density(tau) - 2 * np.log1p(-u) + np.log(np.tile(shares, PANELS))
        weight = np.exp(log_weight - log_weight.max())
        _, mu, mu_sd = _marginal(y, v, tau, mu_prior)
        peak = float(log_weight.max())

        def density(t: FloatArray) -> FloatArray:
            return np.exp(log_density(t) - peak)

        return cls(tau, weight / weight.sum(), mu, mu_sd, centre * edges[:-1] / (1 - edges[:-1]), density)

    def normal_mixture(self, sd: FloatArray, level: float, tail_power: float) -> Posterior:
        """Summaries of a normal whose mean and SD vary with tau."""
        mean = float((self.weight * self.mu).sum())
        spread = float(np.sqrt((self.weight * (sd**2 + (self.mu - mean) ** 2)).sum()))

        def quantile(share: float) -> float:
            def excess(x: float) -> float:
                return float((self.weight * ndtr((x - self.mu) / sd)).sum()) - share

            return _root(excess, mean - BRACKET * spread, mean + BRACKET * spread)

        return _posterior(quantile, mean, spread, level, tail_power)

    def tau_posterior(self, level: float, tail_power: float) -> Posterior:
        """Summaries of tau; quantiles by integrating the density inside the panel that holds them."""
        mean = float((self.weight * self.tau).sum())
        spread = float(np.sqrt((self.weight * (self.tau - mean) ** 2).sum()))
        panels = self.weight.reshape(PANELS, NODES).sum(-1)
        below = np.concatenate([[0.0], np.cumsum(panels)])
        nodes, shares = roots_legendre(NODES)

        def quantile(share: float) -> float:
            i = min(int(np.searchsorted(below, share, side="right")) - 1, PANELS - 2)
            low, high = float(self.edges[i]), float(self.edges[i + 1])

            def mass(to: float) -> float:
                inside = low + (nodes + 1) / 2 * (to - low)
                return float((shares * self.density(inside)).sum()) * (to - low) / 2

            wanted = (share - below[i]) / panels[i] * mass(high)
            return _root(lambda to: mass(to) - wanted, low, high)

        return _posterior(quantile, mean, spread, level, tail_power)


def _posterior(
    quantile: Callable[[float], float], mean: float, sd: float, level: float, tail_power: float
) -> Posterior:
    """Leave out the moments that a tail like x to minus `tail_power` makes infinite."""
    tail = (1 - level) / 2
    return Posterior(
        median=quantile(0.5),
        mean=mean if tail_power > 2 else None,
        sd=sd if tail_power > 3 else None,
        low=quantile(tail),
        high=quantile(1 - tail),
    )


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Halve [low, high] until it cannot be halved; `rising` is negative at `low` and positive at `high`."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return middle


def _marginal(
    y: FloatArray, v: FloatArray, tau: FloatArray, mu_prior: tuple[float, float] | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log marginal likelihood of tau, and the mean and SD of mu given tau.

    **Source** Roever 2020, equations 6-10.
    """
    if mu_prior is not None:  # a normal prior acts like one more study without between-study variance
        y, v = np.append(y, mu_prior[0]), np.append(v, mu_prior[1] ** 2)
    extra = tau[:, None] ** 2 * np.ones_like(y)
    if mu_prior is not None:
        extra[:, -1] = 0.0
    variance = v + extra
    w = 1 / variance
    total = w.sum(-1)
    mu = (w * y).sum(-1) / total
    q = (w * (y - mu[:, None]) ** 2).sum(-1)
    return -0.5 * (np.log(variance).sum(-1) + np.log(total) + q), mu, np.sqrt(1 / total)
