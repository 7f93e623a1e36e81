"""What the templates of a version are given: a snapshot with its figures laid out and its lists in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from living.model.decision import Shift
from living.model.protocol import Source
from living.model.snapshot import (
    AnalysisOut,
    ComparisonOut,
    ContrastOut,
    NotPooledStudy,
    ReleaseOut,
    Snapshot,
)
from living.model.supplement import Pointer
from living.publish import studies
from living.publish.figures import Beside, beside
from living.publish.flowchart import Chart, flowchart
from living.publish.forest import GLANCE, NARROW, WIDE, Forest, forest
from living.publish.harms import HarmView, harms
from living.publish.horizon import Coming, coming
from living.publish.light import Light
from living.publish.reconciled import ReviewView, reviews
from living.review.answer import rating_of
from living.review.graded import graded
from living.review.missing import Gap, gaps
from living.review.narrative import Group, narrative


@dataclass(frozen=True)
class LineView:
    """One row of an analysis table with the anchor of its study and the place that tells its number's way."""

    contrast: ContrastOut
    study_anchor: str
    source: str
    light: Light | None


@dataclass(frozen=True)
class AnalysisView:
    """One analysis; what stands beside it has a `page` of its own, unless it is shown `inline`."""

    analysis: AnalysisOut
    comparison: ComparisonOut
    anchor: str
    lines: tuple[LineView, ...]
    wide: Forest | None
    narrow: Forest | None
    glance: Forest | None
    not_pooled: tuple[tuple[NotPooledStudy, str], ...]
    counts: bool
    beside: Beside
    inline: bool
    rating: str
    graded: str
    pointers: tuple[tuple[str, tuple[Pointer, ...]], ...]
    page: str

    @property
    def apart(self) -> bool:
        """Whether its studies stand on its own page too, because it is not an answer of this review."""
        return bool(self.page) and self.analysis.role == "continuity"


@dataclass(frozen=True)
class ComparisonView:
    """`silent` are the analyses for which no study gave a number yet: one line each instead of a section."""

    comparison: ComparisonOut
    analyses: tuple[AnalysisView, ...]
    silent: tuple[AnalysisView, ...]
    harms: tuple[HarmView, ...]


@dataclass(frozen=True)
class SourceView:
    source: Source
    searched_to: str


@dataclass(frozen=True)
class ShiftView:
    """One step of an analysis's walk; `first` where the walk of another analysis begins.

    `change` of a ratio is of its logarithm, as its averages are: a factor.
    """

    shift: Shift
    label: str
    anchor: str
    ratio: bool
    first: bool
    change: float | None


@dataclass(frozen=True)
class PageView:
    snapshot: Snapshot
    release: ReleaseOut
    headline: AnalysisView | None
    comparisons: tuple[ComparisonView, ...]
    studies: studies.StudyLists
    sources: tuple[SourceView, ...]
    shifts: tuple[ShiftView, ...]
    figures: tuple[AnalysisView, ...]
    flow: Chart
    reviews: tuple[ReviewView, ...]
    absolutes: tuple[AnalysisView, ...]
    no_absolutes: tuple[AnalysisView, ...]
    gaps: tuple[Gap, ...]
    narrative: tuple[Group, ...]
    coming: tuple[Coming, ...]


def view(snapshot: Snapshot) -> PageView:
    """Prepare a snapshot for its page. Raises ValueError when it has no number yet."""
    release = release_of(snapshot)
    missing = gaps(snapshot)
    comparisons = tuple(_comparison(comparison, snapshot, missing) for comparison in snapshot.comparisons)
    every = [item for comparison in comparisons for item in (*comparison.analyses, *comparison.silent)]
    return PageView(
        snapshot=snapshot,
        release=release,
        headline=next((item for item in every if item.analysis.id == snapshot.answer.analysis), None),
        comparisons=comparisons,
        studies=studies.study_lists(snapshot),
        sources=_sources(snapshot, release),
        shifts=tuple(_shifts(_told(release.decision.shifts, snapshot.answer.analysis), every)),
        figures=tuple(item for item in every if item.wide),
        flow=flowchart(snapshot),
        reviews=reviews(snapshot),
        absolutes=_one_each(item for item in every if _absolute(item)),
        no_absolutes=_one_each(item for item in every if _why_no_absolute(item)),
        gaps=missing,
        narrative=narrative(snapshot),
        coming=coming(snapshot),
    )


def release_of(snapshot: Snapshot) -> ReleaseOut:
    if snapshot.release is None:
        raise ValueError(f"{snapshot.topic}: only a snapshot with a version number can be published")
    return snapshot.release


