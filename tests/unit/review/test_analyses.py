"""A declared analysis carried out: every shape of numbers pools, and what is not pooled says why."""

import math
from typing import Any

import pytest

from living import stats
from living.model.snapshot import AnalysisOut, ContrastOut, SubgroupOut
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import (
    Entry,
    analysis,
    changed,
    difference,
    judged,
    read,
    seeded,
    then,
    toy,
    trial,
    what,
)

EXACT = 1e-12
SD2 = {"by": "sd", "sd": 2.0}


def key(name: str) -> str:
    return f"pubmed:{name}"


def shown(name: str, estimate: float, se: float = 0.4, **kw: Any) -> tuple[Entry, ...]:
    """An included trial of the toy topic with one reported difference."""
    return trial(name, read(key(name), difference(estimate, se)), **kw)


def counted(name: str, a: int, b: int, of: int = 50) -> tuple[Entry, ...]:
    numbers = {
        "shape": "event_counts",
        "experimental": {"events": a, "total": of},
        "control": {"events": b, "total": of},
    }
    return trial(name, read(key(name), numbers, outcome="any-ae", scale="", estimand="count"))


def arms(one: float, two: float, spread: dict[str, Any], values: str) -> dict[str, Any]:
    """Two arms of 40 people."""
    return {
        "shape": "arm_means",
        "values": values,
        "experimental": {"n": 40, "mean": one, "spread": spread},
        "control": {"n": 40, "mean": two, "spread": spread},
    }


def row(found: AnalysisOut, label: str) -> ContrastOut:
    return next(item for item in found.contrasts if item.label == label)


# --- the toy topic: arms of means, a reported contrast and a crossover in one pool ------------------


def test_arm_level_contrast_only_and_paired_data_pool_together() -> None:
    found = analysis(seeded(), "ache")
    rows = {item.label: (item.estimate, round(item.se, 6)) for item in found.contrasts}
    assert rows == {
        "Alpha 2020": (-1.0, round(math.sqrt(4 / 50 + 4 / 50), 6)),
        "Beta 2021": (-0.5, round(2.0 / (2 * 1.959963984540054), 6)),
        "Gamma 2024": (-1.0, 0.4),
    }
    assert found.pool.pooled
    again = stats.pool([item.estimate for item in found.contrasts], [item.se**2 for item in found.contrasts])
    assert isinstance(again, stats.PoolResult)
    assert (found.pool.estimate, found.pool.low, found.pool.high) == (again.mu, again.ci_low, again.ci_high)
    assert (found.pool.p, found.pool.q, found.pool.i2) == (again.p, again.q, again.i2_tau2)
    assert [item.weight for item in found.contrasts] == list(again.weights)


def test_a_common_effect_has_no_spread_and_predicts_nothing() -> None:
    text = changed("toy", ('tau2 = "REML"', 'tau2 = "CE"'), ('interval = "HK-guarded"', 'interval = "wald"'))
    studies = [fact for n in range(5) for fact in trial(str(n), read(key(str(n)), difference(n - 2.0)))]
    found = analysis(toy(*studies, text=text), "ache").pool
    again = stats.pool([n - 2.0 for n in range(5)], [0.4**2] * 5, tau2="CE", interval="wald")
    assert isinstance(again, stats.PoolResult)
    assert (found.estimate, found.low, found.high) == (again.mu, again.ci_low, again.ci_high)
    assert (found.tau2, found.tau2_low, found.tau2_high, found.tau2_high_beyond) == (0.0, None, None, False)
    assert found.i2 == again.i2_q
    assert found.i2 > 80
    assert (found.prediction_low, found.prediction_high) == (None, None)
    assert found.prediction_reason == "a common effect has no spread between studies to predict from"


def test_the_people_of_a_crossover_are_counted_once_in_the_sentence() -> None:
    found = build_snapshot(seeded())
    assert found.answer.lede.startswith("Three placebo-controlled trials, 210 people analysed:")
    assert [item.same_people for item in found.comparisons[0].analyses[0].contrasts] == [False, False, True]


