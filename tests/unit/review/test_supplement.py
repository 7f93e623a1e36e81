"""What stands beside an analysis: growth, one study less, small-study tests, absolute effects."""

import math
from typing import Any

import pytest

from living import stats
from living.model.facts import Fact
from living.model.snapshot import AnalysisOut
from living.model.supplement import Absolute, Step, Supplement
from living.review.absolute import absolute
from living.review.information import baseline, needed, spread
from living.review.protocol import parse
from living.review.supplement import asymmetry, given
from tests.unit.review.scenes import (
    TEXTS,
    V2,
    analysis,
    changed,
    difference,
    ldn,
    read,
    seeded,
    toy,
    trial,
)

EXACT = 1e-12
RULE = "\n[update_rule]"
SETTINGS = "\n[supplementary]\n{}\n[update_rule]"


def shown(name: str, estimate: float, se: float = 0.4, **kw: Any) -> tuple[Fact, ...]:
    return trial(name, read(f"pubmed:{name}", difference(estimate, se)), **kw)


def counted(name: str, a: int, b: int, of: int = 50, **kw: Any) -> tuple[Fact, ...]:
    numbers = {
        "shape": "event_counts",
        "experimental": {"events": a, "total": of},
        "control": {"events": b, "total": of},
    }
    return trial(name, read(f"pubmed:{name}", numbers, outcome="any-ae", scale="", estimand="count"), **kw)


def many(count: int, se: float | None = None, **kw: Any) -> list[Fact]:
    return [
        fact
        for n in range(count)
        for fact in shown(str(n), 0.3 * math.sin(n) - 0.2, se or 0.2 + 0.05 * n, **kw)
    ]


def beside(*facts: Fact, name: str = "ache", text: str = "") -> tuple[AnalysisOut, Supplement]:
    found = analysis(toy(*facts, text=text), name)
    assert found.supplement is not None
    return found, found.supplement


def with_settings(lines: str) -> str:
    return changed("toy", (RULE, SETTINGS.format(lines)))


# --- the average after each study -------------------------------------------------------------------


def test_studies_come_in_the_order_of_their_evidence_and_undated_ones_last() -> None:
    facts = [
        *shown("1", 0.1),
        *shown("2", 0.2, available_from="2024-05"),
        *shown("3", 0.3, available_from="2024-02-11"),
        *shown("4", 0.4, available_from="2024-02-11"),
        *shown("5", 0.5, available_from="2024"),
    ]
    steps = beside(*facts)[1].cumulative
    assert [step.label for step in steps] == ["Trial 5", "Trial 3", "Trial 4", "Trial 2", "Trial 1"]
    assert [step.available for step in steps] == ["2024", "2024-02-11", "2024-02-11", "2024-05", ""]
    assert [step.k for step in steps] == [1, 2, 3, 4, 5]


def test_growth_ends_exactly_at_the_average_of_all_and_every_step_is_a_pool_of_its_own() -> None:
    facts = [shown(str(n), 0.2 * n - 0.3, 0.3 + 0.1 * n, available_from=f"20{30 - n}") for n in range(5)]
    found, whole = beside(*(fact for each in facts for fact in each))
    last = whole.cumulative[-1]
    assert (last.estimate, last.low, last.high) == (found.pool.estimate, found.pool.low, found.pool.high)
    for k in (2, 3, 4):
        newest = [fact for each in facts[-k:] for fact in each]  # the earliest dates stand last
        alone = given(beside(*newest)[0])
        step = whole.cumulative[k - 1]
        assert (step.estimate, step.low, step.high) == pytest.approx(
            (alone.estimate, alone.low, alone.high), rel=EXACT
        )


def test_one_and_two_studies_are_shown_and_marked_as_fewer_than_a_headline_asks_for() -> None:
    steps = beside(*shown("1", 0.1), *shown("2", 0.4), *shown("3", -0.2))[1].cumulative
    assert [step.reason for step in steps] == [
        "one study, its own result",
        "two studies: fewer than the three that a headline asks for",
        "",
    ]
    first = beside(*shown("1", 0.1))[0].contrasts[0]
    assert (steps[0].estimate, steps[0].low, steps[0].high) == (0.1, first.low, first.high)
    assert all(step.low is not None for step in steps)