def analyses(snapshot: Snapshot) -> Iterator[AnalysisOut]:
    for comparison in snapshot.comparisons:
        yield from comparison.analyses


def headline_of(snapshot: Snapshot) -> AnalysisOut | None:
    """Return the analysis that the headline speaks of."""
    return next((item for item in analyses(snapshot) if item.id == snapshot.answer.analysis), None)


def _absolute(item: AnalysisView) -> bool:
    found = item.analysis.supplement
    return bool(found and found.absolute and item.analysis.role != "continuity")


def _why_no_absolute(item: AnalysisView) -> bool:
    """What somebody reported and what has no such number all the same."""
    found = item.analysis.supplement
    return bool(found and found.absolute_reason and item.lines and item.analysis.role != "continuity")


def _one_each(found: Iterable[AnalysisView]) -> tuple[AnalysisView, ...]:
    """Return one analysis for each question: of several ways to compute it, the primary or else the first."""
    chosen: dict[tuple[str, str, str], AnalysisView] = {}
    for item in sorted(found, key=lambda item: item.analysis.role != "primary"):
        chosen.setdefault((item.comparison.id, item.analysis.outcome, item.analysis.window), item)
    return tuple(chosen.values())


def _comparison(comparison: ComparisonOut, snapshot: Snapshot, missing: tuple[Gap, ...]) -> ComparisonView:
    views = [_analysis(item, comparison, snapshot) for item in comparison.analyses]
    heard = tuple(item for item in views if item.lines or item.not_pooled)
    silent = tuple(item for item in views if item not in heard)
    return ComparisonView(comparison, heard, silent, harms(missing, snapshot, comparison.id))


def _analysis(analysis: AnalysisOut, comparison: ComparisonOut, snapshot: Snapshot) -> AnalysisView:
    found = beside(analysis, snapshot.studies, snapshot.protocol)
    lines = tuple(_line(contrast, found.rob.get(contrast.study)) for contrast in analysis.contrasts)
    pointers = _pointers(analysis)
    inline = analysis.id == snapshot.answer.analysis
    return AnalysisView(
        analysis=analysis,
        comparison=comparison,
        anchor=studies.analysis_anchor(analysis),
        lines=lines,
        wide=forest(analysis, WIDE, found.rob) if lines else None,
        narrow=forest(analysis, NARROW, found.rob) if lines else None,
        glance=forest(analysis, GLANCE) if lines else None,
        not_pooled=tuple((item, studies.study_anchor(item.slug)) for item in analysis.not_pooled),
        counts=any(line.contrast.events_experimental is not None for line in lines),
        beside=found,
        inline=inline,
        rating=rating_of(analysis),
        graded=graded(analysis, comparison),
        pointers=pointers,
        page=f"analysis-{analysis.id}.html" if lines and not inline and (pointers or found.anything) else "",
    )


def _pointers(analysis: AnalysisOut) -> tuple[tuple[str, tuple[Pointer, ...]], ...]:
    """Return the facts for a rating, by the domain they speak to, in the order given."""
    found = analysis.supplement.pointers if analysis.supplement else ()
    domains = dict.fromkeys(item.domain for item in found)
    return tuple((name, tuple(item for item in found if item.domain == name)) for name in domains)


def _line(contrast: ContrastOut, light: Light | None) -> LineView:
    where = studies.cell_path(contrast.slug, contrast.cell)
    return LineView(contrast, studies.study_anchor(contrast.slug), where, light)


def _sources(snapshot: Snapshot, release: ReleaseOut) -> tuple[SourceView, ...]:
    reached = {searched.source: searched.to or "" for searched in release.searched}
    return tuple(SourceView(source, reached.get(source.id, "")) for source in snapshot.protocol.sources)


def _told(shifts: Sequence[Shift], headline: str) -> tuple[Shift, ...]:
    """The headline's whole walk, and of the other analyses only the steps that moved something."""
    return tuple(shift for shift in shifts if shift.analysis == headline or shift.before != shift.after)


def _shifts(shifts: Sequence[Shift], every: Sequence[AnalysisView]) -> Iterator[ShiftView]:
    known = {item.analysis.id: item for item in every}
    before = ""
    for shift in shifts:
        found = known.get(shift.analysis)
        ratio = bool(found and found.analysis.ratio)
        moved = None if shift.before is None or shift.after is None else shift.after - shift.before
        yield ShiftView(
            shift=shift,
            label=found.analysis.label if found else shift.analysis,
            anchor=found.anchor if found else "",
            ratio=ratio,
            first=shift.analysis != before,
            change=moved,
        )
        before = shift.analysis
