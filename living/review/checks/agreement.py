"""Estimate, interval, P and test statistic of one comparison: do they follow from each other?"""

from __future__ import annotations

import re
from math import inf, sqrt

from living import stats
from living.model.numbers import CI, SE, ArmMeans, PairedDifference, Precision, ReportedContrast
from living.review.checks.difference import HALF_WIDTH, SD, STANDARD_ERROR, only_p, p_of_arms
from living.review.checks.finding import Case, Finding, Findings, found, shown
from living.review.checks.passages import p_beside
from living.review.checks.sides import sides
from living.review.printed import p_text
from living.stats.intervals import critical

MOST_TIMES = 10.0  # an adjusted P rarely exceeds the plain one by more comparisons than this
FAR = 10.0  # times: a P of a model differs from the plain t test's, and seldom by so much
WIDER = 1.1  # of the largest possible SD: room for rounding and for what a model adds
TINY = 0.03  # of the scale's length: no group of people is so alike, however well a model adjusts
_T = re.compile(r"\bt\s*(?:\(\s*(?P<df>\d+(?:\.\d+)?)\s*\))?\s*=\s*-?(?P<t>\d+(?:\.\d+)?)")
_SEVERAL = re.compile(r"bonferroni|hochberg|holm\b|multipl|several comparisons", re.IGNORECASE)
RATIOS = ("RR", "OR", "IRR", "HR")


def p_against_interval(case: Case) -> Findings:
    """A P that the estimate's own interval cannot have given, by z or by t."""
    estimate, interval, ratio = _printed(case)
    if estimate is None or interval is None:
        return
    p = p_beside(case.passages, estimate, interval.low, interval.high)
    if p is None or (ratio and interval.low <= 0):
        return
    sign, text = p
    printed = (case.text_of(estimate), case.text_of(interval.low), case.text_of(interval.high))
    k = _df(case)
    check = stats.check_printed(
        *printed,
        f"{'<' if sign in '<≤' else ''}{text}",
        ratio=ratio,
        k=k and k + 1,
        ks=(),
        level=interval.level,
    )
    if check.contradiction and 0 < float(text) <= 1:
        yield _contradiction(case, check, printed, text)


def asymmetric(case: Case) -> Findings:
    """The estimate lies in the middle of its interval, within rounding."""
    estimate, interval, ratio = _printed(case)
    if estimate is None or interval is None or (ratio and interval.low <= 0):
        return
    printed = (case.text_of(estimate), case.text_of(interval.low), case.text_of(interval.high))
    if ratio and min(stats.Printed.parse(text).corners[0] for text in printed) <= 0:
        return
    if not stats.check_printed(*printed, "0.5", ratio=ratio, ks=()).symmetric:
        middle = (interval.low * interval.high) ** 0.5 if ratio else (interval.low + interval.high) / 2
        limits = f"{shown(interval.low)} to {shown(interval.high)}"
        saw = f"{shown(estimate)} ({limits}); its middle is {shown(middle)}"
        yield found(
            "asymmetric", "numbers.estimate" if ratio or _contrast(case) else "numbers.difference", saw
        )


def statistic(case: Case) -> Findings:
    """A printed t beside estimate and standard error."""
    estimate, se, field = _with_se(case)
    if estimate is None or se is None:
        return
    for item in case.passages:
        matches = list(_T.finditer(item.text))
        if len(matches) != 1 or not item.has(estimate):
            continue
        t = stats.Printed.parse(matches[0]["t"])
        one, two = stats.Printed.parse(case.text_of(abs(estimate))), stats.Printed.parse(case.text_of(se))
        low = max(one.corners[0], 0.0) / two.corners[1]
        high = one.corners[1] / two.corners[0] if two.corners[0] > 0 else inf
        if not (low <= t.high and t.low <= high):
            saw = f"{shown(estimate)} over its standard error {shown(se)} is {shown(abs(estimate) / se)}, "
            yield found("statistic", field, saw + f"and the quote has t = {t.text}")


def p_against_arms(case: Case) -> Findings:
    """The P printed with two means, against a t test of them; another reading of the SDs may give it."""
    numbers, both = case.extraction.numbers, sides(case.extraction.numbers)
    if case.crossover or not isinstance(numbers, ArmMeans) or min(side.n for side in both) < 3:
        return
    p = only_p(case, both[0].mean, both[1].mean)
    if p is None or both[0].sd is None or both[1].sd is None or not 0 < p.value < 1:
        return
    printed = stats.Printed.parse(f"{'<' if p.p in '<≤' else ''}{p.text}")
    tried = {kind: p_of_arms(case, both[0], both[1], kind) for kind in (SD, STANDARD_ERROR, HALF_WIDTH)}
    if tried[SD].holds(printed):
        return
    others = [kind for kind in (STANDARD_ERROR, HALF_WIDTH) if tried[kind].holds(printed)]
    saw = f"as SDs, {shown(both[0].sd)} and {shown(both[1].sd)} give P {p_text(tried[SD].at)} by a t test; "
    if others and tried[SD].high < printed.low:
        saw += f"read as {others[0]} they give P {p_text(tried[others[0]].at)}, and P {p.text} is printed"
        yield found("se_for_sd", both[0].spread_field, saw)
    elif _far(tried[SD].low, tried[SD].high, printed):
        yield found("p_against_arms", both[0].spread_field, saw + f"P {p.text} is printed")


