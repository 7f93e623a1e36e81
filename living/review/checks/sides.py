"""The two arms, or the two periods of the same people, of a cell of means, seen in one way."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from living.model.numbers import CI, SD, SE, ArmMean, ArmMeans, Numbers, PairedMeans, Quartiles
from living.stats.intervals import critical


@dataclass(frozen=True)
class Side:
    """One arm's mean and SD with their paths; `sd` None where the report gives none as such.

    `implied`: the SD that follows from a standard error or an interval. `name`: `experimental` or `control`.
    """

    name: str
    n: int
    mean: float
    mean_field: str
    spread_field: str
    sd: float | None = None
    implied: float | None = None
    median: bool = False


def sides(numbers: Numbers) -> tuple[Side, ...]:
    """Return both sides of a cell of means; nothing of any other."""
    match numbers:
        case ArmMeans(experimental=one, control=two):
            return _arm("experimental", one), _arm("control", two)
        case PairedMeans(n=n):
            return (
                _period("experimental", n, numbers.mean_experimental, numbers.sd_experimental),
                _period("control", n, numbers.mean_control, numbers.sd_control),
            )
        case _:
            return ()


def _arm(name: str, arm: ArmMean) -> Side:
    at, spread = f"numbers.{name}", arm.spread
    sd = spread.sd if isinstance(spread, SD) else None
    field = f"{at}.spread.{spread.by}" if isinstance(spread, SD | SE) else f"{at}.spread"
    median = isinstance(spread, Quartiles)
    return Side(name, arm.n, arm.mean, f"{at}.mean", field, sd, _implied(arm), median)


def _period(name: str, n: int, mean: float, sd: float) -> Side:
    return Side(name, n, mean, f"numbers.mean_{name}", f"numbers.sd_{name}", sd)


def _implied(arm: ArmMean) -> float | None:
    match arm.spread:
        case SE(se=se):
            return se * sqrt(arm.n)
        case CI(low=low, high=high, level=level, df=df):
            half = (high - low) / 2
            return half / float(critical(df or float("inf"), level)) * sqrt(arm.n)
        case _:
            return None
