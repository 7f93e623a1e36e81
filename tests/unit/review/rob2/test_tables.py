"""RoB 2: every answer leads to exactly one suggestion, and worse answers never to a better one."""

from collections.abc import Iterator

import pytest

from living.publish.lights import DOMAINS as SHOWN
from living.review.rob2 import RISKS, VARIANTS, overall, several_concerns, variant_of
from living.review.rob2.tables import ALL_OPTIONS, UNASKED, Domain

EVERY = [
    pytest.param(variant, domain, id=f"{variant}-{domain.id}")
    for variant, domains in VARIANTS.items()
    for domain in domains
]


PLAIN = frozenset({"Y", "N", "NI"})  # that "probably" counts as the plain answer is a test of its own


def paths(
    domain: Domain, so_far: dict[str, str] | None = None, among: frozenset[str] = PLAIN
) -> Iterator[dict[str, str]]:
    """Every combination of answers that a domain's routing allows."""
    so_far = so_far or {}
    if len(so_far) == len(domain.questions):
        yield so_far
        return
    question = domain.questions[len(so_far)]
    applies = question.when is None or question.when.holds(so_far)
    options = [answer for answer in question.options if answer in among] if applies else [UNASKED]
    for answer in options:
        yield from paths(domain, {**so_far, question.id: answer}, among)


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_every_combination_of_answers_fits_one_row_of_each_table(variant: str, domain: Domain) -> None:
    found = list(paths(domain))
    assert len(found) >= 3
    for answers in found:
        assert domain.routed(answers) == answers
        for table in domain.tables:
            assert sum(one.fits(answers) for one in table) == 1, answers
        assert domain.suggests(answers) in RISKS


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_every_row_of_a_table_is_reached_by_some_answers(variant: str, domain: Domain) -> None:
    found = list(paths(domain))
    for table in domain.tables:
        for one in table:
            assert any(one.fits(answers) for answers in found), one


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_probably_counts_as_the_plain_answer(variant: str, domain: Domain) -> None:
    plain = {"PY": "Y", "PN": "N"}
    for answers in paths(domain, among=frozenset(ALL_OPTIONS)):
        same = {name: plain.get(answer, answer) for name, answer in answers.items()}
        assert domain.suggests(same) == domain.suggests(answers)


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_an_unanswered_question_that_applies_leaves_no_suggestion(variant: str, domain: Domain) -> None:
    for answers in paths(domain):
        for name, answer in answers.items():
            if answer != UNASKED:
                left = {other: said for other, said in answers.items() if other != name}
                assert domain.suggests(left) is None


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_answers_to_questions_that_do_not_apply_change_nothing(variant: str, domain: Domain) -> None:
    for answers in paths(domain):
        noise = {name: "Y" if answer == UNASKED else answer for name, answer in answers.items()}
        assert domain.suggests(noise) == domain.suggests(answers)


# Of these the favourable answer is no; of all others it is yes.
_GOOD_NO = {
    "1.3", "1a.3", "1b.2", "1b.3", "2.1", "2.1a", "2.1b", "2.2", "2.3", "2.4", "2.7", "3.3", "3.4", "4.1",
    "4.2", "4.3", "4.3a", "4.3b", "4.4", "4.5", "5.2", "5.3", "5.4",
}  # fmt: skip


@pytest.mark.parametrize(("variant", "domain"), EVERY)
def test_a_worse_answer_alone_never_suggests_a_lower_risk(variant: str, domain: Domain) -> None:
    compared = 0
    for answers in paths(domain):
        for name, answer in answers.items():
            good, bad = ("N", "Y") if name in _GOOD_NO else ("Y", "N")
            worse = {**answers, name: bad}
            if answer == good and domain.routed(worse) == worse:  # no other question comes or goes with it
                before, after = domain.suggests(answers), domain.suggests(worse)
                assert before is not None
                assert after is not None
                assert RISKS.index(before) <= RISKS.index(after), (answers, name)
                compared += 1
    assert compared