def test_people_are_not_summed_when_one_trial_does_not_say() -> None:
    unsaid = read(key("4"), difference(-0.2, n_control=None))
    assert "an unreported number of people" in build_snapshot(seeded(*trial("4", unsaid))).answer.lede


def test_change_values_and_counts_pool_in_their_own_analyses() -> None:
    facts = [*counted("1", 5, 10), *counted("2", 8, 9), *counted("3", 0, 4)]
    found = analysis(toy(*facts), "any-ae")
    assert found.ratio
    assert row(found, "Trial 1").estimate == pytest.approx(math.log(0.5), abs=EXACT)
    assert row(found, "Trial 3").flags == ("0.5 added to every cell because one is empty",)
    assert (row(found, "Trial 2").events_experimental, row(found, "Trial 2").events_control) == (8, 9)
    assert found.pool.pooled
    change = arms(-2.0, -1.0, SD2, values="change")
    pain = analysis(toy(*trial("4", read(key("4"), change)), *shown("5", -0.5), *shown("6", 0.1)), "ache")
    assert row(pain, "Trial 4").estimate == -1.0
    assert pain.pool.pooled


# --- how many studies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "pooled", "aside", "reason"),
    [
        (0, False, False, "no study gives numbers for this yet"),
        (1, False, False, "one study; the protocol asks for three before an average is given"),
        (2, False, True, "two studies; the protocol asks for three before an average is given"),
        (3, True, False, ""),
    ],
)
def test_a_headline_average_is_given_from_three_studies(
    k: int, pooled: bool, aside: bool, reason: str
) -> None:
    facts = [fact for n in range(k) for fact in shown(str(n + 1), -0.1 * n)]
    found = analysis(toy(*facts), "ache")
    assert (found.pool.pooled, found.two_study_pool is not None, found.pool.reason) == (pooled, aside, reason)
    assert found.pool.k == k


def test_the_number_of_studies_asked_for_is_the_protocol_s() -> None:
    facts = [*shown("1", -0.5), *shown("2", 0.1)]
    two = changed("toy", ('interval = "HK-guarded"', 'interval = "HK-guarded"\nheadline_k = 2'))
    assert analysis(toy(*facts, text=two), "ache").pool.pooled
    five = changed("toy", ('interval = "HK-guarded"', 'interval = "HK-guarded"\nheadline_k = 5'))
    found = analysis(toy(*facts, *shown("3", 0.3), text=five), "ache")
    assert found.pool.reason == "3 studies; the protocol asks for five before an average is given"
    assert found.two_study_pool is not None


@pytest.mark.parametrize(("k", "given"), [(4, False), (5, True)])
def test_a_prediction_interval_is_given_from_five_studies(k: int, given: bool) -> None:
    facts = [fact for n in range(k) for fact in shown(str(n + 1), 0.3 * n)]
    found = analysis(toy(*facts), "ache").pool
    assert (found.prediction_low is not None, found.prediction_reason == "") == (given, given)
    if given:
        assert found.prediction_low is not None
        assert found.low is not None
        assert found.prediction_low < found.low


