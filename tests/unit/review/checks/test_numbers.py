"""Spreads, scales, whole numbers, and whether estimate, interval, P and statistic belong together."""

from typing import Any

import pytest

from living.model.facts import Extraction
from tests.unit.review.checks.scene import cell, contrast, means, seen, study

CROSSOVER = study("crossover", (("ldn", "ldn", 31), ("placebo", "placebo", 31)))
PRINTED_RULES = "-0.11 (95% CI -0.96 to 0.74), P=0.31"


def paired(one: float, two: float, **changes: Any) -> Extraction:
    numbers = {
        "shape": "paired_means",
        "values": "percent_change",
        "n": 28,
        "mean_experimental": -28.8,
        "mean_control": -18.0,
        "sd_experimental": one,
        "sd_control": two,
    }
    return cell(numbers, f"28.8 +/- {one}% reduction versus 18.0 +/- {two}% reduction; P = 0.016", **changes)


def test_sound_numbers_raise_no_question() -> None:
    words = "4.12 (SD 2.05) in 49 people with LDN and 4.52 (SD 2.19) in 50 with placebo at 12 weeks, P = 0.35"
    assert not seen(cell(means((49, 4.12, 2.05), (50, 4.52, 2.19)), words), study())
    assert not seen(cell(contrast(-0.34, -0.95, 0.27), "-0.34 (-0.95 to 0.27; p=0.27)"), study())


# --- what was entered as an SD ---


def test_an_sd_that_is_tiny_for_its_scale_may_be_a_standard_error() -> None:
    finding = seen(cell(means((49, 4.1, 0.31), (50, 4.5, 0.33))), study())["se_for_sd"]
    assert finding.level == "warning"
    assert finding.field == "numbers.control.spread.sd"
    assert "an SD of 0.33 with n = 50" in finding.saw
    assert "2.33" in finding.saw  # 0.33 times the root of 50
    assert "Cochrane Handbook" in finding.source


def test_an_sd_is_compared_with_the_same_arm_at_another_time() -> None:
    early = cell(means((49, 61.0, 20.1), (50, 62.0, 19.8)), scale="nrs-100", weeks=4)
    late = cell(means((49, 55.0, 2.9), (50, 58.0, 2.8)), scale="nrs-100")
    assert "at 4 weeks differ by the root of n = 50" in seen(late, None, early)["se_for_sd"].saw
    assert "se_for_sd" not in seen(
        early, None, cell(means((49, 55.0, 19.0), (50, 58.0, 21.0)), scale="nrs-100")
    )


def test_a_quote_that_speaks_of_a_standard_error_is_believed() -> None:
    words = "4.1 (SE 0.9) in 49 and 4.5 (SE 0.8) in 50"
    assert (
        "speaks of a standard error"
        in seen(cell(means((49, 4.1, 0.9), (50, 4.5, 0.8)), words))["se_for_sd"].saw
    )
    both = words.replace("SE 0.9", "SD 0.9, SE 0.13")
    assert "se_for_sd" not in seen(cell(means((49, 4.1, 0.9), (50, 4.5, 0.8)), both))


def test_the_printed_p_tells_which_reading_of_the_spread_is_right() -> None:
    words = "6.0 ± 0.9 (n = 40) and 7.0 ± 0.9 (n = 40); P = 0.43"
    finding = seen(cell(means((40, 6.0, 0.9), (40, 7.0, 0.9)), words), study())["se_for_sd"]
    assert "read as standard errors they give P 0.43" in finding.saw
    assert "P 0.43 is printed" in finding.saw


def test_a_plus_minus_without_a_name_is_asked_about() -> None:
    finding = seen(cell(means((40, 6.0, 2.1), (40, 7.0, 2.2)), "6.0 ± 2.1 (n=40), 7.0 +/- 2.2 (n=40)"))[
        "plus_minus"
    ]
    assert "half-width" in finding.saw
    named = "mean ± SD 6.0 ± 2.1 (n=40), 7.0 ± 2.2 (n=40)"
    assert "plus_minus" not in seen(cell(means((40, 6.0, 2.1), (40, 7.0, 2.2)), named))


@pytest.mark.parametrize(("one", "two", "r"), [(12.5, 14.6, "−0.34"), (9.3, 10.8, "−1.45, which cannot be")])
def test_half_widths_quoted_as_sds_do_not_fit_the_paired_p(one: float, two: float, r: str) -> None:
    finding = seen(paired(one, two), CROSSOVER)["paired_spread"]
    assert f"needs a within-person correlation of {r}" in finding.saw
    assert "read as half-widths of 95% intervals it is 0." in finding.saw


def test_the_sds_that_the_half_widths_stand_for_fit_the_paired_p() -> None:
    assert "paired_spread" not in seen(paired(23.98, 27.85), CROSSOVER)


