"""What the pages of judgements show: where each stands, the sheet, and others' where one may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from living.model.facts import Judgement
from living.model.judgements import CertaintyOut
from living.model.snapshot import AnalysisOut
from living.review import grading, trust
from living.review.analysis import analyse
from living.review.assessed import (
    OVERALL,
    REASON,
    judgement_field,
    reason_field,
    words,
)
from living.review.bearings import about_certainty
from living.review.blinding import sight
from living.review.evidence import Evidence
from living.review.judged import grade_digest, risk_of_bias
from living.review.judging_work import in_plain_words
from living.review.names import cell_id, said
from living.review.rob2 import VARIANTS
from living.review.rounds import Line
from living.review.since import in_words, moved_since
from living.review.trusted import SERIOUS
from living.service.accounts import names
from living.service.house import House
from living.service.judging import (
    Subject,
    Tool,
    analysed,
    digest_of,
    filled_in,
    home,
    refuse_too_early,
    results_of,
    variant_for,
)
from living.service.judging_sheets import Sheet, rating_sheet, study_questions
from living.service.topics import evidence_of

TITLES = {"trust": "Trustworthiness", "rob2": "Risk of bias"}


@dataclass(frozen=True)
class Told:
    """What somebody judged, as far as the viewer may see it."""

    by: str
    at: str
    overall: str
    domains: tuple[tuple[str, str, str], ...]
    reason: str = ""
    together: bool = False


@dataclass(frozen=True)
class StudySheet:
    """The page of one judgement of a study or a result. `refused`: why it cannot be judged now."""

    title: str
    subject: Subject
    label: str
    result: str
    numbers: tuple[str, ...]
    judged: str
    variant: str
    sheet: Sheet
    told: tuple[Told, ...]
    standing: str
    mine: bool
    differ: bool
    reports: tuple[tuple[str, str], ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class GradeSheet:
    """The page of one rating of certainty. `moved`: what changed since a rating that is out of date."""

    analysis: str
    label: str
    result: str
    judged: str
    sheet: Sheet
    rating: CertaintyOut | None
    moved: str
    sum: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One line of the list: a study or an analysis, and where its judgements stand.

    `differ`: those who judged alone came to different judgements. `ready`: its turn has come. `about`:
    the result in words, or what an analysis found.
    """

    subject: str
    result: str
    label: str
    told: str
    standing: str
    stale: bool = False
    differ: bool = False
    ready: bool = True
    about: str = ""


@dataclass(frozen=True)
class Overview:
    """Everything that is judged in a topic."""

    trust: tuple[Row, ...]
    rob: tuple[Row, ...]
    grade: tuple[Row, ...]
    judges: int


