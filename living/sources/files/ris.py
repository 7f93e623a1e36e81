"""RIS as Embase.com, Ovid, Scopus, Web of Science, the Cochrane Library and EndNote write it.

They agree on little beyond the tags' shape: Embase has titles in T1 and its number in U2, the Cochrane
Library two blanks after the dash and headings between entries, Ovid a counter before each entry and its
number in ID, Scopus its number within an address, EndNote one keyword a line without a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from living.errors import UserError
from living.sources.files.entry import Draft, Fault, Found, exact_day, found_in, plain_doi
from living.sources.files.text import lines_of

MOST_OF_AN_ENTRY = 4_000_000  # characters
MOST_LINES = 50_000  # of one entry; one with 5,000 authors and their places has some 20,000
_TAGS = {2: re.compile(r"([A-Z][A-Z0-9])  -(.*)"), 1: re.compile(r"([A-Z][A-Z0-9]) -(?: (.*)|)")}
_FIRST = re.compile(r"TY {1,2}-")
_COUNTER = re.compile(r"(?:\d+\.|<\s*\d+\.?\s*>)\s*")  # Ovid writes one before each entry
_BETWEEN = re.compile(r"Record #\d+ of \d+|Provider: .*|Content: ?text/.*|\s*")
_ONE_A_LINE = frozenset({"KW", "DB", "SN"})
_EMBASE = re.compile(r"embase\.com/\S{0,300}?[?&]id=(L\d{5,12})\b")
_EMBASE_NUMBER = re.compile(r"L\d{5,12}")
_SCOPUS = re.compile(r"[?&]eid=(2-s2\.0-\d{5,14})\b")
_OVID = re.compile(r"ovid(?:sp)?\.")
_PUBMED_SAID = re.compile(r"\bPUBMED (\d{1,9})\b", re.IGNORECASE)
_DIGITS = re.compile(r"[1-9]\d{0,8}")
_PUBMED = re.compile(r"pubmed|medline", re.IGNORECASE)
KINDS = {
    "JOUR": "Journal Article", "ABST": "Abstract", "BOOK": "Book", "CHAP": "Book chapter",
    "CONF": "Conference paper", "CPAPER": "Conference paper", "CLSWK": "Classical work",
    "RPRT": "Report", "THES": "Thesis", "UNPB": "Unpublished", "DATA": "Data set",
}  # fmt: skip


@dataclass
class Raw:
    """One entry's tags with their values, as they came; `counted`: Ovid's counter stood before it."""

    entry: int
    line: int
    counted: bool = False
    tags: dict[str, list[list[str]]] = field(default_factory=dict)
    lines: int = 0
    size: int = 0
    last: str = "TY"

    def all(self, *names: str) -> list[str]:
        """Return every value of these tags, in the order of the names."""
        found = (" ".join(parts).strip() for name in names for parts in self.tags.get(name, ()))
        return [text for text in found if text]

    def first(self, *names: str) -> str:
        """Return the first value of the first of these tags that says something."""
        return next(iter(self.all(*names)), "")


def parse(content: bytes, encoding: str, where: str, source: str, payload: str) -> Iterator[Found | Fault]:
    """Yield each entry as a record of the source, or what is wrong with it, in the order of the file.

    Raises UserError for a file that is no text, or has no entry at all.
    """
    entries = 0
    for raw in raw_entries(content, encoding, where):
        entries += 1
        yield raw if isinstance(raw, Fault) else found_in(draft(raw), source, payload, raw.entry, raw.line)
    if not entries:
        raise UserError("no entry begins here (no line 'TY  - ')", where=where, fix="Export it as RIS")


def raw_entries(content: bytes, encoding: str, where: str) -> Iterator[Raw | Fault]:
    """Yield entries as tags and values, and what is wrong between and within them."""
    spaces, count, counted = 0, 0, False
    open_one: Raw | None = None
    number = 0
    for number, line in lines_of(content, encoding, where):
        if not spaces and (begun := _FIRST.match(line)):
            spaces = begun[0].count(" ")
        tag = _TAGS[spaces].fullmatch(line.rstrip()) if spaces else None
        if tag and tag[1] == "TY":
            count += 1
            if open_one is not None:
                yield Fault(open_one.entry, open_one.line, f"does not end (no 'ER  - ') before line {number}")
            open_one, counted = Raw(count, number, counted, {"TY": [[tag[2] or ""]]}), False
        elif open_one is None:
            counted = counted or _COUNTER.fullmatch(line) is not None
            if not (_COUNTER.fullmatch(line) or _BETWEEN.fullmatch(line)):
                yield Fault(count + 1, number, f"text outside an entry: '{line.strip()[:60]}'")
        elif tag and tag[1] == "ER":
            yield _closed(open_one)
            open_one = None
        else:
            _take(open_one, tag, line)
    if open_one is not None:
        yield Fault(
            open_one.entry, open_one.line, f"does not end (no 'ER  - '); the file stops at line {number}"
        )


def draft(raw: Raw) -> Draft:
    """Return what the tags of an entry say, in whichever dialect it is."""
    number, day, year = own_number(raw), exact_day(raw.first("DA")), exact_day(raw.first("PY", "Y1"))
    kind = KINDS.get(raw.first("TY"), "")
    return Draft(
        title=raw.first("TI", "T1", "BT"),
        abstract=raw.first("AB", "N2"),
        authors=raw.all("AU", "A1"),
        container=raw.first("JF", "T2", "JO", "JA", "J2"),
        published=day if year and day.startswith(year) else year or day,
        types=raw.all("M3", "PT") or [kind],
        keywords=raw.all("KW"),
        languages=raw.all("LA"),
        number=number,
        doi=_doi(raw),
        pmid=_pmid(raw, number),
        trials=raw.all("C3", "CN"),
    )


def own_number(raw: Raw) -> str:
    """Return what the database itself calls the entry; the number in a person's own library is none."""
    if said := raw.first("AN"):
        return said.removeprefix("PMID:").strip()
    embase = [text for text in raw.all("U2") if _EMBASE_NUMBER.fullmatch(text)]
    addresses = "\n".join(raw.all("UR", "L2", "LK"))
    named = _EMBASE.search(addresses) or _SCOPUS.search(addresses)
    if embase or named:
        return embase[0] if embase else named[1] if named else ""
    return raw.first("ID") if raw.counted or _OVID.search(addresses) else ""


