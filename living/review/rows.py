"""An extraction as one row of a table and back; columns are the form's paths (`numbers.control.n`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from living.model.facts import Cell, Extraction, Quote
from living.model.numbers import Numbers
from living.review.documents import faults_of, suggestion

Kind = Literal["text", "number", "whole"]
Item = str | int | float
Row = Mapping[str, Item]

READ_BY, READ_AT, HIDDEN = "read_by", "read_at", "hidden"
ABOUT = (READ_BY, READ_AT, HIDDEN)  # said by the export about a row; a hand-in leaves them empty
STUDY = "cell.study"
MOST_ITEMS = 99  # quotes or reasons in one row
_NUMBER = re.compile(r"[-\u2212]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[-\u2212]?\d+,\d+", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}(?:\.0+)?", re.ASCII)
_ITEM = re.compile(r"(quotes|reasons)\.([1-9]\d?)\.(\w+)", re.ASCII)
_LISTED = re.compile(r"(\w+)\[(\d+)\](.*)")
_PARTS = {"quotes": tuple(Quote.model_fields), "reasons": ("code", "why")}


class Column(NamedTuple):
    """A column's name and what its cells hold."""

    name: str
    kind: Kind


class Fault(NamedTuple):
    """What is wrong in a column; empty column: with the row as a whole."""

    column: str
    told: str


def columns(quotes: int = 2, reasons: int = 1) -> tuple[Column, ...]:
    """Return the columns of a table whose rows have so many quotes and reasons at most."""
    return (
        *(Column(name, "text") for name in ABOUT),
        *(Column(f"cell.{name}", kind) for name, kind in _fields(Cell)),
        Column("population", "text"),
        *_NUMBERS,
        Column("notes", "text"),
        *(Column(f"quotes.{at}.{part}", "text") for at in range(1, quotes + 1) for part in _PARTS["quotes"]),
        *(
            Column(f"reasons.{at}.{part}", "text")
            for at in range(1, reasons + 1)
            for part in _PARTS["reasons"]
        ),
    )


def header_for(extractions: Iterable[Extraction]) -> tuple[Column, ...]:
    """Return the columns that hold these extractions whole."""
    whole = tuple(extractions)
    quotes = max((len(item.quotes) for item in whole), default=0)
    reasons = max((len(item.reasons) for item in whole), default=0)
    return columns(max(quotes, 2), max(reasons, 1))


def to_row(extraction: Extraction) -> dict[str, Item]:
    """Return an extraction as a row; what it does not say has no entry."""
    given = extraction.model_dump(mode="python", exclude_none=True)
    row = {
        **_flat("cell", given["cell"]),
        "population": extraction.population,
        **_flat("numbers", given["numbers"]),
        "notes": extraction.notes,
    }
    for at, quote in enumerate(given["quotes"], 1):
        row |= _flat(f"quotes.{at}", quote)
    for at, (code, why) in enumerate(extraction.reasons, 1):
        row |= {f"reasons.{at}.code": code, f"reasons.{at}.why": why}
    return {name: item for name, item in row.items() if item != ""}


def from_row(row: Row) -> tuple[Extraction | None, tuple[Fault, ...]]:
    """Return the extraction that a row says, or every fault of the row with the column it stands in."""
    given, faults = _typed(row)
    if faults:
        return None, tuple(faults)
    data = _nested(given)
    wrong = [Fault(_column(path, given), told) for path, told in faults_of(Extraction, data)]
    return (None, tuple(wrong)) if wrong else (Extraction.model_validate(data), ())


def unknown_columns(names: Iterable[str]) -> tuple[Fault, ...]:
    """Return a fault for each column that no extraction has, and for each that stands twice."""
    listed = tuple(names)
    known = {column.name for column in columns()}
    found = [
        Fault(name, f"no column '{name}'{suggestion(name, known)}")
        for name in listed
        if name not in known and not _is_item(name)
    ]
    return (
        *found,
        *(Fault(name, f"'{name}' stands twice") for name in dict.fromkeys(listed) if listed.count(name) > 1),
    )


def says_nothing(row: Row) -> bool:
    """Return whether a row holds no more than a study's key and what the export says about it."""
    return not any(item != "" for name, item in row.items() if name not in (*ABOUT, STUDY))


