"""Judging at the workbench: trust first, two alone, differences settled, ratings with reasons."""

import html
import re

from living.model.snapshot import StudyOut
from living.review.grading import GROUNDS
from living.review.snapshot import build_snapshot
from living.review.trust import PARTS
from tests.fakes import Reply
from tests.workbench.conftest import Client, Desk

ALPHA, RESULT = "pubmed:90000001", "ache"
TRUST, ROB = f"/desk/toy/trust/{ALPHA}", f"/desk/toy/rob/{ALPHA}"
LOW = {
    "1.1": "Y", "1.2": "Y", "1.3": "N", "2.1": "N", "2.2": "N", "2.6": "Y", "3.1": "Y", "4.1": "N",
    "4.2": "N", "4.3": "N", "5.1": "Y", "5.2": "N", "5.3": "N", "do": "hand_in", "result": RESULT,
}  # fmt: skip


def sound(**more: str) -> dict[str, str]:
    checks = {check.id: "no" for part in PARTS for check in part.checks}
    judged = {f"{part.id}.judgement": "no_concerns" for part in PARTS}
    return {**checks, **judged, "overall": "no_concerns", "do": "hand_in", **more}


def serious() -> dict[str, str]:
    return sound(
        **{"1.1": "yes", "T1.judgement": "serious_concerns", "T1.reason": "retracted"},
        overall="serious_concerns",
        reason="an invented retraction",
    )


def two(desk: Desk) -> tuple[Client, Client]:
    return desk.person("ann", "extractor"), desk.person("ben", "extractor")


def trusted(desk: Desk) -> tuple[Client, Client]:
    people = two(desk)
    for one in people:
        assert one.form(TRUST, sound()).status == 200
    return people


def study(desk: Desk) -> StudyOut:
    snapshot = build_snapshot(desk.home.house.store.state("toy"))
    return next(item for item in snapshot.studies if item.key == ALPHA)


def text(reply: Reply) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())


def test_risk_of_bias_is_refused_until_trust_is_settled(desk: Desk) -> None:
    ann, ben = two(desk)
    assert ann.form(TRUST, sound()).status == 200
    early = ann.get(f"{ROB}?result={RESULT}")
    assert early.status == 400
    assert "trustworthiness has not been settled" in text(early)
    assert ben.form(TRUST, sound()).status == 200
    assert ann.get(f"{ROB}?result={RESULT}").status == 200


def test_serious_concerns_of_two_keep_the_study_out_and_one_s_do_not(desk: Desk) -> None:
    ann, ben = two(desk)
    ann.form(TRUST, serious())
    assert study(desk).status == "included"
    ben.form(TRUST, serious())
    assert (study(desk).status, study(desk).criterion) == ("excluded", "X2")
    assert "an invented retraction" in study(desk).reason
    refused = ann.form(ROB, LOW)
    assert refused.status == 400


def test_what_was_typed_comes_back_with_each_fault_beside_its_field(desk: Desk) -> None:
    ann, _ = trusted(desk)
    typed = {**LOW, "1.2": "", "D4.judgement": "high", "reason": "words <b>kept</b>"}
    back = ann.form(ROB, typed)
    assert back.status == 400
    assert "words &lt;b&gt;kept&lt;/b&gt;" in back.text
    assert 'id="wrong-1-2"' in back.text
    assert 'id="wrong-D4-reason"' in back.text
    assert "the answers suggest low; say why it is high" in text(back)
    assert study(desk).rob == ()


def test_looking_shows_what_the_answers_suggest_and_stores_nothing(desk: Desk) -> None:
    ann, _ = trusted(desk)
    before = desk.home.head()
    seen = ann.form(ROB, {**LOW, "1.3": "Y", "do": "look"})
    assert seen.status == 200
    assert "The answers suggest: some concerns" in text(seen)
    assert desk.home.head() == before


def test_a_crossover_is_asked_about_period_and_carry_over(desk: Desk) -> None:
    ann, _ = trusted(desk)
    seen = ann.form(ROB, {**LOW, "variant": "crossover", "S.1": "N", "S.3": "PN", "do": "look"})
    assert "S.2 Did the analysis take differences between the periods into account?" in text(seen)
    lacking = ann.form(ROB, {**LOW, "variant": "crossover", "S.1": "N", "S.3": "PN"})
    assert lacking.status == 400
    assert 'id="wrong-S-2"' in lacking.text
    assert 'id="wrong-5-4"' in lacking.text


