"""The companion: e-values in the order of the evidence, limits for looks, and how often there was a look."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from living import stats
from living.model.decision import Looked
from living.model.facts import Fact
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.supplement import Companion
from living.model.values import rounded
from living.review.compare import compare
from living.review.decide import decide
from living.review.looks import looked
from living.review.recompute import recompute
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    AT,
    V2,
    Entry,
    analysis,
    changed,
    difference,
    ldn,
    read,
    then,
    toy,
    trial,
)

RULE = "\n[update_rule]"
DATES = {"1": "2024", "2": "2022-03", "3": "2023-08-01"}
EFFECTS = {"1": (-0.5, 0.4), "2": (0.3, 0.5), "3": (-0.2, 0.3)}


def shown(name: str, estimate: float | None = None) -> tuple[Fact, ...]:
    effect, se = EFFECTS[name]
    value = effect if estimate is None else estimate
    return trial(name, read(f"pubmed:{name}", difference(value, se)), available_from=DATES[name])


def facts(names: str) -> list[Fact]:
    return [fact for name in names for fact in shown(name)]


def companion(state: ReviewState | Snapshot, name: str = "ache") -> Companion:
    found = analysis(state, name).supplement
    assert found is not None
    assert found.companion is not None
    return found.companion


def with_settings(lines: str) -> str:
    return changed("toy", (RULE, f"\n[supplementary]\n{lines}\n[update_rule]"))


# --- e-values and the confidence sequence ---------------------------------------------------------------


def expected(order: str, sd: float) -> tuple[stats.SafeTest, stats.ConfidenceSequence]:
    yi, vi = zip(*((EFFECTS[name][0], EFFECTS[name][1] ** 2) for name in order), strict=True)
    test = stats.safe_mixture(yi, vi, prior_variance=sd**2)
    sequence = stats.confidence_sequence(yi, vi, prior_variance=sd**2, level=0.95)
    assert isinstance(test, stats.SafeTest)
    assert isinstance(sequence, stats.ConfidenceSequence)
    return test, sequence


def test_e_values_run_over_the_studies_in_the_order_of_their_evidence() -> None:
    found = companion(toy(*facts("123"))).anytime
    test, sequence = expected("231", 1.0)
    assert [step.label for step in found.steps] == ["Trial 2", "Trial 3", "Trial 1"]
    assert [step.log10_e for step in found.steps] == pytest.approx(list(test.log_e / math.log(10)))
    assert [step.low for step in found.steps] == pytest.approx(list(sequence.low))
    assert [step.high for step in found.steps] == pytest.approx(list(sequence.high))
    assert (found.log10_e, found.low, found.high) == (
        found.steps[-1].log10_e,
        found.steps[-1].low,
        found.steps[-1].high,
    )
    assert found.prior_sd == 1.0  # the important difference


def test_a_corrected_number_makes_the_whole_product_again() -> None:
    corrected = [*shown("1"), *shown("2", 0.9), *shown("3")]
    before, after = companion(toy(*facts("123"))).anytime, companion(toy(*corrected)).anytime
    assert len(after.steps) == len(before.steps) == 3
    assert after.steps[0].log10_e != before.steps[0].log10_e
    agreed: list[Entry] = [
        (who, read("pubmed:2", difference(0.9, 0.5), imported=None)) for who in ("ann", "bob")
    ]
    assert companion(toy(*facts("123"), *agreed)).anytime == after


def test_what_is_tested_is_said_plainly() -> None:
    null = companion(toy(*facts("1"))).anytime.null
    assert null.startswith("No effect in any study (the common null).")
    assert "where their mean is zero" in null
    assert "rejects it" in null


def test_a_ratio_without_an_important_difference_takes_the_spread_of_its_measure() -> None:
    counts = {
        "shape": "event_counts",
        "experimental": {"events": 10, "total": 40},
        "control": {"events": 5, "total": 40},
    }
    state_facts = trial("1", read("pubmed:1", counts, outcome="any-ae", scale="", estimand="count"))
    assert companion(toy(*state_facts), "any-ae").anytime.prior_sd == 0.5
    declared = toy(*state_facts, text=with_settings("prior_sd = { RR = 0.2 }"))
    assert companion(declared, "any-ae").anytime.prior_sd == 0.2
    reduced = toy(*state_facts, text=with_settings("relative_reduction = 0.25"))
    assert companion(reduced, "any-ae").anytime.prior_sd == pytest.approx(-math.log(0.75))


def test_points_without_an_important_difference_have_no_e_value() -> None:
    text = changed("toy", ("important_difference = 1.0\n", ""))
    found = companion(toy(*facts("12"), text=text))
    assert found.anytime.log10_e is None
    assert found.anytime.steps == ()
    assert found.anytime.reason.startswith("not given: the protocol names neither")
    assert found.sequential.reason == "not given: the protocol names no important difference"


def test_an_e_value_beyond_every_double_is_told_by_its_logarithm() -> None:
    numbers = difference(-60.0, 0.4)
    found = companion(toy(*trial("1", read("pubmed:1", numbers)), text=with_settings(""))).anytime
    assert found.log10_e is not None
    assert found.log10_e > 308
    assert math.isfinite(found.log10_e)


# --- limits for looks -----------------------------------------------------------------------------------


def test_looks_are_judged_by_the_alpha_spent_at_the_information_there_was() -> None:
    found = companion(toy(*facts("123"))).sequential
    order = ["2", "3", "1"]
    yi = np.array([EFFECTS[name][0] for name in order])
    vi = np.array([EFFECTS[name][1] ** 2 for name in order])
    assert (found.alpha, found.beta, found.difference, found.people) == (0.05, 0.1, 1.0, 240)
    sd = math.sqrt(float((vi / (2 / 40)).mean()))
    diversity = stats.diversity(yi, vi, tau2="REML")
    assert isinstance(diversity, float)
    assert found.diversity == pytest.approx(100 * diversity, abs=1e-9)
    required = stats.adjusted_size(stats.required_size_means(1.0, sd), diversity)
    assert found.required == required
    whole = stats.sequential(yi, vi, [80] * 3, required=required, spending="OBF", tau2="REML")
    assert isinstance(whole, stats.Sequential)
    assert [look.boundary for look in found.looks] == [look.boundary for look in whole.looks]
    assert [look.z for look in found.looks] == pytest.approx([look.z for look in whole.looks])
    assert found.fraction == found.looks[-1].fraction == pytest.approx(240 / required)


def test_a_look_that_is_not_tested_says_why() -> None:
    """Two trials of 4,000 people reach the required size at once; what comes then has no limit any more."""
    large = difference(-0.1, 0.2, n_experimental=2000, n_control=2000)
    named = [trial(n, read(f"pubmed:{n}", large), available_from=f"202{n}") for n in "123"]
    found = companion(toy(*(fact for each in named for fact in each))).sequential
    first, second, _ = found.looks
    assert (first.boundary is None, first.reason) == (False, "")
    assert second.boundary is None
    assert second.reason.startswith("the required size was reached before")
    assert not second.crossed


def test_one_study_accumulates_nothing() -> None:
    found = companion(toy(*facts("1")))
    assert found.sequential.looks == ()
    assert found.sequential.reason == "one study: nothing accumulates yet"
    assert len(found.anytime.steps) == 1


def test_people_nobody_counted_leave_a_reason() -> None:
    lost = difference(0.1, 0.3, n_control=None)
    state = toy(*facts("12"), *trial("3", read("pubmed:3", lost)))
    found = companion(state).sequential
    assert (found.people, found.looks) == (None, ())
    assert found.reason == "a study does not say how many people it analysed"


def test_identical_studies_have_limits_too() -> None:
    state = toy(*(fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(-0.4, 0.3)))))
    found = companion(state).sequential
    assert found.diversity == 0.0
    assert len(found.looks) == 3


@pytest.mark.parametrize("entries", [(), tuple(facts("1"))])
def test_an_analysis_without_a_study_has_no_companion(entries: Sequence[Fact]) -> None:
    empty = analysis(toy(*entries), "any-ae").supplement
    assert empty is not None
    assert empty.companion is None


def test_what_continues_an_older_review_has_no_companion() -> None:
    found = analysis(ldn(V2), "pain-continuity")
    assert found.contrasts
    assert found.supplement is not None
    assert found.supplement.companion is None


# --- how often there was a look ---------------------------------------------------------------------------


def released(state: ReviewState, number: int, day: str = AT) -> ReviewState:
    """The state after a version of it, with the decision that the rule makes."""
    snapshot = build_snapshot(state)
    decision = decide(None, snapshot, compare(None, snapshot), AT)
    release = make.release(major=number, digest=snapshot_digest(snapshot), decision=decision)
    return then(state, ("machine", release, day))


def test_the_same_evidence_is_the_same_snapshot_before_and_after_its_own_release() -> None:
    state = toy(*facts("12"))
    once = released(state, 1)
    assert snapshot_digest(build_snapshot(once)) == snapshot_digest(build_snapshot(state))
    more = then(once, *facts("3"))
    twice = released(more, 2, "2026-08-01T06:00:00Z")
    assert snapshot_digest(build_snapshot(twice)) == snapshot_digest(build_snapshot(more))
    assert companion(twice).looks == companion(more).looks == 2


def test_a_version_that_did_not_move_an_analysis_is_no_look_at_it() -> None:
    first = released(toy(*facts("12")), 1)
    unmoved = released(then(first, ("ann", make.vote(record="pubmed:1"))), 2)
    assert companion(unmoved).looks == 1
    moved = then(unmoved, *facts("3"))
    found = companion(moved)
    assert (found.looks, [look.version for look in found.earlier]) == (2, ["v1.0"])
    (look,) = found.earlier
    assert (look.day, look.k) == (AT[:10], 2)


def test_data_that_move_and_move_back_are_looked_at_three_times() -> None:
    state = released(toy(*facts("123")), 1)
    out = [(who, make.vote(record="pubmed:3", vote="exclude", criterion="X1")) for who in ("ann", "bob")]
    back = [(who, make.vote(record="pubmed:3")) for who in ("ann", "bob")]
    state = released(then(state, *out), 2)
    assert companion(state).looks == 2
    state = then(state, *back)
    assert companion(state).looks == 3
    assert companion(released(state, 3)).looks == 3


def test_a_version_without_a_study_is_no_look() -> None:
    empty = released(toy(), 1)
    assert companion(then(empty, *facts("1"))).looks == 1


def test_a_decision_keeps_what_its_version_saw_of_every_analysis() -> None:
    snapshot = build_snapshot(toy(*facts("12")))
    found = decide(None, snapshot, compare(None, snapshot), AT).looks
    assert found == looked(snapshot)
    (ache,) = found
    average = analysis(snapshot, "ache").two_study_pool
    assert average is not None
    assert ache == Looked(analysis="ache", k=2, estimate=average.estimate, se=average.se, data=ache.data)
    assert looked(build_snapshot(toy(*facts("21"))))[0].data == ache.data  # in whatever order they came


def test_a_document_with_earlier_looks_follows_from_itself() -> None:
    snapshot = build_snapshot(then(released(toy(*facts("12")), 1), *facts("3")))
    assert companion(snapshot).looks == 2
    assert recompute(snapshot) == []
    printed = Snapshot.model_validate(rounded(snapshot.model_dump(mode="json")))
    assert recompute(printed) == []
