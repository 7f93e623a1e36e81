"""How the chance of being published may depend on P: steps and smooth curves, and their means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri, roots_legendre

from living.stats.effects import FloatArray

NODES = 160  # Gauss-Legendre points over at most 17 standard errors: the curves are smooth on that scale
EDGE = 8.3  # standard errors; beyond this P is 0 or 1 in double precision
CLIPPED = 1e-5  # P values closer to 0 or 1 count as this, where the curve has a pole there (as in metafor)
SHAPE = 1 / np.sqrt(2 * np.pi)


class Weights(Protocol):
    """Relative chances of publication at some parameters, and what they do to a study's density."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""

    @property
    def null(self) -> float:
        """Value of every parameter without selection."""

    @property
    def limits(self) -> tuple[float, float]:
        """Range of every parameter."""

    def observed(self, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-weight of each study, [k], and its derivatives by the parameters, [d, k]."""

    def expected(
        self, mu: float, spread: FloatArray, delta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Mean weight of each study under a normal distribution, [k]; its derivatives by the mean, by the
        variance, [k], and by the parameters, [d, k].
        """


def p_values(y: FloatArray, v: FloatArray, alternative: str) -> FloatArray:
    """P of each study, [k]: one-sided "greater" or "less", or "two-sided"."""
    z = y / np.sqrt(v)
    return np.asarray({"greater": ndtr(-z), "less": ndtr(z), "two-sided": 2 * ndtr(-np.abs(z))}[alternative])


@dataclass(frozen=True, eq=False)
class Steps:
    """One weight for each interval of P; the first is 1."""

    cuts: FloatArray
    cell: tuple[int, ...]
    group: tuple[int, ...]
    names: tuple[str, ...]
    null: float = 1.0
    limits: tuple[float, float] = (0.0, 100.0)

    @classmethod
    def of(cls, y: FloatArray, v: FloatArray, steps: tuple[float, ...], alternative: str) -> Steps:
        """Effects at which P crosses a step, ascending, [k, m], and whose weight holds between them."""
        last = len(steps)
        se = np.sqrt(v)[:, None]
        sided = np.array(steps) / (2 if alternative == "two-sided" else 1)
        upper = -ndtri(sided)[::-1]
        if alternative == "greater":
            cuts, cell = upper, tuple(range(last, -1, -1))
        elif alternative == "less":
            cuts, cell = -upper[::-1], tuple(range(last + 1))
        else:
            cuts = np.concatenate([-upper[::-1], upper])
            cell = (*range(last + 1), *range(last - 1, -1, -1))
        group = np.searchsorted(np.array(steps), p_values(y, v, alternative), side="left")
        names = tuple(f"P > {step:g}" for step in steps)
        return cls(cuts * se, cell, tuple(int(g) for g in group), names)

    def observed(self, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See Weights."""
        full, group = np.append(1.0, delta), np.array(self.group)
        own = np.arange(1, len(full))[:, None] == group
        return np.log(full)[group], own / delta[:, None]

    def expected(
        self, mu: float, spread: FloatArray, delta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """See Weights."""
        root = np.sqrt(spread)
        c = (self.cuts - mu) / root[:, None]
        density, ends = SHAPE * np.exp(-0.5 * c**2), np.zeros((len(c), 1))
        inside = np.diff(np.hstack([ends, ndtr(c), ends + 1]))
        by_mu = -np.diff(np.hstack([ends, density, ends])) / root[:, None]
        by_spread = -np.diff(np.hstack([ends, density * c, ends])) / (2 * spread[:, None])
        weight = np.append(1.0, delta)[list(self.cell)]
        cells = np.arange(1, len(delta) + 1)[:, None] == np.array(self.cell)
        return inside @ weight, by_mu @ weight, by_spread @ weight, cells.astype(np.float64) @ inside.T


Curve = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def beta_curve(p: FloatArray, rest: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-weight of p^(a-1) (1-p)^(b-1), and its derivatives.

    Here and below: `p` and `rest` = 1 - p (without cancellation) of any one shape; derivatives [d, ...].
    **Source** Citkowicz & Vevea 2017, Psychol Methods 22:28-41. Oracle: `selmodel(type="beta")`.
    """
    logs = np.stack([np.log(p), np.log(rest)])
    return np.tensordot(delta - 1, logs, 1), logs


def negative_exponential_curve(
    p: FloatArray, rest: FloatArray, delta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log-weight -delta p. **Source** Preston, Ashby & Smyth 2004, J Eval Clin Pract 10:253-258.

    Oracle: `selmodel(type="negexp")`.
    """
    return -delta[0] * p, -p[None]


def power_curve(p: FloatArray, rest: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-weight delta log(1 - p). Oracle: `selmodel(type="power")`."""
    logs = np.log(rest)
    return delta[0] * logs, logs[None]


def half_normal_curve(p: FloatArray, rest: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log-weight -delta p^2. **Source** Preston, Ashby & Smyth 2004. Oracle: `selmodel(type="halfnorm")`."""
    return -delta[0] * p**2, -(p**2)[None]


CURVES: dict[str, tuple[Curve, tuple[str, ...], float, tuple[float, float], float]] = {
    "beta": (beta_curve, ("a", "b"), 1.0, (CLIPPED, 100.0), CLIPPED),
    "negative-exponential": (negative_exponential_curve, ("rate",), 0.0, (0.0, 100.0), 0.0),
    "half-normal": (half_normal_curve, ("rate",), 0.0, (0.0, 100.0), 0.0),
    "power": (power_curve, ("power",), 0.0, (0.0, 100.0), CLIPPED),
}


@dataclass(frozen=True, eq=False)
class Smooth:
    """A curve over P; its mean is a quadrature in the middle and two closed tails, where P is clipped."""

    curve: Curve
    names: tuple[str, ...]
    null: float
    limits: tuple[float, float]
    clip: float
    p: FloatArray
    se: FloatArray
    alternative: str

    @classmethod
    def of(cls, y: FloatArray, v: FloatArray, curve: str, alternative: str) -> Smooth:
        """The curve of that name on the P values of these studies."""
        return cls(*CURVES[curve], p_values(y, v, alternative), np.sqrt(v), alternative)

    def observed(self, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See Weights."""
        return self._weigh(self.p, 1 - self.p, delta)

    def expected(
        self, mu: float, spread: FloatArray, delta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """See Weights."""
        z, share = self._nodes()
        tail = ndtr(-np.abs(z))
        p, rest = np.where(z > 0, tail, 1 - tail), np.where(z > 0, 1 - tail, tail)
        if self.alternative != "greater":
            p, rest = (rest, p) if self.alternative == "less" else (2 * tail, 1 - 2 * tail)
        log_weight, slopes = self._weigh(p, rest, delta)
        weight, root = np.exp(log_weight), np.sqrt(spread)[:, None]
        c = (z * self.se[:, None] - mu) / root
        density = SHAPE * np.exp(-0.5 * c**2)
        mass = density * self.se[:, None] / root * share
        below, above = ndtr(c[:, :1]), ndtr(-c[:, -1:])
        ends = density * np.where(np.arange(len(z)) == 0, -1.0, 1.0)
        mass[:, :1], mass[:, -1:] = below, above  # the outermost nodes stand for the tails
        by_mu, by_spread = mass * c / root, mass * (c**2 - 1) / (2 * spread[:, None])
        for end in (slice(0, 1), slice(-1, None)):
            by_mu[:, end] = ends[:, end] / root
            by_spread[:, end] = (ends * c)[:, end] / (2 * spread[:, None])
        return mass @ weight, by_mu @ weight, by_spread @ weight, slopes * weight @ mass.T

    def _weigh(self, p: FloatArray, rest: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.curve(
            np.clip(p, self.clip, 1 - self.clip), np.clip(rest, self.clip, 1 - self.clip), delta
        )

    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """Points and shares of the quadrature over z, [m], between the ends where P is clipped."""
        sided = self.clip / 2 if self.alternative == "two-sided" else self.clip
        end = min(EDGE, float(-ndtri(sided)))
        points, shares = roots_legendre(NODES // 2)
        half = (points + 1) / 2 * end
        z = np.concatenate([[-end], half - end, half, [end]])
        return z, np.concatenate([[0.0], shares, shares, [0.0]]) * end / 2