@pytest.mark.parametrize("count", [0, 1])
def test_one_study_does_not_grow(count: int) -> None:
    assert beside(*many(count))[1].cumulative == ()


def test_two_studies_end_at_their_own_average_although_no_headline_is_given() -> None:
    found, whole = beside(*shown("1", 0.1), *shown("2", 0.4))
    assert not found.pool.pooled
    assert found.two_study_pool is not None
    assert whole.cumulative[-1].estimate == found.two_study_pool.estimate


def test_equal_results_without_a_width_say_so() -> None:
    text = changed("toy", ('interval = "HK-guarded"', 'interval = "HK"'))
    facts = [fact for n in "123" for fact in shown(n, 0.2)]
    found, whole = beside(*facts, text=text)
    assert not found.pool.pooled
    step: Step = whole.cumulative[-1]
    assert (step.estimate, step.reason) == (None, found.pool.reason)
    assert [item.estimate for item in whole.omitted] == [None] * 3
    assert all("no width" in item.reason for item in whole.omitted)


# --- without one study --------------------------------------------------------------------------------


def test_each_study_is_left_out_once_from_three_on() -> None:
    facts = [shown("1", 0.1), shown("2", 0.4), shown("3", -0.2), shown("4", 0.3, 0.1)]
    found = beside(*(fact for each in facts for fact in each))[1].omitted
    assert [item.label for item in found] == ["Trial 1", "Trial 2", "Trial 3", "Trial 4"]
    rest = beside(*facts[0], *facts[2], *facts[3])[0].pool
    assert (found[1].estimate, found[1].low) == pytest.approx((rest.estimate, rest.low), rel=EXACT)
    assert {item.reason for item in found} == {""}


def test_of_three_the_two_that_are_left_are_marked_and_of_two_nothing_is_left_out() -> None:
    three = beside(*many(3))[1].omitted
    assert all(item.estimate is not None and item.reason.startswith("two studies: fewer") for item in three)
    assert beside(*many(2))[1].omitted == ()


# --- small studies ------------------------------------------------------------------------------------


def test_small_study_tests_wait_for_as_many_studies_as_the_protocol_asks() -> None:
    (few,) = beside(*many(9))[1].asymmetry
    assert (few.reason, few.p) == ("fewer than ten studies", None)
    tests = beside(*many(10))[1].asymmetry
    assert [item.id for item in tests] == ["egger", "egger-random", "begg"]
    assert all(item.p is not None and 0 <= item.p <= 1 and not item.reason for item in tests)
    assert beside()[1].asymmetry == ()


def test_equal_standard_errors_give_a_reason() -> None:
    (only,) = beside(*many(10, se=0.3))[1].asymmetry
    assert "same standard error" in only.reason


def test_counts_of_people_have_harbord_s_and_peters_s_tests_too() -> None:
    facts = [fact for n in range(10) for fact in counted(str(n), 5 + n, 8 + (n * 7) % 5, 40 + 10 * n)]
    tests = beside(*facts, name="any-ae")[1].asymmetry
    assert [item.id for item in tests] == ["egger", "egger-random", "begg", "harbord", "peters"]
    assert all(item.p is not None for item in tests)


def test_a_standardised_difference_is_held_against_the_sizes_of_its_studies_too() -> None:
    measure = ('measure = "MD"', 'measure = "SMD-d"\nstandardiser = "SD of change"')
    estimands = ('estimands = ["adjusted", "change", "final"]', 'estimands = ["change"]')
    arm = {"n": 40, "mean": -1.0, "spread": {"by": "sd", "sd": 2.0}}
    facts = [
        fact
        for n in range(10)
        for fact in trial(
            str(n),
            read(
                f"pubmed:{n}",
                {
                    "shape": "arm_means",
                    "values": "change",
                    "experimental": arm | {"n": 20 + 5 * n, "mean": -1.0 - (n % 3) / 2},
                    "control": arm | {"n": 20 + 5 * n, "mean": -0.5},
                },
            ),
        )
    ]
    found, whole = beside(*facts, text=changed("toy", measure, estimands))
    told = {item.id: item for item in whole.asymmetry}
    assert list(told) == ["egger", "egger-random", "begg", "egger-size"]
    sizes = [
        row.n_experimental + row.n_control for row in found.contrasts if row.n_experimental and row.n_control
    ]
    expected = stats.egger(
        [row.estimate for row in found.contrasts],
        [row.se**2 for row in found.contrasts],
        predictor="inverse-root-n",
        n=sizes,
    )
    assert isinstance(expected, stats.Asymmetry)
    assert told["egger-size"].p == expected.p


