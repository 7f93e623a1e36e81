"""People and events counted: against those randomised, the register, and percentages printed beside."""

from __future__ import annotations

import re
from math import ceil, floor

from living import stats
from living.model.numbers import (
    ArmEvents,
    ArmMeans,
    EventCounts,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.review.checks.finding import Case, Findings, found, shown

_SHARE = re.compile(r"(?P<events>\d+)\s*(?:/\s*(?P<total>\d+))?\s*\(\s*(?P<percent>\d+(?:\.\d+)?)\s*%\s*\)")
_OF = re.compile(r"(?P<percent>\d+(?:\.\d+)?)\s*%\s+of\s+(?:the\s+)?(?P<total>\d+)\b")
_BAR = re.compile(r"(?P<bar>\d+)\s*%")


def too_many(case: Case) -> Findings:
    """An arm's people analysed against its people randomised."""
    everybody = case.extraction.population == "all_randomised"
    for field, name, n in _sizes(case):
        arm = case.arm(name)
        if arm is None or arm.n_randomised is None or arm.n_randomised == n:
            continue
        saw = f"{n} people in the arm '{arm.id}', of which {arm.n_randomised} were randomised"
        if n > arm.n_randomised:
            yield found(
                "too_many" if everybody else "more_than_randomised",
                field,
                saw.replace(" of which", " to which"),
            )
        elif everybody and not case.crossover:
            saw = (
                f"all randomised is said, and {n} of the {arm.n_randomised} people of '{arm.id}' are counted"
            )
            yield found("not_all", field, saw)


def over_enrolment(case: Case) -> Findings:
    """Both arms together against the registration."""
    sizes = {name: (field, n) for field, name, n in _sizes(case)}
    if case.enrolment is None or case.enrolment < 1 or not sizes:
        return
    people = max(n for _, n in sizes.values()) if _paired(case) else sum(n for _, n in sizes.values())
    if people > case.enrolment:
        saw = f"{people} people are counted here, and the registration enrolled {case.enrolment}"
        yield found("over_enrolment", next(iter(sizes.values()))[0], saw)


def percentage(case: Case) -> Findings:
    """Printed percentages against counts: `33 (68.8%)`, `20/49 (41%)`, `41% of 49`."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, EventCounts):
        return
    arms = (("numbers.experimental", numbers.experimental), ("numbers.control", numbers.control))
    for item in case.passages:
        for match in _SHARE.finditer(item.text):
            yield from _share(match, arms)
        for match in _OF.finditer(item.text):
            yield from _of(match, arms)


def not_nested(case: Case) -> Findings:
    """Counts of `30% or more` and `50% or more` relief: the second is part of the first."""
    numbers = case.extraction.numbers
    for item, higher in _other_bars(case):
        if not isinstance(numbers, EventCounts) or not isinstance(item, EventCounts):
            continue
        for name in ("experimental", "control"):
            mine, other = getattr(numbers, name), getattr(item, name)
            strict, loose = (other, mine) if higher else (mine, other)
            if strict.total == loose.total and strict.events > loose.events:
                saw = f"{strict.events} people reach the higher bar and {loose.events} the lower one"
                yield found("not_nested", f"numbers.{name}.events", saw)
            elif higher and _added(case, mine, other):
                saw = f"{mine.events} is in no quote; {mine.events - other.events} is, "
                saw += f"and {other.events} people of the higher bar make it {mine.events}"
                yield found("added_counts", f"numbers.{name}.events", saw)


def _share(match: re.Match[str], arms: tuple[tuple[str, ArmEvents], ...]) -> Findings:
    events, percent = int(match["events"]), match["percent"]
    fits = [(field, arm) for field, arm in arms if arm.events == events]
    if match["total"]:
        fits = [(field, arm) for field, arm in fits if arm.total == int(match["total"])]
    if fits and not any(_is_share(events, arm.total, percent) for _, arm in fits):
        field, arm = fits[0]
        exact = 100 * events / arm.total
        saw = f"{events} ({percent}%) is printed, and {events} of {arm.total} is {shown(exact)}%"
        yield found("percentage", f"{field}.events", saw)


def _of(match: re.Match[str], arms: tuple[tuple[str, ArmEvents], ...]) -> Findings:
    total, percent = int(match["total"]), match["percent"]
    arm = next(((field, arm) for field, arm in arms if arm.total == total), None)
    if arm is None or any(_is_share(events, total, percent) for events in _near(percent, total)):
        return
    below, above = _near(percent, total)
    saw = f"{percent}% of {total} is no number of people: {below} is {shown(100 * below / total)}%, "
    yield found("percentage", f"{arm[0]}.events", saw + f"{above} is {shown(100 * above / total)}%")


def _near(percent: str, total: int) -> tuple[int, int]:
    exact = float(percent) / 100 * total
    return floor(exact), ceil(exact)


def _is_share(events: int, total: int, percent: str) -> bool:
    """Whether a count of a total is printed as this percentage, rounded or cut off."""
    printed, share = stats.Printed.parse(percent), 100 * events / total
    return printed.low - 1e-9 <= share < printed.high - 1e-9


def _added(case: Case, mine: ArmEvents, other: ArmEvents) -> bool:
    if other.events == 0 or any(item.has(mine.events) for item in case.passages):
        return False
    return any(item.has(mine.events - other.events) for item in case.passages)


def _other_bars(case: Case) -> tuple[tuple[object, bool], ...]:
    """Siblings on the same outcome with another bar in its name, and whether theirs is the higher."""
    cell, mine = case.extraction.cell, _bar(case, case.extraction.cell.outcome)
    if mine is None:
        return ()
    return tuple(
        (item.numbers, bar[1] > mine[1])
        for item in case.siblings
        if (item.cell.experimental, item.cell.control, item.cell.weeks)
        == (cell.experimental, cell.control, cell.weeks)
        and (bar := _bar(case, item.cell.outcome)) is not None
        and bar[0] == mine[0]
        and bar[1] != mine[1]
    )


def _bar(case: Case, outcome: str) -> tuple[str, int] | None:
    """An outcome's name without its percentage, and the percentage."""
    label = next((item.label for item in case.protocol.outcomes if item.id == outcome), "")
    bars = _BAR.findall(label)
    return (_BAR.sub("%", label), int(bars[0])) if len(bars) == 1 else None


def _paired(case: Case) -> bool:
    return case.crossover or isinstance(case.extraction.numbers, PairedDifference | PairedMeans)


def _sizes(case: Case) -> tuple[tuple[str, str, int], ...]:
    """Where each arm's size was entered, the arm as the cell names it, and the size."""
    one, two = case.extraction.cell.experimental, case.extraction.cell.control
    match case.extraction.numbers:
        case ArmMeans(experimental=a, control=b):
            sizes = [("numbers.experimental.n", one, a.n), ("numbers.control.n", two, b.n)]
        case EventCounts(experimental=a, control=b):
            sizes = [("numbers.experimental.total", one, a.total), ("numbers.control.total", two, b.total)]
        case PairedDifference(n=n) | PairedMeans(n=n):
            sizes = [("numbers.n", one, n), ("numbers.n", two, n)]
        case ReportedContrast(n_experimental=int(a), n_control=int(b)):
            sizes = [("numbers.n_experimental", one, a), ("numbers.n_control", two, b)]
        case _:
            sizes = []
    return tuple(sizes)


CHECKS = (too_many, over_enrolment, percentage, not_nested)
