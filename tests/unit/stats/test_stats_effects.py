"""Effect sizes on numbers that can be checked by hand or in print."""

import numpy as np
import pytest

from living import stats
from living.stats import Status, ZeroCells

PRINTED = 5e-5  # half a unit of the fourth decimal, as the evidence prints d and its standard error


def test_a_mean_difference_is_first_minus_second() -> None:
    found = stats.mean_difference(3.0, 2.0, 16, 4.0, 3.0, 36)
    assert float(found.yi) == -1.0
    assert float(found.se) == pytest.approx(np.sqrt(4 / 16 + 9 / 36))


def test_the_pooled_sd_is_used_when_asked_for() -> None:
    found = stats.mean_difference(3.0, 2.0, 11, 4.0, 4.0, 31, pooled_sd=True)
    assert float(found.vi) == pytest.approx((10 * 4 + 30 * 16) / 40 * (1 / 11 + 1 / 31))


def test_the_exact_correction_of_two_degrees_of_freedom_is_known_in_closed_form() -> None:
    assert float(stats.bias_correction(2)) == pytest.approx(1 / np.sqrt(np.pi), rel=1e-14)
    assert np.isnan(stats.bias_correction(1))


def test_the_approximate_correction_is_close_to_the_exact_one_but_not_it() -> None:
    exact, near = stats.CORRECTIONS["exact"](20), stats.CORRECTIONS["approximate"](20)
    assert float(near) == pytest.approx(1 - 3 / 79)
    assert 0 < abs(float(exact) - float(near)) < 1e-3


def test_the_final_trials_d_comes_from_its_difference_and_standard_error() -> None:
    found = stats.smd_from_difference(-0.34, (0.27 + 0.95) / (2 * 1.959963984540054), 49, 50)
    assert float(found.yi) == pytest.approx(-0.2196, abs=PRINTED)
    assert float(found.se) == pytest.approx(0.2016, abs=PRINTED)


def test_a_difference_with_its_se_gives_the_same_d_as_the_two_arms_behind_it() -> None:
    arms = stats.standardised_mean_difference(3.0, 2.0, 20, 4.0, 2.0, 30, correction="none")
    back = stats.smd_from_difference(-1.0, 2.0 * np.sqrt(1 / 20 + 1 / 30), 20, 30)
    assert float(back.yi) == pytest.approx(float(arms.yi))
    assert float(back.vi) == pytest.approx(float(arms.vi))


def younger() -> tuple[float, float, float, float]:
    """SDs, correlation and n of the crossover trial, from its interval half-widths and P = 0.016."""
    n = 28
    sd_drug = float(stats.sd_from_ci_t(28.8 - 9.3, 28.8 + 9.3, n))
    sd_placebo = float(stats.sd_from_ci_t(18.0 - 10.8, 18.0 + 10.8, n))
    r = float(stats.r_from_paired_se(sd_drug, sd_placebo, n, stats.se_from_p_t(28.8 - 18.0, 0.016, n - 1)))
    return sd_drug, sd_placebo, r, n


def test_the_younger_trials_correlation_follows_from_its_printed_p() -> None:
    sd_drug, sd_placebo, r, _ = younger()
    assert (round(sd_drug, 1), round(sd_placebo, 1), round(r, 4)) == (24.0, 27.9, 0.6411)


@pytest.mark.parametrize(("variance", "se"), [("SMCR", 0.1695), ("Handbook", 0.1669)])
def test_the_younger_trials_d_has_the_standard_error_of_the_formula_named(variance: str, se: float) -> None:
    sd_drug, sd_placebo, r, n = younger()
    found = stats.smd_average_sd(-(28.8 - 18.0), sd_drug, sd_placebo, n, r, variance=variance)
    assert float(found.yi) == pytest.approx(-0.4155, abs=PRINTED)
    assert float(found.se) == pytest.approx(se, abs=PRINTED)


@pytest.mark.parametrize(("r", "se"), [(0.5, 0.400), (0.0, 0.566)])
def test_the_correlation_decides_the_standard_error_of_a_crossover(r: float, se: float) -> None:
    found = stats.paired_mean_difference(-1.0, 2.0, 2.0, 25, r)
    assert float(found.se) == pytest.approx(se, abs=5e-4)


def test_a_correlation_beyond_one_is_impossible() -> None:
    assert stats.paired_mean_difference(1.0, 2.0, 2.0, 25, 1.2).status == Status.IMPOSSIBLE_INPUT


def test_glass_delta_uses_the_control_groups_sd() -> None:
    found = stats.glass_delta(3.0, 5.0, 4.0, 20, 30, correction="none")
    assert float(found.yi) == -0.5
    assert float(found.vi) == pytest.approx(1 / 20 + 1 / 30 + 0.25 / 60)


