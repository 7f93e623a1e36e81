"""One cell of the extraction form: from typed fields to an extraction, each fault beside its field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from living.model.facts import Cell, Characteristics, Extraction, Quote
from living.model.numbers import (
    ArmMeans,
    NoNumbers,
    Numbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.protocol import Outcome, Protocol
from living.review.datums import Asked, Datum, datum_of, datums_for
from living.review.fields import MOST_ROWS, QUOTE_FIELDS, Fault, Fields, below, rows
from living.review.quotes import missing_numbers
from living.review.suggested import changed
from living.review.typed import number, whole

Population = Literal["all_randomised", "completers", "not_stated"]
_TAGS = frozenset({"sd", "se", "ci", "t", "p", "quartiles", "not_reported"})
_PLAIN = {
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "missing": "is needed",
    "string_too_short": "is needed",
}
_POPULATIONS: tuple[Population, ...] = ("not_stated", "all_randomised", "completers")
_UNSAID: Population = "not_stated"
_WHERE = {
    "report": "Choose the report this was read in",
    "locator": "Say where in it: the page, table, or field of the register",
    "text": "Copy the words, or say what the figure shows",
}


@dataclass(frozen=True)
class CellRead:
    """A cell as far as it can be read. `row` is its prefix in the form."""

    row: str
    extraction: Extraction | None
    faults: tuple[Fault, ...]
    said: dict[str, str] = field(default_factory=dict)


@dataclass
class _Found:
    """What is gathered while one cell is read."""

    row: str
    faults: list[Fault] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)

    def fault(self, name: str, what: str) -> None:
        self.faults.append(Fault(f"{self.row}.{name}", what))

    def read(self, extraction: Extraction | None) -> CellRead:
        return CellRead(self.row, None if self.faults else extraction, tuple(self.faults), self.said)


def read_cell(
    typed: Fields,
    row: str,
    study: str,
    records: Collection[str],
    protocol: Protocol,
    what: Characteristics | None,
) -> CellRead:
    """Read one cell; the checks of `review.checks` come after, on what was read.

    `what` is the study's part of the same form; without it arms cannot be checked.
    """
    found = _Found(row)
    outcome = next((item for item in protocol.outcomes if item.id == typed.get("outcome")), None)
    if outcome is None:
        found.fault("outcome", "Choose what was measured")
        return found.read(None)
    datum = _datum(typed, outcome, what, found)
    cell = _cell(typed, study, outcome, datum, what, found)
    if datum is None:
        return found.read(None)
    numbers = _numbers(typed, datum, found)
    quotes, wrong = read_quotes(typed, row, records)
    found.faults += wrong
    if typed.get("from") and not typed.get("seen"):
        found.fault("seen", "These numbers were suggested: compare them with the register, then tick this")
    if numbers is not None and not isinstance(numbers, NoNumbers) and not wrong:
        _quoted(numbers, quotes, datum, found)
    if found.faults or cell is None or numbers is None:
        return found.read(None)
    extraction = Extraction(
        cell=cell,
        numbers=numbers,
        quotes=quotes,
        population=next((item for item in _POPULATIONS if item == typed.get("population")), _UNSAID),
        notes=_notes(typed, datum),
        reasons=_reasons(typed),
    )
    return found.read(extraction)


def read_quotes(typed: Fields, row: str, records: Collection[str]) -> tuple[tuple[Quote, ...], list[Fault]]:
    """Return the quotes of a part of the form, each with report, place and words; at least one is needed."""
    faults: list[Fault] = []
    quotes = []
    present = rows(typed, "q")
    if not present or len(present) > MOST_ROWS:
        what = f"At most {MOST_ROWS} quotes" if present else "Say where this was read: add a quote"
        return (), [Fault(f"{row}.quotes", what)]
    for name in present:
        given = {part: typed.get(f"{name}.{part}", "").strip() for part in QUOTE_FIELDS}
        if given["report"] not in records:
            given["report"] = ""
        wrong = [Fault(f"{row}.{name}.{part}", why) for part, why in _WHERE.items() if not given[part]]
        kind = given.pop("kind") or "verbatim"
        if kind not in ("verbatim", "figure", "transcribed"):
            wrong.append(Fault(f"{row}.{name}.kind", "Choose how it was read"))
        faults += wrong
        if not wrong:
            quotes.append(Quote.model_validate({**given, "kind": kind}))
    return tuple(quotes), faults


def _datum(typed: Fields, outcome: Outcome, what: Characteristics | None, found: _Found) -> Datum | None:
    datum = datum_of(typed.get("datum", ""))
    if datum is None:
        found.fault("datum", "Choose how the numbers are given; their fields follow")
        return None
    if outcome.type not in datum.types:
        found.fault("datum", f"{outcome.label} is not given like this: choose again")
        return None
    if what is not None and datum not in datums_for(outcome, what.design):
        if what.design == "crossover":
            told = (
                "A crossover's two periods are the same people, not two independent groups: enter the paired "
                "difference, both period means, or the first period alone"
            )
        else:
            told = f"A {what.design.replace('_', '-')} trial gives no such numbers: choose again"
        found.fault("datum", told)
        return None
    return datum


def _cell(
    typed: Fields,
    study: str,
    outcome: Outcome,
    datum: Datum | None,
    what: Characteristics | None,
    found: _Found,
) -> Cell | None:
    sides = {name: typed.get(name, "") for name in ("experimental", "control")}
    for name, arm in sides.items():
        if not arm or (what is not None and arm not in {item.id for item in what.arms}):
            found.fault(name, "Choose an arm of this study")
    if sides["experimental"] and sides["experimental"] == sides["control"]:
        found.fault("control", "An arm is not compared with itself")
    nothing = datum is not None and datum.shape is NoNumbers
    scale = typed.get("scale", "")
    if outcome.scales and scale not in outcome.scales and (scale or not nothing):
        found.fault("scale", "Choose the scale it was measured on")
    weeks = number(typed.get("weeks", ""))
    if weeks.fault or (weeks.value or 0) <= 0:
        found.fault("weeks", weeks.fault or "Weeks from randomisation are more than none")
    elif weeks.said:
        found.said[f"{found.row}.weeks"] = weeks.said
    estimand = typed.get("estimand", "") if outcome.type == "continuous" else "count"
    if datum is not None and estimand not in datum.estimands:
        choices = " or ".join(item.replace("_", " ") for item in datum.estimands)
        found.fault("estimand", f"Numbers given like this are of {choices} values")
    if found.faults or weeks.value is None:
        return None
    return Cell.model_validate(
        {
            "study": study,
            "outcome": outcome.id,
            "experimental": sides["experimental"],
            "control": sides["control"],
            "scale": scale if outcome.scales else "",
            "weeks": weeks.value,
            "estimand": estimand,
        }
    )


def _numbers(typed: Fields, datum: Datum, found: _Found) -> Numbers | None:
    """Build the shape; what its own rules refuse is told beside the field they are about."""
    before = len(found.faults)
    values = {asked.path: _value(typed, asked, found) for asked in datum.asked}
    if len(found.faults) > before:
        return None
    level = values.pop("level", None)
    plain = {path: value for path, value in values.items() if value is not None}
    nested = _nested(plain | dict(datum.given))
    if level:
        _set_level(nested, float(str(level)) / 100)
    if issubclass(datum.shape, ArmMeans | PairedDifference | PairedMeans):
        nested["values"] = typed.get("estimand", "")
    if datum.shape is ReportedContrast:
        estimand = typed.get("estimand", "")
        nested["estimand"] = estimand if estimand in datum.estimands and estimand != "count" else "adjusted"
    try:
        return datum.shape.model_validate(nested)
    except ValidationError as fault:
        for error in fault.errors():
            found.fault(*_told(error, datum))
        return None


def _value(typed: Fields, asked: Asked, found: _Found) -> float | str | None:
    text = typed.get(asked.path, "").strip()
    if asked.kind == "choice":
        if text in {value for value, _ in asked.options}:
            return text
        found.fault(asked.path, "Choose one")
        return None
    if asked.kind == "text":
        if not text:
            found.fault(asked.path, "A sentence is needed")
        return text
    if not text and not asked.needed:
        return None
    read = whole(text) if asked.kind == "whole" else number(text)
    if read.value is None:
        found.fault(asked.path, read.fault)
        return None
    if read.said:
        found.said[f"{found.row}.{asked.path}"] = read.said
    return int(read.value) if asked.kind == "whole" else read.value


def _nested(flat: Mapping[str, object]) -> dict[str, Any]:
    """Return `{"a.b": 1}` as `{"a": {"b": 1}}`."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, last = path.split(".")
        place = nested
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value
    return nested


