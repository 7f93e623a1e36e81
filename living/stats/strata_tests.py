"""Tests over several two-by-two tables: is there any association, and is the odds ratio one and the same?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, FloatArray, IntArray
from living.stats.events import NOTHING_ADDED, Table
from living.stats.mantel_haenszel import counted, mantel_haenszel_odds_ratio, timed
from living.stats.status import Status
from living.stats.tables import TableTest, first_reason, table_test

CONTINUITY = 0.5  # Cochran's and Mantel's correction of a discrete count, in events


def cochran_mantel_haenszel(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    correct: bool = True,
    include: npt.ArrayLike | None = None,
) -> TableTest:
    """Whether events go with the group at all, over all tables: chi-square on one degree of freedom.

    Shapes: counts and `include` broadcast to [..., studies]; results [...]. `correct` takes half an event
    off.
    **Source** Mantel & Haenszel 1959, J Natl Cancer Inst 22:719-748. Oracle: `rma.mh(measure="OR",
    correct=)$MH`.
    """
    t, used, status = counted(events1, n1, events2, n2, NOTHING_ADDED, include)
    with np.errstate(all="ignore"):
        n, m, x, y = t.a + t.b, t.c + t.d, t.a + t.c, t.b + t.d
        total = n + m
        excess = t.a - n * x / total
        variance = n * m * x * y / (total**2 * (total - 1))
        return _one_degree(excess, variance, used, status, correct)


def cochran_mantel_haenszel_rates(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    *,
    correct: bool = True,
    include: npt.ArrayLike | None = None,
) -> TableTest:
    """Whether event rates go with the group at all, over all tables of events and person-time.

    Shapes and `correct`: as `cochran_mantel_haenszel`.
    **Source** Rothman, Greenland & Lash 2008, chapter 15. Oracle: `rma.mh(measure="IRR", correct=)$MH`.
    """
    x, t, z, u, used, status = timed(events1, time1, events2, time2, NOTHING_ADDED, include)
    with np.errstate(all="ignore"):
        share = t / (t + u)
        return _one_degree(x - (x + z) * share, (x + z) * share * (1 - share), used, status, correct)


def breslow_day(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    tarone: bool = True,
    include: npt.ArrayLike | None = None,
) -> TableTest:
    """Whether all tables share one odds ratio: chi-square on their number less one.

    Shapes: as `cochran_mantel_haenszel`. Tables without events, or with events only, do not count. `tarone`
    subtracts Tarone's correction, without which the statistic is not quite chi-square.
    **Source** Breslow & Day 1980, volume 1, chapter 4; Tarone 1985, Biometrika 72:91-95. Oracle:
    `rma.mh(measure="OR")$TA`, without `tarone` `$BD`.
    """
    t, used, status = counted(events1, n1, events2, n2, NOTHING_ADDED, include)
    common = mantel_haenszel_odds_ratio(events1, n1, events2, n2, include=include)
    informative = used & (t.a + t.c > 0) & (t.b + t.d > 0)
    with np.errstate(all="ignore"):
        expected = _expected_events(t, np.exp(common.mu)[..., None])
        rest = (t.a + t.b - expected, t.a + t.c - expected, t.d - t.a + expected)
        variance = 1 / (1 / expected + 1 / rest[0] + 1 / rest[1] + 1 / rest[2])
        distance = np.where(informative, t.a - expected, 0.0)
        variance = np.where(informative, variance, 0.0)
        statistic = np.where(informative, distance**2 / variance, 0.0).sum(-1)
        if tarone:
            statistic = statistic - distance.sum(-1) ** 2 / variance.sum(-1)
    df = informative.sum(-1) - 1.0
    reasons = ((Status.TOO_FEW_STUDIES, df < 1), (Status.ZERO_CELL, common.status == Status.ZERO_CELL))
    return table_test(np.asarray(statistic), df, first_reason(status, reasons))


def _expected_events(t: Table, odds_ratio: FloatArray) -> FloatArray:
    """Events in group one that a table with these margins has at that odds ratio: the root of a quadratic."""
    n, m, x = t.a + t.b, t.c + t.d, t.a + t.c
    half = (odds_ratio * (n + x) + (m - x)) / 2
    product = odds_ratio * n * x
    # The root written as a quotient has no 0/0 at an odds ratio of 1.
    return np.asarray(product / (half + np.sqrt(half**2 - (odds_ratio - 1) * product)))


def _one_degree(
    excess: FloatArray, variance: FloatArray, used: BoolArray, status: IntArray, correct: bool
) -> TableTest:
    top = np.abs(np.where(used, excess, 0.0).sum(-1)) - (CONTINUITY if correct else 0.0)
    total = np.where(used, variance, 0.0).sum(-1)
    status = np.where(status == Status.SINGLE_STUDY, int(Status.OK), status)
    reasons = ((Status.ZERO_CELL, ~(total > 0)),)
    return table_test(np.asarray(top**2 / total), 1.0, first_reason(status, reasons))
