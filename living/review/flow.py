"""The counts of the PRISMA 2020 flow: records, reports, studies, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from living.model.flow import Flow, FlowBefore, Place
from living.model.protocol import Protocol
from living.model.snapshot import StudyOut
from living.model.state import ReviewState
from living.review.evidence import Evidence
from living.review.identity import link_studies
from living.review.reports import Reports, reports_of
from living.review.screening import screening

PLACES: dict[str, Place] = {
    "pubmed": "databases",
    "europepmc": "databases",
    "ctgov": "registers",
    "isrctn": "registers",
    "import": "imports",
}
STATUSES = ("included", "excluded", "awaiting_classification", "ongoing", "stopped")
# Where the reports of a study stand, by its status; those excluded or let pass on the title have boxes of
# their own, and while the title is being screened they are in none.
ASSESSED = {status: f"reports_{status}" for status in STATUSES}
ON_TITLE = {"excluded": "records_excluded", "awaiting_classification": "reports_awaited"}


def flow(evidence: Evidence, studies: Sequence[StudyOut], in_headline: int) -> Flow:
    """Return the counts; every total is made from its parts, so that the boxes add up (see `Flow`)."""
    reports = reports_of(evidence.state, evidence.studies)
    sources = Counter(record.source for record in evidence.state.records.values())
    listed = listed_counts(studies)
    duplicates, by_people = reports.duplicates, len(reports.by_people)
    return Flow(
        records=sources.total(),
        by_source=dict(sorted(sources.items())),
        by_place=_places(evidence.protocol, sources),
        duplicates=duplicates,
        duplicates_by_machine=duplicates - by_people,
        duplicates_by_people=by_people,
        records_awaiting_screening=_unscreened(evidence, reports, studies),
        studies=len(evidence.studies.by_key),
        studies_awaiting_screening=len(evidence.studies.by_key) - len(studies),
        in_headline=in_headline,
        **listed,
    )


def listed_counts(studies: Sequence[StudyOut]) -> dict[str, Any]:
    """Return the counts of a flow that the studies of a snapshot give, from the screened records on."""
    standing: Counter[str] = Counter(study.status for study in studies)
    boxes: Counter[str] = Counter()
    excluded_by: Counter[str] = Counter()
    for study in studies:
        missing = _not_retrieved(study)
        boxes["reports_not_retrieved"] += missing
        boxes[_box(study)] += _reports(study) - missing
        if study.status == "excluded" and study.screened_on != "title":
            excluded_by[study.criterion] += _reports(study)
    assessed = sum(boxes[name] for name in ASSESSED.values())
    sought = assessed + boxes["reports_awaited"] + boxes["reports_not_retrieved"]
    out = [study for study in studies if study.status == "excluded"]
    return {
        **{name: boxes[name] for name in (*ASSESSED.values(), *ON_TITLE.values())},
        **{name: standing[name] for name in STATUSES},
        "records_screened": sought + boxes["records_excluded"],
        "reports_not_retrieved": boxes["reports_not_retrieved"],
        "reports_sought": sought,
        "reports_assessed": assessed,
        "reports_excluded_by": dict(sorted(excluded_by.items())),
        "excluded_by": dict(sorted(Counter(study.criterion for study in out).items())),
        "excluded_on_title": sum(study.screened_on == "title" for study in out),
        "awaiting_data": sum(study.awaiting_data for study in studies),
    }


def _box(study: StudyOut) -> str:
    """Return the box that a study's reports end in; empty while its title is being screened."""
    if study.screened_on == "title":
        return ON_TITLE[study.status]
    return ASSESSED[study.status] if study.screened_on else ""


def _not_retrieved(study: StudyOut) -> int:
    """Return the reports that passed on the title and whose full text, which nobody judged, cannot be had."""
    if _box(study) != "reports_awaited":
        return 0
    gone = {item.record for item in study.full_texts if item.status == "not_obtainable"}
    return sum(report.record in gone and not report.same_as for report in study.reports)


def _reports(study: StudyOut) -> int:
    return sum(not report.same_as for report in study.reports)


def _unscreened(evidence: Evidence, reports: Reports, studies: Iterable[StudyOut]) -> int:
    """Return the records, duplicates left out, whose title and abstract people have not settled."""
    listed = {study.key: study for study in studies}
    return sum(
        not reports.is_duplicate(record)
        for key, study in evidence.studies.by_key.items()
        if key not in listed or not listed[key].screened_on
        for record in study.records
    )


def _places(protocol: Protocol, sources: Mapping[str, int]) -> dict[Place, int]:
    """Count records by the kind of their source; what no source of the protocol brought, people entered."""
    kinds = {source.id: PLACES[source.kind] for source in protocol.sources}
    found: dict[Place, int] = {}
    for place in PLACES.values():
        count = sum(n for source, n in sources.items() if kinds.get(source, "imports") == place)
        if count:
            found[place] = count
    return found


def flow_before(
    state: ReviewState, protocol: Protocol, version: str, studies: Sequence[StudyOut]
) -> FlowBefore:
    """Return what a version included, and what of it the studies of a later one still include.

    `state` and `protocol` are those that the earlier version rests on.
    """
    linked = link_studies(state)
    standing, reports = screening(state, linked, protocol), reports_of(state, linked)
    then = [study for key, study in linked.by_key.items() if standing[key].status == "included"]
    old_reports = [key for study in then for key in study.records if not reports.is_duplicate(key)]
    now = [study for study in studies if study.status == "included"]
    name_of = {name: study.key for study in now for name in (study.key, *study.aliases)}
    report_of = {report.record: report.same_as or report.record for study in now for report in study.reports}
    kept = {name_of[study.key] for study in then if study.key in name_of}
    kept_reports = {report_of[key] for key in old_reports if key in report_of}
    return FlowBefore(
        version=version,
        studies=len(then),
        studies_left=len(then) - len(kept),
        studies_new=len(now) - len(kept),
        reports=len(old_reports),
        reports_left=len(old_reports) - len(kept_reports),
        reports_new=len(set(report_of.values())) - len(kept_reports),
    )
