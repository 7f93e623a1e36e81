"""A filled judgement says what it lacks, field by field, and never fills in what a person should say."""

from collections.abc import Iterator

import pytest

from living.errors import UserError
from living.review.assessed import typed_in
from living.review.bearings import about_bias, about_certainty, about_trust
from living.review.grading import GROUNDS, LEVELS, arithmetic, read_grade
from living.review.pairs import analyses
from living.review.rob2 import VARIANTS
from living.review.rob2.filled import read_rob
from living.review.snapshot import build_snapshot
from living.review.trust import PARTS, read_trust
from tests import factories as make
from tests.unit.review.scenes import difference, evidence, read, seeded, toy, trial

LOW = {
    "1.1": "Y", "1.2": "Y", "1.3": "N", "2.1": "N", "2.2": "N", "2.6": "Y", "3.1": "Y", "4.1": "N",
    "4.2": "N", "4.3": "N", "5.1": "Y", "5.2": "N", "5.3": "N",
}  # fmt: skip


def fields(faults: object) -> list[str]:
    return [fault.field for fault in faults]  # type: ignore[attr-defined]


# --- RoB 2 ------------------------------------------------------------------------------------------


def test_answers_alone_give_the_suggested_judgements() -> None:
    found = read_rob(LOW, "parallel")
    assert found.faults == ()
    assert found.overall == "low"
    assert found.domains == tuple((domain.id, "low", "") for domain in VARIANTS["parallel"])
    assert dict(found.answers)["2.3"] == "NA"


def test_an_empty_form_names_every_question_that_is_always_asked_and_nothing_else() -> None:
    found = read_rob({}, "parallel")
    always = [one.id for domain in VARIANTS["parallel"] for one in domain.questions if one.when is None]
    assert fields(found.faults) == always
    assert found.overall == ""


def test_a_departure_from_the_suggestion_needs_its_reason() -> None:
    bare = read_rob({**LOW, "D4.judgement": "high"}, "parallel")
    assert [(fault.field, fault.what) for fault in bare.faults] == [
        ("D4.reason", "D4: the answers suggest low; say why it is high")
    ]
    told = read_rob({**LOW, "D4.judgement": "high", "D4.reason": "an invented why"}, "parallel")
    assert (told.faults, told.overall) == ((), "high")
    assert ("D4", "high", "an invented why") in told.domains


def test_several_concerns_are_raised_to_high_only_with_a_reason() -> None:
    two = {**LOW, "1.3": "Y", "5.1": "NI"}
    assert read_rob(two, "parallel").overall == "some_concerns"
    assert fields(read_rob({**two, "overall": "high"}, "parallel").faults) == ["reason"]
    assert read_rob({**two, "overall": "high", "reason": "both at once"}, "parallel").faults == ()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"1.1": "maybe"}, "1.1"), ({"D1.judgement": "fine"}, "D1.judgement"), ({"overall": "x"}, "overall")],
)
def test_what_is_no_answer_is_refused_where_it_stands(typed: dict[str, str], field: str) -> None:
    assert fields(read_rob({**LOW, **typed}, "parallel").faults) == [field]


# --- trustworthiness --------------------------------------------------------------------------------


def sound() -> dict[str, str]:
    checks = {check.id: "no" for part in PARTS for check in part.checks}
    return {**checks, **{f"{part.id}.judgement": "no_concerns" for part in PARTS}, "overall": "no_concerns"}


def test_twenty_one_checks_stand_in_four_parts() -> None:
    assert [len(part.checks) for part in PARTS] == [3, 5, 2, 11]


def test_every_check_and_every_part_is_asked_and_nothing_is_filled_in() -> None:
    found = read_trust({})
    assert len(found.faults) == 21 + 4 + 1
    assert found.overall == ""
    assert read_trust(sound()).faults == ()


def test_a_problem_that_is_called_no_concern_needs_a_reason() -> None:
    assert fields(read_trust({**sound(), "4.8": "yes"}).faults) == ["T4.reason"]
    assert read_trust({**sound(), "4.8": "yes", "T4.reason": "a rounded mean"}).faults == ()


def test_a_study_called_sounder_than_its_worst_part_needs_a_reason() -> None:
    doubted = {**sound(), "T1.judgement": "serious_concerns", "T1.reason": "retracted"}
    assert fields(read_trust(doubted).faults) == ["reason"]


def test_a_concern_about_the_whole_is_said_in_a_sentence() -> None:
    doubted = {**sound(), "T1.judgement": "serious_concerns", "T1.reason": "x", "overall": "serious_concerns"}
    assert fields(read_trust(doubted).faults) == ["reason"]


# --- GRADE ------------------------------------------------------------------------------------------


