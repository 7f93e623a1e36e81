"""How much of the allowed error each look at accumulating evidence may spend, and the boundaries that follow.

Looks happen at information fractions t. Under the null the standardised statistics Z at the looks have the
correlation sqrt(t_i / t_j), which one numerical integration per look carries forward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, roots_legendre

from living.stats.effects import FloatArray
from living.stats.scalar_roots import solve_between

FAR = 9.0  # beyond so many standard deviations lies less than 1e-18 of a normal distribution
PANEL = 0.75  # panel width in units of the narrowest normal density that is integrated
NODES = 8  # Gauss-Legendre points in a panel
CLOSEST = 1e-4  # the smallest step between looks, relative to the later look, that the grid resolves


def spend_obrien_fleming(t: npt.ArrayLike, alpha: float) -> FloatArray:
    """Error spent up to fraction `t`, like O'Brien and Fleming: almost nothing early.

    Shapes: any; 0 < t <= 1. `alpha` is the error of one side.
    **Source** Lan & DeMets 1983, Biometrika 70:659-663 (their alpha-1*). Oracle: `RTSA(es_alpha="esOF")`.
    """
    return 2 * ndtr(ndtri(alpha / 2) / np.sqrt(np.asarray(t, dtype=np.float64)))


def spend_pocock(t: npt.ArrayLike, alpha: float) -> FloatArray:
    """Error spent up to fraction `t`, like Pocock: about the same boundary at every look.

    Shapes and units as `spend_obrien_fleming`.
    **Source** Lan & DeMets 1983, Biometrika 70:659-663 (their alpha-2*).
    """
    return np.asarray(alpha * np.log1p((np.e - 1) * np.asarray(t, dtype=np.float64)))


SPENDING: dict[str, Callable[[npt.ArrayLike, float], FloatArray]] = {
    "OBF": spend_obrien_fleming,
    "Pocock": spend_pocock,
}


@dataclass(frozen=True)
class Boundaries:
    """Critical values of Z at each look; with two sides the lower boundary is the upper one's mirror image.

    `spent`: cumulative error of one side. `nominal_p`: the P value, on as many sides, that a look must beat.
    """

    fractions: tuple[float, ...]
    upper: tuple[float, ...]
    spent: tuple[float, ...]
    nominal_p: tuple[float, ...]
    alpha: float
    sides: int
    spending: str


def boundaries(
    fractions: Sequence[float], *, alpha: float = 0.05, sides: int = 2, spending: str = "OBF"
) -> Boundaries:
    """Critical values of Z at the looks so that all looks together keep the error `alpha`.

    Shapes: `fractions` of the required information, increasing, each in 0 to 1; the error left after the last
    one stays unspent. Signs: a positive Z crosses upwards. Raises KeyError on a spending function that is not
    in SPENDING, ValueError on fractions, alpha or sides that cannot be.
    **Source** Lan & DeMets 1983; integration Armitage, McPherson & Rowe 1969, J R Stat Soc A 132:235-244.
    Oracle: `RTSA::boundaries(timing, alpha, beta, side, futility="none", es_alpha="esOF")`.

    >>> [round(z, 3) for z in boundaries([0.5, 1.0]).upper]
    [2.963, 1.969]
    """
    t = _checked(fractions, alpha, sides)
    spent = SPENDING[spending](t, alpha / sides)
    steps, upper = np.diff(spent, prepend=0.0), []
    walk = Walk.start()
    for fraction, step in zip(t, steps, strict=True):
        limit = walk.limit(fraction, float(step))
        upper.append(limit)
        walk = walk.after(fraction, -limit if sides == 2 else -np.inf, limit)
    nominal = tuple(sides * float(ndtr(-z)) for z in upper)
    return Boundaries(tuple(t.tolist()), tuple(upper), tuple(spent.tolist()), nominal, alpha, sides, spending)


def crossing(
    fractions: Sequence[float], upper: Sequence[float], lower: Sequence[float], *, drift: float = 0.0
) -> FloatArray:
    """Probability that the first crossing of the upper boundary happens at each look.

    Shapes: all [looks]; `lower` may hold -inf. `drift`: the expected Z at fraction 1; 0 is the null.
    **Source** Armitage, McPherson & Rowe 1969. Raises ValueError on fractions that cannot be.
    """
    t = _checked(fractions, 0.5, 1)
    walk, found = Walk.start(drift), []
    for fraction, high, low in zip(t, upper, lower, strict=True):
        found.append(walk.exceeds(fraction, high))
        walk = walk.after(fraction, low, high)
    return np.array(found)


def inflation(given: Boundaries, *, beta: float = 0.1) -> float:
    """Factor on the information of a single analysis that restores the power 1 - beta under these looks.

    Power counts crossings in the direction of the effect. Raises ValueError unless the looks end at fraction
    1 and 0 < beta < 1 - alpha.
    **Source** Jennison & Turnbull 2000, section 7.2.2. Oracle: `RTSA::boundaries(...)$root`.
    """
    if given.fractions[-1] != 1 or not 0 < beta < 1 - given.alpha:
        raise ValueError("the last look must be at fraction 1, and beta between 0 and 1 - alpha")
    single = -float(ndtri(given.alpha / given.sides) + ndtri(beta))
    lower = [-z if given.sides == 2 else -np.inf for z in given.upper]

    def lacking(factor: float) -> float:
        found = crossing(given.fractions, given.upper, lower, drift=single * np.sqrt(factor))
        return float(found.sum()) - (1 - beta)

    return solve_between(lacking, 0.5, 4.0)


@dataclass(frozen=True, eq=False)
class Walk:
    """The density of the statistic B = Z sqrt(t) among those that have not stopped, on quadrature nodes."""

    time: float
    nodes: FloatArray
    mass: FloatArray  # density times quadrature weight
    drift: float

    @classmethod
    def start(cls, drift: float = 0.0) -> Walk:
        """Before the first look: at 0; `drift` is the expected Z at fraction 1."""
        return cls(0.0, np.zeros(1), np.ones(1), drift)

    def exceeds(self, fraction: float, limit: float) -> float:
        """Probability of going on until this look and lying above its limit there."""
        scale, moved = np.sqrt(fraction - self.time), self.nodes + self.drift * (fraction - self.time)
        return float((self.mass * ndtr((moved - limit * np.sqrt(fraction)) / scale)).sum())

    def falls_short(self, fraction: float, limit: float) -> float:
        """Probability of going on until this look and lying below its limit there."""
        return float(self.mass.sum()) - self.exceeds(fraction, limit)

    def limit(self, fraction: float, step: float) -> float:
        """The critical value that spends `step`; beyond FAR nothing can be spent."""
        if self.exceeds(fraction, FAR) >= step:
            return float(FAR)
        return solve_between(lambda z: step - self.exceeds(fraction, z), -FAR, FAR)

    def after(self, fraction: float, low: float, high: float) -> Walk:
        """Carry the density to this look and cut off what has stopped."""
        gap, root = fraction - self.time, np.sqrt(fraction)
        centre = self.drift * fraction
        left, right = max(low * root, centre - FAR * root), min(high * root, centre + FAR * root)
        if not left < right:
            return Walk(fraction, np.zeros(1), np.zeros(1), self.drift)
        nodes, weight = _grid(left, right, PANEL * np.sqrt(gap))
        moved = (nodes[:, None] - self.nodes - self.drift * gap) / np.sqrt(gap)
        density = (np.exp(-0.5 * moved**2) @ self.mass) / np.sqrt(2 * np.pi * gap)
        return Walk(fraction, nodes, density * weight, self.drift)


def _grid(left: float, right: float, width: float) -> tuple[FloatArray, FloatArray]:
    panels = max(1, int(np.ceil((right - left) / width)))
    edges = np.linspace(left, right, panels + 1)
    x, w = roots_legendre(NODES)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * x).ravel(), (half[:, None] * w).ravel()


def _checked(fractions: Sequence[float], alpha: float, sides: int) -> FloatArray:
    t = np.asarray(fractions, dtype=np.float64)
    if t.ndim != 1 or t.size == 0 or not (np.isfinite(t).all() and t[0] > 0 and t[-1] <= 1):
        raise ValueError("information fractions are a list of numbers above 0 and up to 1")
    if not (np.diff(t) >= CLOSEST * t[1:]).all():
        raise ValueError(f"information fractions increase, by at least {CLOSEST} of the later one")
    if not 0 < alpha < 1 or sides not in (1, 2):
        raise ValueError("alpha lies between 0 and 1, and sides are 1 or 2")
    return t