def _is_item(name: str) -> bool:
    match = _ITEM.fullmatch(name)
    return match is not None and match[3] in _PARTS[match[1]]


def _typed(row: Row) -> tuple[dict[str, Item], list[Fault]]:
    given: dict[str, Item] = {}
    faults: list[Fault] = []
    for name, item in row.items():
        if name in ABOUT or item == "":
            continue
        kind = _KINDS.get(name, "text")
        value = str(item) if kind == "text" and not isinstance(item, str) else item
        if kind == "text":
            given[name] = value
        elif (number := _number(item, kind)) is not None:
            given[name] = number
        else:
            faults.append(Fault(name, _no_number(item, kind)))
    return given, faults


def _number(item: Item, kind: Kind) -> int | float | None:
    if isinstance(item, str):
        text = item.strip()
        if not (_WHOLE if kind == "whole" else _NUMBER).fullmatch(text):
            return None
        item = float(text.replace("\u2212", "-"))
    if kind == "number":
        return float(item)
    return int(item) if item == int(item) else None


def _no_number(item: Item, kind: Kind) -> str:
    wanted = "a whole number" if kind == "whole" else "a number"
    shown = str(item)[:40]
    if isinstance(item, str) and _COMMA.fullmatch(item.strip()):
        return f"'{shown}' has a decimal comma; write it with a point: {shown.strip().replace(',', '.')}"
    return f"'{shown}' is not {wanted}"


def _nested(given: Mapping[str, Item]) -> dict[str, Any]:
    data: dict[str, Any] = {"quotes": [], "reasons": []}
    for kind in _PARTS:
        data[kind] = [part for _, part in sorted(_items(given, kind).items())]
    data["reasons"] = [(part.get("code", ""), part.get("why", "")) for part in data["reasons"]]
    for name, item in given.items():
        if not _ITEM.fullmatch(name):
            _put(data, name.split("."), item)
    return data


def _items(given: Mapping[str, Item], kind: str) -> dict[int, dict[str, Item]]:
    found: dict[int, dict[str, Item]] = {}
    for name, item in given.items():
        match = _ITEM.fullmatch(name)
        if match and match[1] == kind:
            found.setdefault(int(match[2]), {})[match[3]] = item
    return found


def _put(data: dict[str, Any], parts: list[str], item: Item) -> None:
    for part in parts[:-1]:
        data = data.setdefault(part, {})
    data[parts[-1]] = item


def _column(path: str, given: Row) -> str:
    """The column of a path: of `quotes[1].text` that of the first quote in the row, whatever its number."""
    match = _LISTED.match(path)
    if not match or match[1] not in _PARTS:
        return path
    numbers = sorted(_items(given, match[1]))
    at = int(match[2]) - 1
    return f"{match[1]}.{numbers[at] if at < len(numbers) else match[2]}{match[3]}"


def _flat(at: str, value: Mapping[str, Any]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for name, item in value.items():
        path = f"{at}.{name}"
        found |= _flat(path, item) if isinstance(item, dict) else {path: item}
    return found


def _fields(model: type[BaseModel], within: str = "") -> Iterator[tuple[str, Kind]]:
    for name, field in model.model_fields.items():
        for kind in _kinds(field.annotation):
            if isinstance(kind, type):
                yield from _fields(kind, f"{within}{name}.")
            else:
                yield f"{within}{name}", kind


def _kinds(annotation: Any) -> list[type[BaseModel] | Kind]:
    """What a field can hold: models, or the kind of its single value."""
    if get_origin(annotation) in (Union, UnionType):
        return [kind for inner in get_args(annotation) if inner is not type(None) for kind in _kinds(inner)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    if inner is not annotation:
        return _kinds(inner)
    return ["whole" if annotation is int else "number" if annotation is float else "text"]


_SHAPES = [kind for kind in _kinds(Numbers) if isinstance(kind, type)]
_NUMBERS = tuple(
    Column(f"numbers.{name}", kind)
    for name, kind in dict.fromkeys(pair for shape in _SHAPES for pair in _fields(shape))
)
_KINDS: dict[str, Kind] = {column.name: column.kind for column in columns()}