def _set_level(nested: dict[str, Any], level: float) -> None:
    intervals = (
        nested.get("precision"),
        *(nested.get(s, {}).get("spread") for s in ("experimental", "control")),
    )
    for interval in intervals:
        if isinstance(interval, dict) and interval.get("by") == "ci":
            interval["level"] = level


def _told(error: Any, datum: Datum) -> tuple[str, str]:
    """Return the field an error of the shape belongs beside, and the error in words."""
    path = ".".join(str(part) for place, part in enumerate(error["loc"]) if not _tag(error["loc"], place))
    names = [asked.path for asked in datum.asked]
    beside = next(
        (name for name in names if name == path or name.startswith(f"{path}." if path else "")), "datum"
    )
    if path and not beside.startswith(path):
        beside = "datum"
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        words = str(context["error"])
        return beside if path else _middle(names), f"{words[0].upper()}{words[1:]}"
    told = _PLAIN[error["type"]].format(**context) if error["type"] in _PLAIN else str(error["msg"])
    return beside, f"This {told}"


def _middle(names: list[str]) -> str:
    return next((name for name in names if name in ("estimate", "difference")), names[0])


def _tag(loc: tuple[Any, ...], place: int) -> bool:
    return place > 0 and loc[place] in _TAGS and loc[place - 1] in ("spread", "precision")


