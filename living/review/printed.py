"""Does one printed result of another review agree with itself? What it prints, compared with rounding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import log

from living import stats
from living.model.facts import PublishedPool
from living.model.surroundings import Check
from living.review.wording import MINUS, spelled

# What a measure's first word says of it: whether it is a ratio.
MEASURES = {"MD": False, "SMD": False, "RD": False, "RR": True, "OR": True, "IRR": True, "HR": True}
SAME_RULE = "same_rule"
MOST_STUDIES = 30  # tried where neither a result nor its review says how many it has
_P_WORDS = "pP= "


def kind_of(measure: str) -> str:
    """Return the first word of a printed measure, such as SMD of `SMD (Cohen d)`."""
    return measure.split()[0].rstrip(",;:").upper()


def is_ratio(measure: str) -> bool:
    return MEASURES.get(kind_of(measure), False)


def number(text: str) -> stats.Printed | None:
    """Read a printed number (`0.31`, `<0.001`, a real minus, a raised point); None when it is none."""
    plain = text.strip().lstrip(_P_WORDS).strip().rstrip("%").replace("\N{MIDDLE DOT}", ".")
    plain = plain.replace("\N{EN DASH}", "-").replace(MINUS, "-").replace(" ", "")
    try:
        found = stats.Printed.parse(plain)
    except ValueError:
        return None
    return found if abs(found.value) < float("inf") else None  # "nan" and "inf" are no print


def value(text: str, ratio: bool) -> float | None:
    """Return a printed number, of a ratio its logarithm; None when it is none or has none."""
    found = number(text)
    if found is None or (ratio and found.value <= 0):
        return None
    return log(found.value) if ratio else found.value


def checks(pool: PublishedPool) -> tuple[Check, ...]:
    """Return what a print says against or for itself: its interval's order and middle, and its P."""
    ratio = is_ratio(pool.measure)
    estimate, low, high = (number(text) for text in (pool.estimate, pool.low, pool.high))
    if estimate is None:
        return (_not("interval", f"'{pool.estimate}' is no number"),)
    if low is None or high is None:
        missing = f"no interval is printed with {pool.estimate}"
        if pool.low or pool.high:
            missing = f"the interval '{pool.low}' to '{pool.high}' is no pair of numbers"
        return (_not("interval", missing),)
    fault = _impossible(estimate, low, high, ratio)
    if fault:
        return (Check(id="interval", verdict="contradicts", said=fault),)
    if ratio and min(item.corners[0] for item in (estimate, low, high)) <= 0:
        told = "a limit that may be zero by rounding has no logarithm to compare with"
        return (_not("interval", told), *_p_without(pool))
    return _middle(pool, ratio), *_p(pool, ratio)


def _impossible(estimate: stats.Printed, low: stats.Printed, high: stats.Printed, ratio: bool) -> str:
    if ratio and min(estimate.high, low.high, high.high) <= 0:
        return f"a ratio lies above zero, and so do its limits: {low.text} to {high.text} is none of a ratio"
    if not low.value < high.value:
        return f"the interval {low.text} to {high.text} has no width or runs backwards"
    if estimate.corners[1] < low.corners[0] or estimate.corners[0] > high.corners[1]:
        return f"the estimate {estimate.text} lies outside its own interval, {low.text} to {high.text}"
    return ""


def _middle(pool: PublishedPool, ratio: bool) -> Check:
    found = stats.check_printed(*_texts(pool), "0.5", ratio=ratio, ks=())
    scale = " on the log scale" if ratio else ""
    if found.symmetric:
        told = f"the estimate is the middle of its interval{scale}, within rounding"
        return Check(id="interval", verdict="consistent", said=told)
    told = f"the estimate is not the middle of its interval{scale}, as it is by every usual rule"
    return Check(id="interval", verdict="contradicts", said=told)


def _p(pool: PublishedPool, ratio: bool) -> Iterator[Check]:
    p = number(pool.p)
    if p is None or not 0 <= p.value <= 1:
        yield from _p_without(pool)
        return
    found = _compared(_texts(pool), p.text, ratio, pool.k, pool.k_total)
    yield _agrees(pool, found) if found.fits else _contradicts(pool, found)


def _p_without(pool: PublishedPool) -> Iterator[Check]:
    if number(pool.p) is None:
        told = f"P is printed as '{pool.p}', which is no number to compare" if pool.p else "no P is printed"
        yield _not("p", told)
    else:
        yield _not("p", f"P {pool.p} has no interval to be compared with")