def certain() -> dict[str, str]:
    return {f"{ground.id}.judgement": next(iter(ground.steps)) for ground in GROUNDS} | {"overall": "high"}


def steps() -> Iterator[tuple[dict[str, str], str]]:
    yield {}, "high"
    yield {"imprecision": "serious"}, "moderate"
    yield {"imprecision": "serious", "risk_of_bias": "serious"}, "low"
    yield {"imprecision": "extremely_serious"}, "very_low"
    yield {"imprecision": "extremely_serious", "inconsistency": "very_serious"}, "very_low"
    yield {"imprecision": "serious", "large_effect": "raises_much"}, "high"


@pytest.mark.parametrize(("judged", "level"), tuple(steps()))
def test_levels_add_up_from_high_and_stay_between_very_low_and_high(
    judged: dict[str, str], level: str
) -> None:
    assert arithmetic(judged).level == level
    assert level in LEVELS


def test_every_ground_and_the_rating_are_asked_and_none_is_filled_in() -> None:
    assert len(read_grade({}).faults) == len(GROUNDS) + 1
    assert read_grade({}).overall == ""
    assert read_grade(certain()).faults == ()


def test_every_step_down_needs_a_reason() -> None:
    typed = {**certain(), "imprecision.judgement": "serious", "overall": "moderate"}
    assert fields(read_grade(typed).faults) == ["imprecision.reason"]


def test_a_rating_that_differs_from_the_sum_of_its_steps_needs_a_reason() -> None:
    (fault,) = read_grade({**certain(), "overall": "low"}).faults
    assert fault.what == "the steps lead to high; say why the rating is low"
    assert read_grade({**certain(), "overall": "low", "reason": "an invented why"}).faults == ()


def test_a_reason_without_end_is_refused() -> None:
    for found in (read_trust, read_grade, lambda typed: read_rob(typed, "parallel")):
        assert "reason" in fields(found({"reason": "x" * 4001}).faults)


# --- from a file ------------------------------------------------------------------------------------


def test_a_file_gives_the_fields_of_the_page() -> None:
    text = 'overall = "low"\n[answers]\n"1.1" = "Y"\n[domains.D1]\njudgement = "low"\nreason = "x"\n'
    assert typed_in(text, "f") == {"overall": "low", "1.1": "Y", "D1.judgement": "low", "D1.reason": "x"}


def test_a_file_with_a_number_for_an_answer_says_which() -> None:
    with pytest.raises(UserError, match=r"f: 1\.1 must be text in quotes, not 1"):
        typed_in('[answers]\n"1.1" = 1\n', "f")


# --- facts beside -----------------------------------------------------------------------------------


def test_facts_for_bias_are_numbers_of_people_and_what_the_register_named() -> None:
    registered = make.registered(id="NCT1", identifiers=(), published="2025-04-01")
    joined = make.link(a="pubmed:1", b="ctgov:NCT1")
    state = toy(*trial("1", read("pubmed:1", difference(0.2))), registered, joined)
    facts = about_bias(evidence(state), "pubmed:1", "ache")
    assert [(one.label, one.said) for one in facts["D1"]] == [("ctgov:NCT1, allocation", "randomized")]
    assert ("Analysed, ache at 12 weeks, change", "40 and 40 people") in [
        (one.label, one.said) for one in facts["D3"]
    ]
    assert ("ctgov:NCT1", "first posted 2025-04-01; start 2025-05; completion 2026-12-31") in [
        (one.label, one.said) for one in facts["D5"]
    ]
    assert ("ctgov:NCT1, primary outcome", "Pain (12 weeks)") in [
        (one.label, one.said) for one in facts["D5"]
    ]


def test_a_notice_is_named_beside_the_first_part() -> None:
    doubted = make.record(
        id="1", seeded=True, identifiers=(), notices=({"kind": "concern", "text": "an inquiry"},)
    )
    state = toy(doubted, make.vote(record="pubmed:1", imported="A"))
    assert about_trust(evidence(state), "pubmed:1")["T1"][0].said == "an inquiry"


def test_facts_for_certainty_stand_beside_their_grounds_and_rate_nothing() -> None:
    state = seeded()
    facts = about_certainty(evidence(state), analyses(build_snapshot(state))["ache"])
    assert {"I\N{SUPERSCRIPT TWO}", "Variance between studies"} <= {
        one.label for one in facts["inconsistency"]
    }
    assert any(one.label == "Optimal information size" for one in facts["imprecision"])
    assert any(one.label == "People studied" for one in facts["indirectness"])
    told = " ".join(one.said for found in facts.values() for one in found).lower()
    assert not any(word in told for word in ("serious", "low certainty", "downgrade"))
