"""Selection models: what the pool would be if the chance of being published depended on P in a given way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from living.stats.cautions import FEW_FOR_SELECTION, Caution
from living.stats.effects import FloatArray
from living.stats.influence import columns
from living.stats.intervals import critical
from living.stats.moments import lay_out
from living.stats.selection_weights import CURVES, Smooth, Steps, Weights
from living.stats.status import NotEstimable, Status
from living.stats.tau2 import maximum_likelihood

ALTERNATIVES = ("greater", "less", "two-sided")
STARTS = (1.0, 0.2, 5.0)  # times the weights of the null model: the likelihood can have several modes
AT_LIMIT = 1e-6  # relative: a parameter this close to the end of its range has run into it
STEP = 1e-5  # of the differences behind the information: its square and the rounding are both about 1e-10


@dataclass(frozen=True)
class Selection:
    """A pooled effect adjusted for selection by P.

    `weights` are relative to the first interval of P, or the parameters of a curve. `*_se` are None
    where a parameter sits at its limit or the information cannot be inverted; without `mu_se` there is no `p`
    and no interval. `lrt` tests against no selection; `counts`: studies in each interval of P (steps only).
    """

    model: str
    alternative: str
    k: int
    mu: float
    mu_se: float | None
    p: float | None
    ci_low: float | None
    ci_high: float | None
    tau2: float
    tau2_se: float | None
    weights: dict[str, float]
    weights_se: dict[str, float | None]
    log_likelihood: float
    lrt: float
    lrt_df: int
    lrt_p: float
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    cautions: tuple[Caution, ...]


def step_selection(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    steps: tuple[float, ...] = (0.025,),
    alternative: str = "greater",
    level: float = 0.95,
) -> Selection | NotEstimable:
    """Studies whose P lies beyond a step are published with another chance than those before it.

    Shapes: `yi`, `vi` [k], more studies than parameters. `alternative` says whether P is one-sided (towards
    "greater" or "less" effects) or "two-sided". Raises ValueError on another shape, alternative or level, or
    steps that do not ascend between 0 and 1.
    **Source** Hedges 1992, Stat Sci 7:246-255; Vevea & Hedges 1995, Psychometrika 60:419-435. Oracle:
    `selmodel(rma(...), type="stepfun", steps=, alternative=)`.
    """
    if not steps or any(a >= b for a, b in zip((0.0, *steps), (*steps, 1.0), strict=True)):
        raise ValueError(f"steps ascend between 0 and 1, unlike {steps}")
    y, v = columns(yi, vi)
    if (why := _unusable(y, v, 2 + len(steps), alternative)) is not None:
        return why
    weights = Steps.of(y, v, steps, alternative)
    counts = tuple(int(n) for n in np.bincount(weights.group, minlength=len(steps) + 1))
    return _fit(y, v, weights, "steps", alternative, steps, counts, level)


def three_parameter_selection(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alternative: str = "greater", level: float = 0.95
) -> Selection | NotEstimable:
    """The three-parameter model (3PSM): mean, tau2 and one weight, with the step at a one-sided P of 0.025.

    Shapes and raises as `step_selection`.
    **Source** McShane, Böckenholt & Hansen 2016, Perspect Psychol Sci 11:730-749. Oracle: as
    `step_selection`.
    """
    return step_selection(yi, vi, steps=(0.025,), alternative=alternative, level=level)


def curve_selection(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    curve: str = "beta",
    alternative: str = "greater",
    level: float = 0.95,
) -> Selection | NotEstimable:
    """The chance of publication follows a smooth curve over P: a name of CURVES.

    Shapes and raises as `step_selection`; KeyError on an unknown curve.
    **Source** Citkowicz & Vevea 2017, Psychol Methods 22:28-41, for "beta"; Preston, Ashby & Smyth 2004, J
    Eval Clin Pract 10:253-258, for the others. Oracle: `selmodel(rma(...), type="beta")` and so on.
    """
    parameters = CURVES[curve][1]
    y, v = columns(yi, vi)
    if (why := _unusable(y, v, 2 + len(parameters), alternative)) is not None:
        return why
    return _fit(y, v, Smooth.of(y, v, curve, alternative), curve, alternative, (), (), level)


def log_likelihood_at(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    found: Selection,
    mu: float,
    tau2: float,
    weights: tuple[float, ...],
) -> float:
    """Log-likelihood of a fitted model at other parameters, for a profile or a comparison.

    Shapes: `yi`, `vi` [k], `weights` in the order of `found.weights`. Oracle: `logLik(selmodel(...))`.
    """
    y, v = columns(yi, vi)
    model = _Model(y, v, _weights_of(y, v, found), 1.0)
    return model.value(np.array([mu, tau2, *weights]))[0]


def _weights_of(y: FloatArray, v: FloatArray, found: Selection) -> Weights:
    if found.model in CURVES:
        return Smooth.of(y, v, found.model, found.alternative)
    return Steps.of(y, v, found.steps, found.alternative)


def _unusable(y: FloatArray, v: FloatArray, parameters: int, alternative: str) -> NotEstimable | None:
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative {alternative!r} is not one of {', '.join(ALTERNATIVES)}")
    status = Status(int(lay_out(y, v).status))
    if status is not Status.OK:
        return NotEstimable(status)
    return NotEstimable(Status.TOO_FEW_STUDIES) if len(y) < parameters else None


@dataclass(frozen=True, eq=False)
class _Model:
    """Log-likelihood in (mean, tau2, weights) of effects in units of their typical standard error."""

    y: FloatArray
    v: FloatArray
    weights: Weights
    unit: float

    def value(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Log-likelihood and its gradient, [2 + d]."""
        mu, tau2, delta = float(theta[0]), float(theta[1]), theta[2:]
        spread, away = self.v + tau2, self.y - mu
        log_weight, by_weight = self.weights.observed(delta)
        scaled = self.unit * mu, self.unit**2 * spread
        mean, by_mu, by_tau2, by_delta = self.weights.expected(*scaled, delta)
        terms = log_weight - 0.5 * (np.log(2 * np.pi * spread) + away**2 / spread) - np.log(mean)
        slope = [
            (away / spread).sum() - self.unit * (by_mu / mean).sum(),
            0.5 * ((away / spread) ** 2 - 1 / spread).sum() - self.unit**2 * (by_tau2 / mean).sum(),
            *(by_weight - by_delta / mean).sum(-1),
        ]
        return float(terms.sum()), np.array(slope)

    def information(self, theta: FloatArray, free: npt.NDArray[np.bool_]) -> FloatArray:
        """Negative second derivatives of the free parameters, by differences of the gradient."""
        rows = []
        for i in np.flatnonzero(free):
            h = np.zeros_like(theta)
            h[i] = STEP if i == 0 else min(STEP * max(theta[i], 0.01), theta[i] / 2)
            rows.append((self.value(theta + h)[1] - self.value(theta - h)[1])[free] / (2 * h[i]))
        found = -np.array(rows)
        return np.asarray((found + found.T) / 2)


