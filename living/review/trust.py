"""Trustworthiness of a trial (INSPECT-SR): its checks in our own words, and a filled assessment.

**Source**: Wilkinson J et al., INSPECT-SR: a tool for assessing trustworthiness of randomised controlled
trials, medRxiv 2025.09.03.25334905; checks by their published numbers at https://inspect.sr. Two of them
(2.3, 4.1) were read there, the others' subjects in public summaries; the wording is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.review.assessed import (
    OVERALL,
    REASON,
    Assessed,
    Missing,
    Typed,
    judgement_field,
    read,
    reason_field,
    too_long,
    words,
)

CONCERNS = ("no_concerns", "some_concerns", "serious_concerns")  # from least to most
ANSWERS = {"yes": "yes", "no": "no", "unclear": "unclear", "not_applicable": "does not apply"}


@dataclass(frozen=True)
class Check:
    """One check under its published number; a yes is a possible problem."""

    id: str
    asks: str


@dataclass(frozen=True)
class Part:
    """One of the four domains."""

    id: str
    label: str
    checks: tuple[Check, ...]


PARTS = (
    Part(
        "T1",
        "notices after publication",
        (
            Check("1.1", "Has a report of the study been retracted or removed?"),
            Check(
                "1.2", "Is there an expression of concern, or another notice or comment that bears on trust?"
            ),
            Check("1.3", "Have other studies of the team been retracted, or been doubted for their data?"),
        ),
    ),
    Part(
        "T2",
        "conduct, governance and transparency",
        (
            Check("2.1", "Is ethical approval missing, or does it not fit the study's place and dates?"),
            Check(
                "2.2", "Does the registration, its absence or its date leave doubt about what was planned?"
            ),
            Check("2.3", "Do publication and registration contradict each other without explanation?"),
            Check("2.4", "Is it hard to believe that so many people were recruited there in that time?"),
            Check("2.5", "Is it hard to believe that the methods could be carried out with those means?"),
        ),
    ),
    Part(
        "T3",
        "text and figures",
        (
            Check("3.1", "Is text or a table copied from elsewhere, or at odds with this study?"),
            Check("3.2", "Are figures or pictures duplicated or altered?"),
        ),
    ),
    Part(
        "T4",
        "results",
        (
            Check("4.1", "Do the data contradict who could take part?"),
            Check("4.2", "Do the sizes of the groups not fit the way of allocation?"),
            Check("4.3", "Are the baseline data implausible, alone or compared between groups?"),
            Check("4.4", "Do text, tables and figures contradict each other?"),
            Check("4.5", "Is the number lost to follow-up implausible?"),
            Check("4.6", "Do numbers of participants not add up?"),
            Check("4.7", "Are the outcomes, or the size of the effect, implausible?"),
            Check("4.8", "Are means or spreads impossible for whole numbers (GRIM, GRIMMER)?"),
            Check("4.9", "Are statistical results wrong, for example a P value beside its data?"),
            Check("4.10", "Do the data imply other contradictions?"),
            Check("4.11", "Do several publications of the study contradict each other?"),
        ),
    ),
)


def read_trust(typed: Typed) -> Assessed:
    """Read a filled assessment; what is wrong stands in `faults`, nothing is raised.

    The judgements are the person's: nothing is suggested and nothing filled in. A concern, a problem that is
    called none, and a study called sounder than its worst part each need a reason.
    """
    judged = tuple(
        (part.id, read(typed, judgement_field(part.id)), read(typed, reason_field(part.id))) for part in PARTS
    )
    return Assessed(
        read(typed, OVERALL),
        judged,
        read(typed, REASON),
        tuple((check.id, read(typed, check.id)) for part in PARTS for check in part.checks),
        {},
        (*(fault for part in PARTS for fault in _part(typed, part)), *_whole(typed), *too_long(typed)),
    )


def _part(typed: Typed, part: Part) -> Iterator[Missing]:
    for check in part.checks:
        answer = read(typed, check.id)
        if answer not in ANSWERS:
            told = f"'{answer}' is none of {', '.join(ANSWERS)}" if answer else "choose an answer"
            yield Missing(check.id, f"{check.id}: {told}")
    told = read(typed, judgement_field(part.id))
    if told not in CONCERNS:
        yield Missing(judgement_field(part.id), f"{part.label}: judge it: {_known()}")
        return
    if read(typed, reason_field(part.id)):
        return
    problems = [check.id for check in part.checks if read(typed, check.id) == "yes"]
    if told != CONCERNS[0]:
        yield Missing(reason_field(part.id), f"{part.label}: say what the concern is")
    elif problems:
        what = f"{part.label}: {', '.join(problems)} found a problem; say why it is no concern"
        yield Missing(reason_field(part.id), what)


def _whole(typed: Typed) -> Iterator[Missing]:
    told = read(typed, OVERALL)
    if told not in CONCERNS:
        yield Missing(OVERALL, f"judge the study as a whole: {_known()}")
        return
    worst = max((_rank(read(typed, judgement_field(part.id))) for part in PARTS), default=0)
    if read(typed, REASON):
        return
    if told != CONCERNS[0]:
        yield Missing(REASON, "say in a sentence for readers what the concern about the study is")
    elif _rank(told) < worst:
        what = f"a part has {words(CONCERNS[worst])}; say why the study as a whole has {words(told)}"
        yield Missing(REASON, what)


def _rank(told: str) -> int:
    return CONCERNS.index(told) if told in CONCERNS else 0


def _known() -> str:
    return ", ".join(words(name) for name in CONCERNS)
