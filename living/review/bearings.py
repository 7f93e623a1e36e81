"""Facts that bear on a person's judgement, part by part. None of them is an answer or a rating."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from living.model.record import Record
from living.model.snapshot import AnalysisOut
from living.review.evidence import Evidence
from living.review.grading import GROUNDS
from living.review.names import cell_id, said
from living.review.readings import Reading
from living.review.registry_watch import registration_history
from living.review.registry_weights import PHASES, in_words, sides

Facts = Mapping[str, tuple["Known", ...]]


@dataclass(frozen=True)
class Known:
    """One thing that is on record: what it is, and what it says, with where it stands.

    `registration`: the record whose versions show it, where it is about what a registration said when;
    `weighs`: it says something otherwise that nobody should judge without having seen.
    """

    label: str
    said: str
    registration: str = ""
    weighs: bool = False


def about_trust(evidence: Evidence, key: str) -> Facts:
    """Return what is on record for a study's trustworthiness: notices, and what the register says."""
    records = _records(evidence, key)
    notices = tuple(
        Known(f"{notice.kind} on {record.key}", notice.text or "noted by the index")
        for record in records
        for notice in record.notices
    )
    return {
        "T1": notices or (Known("Notices", "none among the records seen here"),),
        "T2": tuple(_registered(records)),
        "T4": tuple(_numbers(evidence, key)),
    }


def about_bias(evidence: Evidence, key: str, result: str) -> Facts:
    """Return what is on record for the risk of bias of one result of a study, by RoB 2 domain."""
    records = _records(evidence, key)
    return {
        "D1": tuple(_allocated(records)),
        "D2": tuple(_masked(records)),
        "D3": tuple(_numbers(evidence, key, result)),
        "D5": (*_switched(evidence, records), *_planned(records), *_read(evidence, key, result)),
    }


def about_certainty(evidence: Evidence, analysis: AnalysisOut) -> Facts:
    """Return what is on record for the certainty of an analysis, by ground of GRADE."""
    pointers = analysis.supplement.pointers if analysis.supplement else ()
    found = {
        ground.id: tuple(Known(one.label, one.said) for one in pointers if one.domain in ground.pointers)
        for ground in GROUNDS
    }
    found["indirectness"] = tuple(_directness(evidence, analysis))
    found["publication_bias"] += tuple(_absent(analysis))
    return found


def _records(evidence: Evidence, key: str) -> list[Record]:
    study = evidence.studies.study_of(key)
    return [evidence.state.records[name] for name in study.records] if study else []


def _registered(records: Sequence[Record]) -> Iterator[Known]:
    """Dates and sizes that a register states, and when the papers came out."""
    found = [(record, record.registration) for record in records if record.registration]
    if not found:
        yield Known("Registration", "no register entry is linked to this study")
    for record, entry in found:
        dates = [
            f"{label} {date}"
            for label, date in (
                ("first posted", record.published),
                ("start", entry.start),
                ("primary completion", entry.primary_completion),
                ("completion", entry.completion),
                ("results first posted", entry.results_first_posted),
            )
            if date
        ]
        yield Known(record.key, "; ".join(dates) or "no dates")
        if entry.enrolment is not None:
            yield Known(f"{record.key}, enrolment", f"{entry.enrolment:,} people")
    for record in records:
        if record.published and record.registration is None:
            yield Known(f"{record.key}, published", record.published)


def _allocated(records: Sequence[Record]) -> Iterator[Known]:
    for record in records:
        if record.registration and record.registration.allocation:
            yield Known(f"{record.key}, allocation", record.registration.allocation.lower())


def _masked(records: Sequence[Record]) -> Iterator[Known]:
    for record in records:
        if record.registration and record.registration.masking:
            yield Known(f"{record.key}, masking", record.registration.masking.lower())


