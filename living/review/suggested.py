"""Posted results as suggestions: what a register's table would fill, for a person to confirm or leave."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from living.model.facts import Arm
from living.model.values import canonical
from living.review.fields import Fields, placed
from living.review.posted import Comparison, Measured, Posted
from living.review.typed import number, whole

MOST = 400
_WEEKS = re.compile(r"\b(\d{1,3})\s*weeks?\b|\bweeks?\s*(\d{1,3})\b", re.IGNORECASE)
_SPREAD = {
    "standard deviation": "sd",
    "standard error": "se",
    "standard error of the mean": "se",
    "95% confidence interval": "ci",
    "inter-quartile range": "quartiles",
    "": "not_reported",
}
_ENDS = {"ci": ("low", "high"), "quartiles": ("q1", "q3")}


@dataclass(frozen=True)
class Suggestion:
    """Numbers of one row and two groups. Without a `datum` they fit no field, and `why` says so.

    `groups`: ids and titles, the first as experimental unless the person turns them round.
    """

    id: str
    posted: str
    row: str
    groups: tuple[tuple[str, str], ...]
    datum: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()
    weeks: str = ""
    why: str = ""
    turns: bool = True  # whether either group can be taken as the experimental one


def suggestions(posted: Sequence[Posted], design: str) -> tuple[Suggestion, ...]:
    """Return what the tables suggest for a study of this design, in the tables' order; at most 400.

    None is ever a fact. A table that fits no kind of datum is suggested as text alone, with the reason.
    """
    found = [item for table in posted for item in (*_of_rows(table, design), *_of_analyses(table))]
    return tuple(found[:MOST])


def filled_cell(
    suggestion: Suggestion, row: str, report: str, arms: Sequence[Arm], turned: bool
) -> dict[str, str]:
    """Return the fields of a new cell with a suggestion in it. Outcome and scale are left to the person."""
    numbers = dict(_turned(suggestion.numbers) if turned else suggestion.numbers)
    groups = tuple(reversed(suggestion.groups)) if turned else suggestion.groups
    fields = {**numbers, "datum": suggestion.datum, "weeks": suggestion.weeks, "from": suggestion.id}
    fields["was"] = canonical(numbers)
    if suggestion.turns:
        fields |= {
            side: _arm(title, arms)
            for side, (_, title) in zip(("experimental", "control"), groups, strict=False)
        }
    for index, (locator, text) in enumerate(suggestion.quotes):
        quote = {"report": report, "locator": locator, "kind": "verbatim", "text": text}
        fields |= placed(quote, f"q{index}")
    return placed(fields, row)


def changed(cell: Fields) -> tuple[tuple[str, str, str], ...]:
    """Return what a person changed in a cell that was suggested: field, suggested, typed."""
    was = suggested_numbers(cell)
    return tuple(
        (path, text, cell.get(path, "").strip())
        for path, text in was.items()
        if number(text).value != number(cell.get(path, "")).value
    )


def suggested_numbers(cell: Fields) -> Mapping[str, str]:
    """Return the numbers that were suggested for a cell, by field; none where nothing was."""
    try:
        was = json.loads(cell.get("was", "") or "{}")
    except ValueError:
        return {}
    return {str(path): str(text) for path, text in was.items()} if isinstance(was, dict) else {}


def _of_rows(table: Posted, design: str) -> Iterator[Suggestion]:
    for index, row in enumerate(table.rows):
        for one, two in combinations(row.entries, 2):
            groups = tuple((item.group, table.group(item.group)) for item in (one, two))
            name = f"{table.id}.r{index}.{one.group}.{two.group}"
            datum, numbers, why = _numbers(table, one, two, design)
            quotes = tuple((item.locator, item.said) for item in (one, two))
            plain = Suggestion(name, table.id, row.label, groups, quotes=quotes, weeks=_weeks(table.when))
            yield Suggestion(**{**vars(plain), "datum": datum, "numbers": numbers, "why": why})


def _numbers(
    table: Posted, one: Measured, two: Measured, design: str
) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """Return kind of datum and numbers, or nothing and the reason."""
    param, pairs = table.param.lower(), (("experimental", one), ("control", two))
    if "count of participants" in param or (param == "number" and table.unit.lower() == "participants"):
        if design == "crossover":
            return "", (), "counts of a crossover's periods are of the same people, not of two groups"
        found = [
            (f"{side}.{path}", text)
            for side, item in pairs
            for path, text in (("events", item.value), ("total", item.count))
        ]
        return _checked("counts", found, counts=True)
    middle = "median" if "median" in param else "mean" if "mean" in param else ""
    by = _SPREAD.get(table.spread_words.lower(), "")
    if not middle or not by or (middle == "median") != (by == "quartiles"):
        given = " and ".join(filter(None, (table.param.lower(), table.spread_words.lower())))
        return "", (), f"no kind of datum is given as {given} in {table.unit.lower() or 'these units'}"
    if design == "crossover":
        return _crossover(one, two, by)
    found = []
    for side, item in pairs:
        found += [(f"{side}.n", item.count), (f"{side}.mean", item.value)]
        if by in _ENDS:
            found += [
                (f"{side}.spread.{end}", text)
                for end, text in zip(_ENDS[by], (item.low, item.high), strict=True)
            ]
        elif by != "not_reported":
            found.append((f"{side}.spread.{by}", item.spread))
    return _checked(f"means_{by}", found, level=by == "ci")


def _crossover(one: Measured, two: Measured, by: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    if by != "sd":
        return "", (), "only SDs of a crossover's period means can be entered beside each other"
    if one.count != two.count:
        return "", (), "the two periods count different numbers of people"
    found = [("n", one.count), ("mean_experimental", one.value), ("sd_experimental", one.spread)]
    return _checked("paired_means", [*found, ("mean_control", two.value), ("sd_control", two.spread)])


def _checked(
    datum: str, found: list[tuple[str, str]], counts: bool = False, level: bool = False
) -> tuple[str, tuple[tuple[str, str], ...], str]:
    for path, text in found:
        reader = whole if counts or path.endswith((".n", ".total")) or path == "n" else number
        if reader(text).value is None:
            return (
                "",
                (),
                f"the register's '{text}' is no number that fits" if text else "a number is missing",
            )
    return datum, (*found, *((("level", "95"),) if level else ())), ""


def _of_analyses(table: Posted) -> Iterator[Suggestion]:
    for index, item in enumerate(table.comparisons):
        groups = tuple((name, table.group(name)) for name in item.groups)
        datum, numbers, why = _contrast(item)
        pair = " against ".join(title for _, title in groups)
        said = f"{table.title} [{table.when}]. {pair}: {_printed(item)}"
        yield Suggestion(
            f"{table.id}.a{index}",
            table.id,
            f"Analysis: {item.measure or item.method or 'statistical test'}",
            groups,
            datum,
            numbers,
            ((item.locator, said),),
            _weeks(table.when),
            why,
            turns=False,
        )


def _contrast(item: Comparison) -> tuple[str, tuple[tuple[str, str], ...], str]:
    words = item.measure.lower()
    ratio = next((code for text, code in _RATIOS if text in words), "")
    if not ratio and "difference" not in words:
        return "", (), "this is no difference and no ratio that a field takes"
    if "percent" in words or ("risk" in words and not ratio):
        return "", (), "a difference of percentages fits no field"
    start = f"ratio_{'rate' if ratio == 'IRR' else 'binary'}" if ratio else "contrast"
    found = [("estimate", item.estimate)]
    extra: tuple[tuple[str, str], ...] = ()
    if item.low and item.high and item.level in ("90", "95", "99"):
        found += [("precision.low", item.low), ("precision.high", item.high)]
        by, extra = "ci", (("level", item.level),)
    elif item.spread and "error" in item.spread_words.lower():
        found.append(("precision.se", item.spread))
        by = "se"
    else:
        return "", (), "neither a two-sided interval nor a standard error is posted with it"
    datum, numbers, why = _checked(f"{start}_{by}", found)
    return datum, (("measure", ratio or "MD"), *numbers, *extra) if datum else (), why


_RATIOS = (("odds ratio", "OR"), ("hazard ratio", "HR"), ("risk ratio", "RR"), ("rate ratio", "IRR"))


def _printed(item: Comparison) -> str:
    parts = (
        f"{item.measure} {item.estimate}" if item.estimate else "",
        f"{item.level}% CI {item.low} to {item.high}" if item.low or item.high else "",
        f"{item.spread_words.replace('_', ' ').lower()} {item.spread}" if item.spread else "",
        f"P {item.p}" if item.p else "",
        item.method,
    )
    return "; ".join(filter(None, parts))


def _turned(numbers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the numbers with the two arms exchanged; the fields stay in their order."""
    values = dict(numbers)
    swap = {"experimental": "control", "control": "experimental"}
    return [(path, values[re.sub("experimental|control", lambda m: swap[m[0]], path)]) for path, _ in numbers]


def _arm(title: str, arms: Sequence[Arm]) -> str:
    """The one arm whose label the register's group carries; empty where that is not clear."""
    fits = [arm.id for arm in arms if arm.label.casefold() in title.casefold()]
    return fits[0] if len(fits) == 1 else ""


def _weeks(when: str) -> str:
    """The one number of weeks a time frame names; months and several times are left to the person."""
    found = {one or two for one, two in _WEEKS.findall(when)}
    return found.pop() if len(found) == 1 else ""
