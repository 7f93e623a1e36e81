"""What people judge: trustworthiness of a study, risk of bias of a result, certainty of an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from living.errors import UserError
from living.model.facts import Judgement
from living.model.snapshot import AnalysisOut
from living.review.analysis import analyse
from living.review.assessed import Assessed, Missing
from living.review.documents import MOST_SHOWN
from living.review.evidence import Evidence
from living.review.grading import read_grade
from living.review.judged import grade_digest, rob_digest, trust_digest
from living.review.names import cell_id
from living.review.rob2 import VARIANTS, variant_of
from living.review.rob2.filled import read_rob
from living.review.trust import read_trust
from living.review.trusted import SERIOUS
from living.service.house import House
from living.service.saying import Said, say
from living.service.topics import evidence_of

Tool = Literal["trust", "rob2"]
JUDGED, VARIANT = "judged", "variant"  # fields that a form brings back as they were when it was opened


class NotFilled(UserError):
    """A judgement that lacks something or contradicts itself; `faults` stand beside their fields."""

    def __init__(self, faults: tuple[Missing, ...], where: str) -> None:
        self.faults = faults
        more = len(faults) - MOST_SHOWN
        told = "; also ".join(fault.what for fault in faults[:MOST_SHOWN])
        super().__init__(f"{told}; and {more} more" if more > 0 else told, where=where)


@dataclass(frozen=True)
class Subject:
    """What is judged: a study, and one result of it unless it is the study's trustworthiness."""

    tool: Tool
    study: str
    result: str = ""

    @property
    def named(self) -> str:
        return f"{self.study} {self.result}".strip()


def judge_trust(
    house: House, topic: str, study: str, typed: Mapping[str, str], by: str, *, together: bool = False
) -> Said:
    """Record one person's assessment of a study's trustworthiness, alone, or together where two differ."""
    return _judge(house, topic, Subject("trust", study), typed, by, together=together)


def judge_rob(
    house: House,
    topic: str,
    study: str,
    result: str,
    typed: Mapping[str, str],
    by: str,
    *,
    together: bool = False,
) -> Said:
    """Record one person's judgement of a result's risk of bias, alone, or together where two differ.

    Refused until people have settled that the study can be trusted.
    """
    return _judge(house, topic, Subject("rob2", study, result), typed, by, together=together)


def rate_certainty(house: House, topic: str, analysis: str, typed: Mapping[str, str], by: str) -> Said:
    """Record a person's rating of the certainty of an analysis, with the reasons for every step."""

    def facts(evidence: Evidence) -> list[Judgement]:
        found = analysed(evidence, analysis)
        filled = read_grade(typed)
        if filled.faults:
            raise NotFilled(filled.faults, analysis)
        judged = grade_digest(found.contrasts, found.pool)
        _on_the_same(typed, judged, analysis)
        return [_fact(filled, tool="grade", subject=analysis, judged=judged)]

    return say(house, topic, by, facts)


def _judge(
    house: House, topic: str, subject: Subject, typed: Mapping[str, str], by: str, *, together: bool
) -> Said:
    def facts(evidence: Evidence) -> list[Judgement]:
        about = home(evidence, subject)
        refuse_too_early(evidence, about)
        filled = filled_in(evidence, about, typed)
        if filled.faults:
            raise NotFilled(filled.faults, about.named)
        judged = digest_of(evidence, about)
        _on_the_same(typed, judged, about.named)
        if together:
            _refuse_alone(evidence, about, filled, by)
        return [
            _fact(
                filled,
                tool=about.tool,
                subject=about.named,
                judged=judged,
                round="together" if together else "alone",
                variant=variant_for(evidence, about, typed),
            )
        ]

    return say(house, topic, by, facts)


def _fact(filled: Assessed, **about: object) -> Judgement:
    return Judgement.model_validate(
        {
            "overall": filled.overall,
            "domains": filled.domains,
            "reason": filled.reason,
            "answers": filled.answers,
            **about,
        }
    )


def home(evidence: Evidence, subject: Subject) -> Subject:
    """Return the subject under its study's key. Raises UserError for an unknown study or result."""
    study = evidence.studies.study_of(subject.study)
    if study is None:
        raise UserError(f"no study '{subject.study}' here", fix="`living studies` lists them")
    results = results_of(evidence, study.key)
    if subject.tool == "rob2" and subject.result not in results:
        known = ", ".join(results) or "none has been settled yet"
        raise UserError(f"no result '{subject.result}' of it", where=study.key, fix=f"Known: {known}")
    return Subject(subject.tool, study.key, subject.result)


