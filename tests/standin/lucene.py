"""Queries with AND, OR, NOT, brackets, phrases and field:value, as Europe PMC and ISRCTN both take them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeVar

TOKEN = re.compile(
    r'\(|\)|\w+:\[[^\]]*\]|\w+:"[^"]*"|\w+ (?:GE|LE|GT|LT) [^\s()]+|\w+:[^\s()]+|"[^"]*"|[^\s()"]+'
)


T = TypeVar("T")


def test_of(text: str, leaf: Callable[[str], Callable[[T], bool]], between: str) -> Callable[[T], bool]:
    """Return a query as a test; `leaf` makes one of a term, `between` joins two bare terms."""
    return _Reader(text, leaf, between).read()


class _Reader(Generic[T]):
    def __init__(self, text: str, leaf: Callable[[str], Callable[[T], bool]], between: str) -> None:
        self.tokens, self.at = TOKEN.findall(text), 0
        self.leaf, self.between = leaf, between

    def read(self) -> Callable[[T], bool]:
        test = self._either()
        if self._peek():
            raise ValueError(f"a query that ends before {self._peek()!r}")
        return test

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    def _either(self) -> Callable[[T], bool]:
        tests = [self._both()]
        while self._peek() == "OR" or (self.between == "OR" and self._peek() not in ("", ")", "AND", "OR")):
            if self._peek() == "OR":
                self._take()
            tests.append(self._both())
        return lambda item: any(test(item) for test in tests)

    def _both(self) -> Callable[[T], bool]:
        tests = [self._not()]
        while self._peek() == "AND" or (self.between == "AND" and self._peek() not in ("", ")", "OR")):
            if self._peek() == "AND":
                self._take()
            tests.append(self._not())
        return lambda item: all(test(item) for test in tests)

    def _not(self) -> Callable[[T], bool]:
        if self._peek() == "NOT":
            self._take()
            inner = self._not()
            return lambda item: not inner(item)
        return self._one()

    def _one(self) -> Callable[[T], bool]:
        token = self._take() if self._peek() else ""
        if token == "(":
            inner = self._either()
            if self._peek() != ")":
                raise ValueError("a bracket that is not closed")
            self._take()
            return inner
        if token in ("", ")", "AND", "OR"):
            raise ValueError(f"a query with {token or 'nothing'} where a term was expected")
        return self.leaf(token)