def _agrees(pool: PublishedPool, found: stats.Consistency) -> Check:
    z = found.tried[0]
    knapp = [item for item in found.tried if item.k is not None]
    fitting = [item for item in knapp if item.fits]
    if z.fits:
        told = f"P {_shown(pool.p)} is consistent with a z interval ({_range(z)})"
        if fitting:
            told += f", and with Hartung-Knapp of {_studies(fitting, pool)}"
        elif knapp:
            told += f", not with Hartung-Knapp of {_studies(knapp, pool)}"
        return Check(id="p", verdict="consistent", said=told)
    only = fitting[0]
    told = f"P {_shown(pool.p)} is consistent only with Hartung-Knapp of {_studies(fitting, pool)}"
    told += f" (t on {only.df:g} df: {_range(only)}); a z interval would give {p_text(z.p)}"
    return Check(id="p", verdict="consistent", said=told)


def _contradicts(pool: PublishedPool, found: stats.Consistency) -> Check:
    z, knapp = found.tried[0], found.tried[1:]
    told = f"P {_shown(pool.p)} contradicts the interval, which gives {p_text(z.p)} by z"
    if len(knapp) == 1:
        told += (
            f" and {p_text(knapp[0].p)} by t on {knapp[0].df:g} df (Hartung-Knapp, {_studies(knapp, pool)})"
        )
    elif knapp:
        told += f" and fits no Hartung-Knapp interval of {_studies(knapp, pool)}"
    if found.p_is_statistic:
        item = found.p_is_statistic[0]
        name = "z" if item.k is None else "t"
        sizes = f"{item.statistic_low:.2f} to {item.statistic_high:.2f}"
        told += f"; {_shown(pool.p)} is the size of {name} itself ({sizes} by rounding), "
        told += "which may have been printed in place of P"
    return Check(id="p", verdict="contradicts", said=told)


def one_rule(pools: Sequence[PublishedPool]) -> dict[str, Check]:
    """Return, by id, the results of one review that need another interval rule than its others need."""
    rules = {pool.id: _rules(pool) for pool in pools}
    if not any(found == {"z"} for found in rules.values()):
        return {}
    told = "other results of this review are consistent with z intervals only: it mixes two interval rules"
    return {
        name: Check(id=SAME_RULE, verdict="contradicts", said=told)
        for name, found in rules.items()
        if found == {"HK"}
    }


def _rules(pool: PublishedPool) -> set[str]:
    """The interval rules that explain a print, `z` or `HK`; none where there is nothing to explain."""
    p, ratio = number(pool.p), is_ratio(pool.measure)
    if p is None or not any(item.id == "p" and item.verdict == "consistent" for item in checks(pool)):
        return set()
    found = _compared(_texts(pool), p.text, ratio, pool.k, pool.k_total)
    return {"z" if item.k is None else "HK" for item in found.fits}


@lru_cache(maxsize=1024)
def _compared(
    texts: tuple[str, str, str], p: str, ratio: bool, k: int | None, k_total: int | None
) -> stats.Consistency:
    """The same print gives the same finding in every version that shows it.

    Tried are the numbers of studies that the result can have: all that its review has, or any to thirty.
    """
    ks = range(2, (k_total or MOST_STUDIES) + 1)
    return stats.check_printed(*texts, p, ratio=ratio, k=k, ks=ks)


def _texts(pool: PublishedPool) -> tuple[str, str, str]:
    found = [number(text) for text in (pool.estimate, pool.low, pool.high)]
    estimate, low, high = (item.text if item else "" for item in found)
    return estimate, low, high


def _studies(found: Sequence[stats.Explanation], pool: PublishedPool) -> str:
    ks = [item.k for item in found if item.k is not None]
    if len(ks) == 1:
        return f"{spelled(ks[0])} studies"
    more = ks[-1] == MOST_STUDIES and not pool.k_total
    return f"{spelled(ks[0])} {'or more' if more else f'to {spelled(ks[-1])}'} studies"


def _range(item: stats.Explanation) -> str:
    ends = dict.fromkeys((p_text(item.p_low), p_text(item.p_high)))
    return f"{p_text(item.p)}; rounding range {' to '.join(ends)}" if len(ends) > 1 else p_text(item.p)


def p_text(p: float) -> str:
    """Return a recomputed P with three decimals, below 0.01 with four; what rounds to 0.000 as `<0.001`."""
    if p >= 0.0095:
        return f"{p:.3f}"
    return f"{p:.4f}" if p >= 0.0005 else "<0.001"


def _shown(text: str) -> str:
    return text.strip().lstrip(_P_WORDS).strip()


def _not(name: str, said: str) -> Check:
    return Check(id=name, verdict="not_checkable", said=said)
