"""What each reader entered for a settled cell, beside what came of it."""

from __future__ import annotations

from living.model.facts import Adjudication, Extraction, LedgerLine
from living.model.snapshot import AnswerOut, EntryOut
from living.review.checks.catalogue import KINDS
from living.review.names import said
from living.review.readings import Reading

ORDER = ("import", "reading", "adjudication")


def entries(reading: Reading) -> tuple[EntryOut, ...]:
    """Return everything entered for a settled cell: imports (a replaced one too), readers by id, the ruling.

    Who of the readers came first changes nothing but their ledger numbers.

    A cell that people have begun and not settled shows its import alone: its readers do not see each other.
    """
    extractions = [*reading.read_by, *((reading.beside,) if reading.beside else ())]
    found = [_extraction(line, extraction) for line, extraction in extractions]
    ruling = reading.adjudicated
    if ruling and isinstance(ruling.fact, Adjudication):
        found.append(_adjudication(ruling, ruling.fact))
    return tuple(sorted(found, key=lambda entry: (ORDER.index(entry.kind), entry.by, entry.seq)))


def _extraction(line: LedgerLine, extraction: Extraction) -> EntryOut:
    return EntryOut(
        kind="import" if extraction.imported else "reading",
        by=line.by,
        at=line.at,
        grade=extraction.imported or "",
        seq=line.seq,
        numbers=extraction.numbers.model_dump(mode="json"),
        said=said(extraction.numbers),
        quotes=extraction.quotes,
        reason=extraction.notes,
        answers=_answers(extraction.reasons),
    )


def _adjudication(line: LedgerLine, ruling: Adjudication) -> EntryOut:
    return EntryOut(
        kind="adjudication",
        by=line.by,
        at=line.at,
        seq=line.seq,
        numbers=ruling.numbers.model_dump(mode="json"),
        said=said(ruling.numbers),
        quotes=ruling.quotes,
        reason=ruling.reason,
        answers=_answers(ruling.reasons),
    )


def _answers(reasons: tuple[tuple[str, str], ...]) -> tuple[AnswerOut, ...]:
    """What checks asked about the numbers, by their titles, and why the person let the numbers stand."""
    return tuple(
        AnswerOut(check=KINDS[code].title if code in KINDS else code, answer=why) for code, why in reasons
    )
