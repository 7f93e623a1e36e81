"""What was measured and stands in no average, told study by study (after SWiM)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from living.model.numbers import (
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    Numbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.snapshot import AnalysisOut, CellOut, NotPooledStudy, Snapshot

CANNOT_BE_TOLD = "cannot be told from what was read"
_NUMBERS: TypeAdapter[Numbers] = TypeAdapter(Numbers)


@dataclass(frozen=True)
class Told:
    """One study's finding outside every average; `cell` is where it was read, empty where nothing was."""

    slug: str
    label: str
    found: str
    direction: str
    why: str
    cell: str = ""


@dataclass(frozen=True)
class Group:
    """The findings of one analysis's question."""

    analysis: AnalysisOut
    told: tuple[Told, ...]


def narrative(snapshot: Snapshot) -> tuple[Group, ...]:
    """Return what was measured and not pooled, grouped by the question asked; without a vote count.

    Studies of an analysis without an average stand here too. Analyses for continuity are left out: their
    studies are the same ones.
    """
    cells = {(study.key, cell.id): cell for study in snapshot.studies for cell in study.cells}
    groups = (
        Group(item, (*_alone(item), *_passed(item, cells)))
        for comparison in snapshot.comparisons
        for item in comparison.analyses
        if item.role != "continuity"
    )
    return tuple(group for group in groups if group.told)


def _alone(analysis: AnalysisOut) -> Iterator[Told]:
    for row in () if analysis.pool.pooled else analysis.contrasts:
        sure = (
            "the interval includes no difference"
            if row.low <= 0 <= row.high
            else "the interval excludes none"
        )
        direction = f"{_direction(analysis, row.estimate)}; {sure}"
        yield Told(row.slug, row.label, row.said, direction, analysis.pool.reason, row.cell)


def _passed(analysis: AnalysisOut, cells: dict[tuple[str, str], CellOut]) -> Iterator[Told]:
    for one in analysis.not_pooled:
        cell = _cell(analysis, one, cells)
        shown = _shown(cell) if cell else None
        direction = CANNOT_BE_TOLD if shown is None else _direction(analysis, shown)
        yield Told(one.slug, one.label, one.found, direction, one.reason, cell.id if cell else "")


def _cell(
    analysis: AnalysisOut, one: NotPooledStudy, cells: dict[tuple[str, str], CellOut]
) -> CellOut | None:
    """The cell whose words stand as what was found; without those, the study's cell on the outcome."""
    own = [
        cell for (study, _), cell in cells.items() if study == one.study and cell.outcome == analysis.outcome
    ]
    return next((cell for cell in own if one.found and cell.said == one.found), own[0] if own else None)


def _shown(cell: CellOut) -> float | None:
    """Return experimental minus control as far as it was read, for its sign alone."""
    match _NUMBERS.validate_python(cell.numbers):
        case ArmMeans(experimental=one, control=two):
            return one.mean - two.mean
        case PairedDifference(difference=difference):
            return difference
        case PairedMeans(mean_experimental=one_mean, mean_control=other_mean):
            return one_mean - other_mean
        case EventCounts(experimental=one_count, control=other_count):
            return one_count.events / one_count.total - other_count.events / other_count.total
        case EventRates(experimental=left, control=right):
            if left.person_weeks is None or right.person_weeks is None:
                return None
            return left.events / left.person_weeks - right.events / right.person_weeks
        case ReportedContrast(measure=measure, estimate=estimate):
            return estimate if measure in ("MD", "SMD") else math.log(estimate)
        case NoNumbers():
            return None


def _direction(analysis: AnalysisOut, value: float) -> str:
    if value == 0:
        return "no difference"
    return f"toward {analysis.favours_low if value < 0 else analysis.favours_high}"
