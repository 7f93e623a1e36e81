"""The test behind a printed P: what estimate, spread and sizes give, every rounding taken into account."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import inf, sqrt

from living import stats
from living.model.numbers import CI, SE, PairedDifference, PairedMeans, PValue, TestT
from living.review.checks.finding import Case, shown
from living.review.checks.passages import Token
from living.review.checks.sides import Side
from living.stats.intervals import critical, two_sided_p

SD, STANDARD_ERROR, HALF_WIDTH = "SDs", "standard errors", "half-widths of 95% intervals"


@dataclass(frozen=True)
class PairedError:
    """The standard error of a paired difference, and the words for where it comes from."""

    se: float
    told: str


@dataclass(frozen=True)
class Range:
    """A recomputed P, from the least to the most that rounding allows."""

    at: float
    low: float
    high: float

    def holds(self, p: stats.Printed) -> bool:
        return self.low <= p.high and p.low <= self.high


def precise_se(case: Case) -> PairedError | None:
    """Return the standard error that a paired cell states, or that the P printed with its means implies."""
    numbers = case.extraction.numbers
    if isinstance(numbers, PairedDifference):
        return _stated(numbers)
    if isinstance(numbers, PairedMeans):
        p = only_p(case, numbers.mean_experimental, numbers.mean_control)
        difference = numbers.mean_experimental - numbers.mean_control
        if p is not None and p.p != "<" and 0 < p.value < 1 and difference:
            se = float(stats.se_from_p_t(difference, p.value, numbers.n - 1)) if numbers.n > 1 else 0.0
            return PairedError(se, f"the printed P of {p.text}") if se else None
    return None


def implied_r(one: float, two: float, n: int, se: float) -> float:
    """Return the correlation that two SDs and the SE of their difference imply, possible or not."""
    return (one**2 + two**2 - n * se**2) / (2 * one * two)


def readings_of_spread(one: float, two: float, n: int) -> tuple[tuple[str, float, float], ...]:
    """Return what the two numbers would be as SDs if they were something else."""
    root = sqrt(n)
    t = float(critical(float(n - 1), 0.95)) if n > 1 else inf
    return (
        (STANDARD_ERROR, one * root, two * root),
        (HALF_WIDTH, one / t * root, two / t * root),
    )


def only_p(case: Case, *means: float) -> Token | None:
    """Return the one P that stands in a quote with all these numbers; None where none does, or several."""
    found = {(p.p, p.text): p for item in case.passages if item.has(*means) for p in item.ps}
    return next(iter(found.values())) if len(found) == 1 else None


def p_of_arms(case: Case, one: Side, two: Side, kind: str = SD) -> Range:
    """Return the P of a t test of two independent means (equal variances), their spreads read as `kind`."""
    a, b = (_corners(case, side, kind) for side in (one, two))
    df = float(one.n + two.n - 2)
    found = [
        _p(m1 - m2, s1, one.n, s2, two.n, df) for (m1, s1), (m2, s2) in product(product(*a), product(*b))
    ]
    centre = _p(one.mean - two.mean, as_sd(one, kind), one.n, as_sd(two, kind), two.n, df)
    low_side, high_side = [side[0] for side in (a, b)]
    if low_side[0] <= high_side[1] and high_side[0] <= low_side[1]:
        found.append(1.0)
    return Range(centre, min(found), max(found))


def as_sd(side: Side, kind: str, sd: float | None = None) -> float:
    """Return the SD behind a number that was entered as SD and is really a `kind`."""
    entered = side.sd if sd is None else sd
    if entered is None:
        return float("nan")
    if kind == STANDARD_ERROR:
        return entered * sqrt(side.n)
    if kind == HALF_WIDTH:
        return entered / float(critical(float(side.n - 1), 0.95)) * sqrt(side.n)
    return entered


def _corners(case: Case, side: Side, kind: str) -> tuple[tuple[float, float], tuple[float, float]]:
    mean = stats.Printed.parse(case.text_of(side.mean)).corners
    low, high = stats.Printed.parse(case.text_of(side.sd or 0.0)).corners
    return mean, (as_sd(side, kind, max(low, 1e-12)), as_sd(side, kind, high))


def _p(difference: float, s1: float, n1: int, s2: float, n2: int, df: float) -> float:
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df
    return float(two_sided_p(abs(difference) / sqrt(pooled * (1 / n1 + 1 / n2)), df))


def _stated(numbers: PairedDifference) -> PairedError | None:
    match numbers.precision:
        case SE(se=se):
            return PairedError(se, f"the standard error of {shown(se)}")
        case CI(low=low, high=high, level=level, df=df):
            se = (high - low) / 2 / float(critical(df or inf, level))
            return PairedError(se, "the printed interval")
        case PValue(p=p, df=df) if numbers.difference and (df or numbers.n > 1):
            se = float(stats.se_from_p_t(numbers.difference, p, df or numbers.n - 1))
            return PairedError(se, f"the printed P of {p:g}")
        case TestT(t=t) if t and numbers.difference:
            return PairedError(abs(numbers.difference / t), f"the printed t of {shown(t)}")
        case _:
            return None
