"""When a sequential analysis may stop because the effect it looks for is no longer in sight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from living.stats.scalar_roots import solve_between
from living.stats.spending import FAR, SPENDING, Boundaries, Walk

LEAST, MOST = 0.9, 4.0  # factors on the information; no spending function in SPENDING needs more


@dataclass(frozen=True)
class Futility:
    """Lower bounds of |Z| (one side: of Z) below which stopping for futility is allowed, not required.

    None where two-sided boundaries leave no room at that look. The last equals the upper boundary. `factor`:
    on the information of a single analysis, so that the power holds when every such stop is taken.
    """

    lower: tuple[float | None, ...]
    factor: float
    beta: float
    spending: str


def futility(given: Boundaries, *, beta: float = 0.1, spending: str = "OBF") -> Futility:
    """Spend the error beta under the effect that the analysis looks for, as alpha is spent under none.

    The bounds are non-binding: the boundaries in `given` hold the error alpha whether one stops or goes on.
    With two sides a look without room carries its share to the next, and everything on the near side of the
    bound counts as stopped. Raises KeyError on a spending function that is not in SPENDING, ValueError unless
    the looks end at fraction 1 and 0 < beta < 1 - alpha.
    **Source** Pampallona, Tsiatis & Kim 2001, Drug Inf J 35:1113-1121 (beta spending). Oracle:
    `RTSA::boundaries(futility="non-binding", es_beta="esOF")`.

    >>> from living.stats.spending import boundaries
    >>> [round(z, 3) for z in futility(boundaries([0.5, 1.0])).lower]
    [0.267, 1.969]
    """
    if given.fractions[-1] != 1 or not 0 < beta < 1 - given.alpha:
        raise ValueError("the last look must be at fraction 1, and beta between 0 and 1 - alpha")
    shares = np.diff(SPENDING[spending](given.fractions, beta), prepend=0.0).tolist()
    single = -float(ndtri(given.alpha / given.sides) + ndtri(beta))

    def excess(factor: float) -> float:
        return _bounds(given, shares, single * float(np.sqrt(factor)))[1]

    factor = solve_between(excess, LEAST, MOST)
    inner, _ = _bounds(given, shares, single * float(np.sqrt(factor)))
    return Futility((*inner, given.upper[-1]), factor, beta, spending)


def _bounds(given: Boundaries, shares: list[float], drift: float) -> tuple[list[float | None], float]:
    """Inner bounds at a drift, and by how much the last look misses its share of beta."""
    walk, carried = Walk.start(drift), 0.0
    inner: list[float | None] = []
    for fraction, upper, share in zip(given.fractions[:-1], given.upper, shares, strict=False):
        bound = _bound(walk, fraction, share + carried)
        if given.sides == 2 and bound < 0:
            carried += share
            inner.append(None)
            walk = walk.after(fraction, -upper, upper)
        else:
            carried = 0.0
            inner.append(bound)
            walk = walk.after(fraction, bound, upper)
    last = walk.falls_short(given.fractions[-1], given.upper[-1])
    return inner, last - shares[-1] - carried


def _bound(walk: Walk, fraction: float, share: float) -> float:
    """The Z below which lies exactly this share, at most FAR either way."""
    if walk.falls_short(fraction, -FAR) >= share:
        return -FAR
    if walk.falls_short(fraction, FAR) <= share:
        return FAR
    return solve_between(lambda z: walk.falls_short(fraction, z) - share, -FAR, FAR)
