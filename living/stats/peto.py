"""Peto's odds ratio: observed less expected events over their hypergeometric variance, for rare events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, effects
from living.stats.events import NOTHING_ADDED, STANDARD_ZERO_CELLS, Table, ZeroCells, two_by_two
from living.stats.mantel_haenszel import counted
from living.stats.status import Status
from living.stats.tables import TablePool, table_pool


def peto_odds_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Natural logarithm of each study's Peto odds ratio, group one over group two.

    Shapes: [..., studies]. Empty cells need nothing added: `NOTHING_ADDED` is Peto's own practice, half an
    event is metafor's default. Biased when groups are of very different size or effects are large.
    **Source** Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, appendix; Cochrane Handbook 6.3, section
    10.4.2. Oracle: `escalc(measure="PETO", add=, to=)`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    with np.errstate(all="ignore"):
        excess, variance = _observed_less_expected(t)
        return effects(excess / variance, 1 / variance, *t.rules, (Status.ZERO_CELL, variance == 0))


def peto(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Natural logarithm of the common Peto odds ratio, group one over group two.

    Shapes: counts and `include` broadcast to [..., studies]; results [...]. Studies without events, or with
    events only, say nothing and count in `k` only. Raises ValueError on an impossible level.
    **Source** Yusuf et al. 1985, appendix; Cochrane Handbook 6.3, section 10.4.2. Oracle: `rma.peto()`.

    >>> pooled = peto([1, 0, 2], [40, 38, 55], [4, 2, 6], [41, 36, 52])
    >>> round(float(pooled.mu), 3), round(float(pooled.se), 3)
    (-1.299, 0.531)
    """
    t, used, status = counted(events1, n1, events2, n2, zero_cells, include)
    with np.errstate(all="ignore"):
        excess, variance = (np.where(used, value, 0.0) for value in _observed_less_expected(t))
        mu = np.asarray(excess.sum(-1) / variance.sum(-1))
        se = np.asarray(np.sqrt(1 / variance.sum(-1)))
    studies = peto_odds_ratio(events1, n1, events2, n2, zero_cells)
    return table_pool(status, used, mu, se, studies, level)


def _observed_less_expected(t: Table) -> tuple[FloatArray, FloatArray]:
    n, m, x, y = t.a + t.b, t.c + t.d, t.a + t.c, t.b + t.d
    total = n + m
    return t.a - n * x / total, n * m * x * y / (total**2 * (total - 1))
