"""Log-normal and early ways from quantiles to a mean and an SD: laws, refusals, the constants of a test."""

import doctest

import numpy as np
import pytest
from scipy.special import ndtri

from living import stats
from living.stats import correlations, early_quantiles, lognormal_quantiles, variability

MANY = 10**6
LOG_MEAN, LOG_SD = 1.2, 0.4
# What is left of small-sample corrections at a million people.
LIMIT = 1e-3


@pytest.mark.parametrize("module", [correlations, early_quantiles, lognormal_quantiles, variability])
def test_the_examples_run_as_printed(module: object) -> None:
    assert doctest.testmod(module).failed == 0


def test_exact_quartiles_of_a_large_log_normal_sample_give_back_its_moments() -> None:
    quartiles = np.exp(LOG_MEAN + LOG_SD * ndtri([0.25, 0.5, 0.75]))
    mean, sd = np.exp(LOG_MEAN + LOG_SD**2 / 2), np.sqrt(np.expm1(LOG_SD**2))
    assert float(stats.mean_from_quartiles_lognormal(*quartiles, MANY)) == pytest.approx(mean, rel=LIMIT)
    assert float(stats.sd_from_quartiles_lognormal(*quartiles, MANY)) == pytest.approx(mean * sd, rel=LIMIT)


def test_a_unit_of_measurement_only_scales_log_normal_and_early_answers() -> None:
    for function, points in (
        (stats.mean_from_range_lognormal, (1.0, 2.0, 9.0)),
        (stats.sd_from_range_lognormal, (1.0, 2.0, 9.0)),
        (stats.mean_from_five_numbers_lognormal, (1.0, 1.5, 2.0, 4.0, 9.0)),
        (stats.sd_from_five_numbers_lognormal, (1.0, 1.5, 2.0, 4.0, 9.0)),
        (stats.mean_from_range_hozo, (1.0, 2.0, 9.0)),
        (stats.sd_from_range_hozo, (1.0, 2.0, 9.0)),
    ):
        once, tenfold = function(*points, 12), function(*(10 * x for x in points), 12)
        assert float(tenfold) == pytest.approx(10 * float(once), rel=1e-12)


@pytest.mark.parametrize("low", [0.0, -1.0, 3.0, np.nan])
def test_a_value_without_logarithm_or_out_of_order_gives_no_number(low: float) -> None:
    assert np.isnan(stats.mean_from_range_lognormal(low, 2.0, 9.0, 50))
    assert np.isnan(stats.sd_from_five_numbers_lognormal(low, 1.5, 2.0, 4.0, 9.0, 50))


def test_the_early_ways_refuse_numbers_out_of_order() -> None:
    assert np.isnan(stats.mean_from_range_hozo(3.0, 2.0, 9.0, 50))
    assert np.isnan(stats.sd_from_range_hozo(3.0, 2.0, 9.0, 50))
    assert np.isnan(stats.sd_from_range_walter(9.0, 3.0, 50))
    assert np.isnan(stats.sd_from_five_numbers_bland(1.0, 2.0, 1.5, 4.0, 9.0))


@pytest.mark.parametrize(("n", "sd"), [(15, (116 / 12) ** 0.5), (16, 2.5), (70, 2.5), (71, 10 / 6)])
def test_hozos_rules_change_at_15_and_70_people(n: int, sd: float) -> None:
    assert float(stats.sd_from_range_hozo(0.0, 1.0, 10.0, n)) == pytest.approx(sd)


@pytest.mark.parametrize(("n", "mean"), [(25, 3.0), (26, 1.0)])
def test_hozos_mean_is_the_median_above_25_people(n: int, mean: float) -> None:
    assert float(stats.mean_from_range_hozo(0.0, 1.0, 10.0, n)) == mean


def test_a_range_between_the_two_versions_of_the_skewness_test_is_judged_by_the_published_one() -> None:
    # n = 20: the limit is 0.41603 as published and 0.41565 in the preprint; the range's skewness is 0.4158.
    assert not stats.skewed_range(0.0, (1 - 0.4158) / 2, 1.0, 20)
    assert stats.skewed_range(0.0, (1 - 0.4161) / 2, 1.0, 20)


def test_a_variability_ratio_needs_two_spreads_and_a_cv_ratio_needs_means_of_one_sign() -> None:
    assert stats.variability_ratio(0.0, 20, 1.0, 20).status == stats.Status.NO_VARIANCE
    assert stats.paired_variability_ratio(0.0, 1.0, 20, 0.5).status == stats.Status.NO_VARIANCE
    assert stats.cv_ratio(-1.0, 1.0, 20, 2.0, 1.0, 20).status == stats.Status.IMPOSSIBLE_INPUT
    assert stats.paired_cv_ratio(1.0, 1.0, 0.0, 1.0, 20, 0.5).status == stats.Status.IMPOSSIBLE_INPUT


def test_equal_groups_do_not_differ_in_variability() -> None:
    assert float(stats.variability_ratio(2.0, 20, 2.0, 20).yi) == 0.0
    assert float(stats.cv_ratio(5.0, 2.0, 20, 5.0, 2.0, 20).yi) == 0.0


def test_an_unbiased_correlation_keeps_the_ends_and_the_sign_and_settles_in_large_samples() -> None:
    found = stats.unbiased_correlation([-1.0, -0.5, 0.0, 0.5, 1.0], 20)
    assert found.yi == pytest.approx([np.nan, -0.5118, 0.0, 0.5118, np.nan], abs=1e-3, nan_ok=True)
    sizes = np.array([61.9999, 62.0001, 326.0, 1e6])  # from n = 62 on the function's own series is summed
    r = stats.unbiased_correlation(0.05, sizes).yi
    assert r[0] == pytest.approx(r[1], rel=1e-6)
    assert (np.diff(r) < 0).all()
    assert r[-1] == pytest.approx(0.05, rel=1e-5)


def test_a_point_biserial_correlation_turns_with_the_groups() -> None:
    one = stats.point_biserial_correlation(3.0, 1.0, 20, 2.0, 1.5, 30)
    other = stats.point_biserial_correlation(2.0, 1.5, 30, 3.0, 1.0, 20)
    assert float(one.yi) == pytest.approx(-float(other.yi))
    assert float(one.vi) == pytest.approx(float(other.vi))


def test_a_variance_at_the_average_risk_hangs_on_the_sizes_only() -> None:
    found = stats.risk_difference_at_averages([5, 15], [50, 50], [10, 20], [50, 50])
    assert found.vi[0] == pytest.approx(found.vi[1], rel=1e-15)
    assert found.vi[0] == pytest.approx((0.2 * 0.8 + 0.3 * 0.7) / 50)
