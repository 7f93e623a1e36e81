"""Answers to signalling questions as a study's page shows them: number, question and answer in words."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.judgements import RobOut
from living.model.snapshot import StudyOut
from living.review.rob2 import VARIANTS, WORDS, variant_of
from living.review.rob2.tables import UNASKED


@dataclass(frozen=True)
class AnswerView:
    """One question that applied, and what the judges answered; `domain` as its judgement names it."""

    number: str
    asks: str
    said: str
    domain: str


def answers_of(study: StudyOut) -> dict[str, tuple[AnswerView, ...]]:
    """Return the answers behind each judgement of a study, by result; those not asked are left out.

    Where two judges answered differently and came to the same judgement, both answers stand.
    """
    return {one.result: _answers(one) for one in study.rob}


def _answers(one: RobOut) -> tuple[AnswerView, ...]:
    known = {
        question.id: (question.asks, domain.id)
        for domain in VARIANTS[variant_of(one.variant)]
        for question in domain.questions
    }
    return tuple(
        AnswerView(number, *_asked(known, number, answer))
        for number, answer in one.answers
        if answer != UNASKED and number in known
    )


def _asked(known: dict[str, tuple[str, str]], number: str, answer: str) -> tuple[str, str, str]:
    asks, domain = known[number]
    said = " or ".join(WORDS.get(part, part) for part in answer.split(" / "))
    return asks, said, domain
