"""People judge alone, then together: one alone settles nothing, and a serious concern keeps a study out."""

from typing import Any

import pytest

from living.model.snapshot import StudyOut
from living.model.state import ReviewState
from living.review.compare import compare
from living.review.judged import rob_digest, trust_digest
from living.review.pairs import analyses
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import (
    TEXTS,
    Entry,
    activated,
    changed,
    difference,
    evidence,
    ledger,
    read,
    then,
    toy,
    trial,
)

TRUSTED = changed("toy", ("trust = true", "trust = false"))


def three() -> ReviewState:
    return toy(*(fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(0.2 * int(n))))))


def alone(state: ReviewState, by: str, overall: str = "low", **kw: Any) -> Entry:
    judged = rob_digest(evidence(state).readings.of_study("pubmed:1"), "ache")
    given = {"subject": "pubmed:1 ache", "overall": overall, "judged": judged, "round": "alone"}
    return by, make.judgement(**{**given, "domains": (("D1", overall, ""),), **kw})


def trust(state: ReviewState, by: str, overall: str, key: str = "pubmed:1", **kw: Any) -> Entry:
    found = evidence(state)
    study = found.studies.study_of(key)
    assert study is not None
    judged = trust_digest(found.state.records[name] for name in study.records)
    given = {"tool": "trust", "subject": key, "judged": judged, "overall": overall, "round": "alone"}
    return by, make.judgement(
        **{**given, "domains": (("T1", overall, ""),), "reason": "an invented why", **kw}
    )


def study(state: ReviewState, key: str = "pubmed:1") -> StudyOut:
    return next(item for item in build_snapshot(state).studies if item.key == key)


def test_one_judgement_alone_counts_for_nothing_and_waits_for_another() -> None:
    state = then(three(), alone(three(), "ann"))
    assert study(state).rob == ()
    begun = evidence(state).judged.begun["rob2", "pubmed:1", "ache"]
    assert (begun.kind, begun.missing) == ("waiting", 1)


def test_two_equal_judgements_alone_settle_and_name_both() -> None:
    state = then(three(), alone(three(), "bob", answers=(("1.1", "PY"),)), alone(three(), "ann"))
    (rob,) = study(state).rob
    assert (rob.overall, rob.by, rob.assessors) == ("low", "ann, bob", ("ann", "bob"))
    assert evidence(state).judged.begun == {}


def test_answers_that_led_to_the_same_are_shown_each_once() -> None:
    said = (("ann", "Y"), ("bob", "PY"))
    state = then(three(), *(alone(three(), who, answers=(("1.1", told),)) for who, told in said))
    assert study(state).rob[0].answers == (("1.1", "Y / PY"),)


def test_reasons_of_two_are_told_with_who_gave_them() -> None:
    state = then(three(), alone(three(), "bob", reason="one"), alone(three(), "ann", reason="another"))
    assert study(state).rob[0].reason == "ann: another; bob: one"


@pytest.mark.parametrize(
    "second",
    [{"overall": "high"}, {"domains": (("D1", "high", ""),)}, {"variant": "crossover"}],
    ids=["overall", "domain", "variant"],
)
def test_judgements_that_differ_wait_for_somebody_to_settle_them(second: dict[str, Any]) -> None:
    state = then(three(), alone(three(), "ann"), alone(three(), "bob", **second))
    assert study(state).rob == ()
    assert evidence(state).judged.begun["rob2", "pubmed:1", "ache"].kind == "differ"


def test_who_settles_together_counts_at_once_and_both_originals_stay() -> None:
    differ = then(three(), alone(three(), "ann"), alone(three(), "bob", "high"))
    state = then(differ, alone(three(), "eve", "some_concerns", round="together", reason="read again"))
    (rob,) = study(state).rob
    assert (rob.overall, rob.by, rob.assessors) == ("some_concerns", "eve", ("ann", "bob"))
    assert evidence(state).judged.begun == {}


def test_two_who_change_their_minds_to_the_same_settle_by_themselves() -> None:
    differ = then(three(), alone(three(), "ann"), alone(three(), "bob", "high"))
    assert study(then(differ, alone(three(), "bob"))).rob[0].overall == "low"


def test_one_who_judges_again_after_it_was_settled_reopens_but_does_not_change_it() -> None:
    settled = then(three(), alone(three(), "ann"), alone(three(), "bob"))
    state = then(settled, alone(three(), "ann", "high"))
    assert study(state).rob[0].overall == "low"
    assert evidence(state).judged.begun["rob2", "pubmed:1", "ache"].kind == "waiting"


def test_judgements_of_other_numbers_do_not_agree() -> None:
    state = then(three(), alone(three(), "ann", judged="0" * 64), alone(three(), "bob"))
    assert study(state).rob == ()


def test_where_one_judge_is_enough_one_judges() -> None:
    text = TEXTS["toy"] + "\n[people]\njudges = 1\n"
    state = ledger("toy", activated(text), *(line.fact for line in three().lines[1:]))
    assert study(then(state, alone(state, "ann"))).rob[0].overall == "low"


# --- trustworthiness --------------------------------------------------------------------------------


def test_serious_concerns_of_two_keep_a_study_out_and_list_it_with_the_reason() -> None:
    both = (trust(three(), who, "serious_concerns") for who in ("ann", "bob"))
    found = build_snapshot(then(three(), *both))
    out = next(item for item in found.studies if item.key == "pubmed:1")
    assert (out.status, out.criterion, out.decided_by) == ("excluded", "X2", "ann, bob")
    assert out.reason == "serious concerns about trustworthiness (INSPECT-SR): an invented why"
    assert out.trust is not None
    assert out.trust.assessors == ("ann", "bob")
    assert [row.study for row in analyses(found)["ache"].contrasts] == ["pubmed:2", "pubmed:3"]
    assert found.flow.excluded == 1


def test_one_person_s_serious_concern_keeps_nothing_out() -> None:
    assert study(then(three(), trust(three(), "ann", "serious_concerns"))).status == "included"


def test_some_concerns_keep_nothing_out() -> None:
    both = [trust(three(), who, "some_concerns") for who in ("ann", "bob")]
    found = study(then(three(), *both))
    assert found.status == "included"
    assert found.trust is not None
    assert found.trust.overall == "some_concerns"


def test_without_a_criterion_for_trust_nothing_is_kept_out() -> None:
    state = ledger("toy", activated(TRUSTED), *(line.fact for line in three().lines[1:]))
    both = [trust(state, who, "serious_concerns") for who in ("ann", "bob")]
    assert study(then(state, *both)).status == "included"


def test_a_new_notice_makes_trust_stale_and_a_serious_concern_still_keeps_the_study_out() -> None:
    both = [trust(three(), who, "serious_concerns") for who in ("ann", "bob")]
    noticed = make.record(
        id="1", seeded=True, identifiers=(), title="Invented trial 1", notices=({"kind": "concern"},)
    )
    found = study(then(three(), *both, noticed))
    assert found.trust is not None
    assert found.trust.stale
    assert found.status == "excluded"


def test_a_serious_concern_reaches_a_version_as_a_study_that_left() -> None:
    old = build_snapshot(three())
    new = build_snapshot(then(three(), *(trust(three(), who, "serious_concerns") for who in ("ann", "bob"))))
    kinds = {cause.kind for cause in compare(old, new).causes}
    assert {"removed", "list"} <= kinds
