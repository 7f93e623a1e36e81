"""Effect sizes of two groups with events: risk ratio, odds ratio, risk difference; zero cells by rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from living.stats.effects import BoolArray, Effects, FloatArray, Rule, effects, floats
from living.stats.status import Status

CONTINUITY = 0.5  # the customary half event: Cochrane Handbook 6.3, section 10.4.4.1
WHICH_STUDIES = ("only0", "all", "if0all", "none")


@dataclass(frozen=True)
class ZeroCells:
    """The declared rule for empty cells: how much to add, to which studies, and whether double zeros are
    dropped.

    `to`: "only0" the studies with an empty cell, "all" every study, "if0all" every study if any has one,
    "none". Raises ValueError on another word or a negative `add`.
    **Source** Cochrane Handbook 6.3, section 10.4.4; the words are those of metafor's `add`, `to` and
    `drop00`.
    """

    add: float = CONTINUITY
    to: str = "only0"
    drop00: bool = False

    def __post_init__(self) -> None:
        if self.to not in WHICH_STUDIES:
            raise ValueError(f"zero-cell rule {self.to!r} is not one of {', '.join(WHICH_STUDIES)}")
        if not self.add >= 0:
            raise ValueError("the amount added to empty cells must not be negative")

    def amount(self, has_zero: BoolArray) -> FloatArray:
        """What is added to every cell of each study; the last axis of `has_zero` holds the studies."""
        chosen = {
            "only0": has_zero,
            "all": np.ones_like(has_zero),
            "if0all": np.broadcast_to(np.any(has_zero, axis=-1, keepdims=True), has_zero.shape),
            "none": np.zeros_like(has_zero),
        }[self.to]
        return np.where(chosen, self.add, 0.0)


STANDARD_ZERO_CELLS = ZeroCells()
NOTHING_ADDED = ZeroCells(add=0.0, to="none")


@dataclass(frozen=True, eq=False)
class Table:
    """Two-by-two tables after the zero-cell rule: a, b events and others in group one; c, d in group two."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    rules: list[Rule]


def two_by_two(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells,
) -> Table:
    """Build the tables and apply the zero-cell rule. Shapes: broadcast to [..., studies]."""
    x, n, z, m = (np.atleast_1d(value) for value in floats(events1, n1, events2, n2))
    b, d = n - x, m - z
    double_zero = ((x == 0) & (z == 0)) | ((b == 0) & (d == 0))
    plus = zero_cells.amount((x == 0) | (b == 0) | (z == 0) | (d == 0))
    rules: list[Rule] = [
        (Status.IMPOSSIBLE_INPUT, (x < 0) | (z < 0) | (b < 0) | (d < 0)),
        (Status.DOUBLE_ZERO, double_zero & zero_cells.drop00),
    ]
    return Table(x + plus, b + plus, z + plus, d + plus, rules)


def risk_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Natural logarithm of the risk ratio, group one over group two.

    Shapes: [..., studies].
    **Source** Borenstein 2009, equations 5.1-5.3. Oracle: `escalc(measure="RR", add=, to=)`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    with np.errstate(all="ignore"):
        yi = np.log(t.a / (t.a + t.b)) - np.log(t.c / (t.c + t.d))
        vi = 1 / t.a - 1 / (t.a + t.b) + 1 / t.c - 1 / (t.c + t.d)
        return effects(yi, vi, *t.rules, (Status.ZERO_CELL, (t.a == 0) | (t.c == 0)))


def odds_ratio(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
) -> Effects:
    """Natural logarithm of the odds ratio, group one over group two.

    Shapes: [..., studies].
    **Source** Borenstein 2009, equations 5.8-5.10. Oracle: `escalc(measure="OR", add=, to=)`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    with np.errstate(all="ignore"):
        yi = np.log(t.a * t.d / (t.b * t.c))
        vi = 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d
        empty = (t.a == 0) | (t.b == 0) | (t.c == 0) | (t.d == 0)
        return effects(yi, vi, *t.rules, (Status.ZERO_CELL, empty))


def risk_difference(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    zero_cells: ZeroCells = STANDARD_ZERO_CELLS,
    *,
    unbiased: bool = False,
) -> Effects:
    """Risk in group one minus risk in group two, on the scale 0 to 1.

    Shapes: [..., studies]. `unbiased` divides by n - 1.
    **Source** Borenstein 2009, equations 5.13-5.15. Oracle: `escalc(measure="RD", vtype="LS")`, with
    `unbiased` `vtype="UB"`.
    """
    t = two_by_two(events1, n1, events2, n2, zero_cells)
    less = 1 if unbiased else 0
    with np.errstate(all="ignore"):
        n, m = t.a + t.b, t.c + t.d
        p, q = t.a / n, t.c / m
        vi = p * (1 - p) / (n - less) + q * (1 - q) / (m - less)
        certain = (t.a * t.b == 0) & (t.c * t.d == 0)
        return effects(p - q, vi, *t.rules, (Status.ZERO_CELL, certain))
