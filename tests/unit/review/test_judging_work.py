"""What waits to be judged: trust, then bias, then certainty, and only where numbers are settled."""

from living.model.state import ReviewState
from living.review.judging_work import to_judge
from tests.unit.review.scenes import difference, evidence, graded, judged, read, then, toy, trial
from tests.unit.review.test_rounds import alone, trust


def settled() -> ReviewState:
    """Three trials; two people read the first and agree, the others rest on imports."""
    facts = [fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(0.2 * int(n))))]
    agreed = [(who, read("pubmed:1", difference(0.2), imported=None)) for who in ("ann", "bob")]
    return toy(*facts, *agreed)


def all_settled() -> ReviewState:
    return then(
        settled(),
        *(
            (who, read(f"pubmed:{n}", difference(0.2 * n), imported=None))
            for n in (2, 3)
            for who in ("ann", "bob")
        ),
    )


def waiting(state: ReviewState) -> list[tuple[str, str, str]]:
    return [(task.kind, task.study, task.detail) for task in to_judge(evidence(state))]


def trusted(state: ReviewState, *keys: str) -> ReviewState:
    both = [trust(state, who, "no_concerns", key) for key in keys for who in ("ann", "bob")]
    return then(state, *both)


def test_only_settled_numbers_are_worth_judging_and_trust_comes_first() -> None:
    assert waiting(settled()) == [("trust", "pubmed:1", "not assessed yet")]


def test_how_many_have_judged_is_told_and_never_what() -> None:
    begun = then(settled(), trust(settled(), "ann", "serious_concerns"))
    assert waiting(begun) == [("trust", "pubmed:1", "1 of 2 have judged")]
    differ = then(begun, trust(settled(), "bob", "no_concerns"))
    assert waiting(differ) == [("trust", "pubmed:1", "those who judged alone differ")]


def test_who_has_judged_is_not_asked_again_while_another_is_missing() -> None:
    begun = then(settled(), trust(settled(), "ann", "no_concerns"))
    assert to_judge(evidence(begun), "ann") == ()
    assert [task.kind for task in to_judge(evidence(begun), "bob")] == ["trust"]
    state = trusted(settled(), "pubmed:1")
    assert to_judge(evidence(then(state, alone(state, "ann"))), "ann") == ()
    assert len(to_judge(evidence(then(state, alone(state, "ann"))), "bob")) == 1


def test_risk_of_bias_follows_trust_and_names_the_result() -> None:
    state = trusted(settled(), "pubmed:1")
    ((kind, study, detail),) = waiting(state)
    assert (kind, study) == ("rob", "pubmed:1")
    assert detail.endswith(", 12 weeks, change: not judged yet")
    assert waiting(then(state, judged(state, "pubmed:1 ache"))) == []
    assert waiting(then(state, alone(state, "ann")))[0][2].endswith("1 of 2 have judged")


def test_certainty_waits_for_the_risk_of_bias_of_every_study() -> None:
    keys = ("pubmed:1", "pubmed:2", "pubmed:3")
    state = trusted(all_settled(), *keys)
    two = then(state, *(judged(state, f"{key} ache") for key in keys[:2]))
    assert [kind for kind, _, _ in waiting(two)] == ["rob"]
    every = then(state, *(judged(state, f"{key} ache") for key in keys))
    assert waiting(every) == [("grade", "ache", "not rated yet")]
    assert waiting(then(every, graded(every, "ache"))) == []


def test_what_has_moved_is_to_be_judged_again() -> None:
    state = trusted(settled(), "pubmed:1")
    low = then(state, judged(state, "pubmed:1 ache"))
    moved = then(low, *((who, read("pubmed:1", difference(0.9), imported=None)) for who in ("ann", "bob")))
    ((kind, _, detail),) = waiting(moved)
    assert kind == "judge_again"
    assert "risk of bias" in detail


def test_a_study_that_nobody_trusts_is_not_judged_further() -> None:
    state = settled()
    assert waiting(then(state, *(trust(state, who, "serious_concerns") for who in ("ann", "bob")))) == []
