"""Whether PubMed understood a query: its translation, compared term by term with what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Tags as people write them, and as PubMed's translation spells them out.
FIELDS = {
    "mh": "mesh terms",
    "mesh": "mesh terms",
    "majr": "mesh major topic",
    "sh": "mesh subheading",
    "nm": "supplementary concept",
    "tiab": "title/abstract",
    "ti": "title",
    "ab": "abstract",
    "tw": "text word",
    "ot": "other term",
    "pt": "publication type",
    "au": "author",
    "la": "language",
    "all": "all fields",
}
_TERM = re.compile(r'(?:"([^"]+)"|([^\s"()\[\]]+))\s*\[([^\]]+)\]')


def terms(query: str) -> set[tuple[str, str]]:
    """Return the tagged terms of a query in one spelling, whoever wrote it.

    >>> sorted(terms('naltrexone[mh] OR "Low-Dose"[tiab]'))
    [('low dose', 'title/abstract'), ('naltrexone', 'mesh terms')]
    >>> terms('"naltrexone low"[Title/Abstract:~3]') == terms('"naltrexone low"[tiab:~3]')
    True
    """
    return {(_words(quoted or bare), _field(tag)) for quoted, bare, tag in _TERM.findall(query)}


def missing_clauses(clauses: Iterable[str], translation: str) -> tuple[str, ...]:
    """Return the clauses that a translation does not hold."""
    understood, flat = terms(translation), _words(translation)
    return tuple(clause for clause in clauses if not _stands_in(clause, understood, flat))


def _stands_in(clause: str, understood: set[tuple[str, str]], flat: str) -> bool:
    wanted = terms(clause)
    return wanted <= understood if wanted else f" {_words(clause)} " in f" {flat} "


def _words(text: str) -> str:
    """PubMed reads punctuation as a space: 4.5mg becomes 4 5mg, low-dose becomes low dose."""
    return " ".join(re.sub(r"[^\w*]+", " ", text.lower()).split())


def _field(tag: str) -> str:
    name, colon, rest = tag.strip().lower().partition(":")
    return FIELDS.get(name.strip(), name.strip()) + colon + rest.strip()
