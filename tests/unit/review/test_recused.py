"""Who keeps away from a study, and which facts that concerns."""

import pytest

from living.model.facts import (
    AuthorQuestion,
    Fact,
    FullText,
    Judgement,
    Particular,
    Particulars,
    Recusal,
)
from living.review.identity import link_studies
from living.review.recused import kept_from, recused, standing_recusals
from tests.factories import (
    STUDY,
    TRIAL,
    adjudication,
    characteristics,
    extraction,
    link,
    record,
    registered,
    vote,
)
from tests.factories import state as facts_of

OTHER = record(id="40000002", title="Another trial of salt")


def away(person: str = "ann", study: str = STUDY, *, recused: bool = True) -> Recusal:
    return Recusal(study=study, person=person, reason="wrote the report", recused=recused)


def found(*facts: Fact) -> dict[str, frozenset[str]]:
    state = facts_of(record(), registered(), OTHER, *facts)
    return recused(state, link_studies(state))


def test_nobody_keeps_away_from_a_study_until_somebody_says_so() -> None:
    assert found() == {}
    assert found(away(), away("ben")) == {STUDY: frozenset({"ann", "ben"})}


def test_the_latest_word_on_a_person_and_a_study_counts() -> None:
    assert found(away(), away(recused=False)) == {}
    assert found(away(), away(recused=False), away()) == {STUDY: frozenset({"ann"})}
    assert found(away(), away("ben", recused=False)) == {STUDY: frozenset({"ann"})}


def test_joining_studies_lifts_no_recusal() -> None:
    said = (away(study=TRIAL), away("ann", STUDY, recused=False), link())
    assert found(*said) == {STUDY: frozenset({"ann"})}
    assert list(standing_recusals(facts_of(record(), registered(), *said))) == [(TRIAL, "ann")]


@pytest.mark.parametrize(
    "fact",
    [
        vote(),
        characteristics(),
        extraction(),
        adjudication(),
        link(),
        Judgement(tool="rob2", subject=f"{STUDY} ache", judged="0" * 64, overall="low"),
        Judgement(tool="trust", subject=STUDY, judged="0" * 64, overall="no"),
        Particulars(study=STUDY, items=(Particular(topic="funder", said="A fund"),)),
        FullText(record=STUDY, status="obtained"),
        AuthorQuestion(id="q1", study=STUDY, question="What was the SD?"),
    ],
    ids=lambda fact: fact.kind,
)
def test_whoever_keeps_away_says_nothing_about_the_study(fact: Fact) -> None:
    state = facts_of(record(), registered(), OTHER, away())
    studies = link_studies(state)
    kept = recused(state, studies)
    assert kept_from(fact, "ann", kept, studies) == STUDY
    assert kept_from(fact, "ben", kept, studies) == ""


def test_whoever_keeps_away_may_speak_of_other_studies_and_of_the_recusal_itself() -> None:
    state = facts_of(record(), registered(), OTHER, away())
    studies = link_studies(state)
    kept = recused(state, studies)
    grade = Judgement(tool="grade", subject="pain", judged="0" * 64, overall="low")
    for fact in (vote(record=OTHER.key), away(recused=False), grade):
        assert kept_from(fact, "ann", kept, studies) == ""


def test_a_recusal_from_one_report_holds_for_the_whole_study() -> None:
    state = facts_of(record(), registered(), link(), away(study=TRIAL))
    studies = link_studies(state)
    assert kept_from(vote(), "ann", recused(state, studies), studies) == STUDY
