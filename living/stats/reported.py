"""Do the printed numbers of one comparison agree: SE with SD, statistic with P, means and SDs with P?

As in `consistency`, a printed number stands for the range of numbers that round to it (a P also for those cut
off to it); a check fails only if no choice within the ranges makes the numbers agree.
"""

from __future__ import annotations

from itertools import product
from math import inf, sqrt

from living.stats.consistency import Printed
from living.stats.granularity import Check
from living.stats.intervals import two_sided_p

STUDENT, WELCH = "Student's t", "Welch's t"


def se_against_sd(sd: str, se: str, n: int) -> Check:
    """Is the printed SE the printed SD over sqrt(n)?

    `low` and `high` is the SE that the SD allows. A finding also says when the two seem to be exchanged or
    printed under the same name. Raises ValueError on text that is no number or n < 1.
    **Source** Cochrane Handbook 6.3, section 6.5.2.2.

    >>> se_against_sd("2.0", "0.40", 25).consistent, se_against_sd("2.0", "2.0", 25).consistent
    (True, False)
    """
    if n < 1:
        raise ValueError("people are counted from 1")
    s, e = Printed.parse(sd), Printed.parse(se)
    low, high = (x / sqrt(n) for x in s.corners)
    if low <= e.corners[1] and e.corners[0] <= high:
        return Check("SE against SD", True, True, "", low, high)
    why = f"an SD of {sd} in {n} people gives an SE of {s.value / sqrt(n):.3g}"
    if n > 1 and s.corners[0] <= e.corners[1] and e.corners[0] <= s.corners[1]:
        why += "; the same number stands for both"
    elif s.corners[0] <= e.corners[1] / sqrt(n) and e.corners[0] / sqrt(n) <= s.corners[1]:
        why += "; the two seem to be exchanged"
    return Check("SE against SD", False, True, why, low, high)


def statistic_against_p(statistic: str, p: str, *, df: float = inf) -> Check:
    """Is the printed two-sided P that of the printed t on `df` degrees of freedom (or of z)?

    `low` and `high` is the P that the statistic allows. Raises ValueError on text that is no number or a `df`
    that is not positive.
    **Source** Nuijten et al. 2016, Behav Res Methods 48:1205-1226 (statcheck).

    >>> statistic_against_p("2.20", "0.04", df=18).consistent, statistic_against_p("2.20", "0.4", df=18).why
    (True, 'the statistic gives a two-sided P of 0.0411')
    """
    if not df > 0:
        raise ValueError("degrees of freedom are positive")
    t, shown = Printed.parse(statistic), Printed.parse(p)
    least, most = _smallest(t.corners), max(abs(x) for x in t.corners)
    low, high = (float(two_sided_p(x, df)) for x in (most, least))
    if _meets(low, high, shown):
        return Check("statistic against P", True, True, "", low, high)
    why = f"the statistic gives a two-sided P of {float(two_sided_p(t.value, df)):.3g}"
    if _meets(low / 2, high / 2, shown):
        why += "; the printed P is one-sided"
    return Check("statistic against P", False, True, why, low, high)


def groups_against_p(
    first: tuple[str, str, int], second: tuple[str, str, int], p: str
) -> tuple[Check, Check]:
    """Is the printed two-sided P that of the two groups' means and SDs, by Student's or by Welch's t-test?

    `first`, `second`: mean, SD (as printed) and size of each group. `low` and `high` is the P that they
    allow. A P from an adjusted analysis may rightly differ. Raises ValueError on text that is no number,
    groups of fewer than two or two SDs of 0.
    **Source** Student 1908; Welch 1947; the idea of recomputing within rounding, Carlisle 2017, Anaesthesia
    72:944-952.
    """
    shown = Printed.parse(p)
    (m1, s1), (m2, s2) = ((Printed.parse(x[0]), Printed.parse(x[1])) for x in (first, second))
    n1, n2 = first[2], second[2]
    if n1 < 2 or n2 < 2 or s1.value == s2.value == 0:
        raise ValueError("each group has two people or more, and one of them an SD above 0")
    gaps = (m1.corners[0] - m2.corners[1], m1.corners[1] - m2.corners[0])
    spreads = list(product(_positive(s1), _positive(s2)))
    return (
        _tested(STUDENT, gaps, [_student(a, n1, b, n2) for a, b in spreads], shown),
        _tested(WELCH, gaps, [_welch(a, n1, b, n2) for a, b in spreads], shown),
    )


def _tested(name: str, gaps: tuple[float, float], bases: list[tuple[float, float]], shown: Printed) -> Check:
    least, most = _smallest(gaps), max(abs(x) for x in gaps)
    low = min(float(two_sided_p(most / se, df)) for se, df in bases)
    high = max(float(two_sided_p(least / se, df)) for se, df in bases)
    fits = _meets(low, high, shown)
    why = "" if fits else f"means and SDs give a P of {low:.2g} to {high:.2g} by {name}-test"
    return Check(f"groups against P, {name}", fits, True, why, low, high)


def _student(sd1: float, n1: int, sd2: float, n2: int) -> tuple[float, float]:
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df
    return sqrt(pooled * (1 / n1 + 1 / n2)), float(df)


def _welch(sd1: float, n1: int, sd2: float, n2: int) -> tuple[float, float]:
    a, b = sd1**2 / n1, sd2**2 / n2
    return sqrt(a + b), (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1))


def _positive(sd: Printed) -> tuple[float, float]:
    """Both ends of what the SD may be; an SD printed as 0 is above 0 by less than its last digit."""
    low, high = sd.corners
    return max(low, high * 1e-6), high


def _smallest(corners: tuple[float, float]) -> float:
    return 0.0 if corners[0] <= 0 <= corners[1] else min(abs(x) for x in corners)


def _meets(low: float, high: float, shown: Printed) -> bool:
    return low <= shown.high and shown.low <= high
