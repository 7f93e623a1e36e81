"""The way of a number in words: what each cause was, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator

from living.model.difference import Point
from living.model.protocol import Analysis, Protocol
from living.model.snapshot import ContrastOut
from living.model.values import Value
from living.review.stages import Stage
from living.review.wording import interval, signed, spelled

NO_NUMBER = "no number"
_SILENT = frozenset({"id", "label", "role", "note", "important_difference", "sensitivity", "subgroups"})
_LOOKED_UP = frozenset({"outcome", "comparison", "window", "models"})


def cause_of(
    before: Stage,
    after: Stage,
    analysis: str,
    was: ContrastOut | None,
    now: ContrastOut | None,
    *,
    ratio: bool = False,
    grouped: bool = False,
) -> str:
    """Return what a cause was, as one analysis sees it; `was` and `now` are its study's lines there."""
    match after.cause:
        case "methods":
            return _methods(before.protocol, after.protocol, analysis)
        case "corrected":
            return _corrected(after.label, was, now, ratio, grouped)
        case "verified":
            told = f"checked by readers, entered with {_row(now, ratio)}" if now else "open again, left"
            return f"{after.label}, {told}"
        case "added":
            return f"{after.label} {after.told}" + (f" with {_row(now, ratio)}" if now else "")
        case _:
            return f"{after.label} {after.told}"


def said_of(text: str, was: Point, now: Point, shift: float | None) -> str:
    """Return a cause with what it did: `INNOVA entered: 0.04 (two studies) became 0.16, a shift of +0.12.`"""
    return f"{text}: {number(was)} became {number(now)}; {_moved(shift, was, now)}."


def sentence(label: str, first: Point, last: Point, total: float | None) -> str:
    """Return a whole way in one sentence."""
    if number(first) == number(last) and total is not None and f"{abs(total):.2f}" == "0.00":
        return f"{label}: {number(last)} in both versions."
    whole = "" if total is None else "in all "
    return f"{label}: {number(first)} became {number(last)}; {whole}{_moved(total, first, last)}."


def number(point: Point) -> str:
    """Return a point in words: estimate, interval and studies, or why there is no number."""
    if point.estimate is None or point.low is None or point.high is None:
        return f"{NO_NUMBER} ({point.reason})" if point.reason else NO_NUMBER
    shown = f"{signed(point.estimate, point.ratio)} ({interval(point.low, point.high, point.ratio)}"
    studies = "one study" if point.k == 1 else f"{spelled(point.k)} studies"
    too_few = "" if point.given or point.k == 1 else ", too few for a result"
    return f"{shown}; {studies}{too_few})"


def no_shift(was: Point, now: Point) -> str:
    """Return why no shift can be told between two points."""
    if was.estimate is None and now.estimate is None:
        return "no number before or after"
    if was.estimate is None:
        return "there was no number before"
    if now.estimate is None:
        return "there is no number any more"
    if was.asks != now.asks:
        return "the analysis asks another question now"
    return f"{was.measure_label} in {was.unit} and {now.measure_label} in {now.unit} are not on one scale"


def _moved(shift: float | None, was: Point, now: Point) -> str:
    if shift is None:
        return no_shift(was, now)
    if was.ratio:
        return f"a shift by the factor {signed(shift, ratio=True)}"
    told = signed(shift)
    if not float(told.replace("\N{MINUS SIGN}", "-")):
        return "the estimate moved by less than 0.01"
    return f"a shift of {'+' if shift > 0 else ''}{told}"


def _corrected(
    label: str, was: ContrastOut | None, now: ContrastOut | None, ratio: bool, grouped: bool
) -> str:
    if grouped and not (was and now):
        return f"{label}, corrected, {'joined' if now else 'left'} this group"
    return f"{label}, corrected: {_row(was, ratio)} became {_row(now, ratio)}"


def _row(row: ContrastOut | None, ratio: bool) -> str:
    if row is None:
        return NO_NUMBER
    return f"{signed(row.estimate, ratio)} ({interval(row.low, row.high, ratio)})"


def _methods(old: Protocol, new: Protocol, name: str) -> str:
    before, after = (next((item for item in side.analyses if item.id == name), None) for side in (old, new))
    if before is None:
        return "Methods: the protocol asks for this analysis now"
    if after is None:
        return "Methods: the protocol does not ask for this analysis any more"
    told = "; ".join(_changes(old, before, new, after))
    return f"Methods: {told}" if told else "Methods changed"


def _changes(old: Protocol, before: Analysis, new: Protocol, after: Analysis) -> Iterator[str]:
    yield from _fields(before, after, _SILENT | _LOOKED_UP)
    for one, other in zip(_named(old, before), _named(new, after), strict=True):
        yield from _fields(one, other, _SILENT)
    scales = {item.id: item for item in old.scales}
    for scale in new.scales:
        if scale.id in scales and scale.to_unit != scales[scale.id].to_unit:
            yield f"{scale.label}: {scales[scale.id].to_unit:g} became {scale.to_unit:g} units a point"
    for kind in ("sensitivity", "subgroups"):
        if getattr(before, kind) != getattr(after, kind):
            yield f"{'sensitivity analyses' if kind == 'sensitivity' else kind} declared otherwise"
    if any(item in new.subgroups for item in old.subgroups) and old.subgroups != new.subgroups:
        yield "subgroups split otherwise"


def _named(protocol: Protocol, analysis: Analysis) -> tuple[Value, ...]:
    """What an analysis names: its outcome, comparison, window and model."""
    return (
        next(item for item in protocol.outcomes if item.id == analysis.outcome),
        next(item for item in protocol.comparisons if item.id == analysis.comparison),
        next(item for item in protocol.windows if item.id == analysis.window),
        protocol.models[analysis.models],
    )


def _fields(old: Value, new: Value, silent: frozenset[str]) -> Iterator[str]:
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name not in silent and before != after:
            yield f"{name.replace('_', ' ')} {_value(before)} became {_value(after)}"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(item) for item in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None or value == "" else str(value)
