"""Maximum likelihood of models whose random effect has to be integrated out, one integral for each study.

The linear predictor of arm j of study i is offset + a_j alpha_i + x_j theta + z_j tau s, with s standard
normal: theta is the effect, tau its standard deviation between studies, alpha_i (where a_j is not 0) the
study's own level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from living.stats.effects import FloatArray

# Log-likelihood, residual and weight of each arm at linear predictors [k, arms, nodes], all of that shape.
Family = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]

TAU_STARTS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 4.0)  # on the logarithmic scale of ratios
MODE_STEPS = 100
LONGEST_STEP = 2.0  # of a mode or of a level: an exponential makes longer Newton steps overshoot
MAX_STEPS = 200
HALVINGS = 30
SETTLED = 1e-9  # largest step in theta and tau
STALLED = 1e-5  # a step this small that no longer rises: the rule's own derivatives differ from Louis's there
START_SETTLED, START_STALLED = 1e-4, 1e-2  # the same for a fit whose tau is not the final one
HOPELESS = 10.0  # a fall of the log-likelihood after which larger values of tau are not tried
FLAT = 1e-10  # a fall of the likelihood that is rounding
POSITIVE = 1e-8  # smallest curvature that is divided by


@dataclass(frozen=True, eq=False)
class Model:
    """`a`, `x`, `z` [arms] as in the module's formula; `offset` [k, arms, 1]; `nodes`, `log_weights` [q]."""

    family: Family
    offset: FloatArray
    a: FloatArray
    x: FloatArray
    z: FloatArray
    nodes: FloatArray
    log_weights: FloatArray


@dataclass(frozen=True, eq=False)
class Point:
    """Parameters and what the likelihood is there: `gradient` [2] and `information` [2, 2] of (theta, tau)
    with the levels eliminated, `level_step` and `level_bend` [k], [k, 2] to move the levels along.
    """

    theta: float
    tau: float
    alpha: FloatArray
    log_likelihood: float
    gradient: FloatArray
    information: FloatArray
    level_step: FloatArray
    level_bend: FloatArray