def _numbers(evidence: Evidence, key: str, result: str = "") -> Iterator[Known]:
    """People as randomised, and as counted in each cell of a result (of every cell without one)."""
    what = evidence.what.get(key)
    for arm in what.arms if what else ():
        if arm.n_randomised is not None:
            yield Known(f"Randomised, {arm.label}", f"{arm.n_randomised:,} people")
    for reading in _of_result(evidence, key, result):
        counted = _counted(reading)
        if counted:
            yield Known(f"Analysed, {_name(reading)}", counted)


def _counted(reading: Reading) -> str:
    numbers = reading.numbers.model_dump(mode="json")
    sides = [numbers.get(side) for side in ("experimental", "control")]
    counts = [side.get("n", side.get("total")) if isinstance(side, dict) else None for side in sides]
    if None in counts:
        counts = [numbers.get("n_experimental"), numbers.get("n_control")]
    if None not in counts:
        return f"{counts[0]:,} and {counts[1]:,} people"
    return f"{numbers['n']:,} people" if numbers.get("n") else ""


def _switched(evidence: Evidence, records: Sequence[Record]) -> Iterator[Known]:
    """What later versions of a registration say otherwise, oldest first, and since when any were read."""
    for record in records:
        history = registration_history(evidence.state, record.key)
        if not history.versions:
            continue
        weighed = [change for change in history.changes if change.weight != "noise"]
        for change in weighed:
            before, after = sides(change)
            what = f"{in_words(change)} ({change.weight}, {PHASES[change.when]})"
            yield Known(
                f"Registration since {change.posted or change.seen}",
                f"The registration says otherwise: {what}. Before: {before}. Since then: {after}.",
                record.key,
                weighs=True,
            )
        quiet = "" if weighed else "no later version changes anything that weighs; "
        told = f"since {history.versions[0].seen}; {quiet}what changed before that is not known."
        yield Known("Registration, versions read", told, record.key)


def _planned(records: Sequence[Record]) -> Iterator[Known]:
    """What a register names as primary outcomes, beside its dates."""
    registered = [record for record in records if record.registration]
    for record in registered:
        entry = record.registration
        assert entry is not None
        for item in entry.primary_outcomes:
            detail = f" ({item.detail})" if item.detail else ""
            yield Known(f"{record.key}, primary outcome", f"{item.name}{detail}")
    yield from _registered(records)


def _read(evidence: Evidence, key: str, result: str) -> Iterator[Known]:
    for reading in _of_result(evidence, key, result):
        yield Known(f"Reported, {_name(reading)}", said(reading.numbers))


def _of_result(evidence: Evidence, key: str, result: str) -> tuple[Reading, ...]:
    readings = evidence.readings.of_study(key)
    about = tuple(item for item in readings if result in (cell_id(item.cell), item.cell.outcome))
    return about or readings


def _name(reading: Reading) -> str:
    cell = reading.cell
    return f"{cell.outcome} at {cell.weeks:g} weeks, {cell.estimand.replace('_', ' ')}"


def _directness(evidence: Evidence, analysis: AnalysisOut) -> Iterator[Known]:
    question = evidence.protocol.question
    yield Known("People asked about", question.population)
    yield Known("People studied", _listed(row.condition for row in analysis.contrasts))
    yield Known("Treatment asked about", question.intervention)
    doses = sorted({row.dose_mg for row in analysis.contrasts if row.dose_mg is not None})
    if doses:
        yield Known("Doses studied", ", ".join(f"{dose:g} mg" for dose in doses))
    yield Known("Time asked about", analysis.window)
    yield Known(
        "Times studied",
        ", ".join(f"{weeks:g} weeks" for weeks in sorted({row.weeks for row in analysis.contrasts})),
    )
    yield Known("Scales", _listed(row.scale_label for row in analysis.contrasts))


def _listed(names: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(name or "not stated" for name in names)) or "none"


def _absent(analysis: AnalysisOut) -> Iterator[Known]:
    for one in analysis.not_pooled:
        yield Known(f"Not in the average: {one.label}", one.reason)