def subject_of(house: House, topic: str, tool: Tool, study: str, result: str = "") -> Subject:
    """Return what a form is about, under its study's key. Raises UserError for an unknown study or result."""
    return home(evidence_of(house, topic), Subject(tool, study, result))


def results_of(evidence: Evidence, key: str) -> tuple[str, ...]:
    """Return what may be judged of a study: each settled cell with usable numbers, and each outcome."""
    usable = [reading.cell for reading in evidence.readings.of_study(key) if reading.usable]
    return tuple(dict.fromkeys([*map(cell_id, usable), *(cell.outcome for cell in usable)]))


def refuse_too_early(evidence: Evidence, subject: Subject) -> None:
    """Raise UserError when risk of bias is judged before trust, or of a study that nobody trusts."""
    if subject.tool != "rob2":
        return
    trust = evidence.judged.trust.get(subject.study)
    if trust is None:
        what = "its trustworthiness has not been settled, and that comes before risk of bias"
        fix = f"Assess it first: living judge trust {subject.study}"
        raise UserError(what, where=evidence.label(subject.study), fix=fix)
    if trust.overall == SERIOUS:
        what = "serious concerns about its trustworthiness keep it out; its risk of bias is not judged"
        raise UserError(what, where=evidence.label(subject.study))


def variant_for(evidence: Evidence, subject: Subject, typed: Mapping[str, str] | None = None) -> str:
    """Return the variant of RoB 2: the one asked for, else the one of the design. Raises UserError."""
    if subject.tool != "rob2":
        return ""
    asked = (typed or {}).get(VARIANT, "")
    if asked and asked not in VARIANTS:
        raise UserError(f"no variant '{asked}'", where=subject.named, fix=f"Known: {', '.join(VARIANTS)}")
    what = evidence.what.get(subject.study)
    return asked or variant_of(what.design if what else "")


def filled_in(evidence: Evidence, subject: Subject, typed: Mapping[str, str]) -> Assessed:
    """Return what a form says of a subject, its faults among it."""
    if subject.tool == "trust":
        return read_trust(typed)
    return read_rob(typed, variant_for(evidence, subject, typed))


def digest_of(evidence: Evidence, subject: Subject) -> str:
    """Return the digest of what is judged as it stands."""
    if subject.tool == "rob2":
        return rob_digest(evidence.readings.of_study(subject.study), subject.result)
    records = evidence.studies.by_key[subject.study].records
    return trust_digest(evidence.state.records[key] for key in records)


def analysed(evidence: Evidence, name: str) -> AnalysisOut:
    """Return an analysis as it stands. Raises UserError when it is unknown or has no study."""
    declared = {item.id: item for item in evidence.protocol.analyses}
    if name not in declared:
        raise UserError(f"no analysis '{name}'", fix=f"Known: {', '.join(declared)}")
    found = analyse(evidence.basis, declared[name])
    if not found.contrasts:
        raise UserError("no study has given it a number, so there is nothing to rate", where=found.label)
    return found


def _on_the_same(typed: Mapping[str, str], judged: str, where: str) -> None:
    """Refuse a form that was opened on other numbers; without its digest it is about those of now."""
    opened = typed.get(JUDGED, "")
    if opened and opened != judged:
        what = "what is judged has changed since the form was opened; nothing was stored"
        raise UserError(what, where=where, fix="Look at the numbers as they stand, then hand it in again")


def _refuse_alone(evidence: Evidence, subject: Subject, filled: Assessed, by: str) -> None:
    """Together needs people who differ, a reason, and somebody else unless the protocol allows it."""
    begun = evidence.judged.begun.get((subject.tool, subject.study, subject.result))
    if begun is None or begun.kind != "differ" or begun.lines[-1][1].judged != digest_of(evidence, subject):
        what = "nobody differs on it, so there is nothing to settle"
        raise UserError(what, where=subject.named, fix="Judge it alone; equal judgements settle it")
    assessors = {line.by for line, _ in begun.lines}
    if by in assessors and evidence.protocol.people.adjudicator == "third_person":
        what = f"'{by}' judged it alone; the protocol asks a third person to settle it"
        raise UserError(what, where=subject.named, fix="Or judge alone again, after talking it over")
    if not filled.reason:
        raise NotFilled((Missing("reason", "say why it is settled so"),), subject.named)