def _take(entry: Raw, tag: re.Match[str] | None, line: str) -> None:
    """Add a line to an entry: a value of its own, or more of the last. Beyond measure it is only counted."""
    entry.lines += 1
    entry.size += len(line)
    if entry.lines > MOST_LINES or entry.size > MOST_OF_AN_ENTRY:
        return
    if tag:
        entry.last = tag[1]
        entry.tags.setdefault(entry.last, []).append([tag[2] or ""])
    elif entry.last in _ONE_A_LINE:
        entry.tags[entry.last].append([line])
    else:
        entry.tags[entry.last][-1].append(line.strip())


def _closed(entry: Raw) -> Raw | Fault:
    if entry.lines > MOST_LINES or entry.size > MOST_OF_AN_ENTRY:
        most = f"at most {MOST_LINES:,} lines and {MOST_OF_AN_ENTRY:,} characters are read"
        return Fault(entry.entry, entry.line, f"has {entry.lines:,} lines, {entry.size:,} characters; {most}")
    return entry


def _doi(raw: Raw) -> str:
    stated = raw.all("DO", "DI", "L3", "L2") + [text for text in raw.all("UR", "L1") if "doi.org/" in text]
    return next((doi for text in stated if (doi := plain_doi(text))), "")


def _pmid(raw: Raw, number: str) -> str:
    """Return the PMID where the entry states one as such: in what its own dialect keeps for it."""
    bases = " ".join(raw.all("DB"))
    if said := _PUBMED_SAID.search(" ".join(raw.all("C3"))):
        return said[1]
    if raw.first("AN").startswith("PMID:"):
        return number
    if _EMBASE_NUMBER.fullmatch(number):
        return raw.first("C5")
    if "scopus" in bases.lower():
        return raw.first("C2")
    if _PUBMED.search(bases) and "embase" not in bases.lower() and _DIGITS.fullmatch(number):
        return number
    return raw.first("PM")