def by_hand(variant: str, name: str, **answers: str) -> str | None:
    domain = next(item for item in VARIANTS[variant] if item.id == name)
    return domain.suggests({key.removeprefix("q").replace("_", "."): said for key, said in answers.items()})


@pytest.mark.parametrize(
    ("variant", "name", "answers", "expected"),
    [
        ("parallel", "D1", {"q1_1": "Y", "q1_2": "Y", "q1_3": "N"}, "low"),
        ("parallel", "D1", {"q1_1": "NI", "q1_2": "PY", "q1_3": "NI"}, "low"),
        ("parallel", "D1", {"q1_1": "Y", "q1_2": "Y", "q1_3": "PY"}, "some_concerns"),
        ("parallel", "D1", {"q1_1": "N", "q1_2": "Y", "q1_3": "N"}, "some_concerns"),
        ("parallel", "D1", {"q1_1": "Y", "q1_2": "NI", "q1_3": "N"}, "some_concerns"),
        ("parallel", "D1", {"q1_1": "Y", "q1_2": "NI", "q1_3": "Y"}, "high"),
        ("parallel", "D1", {"q1_1": "Y", "q1_2": "PN", "q1_3": "N"}, "high"),
        ("parallel", "D2", {"q2_1": "N", "q2_2": "PN", "q2_6": "Y"}, "low"),
        ("parallel", "D2", {"q2_1": "Y", "q2_2": "Y", "q2_3": "N", "q2_6": "Y"}, "low"),
        ("parallel", "D2", {"q2_1": "Y", "q2_2": "Y", "q2_3": "NI", "q2_6": "Y"}, "some_concerns"),
        (
            "parallel",
            "D2",
            {"q2_1": "Y", "q2_2": "N", "q2_3": "Y", "q2_4": "N", "q2_6": "Y"},
            "some_concerns",
        ),
        (
            "parallel",
            "D2",
            {"q2_1": "Y", "q2_2": "Y", "q2_3": "Y", "q2_4": "Y", "q2_5": "Y", "q2_6": "Y"},
            "some_concerns",
        ),
        (
            "parallel",
            "D2",
            {"q2_1": "Y", "q2_2": "Y", "q2_3": "Y", "q2_4": "NI", "q2_5": "NI", "q2_6": "Y"},
            "high",
        ),
        ("parallel", "D2", {"q2_1": "N", "q2_2": "N", "q2_6": "N", "q2_7": "PN"}, "some_concerns"),
        ("parallel", "D2", {"q2_1": "N", "q2_2": "N", "q2_6": "NI", "q2_7": "NI"}, "high"),
        ("parallel", "D3", {"q3_1": "Y"}, "low"),
        ("parallel", "D3", {"q3_1": "N", "q3_2": "PY"}, "low"),
        ("parallel", "D3", {"q3_1": "NI", "q3_2": "N", "q3_3": "N"}, "low"),
        ("parallel", "D3", {"q3_1": "N", "q3_2": "N", "q3_3": "Y", "q3_4": "N"}, "some_concerns"),
        ("parallel", "D3", {"q3_1": "N", "q3_2": "N", "q3_3": "NI", "q3_4": "NI"}, "high"),
        ("parallel", "D4", {"q4_1": "N", "q4_2": "N", "q4_3": "N"}, "low"),
        (
            "parallel",
            "D4",
            {"q4_1": "N", "q4_2": "N", "q4_3": "Y", "q4_4": "Y", "q4_5": "N"},
            "some_concerns",
        ),
        ("parallel", "D4", {"q4_1": "N", "q4_2": "NI", "q4_3": "N"}, "some_concerns"),
        ("parallel", "D4", {"q4_1": "NI", "q4_2": "N", "q4_3": "Y", "q4_4": "NI", "q4_5": "PY"}, "high"),
        ("parallel", "D4", {"q4_1": "Y", "q4_2": "N"}, "high"),
        ("parallel", "D5", {"q5_1": "Y", "q5_2": "N", "q5_3": "N"}, "low"),
        ("parallel", "D5", {"q5_1": "NI", "q5_2": "N", "q5_3": "N"}, "some_concerns"),
        ("parallel", "D5", {"q5_1": "Y", "q5_2": "NI", "q5_3": "N"}, "some_concerns"),
        ("parallel", "D5", {"q5_1": "Y", "q5_2": "NI", "q5_3": "Y"}, "high"),
        ("crossover", "D5", {"q5_1": "Y", "q5_2": "N", "q5_3": "N", "q5_4": "Y"}, "high"),
        ("crossover", "D5", {"q5_1": "Y", "q5_2": "N", "q5_3": "N", "q5_4": "N"}, "low"),
        ("crossover", "DS", {"S_1": "Y", "S_3": "Y"}, "low"),
        ("crossover", "DS", {"S_1": "N", "S_2": "Y", "S_3": "PY"}, "low"),
        ("crossover", "DS", {"S_1": "N", "S_2": "N", "S_3": "Y"}, "some_concerns"),
        ("crossover", "DS", {"S_1": "Y", "S_3": "NI"}, "some_concerns"),
        ("crossover", "DS", {"S_1": "Y", "S_3": "N"}, "high"),
        ("cluster", "D1b", {"q1b_1": "Y"}, "low"),
        ("cluster", "D1b", {"q1b_1": "N", "q1b_2": "Y"}, "high"),
        ("cluster", "D1b", {"q1b_1": "N", "q1b_2": "N", "q1b_3": "Y"}, "some_concerns"),
        ("cluster", "D1b", {"q1b_1": "NI", "q1b_2": "NI", "q1b_3": "Y"}, "high"),
        ("cluster", "D2", {"q2_1a": "N", "q2_2": "N", "q2_6": "Y"}, "low"),
        ("cluster", "D3", {"q3_1a": "Y", "q3_1b": "Y"}, "low"),
        ("cluster", "D3", {"q3_1a": "N", "q3_1b": "Y", "q3_2": "N", "q3_3": "Y", "q3_4": "Y"}, "high"),
        ("cluster", "D4", {"q4_1": "N", "q4_2": "NI", "q4_3a": "N"}, "some_concerns"),
    ],
)
def test_rows_followed_by_hand_through_the_published_flowcharts(
    variant: str, name: str, answers: dict[str, str], expected: str
) -> None:
    assert by_hand(variant, name, **answers) == expected