@pytest.mark.parametrize(
    ("k", "estimates", "headline", "lede"),
    [
        (
            0,
            (),
            "No invented trial has given numbers that can be used here",
            "Studies awaiting data: 0. Studies awaiting classification: 0.",
        ),
        (
            1,
            (-0.5,),
            "One invented trial, so no average is given",
            (
                "Trial 1, 80 people analysed: difference −0.50 points on a 0-10 scale (95% CI −1.28 to 0.28; "
                "below zero means less ache with remedy)."
            ),
        ),
        (
            2,
            (-0.5, 0.25),
            "Two invented trials, too few for an average",
            (
                "Two trials found −0.50 (Trial 1) and 0.25 (Trial 2). Two are too few for a dependable "
                "average, so none is given."
            ),
        ),
        (
            3,
            (-2.0, -2.0, -2.0),
            "Average ache was lower with the invented remedy in three trials; certainty not rated",
            (
                "Three placebo-controlled trials, 240 people analysed: average difference −2.00 points on a "
                "0-10 scale (95% CI −2.99 to −1.01; below zero means less ache with remedy). That range "
                "includes an important benefit; an important harm lies outside it."
            ),
        ),
        (
            3,
            (2.0, 2.0, 2.1),
            "Average ache was higher with the invented remedy in three trials; certainty not rated",
            (
                "Three placebo-controlled trials, 240 people analysed: average difference 2.03 points on a "
                "0-10 scale (95% CI 1.04 to 3.03; below zero means less ache with remedy). That range "
                "includes an important harm; an important benefit lies outside it."
            ),
        ),
        (
            3,
            (0.0, 0.01, -0.01),
            "Three invented trials do not show whether the invented remedy reduces invented ache",
            (
                "Three placebo-controlled trials, 240 people analysed: average difference 0.00 points on a "
                "0-10 scale (95% CI −0.99 to 0.99; below zero means less ache with remedy). That range "
                "includes no difference; an important benefit and an important harm lie outside it."
            ),
        ),
    ],
)
def test_the_first_screen_says_what_the_studies_allow(
    k: int, estimates: tuple[float, ...], headline: str, lede: str
) -> None:
    facts = [fact for n in range(k) for fact in shown(str(n + 1), estimates[n])]
    answer = build_snapshot(toy(*facts)).answer
    assert (answer.headline, answer.lede) == (headline, lede)


# --- a study's line ---------------------------------------------------------------------------------


def test_an_interval_stands_as_it_was_printed() -> None:
    printed = difference(-0.34, precision={"by": "ci", "low": -0.95, "high": 0.27})
    found = row(analysis(toy(*trial("1", read(key("1"), printed))), "ache"), "Trial 1")
    assert (found.low, found.high) == (-0.95, 0.27)
    assert found.said == "change difference −0.34 (95% CI −0.95 to 0.27)"


def test_a_line_says_where_it_was_read_and_by_how_many() -> None:
    found = row(analysis(toy(*shown("1", -0.5)), "ache"), "Trial 1")
    assert (found.where, found.standing, found.weeks, found.dose_mg) == (
        "invented table",
        "unverified",
        12,
        1.0,
    )
    assert found.cell == "ache_remedy-v-placebo_nrs_12w_change"
    agreed = [(who, read(key("1"), difference(-0.5), imported=None)) for who in ("ann", "bob")]
    assert row(analysis(toy(*shown("1", -0.5), *agreed), "ache"), "Trial 1").standing == "verified"


def test_an_unusable_cell_is_listed_with_what_it_found() -> None:
    percent = {"shape": "paired_difference", "values": "percent_change", "n": 20, "difference": -10.0,
               "precision": {"by": "se", "se": 4.0}}  # fmt: skip
    found = analysis(toy(*trial("1", read(key("1"), percent, estimand="percent_change"))), "ache")
    (told,) = found.not_pooled
    assert told.reason == "only percent change values, which this analysis does not combine"
    assert told.found == "paired difference −10 percentage points (SE 4), n 20"


def test_a_study_that_is_not_included_enters_nothing() -> None:
    out = make.vote(record=key("1"), vote="exclude", criterion="X1", imported="A")
    assert analysis(toy(*shown("1", -0.5), out), "ache").contrasts == ()


def test_kinds_of_value_that_are_mixed_are_named() -> None:
    final = arms(4.0, 5.0, SD2, values="final")
    mixed = toy(*shown("1", -0.5), *trial("2", read(key("2"), final, estimand="final")))
    assert analysis(mixed, "ache").mixed_estimands == ("change", "final")
    assert analysis(toy(*shown("1", -0.5), *shown("2", 0.1)), "ache").mixed_estimands == ()


# --- sensitivity analyses ---------------------------------------------------------------------------

PERIODS = {
    "shape": "paired_means",
    "values": "change",
    "n": 25,
    "mean_experimental": -1.5,
    "mean_control": -0.5,
    "sd_experimental": 2.0,
    "sd_control": 1.5,
}


