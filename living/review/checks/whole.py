"""Means and SDs of whole-number answers: GRIM and GRIMMER, on scales that say how many they average."""

from __future__ import annotations

from living import stats
from living.review.checks.finding import Case, Findings, found
from living.review.checks.sides import Side, sides


def grim(case: Case) -> Findings:
    """Could so many people's whole-number answers have this mean, and this SD?"""
    items = case.scale.items if case.scale else None
    if items is None or case.extraction.cell.estimand not in ("final", "change"):
        return
    for side in sides(case.extraction.numbers):
        if not side.median:
            yield from _of(case, side, items)


def _of(case: Case, side: Side, items: int) -> Findings:
    mean = case.text_of(side.mean)
    check = stats.grim(mean, side.n, items=items)
    people = f"{side.n} people" + (f" with {items} answers each" if items > 1 else "")
    if not check.consistent and check.low is not None and check.high is not None:
        digits = len(mean.partition(".")[2]) + 1
        near = _minus(f"{check.low:.{digits}f} and {check.high:.{digits}f}")
        saw = f"{people} cannot have the mean {_minus(mean)}; the nearest possible are {near}"
        yield found("grim", side.mean_field, saw)
    elif side.sd is not None and side.n > 1:
        sd = case.text_of(side.sd)
        if not stats.grimmer(mean, sd, side.n, items=items).consistent:
            saw = f"{people} cannot have the mean {_minus(mean)} together with the SD {sd}"
            yield found("grimmer", side.spread_field, saw)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


CHECKS = (grim,)
