"""Every study with its standing, reports and cells, as a snapshot lists it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.model.facts import Arm
from living.model.record import Notice, Record
from living.model.registration import RegistryWatch
from living.model.snapshot import ArmOut, CellOut, ReadBy, ReportOut, StudyOut
from living.review.counterparts import superseded_by
from living.review.entries import entries
from living.review.evidence import Evidence
from living.review.identity import Study
from living.review.judged import risk_of_bias
from living.review.names import cell_id, said, slug_of
from living.review.overdue import WATCHED, due_of
from living.review.particulars import Conduct, conducts
from living.review.quiet import telling_payloads
from living.review.readings import Reading
from living.review.record_changes import is_retracted, noticed_on
from living.review.registry_watch import registry_histories, watch_of
from living.review.reports import Reports, reports_of
from living.review.selection import is_primary

URLS = {
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "ctgov": "https://clinicaltrials.gov/study/{}",
    "europepmc": "https://europepmc.org/article/PPR/{}",
    "isrctn": "https://www.isrctn.com/{}",
}


@dataclass(frozen=True)
class _Reported:
    """What is known of reports beside their entries: days of notices, duplicates, where their bytes lie."""

    noticed: dict[str, str]
    same: Reports
    payloads: dict[str, str]


def catalogue(evidence: Evidence) -> tuple[StudyOut, ...]:
    """Return every study that somebody has classified; unscreened records are only counted."""
    state = evidence.state
    about = _Reported(noticed_on(state), reports_of(state, evidence.studies), telling_payloads(state))
    noted = conducts(state, evidence.studies)
    watched = _watched(evidence)
    return tuple(
        _study(evidence, study, about, noted.get(key, Conduct()), watched.get(key, ()))
        for key, study in evidence.studies.by_key.items()
        if evidence.standing[key].status != "unscreened"
    )


def _watched(evidence: Evidence) -> dict[str, tuple[RegistryWatch, ...]]:
    """What changed in the registrations of each study that anybody still waits for or rests on."""
    found: dict[str, tuple[RegistryWatch, ...]] = {}
    for record, history in registry_histories(evidence.state).items():
        key, watch = evidence.studies.key_of[record], watch_of(history)
        if watch and evidence.standing[key].status in WATCHED:
            found[key] = (*found.get(key, ()), watch)
    return found


def _study(
    evidence: Evidence,
    study: Study,
    about: _Reported,
    noted: Conduct,
    registry: tuple[RegistryWatch, ...],
) -> StudyOut:
    key, label = study.key, evidence.label(study.key)
    standing, what = evidence.standing[key], evidence.what.get(key)
    records = [evidence.state.records[record] for record in study.records]
    readings = _in_order(evidence, evidence.readings.of_study(key))
    rob = risk_of_bias(evidence.judged, key, readings)
    registered = next((record.registration for record in records if record.registration), None)
    status = "awaiting_classification" if standing.status == "unscreened" else standing.status
    return StudyOut(
        key=key,
        slug=slug_of(label, key),
        label=label,
        status=status,
        awaiting_data=status == "included" and not _has_primary_number(evidence, key, readings),
        criterion=standing.criterion,
        reason=standing.reason,
        decided_by=standing.decided_by,
        screened_on=standing.stage,
        design=what.design if what else "",
        condition=what.condition if what else "",
        condition_group=what.condition_group if what else "",
        available_from=what.available_from if what else "",
        arms=tuple(_arm(arm) for arm in what.arms) if what else (),
        registrations=_registrations(records),
        reports=tuple(_report(evidence, record, about, study.records) for record in records),
        cells=tuple(_cell(evidence, reading) for reading in readings),
        notes=what.notes if what else (),
        aliases=study.aliases,
        low_risk_of_bias=key in evidence.low_risk,
        rob=rob,
        trust=evidence.judged.trust.get(key),
        registry_status=registered.status if registered else "",
        planned_n=registered.enrolment if registered else None,
        expected=(registered.primary_completion or registered.completion) if registered else "",
        particulars=noted.particulars,
        full_texts=noted.full_texts,
        questions=noted.questions,
        recused=noted.recused,
        registry=registry,
        results_due=due_of(records) if status in WATCHED else "",
    )


def _in_order(evidence: Evidence, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Cells by outcome as the protocol lists them, whichever was entered first."""
    outcomes = [item.id for item in evidence.protocol.outcomes]

    def place(reading: Reading) -> tuple[int, str]:
        outcome = reading.cell.outcome
        return outcomes.index(outcome) if outcome in outcomes else len(outcomes), cell_id(reading.cell)

    return tuple(sorted(readings, key=place))


