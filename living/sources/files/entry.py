"""One entry of an exported file: what its tags or columns say, as a record of its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from living.model.record import AbstractPart, Identifier, Record, Registration
from living.model.values import digest
from living.sources.files.text import cleaned

MOST_OF_A_TITLE = 5_000  # characters
MOST_OF_AN_ABSTRACT = 100_000
MOST_OF_A_NUMBER = 100  # a key has 200 characters, the source among them
MOST_OF_A_DOI = 300
MOST_NAMES = 10_000  # of authors or keywords of one entry
DIGITS = 24  # of the digest that names an entry without a number of its own
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"[1-9]\d{0,8}")
_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
_DAY = re.compile(r"((?:18|19|20)\d\d)[-/](\d{1,2})(?:[-/](\d{1,2}))?(?!\d)")
_TRIALS = {
    "nct": re.compile(r"\bNCT\d{8}\b", re.IGNORECASE),
    "isrctn": re.compile(r"\bISRCTN\d{8}\b", re.IGNORECASE),
    "eudract": re.compile(r"(?<![\d-])\d{4}-\d{6}-\d{2}(?![\d-])"),
    "ctri": re.compile(r"\bCTRI/\d{4}/\d{2,3}/\d{6}\b", re.IGNORECASE),
    "actrn": re.compile(r"\bACTRN\d{14}\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one entry; `line` is where it stands in the file."""

    entry: int
    line: int
    told: str

    @property
    def sentence(self) -> str:
        return f"entry {self.entry}, line {self.line}: {self.told}"


@dataclass(frozen=True)
class Found:
    """One entry that reads as a record, with its place in the file."""

    entry: int
    line: int
    record: Record


@dataclass
class Draft:
    """What an entry says, gathered field by field; texts come as they stand in the file.

    `number`: what the database itself calls the entry. `trials`: fields that hold register numbers.
    """

    title: str = ""
    abstract: str = ""
    authors: list[str] = field(default_factory=list)
    container: str = ""
    published: str = ""
    types: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    number: str = ""
    doi: str = ""
    pmid: str = ""
    pmc: str = ""
    trials: list[str] = field(default_factory=list)
    registration: Registration | None = None


def found_in(draft: Draft, source: str, payload: str, entry: int, line: int) -> Found | Fault:
    """Return an entry as a record of a source, or what keeps it from being one.

    Its id is the database's own number; without one its DOI; without that a digest of title, authors and
    year. No PMID is ever made up: only an entry that states one has it.
    """
    told = _fault(draft)
    if told:
        return Fault(entry, line, told)
    doi, year = plain_doi(draft.doi), _YEAR.search(draft.published)
    title, authors = cleaned(draft.title), _each(draft.authors)
    number = "_".join(cleaned(draft.number).split())
    named = number or (doi.lower() if len(doi) <= MOST_OF_A_NUMBER else "")
    record = Record(
        source=source,
        id=named or _digest(title, authors, year[0] if year else ""),
        title=title,
        abstract=(AbstractPart(text=text),) if (text := cleaned(draft.abstract)) else (),
        authors=authors,
        container=cleaned(draft.container),
        published=cleaned(draft.published),
        types=_each(draft.types),
        headings=_each(draft.headings),
        keywords=_each(draft.keywords),
        languages=_each(draft.languages),
        identifiers=tuple(_identifiers(draft, doi)),
        registration=draft.registration,
        payload=payload,
    )
    return Found(entry, line, record.hashed())


def plain_doi(text: str) -> str:
    """Return the DOI that a text holds, whatever address or word stands before it; empty without one.

    >>> plain_doi("https://dx.doi.org/10.1000/abc.1")
    '10.1000/abc.1'
    """
    match = _DOI.search(cleaned(text))
    return match[0].rstrip(".,;") if match and len(match[0]) <= MOST_OF_A_DOI else ""


def exact_day(text: str) -> str:
    """Return the day, month or year that a text states without doubt; empty where it states none.

    >>> exact_day("2024/09/01/"), exact_day("13 May 2021"), exact_day("2019//")
    ('2024-09-01', '2021', '2019')
    """
    text = cleaned(text)
    if day := _DAY.match(text):
        parts = [f"{int(part):02d}" for part in day.groups() if part]
        return "-".join(parts)
    year = _YEAR.search(text)
    return year[0] if year else ""


def _fault(draft: Draft) -> str:
    title, number = cleaned(draft.title), cleaned(draft.number)
    if not title and not number and not plain_doi(draft.doi):
        return "has neither a title nor a number of its own nor a DOI"
    if len(title) > MOST_OF_A_TITLE:
        return f"has a title of {len(title):,} characters; at most {MOST_OF_A_TITLE:,} are read"
    if len(draft.abstract) > MOST_OF_AN_ABSTRACT:
        return (
            f"has an abstract of {len(draft.abstract):,} characters; at most {MOST_OF_AN_ABSTRACT:,} are read"
        )
    if len(number) > MOST_OF_A_NUMBER:
        return f"has a number of {len(number):,} characters; at most {MOST_OF_A_NUMBER} are read"
    if max(len(draft.authors), len(draft.keywords), len(draft.headings)) > MOST_NAMES:
        return f"names more than {MOST_NAMES:,} authors or keywords"
    if any(len(text) > MOST_OF_A_TITLE for text in (draft.container, *draft.authors, *draft.types)):
        return f"has an author, journal or type of more than {MOST_OF_A_TITLE:,} characters"
    return ""


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that say something, each once, in their order."""
    return tuple(dict.fromkeys(text for item in texts if (text := cleaned(item))))


def _identifiers(draft: Draft, doi: str) -> Iterable[Identifier]:
    if doi:
        yield Identifier(scheme="doi", value=doi)
    if pmid := _PMID.fullmatch(cleaned(draft.pmid)):
        yield Identifier(scheme="pmid", value=pmid[0])
    if pmc := cleaned(draft.pmc):
        yield Identifier(scheme="pmc", value=pmc)
    for scheme, value in trial_numbers(" ; ".join(draft.trials)):
        yield Identifier(scheme=scheme, value=value)


def trial_numbers(text: str) -> tuple[tuple[str, str], ...]:
    """Return the register numbers in a field that is meant for them, each with its register's scheme."""
    found = (
        (scheme, match[0].upper()) for scheme, known in _TRIALS.items() for match in known.finditer(text)
    )
    return tuple(dict.fromkeys(found))


def _digest(title: str, authors: tuple[str, ...], year: str) -> str:
    """A name for an entry that has none: the same words give the same name, however spaced or cased."""
    said = " ".join([*title.casefold().split(), "|", *" ".join(authors).casefold().split(), "|", year])
    return f"no-number-{digest(said)[:DIGITS]}"