def test_a_study_whose_everybody_had_the_event_says_nothing_to_harbord_s_and_peters_s_tests() -> None:
    others = [fact for n in range(1, 11) for fact in counted(str(n), 5 + n, 8 + (n * 7) % 5, 40 + 10 * n)]
    plain = {item.id: item.p for item in beside(*others, name="any-ae")[1].asymmetry}
    found, whole = beside(*counted("0", 40, 40, 40), *others, name="any-ae")
    assert len(found.contrasts) == 11
    told = {item.id: item.p for item in whole.asymmetry}
    assert (told["harbord"], told["peters"]) == (plain["harbord"], plain["peters"])
    assert told["egger"] != plain["egger"]


def test_counts_that_are_not_given_leave_the_tests_of_counts_with_a_reason() -> None:
    others = [fact for n in range(10) for fact in counted(str(n), 5 + n, 8 + (n * 7) % 5, 40 + 10 * n)]
    found = beside(*others, name="any-ae")[0]
    bare = tuple(row.model_copy(update={"events_experimental": None}) for row in found.contrasts)
    model = parse(TEXTS["toy"], "toy").models["random"]
    told = {item.id: item for item in asymmetry(found.model_copy(update={"contrasts": bare}), model)}
    assert told["peters"].reason == "a study does not give events and people of both groups"
    assert told["egger"].p is not None


# --- absolute effects ---------------------------------------------------------------------------------


def effects(*facts: Fact, text: str = "") -> Absolute:
    found = beside(*facts, name="any-ae", text=text)[1].absolute
    assert found is not None
    return found


THREE = [*counted("1", 10, 20), *counted("2", 5, 10), *counted("3", 15, 25, 100)]


def test_a_pooled_risk_ratio_is_told_as_people_per_thousand_at_the_median_control_risk() -> None:
    found, whole = beside(*THREE, name="any-ae")
    shown_ = whole.absolute
    assert shown_ is not None
    assert shown_.baseline == 0.25  # of 0.4, 0.2 and 0.25
    assert shown_.baseline_source == "median risk in the control groups of 3 included studies"
    assert shown_.control == 250.0
    assert found.pool.estimate is not None
    assert found.pool.low is not None
    assert shown_.experimental == pytest.approx(250 * math.exp(found.pool.estimate))
    assert shown_.experimental_low == pytest.approx(250 * math.exp(found.pool.low))
    assert shown_.difference == pytest.approx(shown_.experimental - 250)
    assert shown_.difference_high == pytest.approx(shown_.experimental_high - 250)


def test_the_baseline_may_be_pooled_or_declared() -> None:
    pooled = effects(*THREE, text=with_settings('baseline = "pooled"'))
    assert pooled.baseline == pytest.approx(55 / 200)
    assert pooled.baseline_source == "events over people in the control groups of 3 included studies"
    declared = effects(*THREE, text=with_settings("baselines = { any-ae = 0.1 }"))
    assert (declared.baseline, declared.baseline_source) == (0.1, "declared in the protocol")


def test_an_odds_ratio_goes_through_the_odds() -> None:
    text = changed("toy", ('measure = "RR"', 'measure = "OR"'))
    found, whole = beside(*THREE, name="any-ae", text=text)
    assert whole.absolute is not None
    assert found.pool.estimate is not None
    odds = 0.25 / 0.75 * math.exp(found.pool.estimate)
    assert whole.absolute.experimental == pytest.approx(1000 * odds / (1 + odds))


def test_a_risk_is_never_more_than_everybody() -> None:
    facts = [*counted("1", 45, 40), *counted("2", 48, 44), *counted("3", 40, 42)]
    assert effects(*facts, text=with_settings("baselines = { any-ae = 0.99 }")).experimental_high == 1000.0


def test_without_an_average_events_or_a_ratio_there_is_no_absolute_effect() -> None:
    two = beside(*counted("1", 10, 20), *counted("2", 5, 10), name="any-ae")[1]
    assert (two.absolute, two.absolute_reason) == (None, "no absolute effect without an average")
    empty = beside(*(f for n in "123" for f in counted(n, 3, 0)), name="any-ae")[1]
    assert empty.absolute is None
    assert empty.absolute_reason.startswith("no events in the control groups")
    pain = beside(*many(3))[1]
    assert (pain.absolute, pain.absolute_reason) == (None, "")


