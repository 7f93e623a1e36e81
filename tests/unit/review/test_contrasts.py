"""From every shape of numbers to an effect under every measure, or to the reason why there is none."""

import math
from typing import Any

import pytest
from scipy.stats import norm, t

from living.model.protocol import Measure, Model
from living.review.contrasts import Contrast, contrast, sizes
from living.review.formulas import STEPS, NotDerivable
from living.review.readings import Reading
from tests.unit.review.scenes import difference, read

MODEL = Model(tau2="REML", interval="HK-guarded")
NO_HALF = Model(tau2="REML", interval="HK-guarded", zero_cells="none")
EXACT = 1e-12  # both sides are the same few operations on doubles
Z = float(norm.ppf(0.975))

Numbers = dict[str, Any]


def reading(numbers: Numbers) -> Reading:
    filled = read("pubmed:1", numbers)
    return Reading(filled.cell, filled.numbers, filled.quotes, "agreed", ())


def effect(numbers: Numbers, measure: Measure = "MD", model: Model = MODEL, **kw: Any) -> Contrast:
    return contrast(reading(numbers), measure, model, **kw)


def refused(numbers: Numbers, measure: Measure = "MD", model: Model = MODEL) -> str:
    with pytest.raises(NotDerivable) as caught:
        effect(numbers, measure, model)
    return str(caught.value)


def arms(
    one: Numbers, two: Numbers, n: tuple[int, int] = (20, 30), means: tuple[float, float] = (4.0, 5.0)
) -> Numbers:
    return {
        "shape": "arm_means",
        "values": "final",
        "experimental": {"n": n[0], "mean": means[0], "spread": one},
        "control": {"n": n[1], "mean": means[1], "spread": two},
    }


def sd(value: float) -> Numbers:
    return {"by": "sd", "sd": value}


def ci(low: float, high: float, **kw: Any) -> Numbers:
    return {"by": "ci", "low": low, "high": high, **kw}


def paired(precision: Numbers, values: str = "final", **kw: Any) -> Numbers:
    given = {
        "shape": "paired_difference",
        "values": values,
        "n": 25,
        "difference": -1.0,
        "precision": precision,
    }
    return given | kw


def periods(r: float | None = None, values: str = "final") -> Numbers:
    given = {
        "mean_experimental": 4.0,
        "mean_control": 5.0,
        "sd_experimental": 2.0,
        "sd_control": 1.5,
        "n": 25,
    }
    return {"shape": "paired_means", "values": values, **given} | ({} if r is None else {"r": r})


def counts(a: int, n: int, b: int, m: int) -> Numbers:
    return {
        "shape": "event_counts",
        "experimental": {"events": a, "total": n},
        "control": {"events": b, "total": m},
    }


def rates(a: int, time: float | None, b: int, other: float | None) -> Numbers:
    return {
        "shape": "event_rates",
        "experimental": {"events": a, "person_weeks": time},
        "control": {"events": b, "person_weeks": other},
    }


def near(found: Contrast, estimate: float, se: float) -> None:
    assert found.estimate == pytest.approx(estimate, abs=EXACT)
    assert found.se == pytest.approx(se, abs=EXACT)


# --- two arms of means ----------------------------------------------------------------------------

MD_SE = math.sqrt(2.0**2 / 20 + 3.0**2 / 30)  # of arms with SD 2 and 3, 20 and 30 people


def t_half(n: int, sd: float) -> float:
    return float(t.ppf(0.975, n - 1)) * sd / math.sqrt(n)


def z_half(n: int, sd: float) -> float:
    return Z * sd / math.sqrt(n)