def _has_primary_number(evidence: Evidence, key: str, readings: tuple[Reading, ...]) -> bool:
    what = evidence.what.get(key)
    return any(reading.usable and is_primary(reading.cell, what, evidence.protocol) for reading in readings)


def _arm(arm: Arm) -> ArmOut:
    return ArmOut(
        id=arm.id,
        label=arm.label,
        intervention=arm.intervention,
        dose_mg=arm.dose_mg,
        n_randomised=arm.n_randomised,
    )


def _registrations(records: list[Record]) -> tuple[str, ...]:
    schemes = ("nct", "eudract", "euctr", "isrctn", "ctri", "actrn", "rbr")
    named = [item.value for record in records for item in record.identifiers if item.scheme in schemes]
    own = [record.id for record in records if record.registration]
    return tuple(dict.fromkeys((*own, *named)))


def _report(evidence: Evidence, record: Record, about: _Reported, members: tuple[str, ...]) -> ReportOut:
    doi = next((item.value for item in record.identifiers if item.scheme == "doi"), "")
    url = (
        URLS[record.source].format(record.id)
        if record.source in URLS
        else (f"https://doi.org/{doi}" if doi else "")
    )
    return ReportOut(
        record=record.key,
        kind=_kind(record),
        title=record.title,
        container=record.container,
        published=record.published,
        doi=doi,
        url=url,
        notices=_notices(record),
        payload=about.payloads[record.key],
        first_seen=evidence.state.first_seen[record.key].at[:10],
        noticed=about.noticed.get(record.key, ""),
        same_as=about.same.report_of[record.key] if about.same.is_duplicate(record.key) else "",
        superseded_by=superseded_by(record, members),
    )


def _notices(record: Record) -> tuple[Notice, ...]:
    """A report that its source only types as retracted carries the notice too."""
    kinds = {notice.kind for notice in record.notices}
    typed = is_retracted(record) and "retraction" not in kinds
    return (*record.notices, Notice(kind="retraction")) if typed else record.notices


def _kind(record: Record) -> Literal["article", "registration", "preprint", "notice", "other"]:
    kinds = {kind.lower() for kind in record.types}
    if record.registration:
        return "registration"
    if "preprint" in kinds:
        return "preprint"
    if kinds & {"retraction of publication", "published erratum", "expression of concern"}:
        return "notice"
    return "article"


def _cell(evidence: Evidence, reading: Reading) -> CellOut:
    cell, protocol = reading.cell, evidence.protocol
    return CellOut(
        id=cell_id(cell),
        study=cell.study,
        outcome=cell.outcome,
        outcome_label=next(
            (item.label for item in protocol.outcomes if item.id == cell.outcome), cell.outcome
        ),
        experimental=cell.experimental,
        control=cell.control,
        scale=cell.scale,
        scale_label=next((item.label for item in protocol.scales if item.id == cell.scale), ""),
        weeks=cell.weeks,
        estimand=cell.estimand,
        standing=reading.standing,
        numbers=reading.numbers.model_dump(mode="json"),
        said=said(reading.numbers),
        quotes=reading.quotes,
        read_by=_readers(reading),
        population=reading.population,
        notes=reading.notes,
        entries=entries(reading),
    )


def _readers(reading: Reading) -> tuple[ReadBy, ...]:
    readers = [
        ReadBy(by=line.by, at=line.at, grade=extraction.imported or "", seq=line.seq)
        for line, extraction in reading.read_by
    ]
    if reading.adjudicated:
        line = reading.adjudicated
        readers.append(ReadBy(by=f"{line.by} (adjudication)", at=line.at, seq=line.seq))
    return tuple(readers)
