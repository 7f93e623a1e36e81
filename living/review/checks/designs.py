"""What the trial's design says about its numbers: same people twice, shared controls, events or people."""

from __future__ import annotations

import re
from itertools import pairwise
from math import sqrt

from living.model.facts import Arm
from living.model.numbers import (
    ArmMeans,
    ArmRate,
    EventCounts,
    EventRates,
    NoNumbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.review.checks.finding import Case, Findings, found, shown
from living.review.checks.passages import passage
from living.review.checks.sides import sides

FIRST_PERIOD = "first period"
OTHER = "other"  # an arm that the protocol compares with nothing
_WEEKS = re.compile(r"(\d+(?:\.\d+)?)[- ]*(weeks?|days?|months?)\b", re.IGNORECASE)
_NO_WASHOUT = re.compile(r"\b(?:no|without(?: a| any)?|not? a)\s+wash-?out\b", re.IGNORECASE)
_UNEQUAL = re.compile(r"periods? of (\d+) and (\d+) (?:weeks|days|months)", re.IGNORECASE)
_EVENTS = re.compile(r"(?:^|\s)(?P<count>\d+)\s+(?:[a-z-]+\s+){0,3}?(?:events|episodes)\b", re.IGNORECASE)
_PEOPLE = re.compile(
    r"participants?|patients?|people|persons?|subjects?|women|men\b|individuals", re.IGNORECASE
)
_TIME = re.compile(
    r"(?:person|patient|subject|participant)[- ]?(?:weeks?|months?|years?|days?|time)|exposure", re.IGNORECASE
)
_WITH = re.compile(r"\b(?:with|plus|and)\b|\+", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(?:\(|\bsd\s?(?:of|=)?\s?)(?:sd\s?)?(\d+(?:\.\d+)?)")
LONGER = 1.1  # times: person-time may exceed people times weeks by rounding and by visits that were late


def independent(case: Case) -> Findings:
    """A crossover's two periods are not two groups of people."""
    if not case.crossover or FIRST_PERIOD in case.extraction.notes.lower():
        return
    match case.extraction.numbers:
        case ArmMeans():
            saw = "a crossover's two periods are the same people, not two independent groups"
            yield found("crossover_independent", "numbers.shape", saw)
        case ReportedContrast(measure="MD" | "SMD", n_experimental=int(a), n_control=int(b)) if _same_people(
            case, a, b
        ):
            saw = f"{a} and {b} people in a crossover trial, in which every person stands in both groups"
            yield found("crossover_independent", "numbers.n_experimental", saw)
        case _:
            return


def periods(case: Case) -> Findings:
    """Periods of different length, or none to wash out, by what is said of the arms and the design."""
    numbers, what = case.extraction.numbers, case.what
    if not isinstance(numbers, PairedDifference | PairedMeans) or what is None or not case.crossover:
        return
    words = " ".join((*what.notes, case.extraction.notes, *(item.text for item in case.passages)))
    lengths = [_WEEKS.search(arm.label) for arm in what.arms]
    spans = [match.group().lower() for match in lengths if match]
    told = [f"periods of {one} and {two}" for one, two in pairwise(spans) if one != two]
    unequal = _UNEQUAL.search(words)
    if not told and unequal and unequal[1] != unequal[2]:
        told = [unequal.group().lower()]
    if _NO_WASHOUT.search(words):
        told.append("no washout")
    if told:
        yield found("crossover_periods", "numbers.shape", f"{' and '.join(told)} in this crossover")


def baseline_sd(case: Case) -> Findings:
    """A standardised difference that only the baseline SD explains."""
    numbers = case.extraction.numbers
    if not isinstance(numbers, ReportedContrast) or numbers.measure != "SMD" or not numbers.estimate:
        return
    bases = _baseline_sds(case)
    for item in case.siblings:
        if item.cell.outcome != case.extraction.cell.outcome or item.cell.weeks != case.extraction.cell.weeks:
            continue
        points, sd = _points(item.numbers)
        if points is None:
            continue
        implied = abs(points / numbers.estimate)
        base = next((one for one in bases if abs(implied / one - 1) <= _room(numbers.estimate)), None)
        if base is not None and (sd is None or abs(implied / sd - 1) > _room(numbers.estimate)):
            saw = f"{shown(points)} points as d {shown(numbers.estimate)} were divided by {shown(implied)}, "
            saw += f"the SD at baseline ({shown(base)})" + (f", not at the end ({shown(sd)})" if sd else "")
            yield found("baseline_sd", "numbers.estimate", saw)
            return


def events_or_people(case: Case) -> Findings:
    """Counts of events entered as people, or of people as events."""
    numbers = case.extraction.numbers
    if isinstance(numbers, EventCounts):
        for name, arm in (("experimental", numbers.experimental), ("control", numbers.control)):
            if _counts_events(case, arm.events):
                saw = f"the quote speaks of {arm.events} events, and {arm.events} people were entered"
                yield found("events_not_people", f"numbers.{name}.events", saw)
    elif isinstance(numbers, EventRates):
        for name, rate in (("experimental", numbers.experimental), ("control", numbers.control)):
            if _counts_people(case, rate.events):
                saw = f"the quote speaks of {rate.events} people, and {rate.events} events were entered"
                yield found("events_not_people", f"numbers.{name}.events", saw)


def person_time(case: Case) -> Findings:
    """A rate needs time at risk, and not more of it than the trial had."""
    numbers = case.extraction.numbers
    if isinstance(numbers, EventRates):
        for name, rate in (("experimental", numbers.experimental), ("control", numbers.control)):
            yield from _time_of(case, name, rate)
    elif isinstance(numbers, ReportedContrast) and numbers.measure == "IRR" and not _says_time(case):
        saw = f"a rate ratio of {shown(numbers.estimate)}, and no quote speaks of person-time"
        yield found("no_person_time", "numbers.estimate", saw)


def shared_control(case: Case) -> Findings:
    """Two cells that would pool the same control people twice."""
    cell = case.extraction.cell
    for item in case.siblings:
        other = item.cell
        if isinstance(item.numbers, NoNumbers) or other.control != cell.control:
            continue
        same = (other.outcome, other.weeks, other.scale) == (cell.outcome, cell.weeks, cell.scale)
        if same and other.experimental != cell.experimental and _pooled_together(case, other.experimental):
            saw = f"'{cell.control}' is the control of both '{cell.experimental}' and '{other.experimental}'"
            yield found("shared_control", "cell.control", saw)


def co_intervention(case: Case) -> Findings:
    """Arms that differ in more than the treatment, or of which there are several."""
    cell, what = case.extraction.cell, case.what
    if what is None or len(what.arms) < 3:
        return
    for field, name in (("cell.experimental", cell.experimental), ("cell.control", cell.control)):
        arms = [arm for arm in what.arms if arm.intervention == name]
        if len(arms) > 1 and name not in {arm.id for arm in what.arms}:
            saw = f"'{name}' may be {' or '.join(arm.id for arm in arms)}"
            yield found("which_arm", field, saw)
    one, two = case.arm(cell.experimental), case.arm(cell.control)
    if one is None or two is None:
        return
    foreign = next((arm for arm in (one, two) if arm.intervention == OTHER), None)
    if foreign is not None:
        saw = f"the arm '{foreign.id}' ({foreign.label}) is of no intervention that this review compares"
        yield found("co_intervention", "cell.experimental" if foreign == one else "cell.control", saw)
    elif _beside(one) and _beside(two) and _beside(one) != _beside(two):
        saw = f"one arm has '{_beside(one)}' beside the treatment and the other '{_beside(two)}'"
        yield found("co_intervention", "cell.control", saw)


def _says_time(case: Case) -> bool:
    return any(_TIME.search(item.text) for item in case.passages)


def _same_people(case: Case, a: int, b: int) -> bool:
    """Whether the two groups together are more people than the trial has, as the same people twice are."""
    arms = [arm.n_randomised for arm in case.what.arms if arm.n_randomised] if case.what else []
    return bool(arms) and a + b > max(arms)


def _points(numbers: object) -> tuple[float | None, float | None]:
    """A difference in points, and the SD of the values it is of, where another cell gives them."""
    match numbers:
        case ReportedContrast(measure="MD", estimate=points):
            return points, None
        case ArmMeans() as means:
            one, two = sides(means)
            sd = sqrt((one.sd**2 + two.sd**2) / 2) if one.sd and two.sd else None
            return one.mean - two.mean, sd
        case _:
            return None, None


def _baseline_sds(case: Case) -> tuple[float, ...]:
    """SDs that some words give for the start of the trial: `baseline 7.66 (1.55)`, `baseline ... SD 1.6`."""
    quotes = [quote.text for item in (case.extraction, *case.siblings) for quote in item.quotes]
    words = [*quotes, *(case.what.notes if case.what else ())]
    found_ones: list[str] = []
    for text in words:
        for clause in re.split(r"[;]|\.(?:\s|$)", passage(text).text):
            _, told, after = clause.lower().partition("baseline")
            found_ones += _IN_BRACKETS.findall(after) if told else []
    values = [float(one) for one in found_ones if float(one) > 0]
    pairs = [sqrt((a**2 + b**2) / 2) for a, b in pairwise(values)]
    return (*values, *pairs)


def _room(d: float) -> float:
    """How far an implied SD may be off because d was rounded to two decimals; at most a tenth."""
    return min(0.005 / abs(d) + 0.02, 0.1)


def _counts_events(case: Case, count: int) -> bool:
    return count > 0 and any(
        int(match["count"]) == count and not _PEOPLE.search(match.group())
        for item in case.passages
        for match in _EVENTS.finditer(item.text)
    )


def _counts_people(case: Case, count: int) -> bool:
    pattern = re.compile(
        rf"(?<![\d.]){count}\s+(?:of\s+\d+\s+)?(?:\(\d+(?:\.\d+)?%\)\s+)?(?:{_PEOPLE.pattern})", re.IGNORECASE
    )
    return count > 0 and any(pattern.search(item.text) for item in case.passages)


def _time_of(case: Case, name: str, rate: ArmRate) -> Findings:
    if rate.person_weeks is None:
        saw = f"{rate.events} events, and no person-time"
        yield found("no_person_time", f"numbers.{name}.person_weeks", saw)
        return
    arm = case.arm(getattr(case.extraction.cell, name))
    if arm is None or arm.n_randomised is None:
        return
    most = arm.n_randomised * case.extraction.cell.weeks
    if rate.person_weeks > most * LONGER:
        saw = f"{shown(rate.person_weeks)} person-weeks; {arm.n_randomised} people in "
        saw += f"{shown(case.extraction.cell.weeks)} weeks have {shown(most)} at most"
        yield found("person_time", f"numbers.{name}.person_weeks", saw)


def _pooled_together(case: Case, other: str) -> bool:
    """Whether both experimental arms are of the treatment of one comparison."""
    mine, theirs = (_intervention(case, name) for name in (case.extraction.cell.experimental, other))
    return any(item.experimental == mine == theirs for item in case.protocol.comparisons)


def _intervention(case: Case, name: str) -> str:
    arm = case.arm(name)
    return arm.intervention if arm else name


def _beside(arm: Arm) -> str:
    """What an arm's label names beside its treatment: `LDN with sham tDCS` has `sham tdcs`."""
    parts = _WITH.split(arm.label, maxsplit=1)
    return " ".join(parts[1].split()).lower() if len(parts) == 2 else ""


CHECKS = (independent, periods, baseline_sd, events_or_people, person_time, shared_control, co_intervention)