def gauss_hermite(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and log weights for an integral over s of exp(f(s)), centred at 0 with unit spread, both [q].

    **Source** Liu & Pierce 1994, Biometrika 81:624-629.
    """
    nodes, weights = np.polynomial.hermite.hermgauss(count)
    return np.sqrt(2) * nodes, np.log(weights) + nodes**2 + 0.5 * np.log(2)


def at(model: Model, theta: float, tau: float, alpha: FloatArray) -> Point:
    """Evaluate the likelihood by adaptive Gauss-Hermite quadrature around each study's own mode.

    The derivatives are those of the integral (Louis 1982, J R Stat Soc B 44:226-233) under the same rule.
    """
    mode, spread = _mode(model, theta, tau, alpha)
    s = mode + spread * model.nodes
    log_lik, residual, weight = model.family(_predictor(model, theta, tau, alpha, s))
    parts = log_lik.sum(1) - s**2 / 2 - 0.5 * np.log(2 * np.pi) + np.log(spread) + model.log_weights
    top = parts.max(1, keepdims=True)
    share = np.exp(parts - top)
    total = share.sum(1, keepdims=True)
    share = share / total
    directions = np.stack([_all(model.x, s), model.z[None, :, None] * s[:, None, :], _all(model.a, s)])
    scores = (directions * residual).sum(2)
    gradient = (scores * share).sum(2)
    expected = np.einsum("akjq,bkjq,kjq,kq->kab", directions, directions, weight, share)
    centred = scores - gradient[:, :, None]
    information = expected - np.einsum("akq,bkq,kq->kab", centred, centred, share)
    return _eliminated(theta, tau, alpha, float((top + np.log(total)).sum()), gradient.T, information)


def maximise_likelihood(model: Model, alpha: FloatArray, common: bool) -> Point | None:
    """Return the highest point found, None where the search did not settle; `common` holds tau at 0.

    Every start of tau is first fitted with tau held, so that no local maximum is taken for the global one;
    tau = 0 competes with the others.
    """
    zero = _climb(model, at(model, 0.0, 0.0, alpha), hold=True)
    if common or zero is None:
        return zero
    held: list[Point] = [zero]
    for tau in TAU_STARTS[1:]:
        last = held[-1]
        found = _climb(model, at(model, last.theta, tau, last.alpha), hold=True)
        if found is None or found.log_likelihood < max(p.log_likelihood for p in held) - HOPELESS:
            break
        held.append(found)
    heights = np.array([-np.inf, *(p.log_likelihood for p in held), -np.inf])
    peaks = [i for i in range(len(held)) if heights[i + 1] >= max(heights[i], heights[i + 2])]
    ends = [zero]
    for i in peaks:
        if i == 0 and zero.information[1, 1] >= 0:
            continue
        start = held[i] if i else at(model, zero.theta, TAU_STARTS[1] / 5, zero.alpha)
        end = _climb(model, start, hold=False)
        if end is None:
            return None
        ends.append(end)
    best = max(ends, key=lambda p: p.log_likelihood)
    return zero if best.log_likelihood <= zero.log_likelihood + FLAT else best


def saturated(model: Model) -> float:
    """The likelihood when every arm has a predictor of its own, at infinity where that is its maximum."""
    eta = np.zeros((*model.offset.shape[:2], 1))
    for _ in range(MODE_STEPS):
        _, residual, weight = model.family(eta)
        eta = eta + np.clip(
            residual / np.maximum(weight, np.finfo(np.float64).tiny), -LONGEST_STEP, LONGEST_STEP
        )
    return float(model.family(eta)[0].sum())


def _climb(model: Model, here: Point, hold: bool) -> Point | None:
    """Newton's steps on theta, tau (unless held) and the levels, halved until the likelihood no longer falls.

    A tau that shrinks to nothing is a maximum at 0, which has been fitted already. A start needs less care.
    """
    enough, stalled = (START_SETTLED, START_STALLED) if hold and here.tau > 0 else (SETTLED, STALLED)
    for _ in range(MAX_STEPS):
        step = _newton(here, hold)
        levels = here.level_step - here.level_bend @ step
        levels = np.clip(levels, -LONGEST_STEP, LONGEST_STEP)
        for halving in range(HALVINGS):
            size = 0.5**halving
            tau = abs(here.tau + size * step[1])
            there = at(model, here.theta + size * step[0], tau, here.alpha + size * levels)
            if there.log_likelihood >= here.log_likelihood - FLAT:
                break
        else:
            return here if np.abs(step).max() <= stalled else None
        moved = max(abs(there.theta - here.theta), abs(there.tau - here.tau))
        settled = float(np.abs(here.alpha - there.alpha).max(initial=0.0))
        here = there
        if moved <= enough and settled <= 1e3 * enough:
            return here
        if not hold and here.tau < 1e-6:
            return replace(here, log_likelihood=-np.inf)
    return None


def _newton(here: Point, hold: bool) -> FloatArray:
    """A step uphill even where the likelihood is not concave."""
    if hold:
        step = here.gradient[0] / max(here.information[0, 0], POSITIVE)
        return np.array([np.clip(step, -LONGEST_STEP, LONGEST_STEP), 0.0])
    values, vectors = np.linalg.eigh(here.information)
    step = vectors @ ((vectors.T @ here.gradient) / np.maximum(np.abs(values), POSITIVE))
    longest = max(0.5, here.tau)
    return np.asarray(np.clip(step, -longest, longest), dtype=np.float64)


def _eliminated(
    theta: float,
    tau: float,
    alpha: FloatArray,
    log_likelihood: float,
    gradient: FloatArray,
    information: FloatArray,
) -> Point:
    """Remove each study's level from its gradient [k, 3] and information [k, 3, 3] (Schur's complement)."""
    own = information[:, 2, 2]
    inverse = np.where(own > POSITIVE, 1 / np.where(own > POSITIVE, own, 1.0), 0.0)
    bend = information[:, :2, 2] * inverse[:, None]
    left = gradient[:, :2] - bend * gradient[:, 2:]
    kept = information[:, :2, :2] - bend[:, :, None] * information[:, None, :2, 2]
    return Point(theta, tau, alpha, log_likelihood, left.sum(0), kept.sum(0), gradient[:, 2] * inverse, bend)


def _mode(model: Model, theta: float, tau: float, alpha: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The most likely s of each study and the spread of its density there, both [k, 1]."""
    s = np.zeros((len(model.offset), 1))
    z = model.z[None, :, None] * tau
    for _ in range(MODE_STEPS):
        _, residual, weight = model.family(_predictor(model, theta, tau, alpha, s))
        curvature = (z**2 * weight).sum(1) + 1
        step = np.clip(((z * residual).sum(1) - s) / curvature, -LONGEST_STEP, LONGEST_STEP)
        s = s + step
        if (np.abs(step) < 1e-10).all():
            break
    _, _, weight = model.family(_predictor(model, theta, tau, alpha, s))
    return s, 1 / np.sqrt((z**2 * weight).sum(1) + 1)


def _predictor(model: Model, theta: float, tau: float, alpha: FloatArray, s: FloatArray) -> FloatArray:
    fixed = model.offset + model.a[None, :, None] * alpha[:, None, None] + model.x[None, :, None] * theta
    return np.asarray(fixed + model.z[None, :, None] * tau * s[:, None, :])


def _all(coefficient: FloatArray, s: FloatArray) -> FloatArray:
    return np.broadcast_to(coefficient[None, :, None], (len(s), len(coefficient), s.shape[1]))
