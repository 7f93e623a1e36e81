"""Which included studies have no result in an analysis, and what is known about why (after ROB-ME)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.model.protocol import Comparison
from living.model.snapshot import AnalysisOut, ComparisonOut, NotPooledStudy, Snapshot, StudyOut

Known = Literal["not_used", "no_usable_data", "authors_asked", "not_measured", "nothing_read", "not_known"]
# In the order in which a reader should see them: what may hide a result first.
LABELS: dict[Known, str] = {
    "no_usable_data": "measured, not reported in a form that can be used",
    "not_used": "measured, not in this average",
    "authors_asked": "authors asked",
    "nothing_read": "awaiting data: nothing has been read from it yet",
    "not_measured": "not measured",
    "not_known": "no entry: whether it was measured is not recorded",
}
_STATUS: dict[object, Known] = {
    "no_usable_data": "no_usable_data",
    "authors_asked": "authors_asked",
    "not_measured": "not_measured",
}


@dataclass(frozen=True)
class Missing:
    """One included study without a result; `reason` is what was recorded about it."""

    slug: str
    label: str
    known: Known
    reason: str = ""


@dataclass(frozen=True)
class Gap:
    """One analysis: which included studies gave it a result, and which did not."""

    analysis: AnalysisOut
    comparison: ComparisonOut
    reported: tuple[str, ...]
    missing: tuple[Missing, ...]

    @property
    def asked(self) -> int:
        """How many included studies compare what the analysis compares."""
        return len(self.reported) + len(self.missing)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Missing, ...]], ...]:
        """Return the missing by what is known of them, in the order of LABELS."""
        found = {known: tuple(one for one in self.missing if one.known == known) for known in LABELS}
        return tuple((LABELS[known], items) for known, items in found.items() if items)


def gaps(snapshot: Snapshot) -> tuple[Gap, ...]:
    """Return for every analysis of this review's own who is missing; analyses for continuity are left out.

    A study whose arms nobody has recorded is taken to ask every comparison's question.
    """
    declared = {item.id: item for item in snapshot.protocol.comparisons}
    included = [study for study in snapshot.studies if study.status == "included"]
    return tuple(
        _gap(analysis, comparison, [study for study in included if _asks(study, declared[comparison.id])])
        for comparison in snapshot.comparisons
        for analysis in comparison.analyses
        if analysis.role != "continuity"
    )


def _asks(study: StudyOut, comparison: Comparison) -> bool:
    arms = {arm.intervention for arm in study.arms}
    return not arms or (comparison.experimental in arms and not arms.isdisjoint(comparison.control))


def _gap(analysis: AnalysisOut, comparison: ComparisonOut, studies: list[StudyOut]) -> Gap:
    entered = {row.study for row in analysis.contrasts}
    passed = {item.study: item for item in analysis.not_pooled}
    return Gap(
        analysis=analysis,
        comparison=comparison,
        reported=tuple(row.label for row in analysis.contrasts),
        missing=tuple(
            _missing(study, analysis, passed.get(study.key)) for study in studies if study.key not in entered
        ),
    )


def _missing(study: StudyOut, analysis: AnalysisOut, passed: NotPooledStudy | None) -> Missing:
    cells = [cell for cell in study.cells if cell.outcome == analysis.outcome]
    usable = [cell for cell in cells if cell.numbers.get("shape") != "no_numbers"]
    if passed and (usable or not cells):
        return Missing(study.slug, study.label, "not_used", passed.reason)
    if cells and not usable:
        known = _STATUS.get(cells[0].numbers.get("status"), "no_usable_data")
        return Missing(study.slug, study.label, known, passed.reason if passed else cells[0].said)
    known = "not_known" if study.cells else "nothing_read"
    return Missing(study.slug, study.label, known)
