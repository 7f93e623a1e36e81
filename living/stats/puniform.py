"""p-uniform*: an effect adjusted for selection by significance, whose strength is not estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chdtri, log_ndtr, ndtri

from living.stats.cautions import FEW_FOR_SELECTION, Caution
from living.stats.effects import FloatArray
from living.stats.influence import columns
from living.stats.moments import lay_out
from living.stats.scalar_roots import solve_between
from living.stats.status import NotEstimable, Status

SIDES = {"greater": 1.0, "less": -1.0}
FAR = 40.0  # typical standard errors: a mean found this far from the studies is an escape, not an estimate
STARTS = (0.0, 0.5, 8.0)  # of tau2, in typical variances: the likelihood can have several modes
FIRST_STEP = 0.25  # typical standard errors; doubled until a limit is enclosed


@dataclass(frozen=True)
class PUniform:
    """Maximum of the conditional likelihood, with likelihood-ratio limits and tests.

    `ci_low`, `ci_high`: None where the likelihood never falls far enough. `p`: of a mean of 0; `tau2_p`: of a
    tau2 of 0. `significant`: studies on the far side of the critical value.
    """

    alternative: str
    k: int
    significant: int
    mu: float
    ci_low: float | None
    ci_high: float | None
    p: float
    tau2: float
    tau2_p: float
    log_likelihood: float
    cautions: tuple[Caution, ...]


def p_uniform_star(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    alternative: str = "greater",
    alpha: float = 0.025,
    level: float = 0.95,
) -> PUniform | NotEstimable:
    """Pool effects given which of them are significant, each compared with its own truncated normal.

    Shapes: `yi`, `vi` [k], at least two studies. `alpha` is one-sided, towards the `alternative` ("greater"
    or "less"). Where all studies are equally precise the mean and tau2 are those of the three-parameter
    selection model. Raises ValueError on another shape or alternative, or an impossible alpha or level.
    **Source** van Aert & van Assen 2018 (preprint; published 2026), the maximum likelihood estimator; the
    equivalence: Pustejovsky 2026. Oracle: `selmodel(type="stepfun", steps=0.025)` on equal variances.
    """
    if alternative not in SIDES:
        raise ValueError(f"alternative {alternative!r} is not one of {', '.join(SIDES)}")
    if not (0 < alpha < 1 and 0 < level < 1):
        raise ValueError(f"alpha and level lie between 0 and 1, not at {alpha} and {level}")
    y, v = columns(yi, vi)
    status = Status(int(lay_out(y, v).status))
    if status is not Status.OK:
        return NotEstimable(status)
    unit, sign = float(np.sqrt(v.mean())), SIDES[alternative]
    model = _Conditional.of(sign * y / unit, v / unit**2, alpha)
    mu, tau2, height = model.best()
    limits = [model.limit(mu, height, towards, float(chdtri(1, 1 - level)) / 2) for towards in (-1.0, 1.0)]
    low, high = (None if limit is None else sign * unit * limit for limit in limits)
    at_zero = model.profile(0.0), model.best(homogeneous=True)[2]
    p, tau2_p = (float(chdtrc(1, max(0.0, 2 * (height - other)))) for other in at_zero)
    significant = int(model.beyond.sum())
    grounds = (
        (Caution.TOO_FEW_FOR_SELECTION, len(y) < FEW_FOR_SELECTION),
        (Caution.NO_INFORMATION, significant == 0),
        (Caution.CAPPED, abs(mu - model.centre) > 0.999 * FAR),
    )
    return PUniform(
        alternative=alternative,
        k=len(y),
        significant=significant,
        mu=sign * unit * mu,
        ci_low=low if sign > 0 else high,
        ci_high=high if sign > 0 else low,
        p=p,
        tau2=unit**2 * tau2,
        tau2_p=tau2_p,
        log_likelihood=height - len(y) * float(np.log(unit)),
        cautions=tuple(caution for caution, holds in grounds if holds),
    )


@dataclass(frozen=True, eq=False)
class _Conditional:
    """Log-likelihood of effects given on which side of the critical value they lie; `beyond` [k]."""

    y: FloatArray
    v: FloatArray
    cut: FloatArray
    beyond: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, y: FloatArray, v: FloatArray, alpha: float) -> _Conditional:
        cut = float(-ndtri(alpha)) * np.sqrt(v)
        return cls(y, v, cut, y >= cut)

    @property
    def centre(self) -> float:
        """Where the search starts: the plain mean."""
        return float(self.y.mean())

    def value(self, mu: float, tau2: float) -> tuple[float, FloatArray]:
        """Log-likelihood and its gradient by the mean and tau2, [2]."""
        spread, away = self.v + tau2, self.y - mu
        root = np.sqrt(spread)
        c = (self.cut - mu) / root
        side = np.where(self.beyond, -1.0, 1.0)
        tail = log_ndtr(side * c)
        hazard = side * np.exp(-0.5 * c**2 - 0.5 * np.log(2 * np.pi) - tail)
        terms = -0.5 * (np.log(2 * np.pi * spread) + away**2 / spread) - tail
        by_mu = away / spread + hazard / root
        by_tau2 = 0.5 * ((away / spread) ** 2 - 1 / spread) + hazard * c / (2 * spread)
        return float(terms.sum()), np.array([by_mu.sum(), by_tau2.sum()])

    def best(self, homogeneous: bool = False) -> tuple[float, float, float]:
        """Mean, tau2 and height of the highest maximum."""
        centre = self.centre
        bounds = [(centre - FAR, centre + FAR), (0.0, 0.0 if homogeneous else None)]
        variances = STARTS[:1] if homogeneous else STARTS
        runs = [self._climb(mu, tau2, bounds) for mu in (centre, 0.0) for tau2 in variances]
        return max(runs, key=lambda run: run[2])

    def profile(self, mu: float) -> float:
        """The highest log-likelihood at this mean."""
        return max(self._climb(mu, tau2, [(mu, mu), (0.0, None)])[2] for tau2 in STARTS)

    def _climb(
        self, mu: float, tau2: float, bounds: list[tuple[float, float | None]]
    ) -> tuple[float, float, float]:
        from scipy.optimize import minimize  # slow to import, and rarely needed

        def downhill(x: FloatArray) -> tuple[float, FloatArray]:
            value, slope = self.value(float(x[0]), float(x[1]))
            return -value, -slope

        done = minimize(
            downhill,
            np.array([mu, tau2]),
            jac=True,
            bounds=bounds,
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000},
        )
        return float(done.x[0]), float(done.x[1]), -float(done.fun)

    def limit(self, mu: float, height: float, towards: float, drop: float) -> float | None:
        """The mean on one side of the estimate at which the profile has fallen by `drop`; None beyond FAR."""

        def left(x: float) -> float:
            return self.profile(x) - height + drop

        inside, step = mu, FIRST_STEP
        while abs(inside - mu) < FAR:
            outside = inside + towards * step
            if left(outside) < 0:
                return solve_between(left, *sorted((inside, outside)))
            inside, step = outside, 2 * step
        return None