@pytest.mark.parametrize(
    ("numbers", "steps"),
    [
        (arms(sd(2.0), sd(3.0)), ["md_from_arms"]),
        (
            arms({"by": "se", "se": 2 / math.sqrt(20)}, {"by": "se", "se": 3 / math.sqrt(30)}),
            ["sd_from_se", "sd_from_se", "md_from_arms"],
        ),
        (
            arms(
                ci(4 - z_half(20, 2), 4 + z_half(20, 2)),
                ci(5 - t_half(30, 3), 5 + t_half(30, 3), df=29.0),
            ),
            ["sd_from_ci_z", "sd_from_ci_t", "md_from_arms"],
        ),
    ],
    ids=["sd", "se", "z and t intervals"],
)
def test_two_arms_give_a_mean_difference_from_whatever_spread(numbers: Numbers, steps: list[str]) -> None:
    found = effect(numbers)
    near(found, -1.0, MD_SE)
    assert list(dict.fromkeys(step.formula for step in found.derivations)) == list(dict.fromkeys(steps))


def test_medians_are_turned_into_means_and_flagged() -> None:
    found = effect(arms({"by": "quartiles", "q1": 3.0, "q3": 5.0}, sd(3.0)))
    # symmetric quartiles: the mean is the median; Wan's SD is the IQR over 2 z((0.75 n - 0.125)/(n + 0.25))
    wan = 2.0 / (2 * float(norm.ppf((0.75 * 20 - 0.125) / (20 + 0.25))))
    near(found, -1.0, math.sqrt(wan**2 / 20 + 3.0**2 / 30))
    assert found.flags == ("mean and SD estimated from median and quartiles",)


# Hedges' exact correction for 48 degrees of freedom
J = math.gamma(24) / (math.sqrt(24) * math.gamma(23.5))


@pytest.mark.parametrize(("measure", "factor"), [("SMD-d", 1.0), ("SMD-g", J)])
def test_two_arms_give_a_standardised_difference(measure: Measure, factor: float) -> None:
    pooled = math.sqrt((19 * 4.0 + 29 * 9.0) / 48)
    expected = -1 / pooled * factor
    near(effect(arms(sd(2.0), sd(3.0)), measure), expected, math.sqrt(1 / 20 + 1 / 30 + expected**2 / 100))


def test_means_without_any_spread_are_shown_and_not_used() -> None:
    nothing = {"by": "not_reported"}
    assert refused(arms(nothing, nothing)) == (
        "means are given without a standard deviation, standard error or interval"
    )


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "IRR"])
def test_means_give_no_ratio(measure: Measure) -> None:
    assert refused(arms(sd(1.0), sd(1.0)), measure) == f"means do not give a {measure}"


# --- a reported difference ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "se", "step"),
    [
        ({"by": "se", "se": 0.5}, 0.5, None),
        (ci(-1.98, -0.02), 1.96 / 2 / Z * 1.0, "se_from_ci_z"),
        (ci(-2.0, 0.0, df=20.0), 1 / float(t.ppf(0.975, 20)), "se_from_ci_t"),
        (ci(-2.0, 0.0, level=0.9), 1 / float(norm.ppf(0.95)), "se_from_ci_z"),
        ({"by": "t", "t": 2.0, "df": 20.0}, 0.5, "se_from_t"),
        ({"by": "p", "p": 0.05}, 1 / Z, "se_from_p_z"),
        ({"by": "p", "p": 0.05, "df": 20.0}, 1 / float(t.ppf(0.975, 20)), "se_from_p_t"),
    ],
)
def test_a_reported_difference_takes_its_standard_error_from_what_is_printed(
    precision: Numbers, se: float, step: str | None
) -> None:
    found = effect(difference(-1.0, precision=precision))
    near(found, -1.0, se)
    assert [item.formula for item in found.derivations] == ([step] if step else [])


def test_final_2024_as_printed() -> None:
    found = effect(difference(-0.34, precision=ci(-0.95, 0.27), n_experimental=49, n_control=50), "SMD-d")
    assert (round(found.estimate, 4), round(found.se, 4)) == (-0.2196, 0.2016)


