"""What the page shows of each study, so that every number leads to where it was read and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from living.model.facts import Quote
from living.model.snapshot import AnalysisOut, CellOut, ContrastOut, ReportOut, Snapshot, StudyOut
from living.model.values import digest
from living.publish import numerals

FOLDER = "study"


@dataclass(frozen=True)
class QuoteView:
    quote: Quote
    report_anchor: str
    title: str


@dataclass(frozen=True)
class Use:
    """One analysis that a cell entered, with what was derived on the way."""

    analysis: AnalysisOut
    anchor: str
    contrast: ContrastOut


Uses = dict[tuple[str, str], list[Use]]


@dataclass(frozen=True)
class CellView:
    cell: CellOut
    anchor: str
    experimental: str
    control: str
    quotes: tuple[QuoteView, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class ReportView:
    """`article`: the anchor of the article that a preprint became."""

    report: ReportOut
    anchor: str
    article: str = ""


@dataclass(frozen=True)
class StudyView:
    study: StudyOut
    anchor: str
    reports: tuple[ReportView, ...]
    cells: tuple[CellView, ...]
    criterion_text: str
    page: str
    results: dict[str, str]


@dataclass(frozen=True)
class StudyLists:
    """Every study once, where it stands; those awaiting data are included studies too.

    What was excluded on title and abstract is counted by the flow and not listed.
    """

    included: tuple[StudyView, ...]
    awaiting_data: tuple[StudyView, ...]
    awaiting_classification: tuple[StudyView, ...]
    ongoing: tuple[StudyView, ...]
    stopped: tuple[StudyView, ...]
    excluded: tuple[StudyView, ...]

    @property
    def every(self) -> tuple[StudyView, ...]:
        """Every study that is listed, once."""
        waiting = (*self.awaiting_classification, *self.ongoing, *self.stopped)
        return (*self.included, *waiting, *self.excluded)


def study_anchor(slug: str) -> str:
    return f"study-{slug}"


def cell_anchor(slug: str, cell_id: str) -> str:
    """Return an anchor for a cell, whose id is unique within its study only and may hold any character."""
    return f"cell-{digest(f'{slug} {cell_id}')[:10]}"


def study_path(slug: str) -> str:
    """Return where a study's own page stands in a version's folder."""
    return f"{FOLDER}/{slug}.html"


def cell_path(slug: str, cell_id: str) -> str:
    """Return where the way of a cell's number is told."""
    return f"{study_path(slug)}#{cell_anchor(slug, cell_id)}"


def has_page(study: StudyOut) -> bool:
    """Return whether a study has a page of its own.

    The included have, whoever gave a number, and every trial whose registration says otherwise than it did.
    """
    return study.status == "included" or bool(study.cells or study.registry)


def results_of(study: StudyOut) -> dict[str, str]:
    """Return what a judgement of risk of bias may name, in words: each outcome, each cell, or the study."""
    outcomes = {cell.outcome: cell.outcome_label for cell in study.cells}
    cells = {cell.id: f"{cell.outcome_label}, {numerals.weeks(cell.weeks)}" for cell in study.cells}
    named = {one.result: one.result for one in study.rob}
    return {**named, **cells, **outcomes}


def analysis_anchor(analysis: AnalysisOut) -> str:
    return f"analysis-{analysis.id}"


def study_lists(snapshot: Snapshot) -> StudyLists:
    uses = _uses(snapshot)
    criteria = {criterion.id: criterion.text for criterion in snapshot.protocol.eligibility}
    views = [_study(study, uses, criteria) for study in snapshot.studies]
    return StudyLists(
        included=_standing(views, "included"),
        awaiting_data=tuple(view for view in _standing(views, "included") if view.study.awaiting_data),
        awaiting_classification=_standing(views, "awaiting_classification"),
        ongoing=_standing(views, "ongoing"),
        stopped=_standing(views, "stopped"),
        excluded=tuple(sorted(_read_and_excluded(views), key=_by_criterion)),
    )


def _standing(views: Iterable[StudyView], status: str) -> tuple[StudyView, ...]:
    return tuple(view for view in views if view.study.status == status)


def _read_and_excluded(views: Iterable[StudyView]) -> list[StudyView]:
    return [view for view in _standing(views, "excluded") if view.study.screened_on != "title"]


def _by_criterion(view: StudyView) -> tuple[str, int, str]:
    name = view.study.criterion
    return (name[:1], int(name[1:]) if name[1:].isdigit() else 0, view.study.label)


def _uses(snapshot: Snapshot) -> Uses:
    found: Uses = {}
    for comparison in snapshot.comparisons:
        for analysis in comparison.analyses:
            for contrast in analysis.contrasts:
                use = Use(analysis, analysis_anchor(analysis), contrast)
                found.setdefault((contrast.study, contrast.cell), []).append(use)
    return found


def _study(study: StudyOut, uses: Uses, criteria: dict[str, str]) -> StudyView:
    reports = tuple(
        ReportView(one, _anchor(one.record), _anchor(one.superseded_by) if one.superseded_by else "")
        for one in study.reports
    )
    known = {view.report.record: view for view in reports}
    return StudyView(
        study=study,
        anchor=study_anchor(study.slug),
        reports=reports,
        cells=tuple(_cell(study, cell, uses, known) for cell in study.cells),
        criterion_text=criteria.get(study.criterion, ""),
        page=study_path(study.slug) if has_page(study) else "",
        results=results_of(study),
    )


def _anchor(record: str) -> str:
    return f"report-{digest(record)[:10]}"


def _cell(study: StudyOut, cell: CellOut, uses: Uses, reports: dict[str, ReportView]) -> CellView:
    arms = {arm.id: arm.label for arm in study.arms}
    return CellView(
        cell=cell,
        experimental=arms.get(cell.experimental, cell.experimental),
        control=arms.get(cell.control, cell.control),
        anchor=cell_anchor(study.slug, cell.id),
        quotes=tuple(quote_view(quote, reports.get(quote.report)) for quote in cell.quotes),
        uses=tuple(uses.get((study.key, cell.id), ())),
    )


def quote_view(quote: Quote, report: ReportView | None) -> QuoteView:
    """Return a quote with the report it stands in, where that is one of the study's own."""
    return QuoteView(quote, report.anchor if report else "", report.report.title if report else "")
