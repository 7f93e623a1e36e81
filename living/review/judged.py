"""What a judgement was about: its digest, so that a judgement goes stale by itself when its object moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from living.model.facts import IMPORT, MACHINE, Judgement
from living.model.judgements import CertaintyOut, DomainOut, EarlierRating, RobOut, TrustOut
from living.model.protocol import Protocol
from living.model.record import Record
from living.model.snapshot import ContrastOut, PoolOut
from living.model.state import ReviewState
from living.model.values import canonical, digest, rounded
from living.review.identity import Studies
from living.review.names import cell_id
from living.review.readings import Reading, Readings
from living.review.rounds import Begun, Settled, joined, joined_answers, rounds

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
    """The judgements by people that count: of analyses by their id, of results by study, of whole studies.

    `begun`: what somebody has judged alone and nobody has settled, by tool, study and result.
    """

    grade: dict[str, CertaintyOut]
    rob: dict[str, tuple[RobOut, ...]]
    trust: dict[str, TrustOut] = field(default_factory=dict)
    begun: dict[tuple[str, str, str], Begun] = field(default_factory=dict)


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


def trust_digest(records: Iterable[Record]) -> str:
    """Return the digest of what a judgement of trustworthiness is about: a study's reports and their notices.

    Another report or a new notice is a reason to judge again; a reworded entry of an index is none.
    """
    about = [[record.key, sorted({notice.kind for notice in record.notices})] for record in records]
    return digest(canonical(sorted(about, key=canonical)))


def judgements(state: ReviewState, studies: Studies, protocol: Protocol) -> Judgements:
    """Return the judgements that count, of each analysis, result and study, not yet compared with today.

    Of an analysis the latest rating counts; of results and studies see `rounds`. A machine's or an import's
    judgement counts as nobody's.
    """
    judges = protocol.people.judges
    rob, trust = (rounds(state, studies, tool, judges) for tool in ("rob2", "trust"))
    found: dict[str, dict[str, RobOut]] = {}
    for (key, result), one in rob.settled.items():
        found.setdefault(key, {})[result] = _rob_out(result, one)
    return Judgements(
        _grades(state),
        {key: tuple(results[name] for name in sorted(results)) for key, results in found.items()},
        {key: _trust_out(one, studies, state) for (key, result), one in trust.settled.items() if not result},
        {
            (tool, *subject): one
            for tool, found_rounds in (("rob2", rob), ("trust", trust))
            for subject, one in found_rounds.begun.items()
        },
    )


def _grades(state: ReviewState) -> dict[str, CertaintyOut]:
    """The latest rating of each analysis, with those before it."""
    grade: dict[str, CertaintyOut] = {}
    for line, fact in state.of_kind(Judgement):
        if fact.tool != "grade" or line.by in (MACHINE, IMPORT):
            continue
        before = grade.get(fact.subject)
        grade[fact.subject] = CertaintyOut(
            rating=fact.overall,
            domains=tuple(DomainOut(id=name, judgement=told, reason=why) for name, told, why in fact.domains),
            reason=fact.reason,
            by=line.by,
            at=line.at,
            judged=fact.judged,
            earlier=(*before.earlier, _earlier(before)) if before else (),
        )
    return grade


def _earlier(rating: CertaintyOut) -> EarlierRating:
    return EarlierRating(rating=rating.rating, by=rating.by, at=rating.at, reason=rating.reason)


def _rob_out(result: str, one: Settled) -> RobOut:
    return RobOut(
        result=result,
        overall=one.fact.overall,
        domains=_domains(one),
        reason=joined(one.lines, lambda fact: fact.reason),
        by=one.by,
        at=one.line.at,
        judged=one.fact.judged,
        variant=one.fact.variant,
        answers=joined_answers(one.lines),
        assessors=one.assessors,
    )


def _trust_out(one: Settled, studies: Studies, state: ReviewState) -> TrustOut:
    record = one.fact.subject.partition(" ")[0]
    study = studies.study_of(record)
    records = [state.records[key] for key in study.records] if study else []
    return TrustOut(
        overall=one.fact.overall,
        domains=_domains(one),
        reason=joined(one.lines, lambda fact: fact.reason),
        by=one.by,
        at=one.line.at,
        judged=one.fact.judged,
        stale=one.fact.judged != trust_digest(records),
        assessors=one.assessors,
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


def _domains(one: Settled) -> tuple[DomainOut, ...]:
    reasons = [
        joined(one.lines, lambda fact, at=at: fact.domains[at][2])  # type: ignore[misc]
        for at in range(len(one.fact.domains))
    ]
    return tuple(
        DomainOut(id=name, judgement=told, reason=why)
        for (name, told, _), why in zip(one.fact.domains, reasons, strict=True)
    )
