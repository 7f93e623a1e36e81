"""Distributions fitted to quantiles by least squares: loss, parameters, mean and SD of every family.

Normal, log-normal, gamma and Weibull have a parameter in which the quantiles are linear, so only a shape is
searched; the beta distribution has none and is fitted by damped Gauss-Newton steps from a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

from living.stats.effects import FloatArray

GRID = 80  # places at which a shape is first tried
GOLDEN = (5**0.5 - 1) / 2
NARROWING = 45  # golden sections: a bracket of two grid steps shrinks below 1e-10 of itself
# Logarithms of the shapes searched: beyond them a family is no longer told from its limit.
LOG_SD = (np.log(1e-4), np.log(10.0))
LOG_GAMMA = (np.log(1e-3), np.log(1e6))
LOG_WEIBULL = (np.log(1e-2), np.log(1e3))
BETA_MEANS = np.linspace(0.04, 0.96, 24)
BETA_SIZES = np.exp(np.linspace(np.log(0.05), np.log(1e4), 24))
BETA_LIMITS = (np.log(1e-3), np.log(1e6))
MAX_STEPS, SETTLED = 200, 1e-12
SLOPE_STEP = 1e-6  # of a logarithm, for central differences


class FamilyFit(NamedTuple):
    """Sum of squared distances [rows], two parameters [rows, 2], mean and SD [rows] of one family."""

    loss: FloatArray
    parameters: FloatArray
    mean: FloatArray
    sd: FloatArray


def minimise(
    loss: Callable[[FloatArray], FloatArray], low: float, high: float, rows: int
) -> tuple[FloatArray, FloatArray]:
    """Return for every row the x in [low, high] of the lowest loss, and that loss.

    `loss` takes [rows, m] and gives [rows, m]. A grid finds the valley, golden sections its floor.
    """
    grid = np.linspace(low, high, GRID)
    at = loss(np.broadcast_to(grid, (rows, GRID))).argmin(-1)
    a, b = grid[np.maximum(at - 1, 0)], grid[np.minimum(at + 1, GRID - 1)]
    for _ in range(NARROWING):
        inner = np.stack([b - GOLDEN * (b - a), a + GOLDEN * (b - a)], axis=-1)
        left, right = np.moveaxis(loss(inner), -1, 0)
        a, b = np.where(left <= right, a, inner[:, 0]), np.where(left <= right, inner[:, 1], b)
    candidates = np.stack([a, (a + b) / 2, b], axis=-1)
    values = loss(candidates)
    best = values.argmin(-1)[:, None]
    return np.take_along_axis(candidates, best, -1)[:, 0], np.take_along_axis(values, best, -1)[:, 0]


def normal(q: FloatArray, p: FloatArray, inner: FloatArray) -> FamilyFit:
    """Mean and SD by a line through the quantiles; the mean stays within `inner`.

    Shapes: quantiles and their probabilities [rows, points], `inner` [rows, 2] (the quartiles where given,
    else the range); the same for every family here.
    """
    z = ndtri(p)
    mean = np.clip(q.mean(-1), inner[:, 0], inner[:, 1])
    sd = (z * q).sum(-1) / (z**2).sum(-1)
    loss = ((mean[:, None] + sd[:, None] * z - q) ** 2).sum(-1)
    return FamilyFit(loss, np.stack([mean, sd], axis=-1), mean, sd)


def log_normal(q: FloatArray, p: FloatArray, inner: FloatArray) -> FamilyFit:
    """Parameters: mean and SD of the logarithms; the median stays within `inner`."""
    z = ndtri(p)
    shape, median, loss = _scaled(lambda x: np.exp(np.exp(x)[..., None] * z[:, None]), q, LOG_SD, inner)
    sd = np.exp(shape)
    with np.errstate(all="ignore"):
        mean = median * np.exp(sd**2 / 2)
        return FamilyFit(loss, np.stack([np.log(median), sd], axis=-1), mean, mean * np.sqrt(np.expm1(sd**2)))


def gamma(q: FloatArray, p: FloatArray, inner: FloatArray) -> FamilyFit:
    """Parameters: shape and scale."""

    def unit(x: FloatArray) -> FloatArray:
        shape = np.exp(x)[..., None]
        return np.asarray(gammaincinv(shape, p[:, None]) / shape)

    x, mean, loss = _scaled(unit, q, LOG_GAMMA, None)
    shape = np.exp(x)
    return FamilyFit(loss, np.stack([shape, mean / shape], axis=-1), mean, mean / np.sqrt(shape))


def weibull(q: FloatArray, p: FloatArray, inner: FloatArray) -> FamilyFit:
    """Parameters: shape and scale."""
    log_hazard = np.log(-np.log1p(-p))
    x, scale, loss = _scaled(
        lambda x: np.exp(log_hazard[:, None] * np.exp(-x)[..., None]), q, LOG_WEIBULL, None
    )
    shape = np.exp(x)
    with np.errstate(all="ignore"):
        first, second = np.exp(gammaln(1 + 1 / shape)), np.exp(gammaln(1 + 2 / shape))
        sd = scale * np.sqrt(second - first**2)
        return FamilyFit(loss, np.stack([shape, scale], axis=-1), scale * first, sd)


def beta(q: FloatArray, p: FloatArray, inner: FloatArray) -> FamilyFit:
    """Parameters: both shapes. Infinite loss where a quantile lies outside 0 to 1."""
    inside = np.asarray(((q > 0) & (q < 1)).all(-1))
    target = np.where(inside[:, None], q, np.linspace(0.3, 0.7, q.shape[-1]))

    def residuals(x: FloatArray) -> FloatArray:
        a, b = np.exp(x[..., :1]), np.exp(x[..., 1:])
        return np.asarray(betaincinv(a, b, p) - target)

    x, loss = _gauss_newton(residuals, _beta_start(target, p))
    a, b = np.exp(x).T
    mean = a / (a + b)
    sd = np.sqrt(mean * (1 - mean) / (a + b + 1))
    return FamilyFit(np.where(inside, loss, np.inf), np.exp(x), mean, sd)


FAMILIES: dict[str, Callable[[FloatArray, FloatArray, FloatArray], FamilyFit]] = {
    "normal": normal,
    "log-normal": log_normal,
    "gamma": gamma,
    "Weibull": weibull,
    "beta": beta,
}


def _scaled(
    unit: Callable[[FloatArray], FloatArray],
    q: FloatArray,
    limits: tuple[float, float],
    inner: FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shape, scale and loss of a family with quantiles scale times `unit` of the shape [rows, m, points]."""

    def scale(g: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            best = (g * q[:, None]).sum(-1) / (g**2).sum(-1)
        return np.asarray(best if inner is None else np.clip(best, inner[:, :1], inner[:, 1:]))

    def loss(x: FloatArray) -> FloatArray:
        g = unit(x)
        with np.errstate(all="ignore"):
            sums = ((scale(g)[..., None] * g - q[:, None]) ** 2).sum(-1)
        return np.where(np.isfinite(sums), sums, np.inf)

    shape, least = minimise(loss, *limits, len(q))
    return shape, scale(unit(shape[:, None]))[:, 0], least


def _beta_start(q: FloatArray, p: FloatArray) -> FloatArray:
    """Logarithms of the best shapes on a grid of means and sizes (a + b)."""
    mean, size = (side.ravel() for side in np.meshgrid(BETA_MEANS, BETA_SIZES))
    shapes = np.log(np.stack([mean * size, (1 - mean) * size], axis=-1))
    table = {}
    for row in np.unique(p, axis=0):
        table[row.tobytes()] = betaincinv(np.exp(shapes[:, :1]), np.exp(shapes[:, 1:]), row)
    losses = [((table[one.tobytes()] - of) ** 2).sum(-1) for one, of in zip(p, q, strict=True)]
    return np.asarray(np.clip(shapes[np.argmin(losses, axis=-1)], *BETA_LIMITS))


def _gauss_newton(
    residuals: Callable[[FloatArray], FloatArray], x: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Damped Gauss-Newton in two parameters, [rows, 2]; a step that does not help is damped further."""
    damping = np.full(len(x), 1e-3)
    r = residuals(x)
    loss = (r**2).sum(-1)
    steps = np.eye(2) * SLOPE_STEP
    for _ in range(MAX_STEPS):
        slopes = [(residuals(x + step) - residuals(x - step)) / (2 * SLOPE_STEP) for step in steps]
        j = np.stack(slopes, axis=-1)
        normal_matrix = np.swapaxes(j, -1, -2) @ j
        diagonal = np.einsum("rii->ri", normal_matrix)[..., None] * np.eye(2)
        system = normal_matrix + damping[:, None, None] * diagonal + np.finfo(float).tiny * np.eye(2)
        move = -np.linalg.solve(system, np.einsum("rpi,rp->ri", j, r)[..., None])[..., 0]
        there = np.clip(x + np.clip(move, -2.0, 2.0), *BETA_LIMITS)
        new = residuals(there)
        lower = (new**2).sum(-1) < loss
        moved = np.abs(there - x).max(-1)
        x, r = np.where(lower[:, None], there, x), np.where(lower[:, None], new, r)
        loss = np.where(lower, (new**2).sum(-1), loss)
        damping = np.where(lower, damping / 10, damping * 10)
        if ((moved < SETTLED) | (damping > 1e12)).all():
            break
    return x, loss
