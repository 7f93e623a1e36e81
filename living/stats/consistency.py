"""Do the numbers of one printed result agree? An estimate, its interval and its P, with rounding taken into
account.

A printed number stands for a range: 0.31 for anything from 0.305 to 0.32, because some authors round and
others cut off. A P that no rule could have produced from the printed interval is a contradiction; otherwise
the rules that could are named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import inf, log

import numpy as np

from living.stats.intervals import critical, two_sided_p

DEFAULT_KS = tuple(range(2, 31))  # numbers of studies tried when the report does not say


@dataclass(frozen=True)
class Printed:
    """A number as printed: its text, and the range that may stand behind it by rounding or by cutting off."""

    text: str
    value: float
    low: float
    high: float

    @classmethod
    def parse(cls, text: str | float) -> Printed:
        """Read "0.31", "-4.69", "<0.001" or a number (printed in its shortest form).

        Raises ValueError on anything else.
        """
        shown = str(text).strip().replace("\u2212", "-")
        digits = shown.lstrip("<= ")
        value = float(digits)
        unit = 10.0 ** -len(digits.partition(".")[2])
        if shown.startswith("<"):
            return cls(shown, value, 0.0, value)
        away = (unit, -unit / 2) if value >= 0 else (unit / 2, -unit)
        return cls(shown, value, value + away[1], value + away[0])

    @property
    def corners(self) -> tuple[float, float]:
        """The range by rounding alone, for a number that is an input to a calculation."""
        half = 0.5 * 10.0 ** -len(self.text.lstrip("<= ").partition(".")[2])
        return (self.value - half, self.value + half)


@dataclass(frozen=True)
class Explanation:
    """What one rule makes of the print: "wald" is a normal interval, "HK" Hartung-Knapp's t on k - 1."""

    interval: str
    k: int | None
    df: float
    p: float
    p_low: float
    p_high: float
    statistic_low: float
    statistic_high: float
    fits: bool


@dataclass(frozen=True)
class Consistency:
    """The verdict on one printed result.

    `fits`: the rules that explain the print, the normal interval first. `symmetric`: the estimate lies in the
    middle of its interval, within rounding. `p_is_statistic`: the rules under which the printed P is the test
    statistic instead.
    """

    tried: tuple[Explanation, ...]
    symmetric: bool
    p_is_statistic: tuple[Explanation, ...]

    @property
    def fits(self) -> tuple[Explanation, ...]:
        """Rules that explain the print."""
        return tuple(e for e in self.tried if e.fits)

    @property
    def contradiction(self) -> bool:
        """Whether no rule explains the print."""
        return not self.fits

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if self.fits:
            best = self.fits[0]
            only = " only" if len(self.fits) == 1 and len(self.tried) > 1 else ""
            return f"The printed P fits {_name(best)}{only} (recomputed P {best.p:.3g})."
        recomputed = ", ".join(f"{e.p:.2g} with {_name(e)}" for e in self.tried[:3])
        told = f"The printed P contradicts the printed interval: recomputed {recomputed}."
        if self.p_is_statistic:
            told += f" It equals the test statistic of {_name(self.p_is_statistic[0])}."
        return told


def p_from_ci(
    estimate: float, low: float, high: float, *, df: float = inf, level: float = 0.95, ratio: bool = False
) -> float:
    """P of an estimate from its interval; `df` infinite means a normal interval, otherwise t.

    With `ratio` the three numbers are ratios and logarithms are taken. NaN when the interval has no width.
    **Source** Altman & Bland 2011, BMJ 343:d2304. Raises ValueError on a ratio that is not positive.
    """
    statistic = _statistic(estimate, low, high, df, level, ratio)
    return float(two_sided_p(statistic, df))


def check_printed(
    estimate: str | float,
    low: str | float,
    high: str | float,
    p: str | float,
    *,
    ratio: bool = False,
    k: int | None = None,
    ks: Iterable[int] = DEFAULT_KS,
    level: float = 0.95,
) -> Consistency:
    """Compare a printed P with the printed estimate and interval, under a normal and a Hartung-Knapp
    interval.

    Give the numbers as text to keep trailing zeros. With `k`, the number of studies, only that k is tried for
    Hartung-Knapp; otherwise every one of `ks`. Raises ValueError on a text that is not a number or an
    interval without width.
    **Source** Altman & Bland 2011; Knapp & Hartung 2003, equation 3.
    """
    y, lo, hi, shown = (Printed.parse(value) for value in (estimate, low, high, p))
    if not lo.value < hi.value:
        raise ValueError(f"the interval {lo.text} to {hi.text} has no width")
    rules: list[tuple[str, int | None]] = [("wald", None)]
    rules += [("HK", studies) for studies in ((k,) if k is not None else ks) if studies >= 2]
    tried = tuple(_explain(rule, studies, (y, lo, hi), shown, level, ratio) for rule, studies in rules)
    equal = tuple(e for e in tried if e.statistic_low <= shown.high and shown.low <= e.statistic_high)
    none_fits = not any(e.fits for e in tried)
    return Consistency(tried, _symmetric(y, lo, hi, ratio), equal if none_fits else ())


def _explain(
    rule: str, k: int | None, printed: tuple[Printed, Printed, Printed], p: Printed, level: float, ratio: bool
) -> Explanation:
    df = inf if k is None else float(k - 1)
    y, lo, hi = printed
    statistics = [
        abs(_statistic(a, b, c, df, level, ratio)) for a, b, c in product(y.corners, lo.corners, hi.corners)
    ]
    if _crosses_zero(y, ratio):
        statistics.append(0.0)
    least, most = min(statistics), max(statistics)
    p_low, p_high = float(two_sided_p(most, df)), float(two_sided_p(least, df))
    at = _statistic(y.value, lo.value, hi.value, df, level, ratio)
    fits = p_low <= p.high and p.low <= p_high
    return Explanation(rule, k, df, float(two_sided_p(at, df)), p_low, p_high, least, most, fits)


def _statistic(estimate: float, low: float, high: float, df: float, level: float, ratio: bool) -> float:
    y, lo, hi = (_log(x) for x in (estimate, low, high)) if ratio else (estimate, low, high)
    width = hi - lo
    return y * 2 * float(critical(df, level)) / width if width > 0 else float(np.nan)


def _log(ratio: float) -> float:
    if not ratio > 0:
        raise ValueError(f"a ratio is positive, not {ratio}")
    return log(ratio)


def _crosses_zero(y: Printed, ratio: bool) -> bool:
    none = 1.0 if ratio else 0.0
    return y.corners[0] <= none <= y.corners[1]


def _symmetric(y: Printed, lo: Printed, hi: Printed, ratio: bool) -> bool:
    """Whether the estimate's range meets the range of the interval's middle."""
    take = _log if ratio else float
    least = (take(lo.corners[0]) + take(hi.corners[0])) / 2
    most = (take(lo.corners[1]) + take(hi.corners[1])) / 2
    return take(y.corners[0]) <= most and least <= take(y.corners[1])


def _name(e: Explanation) -> str:
    return "a normal interval" if e.k is None else f"Hartung-Knapp with k={e.k}"
