"""TOML text to a checked value, or one line that says which file, which key, and what is wrong there."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from living.errors import UserError

M = TypeVar("M", bound=BaseModel)
_TAGS = ("by", "shape", "kind")  # the keys by which the model tells shapes apart
MOST_SHOWN = 3  # faults in one line; more would hide the first

# What pydantic calls an error, in words for a person who edits a file.
_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list in [ ]",
    "model_type": "must be a table of keys",
    "dict_type": "must be a table of keys",
    "string_too_short": "is empty",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "too_short": "needs at least {min_length}",
    "string_pattern_mismatch": "is not of the form {pattern}",
    "union_tag_not_found": "does not say which kind it is ({discriminator})",
    "union_tag_invalid": "is of kind '{tag}'; known: {expected_tags}",
}


def load(text: str, where: str) -> dict[str, Any]:
    """Read TOML text. Raises UserError with the line of a syntax fault."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UserError(f"not readable as TOML: {fault}", where=where) from fault


def build(model: type[M], data: dict[str, Any], where: str) -> M:
    """Build a value from loaded data. Raises UserError naming key path and fault of what does not fit."""
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        refuse([told for _, told in _faults(model, data, fault)], where)


def faults_of(model: type[BaseModel], data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what does not fit a model, each as key path (`quotes[1].text`) and the whole fault in words."""
    try:
        model.model_validate(data)
    except ValidationError as fault:
        return tuple(_faults(model, data, fault))
    return ()


def refuse(faults: Sequence[str], where: str) -> NoReturn:
    """Raise one UserError for all faults found; the first few are spelled out."""
    shown = "; also ".join(faults[:MOST_SHOWN])
    more = len(faults) - MOST_SHOWN
    raise UserError(f"{shown}; and {more} more" if more > 0 else shown, where=where)


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return '; did you mean ...' for the nearest known name, else the known names, else nothing."""
    names = sorted(set(known))
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""


def _faults(
    model: type[BaseModel], data: dict[str, Any], fault: ValidationError
) -> Iterator[tuple[str, str]]:
    errors = fault.errors()
    for error in errors:
        if not _follows(error, errors):
            yield _path(data, error["loc"]), _fault(model, data, error)


def _fault(model: type[BaseModel], data: dict[str, Any], error: Any) -> str:
    loc, kind, context = error["loc"], error["type"], error.get("ctx") or {}
    path = _path(data, loc) or "the file"
    if kind == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        return f"{path}: unknown key '{loc[-1]}'{suggestion(str(loc[-1]), known)}"
    if kind == "literal_error":
        wrong = str(error["input"])
        return f"{path}: '{wrong}' is not one of its values{suggestion(wrong, _choices(context['expected']))}"
    if kind == "value_error":
        return f"{path}: {context['error']}"
    told = _PLAIN[kind].format(**context) if kind in _PLAIN else error["msg"]
    return f"{path} {told}{_given(error['input'])}"


def _follows(error: Any, errors: Sequence[Any]) -> bool:
    """Return whether a list only seems too short because one of its items is faulty."""
    loc = error["loc"]
    inside = (other["loc"] for other in errors if len(other["loc"]) > len(loc))
    return error["type"] == "too_short" and any(place[: len(loc)] == loc for place in inside)


def _given(value: object) -> str:
    return f", not {value!r}" if isinstance(value, str | int | float) else ""


def _choices(expected: str) -> list[str]:
    return [part.strip(" '") for part in expected.replace(" or ", ",").split(",")]


def _path(data: object, loc: Sequence[str | int]) -> str:
    """Spell a location as people see it: list items by their id where they have one."""
    parts: list[str] = []
    tagged: object = None
    for part in loc:
        if isinstance(data, dict) and data is not tagged and part in map(data.get, _TAGS):
            tagged = data  # which of several shapes it is: no key of its own
        elif isinstance(part, int):
            items = data if isinstance(data, list | tuple) else ()
            data = items[part] if part < len(items) else None
            name = data.get("id", part + 1) if isinstance(data, dict) else part + 1
            parts[-1:] = [f"{parts[-1] if parts else ''}[{name}]"]
        elif isinstance(data, dict) and part in data:
            data = data[part]
            parts.append(part)
        elif part == loc[-1]:
            parts.append(part)  # a missing key
    return ".".join(parts)


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> set[str]:
    """Return the keys that a table at this place may have."""
    tables = [model]
    for part in loc:
        below = [
            inner
            for table in tables
            if part in table.model_fields
            for inner in _models(table.model_fields[str(part)].annotation)
        ]
        tagged = [table for table in tables if part in _tags(table)]
        tables = below or tagged or tables
    return {key for table in tables for key in table.model_fields}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models(inner)]


def _tags(table: type[BaseModel]) -> set[object]:
    literals = (field.annotation for field in table.model_fields.values())
    return {value for item in literals if get_origin(item) is Literal for value in get_args(item)}