def test_nobody_sees_the_other_s_judgement_before_both_have_judged(desk: Desk) -> None:
    ann, ben = trusted(desk)
    ann.form(ROB, {**LOW, "overall": "high", "reason": "a secret reason of ann"})
    eve = desk.person("eve", "adjudicator", "editor", "extractor")
    for who in (ben, eve):
        for path in (f"{ROB}?result={RESULT}", "/desk/toy/judgements/"):
            assert "secret reason" not in who.get(path).text
    assert "secret reason" not in eve.get(f"/desk/toy/rob/settle/{ALPHA}?result={RESULT}").text
    ben.form(ROB, LOW)
    assert "secret reason" in ben.get(f"{ROB}?result={RESULT}").text


def test_two_who_differ_are_settled_by_a_third_with_a_reason(desk: Desk) -> None:
    ann, ben = trusted(desk)
    ann.form(ROB, LOW)
    ben.form(ROB, {**LOW, "1.3": "Y"})
    assert study(desk).rob == ()
    eve = desk.person("eve", "adjudicator")
    place = f"/desk/toy/rob/settle/{ALPHA}"
    assert "Settle" in text(eve.get("/desk/toy/judgements/"))
    assert eve.form(place, LOW).status == 400  # no reason
    assert eve.form(place, {**LOW, "reason": "the difference is chance"}).status == 200
    (rob,) = study(desk).rob
    assert (rob.overall, rob.by) == ("low", eve.id)
    assert set(rob.assessors) == {ann.id, ben.id}


def test_an_assessor_cannot_settle_their_own_difference(desk: Desk) -> None:
    ann, ben = trusted(desk)
    ann.form(ROB, LOW)
    ben.form(ROB, {**LOW, "1.3": "Y"})
    assert ann.form(f"/desk/toy/rob/settle/{ALPHA}", {**LOW, "reason": "mine"}).status == 403
    both = desk.person("cal", "extractor", "adjudicator")
    both.form(ROB, {**LOW, "1.3": "Y", "overall": "high", "reason": "x"})
    refused = both.form(f"/desk/toy/rob/settle/{ALPHA}", {**LOW, "reason": "mine"})
    assert refused.status == 400
    assert "third person" in text(refused)


def test_a_form_opened_on_other_numbers_stores_nothing(desk: Desk) -> None:
    ann, _ = trusted(desk)
    back = ann.form(ROB, {**LOW, "judged": "0" * 64})
    assert back.status == 400
    assert "has changed since the form was opened" in text(back)


def test_a_judgement_handed_in_twice_is_one(desk: Desk) -> None:
    ann, _ = trusted(desk)
    ann.form(ROB, LOW)
    head = desk.home.head()
    ann.form(ROB, LOW)
    assert desk.home.head() == head


def graded(**more: str) -> dict[str, str]:
    chosen = {f"{ground.id}.judgement": next(iter(ground.steps)) for ground in GROUNDS}
    return {**chosen, "overall": "high", "do": "hand_in", **more}


def test_a_rating_has_no_choice_made_beforehand_and_facts_beside_each_ground(desk: Desk) -> None:
    eve = desk.person("eve", "editor")
    page = eve.get("/desk/toy/grade/ache")
    assert page.status == 200
    assert "checked" not in page.text
    assert "Optimal information size" in page.text
    refused = eve.form("/desk/toy/grade/ache", {"do": "hand_in"})
    assert refused.status == 400
    assert "nine fields need something" in text(refused)


def test_a_step_down_needs_its_reason_and_the_rating_reaches_the_snapshot(desk: Desk) -> None:
    eve = desk.person("eve", "editor")
    down = {"imprecision.judgement": "very_serious", "overall": "low"}
    assert 'id="wrong-imprecision-reason"' in eve.form("/desk/toy/grade/ache", graded(**down)).text
    told = graded(**down, **{"imprecision.reason": "few invented people"})
    assert eve.form("/desk/toy/grade/ache", told).status == 200
    snapshot = build_snapshot(desk.home.house.store.state("toy"))
    rating = snapshot.comparisons[0].analyses[0].certainty
    assert rating is not None
    assert (rating.rating, rating.by, rating.earlier) == ("low", eve.id, ())


def test_who_has_not_the_role_is_refused(desk: Desk) -> None:
    reader, extractor = desk.person("rob", "reader"), desk.person("ann", "extractor")
    assert reader.get(TRUST).status == 403
    assert reader.get("/desk/toy/judgements/").status == 200
    assert "Assess" not in reader.get("/desk/toy/judgements/").text
    assert extractor.get("/desk/toy/grade/ache").status == 403


def test_unknown_studies_results_and_variants_are_told_so(desk: Desk) -> None:
    ann, _ = trusted(desk)
    assert ann.get("/desk/toy/trust/pubmed:1").status == 400
    assert "Known: " in text(ann.get(f"{ROB}?result=nothing"))
    assert ann.form(ROB, {**LOW, "variant": "sideways"}).status == 400
