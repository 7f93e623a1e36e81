"""Effect sizes of two groups with events and person-time: incidence rate ratio and difference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from living.stats.effects import Effects, FloatArray, Rule, effects, floats
from living.stats.events import NOTHING_ADDED, STANDARD_ZERO_CELLS, ZeroCells
from living.stats.status import Status


def rate_ratio(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Natural logarithm of the incidence rate ratio, group one over group two.

    Shapes: [..., studies]. Times in one unit, of any kind. The zero-cell rule adds to events, never to time.
    **Source** Cochrane Handbook 6.3, section 6.7.1; Rothman 2008, chapter 14. Oracle: `escalc(measure="IRR",
    add=, to=)`.
    """
    x, t, z, u, rules = person_time(events1, time1, events2, time2, zero_cells)
    with np.errstate(all="ignore"):
        yi = np.log(x / t) - np.log(z / u)
        return effects(yi, 1 / x + 1 / z, *rules, (Status.ZERO_CELL, (x == 0) | (z == 0)))


def rate_difference(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Incidence rate in group one minus that in group two, events per unit of time.

    Shapes: [..., studies].
    **Source** Rothman 2008, chapter 14. Oracle: `escalc(measure="IRD", add=, to=)`.
    """
    x, t, z, u, rules = person_time(events1, time1, events2, time2, zero_cells)
    with np.errstate(all="ignore"):
        return effects(x / t - z / u, x / t**2 + z / u**2, *rules, (Status.ZERO_CELL, (x == 0) & (z == 0)))


def root_rate_difference(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    zero_cells: ZeroCells = NOTHING_ADDED,
) -> Effects:
    """Difference of the square roots of two incidence rates: its variance does not depend on the rates.

    Shapes: [..., studies]. Groups without events need nothing added.
    **Source** Rothman 2008, chapter 14 (variance-stabilising root). Oracle: `escalc(measure="IRSD")`.
    """
    x, t, z, u, rules = person_time(events1, time1, events2, time2, zero_cells)
    with np.errstate(all="ignore"):
        return effects(np.sqrt(x / t) - np.sqrt(z / u), 1 / (4 * t) + 1 / (4 * u), *rules)


def person_time(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    zero_cells: ZeroCells,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, list[Rule]]:
    """Events after the zero-cell rule, times and rules of exclusion. Shapes: broadcast to [..., studies]."""
    x, t, z, u = (np.atleast_1d(value) for value in floats(events1, time1, events2, time2))
    plus = zero_cells.amount((x == 0) | (z == 0))
    rules: list[Rule] = [
        (Status.IMPOSSIBLE_INPUT, (x < 0) | (z < 0) | (t <= 0) | (u <= 0)),
        (Status.DOUBLE_ZERO, (x == 0) & (z == 0) & zero_cells.drop00),
    ]
    return x + plus, t, z + plus, u, rules
