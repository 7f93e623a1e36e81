"""A judgement is about numbers: it goes stale when they move, and only then."""

import pytest

from living.model.facts import IMPORT, MACHINE
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.judged import rob_digest, rob_of
from living.review.pairs import analyses
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    Entry,
    changed,
    difference,
    evidence,
    graded,
    judged,
    read,
    seeded,
    then,
    toy,
    trial,
)

WALD = 'id = "dl-wald"\nlabel = "DerSimonian-Laird with Wald interval"\ntau2 = "DL"\ninterval = "wald"'
LOW = 'id = "low"\nlabel = "low"\nlow_risk_of_bias_only = true'
LOW_ONLY = changed("toy", (WALD, LOW))


def three(*more: Entry) -> ReviewState:
    facts = [fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(0.2 * int(n))))]
    return toy(*facts, *more)


def study(snapshot: Snapshot, key: str = "pubmed:1"):  # type: ignore[no-untyped-def]
    return next(item for item in snapshot.studies if item.key == key)


def agreed(key: str, estimate: float, outcome: str = "ache") -> list[Entry]:
    numbers = difference(estimate)
    return [(who, read(key, numbers, imported=None, outcome=outcome)) for who in ("ann", "bob")]


# --- risk of bias -----------------------------------------------------------------------------------


def test_a_judgement_holds_while_its_numbers_stand_and_is_stale_when_they_move() -> None:
    low = judged(three(), "pubmed:1 ache")
    held = build_snapshot(then(three(), low))
    assert [(item.result, item.overall, item.stale) for item in study(held).rob] == [("ache", "low", False)]
    assert study(held).low_risk_of_bias
    moved = build_snapshot(then(three(), low, *agreed("pubmed:1", 0.9)))
    assert study(moved).rob[0].stale
    assert not study(moved).low_risk_of_bias


def test_readers_who_agree_with_what_stood_there_leave_a_judgement_as_it_is() -> None:
    found = build_snapshot(then(three(), judged(three(), "pubmed:1 ache"), *agreed("pubmed:1", 0.2)))
    assert study(found).cells[0].standing != "unverified"
    assert study(found).low_risk_of_bias


def test_a_judgement_of_one_result_does_not_go_stale_by_another() -> None:
    low = judged(three(), "pubmed:1 ache")
    counts = {
        "shape": "event_counts",
        "experimental": {"events": 3, "total": 40},
        "control": {"events": 5, "total": 40},
    }
    other = read("pubmed:1", counts, outcome="any-ae", scale="", estimand="count")
    assert study(build_snapshot(then(three(), low, other))).low_risk_of_bias


def test_a_result_that_names_no_outcome_is_about_all_of_the_study() -> None:
    readings = evidence(three()).readings.of_study("pubmed:1")
    assert rob_digest(readings, "") == rob_digest(readings, "anything else") == rob_digest(readings, "ache")
    assert rob_digest(readings, "ache") != rob_digest([], "ache")


def test_the_latest_judgement_of_a_result_counts_and_its_domains_are_listed() -> None:
    state = then(three(), judged(three(), "pubmed:1 ache"), judged(three(), "pubmed:1 ache", "high"))
    (found,) = study(build_snapshot(state)).rob
    assert (found.overall, found.by, [item.id for item in found.domains]) == ("high", "ann", ["D1"])
    assert found.domains[0].judgement == "low"


@pytest.mark.parametrize("by", [MACHINE, IMPORT])
def test_nobody_s_judgement_counts(by: str) -> None:
    state = then(three(), judged(three(), "pubmed:1 ache", by=by), graded(three(), "ache", by=by))
    found = build_snapshot(state)
    assert study(found).rob == ()
    assert not study(found).low_risk_of_bias
    assert analyses(found)["ache"].certainty is None


def test_a_judgement_of_a_study_nobody_knows_is_about_nothing() -> None:
    state = then(three(), ("ann", make.judgement(subject="pubmed:99 ache")))
    assert build_snapshot(state).studies == build_snapshot(three()).studies


def test_a_stale_judgement_keeps_a_study_out_of_the_variant_for_low_risk() -> None:
    facts = [fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(0.2 * int(n))))]
    plain = toy(*facts, text=LOW_ONLY)
    low = [judged(plain, f"pubmed:{n} ache") for n in "123"]
    variant = analyses(build_snapshot(then(plain, *low)))["ache"].sensitivity[0]
    assert variant.studies == ("Trial 1", "Trial 2", "Trial 3")
    moved = build_snapshot(then(plain, *low, *agreed("pubmed:2", -0.7)))
    assert analyses(moved)["ache"].sensitivity[0].studies == ("Trial 1", "Trial 3")


def test_a_cell_s_own_judgement_comes_before_its_outcome_s_and_that_before_the_study_s() -> None:
    state = three()
    cell = study(build_snapshot(state)).cells[0].id
    told = [judged(state, f"pubmed:1 {name}", how) for name, how in ((cell, "low"), ("ache", "high"))]
    results = study(build_snapshot(then(state, *told))).rob
    assert rob_of(results, "ache", cell) == "low"
    assert rob_of(results, "ache", "another") == "high"
    assert rob_of(results, "harms", "another") == ""


# --- GRADE ------------------------------------------------------------------------------------------


def test_a_rating_stands_beside_its_analysis_and_in_the_standing_without_a_signature() -> None:
    assert "certainty not rated" in build_snapshot(three()).answer.standing
    found = build_snapshot(then(three(), graded(three(), "ache", "very_low")))
    rating = analyses(found)["ache"].certainty
    assert rating is not None
    assert (rating.rating, rating.by, rating.stale) == ("very_low", "ann", False)
    assert "certainty very low (GRADE)" in found.answer.standing
    assert "not rated" not in found.answer.standing + found.answer.headline
    assert found.answer.standing.startswith("Not checked by the review team")


def test_a_rating_is_stale_when_a_study_comes_and_the_answer_is_unrated_again() -> None:
    fourth = trial("4", read("pubmed:4", difference(-0.3)))
    found = build_snapshot(then(three(), graded(three(), "ache"), *fourth))
    rating = analyses(found)["ache"].certainty
    assert rating is not None
    assert rating.stale
    assert "certainty not rated" in found.answer.standing


def test_a_rating_holds_when_only_labels_and_standings_move() -> None:
    arms = evidence(three()).what["pubmed:1"].arms
    renamed = make.characteristics(study="pubmed:1", label="Renamed 2026", condition_group="ache", arms=arms)
    state = then(three(), graded(three(), "ache"), ("ann", renamed), *agreed("pubmed:1", 0.2))
    found = analyses(build_snapshot(state))["ache"]
    assert found.contrasts[0].label == "Renamed 2026"
    assert found.certainty is not None
    assert not found.certainty.stale


def test_a_rating_of_another_analysis_says_nothing_of_the_first_screen() -> None:
    found = build_snapshot(then(seeded(), graded(seeded(), "any-ae", "high")))
    assert "certainty not rated" in found.answer.standing
    assert analyses(found)["any-ae"].certainty is not None


def test_a_signature_without_a_rating_gives_the_rating_that_holds() -> None:
    state = then(three(), graded(three(), "ache", "moderate"))
    bare = make.signature(digest=snapshot_digest(build_snapshot(state)), certainty=None)
    found = build_snapshot(then(state, ("ed", bare)))
    assert found.answer.headline_signed
    assert found.answer.standing.startswith("Conclusion signed by an editor; certainty moderate (GRADE);")
