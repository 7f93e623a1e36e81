"""Is what was entered as an SD an SD? Its size, its neighbours, the words around it, and the P beside it."""

from __future__ import annotations

import re
from math import sqrt

from living.model.numbers import ArmMeans, PairedDifference, PairedMeans, ReportedContrast
from living.review.checks.difference import implied_r, precise_se, readings_of_spread
from living.review.checks.finding import Case, Findings, found, shown
from living.review.checks.passages import Passage
from living.review.checks.sides import Side, sides

FEWEST = 10  # people; with fewer an SD and its standard error are too alike to be told apart by size
TINY = 0.05  # of a scale's length: people with one condition are seldom so alike
USUAL = (0.1, 0.45)  # of a scale's length: where the SD of such people lies
NEAR = 0.2  # two SDs of the same people at two times differ by less than this share
APART = 3.5  # times: SDs of two randomised arms are seldom so different
MANY_SDS = 2.0  # a standardised difference beyond this is nearly always an error of extraction

_NAMES_SE = re.compile(r"\b(?:s\.?e\.?m?\.?|standard errors?)\b", re.IGNORECASE)
_NAMES_SD = re.compile(r"\b(?:s\.?d\.?s?|standard deviations?)\b", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"±|\+/-|\+-|\bplus[ /-]minus\b", re.IGNORECASE)


def se_for_sd(case: Case) -> Findings:
    """An SD that is small for its scale and, times the root of n, an ordinary one."""
    if case.extraction.cell.estimand == "percent_change":
        return
    for side in sides(case.extraction.numbers):
        if side.sd is None or side.n < FEWEST:
            continue
        told = _named(case, side) or _by_siblings(case, side) or _by_size(case, side)
        if told:
            yield found("se_for_sd", side.spread_field, told)


def plus_minus(case: Case) -> Findings:
    """A number entered as SD that stands behind ± in words which nowhere say what ± is."""
    if any(_NAMES_SD.search(item.text) for item in case.passages):
        return
    for side in sides(case.extraction.numbers):
        if side.sd is not None and any(_behind_sign(item, side.sd) for item in case.passages):
            half = "the half-width of its 95% interval"
            saw = (
                f"{shown(side.sd)} stands behind ±, and no quote says whether it is the SD, the SE or {half}"
            )
            yield found("plus_minus", side.spread_field, saw)


def unequal_spread(case: Case) -> Findings:
    """One arm's SD is several times the other's."""
    both = sides(case.extraction.numbers)
    if len(both) != 2 or both[0].sd is None or both[1].sd is None or min(item.n for item in both) < FEWEST:
        return
    less, more = sorted((both[0], both[1]), key=lambda item: item.sd or 0.0)
    times = (more.sd or 0.0) / (less.sd or 1.0)
    if times >= APART:
        saw = f"the SDs are {shown(both[0].sd)} and {shown(both[1].sd)}, {shown(times)} times apart"
        if abs(times / sqrt(less.n) - 1) <= NEAR:
            saw += (
                f"; the root of n = {less.n} is {shown(sqrt(less.n))}, so the smaller may be a standard error"
            )
        yield found("unequal_spread", less.spread_field, saw)


def large_effect(case: Case) -> Findings:
    """A difference of several SDs."""
    numbers, both = case.extraction.numbers, sides(case.extraction.numbers)
    if isinstance(numbers, ReportedContrast) and numbers.measure == "SMD":
        if abs(numbers.estimate) >= MANY_SDS:
            saw = f"a standardised difference of {shown(numbers.estimate)}"
            yield found("large_effect", "numbers.estimate", saw)
        return
    if not both or both[0].sd is None or both[1].sd is None or min(item.n for item in both) < FEWEST:
        return
    pooled = sqrt((both[0].sd ** 2 + both[1].sd ** 2) / 2)
    d = (both[0].mean - both[1].mean) / pooled
    if abs(d) >= MANY_SDS:
        as_se = d / sqrt((both[0].n + both[1].n) / 2)
        saw = f"the means differ by {shown(abs(d))} SDs; were these standard errors, by {shown(abs(as_se))}"
        yield found("large_effect", both[0].spread_field, saw)


def paired_spread(case: Case) -> Findings:
    """The correlation of two periods that SDs and paired result imply is one that people have."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, PairedDifference | PairedMeans):
        return
    one, two = numbers.sd_experimental, numbers.sd_control
    paired = precise_se(case)
    if one is None or two is None or paired is None:
        return
    r = implied_r(one, two, numbers.n, paired.se)
    if 0 <= r <= 1:
        return
    says = f"a within-person correlation of {shown(r)}" + ("" if r >= -1 else ", which cannot be")
    saw = f"with SDs of {shown(one)} and {shown(two)} and n = {numbers.n}, {paired.told} needs {says}"
    other = [
        f"read as {name} it is {shown(value)}"
        for name, a, b in readings_of_spread(one, two, numbers.n)
        if 0 <= (value := implied_r(a, b, numbers.n, paired.se)) < 1
    ]
    yield found("paired_spread", "numbers.sd_experimental", "; ".join((saw, *other)))


def _named(case: Case, side: Side) -> str:
    """The words around the number call it a standard error."""
    for item in case.passages:
        if _NAMES_SE.search(item.text) and not _NAMES_SD.search(item.text) and item.has(side.sd or 0.0):
            return f"{shown(side.sd or 0.0)} was entered as SD, and the quote speaks of a standard error"
    return ""


def _by_size(case: Case, side: Side) -> str:
    if case.scale is None or side.sd is None:
        return ""
    length = case.scale.high - case.scale.low
    as_se = side.sd * sqrt(side.n)
    if side.sd >= TINY * length or not USUAL[0] * length <= as_se <= USUAL[1] * length:
        return ""
    return (
        f"an SD of {shown(side.sd)} with n = {side.n} on {case.scale.label} is very small; "
        f"times the root of n it would be {shown(as_se)}, an ordinary SD"
    )


def _by_siblings(case: Case, side: Side) -> str:
    """Another time point of the same arm has an SD that is larger by the root of n."""
    cell = case.extraction.cell
    for item in case.siblings:
        alike = (item.cell.outcome, item.cell.scale, item.cell.estimand) == (
            cell.outcome,
            cell.scale,
            cell.estimand,
        )
        for other in sides(item.numbers) if alike and isinstance(item.numbers, ArmMeans) else ():
            same_arm = getattr(item.cell, other.name) == getattr(cell, side.name)
            if same_arm and other.sd and side.sd and abs(other.sd / side.sd / sqrt(side.n) - 1) <= NEAR:
                return (
                    f"SDs of {shown(side.sd)} here and {shown(other.sd)} at {shown(item.cell.weeks)} weeks "
                    f"differ by the root of n = {side.n}"
                )
    return ""


def _behind_sign(item: Passage, value: float) -> bool:
    return any(
        token.is_same(value) and _PLUS_MINUS.search(item.text[max(token.start - 5, 0) : token.start])
        for token in item.tokens
    )


CHECKS = (se_for_sd, plus_minus, unequal_spread, large_effect, paired_spread)