def test_one_arm_s_sd_and_the_other_s_standard_error_are_told_apart() -> None:
    finding = seen(cell(means((36, 41.0, 20.0), (36, 45.0, 3.3)), scale="nrs-100"))["unequal_spread"]
    assert finding.field == "numbers.control.spread.sd"
    assert "the smaller may be a standard error" in finding.saw


def test_a_difference_of_many_sds_is_questioned() -> None:
    assert "by 0.41" in seen(cell(means((50, 4.0, 0.62), (50, 5.8, 0.62))))["large_effect"].saw
    smd = contrast(-2.4, -3.0, -1.8, measure="SMD")
    assert "large_effect" in seen(cell(smd, scale="nrs"))


# --- the scale ---


def test_an_sd_beyond_the_largest_possible_is_refused() -> None:
    words = "1.0 (4.0) in 20, 5.0 (2.0) in 20"
    finding = seen(cell(means((20, 1.0, 4.0), (20, 5.0, 2.0)), words))["sd_range"]
    assert (finding.level, finding.field) == ("impossible", "numbers.experimental.spread.sd")
    assert "n = 20 it is at most 3.08" in finding.saw  # two of twenty at 10, the others at 0
    assert "sd_range" not in seen(cell(means((20, 1.0, 3.0), (20, 5.0, 2.0))))


def test_a_standard_error_that_means_an_impossible_sd_is_questioned() -> None:
    numbers = means((40, 4.0, 2.0), (40, 5.0, 2.0))
    numbers["experimental"]["spread"] = {"by": "se", "se": 2.0}
    assert "an SD of 12.6" in seen(cell(numbers))["sd_for_se"].saw


@pytest.mark.parametrize(
    ("extraction", "code"),
    [
        (cell(means((20, 34.0, 2.0), (20, 5.0, 2.0))), "mean_range"),
        (cell(means((20, -10.4, 2.0), (20, 5.0, 2.0), "change")), "change_range"),
        (cell(contrast(-10.8, -19.0, -2.5)), "change_range"),
    ],
)
def test_what_lies_beyond_the_scale_is_refused_and_the_longer_scale_named(
    extraction: Extraction, code: str
) -> None:
    finding = seen(extraction)[code]
    assert finding.level == "impossible"
    assert "(nrs-100)?" in finding.suggestion


def test_a_percent_change_is_bound_by_no_scale() -> None:
    assert set(seen(paired(23.98, 27.85, scale="vas-100"), CROSSOVER)) == {"plus_minus"}


def test_values_in_the_lowest_tenth_of_a_long_scale_may_be_of_a_short_one() -> None:
    finding = seen(cell(means((40, 5.2, 2.1), (40, 6.1, 2.0)), scale="nrs-100"))["scale_length"]
    assert "(nrs)" in finding.suggestion
    assert "scale_length" not in seen(cell(means((40, 52.0, 21.0), (40, 61.0, 20.0)), scale="nrs-100"))


# --- whole numbers ---


def test_a_mean_that_no_whole_numbers_have_is_questioned() -> None:
    words = "5.19 (SD 2.05), n = 28; 4.52 (SD 2.19), n = 50"
    finding = seen(cell(means((28, 5.19, 2.05), (50, 4.52, 2.19)), words))["grim"]
    assert finding.saw == "28 people cannot have the mean 5.19; the nearest possible are 5.179 and 5.214"
    assert "grim" not in seen(cell(means((28, 5.18, 2.05), (50, 4.52, 2.19)), words.replace("5.19", "5.18")))


def test_four_items_averaged_have_four_times_as_many_means() -> None:
    words = "5.19 (SD 2.05), n = 28; 4.52 (SD 2.19), n = 50"
    assert "grim" not in seen(cell(means((28, 5.19, 2.05), (50, 4.52, 2.19)), words, scale="bpi-severity"))
    assert "grim" in seen(cell(means((8, 5.19, 2.05), (50, 4.52, 2.19)), words.replace("28", "8")))
    assert "grim" not in seen(cell(means((28, 5.19, 2.05), (50, 4.52, 2.19)), words, scale="vas"))


def test_trailing_zeros_of_the_quote_count() -> None:
    numbers = means((11, 4.5, 2.07), (50, 4.52, 2.19))
    assert "grim" not in seen(cell(numbers, "4.5 (2.07), 11 people"))
    assert "grim" in seen(cell(numbers, "4.50 (2.07), 11 people"))


def test_an_sd_that_no_whole_numbers_have_is_questioned() -> None:
    finding = seen(cell(means((10, 3.0, 1.0), (50, 4.52, 2.19)), "3.00 (1.00), n 10; 4.52 (2.19), n 50"))[
        "grimmer"
    ]
    assert "the mean 3.00 together with the SD 1.00" in finding.saw