def _fit(
    y: FloatArray,
    v: FloatArray,
    weights: Weights,
    name: str,
    alternative: str,
    steps: tuple[float, ...],
    counts: tuple[int, ...],
    level: float,
) -> Selection | NotEstimable:
    factor = float(critical(np.inf, level))
    unit = float(np.sqrt(v.mean()))
    model = _Model(y / unit, v / unit**2, weights, unit)
    layout = lay_out(model.y, model.v)
    start_tau2 = maximum_likelihood(layout)
    start = np.array([float(layout.mu(layout.weights(start_tau2))[0]), float(start_tau2)])
    null = np.append(start, np.full(len(weights.names), weights.null))
    plain = model.value(null)[0]
    theta = _search(model, null)
    if theta is None:
        return NotEstimable(Status.NOT_CONVERGED)
    height = max(model.value(theta)[0], plain)
    se = _standard_errors(model, theta)
    mu, mu_se = unit * float(theta[0]), None if se[0] is None else unit * se[0]
    lrt, df = 2 * (height - plain), len(weights.names)
    return Selection(
        model=name,
        alternative=alternative,
        k=len(y),
        mu=mu,
        mu_se=mu_se,
        p=None if mu_se is None else float(2 * ndtr(-abs(mu) / mu_se)),
        ci_low=None if mu_se is None else mu - factor * mu_se,
        ci_high=None if mu_se is None else mu + factor * mu_se,
        tau2=unit**2 * float(theta[1]),
        tau2_se=None if se[1] is None else unit**2 * se[1],
        weights=dict(zip(weights.names, (float(d) for d in theta[2:]), strict=True)),
        weights_se=dict(zip(weights.names, se[2:], strict=True)),
        log_likelihood=height - len(y) * float(np.log(unit)),
        lrt=lrt,
        lrt_df=df,
        lrt_p=float(chdtrc(df, lrt)),
        steps=steps,
        counts=counts,
        cautions=_cautions(len(y), counts, _capped(theta[2:], weights)),
    )


