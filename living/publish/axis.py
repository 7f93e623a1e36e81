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
LOG_STEPS = (1.25, 1.5, 2.0, 4.0, 10.0, 100.0, 1000.0)


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
) -> Axis:
    """Return an axis for these study intervals; what is in `always` is never cut."""
    needed = _needed(intervals, [abs(value) for value in always])
    step, steps = _log_step(needed) if ratio else _step(needed)
    bare = Axis(left, right, step * steps, ())
    ticks = tuple(
        Tick(bare.x(step * i), _ratio_label(step * i) if ratio else numerals.plain(round(step * i, 10)))
        for i in range(-steps, steps + 1)
    )
    return Axis(left, right, step * steps, ticks)


def _needed(intervals: Sequence[tuple[float, float]], always: list[float]) -> float:
    ends = [max(abs(low), abs(high)) for low, high in intervals]
    longest = min(max(ends), CUT_BEYOND * median(ends)) if ends else 0.0
    return max([longest, *always]) or 1.0


def _step(needed: float) -> tuple[float, int]:
    """Return a step of 1, 2 or 5 times a power of ten, and how many of them reach far enough."""
    power = 10.0 ** math.floor(math.log10(needed))
    for factor in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
        steps = math.ceil(needed / (factor * power) - 1e-9)
        if 2 * steps + 1 <= MOST_TICKS:
            return factor * power, steps
    raise AssertionError("a step of ten times the power always fits")


def _log_step(needed: float) -> tuple[float, int]:
    """Return a step whose ratio is a number people know, and how many of them reach far enough."""
    for factor in LOG_STEPS:
        step = math.log(factor)
        steps = math.ceil(needed / step - 1e-9)
        if 2 * steps + 1 <= MOST_TICKS:
            return step, steps
    step = math.log(LOG_STEPS[-1])
    return step, math.ceil(needed / step)


def _ratio_label(log_value: float) -> str:
    return f"{math.exp(log_value):.3g}" if abs(log_value) < math.log(1e6) else f"{math.exp(log_value):.0e}"