def se_against_scale(case: Case) -> Findings:
    """The SD that a contrast's standard error and sizes imply, against the scale."""
    estimate, se, field = _with_se(case)
    if (
        se is None
        or estimate is None
        or case.scale is None
        or case.extraction.cell.estimand == "percent_change"
    ):
        return
    length, numbers = case.scale.high - case.scale.low, case.extraction.numbers
    match numbers:
        case ReportedContrast(measure="MD", n_experimental=int(a), n_control=int(b)):
            sd, most, what = (
                se / sqrt(1 / a + 1 / b),
                length * (1.0 if numbers.estimand == "change" else 0.5),
                "values",
            )
        case PairedDifference(n=n):
            sd, most, what = se * sqrt(n), length, "within-person differences"
        case _:
            return
    if sd > most * WIDER or (sd < TINY * length and isinstance(numbers, ReportedContrast)):
        saw = f"a standard error of {shown(se)} means an SD of {what} of {shown(sd)} on {case.scale.label}"
        yield found("se_against_scale", field, saw)


def _contradiction(case: Case, check: stats.Consistency, printed: tuple[str, str, str], text: str) -> Finding:
    z, by_t = check.tried[0], check.tried[1:]
    gives = f"gives P {p_text(z.p)} by z (by rounding {p_text(z.p_low)} to {p_text(z.p_high)})"
    if by_t:
        gives += f" and {p_text(by_t[0].p)} by t on {by_t[0].df:g} df"
    saw = f"{printed[0]} ({printed[1]} to {printed[2]}) {gives}; P {text} is printed".replace(
        "-", "\N{MINUS SIGN}"
    )
    p = float(text)
    if check.p_is_statistic:
        return found(
            "p_against_interval", "numbers.precision", f"{saw}, which is the size of the statistic itself"
        )
    if z.p_high < p <= min(1.0, MOST_TIMES * z.p_high) and _compares_several(case):
        return found("adjusted_p", "numbers.precision", saw)
    return found("p_against_interval", "numbers.precision", saw)


def _compares_several(case: Case) -> bool:
    """The study has more than two arms, or its words speak of a correction."""
    several = case.what is not None and len(case.what.arms) > 2
    words = " ".join(item.text for item in case.passages) + " ".join(case.what.notes if case.what else ())
    return several or _SEVERAL.search(words) is not None


def _printed(case: Case) -> tuple[float | None, CI | None, bool]:
    match case.extraction.numbers:
        case ReportedContrast(estimate=estimate, precision=CI() as interval, measure=measure):
            return estimate, interval, measure in RATIOS
        case PairedDifference(difference=estimate, precision=CI() as interval):
            return estimate, interval, False
        case _:
            return None, None, False


def _with_se(case: Case) -> tuple[float | None, float | None, str]:
    """Estimate, standard error and the path of the spread, of a difference on the scale itself."""
    numbers = case.extraction.numbers
    if isinstance(numbers, ReportedContrast) and numbers.measure not in RATIOS:
        return _spread_of(numbers.estimate, numbers.precision)
    if isinstance(numbers, PairedDifference):
        return _spread_of(numbers.difference, numbers.precision)
    return None, None, ""


def _spread_of(estimate: float, precision: Precision) -> tuple[float | None, float | None, str]:
    if isinstance(precision, SE):
        return estimate, precision.se, "numbers.precision.se"
    if isinstance(precision, CI):
        half = (precision.high - precision.low) / 2
        return estimate, half / float(critical(precision.df or inf, precision.level)), "numbers.precision"
    return None, None, ""


def _df(case: Case) -> int | None:
    """Degrees of freedom of a t interval: of two groups, or of one group of differences."""
    match case.extraction.numbers:
        case ReportedContrast(n_experimental=int(a), n_control=int(b)) if a + b > 2:
            return a + b - 2
        case PairedDifference(n=n) if n > 1:
            return n - 1
        case _:
            return None


def _contrast(case: Case) -> bool:
    return isinstance(case.extraction.numbers, ReportedContrast)


def _far(low: float, high: float, printed: stats.Printed) -> bool:
    """Whether a printed P lies beyond a recomputed range by an order of magnitude."""
    if printed.text.startswith("<"):
        return low > printed.value * FAR
    return low > printed.high * FAR or (printed.low > 0 and high * FAR < printed.low)


CHECKS = (p_against_interval, asymmetric, statistic, p_against_arms, se_against_scale)