def _search(model: _Model, null: FloatArray) -> FloatArray | None:
    """The highest of the maxima reached from several starts, the weights on a logarithmic scale."""
    from scipy.optimize import minimize  # slow to import, and rarely needed

    low, high = np.log(np.maximum(model.weights.limits[0], 1e-8)), np.log(model.weights.limits[1])
    bounds = [(None, None), (0.0, None), *[(low, high)] * (len(null) - 2)]

    def downhill(x: FloatArray) -> tuple[float, FloatArray]:
        delta = np.exp(x[2:])
        with np.errstate(all="ignore"):
            value, slope = model.value(np.append(x[:2], delta))
        if not np.isfinite(value):
            return 1e300, np.zeros_like(x)
        return -value, -slope * np.append([1.0, 1.0], delta)

    best: tuple[float, FloatArray] | None = None
    for times in STARTS:
        first = np.append(null[:2], np.log(times * np.maximum(null[2:], 1.0)))
        done = minimize(
            downhill,
            first,
            jac=True,
            bounds=bounds,
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-8, "maxiter": 2000, "maxls": 50},
        )
        if np.isfinite(done.fun) and done.fun < 1e300 and (best is None or done.fun < best[0]):
            best = float(done.fun), np.asarray(done.x)
    if best is None:
        return None
    return _polish(model, np.append(best[1][:2], np.exp(best[1][2:])))


def _free(theta: FloatArray, weights: Weights) -> npt.NDArray[np.bool_]:
    return np.concatenate([[True, theta[1] > AT_LIMIT], ~_capped(theta[2:], weights)])


def _capped(delta: FloatArray, weights: Weights) -> npt.NDArray[np.bool_]:
    low, high = weights.limits
    return np.asarray((delta <= low + 10 * AT_LIMIT) | (delta >= high * (1 - AT_LIMIT)))


def _polish(model: _Model, theta: FloatArray) -> FloatArray:
    """A few Newton steps on the parameters away from their limits, kept only where they climb."""
    for _ in range(4):
        free = _free(theta, model.weights)
        height, slope = model.value(theta)
        try:
            step = np.linalg.solve(model.information(theta, free), slope[free])
        except np.linalg.LinAlgError:
            return theta
        there = theta.copy()
        there[free] += step
        if there[1] < 0 or (there[2:] <= model.weights.limits[0]).any() or model.value(there)[0] < height:
            return theta
        theta = there
    return theta


def _standard_errors(model: _Model, theta: FloatArray) -> list[float | None]:
    free = _free(theta, model.weights)
    information = model.information(theta, free)
    found: list[float | None] = [None] * len(theta)
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return found
    variances = np.diagonal(np.linalg.inv(information))
    for i, variance in zip(np.flatnonzero(free), variances, strict=True):
        found[i] = float(np.sqrt(variance))
    return found


def _cautions(k: int, counts: tuple[int, ...], capped: npt.NDArray[np.bool_]) -> tuple[Caution, ...]:
    grounds = (
        (Caution.TOO_FEW_FOR_SELECTION, k < FEW_FOR_SELECTION),
        (Caution.EMPTY_INTERVAL, 0 in counts),
        (Caution.CAPPED, bool(capped.any())),
    )
    return tuple(caution for caution, holds in grounds if holds)