def sensitivity(block: str) -> str:
    return changed(
        "toy", ('id = "dl-wald"', f'id = "variant"\n{block}'), ('tau2 = "DL"\ninterval = "wald"', "")
    )


def test_a_crossover_without_a_correlation_enters_only_where_one_is_declared() -> None:
    state = toy(*shown("1", -0.5), *shown("2", 0.1), *trial("3", read(key("3"), PERIODS), design="crossover"),
                text=sensitivity("paired_r = 0.5"))  # fmt: skip
    found = analysis(state, "ache")
    assert [item.label for item in found.contrasts] == ["Trial 1", "Trial 2"]
    assert [item.label for item in found.not_pooled] == ["Trial 3"]
    (variant,) = found.sensitivity
    assert variant.studies == ("Trial 1", "Trial 2", "Trial 3")
    assert variant.note == "Trial 3: within-person correlation 0.5 imputed"


@pytest.mark.parametrize(
    ("block", "studies"),
    [
        ("verified_only = true", ("Trial 1",)),
        ("low_risk_of_bias_only = true", ("Trial 2",)),
        ('design = "parallel"', ("Trial 1", "Trial 2")),
        ("max_dose_mg = 1.5", ("Trial 1", "Trial 3")),
        ("any_time = true", ("Trial 1", "Trial 2", "Trial 3", "Trial 4")),
    ],
)
def test_a_variant_leaves_out_what_it_says(block: str, studies: tuple[str, ...]) -> None:
    agreed = [(who, read(key("1"), difference(-0.5), imported=None)) for who in ("ann", "bob")]
    early = trial("4", read(key("4"), difference(0.2), weeks=2.0), dose=2.0)
    later = shown("3", 0.3, design="crossover")
    facts = (*shown("1", -0.5), *shown("2", 0.1, dose=2.0), *later, *early, *agreed)
    plain = toy(*facts, text=sensitivity(block))
    state = then(plain, judged(plain, f"{key('2')} ache"))
    (variant,) = analysis(state, "ache").sensitivity
    assert variant.studies == studies


def test_a_study_is_at_low_risk_only_when_every_judged_result_is() -> None:
    plain = toy(*shown("1", -0.5), text=sensitivity("low_risk_of_bias_only = true"))
    ache = judged(plain, f"{key('1')} ache")
    assert analysis(then(plain, ache), "ache").sensitivity[0].studies == ("Trial 1",)
    state = then(plain, ache, judged(plain, f"{key('1')} harms", overall="high"))
    assert analysis(state, "ache").sensitivity[0].studies == ()


def test_a_declared_alternative_borrows_a_standard_error_only_when_it_has_none() -> None:
    bare = arms(-1.0, -0.4, {"by": "not_reported"}, values="change")
    adjusted = difference(-0.9, estimand="adjusted", precision={"by": "ci", "low": -1.9, "high": 0.1})
    lent = 2.0 / (2 * 1.959963984540054)
    block = 'alternative = { study = "pubmed:1", estimand = "change", se_from = "adjusted" }'
    for own, expected, noted in ((bare, lent, True), (difference(-0.6, se=0.7), 0.7, False)):
        cells = read(key("1"), adjusted, estimand="adjusted"), read(key("1"), own)
        found = analysis(toy(*trial("1", *cells), *shown("2", 0.2), text=sensitivity(block)), "ache")
        assert row(found, "Trial 1").estimate == -0.9
        (variant,) = found.sensitivity
        plain = stats.pool([-0.6, 0.2], [expected**2, 0.16])
        assert isinstance(plain, stats.PoolResult)
        assert variant.pool.estimate == pytest.approx(plain.mu, abs=1e-9)
        assert bool(variant.note) is noted


def test_an_alternative_without_anyone_to_lend_leaves_the_study_out() -> None:
    bare = arms(-1.0, -0.4, {"by": "not_reported"}, values="change")
    block = 'alternative = { study = "pubmed:1", estimand = "change", se_from = "adjusted" }'
    state = toy(*trial("1", read(key("1"), bare)), *shown("2", 0.2), text=sensitivity(block))
    assert analysis(state, "ache").sensitivity[0].studies == ("Trial 2",)


