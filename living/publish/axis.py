"""The axis of a forest plot: how far it reaches, its ticks, and where a value falls on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from living.publish import numerals

# An interval this many times longer than the typical one is cut with an arrow: it must not flatten the rest.
CUT_BEYOND = 4.0
MOST_TICKS = 7
# Ratios that people know, above one; below one stand their inverses.
RATIO_TICKS = (
    (1.1, 1.25),
    (1.25, 1.5),
    (1.5, 2.0),
    (2.0, 4.0),
    (2.0, 5.0, 10.0),
    (10.0, 100.0),
    (10.0, 100.0, 1000.0),
    (1e3, 1e6),
    (1e10, 1e20),
)


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A symmetric axis around no difference: neither direction is given more room than the other."""

    left: float
    right: float
    reach: float
    ticks: tuple[Tick, ...]

    @property
    def null(self) -> float:
        return (self.left + self.right) / 2

    def x(self, value: float) -> float:
        """Return where a value stands; what lies beyond the axis stands at its end."""
        inside = min(max(value, -self.reach), self.reach)
        return self.null + inside / self.reach * (self.right - self.left) / 2

    def beyond(self, value: float) -> bool:
        return abs(value) > self.reach * (1 + 1e-9)


def axis(
    left: float,
    right: float,
    intervals: Sequence[tuple[float, float]],
    always: Iterable[float],
    ratio: bool,
    cut_beyond: float = CUT_BEYOND,
    spare: float = 0.0,
) -> Axis:
    """Return an axis for these intervals; what is in `always` is never cut.

    `spare`: nothing is cut either that reaches no farther than this many times what is in `always`.
    """
    needed = _needed(intervals, [abs(value) for value in always], cut_beyond, spare)
    marks = _ratios(needed) if ratio else _differences(needed)
    bare = Axis(left, right, marks[-1][0], ())
    return Axis(left, right, bare.reach, tuple(Tick(bare.x(value), label) for value, label in marks))


def steps_to(needed: float, most: int) -> list[tuple[float, str]]:
    """Return marks from zero to at least what is needed, at most `most` steps of 1, 2 or 5 apart."""
    power = 10.0 ** math.floor(math.log10(needed))
    factors = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
    step = next(each * power for each in factors if needed <= most * each * power * (1 + 1e-9))
    steps = math.ceil(needed / step - 1e-9)
    return [(step * i, numerals.plain(round(step * i, 10))) for i in range(steps + 1)]


def _needed(
    intervals: Sequence[tuple[float, float]], always: list[float], cut_beyond: float, spare: float
) -> float:
    ends = [max(abs(low), abs(high)) for low, high in intervals]
    spared = spare * max(always, default=0.0)
    longest = min(max(ends), max(cut_beyond * median(ends), spared)) if ends else 0.0
    return max([longest, *always]) or 1.0


def _differences(needed: float) -> list[tuple[float, str]]:
    """Return ticks a step of 1, 2 or 5 times a power of ten apart, as far as needed."""
    step, steps = _step(needed)
    return [(step * i, numerals.plain(round(step * i, 10))) for i in range(-steps, steps + 1)]


def _step(needed: float) -> tuple[float, int]:
    power = 10.0 ** math.floor(math.log10(needed))
    for factor in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
        steps = math.ceil(needed / (factor * power) - 1e-9)
        if 2 * steps + 1 <= MOST_TICKS:
            return factor * power, steps
    raise AssertionError("a step of ten times the power always fits")


def _ratios(needed: float) -> list[tuple[float, str]]:
    """Return ticks at ratios that people know, on the log scale, as far as needed."""
    above = next((each for each in RATIO_TICKS if math.log(each[-1]) >= needed - 1e-9), RATIO_TICKS[-1])
    ratios = [*(1 / ratio for ratio in reversed(above)), 1.0, *above]
    return [(math.log(ratio), f"{ratio:.2g}" if ratio < 1 else f"{ratio:.4g}") for ratio in ratios]
