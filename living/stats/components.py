"""The likelihood of variance components, and its maximum with every component at or above zero."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from living.stats.blocks import Blocks
from living.stats.effects import FloatArray

STARTS = (0.0, 0.1, 1.0)  # relative to the scatter of the effects; every combination is tried
CLIMBED = 2  # best starts that are refined and compared
MAX_STEPS = 200
HALVINGS = 40
SETTLED = 1e-10  # largest step, relative to the components plus the sampling variances


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The likelihood and its parts at given components; `gradient` [c] and `information` [c, c]."""

    log_likelihood: float
    b: FloatArray
    covariance: FloatArray
    squares: float
    gradient: FloatArray
    information: FloatArray


def evaluate(
    blocks: Blocks, y: FloatArray, x: FloatArray, sigma2: FloatArray, restricted: bool
) -> Evaluation:
    """Likelihood of the components with the coefficients at their best values, its gradient and curvature.

    Shapes: `y` [k], `x` [k, p], `sigma2` [c]. The curvature is the average of the observed and the expected
    information. `squares` is the generalised Q.
    **Source** Gilmour, Thompson & Cullis 1995, Biometrics 51:1440-1450. Oracle: `logLik(rma.mv(...))`.
    """
    k, p = x.shape
    root = np.linalg.inv(np.linalg.cholesky(blocks.marginal(sigma2)))
    log_m = -2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum()
    both = root @ blocks.gather(np.concatenate([x, y[:, None]], axis=1))
    both = both.reshape(-1, p + 1)
    products = both.T @ both
    gram = products[:p, :p]
    covariance = np.asarray(np.linalg.inv(gram), dtype=np.float64)
    b = covariance @ products[:p, p]
    residual = both[:, p] - both[:, :p] @ b
    squares = float(residual @ residual)
    value = -0.5 * (log_m + squares + (k - p * restricted) * np.log(2 * np.pi))
    if restricted:
        value += 0.5 * (np.linalg.slogdet(x.T @ x)[1] - np.linalg.slogdet(gram)[1])
    back = np.swapaxes(root, 1, 2)
    w = back @ root
    wx = back @ both[:, :p].reshape(*root.shape[:2], p)
    py = (back @ residual.reshape(*root.shape[:2], 1))[..., 0]
    spread = (blocks.shared @ py[..., None])[..., 0]
    trace = (blocks.shared * w).sum((1, 2, 3))
    if restricted:
        trace = trace - ((blocks.shared @ wx) * (wx @ covariance)).sum((1, 2, 3))
    gradient = 0.5 * ((spread * py).sum((1, 2)) - trace)
    count = len(spread)
    weighted = (w @ spread[..., None]).reshape(count, py.size)
    rows = spread.reshape(count, py.size)
    lost = rows @ wx.reshape(py.size, p)
    information = 0.5 * (rows @ weighted.T - lost @ covariance @ lost.T)
    return Evaluation(float(value), b, covariance, squares, gradient, information)


def maximise_components(blocks: Blocks, y: FloatArray, x: FloatArray, restricted: bool) -> FloatArray | None:
    """Return the components >= 0 of the highest likelihood found, [c]; None where the search did not settle.

    All combinations of a few sizes are tried as starts, and the best of them climbed.
    """
    count = len(blocks.shared)
    if count == 0:
        return np.zeros(0)
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    scale = max(float(residual @ residual) / (len(y) - x.shape[1]), float(np.finfo(np.float64).tiny))
    starts = [scale * np.array(parts) for parts in itertools.product(STARTS, repeat=min(count, 3))]
    starts = [np.concatenate([s, np.zeros(count - len(s))]) for s in starts]
    order = sorted(starts, key=lambda s: -evaluate(blocks, y, x, s, restricted).log_likelihood)
    ends = [_climb(blocks, y, x, start, restricted) for start in order[:CLIMBED]]
    reached = [end for end in ends if end is not None]
    if not reached:
        return None
    return max(reached, key=lambda s: evaluate(blocks, y, x, s, restricted).log_likelihood)


def _climb(
    blocks: Blocks, y: FloatArray, x: FloatArray, sigma2: FloatArray, restricted: bool
) -> FloatArray | None:
    """Scoring steps on the components that are free, halved until the likelihood no longer falls."""
    sampling = float(np.median(np.diagonal(blocks.sampling, axis1=1, axis2=2)[blocks.real]))
    here = evaluate(blocks, y, x, sigma2, restricted)
    for _ in range(MAX_STEPS):
        free = (sigma2 > 0) | (here.gradient > 0)
        step = np.zeros_like(sigma2)
        if free.any():
            step[free] = np.linalg.lstsq(
                here.information[np.ix_(free, free)], here.gradient[free], rcond=None
            )[0]
        for halving in range(HALVINGS):
            candidate = np.maximum(sigma2 + step / 2**halving, 0.0)
            there = evaluate(blocks, y, x, candidate, restricted)
            if there.log_likelihood >= here.log_likelihood:
                break
        else:
            candidate, there = sigma2, here
        moved = np.abs(candidate - sigma2)
        sigma2, here = candidate, there
        if (moved <= SETTLED * (sigma2 + sampling)).all():
            return sigma2
    return None
