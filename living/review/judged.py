"""What a judgement was about: its digest, so that a judgement goes stale by itself when its object moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from living.model.facts import IMPORT, MACHINE, Judgement
from living.model.judgements import CertaintyOut, DomainOut, RobOut
from living.model.snapshot import ContrastOut, PoolOut
from living.model.state import ReviewState
from living.model.values import canonical, digest, rounded
from living.review.identity import Studies
from living.review.names import cell_id
from living.review.readings import Reading, Readings

_ROW = (
    "estimate",
    "se",
    "n_experimental",
    "n_control",
    "events_experimental",
    "events_control",
    "estimand",
    "weeks",
)
_POOL = (
    "pooled",
    "k",
    "method",
    "interval",
    "level",
    "estimate",
    "low",
    "high",
    "tau2",
    "prediction_low",
    "prediction_high",
)
LOW = "low"


@dataclass(frozen=True)
class Judgements:
    """The latest judgements by people: of analyses by their id, of results by study and result."""

    grade: dict[str, CertaintyOut]
    rob: dict[str, tuple[RobOut, ...]]


NOBODY_JUDGED = Judgements({}, {})


def grade_digest(contrasts: Sequence[ContrastOut], pool: PoolOut) -> str:
    """Return the digest of what a GRADE rating of an analysis is about: its studies' numbers and its average.

    Names, wording and sources are not part of it, nor is the order of the studies.
    """
    rows = [rounded([getattr(row, name) for name in _ROW]) for row in contrasts]
    average = rounded([getattr(pool, name) for name in _POOL])
    return digest(canonical([sorted(rows, key=canonical), average]))


def rob_digest(readings: Iterable[Reading], result: str) -> str:
    """Return the digest of what a risk-of-bias judgement is about: a study's cells for one result.

    `result` names an outcome or one cell; where it names neither, the judgement is about all of the study.
    """
    cells = [
        (cell_id(item.cell), item.cell.outcome, rounded(item.numbers.model_dump(mode="json")))
        for item in readings
    ]
    about = [item for item in cells if result in item[:2]] or cells
    return digest(canonical(sorted(([name, numbers] for name, _, numbers in about), key=canonical)))


def judgements(state: ReviewState, studies: Studies) -> Judgements:
    """Return the latest judgement of each analysis and each result by a person, not yet compared with today.

    A machine's or an import's judgement counts as nobody's.
    """
    grade: dict[str, CertaintyOut] = {}
    rob: dict[str, dict[str, RobOut]] = {}
    for line, fact in state.of_kind(Judgement):
        if line.by in (MACHINE, IMPORT):
            continue
        if fact.tool == "grade":
            grade[fact.subject] = CertaintyOut(
                rating=fact.overall,
                domains=_domains(fact),
                reason=fact.reason,
                by=line.by,
                at=line.at,
                judged=fact.judged,
            )
        record, _, result = fact.subject.partition(" ")
        study = studies.study_of(record) if fact.tool == "rob2" else None
        if study:
            rob.setdefault(study.key, {})[result] = RobOut(
                result=result,
                overall=fact.overall,
                domains=_domains(fact),
                reason=fact.reason,
                by=line.by,
                at=line.at,
                judged=fact.judged,
            )
    return Judgements(
        grade, {key: tuple(found[name] for name in sorted(found)) for key, found in rob.items()}
    )


def certainty(
    judged: Judgements, analysis: str, contrasts: Sequence[ContrastOut], pool: PoolOut
) -> CertaintyOut | None:
    """Return people's rating of an analysis, marked stale when the analysis is no longer what was rated."""
    found = judged.grade.get(analysis)
    return found and found.model_copy(update={"stale": found.judged != grade_digest(contrasts, pool)})


def risk_of_bias(judged: Judgements, study: str, readings: Sequence[Reading]) -> tuple[RobOut, ...]:
    """Return the judgements of a study's results, each marked stale when its numbers have moved since."""
    return tuple(
        item.model_copy(update={"stale": item.judged != rob_digest(readings, item.result)})
        for item in judged.rob.get(study, ())
    )


def at_low_risk(results: Sequence[RobOut]) -> bool:
    """Return whether every judged result is at low risk, by judgements that still hold."""
    return bool(results) and all(item.overall == LOW and not item.stale for item in results)


def low_risk(judged: Judgements, readings: Readings) -> frozenset[str]:
    """Return the studies at low risk of bias in every judged result, by judgements that still hold."""
    return frozenset(
        key for key in judged.rob if at_low_risk(risk_of_bias(judged, key, readings.of_study(key)))
    )


def rob_of(results: Sequence[RobOut], outcome: str, cell: str) -> str:
    """Return the overall judgement that holds for one cell: of the cell, its outcome, or the whole study."""
    standing = {item.result: item.overall for item in results if not item.stale}
    return next((standing[name] for name in (cell, outcome, "") if name in standing), "")


def _domains(fact: Judgement) -> tuple[DomainOut, ...]:
    return tuple(DomainOut(id=name, judgement=told, reason=why) for name, told, why in fact.domains)
