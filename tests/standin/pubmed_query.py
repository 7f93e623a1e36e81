"""PubMed's boolean syntax, over one record set: read, translated and answered; what is unknown is dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.standin.records import Article, RecordSet, normal

TOKEN = re.compile(r'\(|\)|"[^"]*"|\[[^\]]*\]|:|[^\s()\[\]":]+')
FIELDS = {
    "mh": "MeSH Terms", "mesh": "MeSH Terms", "mesh terms": "MeSH Terms", "mesh:noexp": "MeSH Terms:noexp",
    "sh": "MeSH Subheading", "nm": "Supplementary Concept", "ot": "Other Term",
    "tiab": "Title/Abstract", "title/abstract": "Title/Abstract", "ti": "Title", "title": "Title",
    "ab": "Abstract", "tw": "Text Word", "pt": "Publication Type", "la": "Language", "au": "Author",
    "all": "All Fields", "all fields": "All Fields", "uid": "UID", "pmid": "UID", "sb": "Filter",
    "crdt": "Date - Create", "edat": "Date - Entry", "mdat": "Date - Modification",
}  # fmt: skip
WORDS_IN = {
    "Title/Abstract": ("ti", "ab"), "Title": ("ti",), "Abstract": ("ab",), "Other Term": ("ot",),
    "Author": ("au",), "Text Word": ("ti", "ab", "ot", "mh", "nm"),
    "All Fields": ("ti", "ab", "ot", "au", "jo", "mh", "nm", "pt"),
}  # fmt: skip
NAMES_IN = {
    "MeSH Terms": "mh", "MeSH Terms:noexp": "mh", "MeSH Subheading": "sh", "Supplementary Concept": "nm",
    "Publication Type": "pt", "Language": "la",
}  # fmt: skip
DATES_IN = {"Date - Create": "crdt", "Date - Entry": "edat", "Date - Modification": "mdat"}
OPERATORS = ("AND", "OR", "NOT")
# Some of the words that PubMed leaves out of its index and ignores where they stand alone.
STOP_WORDS = frozenset(
    "a about again all an and are as at be by for from in is of on or the to was were with".split()
)
ABBREVIATED = {"eng": "english"}


class Misread(Exception):
    """A query whose brackets do not close."""


@dataclass
class Reading:
    """One answer: which entries of the set match, how the query was understood and what was dropped."""

    found: set[int]
    translation: str
    phrases: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """A piece of a query: the entries it matches and its translation; None where it was dropped."""

    found: frozenset[int]
    text: str


class Index:
    """Answers terms over all versions of all articles, and remembers: texts stay, only the clock moves."""

    def __init__(self, records: RecordSet) -> None:
        self.articles = records.articles
        self._known: dict[tuple[str, ...], frozenset[int]] = {}

    def phrase(self, words: str, name: str, within: int | None) -> frozenset[int]:
        key = (words, name, str(within))
        if key not in self._known:
            self._known[key] = frozenset(
                i for i, a in enumerate(self.articles) if _has(a, words, name, within)
            )
        return self._known[key]

    def dates(self, tag: str, start: date, end: date) -> frozenset[int]:
        return frozenset(i for i, a in enumerate(self.articles) if start <= a.days.get(tag, date.min) <= end)

    def everything(self) -> frozenset[int]:
        return frozenset(range(len(self.articles)))


def _has(article: Article, words: str, name: str, within: int | None) -> bool:
    if name == "UID":
        return article.pmid == words.strip()
    if name in NAMES_IN:
        wanted = ABBREVIATED.get(words.strip(), words.strip())
        held = article.words[NAMES_IN[name]]
        return f"|{wanted}|" in held or f"|{words.strip()}|" in held
    texts = [article.words[place].replace("|", " | ") for place in WORDS_IN.get(name, WORDS_IN["All Fields"])]
    if within is not None:
        return any(_near(text, words.split(), within) for text in texts)
    beginning = words.removesuffix("* ")
    return any(beginning in text for text in texts)


def _near(text: str, words: list[str], within: int) -> bool:
    """All words, in any order, with at most `within` others between them."""
    if not all(f" {word} " in text for word in words):
        return False
    tokens = text.split()
    places = [(place, token) for place, token in enumerate(tokens) if token in words]
    for start, (first, _) in enumerate(places):
        seen: set[str] = set()
        for place, token in places[start:]:
            if place - first + 1 > len(words) + within:
                break
            seen.add(token)
            if seen == set(words):
                return True
    return False


class Reader:
    """Reads one query. Operators bind from left to right and equally, as in PubMed.

    `understood_as`: words that are searched for as other words, as when a heading is mapped anew.
    """

    def __init__(
        self,
        index: Index,
        unknown: frozenset[str],
        shown: frozenset[int],
        understood_as: Mapping[str, str] | None = None,
    ) -> None:
        self.index, self.unknown, self.shown = index, unknown, shown
        self.understood_as = understood_as or {}

    def read(self, query: str) -> Reading:
        self.tokens, self.at = TOKEN.findall(query), 0
        self.reading = Reading(set(), "")
        part = self._expression()
        if self.at < len(self.tokens):
            raise Misread(self.tokens[self.at])
        self.reading.found = set(part.found & self.shown) if part else set()
        self.reading.translation = part.text if part else ""
        return self.reading

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    def _expression(self) -> Part | None:
        left = self._operand()
        while self._peek() and self._peek() != ")":
            operator = self._take() if self._peek() in OPERATORS else "AND"
            left = self._join(left, operator, self._operand())
        return left

    def _join(self, left: Part | None, operator: str, right: Part | None) -> Part | None:
        if left is None or right is None:  # the dropped half takes its operator along: a broader query
            return left or right
        found = {
            "AND": left.found & right.found,
            "OR": left.found | right.found,
            "NOT": left.found - right.found,
        }[operator]
        return Part(found, f"{left.text} {operator} {right.text}")

    def _operand(self) -> Part | None:
        if self._peek() == "(":
            self._take()
            inner = self._expression()
            if self._peek() != ")":
                raise Misread("(")
            self._take()
            return Part(inner.found, f"({inner.text})") if inner else None
        return self._term()

    def _term(self) -> Part | None:
        text, quoted = self._phrase()
        tag = self._take()[1:-1] if self._peek().startswith("[") else ""
        if self._peek() == ":":
            self._take()
            return self._range(
                text, self._phrase()[0], self._take()[1:-1] if self._peek()[:1] == "[" else tag
            )
        if tag.lower() in ("crdt", "edat", "mdat"):
            return self._range(text, text, tag)
        if not tag and not quoted and len(text.split()) > 1:
            parts = [self._word(word, "", quoted=False) for word in text.split()]
            joined = parts[0]
            for part in parts[1:]:
                joined = self._join(joined, "AND", part)
            return joined
        return self._word(text, tag, quoted=quoted)

    def _phrase(self) -> tuple[str, bool]:
        if self._peek().startswith('"'):
            return self._take()[1:-1], True
        words = []
        while self._peek() and self._peek()[0] not in '()[":' and self._peek() not in OPERATORS:
            words.append(self._take())
        if not words:
            raise Misread(self._peek())
        return " ".join(words), False

    def _word(self, text: str, tag: str, *, quoted: bool) -> Part | None:
        name, within = self._field(tag)
        if name == "Filter" and text.lower() == "all":
            return Part(self.index.everything(), "all[Filter]")
        words = normal(text) if "*" not in text else f" {text.lower()} "
        words = normal(self.understood_as[words.strip()]) if words.strip() in self.understood_as else words
        if words.strip() in STOP_WORDS and not quoted:
            self.reading.ignored.append(text)
            return None
        found = self.index.phrase(words, name, within)
        nowhere = not tag and not (found & self.shown)
        if words.strip() in self.unknown or (nowhere and not quoted):
            (self.reading.quoted if quoted and not nowhere else self.reading.phrases).append(text)
            return None
        near = f":~{within}" if within is not None else ""
        return Part(found, f'"{words.strip()}"[{name}{near}]')

    def _field(self, tag: str) -> tuple[str, int | None]:
        bare, _, near = tag.lower().partition(":~")
        name = FIELDS.get(bare.strip(), "All Fields")
        if bare and bare.strip() not in FIELDS and bare.strip() not in map(str.lower, FIELDS.values()):
            self.reading.fields.append(tag)
        name = next((full for full in FIELDS.values() if full.lower() == bare.strip()), name)
        return name, int(near) if near.isdigit() else None

    def _range(self, start: str, end: str, tag: str) -> Part | None:
        name, _ = self._field(tag)
        if name not in DATES_IN:
            self.reading.phrases.append(f"{start}:{end}")
            return None
        low, high = day(start, last=False), day(end, last=True)
        return Part(self.index.dates(DATES_IN[name], low, high), f"{start}:{end}[{name}]")


def day(text: str, *, last: bool) -> date:
    """Read yyyy, yyyy/mm or yyyy/mm/dd as the first or the last day it means."""
    parts = [int(part) for part in re.split(r"[/-]", text.strip())]
    year, month, number = [*parts, 0, 0][:3]
    if number:
        return date(year, month, number)
    if not last:
        return date(year, month or 1, 1)
    return date.fromordinal(
        date(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1).toordinal() - 1
    )
