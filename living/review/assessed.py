"""A filled judgement, whatever the tool: what it says, and what is missing or does not fit, by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from living.errors import UserError
from living.review.documents import load

Typed = Mapping[str, str]  # by field: `1.1` an answer, `D1.judgement`, `D1.reason`, `overall`, `reason`
OVERALL, REASON = "overall", "reason"
LONGEST = 4000  # letters of a reason; what is longer belongs into a remark or a file


@dataclass(frozen=True)
class Missing:
    """What is wrong at one field, and what to do about it."""

    field: str
    what: str


@dataclass(frozen=True)
class Assessed:
    """What a filled form says. `suggested` by domain, and `overall` for all of it, where a tool suggests."""

    overall: str
    domains: tuple[tuple[str, str, str], ...]
    reason: str
    answers: tuple[tuple[str, str], ...]
    suggested: Mapping[str, str]
    faults: tuple[Missing, ...]


def judgement_field(domain: str) -> str:
    return f"{domain}.judgement"


def reason_field(domain: str) -> str:
    return f"{domain}.reason"


def read(typed: Typed, name: str) -> str:
    """Return what was typed in a field, without spaces around it; empty where nothing was."""
    return typed.get(name, "").strip()


def too_long(typed: Typed) -> tuple[Missing, ...]:
    """Return a fault for each field that says more than a reason should."""
    return tuple(
        Missing(name, f"{name} has {len(said):,} letters; {LONGEST:,} is the most")
        for name, said in typed.items()
        if len(said) > LONGEST
    )


def words(value: str) -> str:
    """Return an id as people read it."""
    return value.replace("_", " ")


def typed_in(text: str, where: str) -> dict[str, str]:
    """Return the fields of a judgement in TOML: `answers`, `domains.D1`, and what stands at the top.

    Raises UserError for what is no TOML, or for a value that is no text.
    """
    return dict(_flat(load(text, where), where))


def _flat(data: Mapping[str, Any], where: str, within: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in data.items():
        path = f"{within}{name}"
        if isinstance(value, dict):
            inside = "" if path in ("answers", "domains") else f"{path}."
            found += _flat(value, where, inside)
        elif isinstance(value, str):
            found.append((path, value))
        else:
            raise UserError(f"{path} must be text in quotes, not {value!r}", where=where)
    return found


def form_text(title: str, head: Mapping[str, str], answers: list[str], domains: list[str]) -> str:
    """Return an empty judgement in TOML; `answers` and `domains` are its lines."""
    top = [f"# {line}" for line in title.splitlines()]
    named = [f'{name} = "{value}"' for name, value in head.items()]
    asked = ["[answers]", *answers, ""] if answers else []
    return "\n".join([*top, "", *named, "", *asked, *domains]) + "\n"
