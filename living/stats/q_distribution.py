"""The distribution of the generalised Q: a weighted sum of chi-squares, by numerical inversion.

With fixed weights a and variances s = v + tau2, the transform E exp(-p Q) is det^(-1/2), where det is, for
each group, prod(1 + 2 p a s) * sum(a / (1 + 2 p a s)) / sum(a). Its singularities and the pole of 1/p lie on
the real axis at or below 0, so a hyperbola that crosses the axis to the right of 0, near the saddle point of
the integrand, and bends to the left is integrated by the trapezoidal rule with exponential accuracy. No
eigenvalues are needed, and the cost grows with the number of studies only.
"""

from __future__ import annotations

import numpy as np

from living.stats.effects import FloatArray
from living.stats.moments import Layout, divide

NODES = 64  # halving the step changes the result by less than 1e-12 between five SDs on either side
BEND = 0.5  # of the hyperbola for few studies; with many it becomes a vertical line, where Q is nearly normal
BEND_FADES = 10.0  # at this many degrees of freedom (those of the gamma with the same two moments, halved)
DECAY = 75.0  # exponent at which the ends of the contour are cut off
SHORTEST = 3.1  # length of the contour that a nearly normal Q needs: exp(-sinh(3.1)^2 / 4) < 1e-13
BLOCK = 1 << 17  # complex numbers evaluated at once: 2 MB, so that a big batch does not leave the cache
CERTAIN = 32.0  # beyond a tail of exp(-32) = 1e-14 the probability is 0 or 1


def generalised_q(layout: Layout, weights: FloatArray) -> FloatArray:
    """The observed generalised Q at fixed weights [..., g, k]; [...]."""
    return np.asarray((weights * layout.squares(weights)).sum((-2, -1)))


def q_mean(layout: Layout, weights: FloatArray, tau2: FloatArray) -> FloatArray:
    """Expected value of the generalised Q at fixed weights and a between-study variance, [...]."""
    s = layout.v + tau2[..., None, None]
    return np.asarray(((weights * s).sum(-1) - divide((weights**2 * s).sum(-1), weights.sum(-1))).sum(-1))


def q_variance(layout: Layout, weights: FloatArray, tau2: FloatArray) -> FloatArray:
    """Variance of the generalised Q at fixed weights and a between-study variance, [...].

    **Source** Jackson, Turner, Rhodes & Viechtbauer 2014, BMC Med Res Methodol 14:103: 2 tr(P S P S).
    """
    s = layout.v + tau2[..., None, None]
    total, second, third = weights.sum(-1), (weights * s) ** 2, weights**3 * s**2
    mixed = divide((weights**2 * s).sum(-1), total) ** 2
    return 2 * np.asarray((second.sum(-1) - 2 * divide(third.sum(-1), total) + mixed).sum(-1))


def q_below(layout: Layout, weights: FloatArray, tau2: FloatArray, q: FloatArray) -> FloatArray:
    """Probability that the generalised Q is below `q` when the between-study variance is `tau2`.

    Shapes: `weights` [..., g, k], fixed, 0 outside the group; `tau2` and `q` [...]. Absolute error below
    1e-12 up to five standard deviations from the mean, below 1e-9 everywhere.
    **Source** Jackson 2013, Res Synth Methods 4:220-229 (the distribution); the contour after Weideman &
    Trefethen 2007, Math Comp 76:1341-1358. Oracle: `CompQuadForm::farebrother(q, lambda)`.
    """
    shape = np.broadcast_shapes(tau2.shape, q.shape, layout.k.shape)
    t, x = np.broadcast_to(tau2, shape), np.broadcast_to(q, shape)
    with np.errstate(all="ignore"):
        mean, sd = q_mean(layout, weights, t), np.sqrt(q_variance(layout, weights, t))
        largest = (weights * (layout.v + t[..., None, None])).max((-2, -1))
        low, high = _certain(x - mean, sd / np.sqrt(2), largest)
        inverted = _invert(layout, weights, t, np.where(x > 0, x, 1.0), mean, sd)
    middle = np.where(low | (x <= 0), 0.0, np.where(high, 1.0, np.clip(inverted, 0.0, 1.0)))
    return np.asarray(middle)


def _certain(distance: FloatArray, norm: FloatArray, largest: FloatArray) -> tuple[np.ndarray, np.ndarray]:
    """Where Laurent and Massart's bounds leave no doubt on the lower and on the upper side.

    **Source** Laurent & Massart 2000, Ann Stat 28:1302-1338, lemma 1.
    """
    low = distance < -2 * norm * np.sqrt(CERTAIN)
    return low, distance > 2 * norm * np.sqrt(CERTAIN) + 2 * largest * CERTAIN


def _invert(
    layout: Layout, a: FloatArray, tau2: FloatArray, q: FloatArray, mean: FloatArray, sd: FloatArray
) -> FloatArray:
    """Bromwich's integral along the hyperbola, [...]."""
    freedom = (mean / sd) ** 2
    centre = np.maximum(freedom * (1 / q - 1 / mean), 1 / np.maximum(sd, q - mean))
    scale, bend = np.sqrt(freedom) / q, BEND / (1 + freedom / BEND_FADES)
    step = np.maximum(np.arccosh(1 + DECAY / np.sqrt(freedom)), SHORTEST) / NODES
    spread, total = a * (layout.v + tau2[..., None, None]), a.sum(-1)
    share = a / np.where(total > 0, total, 1.0)[..., None]
    integral = np.zeros(q.shape)
    pieces = min(NODES, 1 + NODES * spread.size // BLOCK)
    for nodes in np.array_split(np.arange(NODES), pieces):
        t = (nodes.reshape(-1, *[1] * q.ndim) + 0.5) * step
        p = centre + scale * (1j * np.sinh(t) - bend * (np.cosh(t) - 1))
        factor = 1 + 2 * p[..., None, None] * spread
        lost = np.log(np.where(total > 0, (share / factor).sum(-1), 1.0))
        transform = np.exp(p * q - 0.5 * (np.log(factor).sum((-2, -1)) + lost.sum(-1)))
        direction = scale * (1j * np.cosh(t) - bend * np.sinh(t))
        integral += (transform / p * direction).imag.sum(0)
    return integral * step / np.pi