def study_sheet(
    house: House,
    topic: str,
    tool: Tool,
    study: str,
    result: str,
    person: str,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> StudySheet:
    """Return the page on which somebody judges a study or one of its results.

    Without a result the next that waits for them is shown. `typed` is given back as it was typed, with
    `faults` beside its fields. Raises UserError when there is no such study or result, or when risk of bias
    is asked for before trust.
    """
    evidence = evidence_of(house, topic)
    subject = home(evidence, Subject(tool, study, result or _next_result(evidence, tool, study, person)))
    refuse_too_early(evidence, subject)
    mine = _mine(evidence, subject, person)
    given = typed if typed is not None else mine or {}
    filled = filled_in(evidence, subject, given)
    readings = [
        reading
        for reading in evidence.readings.of_study(subject.study)
        if subject.result in (cell_id(reading.cell), reading.cell.outcome)
    ]
    return StudySheet(
        TITLES[tool],
        subject,
        evidence.label(subject.study),
        in_plain_words(evidence, subject.study, subject.result),
        tuple(said(reading.numbers) for reading in readings),
        digest_of(evidence, subject),
        variant_for(evidence, subject, given),
        study_questions(evidence, subject, given, filled, faults or {}),
        _told(evidence, subject, person, names(house)),
        _standing(evidence, subject),
        mine is not None,
        _differ(evidence, subject),
        tuple(
            (key, evidence.state.records[key].title or key)
            for key in evidence.studies.by_key[subject.study].records
        ),
    )


def grade_sheet(
    house: House,
    topic: str,
    analysis: str,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> GradeSheet:
    """Return the page on which somebody rates an analysis; nothing is chosen beforehand. Raises UserError."""
    evidence = evidence_of(house, topic)
    found = analysed(evidence, analysis)
    given, wrong = typed or {}, faults or {}
    rating = found.certainty
    judged = {ground.id: given.get(judgement_field(ground.id), "") for ground in grading.GROUNDS}
    sum_ = grading.arithmetic(judged)
    sheet = rating_sheet(about_certainty(evidence, found), given, wrong)
    return GradeSheet(
        analysis,
        found.label,
        in_words(found),
        grade_digest(found.contrasts, found.pool),
        sheet,
        rating,
        moved_since(evidence.state, found, rating.judged) if rating and rating.stale else "",
        f"high, {sum_.down:+d} and {sum_.up:+d} levels: {words(sum_.level)}" if any(judged.values()) else "",
        names(house),
    )


def overview(house: House, topic: str) -> Overview:
    """Return where every judgement of a topic stands: of studies, of results in use, of analyses."""
    evidence = evidence_of(house, topic)
    found = [analyse(evidence.basis, item) for item in evidence.protocol.analyses]
    used = dict.fromkeys((row.study, row.cell) for item in found for row in item.contrasts)
    doubted = [
        key
        for key, one in evidence.judged.trust.items()
        if one.overall == SERIOUS and key not in evidence.included
    ]
    return Overview(
        tuple(_trust_row(evidence, key) for key in (*evidence.included, *doubted)),
        tuple(_rob_row(evidence, key, cell) for key, cell in used),
        tuple(_grade_row(item, names(house)) for item in found if item.contrasts),
        evidence.protocol.people.judges,
    )


def _trust_row(evidence: Evidence, key: str) -> Row:
    settled = evidence.judged.trust.get(key)
    told = words(settled.overall) if settled else "not assessed"
    stale = bool(settled and settled.stale)
    subject = Subject("trust", key)
    standing, differ = _standing(evidence, subject), _differ(evidence, subject)
    return Row(key, "", evidence.label(key), told, standing, stale, differ)


def _rob_row(evidence: Evidence, key: str, cell: str) -> Row:
    results = risk_of_bias(evidence.judged, key, evidence.readings.of_study(key))
    outcome = next(
        (one.cell.outcome for one in evidence.readings.of_study(key) if cell_id(one.cell) == cell), ""
    )
    settled = {one.result: one for one in results}
    known = {*settled, *(name for tool, at, name in evidence.judged.begun if (tool, at) == ("rob2", key))}
    meant = next((name for name in (cell, outcome, "") if name in known), cell)
    told = words(settled[meant].overall) if meant in settled else "not judged"
    stale = meant in settled and settled[meant].stale
    subject, ready = Subject("rob2", key, meant), key in evidence.judged.trust
    standing = _standing(evidence, subject) if ready else "trustworthiness comes first"
    differ, about = _differ(evidence, subject), in_plain_words(evidence, key, meant)
    return Row(key, meant, evidence.label(key), told, standing, stale, differ, ready, about)


def _grade_row(found: AnalysisOut, known: Mapping[str, str]) -> Row:
    rating = found.certainty
    told = words(rating.rating) if rating else "not rated"
    standing = f"by {known.get(rating.by, rating.by)}, {rating.at[:10]}" if rating else ""
    stale = bool(rating and rating.stale)
    return Row(found.id, "", found.label, told, standing, stale, about=in_words(found))


def _standing(evidence: Evidence, subject: Subject) -> str:
    """How far the people have come, without a word of what anybody judged."""
    begun = evidence.judged.begun.get((subject.tool, subject.study, subject.result))
    if begun and begun.kind == "differ":
        return "those who judged alone differ; somebody settles it, or they judge again"
    if begun:
        judges = evidence.protocol.people.judges
        return f"{len(begun.lines)} of {judges} have judged alone"
    return ""


def _next_result(evidence: Evidence, tool: Tool, study: str, person: str) -> str:
    """The result that waits for somebody, where an address names only the study."""
    key = evidence.studies.key_of.get(study, study)
    results = results_of(evidence, key) if tool == "rob2" else ()
    judged = {one.result for one in risk_of_bias(evidence.judged, key, evidence.readings.of_study(key))}
    waiting = [
        name
        for name in results
        if name not in judged and _mine(evidence, Subject("rob2", key, name), person) is None
    ]
    begun = [name for name in waiting if ("rob2", key, name) in evidence.judged.begun]
    return next(iter((*begun, *waiting, *results)), "")


def _differ(evidence: Evidence, subject: Subject) -> bool:
    begun = evidence.judged.begun.get((subject.tool, subject.study, subject.result))
    return bool(begun and begun.kind == "differ")


def _mine(evidence: Evidence, subject: Subject, person: str) -> dict[str, str] | None:
    """What somebody judged last on the same object, as typed; None when they have not."""
    for line, fact in reversed(_lines(evidence, subject)):
        if line.by == person:
            reasons = {reason_field(name): why for name, _, why in fact.domains}
            judged = {judgement_field(name): told for name, told, _ in fact.domains}
            whole = {OVERALL: fact.overall, REASON: fact.reason}
            return {**dict(fact.answers), **judged, **reasons, **whole}
    return None


def _lines(evidence: Evidence, subject: Subject) -> list[Line]:
    """The judgements of a subject as it stands, oldest first."""
    judged = digest_of(evidence, subject)
    found = []
    for line, fact in evidence.state.of_kind(Judgement):
        record, _, result = fact.subject.partition(" ")
        same = (fact.tool, result, fact.judged) == (subject.tool, subject.result, judged)
        if same and evidence.studies.key_of.get(record) == subject.study:
            found.append((line, fact))
    return found


def _told(evidence: Evidence, subject: Subject, person: str, known: Mapping[str, str]) -> tuple[Told, ...]:
    """What others judged, as far as this person may see it; of each the latest."""
    may = sight(evidence.state, evidence.studies, evidence.protocol)
    latest = {
        (line.by, fact.round): Told(
            known.get(line.by, line.by),
            line.at,
            words(fact.overall),
            tuple((_label(subject.tool, name), words(told), why) for name, told, why in fact.domains),
            fact.reason,
            fact.round == "together",
        )
        for line, fact in _lines(evidence, subject)
        if may.judgement(line, person)
    }
    return tuple(latest.values())


def _label(tool: Tool, name: str) -> str:
    parts = [*trust.PARTS] if tool == "trust" else [one for found in VARIANTS.values() for one in found]
    return next((part.label for part in parts if part.id == name), name)
