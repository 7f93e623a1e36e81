"""What is noted around a study's numbers, as snapshots and warnings tell it."""

import pytest

from living.model.facts import AuthorQuestion, FullText, Particular, Particulars, Recusal
from living.publish.bundle import render_version
from living.review.compare import compare
from living.review.evidence import gather
from living.review.identity import link_studies
from living.review.particulars import Conduct, authors_among, conducts, declared
from living.review.protocol import parse
from living.review.snapshot import build_snapshot, protocol_of
from tests.factories import STUDY, TRIAL, link, record, registered, vote
from tests.factories import state as facts_of
from tests.unit.review.scenes import TEXTS, seeded, then, toy, version

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
        ("Sam Muller", True),
        ("anita", False),
        ("", False),
    ],
)
def test_a_name_that_an_author_has_too_is_a_reason_to_ask(name: str, same: bool) -> None:
    entries = toy(record(authors=("Srinivasan A", "Müller S")), vote(imported="A"))
    evidence = gather(entries, protocol_of(entries)[1])
    assert bool(authors_among(evidence, STUDY, [name])) is same


def test_a_conflict_that_the_protocol_declares_names_its_study() -> None:
    state = toy(record(authors=()), vote(imported="A"))
    evidence = gather(state, protocol_of(state)[1])
    head = evidence.protocol.topic
    note = f"Two authors ran the trial {evidence.label(STUDY)}."
    protocol = evidence.protocol.model_copy(
        update={"topic": head.model_copy(update={"conflict_notes": (note, "About another trial.")})}
    )
    assert declared(gather(state, protocol), STUDY) == (note,)


def test_what_was_noted_is_a_change_of_the_lists_and_moves_no_number() -> None:
    before, noted = build_snapshot(seeded()), ("ann", funder("A public fund", ALPHA))
    changes = compare(before, build_snapshot(then(seeded(), noted)))
    assert [(cause.kind, cause.study) for cause in changes.causes] == [("list", ALPHA)]
    assert changes.causes[0].text.endswith("noted or changed: how it was done")
    assert changes.shifts == ()


def test_declared_amendments_stand_in_the_methods_with_their_registration() -> None:
    given = """
[[amendments]]
date = "2026-01-15"
what = "A further scale was declared"
why = "A trial used no other"
registration = "INVENTED-1"
"""
    text = TEXTS["toy"] + given
    assert [item.registration for item in parse(text, "protocol.toml").amendments] == ["INVENTED-1"]
    page = render_version(version(seeded(text=text)))["page.html"].decode()
    for said in ("15 January 2026", "A further scale was declared", "A trial used no other", "INVENTED-1"):
        assert said in page


def test_the_study_s_own_page_tells_what_was_noted() -> None:
    asked = AuthorQuestion(
        id="q1", study=ALPHA, question="Is 2.1 an <SD>?", status="asked", asked="2026-02-01"
    )
    noted = (
        ("ann", funder("A public fund", ALPHA)),
        ("ann", FullText(record=ALPHA, status="not_obtainable", language="Polish")),
        ("ann", asked),
        ("ann", Recusal(study=ALPHA, person="ben", reason="wrote the report")),
    )
    snapshot = version(then(seeded(), *noted))
    slug = next(study.slug for study in snapshot.studies if study.key == ALPHA)
    page = render_version(snapshot)[f"study/{slug}.html"].decode()
    for said in (
        "How the trial was done",
        "A public fund",
        "Not obtainable, in Polish",
        "Is 2.1 an &lt;SD&gt;?",
    ):
        assert said in page
    assert "Asked 1 February 2026" in page
    assert "ben, since" in page