def test_a_risk_ratio_is_the_logarithm_of_two_risks() -> None:
    found = stats.risk_ratio(20, 49, 13, 50)
    assert float(np.exp(found.yi[0])) == pytest.approx((20 / 49) / (13 / 50))
    assert float(found.vi[0]) == pytest.approx(1 / 20 - 1 / 49 + 1 / 13 - 1 / 50)


def test_an_odds_ratio_and_a_risk_difference_of_one_table() -> None:
    assert float(np.exp(stats.odds_ratio(10, 30, 5, 30).yi[0])) == pytest.approx((10 / 20) / (5 / 25))
    assert float(stats.risk_difference(10, 30, 5, 30).yi[0]) == pytest.approx(5 / 30)


def test_half_an_event_goes_only_to_studies_with_an_empty_cell() -> None:
    found = stats.risk_ratio([0, 4], [20, 20], [3, 5], [20, 20])
    assert float(np.exp(found.yi[0])) == pytest.approx((0.5 / 21) / (3.5 / 21))
    assert float(np.exp(found.yi[1])) == pytest.approx(4 / 5)


def test_without_a_rule_an_empty_cell_has_no_ratio_and_says_so() -> None:
    found = stats.odds_ratio([0, 4], [20, 20], [3, 5], [20, 20], ZeroCells(to="none"))
    assert list(found.status) == [Status.ZERO_CELL, Status.OK]
    assert np.isnan(found.yi[0])


def test_a_double_zero_study_is_dropped_when_the_rule_says_so() -> None:
    counts = ([0, 4], [20, 20], [0, 5], [20, 20])
    assert stats.risk_ratio(*counts, ZeroCells(drop00=True)).status[0] == Status.DOUBLE_ZERO
    assert stats.risk_ratio(*counts).status[0] == Status.OK


def test_more_events_than_people_is_impossible() -> None:
    assert stats.risk_ratio(21, 20, 5, 20).status[0] == Status.IMPOSSIBLE_INPUT


def test_an_unknown_zero_cell_rule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="only0"):
        ZeroCells(to="sometimes")


def test_a_rate_ratio_compares_events_per_time() -> None:
    found = stats.rate_ratio(8, 40.0, 52, 40.0)
    assert float(np.exp(found.yi[0])) == pytest.approx(8 / 52)
    assert float(found.vi[0]) == pytest.approx(1 / 8 + 1 / 52)
    assert float(stats.rate_difference(8, 40.0, 52, 80.0).yi[0]) == pytest.approx(0.2 - 0.65)


def test_person_time_must_be_positive() -> None:
    assert stats.rate_ratio(8, 0.0, 5, 10.0).status[0] == Status.IMPOSSIBLE_INPUT


@pytest.mark.parametrize(
    ("arm", "status"),
    [
        ({"sd1": 0.0, "sd2": 0.0}, Status.NO_VARIANCE),
        ({"sd1": -1.0}, Status.NO_VARIANCE),
        ({"n1": 1}, Status.TOO_FEW_PARTICIPANTS),
        ({"m1": np.nan}, Status.MISSING_INPUT),
        ({"m2": np.inf}, Status.MISSING_INPUT),
    ],
)
def test_an_effect_that_cannot_be_computed_says_why(arm: dict[str, float], status: Status) -> None:
    given = {"m1": 3.0, "sd1": 2.0, "n1": 20, "m2": 4.0, "sd2": 2.0, "n2": 20} | arm
    for measure in (stats.mean_difference, stats.standardised_mean_difference):
        found = measure(**given)
        assert found.status == status
        assert np.isnan(found.yi)
        assert np.isnan(found.vi)


def test_one_bad_study_leaves_its_neighbours_alone() -> None:
    found = stats.mean_difference([1.0, np.nan, 2.0], 1.0, 10, 0.0, 1.0, 10)
    assert list(found.ok) == [True, False, True]
    assert list(found.yi[found.ok]) == [1.0, 2.0]


def test_turning_a_scale_round_and_stretching_it_changes_effect_and_variance() -> None:
    given = stats.generic([-3.4, 2.0], [1.0, 0.5])
    tenth = stats.rescale(stats.flip(given), 0.1)
    assert tenth.yi == pytest.approx([0.34, -0.2])
    assert tenth.se == pytest.approx([0.1, 0.05])


def test_every_status_has_a_sentence_for_readers() -> None:
    assert set(stats.REASONS) == set(Status)
    assert stats.NotEstimable(Status.SINGLE_STUDY).reason.startswith("one study only")
