"""MEDLINE's tagged text (NBIB), as PubMed and Ovid MEDLINE save it; Biopython reads the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from Bio import Medline

from living.errors import UserError
from living.sources.files.entry import Draft, Fault, Found, found_in
from living.sources.files.text import cleaned, lines_of

MOST_OF_AN_ENTRY = 1_000_000  # characters of the fields that are read
# Addresses, funders and the like are passed over: there can be thousands, and people's are nobody's business.
READ = frozenset("PMID TI BTI TT AB OAB AU CN JT TA DP PT MH OT LA LID AID SI PMC SO".split())
_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- ?")
_MORE = "      "  # what a line begins with that goes on with the field above it
_TRIAL = re.compile(r"(?:ClinicalTrials\.gov|ISRCTN|EudraCT|CTRI|ANZCTR)/(.+)", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9]\d{0,8}")


@dataclass
class _Lines:
    """The lines of one entry and where they begin."""

    entry: int
    line: int
    lines: list[str] = field(default_factory=list)
    size: int = 0
    tag: str = ""
    wrong: bool = False

    def take(self, line: str) -> bool:
        """Take a line in; False when it is neither a field nor more of one. Beyond measure it only counts."""
        if tagged := _TAG.match(line):
            self.tag = tagged[1]
        elif not (line.startswith(_MORE) and self.tag):
            self.wrong = True
            return False
        if self.tag in READ:
            self.size += len(line)
            self.lines += [line] if self.size <= MOST_OF_AN_ENTRY else []
        return True


def parse(content: bytes, encoding: str, where: str, source: str, payload: str) -> Iterator[Found | Fault]:
    """Yield each entry as a record of the source, or what is wrong with it, in the order of the file.

    Raises UserError for a file that is no text, or has no entry at all.
    """
    entries = 0
    for one in _entries(content, encoding, where):
        entries += 1
        yield one if isinstance(one, Fault) else _found(one, source, payload)
    if not entries:
        raise UserError(
            "no entry begins here (no line 'PMID- ')", where=where, fix="Save it as PubMed or NBIB"
        )


def _entries(content: bytes, encoding: str, where: str) -> Iterator[_Lines | Fault]:
    """Entries stand between blank lines; each line is a field or more of the one above it."""
    count = 0
    one: _Lines | None = None
    for number, line in lines_of(content, encoding, where):
        if not line.strip():
            if one is not None and not line.startswith(_MORE):
                yield from _closed(one)
                one = None
            continue
        if one is None:
            count += 1
            one = _Lines(count, number)
        if not one.take(line):
            yield Fault(count, number, f"is neither a field nor more of one: '{line.strip()[:60]}'")
    if one is not None:
        yield from _closed(one)


def _closed(one: _Lines) -> Iterator[_Lines | Fault]:
    """The entry whose end came, unless its faults were told."""
    if one.size > MOST_OF_AN_ENTRY:
        told = f"says {one.size:,} characters; at most {MOST_OF_AN_ENTRY:,} are read"
        yield Fault(one.entry, one.line, told)
    elif not one.wrong:
        yield one


def _found(one: _Lines, source: str, payload: str) -> Found | Fault:
    lines = (f"{line}\n" for line in one.lines)
    said: Any = next(Medline.parse(lines), {})  # type: ignore[no-untyped-call]
    pmid = cleaned(_text(said, "PMID"))
    if not _NUMBER.fullmatch(pmid):
        told = f"has the PMID '{pmid[:30]}', which is none" if pmid else "has no PMID"
        return Fault(one.entry, one.line, told)
    if "SO" not in said:  # the last field of every entry that is whole
        return Fault(one.entry, one.line, f"PMID {pmid} is cut off: it has no field SO, which ends an entry")
    return found_in(_draft(said, pmid), source, payload, one.entry, one.line)


def _draft(said: Any, pmid: str) -> Draft:
    """Return what the fields say. Full names come before initials, which Biopython keeps beside them."""
    named = [*_texts(said, "LID"), *_texts(said, "AID")]
    trials = [match[1] for text in _texts(said, "SI") if (match := _TRIAL.match(text))]
    return Draft(
        title=_text(said, "TI") or _text(said, "BTI") or _text(said, "TT"),
        abstract=_text(said, "AB") or _text(said, "OAB"),
        authors=[*_texts(said, "AU"), *_texts(said, "CN")],
        container=_text(said, "JT") or _text(said, "TA"),
        published=cleaned(_text(said, "DP")),
        types=_texts(said, "PT"),
        headings=_texts(said, "MH"),
        keywords=_texts(said, "OT"),
        languages=_texts(said, "LA"),
        number=pmid,
        doi=next((doi for text in named if (doi := _doi_among(text))), ""),
        pmid=pmid,
        pmc=_text(said, "PMC"),
        trials=trials,
    )


def _doi_among(text: str) -> str:
    """The DOI among ids that are each followed by their kind in brackets."""
    ids = (part.rpartition("[") for part in text.split("]"))
    return next((name.strip() for name, _, kind in ids if kind.strip().lower() == "doi"), "")


def _text(said: Any, tag: str) -> str:
    """A field as one text; Biopython gives some as lists, and one list more with each of its versions."""
    found = said.get(tag, "")
    return found if isinstance(found, str) else " ".join(map(str, found))


def _texts(said: Any, tag: str) -> list[str]:
    found = said.get(tag, ())
    return [found] if isinstance(found, str) else [str(text) for text in found]