def test_a_ratio_reported_without_counts_needs_a_declared_risk() -> None:
    protocol = parse(TEXTS["toy"], "toy")
    found = beside(*THREE, name="any-ae")[0]
    bare = tuple(row.model_copy(update={"events_control": None}) for row in found.contrasts)
    reason = absolute(protocol, found.model_copy(update={"contrasts": bare}))
    assert reason == "no study counts people and events in a control group, and the protocol names no risk"


# --- information --------------------------------------------------------------------------------------


def test_the_spread_between_people_is_read_back_from_standard_errors_and_sizes() -> None:
    """Equal arms of 40 with an SD of 2 give a standard error of 2 sqrt(2 / 40)."""
    facts = [fact for n in "12" for fact in shown(n, 0.1, 2 * math.sqrt(2 / 40))]
    assert spread(beside(*facts)[0].contrasts) == pytest.approx(2.0)


def test_crossovers_and_unknown_sizes_tell_no_spread() -> None:
    rows = beside(*many(3))[0].contrasts
    assert spread(tuple(row.model_copy(update={"same_people": True}) for row in rows)) is None
    assert spread(tuple(row.model_copy(update={"n_control": None}) for row in rows)) is None
    assert spread(()) is None


def test_the_size_one_trial_needs_follows_from_the_spread_or_the_baseline_risk() -> None:
    facts = [fact for n in "12" for fact in shown(n, 0.1, 2 * math.sqrt(2 / 40))]
    size = needed(parse(TEXTS["toy"], "toy"), beside(*facts)[0])
    assert not isinstance(size, str)
    assert (size.difference, size.people) == (1.0, 169)  # an SD of 2 and a difference of 1: half an SD
    assert size.rests_on.startswith("an SD of 2.00, derived from standard errors")
    text = with_settings("relative_reduction = 0.25")
    risks = needed(parse(text, "toy"), beside(*THREE, name="any-ae", text=text)[0])
    assert not isinstance(risks, str)
    # 4 (1.96 + 1.2816)^2 p (1 - p) / d^2 with risks of 0.25 and 0.1875
    assert risks.people == math.ceil(4 * 10.507416 * 0.21875 * 0.78125 / 0.0625**2)


def test_what_a_size_leaves_out_of_account_is_said_with_it() -> None:
    found = beside(*many(3))[0]
    first = found.contrasts[0]
    crossover = first.model_copy(update={"same_people": True})
    adjusted = first.model_copy(update={"estimand": "adjusted"})
    told = {}
    for name, row in (("crossover", crossover), ("adjusted", adjusted)):
        mixed = found.model_copy(update={"contrasts": (row, *found.contrasts[1:])})
        size = needed(parse(TEXTS["toy"], "toy"), mixed)
        assert not isinstance(size, str)
        told[name] = size.rests_on
    assert told["crossover"].endswith("count once, although each tells more than one of a parallel study")
    assert told["adjusted"].endswith("some adjusted for covariates, which leaves a smaller SD")


def test_what_cannot_be_sized_says_why() -> None:
    protocol = parse(TEXTS["toy"], "toy")
    ratio = beside(*THREE, name="any-ae")[0]
    assert needed(protocol, ratio) == "not given: the protocol names no important difference"
    rates = ratio.model_copy(update={"measure": "IRR", "important_difference": 0.8})
    assert "events in time" in str(needed(protocol, rates))
    none = beside()[0]
    assert "no spread between people" in str(needed(protocol, none))
    empty = beside(*(f for n in "123" for f in counted(n, 3, 0)), name="any-ae")[0]
    reduced = parse(with_settings("relative_reduction = 0.2"), "toy")
    assert "leaves no room" in str(needed(reduced, empty))
    assert baseline(protocol, none) is None


def test_the_example_review_has_it_all() -> None:
    found = analysis(ldn(V2), "pain").supplement
    assert found is not None
    assert [step.label for step in found.cumulative] == ["FINAL 2024", "Tsui 2024", "INNOVA 2026"]
    assert len(found.omitted) == 3
    assert analysis(seeded(), "ache").supplement is not None
