"""The sheets on which people judge: sections with facts on record, questions, choices and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from living.review import grading, trust
from living.review.assessed import OVERALL, REASON, Assessed, judgement_field, reason_field, words
from living.review.bearings import Facts, Known, about_bias, about_trust
from living.review.evidence import Evidence
from living.review.rob2 import RISKS, VARIANTS
from living.review.rob2 import WORDS as ANSWERS
from living.review.rob2.tables import Domain
from living.service.judging import Subject, variant_for


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen."""

    value: str
    word: str


@dataclass(frozen=True)
class Field:
    """A question with its answers, what was chosen, and what is wrong with that.

    `when`: the earlier answers on which it is asked, for the page's script to hide it otherwise.
    """

    name: str
    asks: str
    choices: tuple[Choice, ...]
    chosen: str = ""
    fault: str = ""
    number: str = ""
    hint: str = ""
    when: str = ""


@dataclass(frozen=True)
class Words:
    """A field for a reason."""

    name: str
    asks: str
    typed: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Section:
    """One domain: facts on record, its questions, the judgement and the reason."""

    id: str
    label: str
    facts: tuple[Known, ...]
    questions: tuple[Field, ...]
    judgement: Field
    reason: Words
    suggested: str = ""


@dataclass(frozen=True)
class Sheet:
    """A judgement to fill in. `suggested`: what the answers so far lead to, in words; blank where nothing."""

    sections: tuple[Section, ...]
    overall: Field
    reason: Words
    suggested: str = ""
    faults: int = 0


def study_questions(
    evidence: Evidence, subject: Subject, typed: Mapping[str, str], filled: Assessed, wrong: Mapping[str, str]
) -> Sheet:
    """Return the sheet of a study or a result, with what was typed and what is wrong beside its fields."""
    if subject.tool == "trust":
        facts = about_trust(evidence, subject.study)
        sections = tuple(_trust_section(part, facts, typed, wrong) for part in trust.PARTS)
        levels = tuple(Choice(name, words(name)) for name in trust.CONCERNS)
        return Sheet(sections, *_whole(typed, wrong, "The study as a whole", levels), faults=len(wrong))
    about = about_bias(evidence, subject.study, subject.result)
    domains = VARIANTS[variant_for(evidence, subject, typed)]
    found = tuple(_rob_section(domain, about, typed, filled, wrong) for domain in domains)
    risks = (Choice("", "as the domains suggest"), *(Choice(name, words(name)) for name in RISKS))
    suggested = words(filled.suggested.get(OVERALL, ""))
    told = {**typed, OVERALL: "" if words(typed.get(OVERALL, "")) == suggested else typed.get(OVERALL, "")}
    return Sheet(found, *_whole(told, wrong, "The result as a whole", risks), suggested, len(wrong))


def _trust_section(
    part: trust.Part, facts: Facts, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Section:
    answers = tuple(Choice(value, word) for value, word in trust.ANSWERS.items())
    return Section(
        part.id,
        part.label,
        facts.get(part.id, ()),
        tuple(
            Field(check.id, check.asks, answers, typed.get(check.id, ""), wrong.get(check.id, ""), check.id)
            for check in part.checks
        ),
        Field(
            judgement_field(part.id),
            f"Your judgement: {part.label}",
            tuple(Choice(name, words(name)) for name in trust.CONCERNS),
            typed.get(judgement_field(part.id), ""),
            wrong.get(judgement_field(part.id), ""),
        ),
        _reason(part.id, typed, wrong),
    )


def _rob_section(
    domain: Domain, facts: Facts, typed: Mapping[str, str], filled: Assessed, wrong: Mapping[str, str]
) -> Section:
    suggested = filled.suggested.get(domain.id, "")
    return Section(
        domain.id,
        domain.label,
        facts.get(domain.id, ()),
        tuple(
            Field(
                one.id,
                one.asks,
                tuple(Choice(value, ANSWERS[value]) for value in one.options),
                typed.get(one.id, ""),
                wrong.get(one.id, ""),
                one.id,
                ". ".join(_sentence(text) for text in (one.only_if, one.hint) if text),
                one.when.as_data if one.when else "",
            )
            for one in domain.questions
        ),
        Field(
            judgement_field(domain.id),
            f"Your judgement: {domain.label}",
            (Choice("", "as the answers suggest"), *(Choice(name, words(name)) for name in RISKS)),
            _departure(typed, domain.id, suggested),
            wrong.get(judgement_field(domain.id), ""),
        ),
        _reason(domain.id, typed, wrong),
        words(suggested),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def _departure(typed: Mapping[str, str], name: str, suggested: str) -> str:
    """The judgement chosen, unless it is only the one suggested: it follows the answers."""
    told = typed.get(judgement_field(name), "")
    return "" if told == suggested else told


def _reason(name: str, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Words:
    place = reason_field(name)
    return Words(place, "Why", typed.get(place, ""), wrong.get(place, ""))


def _whole(
    typed: Mapping[str, str], wrong: Mapping[str, str], asks: str, choices: tuple[Choice, ...]
) -> tuple[Field, Words]:
    return (
        Field(OVERALL, asks, choices, typed.get(OVERALL, ""), wrong.get(OVERALL, "")),
        Words(REASON, "In a sentence for readers", typed.get(REASON, ""), wrong.get(REASON, "")),
    )


def rating_sheet(facts: Facts, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Sheet:
    """Return the sheet of a rating of certainty; nothing in it is chosen beforehand."""
    sections = tuple(_ground(ground, facts, typed, wrong) for ground in grading.GROUNDS)
    levels = tuple(Choice(name, words(name)) for name in reversed(grading.LEVELS))
    return Sheet(sections, *_whole(typed, wrong, "The rating", levels), faults=len(wrong))


def _ground(
    ground: grading.Ground, facts: Facts, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Section:
    place = judgement_field(ground.id)
    steps = tuple(Choice(name, words(name)) for name in ground.steps)
    judgement = Field(place, ground.asks, steps, typed.get(place, ""), wrong.get(place, ""))
    return Section(
        ground.id,
        ground.label,
        facts.get(ground.id, ()),
        (),
        judgement,
        _reason(ground.id, typed, wrong),
    )
