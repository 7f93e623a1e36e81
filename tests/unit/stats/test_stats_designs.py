"""Five-number summaries, clusters, shared controls and correlations within people."""

import doctest
import importlib

import numpy as np
import pytest
from scipy.special import ndtri

from living import stats


@pytest.mark.parametrize("module", ["five_numbers", "clusters", "within_people"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert found.attempted >= 1
    assert found.failed == 0


def test_the_expected_five_numbers_of_a_normal_sample_give_its_mean_and_sd_back() -> None:
    n, mean, sd = 200, 12.0, 3.0
    low, high = mean + sd * ndtri(np.array([0.625, n - 0.375]) / (n + 0.25))
    q1, q3 = mean + sd * ndtri(np.array([0.25 * n + 0.375, 0.75 * n - 0.125]) / (n + 0.25))
    assert float(stats.mean_from_five_numbers_luo(low, q1, mean, q3, high, n)) == pytest.approx(mean)
    assert float(stats.mean_from_five_numbers_wan(low, q1, mean, q3, high)) == pytest.approx(mean)
    assert float(stats.mean_from_range_wan(low, mean, high)) == pytest.approx(mean)
    assert float(stats.sd_from_five_numbers_wan(low, q1, q3, high, n)) == pytest.approx(sd, rel=2e-3)
    assert float(stats.sd_from_five_numbers_shi(low, q1, q3, high, n)) == pytest.approx(sd, rel=2e-3)
    assert not stats.skewed_five_numbers(low, q1, mean, q3, high, n)
    assert stats.skewed_five_numbers(low, q1, (low + q1) / 2 + 0.9 * (q1 - low), q3, high + 20, n)


def test_numbers_in_the_wrong_order_have_no_mean() -> None:
    assert np.isnan(stats.mean_from_five_numbers_luo(1, 3, 2, 4, 5, 50))
    assert np.isnan(stats.sd_from_five_numbers_shi(1, 3, 2, 5, 50))
    assert np.isnan(stats.mean_from_range_wan(3, 2, 5))


def test_a_design_effect_is_one_without_correlation_or_without_clusters() -> None:
    assert list(stats.design_effect([25, 1], [0.0, 0.3])) == [1.0, 1.0]
    assert float(stats.design_effect(25, 0.04, 0.5)) == pytest.approx(1 + (1.25 * 25 - 1) * 0.04)
    assert np.isnan(stats.design_effect(25, 1.2))
    deff = stats.design_effect(25, 0.04)
    assert float(stats.effective_n(98, deff)) == pytest.approx(50)
    assert float(stats.se_of_clustered(0.1, deff)) == pytest.approx(0.14)


def test_dividing_sizes_by_the_design_effect_and_inflating_the_se_are_the_same_thing() -> None:
    deff = stats.design_effect(20, 0.05)
    n1, n2 = stats.effective_n([200, 180], deff)
    small = stats.mean_difference(5.0, 2.0, n1, 4.0, 2.5, n2)
    full = stats.mean_difference(5.0, 2.0, 200, 4.0, 2.5, 180)
    assert float(small.se) == pytest.approx(float(stats.se_of_clustered(full.se, deff)))


def test_the_covariance_of_two_contrasts_is_that_of_their_arms() -> None:
    """Var(A - C) + Var(B - C) - 2 Cov is Var(A - B): the control drops out."""
    a = stats.mean_difference(5.0, 2.0, 30, 3.0, 2.5, 40)
    b = stats.mean_difference(4.0, 1.5, 35, 3.0, 2.5, 40)
    covariance = float(stats.shared_covariance_md(2.5, 40))
    direct = stats.mean_difference(5.0, 2.0, 30, 4.0, 1.5, 35)
    assert float(a.vi) + float(b.vi) - 2 * covariance == pytest.approx(float(direct.vi))
    risk = stats.risk_difference([5], [30], [9], [40]), stats.risk_difference([7], [35], [9], [40])
    both = float(risk[0].vi[0] + risk[1].vi[0]) - 2 * float(stats.shared_covariance_risk_difference(9, 40))
    assert both == pytest.approx(float(stats.risk_difference([5], [30], [7], [35]).vi[0]))


def test_contrasts_of_different_trials_are_independent() -> None:
    found = stats.contrast_covariance([0.2, 0.3, 0.4], np.full((3, 3), 0.1), ["x", "x", "y"])
    assert found.tolist() == [[0.2, 0.1, 0.0], [0.1, 0.3, 0.0], [0.0, 0.0, 0.4]]
    with pytest.raises(ValueError, match="k by k"):
        stats.contrast_covariance([0.2, 0.3], np.full((3, 3), 0.1), ["x", "x"])


def test_a_control_is_split_into_equal_shares_and_an_empty_cell_has_no_covariance() -> None:
    assert float(stats.split_control(41, 2)) == 20.5
    assert np.isnan(stats.split_control(41, 0))
    assert np.isnan(stats.shared_covariance_log_risk_ratio(0, 40))
    assert np.isnan(stats.shared_covariance_log_odds_ratio(40, 40))
    assert np.isnan(stats.shared_covariance_log_rate_ratio(0))


def test_the_sd_of_change_and_its_correlation_are_two_sides_of_one_sum() -> None:
    sd = stats.sd_of_change(6.4, 7.1, 0.6)
    assert float(stats.r_from_sd_of_change(6.4, 7.1, sd)) == pytest.approx(0.6)
    assert np.isnan(stats.r_from_sd_of_change(6.4, 7.1, 20.0))


def test_a_sweep_has_a_row_for_each_correlation_and_its_variance_falls() -> None:
    found = stats.paired_mean_difference_sweep([1.0, 2.0], 2.0, 2.5, [20, 30])
    assert found.vi.shape == (10, 2)
    assert (np.diff(found.vi, axis=0) < 0).all()
    alone = stats.paired_mean_difference([1.0, 2.0], 2.0, 2.5, [20, 30], 0.5)
    assert found.vi[5].tolist() == alone.vi.tolist()
