"""Does the quoted text hold the entered number? In digits or words, with any minus and any separator."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from living.model.facts import Quote
from living.model.numbers import NoNumbers, Numbers
from living.model.values import Value

NOT_QUOTED = frozenset({"level", "df"})  # a form's conventions, rarely printed beside the number
UNCHECKABLE = frozenset({"figure", "transcribed"})
SAME = 1e-9  # relative; both sides come from decimal text, so only the float's own error separates them

_SPACES = "\u00a0\u2009\u202f"
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w%)\]])[-\u2010-\u2014\u2212])?"
    rf"(?P<body>\d[\d.,'{_SPACES}]*\d|\d|\.\d+)"
    r"(?P<percent>\s*(?:%|per ?cent\b|pct\b))?"
)
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {name: value for value, name in enumerate(_UNITS)}
_WORDS |= {
    ten + unit: 10 * (place + 2) + (_WORDS[unit] if unit else 0)
    for place, ten in enumerate(_TENS)
    for unit in ("", *_UNITS[1:10])
}
_WORD = re.compile(
    rf"\b(?:(?:{'|'.join(_TENS)})(?:[-\u2010-\u2014\s](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS)})\b"
    r"(?P<percent>\s*(?:%|per ?cent\b|pct\b))?",
    re.IGNORECASE,
)
_NONE = re.compile(r"\b(?:no|none|neither|nil|did not occur|not observed)\b", re.IGNORECASE)
# Only words like these allow the sign of an entered number to differ from the printed one.
_TURNED = re.compile(r"reduc|decreas|improv|reli(?:ef|ev)|\bfell\b|\bdrop|\bdecline|favou?r", re.IGNORECASE)


@dataclass(frozen=True)
class Printed:
    """A number as it stands in a text."""

    value: float
    percent: bool


def missing_numbers(numbers: Numbers, quotes: Iterable[Quote]) -> tuple[str, ...]:
    """Return the entered numbers that stand in no verbatim quote, each as `name value`.

    A percentage never vouches for a count. The sign counts, but a text about a reduction or an improvement
    vouches for either. A figure or a transcript may cover any number, so a cell with one is not questioned. A
    cell without numbers misses none.
    """
    quotes = tuple(quotes)
    if isinstance(numbers, NoNumbers) or any(quote.kind in UNCHECKABLE for quote in quotes):
        return ()
    return tuple(
        f"{name} {value:g}"
        for name, value in entered(numbers)
        if not any(holds(quote.text, value) for quote in quotes)
    )


def holds(text: str, value: float) -> bool:
    """Return whether a text contains a number; a whole number (int) is a count of people or events."""
    found = printed(text)
    if isinstance(value, int):
        return any(item.value == value and not item.percent for item in found) or (
            value == 0 and _NONE.search(text) is not None
        )
    either = _TURNED.search(text) is not None
    return any(_same(item.value, value) or (either and _same(item.value, -value)) for item in found)


def entered(value: Value, within: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number of a filled shape that a reader took from the report, with its name."""
    for name, item in value:
        if name in NOT_QUOTED:
            continue
        if isinstance(item, Value):
            yield from entered(item, f"{within}{name} ")
        elif isinstance(item, int | float):
            yield f"{within}{name}", item


def printed(text: str) -> tuple[Printed, ...]:
    """Return every number in a text; where a comma can be read in two ways, both readings."""
    digits = [
        Printed(-value if match["sign"] else value, bool(match["percent"]))
        for match in _NUMBER.finditer(text)
        for value in _readings(match["body"])
    ]
    words = [Printed(_WORDS[_letters(match[0])], bool(match["percent"])) for match in _WORD.finditer(text)]
    return (*digits, *words)


def _letters(words: str) -> str:
    """Return a number word without its separators and without a following percent sign."""
    return re.sub(r"per ?cent|pct|[^a-z]", "", words.lower())


def _readings(body: str) -> set[float]:
    plain = re.sub(f"[{_SPACES}']", "", body)
    found: set[float] = set()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        found.add(float(plain.replace(",", "")))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", plain):
        found.add(float(plain.replace(".", "").replace(",", ".")))
    if re.fullmatch(r"\d+,\d+", plain):
        found.add(float(plain.replace(",", ".")))
    parts = [part for part in plain.split(",") if re.fullmatch(r"\d*\.?\d+", part)]
    return found or {float(part) for part in parts}


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)