def test_a_reported_difference_gives_d_and_g_only_with_both_groups_counted() -> None:
    numbers = difference(-1.0, se=0.5, n_experimental=20, n_control=30)
    pooled = 0.5 / math.sqrt(1 / 20 + 1 / 30)
    d = effect(numbers, "SMD-d")
    near(d, -1 / pooled, d.se)
    assert abs(effect(numbers, "SMD-g").estimate) < abs(d.estimate)
    assert refused(numbers | {"n_control": None}, "SMD-d") == (
        "the numbers analysed in each arm are not reported"
    )


def test_a_reported_standardised_difference_is_d_and_nothing_else() -> None:
    numbers = difference(-0.4, se=0.2, measure="SMD")
    near(effect(numbers, "SMD-d"), -0.4, 0.2)
    assert refused(numbers, "MD") == "a reported SMD does not give a MD"
    assert refused(numbers, "SMD-g") == "a reported SMD does not give a SMD-g"


def test_a_difference_without_precision_is_shown_and_not_used() -> None:
    assert refused(difference(-1.0, precision={"by": "not_reported"})) == (
        "no standard error, interval, t or P is reported"
    )


@pytest.mark.parametrize("precision", [{"by": "t", "t": 0.0}, {"by": "p", "p": 0.5}])
def test_a_difference_of_zero_has_no_standard_error_in_its_t_or_p(precision: Numbers) -> None:
    assert refused(difference(0.0, precision=precision)).endswith("has no answer for these numbers")


# --- crossovers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [{"by": "se", "se": 0.4}, {"by": "t", "t": -2.5}])
def test_a_paired_difference_is_used_as_it_is(precision: Numbers) -> None:
    near(effect(paired(precision)), -1.0, 0.4)


def test_younger_2013_as_transcribed() -> None:
    numbers = {
        "shape": "paired_difference",
        "values": "percent_change",
        "n": 28,
        "difference": -10.8,
        "precision": {"by": "p", "p": 0.016, "df": 27.0},
        "sd_experimental": 23.98,
        "sd_control": 27.85,
    }
    found = effect(numbers, "SMD-d")
    # EVIDENCE prints d -0.4155 from unrounded SDs; the transcribed SDs have two decimals
    assert found.estimate == pytest.approx(-0.4155, abs=1.5e-4)
    assert found.se == pytest.approx(0.1695, abs=5e-5)
    assert found.flags == ("within-person correlation 0.64 derived from the reported difference",)
    assert refused(numbers, "MD") == "reported as percent change, which is not in points of the scale"


@pytest.mark.parametrize("measure", ["SMD-d", "SMD-g"])
def test_a_paired_difference_needs_both_sds_for_d_and_g(measure: Measure) -> None:
    assert refused(paired({"by": "se", "se": 0.4}), measure) == "the SDs of the two periods are not reported"


def test_a_paired_difference_gives_no_ratio() -> None:
    assert refused(paired({"by": "se", "se": 0.4}), "RR") == "a paired difference does not give a RR"


def test_period_means_use_the_correlation_that_is_reported() -> None:
    variance = (4.0 + 2.25 - 2 * 0.6 * 2.0 * 1.5) / 25
    near(effect(periods(r=0.6)), -1.0, math.sqrt(variance))
    near(effect(periods(r=0.6), r=0.3), -1.0, math.sqrt(variance))


def test_period_means_without_a_correlation_wait_for_a_declared_one() -> None:
    assert refused(periods()) == "crossover without a reported correlation, and the protocol imputes none"
    variance = (4.0 + 2.25 - 2 * 0.5 * 2.0 * 1.5) / 25
    by_variant, by_model = (
        effect(periods(), r=0.5),
        effect(periods(), model=MODEL.model_copy(update={"paired_r": 0.5})),
    )
    near(by_variant, -1.0, math.sqrt(variance))
    near(by_model, by_variant.estimate, by_variant.se)
    assert by_variant.flags == ("within-person correlation 0.5 imputed",)


