"""Results that a register has posted, taken apart into tables: every text as the register gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
OUTCOMES = "resultsSection.outcomeMeasuresModule.outcomeMeasures"
EVENTS = "resultsSection.adverseEventsModule.eventGroups"
MOST = 200  # outcome measures; the largest entry known has fewer


@dataclass(frozen=True)
class Group:
    id: str
    title: str
    count: str = ""  # people analysed


@dataclass(frozen=True)
class Measured:
    """One group's entry in one row. `locator` is the path of the register's field."""

    group: str
    value: str
    locator: str
    spread: str = ""
    low: str = ""
    high: str = ""
    count: str = ""
    said: str = ""

    @property
    def text(self) -> str:
        """The entry as tables print it."""
        ends = f" ({self.low} to {self.high})" if self.low or self.high else ""
        return f"{self.value}{f' ({self.spread})' if self.spread else ends}"


@dataclass(frozen=True)
class Row:
    label: str
    entries: tuple[Measured, ...]

    def of(self, group: str) -> Measured | None:
        return next((item for item in self.entries if item.group == group), None)


@dataclass(frozen=True)
class Comparison:
    """One statistical analysis as posted; the register does not say which group was taken from which."""

    locator: str
    groups: tuple[str, ...]
    measure: str
    estimate: str
    level: str
    low: str
    high: str
    spread: str
    spread_words: str
    p: str
    method: str


@dataclass(frozen=True)
class Posted:
    """One outcome measure, or one kind of adverse event: groups across, rows down."""

    id: str
    title: str
    when: str
    unit: str
    param: str
    spread_words: str
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...] = ()

    def group(self, name: str) -> str:
        return next((item.title for item in self.groups if item.id == name), name)


def posted_results(study: Json) -> tuple[Posted, ...]:
    """Return the posted outcome measures and adverse events of one study's entry, in the register's order.

    What is missing or of another shape than the register documents is left out, never guessed.
    """
    results = _at(study, "resultsSection")
    measures = _list(_at(results, "outcomeMeasuresModule"), "outcomeMeasures")
    found = [_measure(item, index) for index, item in enumerate(measures[:MOST])]
    return (*found, *_adverse(_at(results, "adverseEventsModule")))


def _measure(item: Json, index: int) -> Posted:
    here = f"{OUTCOMES}[{index}]"
    counts = _counts(item)
    groups = tuple(
        Group(_text(g, "id"), _text(g, "title"), counts.get(_text(g, "id"), ""))
        for g in _list(item, "groups")
    )
    return Posted(
        id=f"o{index}",
        title=_text(item, "title"),
        when=_text(item, "timeFrame"),
        unit=_text(item, "unitOfMeasure"),
        param=_text(item, "paramType").replace("_", " ").capitalize(),
        spread_words=_text(item, "dispersionType"),
        groups=groups,
        rows=tuple(_rows(item, here, counts)),
        comparisons=tuple(
            _comparison(found, f"{here}.analyses[{number}]")
            for number, found in enumerate(_list(item, "analyses"))
        ),
    )


def _rows(item: Json, here: str, counts: Mapping[str, str]) -> Iterator[Row]:
    param = _text(item, "paramType").replace("_", " ").capitalize()
    about = f"{_text(item, 'title')} [{_text(item, 'timeFrame')}]"
    titles = {_text(group, "id"): _text(group, "title") for group in _list(item, "groups")}
    for c, klass in enumerate(_list(item, "classes")):
        own = {**counts, **_counts(klass)}
        for k, category in enumerate(_list(klass, "categories")):
            label = ", ".join(filter(None, (_text(klass, "title"), _text(category, "title"))))
            entries = []
            for m, measured in enumerate(_list(category, "measurements")):
                group = _text(measured, "groupId")
                parts = (_text(measured, name) for name in ("value", "spread", "lowerLimit", "upperLimit"))
                value, spread, low, high = parts
                given = [
                    f"{param} {value}",
                    *([f"{_text(item, 'dispersionType')} {spread}"] if spread else []),
                ]
                given += [f"{_text(item, 'dispersionType')} {low} to {high}"] if low or high else []
                given += [f"Participants analyzed {own[group]}"] if own.get(group) else []
                said = (
                    f"{about}{f', {label}' if label else ''}. {titles.get(group, group)}: {'; '.join(given)}"
                )
                place = f"{here}.classes[{c}].categories[{k}].measurements[{m}]"
                entries.append(Measured(group, value, place, spread, low, high, own.get(group, ""), said))
            yield Row(label, tuple(entries))


def _comparison(item: Json, here: str) -> Comparison:
    groups = item.get("groupIds")
    return Comparison(
        here,
        tuple(str(name) for name in groups) if isinstance(groups, list) else (),
        _text(item, "paramType"),
        _text(item, "paramValue"),
        _text(item, "ciPctValue"),
        _text(item, "ciLowerLimit"),
        _text(item, "ciUpperLimit"),
        _text(item, "dispersionValue"),
        _text(item, "dispersionType"),
        _text(item, "pValue"),
        _text(item, "statisticalMethod"),
    )


def _adverse(module: Json) -> Iterator[Posted]:
    groups = _list(module, "eventGroups")
    kinds = (("serious", "Serious adverse events"), ("other", "Other adverse events"), ("deaths", "Deaths"))
    for kind, title in kinds if groups else ():
        entries = []
        for index, group in enumerate(groups):
            affected, at_risk = _text(group, f"{kind}NumAffected"), _text(group, f"{kind}NumAtRisk")
            if affected and at_risk:
                about = f"{title} [{_text(module, 'timeFrame')}]. {_text(group, 'title')}"
                said = f"{about}: {affected} affected of {at_risk} at risk"
                place = f"{EVENTS}[{index}].{kind}NumAffected"
                entries.append(Measured(_text(group, "id"), affected, place, count=at_risk, said=said))
        if entries:
            named = tuple(
                Group(_text(g, "id"), _text(g, "title"), _text(g, f"{kind}NumAtRisk")) for g in groups
            )
            yield Posted(
                kind,
                title,
                _text(module, "timeFrame"),
                "Participants",
                "Count of participants",
                "",
                named,
                (Row("Participants affected", tuple(entries)),),
            )


def _counts(item: Json) -> dict[str, str]:
    """People analysed in each group, where the register counts people."""
    for denom in _list(item, "denoms"):
        if _text(denom, "units").lower() == "participants":
            return {_text(count, "groupId"): _text(count, "value") for count in _list(denom, "counts")}
    return {}


def _at(found: Json, name: str) -> Json:
    inner = found.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _list(found: Json, name: str) -> list[Json]:
    inner = found.get(name)
    return [item for item in inner if isinstance(item, Mapping)] if isinstance(inner, list) else []


def _text(found: Json, name: str) -> str:
    value = found.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