def test_a_bayesian_variant_names_its_prior() -> None:
    state = seeded(text=sensitivity("bayes_half_normal = 1.0"))
    (variant,) = analysis(state, "ache").sensitivity
    assert (variant.pool.method, variant.pool.interval) == ("Bayes, half-normal(1)", "bayes")
    assert variant.pool.low is not None
    assert variant.pool.estimate is not None
    assert variant.pool.low < variant.pool.estimate < 0


# --- subgroups --------------------------------------------------------------------------------------

ANALYSIS = 'models = "random"\nimportant_difference = 1.0'
GROUP = 'id = "ache"\nlabel = "Invented ache"'
SPLIT = (
    (ANALYSIS, f'{ANALYSIS}\nsubgroups = ["dose", "kind"]'),
    (GROUP, f'{GROUP}\n[[condition_groups]]\nid = "other"\nlabel = "Other"'),
    (
        "[models.random]",
        """[[subgroups]]
id = "dose"
label = "Dose"
by = "dose"
cuts_mg = [2.0]
levels = [{ id = "low", label = "Below 2 mg" }, { id = "high", label = "2 mg and more" }]
[[subgroups]]
id = "kind"
label = "Kind"
by = "condition_group"
levels = [{ id = "ache", label = "Ache" }, { id = "other", label = "Other" }]
[models.random]""",
    ),
)


def split(name: str, *facts: Entry, model: str = "") -> SubgroupOut:
    text = changed("toy", *SPLIT, ('tau2 = "REML"', f'tau2 = "REML"\n{model}'))
    return {item.id: item for item in analysis(toy(*facts, text=text), "ache").subgroups}[name]


def test_a_dose_at_a_cut_belongs_above_it_and_an_unknown_dose_to_neither() -> None:
    facts = [*shown("1", 0.1, dose=1.9), *shown("2", 0.2, dose=2.0), *shown("3", 0.3, dose=None)]
    assert [level.studies for level in split("dose", *facts).levels] == [("Trial 1",), ("Trial 2",)]


def test_a_level_is_shown_from_two_studies() -> None:
    facts = [*shown("1", 0.1), *shown("2", 0.2), *shown("3", 0.3, condition_group="other")]
    ache, other = split("kind", *facts).levels
    assert (ache.pool.pooled, other.pool.pooled) == (True, False)
    assert other.pool.reason == "one study; the protocol asks for two before an average is given"


def test_groups_are_tested_only_with_enough_studies_in_all_and_in_each() -> None:
    facts = [
        fact
        for n in range(4)
        for fact in shown(str(n), 0.1 * n, condition_group="ache" if n < 2 else "other")
    ]
    assert split("kind", *facts).test == "not tested: a test needs 10 studies and 3 in each group"
    few = split("kind", *facts, model="test_k = 4")
    assert (few.test, few.p) == ("not tested: a test needs 4 studies and 3 in each group", None)
    found = split("kind", *facts, model="test_k = 4\ntest_group_k = 2")
    assert (found.test, found.q_df) == ("chi-square between groups", 1)
    assert found.p is not None
    assert 0 < found.p < 1


def test_a_split_with_everyone_in_one_group_is_not_tested() -> None:
    facts = [fact for n in range(4) for fact in shown(str(n), 0.1 * n)]
    assert split("kind", *facts, model="test_k = 4\ntest_group_k = 2").test.startswith("not tested")


def test_a_person_s_description_moves_a_study_to_its_group_when_its_readers_have_handed_in() -> None:
    moved = what(key("1"), "Trial 1", condition_group="other", imported=None)
    facts = [*shown("1", 0.1), *shown("2", 0.2), ("ann", moved)]
    alone = split("kind", *facts).levels
    assert [level.studies for level in alone] == [("Trial 1", "Trial 2"), ()]
    both = [(name, read(key("1"), difference(0.1, 0.4), imported=None)) for name in ("ann", "ben")]
    levels = split("kind", *facts, *both).levels
    assert [level.studies for level in levels] == [("Trial 2",), ("Trial 1",)]
