"""A page for each study: every number's way from the result back to a person, a quote and a payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from living.model.facts import Quote
from living.model.snapshot import EntryOut, ReleaseOut, Snapshot
from living.publish import studies, words
from living.publish.answers import AnswerView, answers_of
from living.publish.lights import DOMAINS, domain_of
from living.publish.pages import told_of
from living.publish.registrations import RegistryView, registry_of
from living.publish.studies import CellView, QuoteView, ReportView, StudyView
from living.publish.view import analyses
from living.review.trust import PARTS

TRUST_PARTS = {part.id: part.label for part in PARTS}
NO_PAYLOAD = "entered as import, no payload"
CONDUCT = {
    "funder": "Funder",
    "interests": "Conflicts of interest of its authors",
    "co_interventions": "Other treatments allowed",
    "rescue": "Rescue medication",
    "dropouts": "Dropouts, by arm, with reasons",
    "missing_data": "How missing data were handled",
    "blinding": "Whether blinding held",
    "precedence": "Where registry and paper disagree: which is used, and why",
}


@dataclass(frozen=True)
class Source:
    """Where a quote stands, with the hash of the bytes received or the word that there are none."""

    shown: QuoteView
    payload: str
    without: str


@dataclass(frozen=True)
class EntryView:
    """What one person entered; `differs` from what is used, `sources` only where they are not the cell's."""

    entry: EntryOut
    differs: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class LeftOut:
    """An analysis of the same outcome that the study is not in, with the reason."""

    anchor: str
    label: str
    reason: str


@dataclass(frozen=True)
class Chain:
    """One cell from the results it entered down to the payloads it was read from."""

    view: CellView
    left_out: tuple[LeftOut, ...]
    entries: tuple[EntryView, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class StudyPage:
    """`results` names what a judgement of risk of bias may be about: an outcome or one cell.

    `conduct` names what is noted of how a study was done; `answers` stand behind each judgement of it;
    `registry` is what its registrations say otherwise than they did.
    """

    snapshot: Snapshot
    release: ReleaseOut
    item: StudyView
    chains: tuple[Chain, ...]
    results: dict[str, str]
    domains: dict[str, str]
    registry: RegistryView
    no_payload: str = NO_PAYLOAD
    conduct: Mapping[str, str] = field(default_factory=lambda: CONDUCT)
    answers: Mapping[str, tuple[AnswerView, ...]] = field(default_factory=dict)
    trust_parts: Mapping[str, str] = field(default_factory=lambda: TRUST_PARTS)


def pages(snapshot: Snapshot, release: ReleaseOut) -> Iterator[tuple[str, StudyPage]]:
    """Yield the path and the content of every page of a study; see `studies.has_page`."""
    for item in studies.study_lists(snapshot).every:
        if studies.has_page(item.study):
            chains = tuple(_chain(snapshot, item, cell) for cell in item.cells)
            results, domains = studies.results_of(item.study), _domains(item)
            registry, answers = registry_of(snapshot, item.study), answers_of(item.study)
            yield (
                studies.study_path(item.study.slug),
                StudyPage(snapshot, release, item, chains, results, domains, registry, answers=answers),
            )


def drawn(page: StudyPage) -> bytes:
    """Return a study's page."""
    return words.render("study.html", v=page, told=told_of(page.snapshot))


def _chain(snapshot: Snapshot, item: StudyView, cell: CellView) -> Chain:
    reports = {view.report.record: view for view in item.reports}
    used = cell.cell.numbers
    shown = [one.quote for one in cell.quotes]
    return Chain(
        view=cell,
        left_out=() if cell.uses else tuple(_left_out(snapshot, cell)),
        entries=tuple(_entry(entry, used, shown, reports) for entry in cell.cell.entries),
        sources=tuple(_source(one, reports.get(one.quote.report)) for one in cell.quotes),
    )


def _domains(item: StudyView) -> dict[str, str]:
    ids = [domain.id for judgement in item.study.rob for domain in judgement.domains]
    return {name: DOMAINS.get(domain_of(name), name) for name in ids}


def _left_out(snapshot: Snapshot, cell: CellView) -> Iterator[LeftOut]:
    for analysis in analyses(snapshot):
        for one in analysis.not_pooled:
            if one.study == cell.cell.study and analysis.outcome == cell.cell.outcome:
                yield LeftOut(studies.analysis_anchor(analysis), analysis.label, one.reason)


def _entry(
    entry: EntryOut, used: dict[str, object], shown: list[Quote], reports: dict[str, ReportView]
) -> EntryView:
    own = [quote for quote in entry.quotes if quote not in shown]
    sources = tuple(
        _source(studies.quote_view(quote, reports.get(quote.report)), reports.get(quote.report))
        for quote in own
    )
    return EntryView(entry, entry.numbers != used, sources)


def _source(shown: QuoteView, report: ReportView | None) -> Source:
    payload = report.report.payload if report else ""
    return Source(shown, payload, "" if payload else NO_PAYLOAD)
