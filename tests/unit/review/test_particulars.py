"""What is noted around a study's numbers, as snapshots and warnings tell it."""

import pytest

from living.model.facts import AuthorQuestion, FullText, Particular, Particulars, Recusal
from living.review.evidence import gather
from living.review.identity import link_studies
from living.review.particulars import Conduct, authors_among, conducts, declared
from living.review.snapshot import build_snapshot, protocol_of
from tests.factories import STUDY, TRIAL, link, record, registered, vote
from tests.factories import state as facts_of
from tests.unit.review.scenes import seeded, then, toy

ALPHA = "pubmed:90000001"


def funder(said: str, study: str = STUDY) -> Particulars:
    return Particulars(study=study, items=(Particular(topic="funder", said=said),))


def test_the_latest_words_on_a_study_count_whichever_record_they_name() -> None:
    state = facts_of(record(), registered(), funder("One fund"), funder("Two funds", TRIAL), link())
    found = conducts(state, link_studies(state))
    assert [item.said for item in found[STUDY].particulars] == ["Two funds"]


def test_a_study_of_which_nothing_is_noted_is_absent() -> None:
    state = facts_of(record())
    assert conducts(state, link_studies(state)) == {}
    assert conducts(state, link_studies(state)).get(STUDY, Conduct()).questions == ()


def test_each_question_stands_once_as_it_was_left() -> None:
    asked = AuthorQuestion(id="q1", study=STUDY, question="Which SD?", status="asked", asked="2026-02-01")
    answer = {"status": "answered", "answered": "2026-03-01", "answer": "Of change."}
    state = facts_of(record(), asked, asked.model_copy(update=answer))
    (question,) = conducts(state, link_studies(state))[STUDY].questions
    assert (question.status, question.asked, question.answer) == ("answered", "2026-02-01", "Of change.")


def test_a_snapshot_carries_what_was_noted() -> None:
    noted = (
        ("ann", funder("A public fund", ALPHA)),
        ("ann", FullText(record=ALPHA, status="in_translation", language="Polish")),
        ("ann", Recusal(study=ALPHA, person="ben", reason="wrote the report")),
    )
    study = next(item for item in build_snapshot(then(seeded(), *noted)).studies if item.key == ALPHA)
    assert study.particulars[0].said == "A public fund"
    assert (study.full_texts[0].status, study.full_texts[0].language) == ("in_translation", "Polish")
    assert (study.recused[0].person, study.recused[0].reason) == ("ben", "wrote the report")
    assert build_snapshot(seeded()).studies[0].recused == ()


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Anita Srinivasan", True),
        ("Srinivasan, Anita", True),
        ("Srinivasan AK", True),
        ("A. SRINIVASAN", True),
        ("Bela Srinivasan", False),
        ("Anita Rao", False),
        ("Søren Müller", True),
        ("Soren Muller", False),
        ("Sam Muller", True),
        ("anita", False),
        ("", False),
    ],
)
def test_a_name_that_an_author_has_too_is_a_reason_to_ask(name: str, same: bool) -> None:
    entries = make_study("Srinivasan A", "Müller S") if name != "Soren Muller" else make_study("Rao A")
    evidence = gather(entries, protocol_of(entries)[1])
    assert bool(authors_among(evidence, STUDY, [name])) is same


def make_study(*authors: str):  # type: ignore[no-untyped-def]
    return toy(record(authors=authors), vote(imported="A"))


def test_a_conflict_that_the_protocol_declares_names_its_study() -> None:
    state = toy(record(authors=()), vote(imported="A"))
    evidence = gather(state, protocol_of(state)[1])
    head = evidence.protocol.topic
    note = f"Two authors ran the trial {evidence.label(STUDY)}."
    protocol = evidence.protocol.model_copy(
        update={"topic": head.model_copy(update={"conflict_notes": (note, "About another trial.")})}
    )
    assert declared(gather(state, protocol), STUDY) == (note,)
