"""The wrong time, the start instead of the end, and the same numbers where two different ones belong."""

from __future__ import annotations

import re

from living.model.numbers import ArmMeans, EventCounts, NoNumbers, Numbers, PairedMeans
from living.review.checks.finding import Case, Findings, found, shown
from living.review.checks.sides import sides

FEWEST = 3  # events: equal counts below that are common between outcomes
_TIME = re.compile(r"(?P<count>\d+(?:\.\d+)?)[- ]*(?P<unit>weeks?|wk|months?|mo|days?)\b", re.IGNORECASE)
_LATER = re.compile(r"follow|end of|final|post|after|week|month|day", re.IGNORECASE)


def outside_windows(case: Case) -> Findings:
    """A time that no window of the protocol holds."""
    weeks = case.extraction.cell.weeks
    if not any(window.holds(weeks) for window in case.protocol.windows):
        labels = "; ".join(dict.fromkeys(window.label for window in case.protocol.windows))
        yield found(
            "outside_windows", "cell.weeks", f"{shown(weeks)} weeks; the review's windows are: {labels}"
        )


def time_unit(case: Case) -> Findings:
    """A number of weeks that the quotes print as months or days."""
    weeks = case.extraction.cell.weeks
    units = {
        match["unit"].lower()[:1]
        for item in case.passages
        for match in _TIME.finditer(item.text)
        if float(match["count"]) == weeks
    }
    if units and "w" not in units:
        name = "months" if "m" in units else "days"
        saw = f"{shown(weeks)} weeks were entered, and the quote says {shown(weeks)} {name}"
        yield found("time_unit", "cell.weeks", saw)


def baseline_values(case: Case) -> Findings:
    """Final values whose words are about the start."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, ArmMeans | PairedMeans) or numbers.values != "final":
        return
    both = sides(numbers)
    for item in case.passages:
        start = re.search(r"\bbaseline\b|\bat entry\b|\bpre-?treatment\b", item.text, re.IGNORECASE)
        if start and not _LATER.search(item.text) and item.has(*(side.mean for side in both)):
            means = " and ".join(shown(side.mean) for side in both)
            saw = f"the quote with {means} says '{start.group().lower()}'"
            yield found("baseline_values", both[0].mean_field, saw)
            return


def same_in_both_arms(case: Case) -> Findings:
    """Mean and SD equal in both arms."""
    both = sides(case.extraction.numbers)
    if len(both) == 2 and both[0].sd is not None:
        one, two = ((side.mean, side.sd) for side in both)
        if one == two:
            saw = f"a mean of {shown(one[0])} with the SD {shown(both[0].sd)} in both arms"
            yield found("same_in_both_arms", both[1].mean_field, saw)


def duplicate(case: Case) -> Findings:
    """Another cell of the study with the same numbers."""
    numbers = case.extraction.numbers
    for item in case.siblings:
        if item.numbers == numbers and _telling(numbers):
            saw = f"the same numbers stand for {item.cell.outcome} at {shown(item.cell.weeks)} weeks "
            yield found("duplicate", "numbers", saw + f"({item.cell.experimental} v {item.cell.control})")
            return


def _telling(numbers: Numbers) -> bool:
    """Whether two cells are unlikely to share these numbers by chance."""
    if isinstance(numbers, EventCounts):
        return min(numbers.experimental.events, numbers.control.events) >= FEWEST
    return not isinstance(numbers, NoNumbers)


CHECKS = (outside_windows, time_unit, baseline_values, same_in_both_arms, duplicate)