def test_missing_evidence_of_no_bias_is_no_answer_to_3_2() -> None:
    assert by_hand("parallel", "D3", q3_1="N", q3_2="NI") is None


def test_overall_is_the_worst_domain_and_several_concerns_are_the_assessor_s_to_raise() -> None:
    assert overall(()) is None
    assert overall(("low", "low")) == "low"
    assert overall(("low", "some_concerns")) == "some_concerns"
    assert overall(("some_concerns", "some_concerns", "low")) == "some_concerns"
    assert overall(("some_concerns", "high")) == "high"
    assert several_concerns(("some_concerns", "some_concerns"))
    assert not several_concerns(("some_concerns", "low"))
    assert not several_concerns(("some_concerns", "some_concerns", "high"))


def test_a_design_has_its_variant_and_question_numbers_are_used_once() -> None:
    assert [variant_of(name) for name in ("crossover", "cluster", "factorial", "")] == [
        "crossover", "cluster", "parallel", "parallel",
    ]  # fmt: skip
    for domains in VARIANTS.values():
        ids = [question.id for domain in domains for question in domain.questions]
        assert len(ids) == len(set(ids))
        assert {domain.id: domain.label for domain in domains}.items() <= SHOWN.items()


def test_routing_is_told_in_words() -> None:
    parallel = {item.id: item for domain in VARIANTS["parallel"] for item in domain.questions}
    assert parallel["2.3"].only_if == "asked if 2.1 is yes or not known or 2.2 is yes or not known"
    assert parallel["3.2"].only_if == "asked if 3.1 is no or not known"
    assert parallel["1.1"].only_if == ""