# --- estimate, interval, P and statistic ---


def test_a_p_that_contradicts_its_interval_is_shown_with_both_rules_and_their_rounding() -> None:
    numbers = contrast(-0.11, -0.96, 0.74, measure="SMD", n_experimental=60, n_control=60)
    finding = seen(cell(numbers, PRINTED_RULES))["p_against_interval"]
    assert "gives P 0.800 by z (by rounding 0." in finding.saw
    assert "by t on 118 df; P 0.31 is printed" in finding.saw
    assert "statcheck" in finding.source


def test_a_p_that_is_the_statistic_is_recognised() -> None:
    finding = seen(cell(contrast(-0.14, -0.96, 0.68, measure="SMD"), "-0.14 (-0.96 to 0.68), P=0.33"))
    assert "the size of the statistic itself" in finding["p_against_interval"].saw


def test_a_p_beside_another_estimate_is_none_of_its_own() -> None:
    words = "-0.27 (95% confidence interval [CI] -1.76, 1.23; p = 0.73) and 0.88 (-0.70, 2.46; p = 0.275)"
    assert not seen(cell(contrast(0.88, -0.7, 2.46), words), study())


def test_a_p_before_the_interval_is_found_too() -> None:
    words = "a difference of 0.49, p=0.036 (95% CI -0.32 to 1.30)"
    assert "p_against_interval" in seen(cell(contrast(0.49, -0.32, 1.3), words), study())


def test_a_p_raised_by_a_correction_is_called_that() -> None:
    three = study(arms=(("ldn", "ldn", 15), ("gabapentin", "gabapentin", 15), ("placebo", "placebo", 15)))
    numbers = contrast(0.88, -0.7, 2.46, n_experimental=15, n_control=15)
    finding = seen(cell(numbers, "0.88 (-0.70, 2.46), p=0.55", scale="bpi-severity"), three)["adjusted_p"]
    assert "0.275 by z" in finding.saw
    assert "0.264 by t on 28 df" in finding.saw
    assert "correction" in finding.why


def test_a_ratio_is_compared_on_the_log_scale() -> None:
    numbers = contrast(1.4, 1.12, 1.75, measure="RR", estimand="final")
    ratio = cell(numbers, "RR 1.4 (1.12 to 1.75), P=0.0026", outcome="any-ae", scale="", estimand="count")
    assert not {"p_against_interval", "asymmetric"} & set(seen(ratio))
    lopsided = numbers | {"precision": {"by": "ci", "low": 1.12, "high": 1.95}}
    assert "asymmetric" in seen(
        cell(lopsided, "1.4 (1.12 to 1.95)", outcome="any-ae", scale="", estimand="count")
    )


def test_an_estimate_off_the_middle_of_its_interval_is_questioned() -> None:
    finding = seen(cell(contrast(-0.34, -0.95, 0.72), "-0.34 (-0.95 to 0.72)"))["asymmetric"]
    assert finding.saw.endswith("its middle is −0.115")


def test_a_statistic_must_be_the_estimate_over_its_standard_error() -> None:
    numbers = contrast(-1.2, -2.0, -0.4) | {"precision": {"by": "se", "se": 0.4}}
    assert (
        "is 3, and the quote has t = 2.1"
        in seen(cell(numbers, "-1.2 (SE 0.4), t(58) = 2.1"))["statistic"].saw
    )
    assert "statistic" not in seen(cell(numbers, "-1.2 (SE 0.4), t(58) = 3.0"))


def test_a_p_far_from_a_t_test_of_the_arms_is_questioned() -> None:
    words = "4.1 (SD 2.0) of 50 and 4.5 (SD 2.0) of 50; P = 0.001"
    assert (
        "by a t test; P 0.001 is printed"
        in seen(cell(means((50, 4.1, 2.0), (50, 4.5, 2.0)), words))["p_against_arms"].saw
    )
    near = words.replace("0.001", "0.15")
    assert "p_against_arms" not in seen(cell(means((50, 4.1, 2.0), (50, 4.5, 2.0)), near))


def test_a_standard_error_that_no_values_of_the_scale_have_is_questioned() -> None:
    numbers = {
        "shape": "paired_difference",
        "values": "change",
        "n": 67,
        "difference": 1.64,
        "precision": {"by": "ci", "low": -0.92, "high": 4.2},
    }
    finding = seen(cell(numbers, "1.64 (-0.92 to 4.20)", scale="vas"), study("crossover"))
    assert "an SD of within-person differences of 10.7" not in str(
        finding
    )  # 10.7 may be, of differences to 10
    wider = numbers | {"precision": {"by": "ci", "low": -1.92, "high": 5.2}}
    assert "se_against_scale" in seen(cell(wider, "1.64", scale="vas"), study("crossover"))
