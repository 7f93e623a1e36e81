"""A version's data as CSV: numbers stay numbers, and no text can act as a spreadsheet formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from living.model.snapshot import AnalysisOut, CellOut, ContrastOut, Snapshot, StudyOut
from living.model.values import SIGNIFICANT_DIGITS, canonical
from living.publish.view import analyses

# What a spreadsheet takes for a formula or a command; the wide forms are folded to them on import.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Item = str | float | int | bool | None

CONTRASTS = (
    "comparison", "analysis", "outcome", "measure", "scale_of_estimate", "study", "label", "n_experimental",
    "n_control", "events_experimental", "events_control", "estimate", "se", "low", "high", "weight_percent",
    "estimand", "weeks", "dose_mg", "condition", "standing", "said", "where", "cell",
)  # fmt: skip
CELLS = (
    "study", "label", "cell", "outcome", "experimental", "control", "scale", "weeks", "estimand", "standing",
    "said", "numbers", "population", "quote_kind", "quote", "locator", "report", "url", "read_by", "grade",
    "read_at", "notes",
)  # fmt: skip
STUDIES = (
    "study", "label", "status", "awaiting_data", "criterion", "reason", "design", "condition",
    "condition_group", "registrations", "reports", "registry_status", "planned_n", "expected",
    "available_from", "aliases",
)  # fmt: skip


def contrasts(snapshot: Snapshot) -> bytes:
    """Return every study's line in every analysis; where `scale_of_estimate` is log, it is a logarithm."""
    rows = (_contrast(item, one) for item in analyses(snapshot) for one in item.contrasts)
    return _csv(CONTRASTS, rows)


def cells(snapshot: Snapshot) -> bytes:
    """Return every number as it was read, with its quote and reader."""
    return _csv(CELLS, (_cell(study, cell) for study in snapshot.studies for cell in study.cells))


def studies(snapshot: Snapshot) -> bytes:
    """Return every study with its standing and reason."""
    return _csv(STUDIES, map(_study, snapshot.studies))


def safe(item: Item) -> str:
    """Return one field; text that would start a formula is led by an apostrophe, as spreadsheets expect."""
    match item:
        case None:
            return ""
        case str():
            return f"'{item}" if item.startswith(FORMULA_STARTS) else item
        case bool():
            return "true" if item else "false"
        case float():
            return f"{item:.{SIGNIFICANT_DIGITS}g}"
        case int():
            return str(item)


def _csv(header: Sequence[str], rows: Iterable[Iterable[Item]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([safe(item) for item in row] for row in rows)
    return out.getvalue().encode()


def _contrast(item: AnalysisOut, one: ContrastOut) -> Iterator[Item]:
    yield from (item.comparison, item.id, item.outcome, item.measure, "log" if item.ratio else "natural")
    yield from (one.study, one.label, one.n_experimental, one.n_control)
    yield from (
        one.events_experimental,
        one.events_control,
        one.estimate,
        one.se,
        one.low,
        one.high,
        one.weight,
    )
    yield from (
        one.estimand,
        one.weeks,
        one.dose_mg,
        one.condition,
        one.standing,
        one.said,
        one.where,
        one.cell,
    )


def _cell(study: StudyOut, cell: CellOut) -> Iterator[Item]:
    yield from (study.key, study.label, cell.id, cell.outcome, cell.experimental, cell.control, cell.scale)
    yield from (cell.weeks, cell.estimand, cell.standing, cell.said, canonical(cell.numbers), cell.population)
    quotes, readers = cell.quotes, cell.read_by
    yield from (_joined(quote.kind for quote in quotes), _joined(quote.text for quote in quotes))
    yield from (_joined(quote.locator for quote in quotes), _joined(quote.report for quote in quotes))
    yield from (_joined(quote.url for quote in quotes), _joined(who.by for who in readers))
    yield from (_joined(who.grade for who in readers), _joined(who.at for who in readers), cell.notes)


def _study(study: StudyOut) -> Iterator[Item]:
    yield from (study.key, study.label, study.status, study.awaiting_data, study.criterion, study.reason)
    yield from (study.design, study.condition, study.condition_group, _joined(study.registrations))
    yield from (_joined(report.record for report in study.reports), study.registry_status, study.planned_n)
    yield from (study.expected, study.available_from, _joined(study.aliases))


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(text for text in texts if text)
