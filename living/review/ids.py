"""Ids that are spelled in several ways, in one spelling each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from living.model.record import Record
from living.review.misprints import other_numbers

OF_REPORTS = frozenset({"doi", "pmid", "pmc"})  # the rest are numbers of trials in other registers
_DOI = re.compile(r"(10\.\d{4,9}/\S+)")
_PMC = ("pmc", "pmcid")
_PMID = ("pmid", "pubmed")


def ids_of(record: Record) -> frozenset[tuple[str, str]]:
    """Return every id by which a record may be known elsewhere: (scheme, value)."""
    return frozenset((*report_ids(record), *other_numbers(record)))


def report_ids(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the ids of the document itself. What a registration names as DOI or PMID is not itself."""
    if record.source == "pubmed":
        yield "pmid", record.id.lstrip("0")
    if record.registration:
        return
    for item in record.identifiers:
        if item.scheme == "doi" and (doi := plain_doi(item.value)):
            yield "doi", doi
        elif item.scheme in _PMID and (digits := _digits(item.value)):
            yield "pmid", digits
        elif item.scheme in _PMC and (digits := _digits(item.value)):
            yield "pmc", digits


def plain_doi(text: str) -> str:
    """Return a DOI in one spelling, without address, prefix or trailing stop; empty when there is none.

    >>> plain_doi("https://doi.org/10.5555/Toy.9.")
    '10.5555/toy.9'
    """
    found = _DOI.search(text.replace("%2F", "/").replace("%2f", "/"))
    return found[1].rstrip(".,;)").lower() if found else ""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")
