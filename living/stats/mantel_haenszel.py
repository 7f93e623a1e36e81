"""Mantel and Haenszel's common effect: tables are summed before they are divided, so empty cells do no harm.

Five measures, one function each. Studies with no events in either group add nothing to a ratio. The
zero-cell rule, if one is declared, is applied to the tables that are summed; the scatter `q` always takes
study effects with half an event in empty cells and without double zeros, as metafor does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.events import (
    NOTHING_ADDED,
    Table,
    ZeroCells,
    odds_ratio,
    risk_difference,
    risk_ratio,
    two_by_two,
)
from living.stats.rates import person_time, rate_difference, rate_ratio
from living.stats.tables import STUDY_EFFECTS, TablePool, chosen, row_status, table_pool


def mantel_haenszel_risk_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Natural logarithm of the common risk ratio, group one over group two.

    Shapes: counts and `include` broadcast to [..., studies]; results [...]. Raises ValueError on an
    impossible level.
    **Source** Rothman, Greenland & Lash 2008, chapter 15; variance Greenland & Robins 1985, Biometrics
    41:55-68. Oracle: `rma.mh(measure="RR")`.

    >>> bcg = mantel_haenszel_risk_ratio([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
    >>> round(float(bcg.mu), 3), round(float(bcg.se), 3)
    (-1.351, 0.305)
    """
    table, used, status = counted(events1, n1, events2, n2, zero_cells, include)
    mu, se = _risk_ratio(table, used)
    studies = risk_ratio(events1, n1, events2, n2, STUDY_EFFECTS)
    return table_pool(status, used, mu, se, studies, level)


def mantel_haenszel_odds_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Natural logarithm of the common odds ratio, group one over group two.

    Shapes and raises: as `mantel_haenszel_risk_ratio`.
    **Source** Mantel & Haenszel 1959, J Natl Cancer Inst 22:719-748; variance Robins, Breslow & Greenland
    1986, Biometrics 42:311-323. Oracle: `rma.mh(measure="OR")`.
    """
    table, used, status = counted(events1, n1, events2, n2, zero_cells, include)
    mu, se = _odds_ratio(table, used)
    studies = odds_ratio(events1, n1, events2, n2, STUDY_EFFECTS)
    return table_pool(status, used, mu, se, studies, level)


def mantel_haenszel_risk_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Common risk difference, group one minus group two, on the scale 0 to 1.

    Shapes and raises: as `mantel_haenszel_risk_ratio`.
    **Source** Greenland & Robins 1985; variance Sato, Greenland & Robins 1989, Biometrics 45:1323-1324.
    Oracle: `rma.mh(measure="RD")`.
    """
    table, used, status = counted(events1, n1, events2, n2, zero_cells, include)
    mu, se = _risk_difference(table, used)
    studies = risk_difference(events1, n1, events2, n2, STUDY_EFFECTS)
    return table_pool(status, used, mu, se, studies, level)


def mantel_haenszel_rate_ratio(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Natural logarithm of the common incidence rate ratio, group one over group two.

    Shapes and raises: as `mantel_haenszel_risk_ratio`; times in one unit, of any kind.
    **Source** Rothman, Greenland & Lash 2008, chapter 15; Greenland & Robins 1985. Oracle:
    `rma.mh(measure="IRR")`.
    """
    x, t, z, u, used, status = timed(events1, time1, events2, time2, zero_cells, include)
    with np.errstate(all="ignore"):
        total = t + u
        ours, theirs = _sum(used, x * u / total), _sum(used, z * t / total)
        se = np.sqrt(_sum(used, t * u / total**2 * (x + z)) / (ours * theirs))
        mu = np.log(ours / theirs)
    studies = rate_ratio(events1, time1, events2, time2, STUDY_EFFECTS)
    return table_pool(status, used, mu, se, studies, level)


def mantel_haenszel_rate_difference(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    *,
    zero_cells: ZeroCells = NOTHING_ADDED,
    include: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> TablePool:
    """Common incidence rate difference, group one minus group two, in events per unit of time.

    Shapes and raises: as `mantel_haenszel_rate_ratio`.
    **Source** Greenland & Robins 1985; Rothman, Greenland & Lash 2008, chapter 15. Oracle:
    `rma.mh(measure="IRD")`.
    """
    x, t, z, u, used, status = timed(events1, time1, events2, time2, zero_cells, include)
    with np.errstate(all="ignore"):
        weight = t * u / (t + u)
        total = _sum(used, weight)
        mu = _sum(used, (x * u - z * t) / (t + u)) / total
        se = np.sqrt(_sum(used, weight**2 * (x / t**2 + z / u**2))) / total
    studies = rate_difference(events1, time1, events2, time2, STUDY_EFFECTS)
    return table_pool(status, used, mu, se, studies, level)


def counted(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells,
    include: npt.ArrayLike | None,
) -> tuple[Table, BoolArray, IntArray]:
    """Two-by-two tables, the studies each row uses and the rows' reasons. Shapes: [..., studies]."""
    table = two_by_two(events1, n1, events2, n2, zero_cells)
    used = chosen(include, table.a.shape)
    cells = (table.a, table.b, table.c, table.d)
    nobody = (table.a + table.b == 0) | (table.c + table.d == 0)
    impossible = np.any([cell < 0 for cell in cells], axis=0) | nobody
    double_zero = ((table.a == 0) & (table.c == 0)) | ((table.b == 0) & (table.d == 0))
    used = used & ~(double_zero & zero_cells.drop00)
    return table, used, row_status(used, cells, impossible)


def timed(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    zero_cells: ZeroCells,
    include: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray, IntArray]:
    """Events and times, the studies each row uses and the rows' reasons. Shapes: [..., studies]."""
    x, t, z, u, _ = person_time(events1, time1, events2, time2, zero_cells)
    used = chosen(include, x.shape) & ~((x == 0) & (z == 0) & zero_cells.drop00)
    impossible = (x < 0) | (z < 0) | (t <= 0) | (u <= 0)
    return x, t, z, u, used, row_status(used, (x, t, z, u), impossible)


def _sum(used: BoolArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.where(used, values, 0.0).sum(-1))


def _risk_ratio(t: Table, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(all="ignore"):
        n, m = t.a + t.b, t.c + t.d
        total = n + m
        ours, theirs = _sum(used, t.a * m / total), _sum(used, t.c * n / total)
        spread = _sum(used, n * m * (t.a + t.c) / total**2 - t.a * t.c / total)
        return np.log(ours / theirs), np.sqrt(spread / (ours * theirs))


def _odds_ratio(t: Table, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(all="ignore"):
        total = t.a + t.b + t.c + t.d
        agree, differ = (t.a + t.d) / total, (t.b + t.c) / total
        r, s = t.a * t.d / total, t.b * t.c / total
        ours, theirs = _sum(used, r), _sum(used, s)
        spread = (
            _sum(used, agree * r) / ours**2
            + _sum(used, agree * s + differ * r) / (ours * theirs)
            + _sum(used, differ * s) / theirs**2
        )
        return np.log(ours / theirs), np.sqrt(spread / 2)


def _risk_difference(t: Table, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(all="ignore"):
        n, m = t.a + t.b, t.c + t.d
        p, q = n / (n + m), m / (n + m)
        total = _sum(used, n * q)
        mu = _sum(used, t.a * q - t.c * p) / total
        left = _sum(used, t.c * p**2 - t.a * q**2 + p * q * (m - n) / 2)
        right = _sum(used, (t.a * t.d + t.c * t.b) / (n + m)) / 2
        return mu, np.sqrt(mu * left + right) / total
