"""Other reviews' printed results: from a file of what they print to facts, each with its date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from living.model.facts import PublishedInput, PublishedPool
from living.model.protocol import Protocol
from living.model.values import Slug, Text, Value
from living.review.documents import build, load, refuse, suggestion
from living.review.printed import MEASURES, kind_of, number

COMMON = (
    "doi",
    "url",
    "model",
    "k_total",
    "n_total",
    "tau2_method",
    "interval_method",
    "corrigendum",
    "note",
)
HANDED_DOWN = (*COMMON, "read_in", "imported", "available_from")  # a result's own say comes first


class PrintedResult(PublishedPool):
    """A result as it stands in the file; what it leaves out it has from its review."""

    available_from: Text


class PrintedReview(Value):
    id: Slug
    review: Text
    results: Annotated[tuple[PrintedResult, ...], Field(min_length=1)]


class PrintedFile(Value):
    topic: Text
    reviews: tuple[PrintedReview, ...] = ()


def read_published(text: str, where: str, protocol: Protocol) -> tuple[PrintedResult, ...]:
    """Read printed results and check them against the protocol; they come in the order of the file.

    An id that stands several times is one result at several dates: the print, then what became of it. Raises
    UserError naming file, result, key and fault.
    """
    data = load(text, where)
    for review in _tables(data, "reviews"):
        _hand_down(review)
    found = build(PrintedFile, data, where)
    faults = [*_faults(found, protocol)]
    if faults:
        refuse(faults, where)
    return tuple(result for review in found.reviews for result in review.results)


def known_then(results: tuple[PrintedResult, ...], day: str) -> tuple[PublishedPool, ...]:
    """Return the results as they were to be had by the end of a day, the latest of each id."""
    found: dict[str, PublishedPool] = {}
    for result in results:
        if result.available_from <= day[: len(result.available_from)]:
            found[result.id] = PublishedPool.model_validate(result.model_dump(exclude={"available_from"}))
    return tuple(found.values())


def _tables(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _hand_down(review: dict[str, Any]) -> None:
    """Write out what a review's results leave to be understood."""
    given = {name: review.pop(name) for name in HANDED_DOWN if name in review}
    for result in _tables(review, "results"):
        result.setdefault("review", review.get("review", ""))
        for name, value in given.items():
            result.setdefault(name, value)


def _faults(found: PrintedFile, protocol: Protocol) -> Iterator[str]:
    if found.topic != protocol.topic.id:
        yield f"topic: '{found.topic}' is not the protocol's topic '{protocol.topic.id}'"
    dates: dict[str, str] = {}
    for review in found.reviews:
        for result in review.results:
            path = f"reviews[{review.id}].results[{result.id}]"
            if result.review != review.review:
                yield f"{path}.review: '{result.review}' is not its review '{review.review}'"
            if result.imported is None:
                yield f"{path}: the grade `imported` is missing (A read there, B told by others, C derived)"
            if result.available_from <= dates.get(result.id, ""):
                yield f"{path}: the id stands twice; a later print needs a later `available_from`"
            dates[result.id] = result.available_from
            yield from _odd_numbers(path, result)
            yield from _odd_names(path, result, protocol)


def _odd_numbers(path: str, result: PrintedResult) -> Iterator[str]:
    if kind_of(result.measure) not in MEASURES:
        known = ", ".join(MEASURES)
        yield f"{path}.measure: '{result.measure}' begins with no measure known here ({known})"
    for name in ("estimate", "low", "high"):
        text = getattr(result, name)
        if text and number(text) is None:
            yield f"{path}.{name}: '{text}' is no number; copy it digit for digit, or leave it out"
    if bool(result.low) != bool(result.high):
        yield f"{path}: one limit of the interval stands alone; give both or neither"


def _odd_names(path: str, result: PrintedResult, protocol: Protocol) -> Iterator[str]:
    analyses = {item.id: item for item in protocol.analyses}
    if result.analysis and result.analysis not in analyses:
        yield f"{path}.analysis: no analysis '{result.analysis}'{suggestion(result.analysis, analyses)}"
    elif result.group:
        yield from _odd_group(path, result, protocol)
    comparisons = [item.id for item in protocol.comparisons]
    for one in result.inputs:
        if one.comparison and one.comparison not in comparisons:
            told = suggestion(one.comparison, comparisons)
            yield f"{path}.inputs[{one.label}].comparison: no comparison '{one.comparison}'{told}"
    labels = [_line(one) for one in result.inputs]
    for label in dict.fromkeys(labels):
        if labels.count(label) > 1:
            yield f"{path}.inputs: {label[0]} stands {labels.count(label)} times in one comparison"


def _odd_group(path: str, result: PrintedResult, protocol: Protocol) -> Iterator[str]:
    if not result.analysis:
        yield f"{path}.group: a group is one of an analysis; name its `analysis` too"
        return
    splits = next(item.subgroups for item in protocol.analyses if item.id == result.analysis)
    known = [
        f"{item.id}/{level.id}" for item in protocol.subgroups if item.id in splits for level in item.levels
    ]
    if result.group not in known:
        told = suggestion(result.group, known)
        yield f"{path}.group: '{result.group}' is no group of {result.analysis}{told}"


def _line(one: PublishedInput) -> tuple[str, str]:
    return one.label, one.comparison
