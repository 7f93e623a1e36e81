"""The shape every effect size has: an estimate, its sampling variance and a status, one per study."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from living.stats.status import Status

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Rule = tuple[Status, npt.ArrayLike]


@dataclass(frozen=True, eq=False)
class Effects:
    """Effect sizes, all arrays of one shape; ratio measures are natural logarithms.

    `yi` and `vi` are NaN exactly where `status` is not `Status.OK`.
    """

    yi: FloatArray
    vi: FloatArray
    status: IntArray

    @property
    def ok(self) -> BoolArray:
        """Which places hold an effect."""
        return cast(BoolArray, self.status == Status.OK)

    @property
    def se(self) -> FloatArray:
        """Standard errors, in the unit of `yi`."""
        return np.sqrt(self.vi)


def floats(*values: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Return the values as double precision arrays of one common shape."""
    return tuple(np.array(a) for a in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))


def effects(yi: npt.ArrayLike, vi: npt.ArrayLike, *rules: Rule) -> Effects:
    """Pair estimates with variances and say, place by place, why one is missing.

    Shapes: all broadcast together. The first rule (status, where) that holds wins; after the rules, a value
    that is not finite is MISSING_INPUT and a variance that is not positive is NO_VARIANCE.
    """
    y, v = floats(yi, vi)
    status = np.full(y.shape, int(Status.OK), dtype=np.int64)
    finite = np.isfinite(y) & np.isfinite(v)
    everything: list[Rule] = [
        *rules,
        (Status.MISSING_INPUT, ~finite),
        (Status.NO_VARIANCE, finite & (v <= 0)),
    ]
    for code, where in everything:
        status = np.where((status == Status.OK) & np.asarray(where), int(code), status)
    ok = status == Status.OK
    return Effects(np.where(ok, y, np.nan), np.where(ok, v, np.nan), status)


def allowed(rules: Iterable[Rule]) -> BoolArray:
    """Where no rule holds: a study that is refused has no share in an average over the studies either."""
    return np.asarray(~np.logical_or.reduce(np.broadcast_arrays(*(where for _, where in rules))))


def generic(yi: npt.ArrayLike, se: npt.ArrayLike) -> Effects:
    """Take an estimate and its standard error as they were reported (generic inverse variance).

    Shapes: broadcast. Units: those of the estimate; give ratios as logarithms.
    **Source** Cochrane Handbook 6.3, section 10.3. Oracle: `escalc(measure="GEN", yi=, sei=)`.
    """
    y, s = floats(yi, se)
    return effects(y, s**2, (Status.NO_VARIANCE, s <= 0))


def rescale(given: Effects, factor: float) -> Effects:
    """Multiply effects by a factor (0-100 to 0-10 is 0.1); variances by its square.

    **Source** Cochrane Handbook 6.3, section 10.5.1 (linear transformation of a scale).
    """
    return Effects(given.yi * factor, given.vi * factor**2, given.status)


def flip(given: Effects) -> Effects:
    """Change the sign of effects, for a scale on which more is better; variances stay.

    **Source** Cochrane Handbook 6.3, section 6.5.1.2 (direction of scales).
    """
    return Effects(-given.yi, given.vi, given.status)