def _quoted(numbers: Numbers, quotes: tuple[Quote, ...], datum: Datum, found: _Found) -> None:
    """Flag each number that stands in none of the quotes, beside its field."""
    names = {asked.path for asked in datum.asked}
    for missing in missing_numbers(numbers, quotes):
        words, _, value = missing.rpartition(" ")
        path = words.replace(" ", ".")
        found.fault(path if path in names else "datum", f"No quote of this cell contains {value}")


def _notes(typed: Fields, datum: Datum) -> str:
    """What the person noted, what the kind of datum implies, and what came of a suggestion."""
    parts = [typed.get("notes", "").strip()]
    if datum.note and datum.note.rstrip(".").lower() not in parts[0].lower():
        parts.insert(0, datum.note)
    if typed.get("from"):
        moved = [
            f"{path.replace('.', ' ')} from {was} to {now or 'nothing'}" for path, was, now in changed(typed)
        ]
        told = f"the reader changed {', '.join(moved)}" if moved else "the reader changed nothing"
        parts.append(f"Suggested from the register's posted results; {told}.")
    return " ".join(filter(None, parts))


def _reasons(typed: Fields) -> tuple[tuple[str, str], ...]:
    """Why numbers stand that a check asked about, by the check."""
    given = below(typed, "reason")
    return tuple((code, reason.strip()) for code, reason in sorted(given.items()) if reason.strip())


def typed_nothing(typed: Fields) -> bool:
    """Return whether a cell was only opened: nothing in it but what the form put there."""
    return not any(value.strip() for name, value in typed.items() if not name.endswith((".kind", ".report")))
