"""Names of derived things: a cell's id, a study's slug, a reported number in words."""

from __future__ import annotations

import re
import unicodedata

from living.model.facts import Cell
from living.model.numbers import (
    CI,
    SD,
    SE,
    ArmEvents,
    ArmMean,
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    NotReported,
    Numbers,
    PairedDifference,
    PairedMeans,
    PValue,
    Quartiles,
    ReportedContrast,
    TestT,
)
from living.model.values import digest
from living.review.wording import MINUS

LONGEST = 40  # letters of a label or an id in an address: a file's name holds 100


def cell_id(cell: Cell) -> str:
    """Return the id of a cell within its study: outcome, arms, scale, weeks, estimand."""
    parts = (
        cell.outcome,
        f"{cell.experimental}-v-{cell.control}",
        cell.scale,
        f"{cell.weeks:g}w",
        cell.estimand,
    )
    return "_".join(part for part in parts if part)


def slug_of(label: str, key: str) -> str:
    """Return a study's name for addresses: its label in plain letters and its key's id, never a slash.

    An id that plain letters and dashes cannot give, or a long one, is told apart by a digest of the key.
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    tail = key.partition(":")[2].lower()
    shown = _dashed(tail)[:LONGEST].strip("-")
    told_apart = "" if shown == tail else digest(key)[:8]
    return "-".join(part for part in (_dashed(plain)[:LONGEST].strip("-"), shown, told_apart) if part)


def _dashed(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def said(numbers: Numbers) -> str:
    """Return what was reported, in one line of words and digits, as a table prints it."""
    match numbers:
        case ArmMeans(values=values, experimental=one, control=two):
            kind = "mean change" if values == "change" else "mean"
            return f"{kind} {_arm(one)} v {_arm(two)}"
        case PairedDifference(n=n, difference=difference, precision=precision):
            unit = " percentage points" if numbers.values == "percent_change" else ""
            return f"paired difference {_num(difference)}{unit} {_precision(precision)}, n {n}"
        case PairedMeans(n=n):
            return (
                f"means {_num(numbers.mean_experimental)} (SD {_num(numbers.sd_experimental)}) v "
                f"{_num(numbers.mean_control)} (SD {_num(numbers.sd_control)}) in the same {n} people"
            )
        case EventCounts(experimental=first, control=second):
            return f"{_events(first)} v {_events(second)}"
        case EventRates(experimental=left, control=right):
            time = "" if left.person_weeks else ", person-time not reported"
            return f"{left.events} v {right.events} events{time}"
        case ReportedContrast(estimand=estimand, measure=measure):
            kind = {"MD": "difference", "SMD": "standardised difference"}.get(measure, measure)
            return f"{estimand} {kind} {_num(numbers.estimate)} {_precision(numbers.precision)}".strip()
        case NoNumbers(reason=reason):
            return reason


def _num(value: float) -> str:
    return f"{value:g}".replace("-", MINUS)


def _arm(arm: ArmMean) -> str:
    match arm.spread:
        case SD(sd=sd):
            spread = f"SD {_num(sd)}"
        case SE(se=se):
            spread = f"SE {_num(se)}"
        case CI(low=low, high=high, level=level):
            spread = f"{level * 100:g}% CI {_num(low)} to {_num(high)}"
        case Quartiles(q1=q1, q3=q3):
            return f"median {_num(arm.mean)} (quartiles {_num(q1)} to {_num(q3)}; n {arm.n})"
        case NotReported():
            spread = "no SD reported"
    return f"{_num(arm.mean)} ({spread}; n {arm.n})"


def _precision(precision: SE | CI | TestT | PValue | NotReported) -> str:
    match precision:
        case SE(se=se):
            return f"(SE {_num(se)})"
        case CI(low=low, high=high, level=level):
            return f"({level * 100:g}% CI {_num(low)} to {_num(high)})"
        case TestT(t=t):
            return f"(t {_num(t)})"
        case PValue(p=p):
            return f"(P {_num(p)})"
        case NotReported():
            return "(no interval reported)"


def _events(arm: ArmEvents) -> str:
    return f"{arm.events}/{arm.total}"
