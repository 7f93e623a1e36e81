"""A version's data as CSV, each table twice.

`data/` is for spreadsheets: no text can act as a formula. `data/raw/` is for programs: texts as they stand.
Numbers are the same in both, with the 12 significant digits of the document.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from living.model.protocol import Sensitivity
from living.model.snapshot import AnalysisOut, CellOut, ContrastOut, PoolOut, Snapshot, StudyOut
from living.model.values import SIGNIFICANT_DIGITS, canonical
from living.publish.columns import (
    CELLS,
    CONTRASTS,
    DICTIONARY,
    POOLS,
    PUBLISHED,
    STUDIES,
    TABLES,
    WALKS,
    Table,
)
from living.publish.reconciled import print_row, walk_rows
from living.publish.view import analyses

# What a spreadsheet takes for a formula or a command; the wide forms are folded to them on import.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Item = str | float | int | bool | None
REFITTED = ("CE", "REML", "DL", "PM", "ML", "HE", "SJ", "EB")  # what refit.R can ask metafor for
SAME_EFFECTS = {"id", "label", "tau2", "interval"}  # a variant that names nothing else pools the same effects


def files(snapshot: Snapshot) -> dict[str, bytes]:
    """Return every table of a version by its path, in both kinds."""
    found: dict[str, bytes] = {}
    for table, rows in _rows(snapshot):
        found[f"data/{table.name}.csv"] = _csv(table, rows, safe)
        found[f"data/raw/{table.name}.csv"] = _csv(table, rows, raw)
    return found


def safe(item: Item) -> str:
    """Return one field; text that would start a formula is led by an apostrophe, as spreadsheets expect."""
    text = raw(item)
    return f"'{text}" if isinstance(item, str) and text.startswith(FORMULA_STARTS) else text


def raw(item: Item) -> str:
    """Return one field as it stands."""
    match item:
        case None:
            return ""
        case str():
            return item
        case bool():
            return "true" if item else "false"
        case float():
            return f"{item:.{SIGNIFICANT_DIGITS}g}"
        case int():
            return str(item)


def _rows(snapshot: Snapshot) -> Iterator[tuple[Table, list[list[Item]]]]:
    yield (
        CONTRASTS,
        [[*_contrast(item, one)] for item in analyses(snapshot) for one in item.contrasts],
    )
    yield CELLS, [[*_cell(study, cell)] for study in snapshot.studies for cell in study.cells]
    yield STUDIES, [[*_study(study)] for study in snapshot.studies]
    yield POOLS, [[*row] for item in analyses(snapshot) for row in _pools(snapshot, item)]
    yield PUBLISHED, [[*print_row(out)] for out in snapshot.published]
    yield WALKS, [[*row] for out in snapshot.published for row in walk_rows(out)]
    yield (
        DICTIONARY,
        [
            [table.name, column.name, column.kind, column.unit, column.meaning]
            for table in TABLES
            for column in table.columns
        ],
    )


def _csv(table: Table, rows: Iterable[Iterable[Item]], field: Callable[[Item], str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows([field(item) for item in row] for row in rows)
    return out.getvalue().encode()


def _contrast(item: AnalysisOut, one: ContrastOut) -> Iterator[Item]:
    yield from (item.comparison, item.id, item.outcome, item.measure, _scale(item))
    yield from (one.study, one.label, one.n_experimental, one.n_control)
    yield from (one.events_experimental, one.events_control)
    yield from (one.estimate, one.se, one.low, one.high, one.weight)
    yield from (one.estimand, one.weeks, one.dose_mg, one.condition, one.standing)
    yield from (one.said, one.where, one.cell)


def _scale(item: AnalysisOut) -> str:
    return "log" if item.ratio else "natural"


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


def _pools(snapshot: Snapshot, item: AnalysisOut) -> Iterator[Iterator[Item]]:
    variants = {
        variant.id: variant
        for analysis in snapshot.protocol.analyses
        if analysis.id == item.id
        for variant in analysis.sensitivity
    }
    yield _pool(item, "main", item.label, item.pool, "")
    if item.two_study_pool:
        yield _pool(item, "two_studies", item.label, item.two_study_pool, "")
    for one in item.sensitivity:
        yield _pool(item, one.id, one.label, one.pool, _apart(variants.get(one.id)))


def _pool(item: AnalysisOut, fit: str, label: str, pool: PoolOut, apart: str) -> Iterator[Item]:
    yield from (item.comparison, item.id, fit, label, item.measure, _scale(item), pool.pooled, pool.reason)
    yield from (pool.k, pool.method, pool.interval, pool.level, pool.estimate, pool.se, pool.low, pool.high)
    yield from (pool.p, pool.tau2, pool.i2, pool.q, pool.q_p, pool.prediction_low, pool.prediction_high)
    yield (
        "not pooled"
        if not pool.pooled
        else ""
        if pool.method in REFITTED and not apart
        else _why(pool, apart)
    )


def _why(pool: PoolOut, apart: str) -> str:
    return "a Bayesian model, not metafor's" if pool.interval == "bayes" else apart or "not one of metafor's"


def _apart(variant: Sensitivity | None) -> str:
    """Why a variant's effects are not those of the analysis; empty where only the model differs."""
    if variant is None:
        return "the protocol declares no such analysis"
    named = variant.model_dump(exclude_defaults=True).keys()
    return "" if named <= SAME_EFFECTS else "other effects or studies than in the table contrasts"


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(text for text in texts if text)
