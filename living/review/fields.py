"""The names of the extraction form's fields, and what of a posted form belongs to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Fields = Mapping[str, str]
WHAT = "what"  # the part that says what the study is; its quotes are what.q0.text and so on
MOST_ROWS = 40  # arms, cells, or quotes of one; no trial comes near
LONGEST_TEXT = 20_000  # characters; a quote is a sentence or a table row
STUDY_FIELDS = ("label", "design", "condition", "group")
QUOTE_FIELDS = ("report", "locator", "kind", "text")
ARM_FIELDS = ("id", "label", "intervention", "dose", "n")
_NAME = re.compile(
    r"what\.(?:label|design|condition|group|q\d{1,2}\.(?:report|locator|kind|text))"
    r"|arm\d{1,2}\.(?:id|label|intervention|dose|n)"
    r"|c\d{1,2}\.[a-z][a-z0-9_]{0,29}(?:\.[a-z][a-z0-9_-]{0,39}){0,2}"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field, in words that stand beside it."""

    field: str
    what: str


def own_fields(posted: Mapping[str, str]) -> dict[str, str]:
    """Return what of a posted form the extraction form knows, line ends made one; all else is left out."""
    return {
        name: _CONTROLS.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
        for name, value in posted.items()
        if _NAME.fullmatch(name)
    }


def rows(fields: Fields, kind: str) -> tuple[str, ...]:
    """Return the prefixes of a repeated part in order: `rows(fields, "arm")` is `("arm0", "arm1")`."""
    found = {int(match[1]) for name in fields if (match := re.match(rf"{re.escape(kind)}(\d+)\.", name))}
    return tuple(f"{kind}{index}" for index in sorted(found))


def next_row(fields: Fields, kind: str) -> str:
    """Return the prefix that another row of a repeated part gets."""
    present = rows(fields, kind)
    return f"{kind}{int(present[-1].removeprefix(kind)) + 1 if present else 0}"


def without(fields: Fields, row: str) -> dict[str, str]:
    """Return the fields without those of one row."""
    return {name: value for name, value in fields.items() if not name.startswith(f"{row}.")}


def below(fields: Fields, row: str) -> dict[str, str]:
    """Return the fields of one row, under the names they have within it."""
    start = f"{row}."
    return {name.removeprefix(start): value for name, value in fields.items() if name.startswith(start)}


def placed(fields: Fields, row: str) -> dict[str, str]:
    """Return fields under the names they have in a row of the form."""
    return {f"{row}.{name}": value for name, value in fields.items()}


def arm_ids(arms: Iterable[Fields]) -> tuple[str, ...]:
    """Return a short name for each arm: the one typed, or made from treatment, dose and label.

    Two readers who describe the same arms get the same names without agreeing on any.
    """
    listed = tuple(arms)
    treatments = [arm.get("intervention", "") for arm in listed]
    doses = [(arm.get("intervention", ""), arm.get("dose", "").strip()) for arm in listed]
    made: list[str] = []
    for arm, treatment, dose in zip(listed, treatments, doses, strict=True):
        if arm.get("id", "").strip():
            name = arm["id"].strip()
        elif treatment and treatment != "other" and treatments.count(treatment) == 1:
            name = treatment
        elif treatment and dose[1] and doses.count(dose) == 1:
            name = _slug(f"{treatment} {dose[1]}")
        else:
            name = _slug(f"{treatment} {arm.get('label', '')}")
        made.append(name)
    return tuple(made)


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace(",", ".")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:80]
