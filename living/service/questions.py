"""Questions to the authors of studies: written down, asked, answered, or left without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from living.errors import UserError
from living.model.facts import AuthorQuestion
from living.review.evidence import Evidence
from living.review.particulars import questions_of
from living.service.house import House
from living.service.saying import Said, said_in, say
from living.service.topics import evidence_of

Status = Literal["to_ask", "asked", "answered", "no_answer"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class QuestionRow:
    """A question as it stands; `by` is who said last how it stands."""

    id: str
    study: str
    label: str
    question: str
    status: str
    asked: str
    answer: str
    answered: str
    by: str


def questions(house: House, topic: str, study: str = "") -> tuple[QuestionRow, ...]:
    """Return the questions about one study, or all of them: those without an answer first."""
    evidence = evidence_of(house, topic)
    key_of = evidence.studies.key_of
    rows = [
        QuestionRow(
            id=fact.id,
            study=key_of.get(fact.study, fact.study),
            label=evidence.label(key_of.get(fact.study, fact.study)),
            question=fact.question,
            status=fact.status,
            asked=fact.asked or "",
            answer=fact.answer,
            answered=fact.answered or "",
            by=line.by,
        )
        for line, fact in questions_of(evidence.state).values()
    ]
    about = key_of.get(study, study)
    wanted = [row for row in rows if not study or row.study == about]
    return tuple(sorted(wanted, key=lambda row: STATUSES.index(row.status)))


def ask(house: House, topic: str, study: str, question: str, by: str) -> Said:
    """Write down a question to a study's authors; the same question twice is one."""

    def facts(evidence: Evidence) -> list[AuthorQuestion]:
        found = evidence.studies.study_of(study)
        if found is None:
            raise UserError(f"no study '{study}' here", where=topic, fix="`living studies` lists them")
        asked = questions_of(evidence.state)
        text = said_in(question, "question")
        mine = (fact for _, fact in asked.values() if fact.study in found.records)
        if any(fact.question == text.strip() for fact in mine):
            return []
        return [AuthorQuestion(id=f"q{len(asked) + 1}", study=found.key, question=text)]

    return say(house, topic, by, facts)


def follow(
    house: House, topic: str, name: str, status: str, by: str, day: str = "", answer: str = ""
) -> Said:
    """Say what came of a question: asked on a day, answered with these words, or no answer came.

    Raises UserError for an unknown question or status, for a day that is none or still to come, and for an
    answer without words.
    """

    def facts(evidence: Evidence) -> list[AuthorQuestion]:
        standing = questions_of(evidence.state)
        if name not in standing:
            names = ", ".join(standing) or "none"
            raise UserError(f"no question '{name}'", where=topic, fix=f"Known: {names}")
        known = next((item for item in STATUSES if item == status), None)
        if known is None:
            raise UserError(f"'{status}' is no status", where=name, fix=f"Known: {', '.join(STATUSES)}")
        return [_moved(standing[name][1], known, _day(day, house.now()[:10]), answer.strip())]

    return say(house, topic, by, facts)


def _moved(question: AuthorQuestion, status: Status, day: str, answer: str) -> AuthorQuestion:
    changed: dict[str, object] = {"status": status}
    if status == "asked":
        changed["asked"] = day
    if status == "answered":
        changed |= {"answered": day, "answer": said_in(answer, "answer")}
        if question.asked and day < question.asked:
            raise UserError(f"answered on {day}, before it was asked", where=question.id)
    if status == "to_ask":
        changed |= {"asked": None, "answered": None, "answer": ""}
    return question.model_copy(update=changed)


def _day(day: str, today: str) -> str:
    try:
        found = date.fromisoformat(day or today).isoformat()
    except ValueError:
        raise UserError(f"'{day}' is no day", where="day", fix="Write it as 2026-06-30") from None
    if found > today:
        raise UserError(f"{found} is still to come", where="day", fix=f"Today is {today}")
    return found