def test_period_means_give_d_by_the_average_sd() -> None:
    found = effect(periods(r=0.6), "SMD-d")
    d = -1 / math.sqrt((4.0 + 2.25) / 2)
    near(found, d, math.sqrt(2 * 0.4 / 25 + d**2 / 50))
    g = d * math.exp(math.lgamma(12) - math.lgamma(11.5)) / math.sqrt(12)
    near(effect(periods(r=0.6), "SMD-g"), g, math.sqrt(2 * 0.4 / 25 + g**2 / 50))
    assert refused(periods(r=0.6), "RR") == "paired means do not give a RR"


def test_percent_change_is_no_difference_in_points() -> None:
    for numbers in (
        periods(r=0.6, values="percent_change"),
        paired({"by": "se", "se": 1.0}, "percent_change"),
    ):
        assert refused(numbers) == "reported as percent change, which is not in points of the scale"


# --- participants with the event ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "estimate", "variance"),
    [
        ("RR", math.log((20 / 49) / (13 / 50)), 1 / 20 - 1 / 49 + 1 / 13 - 1 / 50),
        ("OR", math.log((20 / 29) / (13 / 37)), 1 / 20 + 1 / 29 + 1 / 13 + 1 / 37),
        ("RD", 20 / 49 - 13 / 50, (20 * 29 / 49**3) + (13 * 37 / 50**3)),
    ],
)
@pytest.mark.parametrize("model", [MODEL, NO_HALF], ids=["adds half", "adds none"])
def test_counts_give_ratios_on_the_log_scale_and_a_difference(
    measure: Measure, estimate: float, variance: float, model: Model
) -> None:
    found = effect(counts(20, 49, 13, 50), measure, model)
    near(found, estimate, math.sqrt(variance))
    assert (found.flags, found.n_experimental, found.n_control) == ((), 49, 50)


def test_an_empty_cell_has_half_an_event_added_and_says_so() -> None:
    found = effect(counts(0, 20, 3, 20), "RR")
    near(found, math.log((0.5 / 21) / (3.5 / 21)), math.sqrt(1 / 0.5 - 1 / 21 + 1 / 3.5 - 1 / 21))
    assert found.flags == ("0.5 added to every cell because one is empty",)


def test_an_empty_cell_ends_it_where_the_protocol_adds_nothing() -> None:
    assert refused(counts(0, 20, 3, 20), "RR", NO_HALF) == (
        "a cell is zero and the declared rule adds nothing to it"
    )


@pytest.mark.parametrize("measure", ["RR", "OR"])
@pytest.mark.parametrize("model", [MODEL, NO_HALF], ids=["adds half", "adds none"])
def test_no_event_in_either_arm_gives_no_ratio(measure: Measure, model: Model) -> None:
    assert (
        refused(counts(0, 20, 0, 21), measure, model)
        == "no events in either arm: a ratio cannot be estimated"
    )


def test_participants_with_an_event_give_no_rate_and_no_mean() -> None:
    assert refused(counts(1, 20, 2, 20), "IRR") == "participants with an event do not give a IRR"
    assert refused(counts(1, 20, 2, 20), "MD") == "participants with an event do not give a MD"


# --- events over person-time ----------------------------------------------------------------------


def test_events_with_person_time_give_a_rate_ratio() -> None:
    found = effect(rates(8, 400.0, 16, 500.0), "IRR")
    near(found, math.log((8 / 400) / (16 / 500)), math.sqrt(1 / 8 + 1 / 16))
    assert (found.n_experimental, found.n_control) == (None, None)


@pytest.mark.parametrize("times", [(None, None), (400.0, None), (None, 400.0)])
def test_events_without_person_time_are_described_and_not_pooled(
    times: tuple[float | None, float | None],
) -> None:
    assert refused(rates(8, times[0], 52, times[1]), "IRR") == (
        "events are counted but person-time is not reported"
    )


def test_one_zero_count_has_half_an_event_added_and_says_so() -> None:
    found = effect(rates(0, 100.0, 4, 100.0), "IRR")
    near(found, math.log(0.5 / 4.5), math.sqrt(1 / 0.5 + 1 / 4.5))
    assert found.flags == ("0.5 added to both counts because one is zero",)
    assert refused(rates(0, 100.0, 4, 100.0), "IRR", NO_HALF) == (
        "a cell is zero and the declared rule adds nothing to it"
    )


