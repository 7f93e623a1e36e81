"""Why a record is here: which words of a source's query stand in it, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from living.model.protocol import Protocol, Source
from living.model.record import Record

TITLE = "title and abstract"
HEADINGS, KEYWORDS, REGISTER = "subject headings", "keywords", "register entry"
# What a field tag of PubMed's language searches, among what a record here holds. Substances are not kept.
FIELDS = {"tiab": TITLE, "ti": TITLE, "ab": TITLE, "mh": HEADINGS, "mesh": HEADINGS, "ot": KEYWORDS}
# The same for what stands before a colon in the languages of Europe PMC and ISRCTN.
PREFIXES = {
    "title": TITLE, "abstract": TITLE, "kw": KEYWORDS, "condition": REGISTER, "intervention": REGISTER,
}  # fmt: skip
NOT_KEPT = frozenset({"nm"})
_CLAUSE = re.compile(
    r'(?:(?P<before>[a-z_]+):)?(?P<term>"[^"]+"|[^\s()"\[\]]+)(?:\[(?P<field>[a-z]+)(?::~(?P<near>\d+))?\])?',
    re.IGNORECASE,
)
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_WORD = re.compile(r"\w+")
_GAP = r"[\s\-‐-―]+"  # a space and a dash are the same to a search


@dataclass(frozen=True)
class Match:
    """One clause of a query that a record answers, where, and the words as they stand there."""

    clause: str
    where: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Surfaced:
    """Why a record came: its source by name, what of the query was found in it. `kind` as in the protocol."""

    source: str
    kind: str
    matches: tuple[Match, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words found, each once, longest first, so that a longer one is marked before its parts."""
        found = {word for match in self.matches for word in match.words}
        return tuple(sorted(found, key=lambda word: (-len(word), word)))


def surfaced(record: Record, protocol: Protocol) -> Surfaced:
    """Return why a record is here. What no source of the protocol searches for was entered by people.

    A search engine also finds by subtrees of its headings and by fields that are not kept here; a record may
    therefore have come without any match, and that is said and not hidden.
    """
    source = next((item for item in protocol.sources if item.id == record.source), None)
    if source is None:
        return Surfaced(record.source, "import")
    found = [match for clause in clauses_of(source) if (match := _match(clause, record))]
    return Surfaced(source.label, source.kind, tuple(found))


def clauses_of(source: Source) -> tuple[str, ...]:
    """Return the clauses of a query: those the protocol lists, else what the query's own words are."""
    if source.clauses:
        return source.clauses
    found = (match for match in _CLAUSE.finditer(source.query) if match["term"] not in _OPERATORS)
    return tuple(dict.fromkeys(match[0] for match in found))


def pieces(text: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, each with whether it is one of these words; together they are the text."""
    if not words:
        return ((text, False),) if text else ()
    wanted = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    found: list[tuple[str, bool]] = []
    at = 0
    for match in wanted.finditer(text):
        found += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    found.append((text[at:], False))
    return tuple((part, hit) for part, hit in found if part)


def _match(clause: str, record: Record) -> Match | None:
    parsed = _CLAUSE.fullmatch(clause.strip())
    if parsed is None or (parsed["field"] or "").lower() in NOT_KEPT:
        return None
    term, near = parsed["term"].strip('"'), parsed["near"]
    field = FIELDS.get((parsed["field"] or "").lower()) or PREFIXES.get((parsed["before"] or "").lower(), "")
    for where, texts in _places(record, field):
        words = _near(term, int(near), texts) if near else _standing(term, texts, whole=where == HEADINGS)
        if words:
            return Match(clause, where, words)
    return None


def _places(record: Record, field: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The texts that a field tag searches; a clause without one searches them all."""
    headings = tuple(heading.replace("*", "").partition("/")[0] for heading in record.headings)
    places = (
        (TITLE, (record.title, *(part.text for part in record.abstract))),
        (HEADINGS, headings),
        (KEYWORDS, record.keywords),
        (REGISTER, _registered(record)),
    )
    return [(where, texts) for where, texts in places if not field or where == field]


def _registered(record: Record) -> tuple[str, ...]:
    entry = record.registration
    if entry is None:
        return ()
    items = (*entry.interventions, *entry.arms)
    return (*entry.conditions, *(f"{item.name} {item.detail}" for item in items))


def _standing(term: str, texts: Iterable[str], *, whole: bool) -> tuple[str, ...]:
    stem, cut = term.rstrip("*"), term.endswith("*")
    body = _GAP.join(re.escape(word) for word in re.split(r"[\s\-]+", stem) if word)
    if not body:
        return ()
    more = r"\w*" if cut else ""
    pattern = rf"(?<!\w){body}{more}(?!\w)"
    wanted = re.compile(rf"\A{pattern}\Z" if whole else pattern, re.IGNORECASE)
    return tuple(dict.fromkeys(match[0] for text in texts for match in wanted.finditer(text)))


def _near(term: str, distance: int, texts: Iterable[str]) -> tuple[str, ...]:
    """The words of a term standing in any order with at most so many others between them."""
    wanted = {word.lower() for word in _WORD.findall(term)}
    for text in texts:
        said = _WORD.findall(text)
        for start in range(len(said)):
            span = said[start : start + len(wanted) + distance]
            found = {word.lower(): word for word in span if word.lower() in wanted}
            if found.keys() == wanted:
                return tuple(found.values())
    return ()
