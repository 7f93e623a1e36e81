"""Proportions and rates of one group, as they are or transformed; the arcsine difference of two groups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, Effects, FloatArray, Rule, allowed, effects, floats
from living.stats.events import NOTHING_ADDED, STANDARD_ZERO_CELLS, ZeroCells, two_by_two
from living.stats.status import Status


def arcsine_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = NOTHING_ADDED,
) -> Effects:
    """Difference of the arcsines of the square roots of two risks, group one minus group two, in radians.

    Shapes: [..., studies]. Its variance hangs on the sizes only, so empty cells need nothing added.
    **Source** Ruecker, Schwarzer, Carpenter & Olkin 2009, Stat Med 28:721-738. Oracle:
    `escalc(measure="AS")`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    with np.errstate(all="ignore"):
        n, m = t.a + t.b, t.c + t.d
        yi = np.arcsin(np.sqrt(t.a / n)) - np.arcsin(np.sqrt(t.c / m))
        return effects(yi, 1 / (4 * n) + 1 / (4 * m), *t.rules)


def risk_difference_at_averages(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Risk difference whose variance is taken at each group's average risk over all studies.

    Shapes: [..., studies]; the averages run over the last axis, weighted by size, so a study's variance
    hangs on its size only. Other variances: `risk_difference`.
    **Source** Hunter & Schmidt 2004 (weighting by size at a common value; as implemented by metafor).
    Oracle: `escalc(measure="RD", vtype="AV")`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    with np.errstate(all="ignore"):
        n, m = t.a + t.b, t.c + t.d
        known = np.isfinite(t.a / n - t.c / m) & allowed(t.rules)
        p, q = _average_risk(t.a, n, known), _average_risk(t.c, m, known)
        return effects(t.a / n - t.c / m, p * (1 - p) / n + q * (1 - q) / m, *t.rules)


def proportion(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
    *,
    unbiased: bool = False,
) -> Effects:
    """Share of a group with an event, 0 to 1. Shapes: [..., studies]. `unbiased` divides by n - 1.

    **Source** Fleiss, Levin & Paik 2003, chapter 2. Oracle: `escalc(measure="PR", vtype="LS")`, with
    `unbiased` "UB".
    """
    x, rest, rules = _split(events, n, zero_cells)
    total = x + rest
    with np.errstate(all="ignore"):
        vi = x * rest / total**2 / (total - (1 if unbiased else 0))
        return effects(x / total, vi, *rules, (Status.ZERO_CELL, x * rest == 0))


def log_proportion(
    events: npt.ArrayLike, n: npt.ArrayLike, zero_cells: ZeroCells = STANDARD_ZERO_CELLS
) -> Effects:
    """Natural logarithm of a share. Shapes: [..., studies]. Oracle: `escalc(measure="PLN")`.

    **Source** Fleiss, Levin & Paik 2003, chapter 2 (delta method).
    """
    x, rest, rules = _split(events, n, zero_cells)
    with np.errstate(all="ignore"):
        total = x + rest
        empty = (x == 0) | (rest == 0)
        return effects(np.log(x / total), 1 / x - 1 / total, *rules, (Status.ZERO_CELL, empty))


def logit_proportion(
    events: npt.ArrayLike, n: npt.ArrayLike, zero_cells: ZeroCells = STANDARD_ZERO_CELLS
) -> Effects:
    """Natural logarithm of the odds of an event. Shapes: [..., studies]. Oracle: `escalc(measure="PLO")`.

    **Source** Fleiss, Levin & Paik 2003, chapter 2 (delta method).
    """
    x, rest, rules = _split(events, n, zero_cells)
    with np.errstate(all="ignore"):
        return effects(np.log(x / rest), 1 / x + 1 / rest, *rules, (Status.ZERO_CELL, x * rest == 0))


def arcsine_proportion(
    events: npt.ArrayLike, n: npt.ArrayLike, zero_cells: ZeroCells = NOTHING_ADDED
) -> Effects:
    """Arcsine of the square root of a share, in radians. Shapes: [..., studies].

    **Source** Fleiss, Levin & Paik 2003, chapter 2. Oracle: `escalc(measure="PAS")`.
    """
    x, rest, rules = _split(events, n, zero_cells)
    with np.errstate(all="ignore"):
        total = x + rest
        return effects(np.arcsin(np.sqrt(x / total)), 1 / (4 * total), *rules)


def double_arcsine_proportion(events: npt.ArrayLike, n: npt.ArrayLike) -> Effects:
    """Freeman and Tukey's double arcsine of a share, halved, in radians. Shapes: [..., studies].

    Pooling it and transforming back can give shares outside the studies' own: prefer `logit_proportion` or
    `arcsine_proportion` (Schwarzer et al. 2019).
    **Source** Freeman & Tukey 1950, Ann Math Stat 21:607-611; warning Schwarzer et al. 2019, Res Synth
    Methods 10:476-483. Oracle: `escalc(measure="PFT")`.
    """
    x, rest, rules = _split(events, n, NOTHING_ADDED)
    with np.errstate(all="ignore"):
        total = x + rest
        yi = 0.5 * (np.arcsin(np.sqrt(x / (total + 1))) + np.arcsin(np.sqrt((x + 1) / (total + 1))))
        return effects(yi, 1 / (4 * total + 2), *rules)


def rate(events: npt.ArrayLike, time: npt.ArrayLike, zero_cells: ZeroCells = STANDARD_ZERO_CELLS) -> Effects:
    """Events per unit of person-time. Shapes: [..., studies]. Oracle: `escalc(measure="IR")`.

    **Source** Rothman 2008, chapter 14.
    """
    x, t, rules = _events_in_time(events, time, zero_cells)
    with np.errstate(all="ignore"):
        return effects(x / t, x / t**2, *rules, (Status.ZERO_CELL, x == 0))


def log_rate(
    events: npt.ArrayLike, time: npt.ArrayLike, zero_cells: ZeroCells = STANDARD_ZERO_CELLS
) -> Effects:
    """Natural logarithm of an incidence rate. Shapes: [..., studies]. Oracle: `escalc(measure="IRLN")`.

    **Source** Rothman 2008, chapter 14.
    """
    x, t, rules = _events_in_time(events, time, zero_cells)
    with np.errstate(all="ignore"):
        return effects(np.log(x / t), 1 / x, *rules, (Status.ZERO_CELL, x == 0))


def root_rate(events: npt.ArrayLike, time: npt.ArrayLike, zero_cells: ZeroCells = NOTHING_ADDED) -> Effects:
    """Square root of an incidence rate. Shapes: [..., studies]. Oracle: `escalc(measure="IRS")`.

    **Source** Rothman 2008, chapter 14 (variance-stabilising root).
    """
    x, t, rules = _events_in_time(events, time, zero_cells)
    with np.errstate(all="ignore"):
        return effects(np.sqrt(x / t), 1 / (4 * t), *rules)


def double_root_rate(events: npt.ArrayLike, time: npt.ArrayLike) -> Effects:
    """Freeman and Tukey's double root of an incidence rate, halved. Shapes: [..., studies].

    **Source** Freeman & Tukey 1950, Ann Math Stat 21:607-611. Oracle: `escalc(measure="IRFT")`.
    """
    x, t, rules = _events_in_time(events, time, NOTHING_ADDED)
    with np.errstate(all="ignore"):
        return effects(0.5 * (np.sqrt(x / t) + np.sqrt(x / t + 1 / t)), 1 / (4 * t), *rules)


def _average_risk(events: FloatArray, n: FloatArray, known: BoolArray) -> FloatArray:
    total = np.where(known, n, 0.0).sum(-1)
    return np.asarray(np.where(known, events, 0.0).sum(-1) / total)[..., None]


def _split(
    events: npt.ArrayLike, n: npt.ArrayLike, zero_cells: ZeroCells
) -> tuple[FloatArray, FloatArray, list[Rule]]:
    x, total = (np.atleast_1d(value) for value in floats(events, n))
    rest = total - x
    plus = zero_cells.amount((x == 0) | (rest == 0))
    rules: list[Rule] = [(Status.IMPOSSIBLE_INPUT, (x < 0) | (rest < 0) | (total <= 0))]
    return x + plus, rest + plus, rules


def _events_in_time(
    events: npt.ArrayLike, time: npt.ArrayLike, zero_cells: ZeroCells
) -> tuple[FloatArray, FloatArray, list[Rule]]:
    x, t = (np.atleast_1d(value) for value in floats(events, time))
    rules: list[Rule] = [(Status.IMPOSSIBLE_INPUT, (x < 0) | (t <= 0))]
    return x + zero_cells.amount(x == 0), t, rules
