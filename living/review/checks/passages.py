"""The quoted words as a row of numbers, so that a check can see which number stands beside which."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from living.model.facts import Quote

_TOKEN = re.compile(
    r"(?P<p>\b[Pp](?:[ -]?values?)?\s*(?P<sign>=|<|≤|>|of|was)\s*)?"
    r"(?P<minus>(?<![\w%)\]])-)?(?P<body>\d+\.\d+|\.\d+|\d+)(?P<percent>\s*%)?"
)
_DASHES = str.maketrans(
    {"\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u00b7": ".", "\u2009": " ", "\u00a0": " "}
)
MOST_CHARACTERS = 5_000  # of a quote that are looked at, so that no quote can keep a check busy
BESIDE = 6  # numbers that may stand between an estimate and its P: the level, both limits, a count each


@dataclass(frozen=True)
class Token:
    """One number in a text. `p`: "" or the sign before a P value (`=`, `<`)."""

    text: str
    value: float
    percent: bool
    p: str
    start: int
    end: int

    def is_same(self, value: float) -> bool:
        """Return whether it is this number but for the sign: words may carry that."""
        return not self.p and math.isclose(self.value, abs(value), rel_tol=1e-9, abs_tol=1e-12)


@dataclass(frozen=True)
class Passage:
    """One quote, its dashes and decimal points made plain."""

    text: str
    tokens: tuple[Token, ...]

    def around(self, token: Token, before: int = 40, after: int = 40) -> str:
        return self.text[max(token.start - before, 0) : token.end + after]

    def has(self, *values: float) -> bool:
        return all(any(token.is_same(value) for token in self.tokens) for value in values)

    @property
    def ps(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.p)


def passages(quotes: Iterable[Quote]) -> tuple[Passage, ...]:
    """Return the quotes as passages."""
    return tuple(passage(quote.text) for quote in quotes)


def passage(text: str) -> Passage:
    """Read the numbers of a text."""
    plain = " ".join(text.translate(_DASHES).split())[:MOST_CHARACTERS]
    return Passage(plain, tuple(_token(match) for match in _TOKEN.finditer(plain)))


def p_beside(items: Iterable[Passage], estimate: float, low: float, high: float) -> tuple[str, str] | None:
    """Return sign and text of the P printed with an estimate and its interval; None where none is, or two.

    Between the three numbers and their P nothing else may stand but the interval's level.
    """
    near = {
        (token.p, token.text)
        for item in items
        for place, first in enumerate(item.tokens)
        if first.is_same(estimate)
        if (token := _p_after(item.tokens[place + 1 : place + 1 + BESIDE], low, high)) is not None
    }
    return near.pop() if len(near) == 1 else None


def _p_after(tokens: tuple[Token, ...], low: float, high: float) -> Token | None:
    wanted, p = [low, high], None
    for token in tokens:
        if token.p and p is None:
            p = token
        elif wanted and token.is_same(wanted[0]):
            wanted.pop(0)
        elif not token.percent:
            return None
        if p is not None and not wanted:
            return p
    return None


def _token(match: re.Match[str]) -> Token:
    body = match["body"]
    return Token(
        body if not body.startswith(".") else f"0{body}",
        float(body),
        bool(match["percent"]),
        match["sign"] or "",
        match.start("body"),
        match.end("body"),
    )