@pytest.mark.parametrize("model", [MODEL, NO_HALF], ids=["adds half", "adds none"])
def test_no_event_in_either_arm_gives_no_rate_ratio(model: Model) -> None:
    assert refused(rates(0, 100.0, 0, 90.0), "IRR", model) == (
        "no events in either arm: a ratio cannot be estimated"
    )


@pytest.mark.parametrize("measure", ["RR", "MD"])
def test_events_are_not_participants(measure: Measure) -> None:
    assert refused(rates(8, 1.0, 5, 1.0), measure) == f"events (not participants) do not give a {measure}"


# --- a reported ratio -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["RR", "OR", "IRR"])
def test_a_reported_ratio_is_logged_with_its_interval(measure: Measure) -> None:
    numbers = difference(0.8, measure=measure, precision=ci(0.64, 1.0))
    found = effect(numbers, measure)
    near(found, math.log(0.8), math.log(1.0 / 0.64) / 2 / Z)


def test_a_reported_ratio_without_a_usable_interval_is_refused() -> None:
    assert refused(difference(0.8, measure="RR"), "RR") == (
        "a reported ratio is used with its interval; none is given"
    )
    zero = difference(0.8, measure="RR", precision=ci(0.0, 1.6))
    assert refused(zero, "RR") == "the interval of a ratio must lie above zero"
    assert refused(difference(0.8, measure="HR", precision=ci(0.5, 1.1)), "RR") == (
        "a reported HR does not give a RR"
    )


def test_a_cell_without_numbers_gives_its_own_reason() -> None:
    assert (
        refused({"shape": "no_numbers", "status": "not_measured", "reason": "no pain scale"})
        == "no pain scale"
    )


# --- units ----------------------------------------------------------------------------------------


def test_a_0_to_100_scale_is_brought_to_0_to_10_with_both_steps_recorded() -> None:
    found = effect(arms(sd(20.0), sd(30.0), means=(40.0, 50.0)), to_unit=0.1)
    near(found, -1.0, MD_SE)
    scaled = [step for step in found.derivations if step.formula == "scaled"]
    assert [(step.inputs["factor"], step.value) for step in scaled] == [
        (0.1, found.estimate),
        (0.1, found.se),
    ]


def test_a_standardised_difference_has_no_unit_to_bring_it_to() -> None:
    numbers = arms(sd(20.0), sd(30.0), means=(40.0, 50.0))
    assert effect(numbers, "SMD-d", to_unit=0.1) == effect(numbers, "SMD-d")


# --- derivations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "people"),
    [
        (arms(sd(1.0), sd(1.0)), (20, 30)),
        (paired({"by": "se", "se": 1.0}), (25, 25)),
        (periods(0.5), (25, 25)),
        (counts(1, 20, 2, 21), (20, 21)),
        (rates(1, 1.0, 2, 1.0), (None, None)),
        (difference(1.0), (40, 40)),
        ({"shape": "no_numbers", "status": "not_measured", "reason": "none"}, (None, None)),
    ],
)
def test_every_shape_says_how_many_people_were_analysed(
    numbers: Numbers, people: tuple[int | None, int | None]
) -> None:
    assert sizes(reading(numbers).numbers) == people


def test_every_step_names_its_source_and_stands_in_the_table_of_steps() -> None:
    found = effect(
        arms({"by": "se", "se": 0.4}, {"by": "quartiles", "q1": 4.0, "q3": 6.5}), "SMD-g", to_unit=0.1
    )
    assert found.derivations
    for step in found.derivations:
        assert step.source == STEPS[step.formula].source != ""
        assert step.inputs
    assert [(step.output, step.value) for step in found.derivations[-2:]] == [
        ("estimate", found.estimate),
        ("se", found.se),
    ]
