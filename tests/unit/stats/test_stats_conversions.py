"""Conversions there and back, and against numbers printed in the Cochrane Handbook."""

import inspect

import numpy as np
import pytest

from living import stats
from living.stats import formulas

CONVERSION_MODULES = (
    formulas.conversions,
    formulas.quantiles,
    formulas.five_numbers,
    formulas.early_quantiles,
    formulas.lognormal_quantiles,
    formulas.mcgrath,
    formulas.clusters,
)


def test_a_normal_interval_gives_back_its_standard_error() -> None:
    assert float(stats.se_from_ci_z(-0.95, 0.27)) == pytest.approx(0.3112, abs=5e-5)
    assert float(stats.se_from_ci_z(-1.6448536269514722, 1.6448536269514722, level=0.9)) == pytest.approx(1.0)


def test_a_t_interval_gives_a_smaller_standard_error_than_a_normal_reading_of_it() -> None:
    assert float(stats.se_from_ci_t(-2.262157, 2.262157, 9)) == pytest.approx(1.0, rel=1e-6)
    assert stats.se_from_ci_t(-1.0, 1.0, 9) < stats.se_from_ci_z(-1.0, 1.0)


def test_a_ratio_is_converted_on_the_log_scale() -> None:
    assert float(stats.log_se_from_ci_z(1.12, 1.75)) == pytest.approx(
        np.log(1.75 / 1.12) / 3.919927969, rel=1e-9
    )
    assert float(np.exp(stats.log_estimate_from_ci(1.12, 1.75))) == pytest.approx(1.4)


def test_the_handbooks_t_and_p_example_gives_its_printed_numbers() -> None:
    # Cochrane Handbook 6.3, 6.5.2.3: 25 and 22 people, difference 3.8, P 0.008: t 2.78, SE 1.37, SD 4.69.
    se = stats.se_from_p_t(3.8, 0.008, 45)
    assert 3.8 / float(se) == pytest.approx(2.78, abs=0.005)
    assert float(se) == pytest.approx(1.37, abs=0.005)
    assert float(stats.sd_from_difference_se(se, 25, 22)) == pytest.approx(4.69, abs=0.02)


def test_p_and_test_statistic_tell_the_same_standard_error() -> None:
    assert float(stats.se_from_p_z(-0.98, 0.05)) == pytest.approx(0.5, abs=1e-4)
    assert float(stats.se_from_t(-0.98, 1.96)) == pytest.approx(0.5)


def test_an_sd_comes_back_from_its_se_and_from_its_interval() -> None:
    assert float(stats.sd_from_se(0.5, 16)) == 2.0
    half = 2.131449545559323 * 0.5
    assert float(stats.sd_from_ci_t(10 - half, 10 + half, 16)) == pytest.approx(2.0, rel=1e-12)
    assert float(stats.sd_from_ci_z(10 - 1.959963984540054, 10 + 1.959963984540054, 16)) == pytest.approx(4.0)


@pytest.mark.parametrize("r", [-0.4, 0.0, 0.3, 0.9])
def test_the_correlation_comes_back_from_the_paired_standard_error(r: float) -> None:
    se = stats.se_of_paired_difference(2.0, 3.0, 25, r)
    assert float(stats.r_from_paired_se(2.0, 3.0, 25, se)) == pytest.approx(r)
    assert float(se) == pytest.approx(float(stats.sd_of_difference(2.0, 3.0, r)) / 5)


def test_no_correlation_agrees_with_an_impossible_standard_error() -> None:
    assert np.isnan(stats.r_from_paired_se(2.0, 2.0, 25, 5.0))


def test_two_groups_together_are_exactly_all_their_people() -> None:
    one, two = np.array([1.0, 4.0, 2.5, 7.0]), np.array([3.0, 9.0, 5.5])
    a = (len(one), one.mean(), one.std(ddof=1))
    b = (len(two), two.mean(), two.std(ddof=1))
    everyone = np.concatenate([one, two])
    assert float(stats.combined_n(a[0], b[0])) == 7
    assert float(stats.combined_mean(a[0], a[1], b[0], b[1])) == pytest.approx(everyone.mean())
    assert float(stats.combined_sd(*a, *b)) == pytest.approx(everyone.std(ddof=1))


def test_quartiles_of_a_large_normal_sample_give_its_mean_and_sd() -> None:
    quartile = 0.6744897501960817
    q1, q3 = 5 - 2 * quartile, 5 + 2 * quartile
    assert float(stats.mean_from_quartiles_wan(q1, 5.0, q3)) == pytest.approx(5.0)
    assert float(stats.mean_from_quartiles_luo(q1, 5.0, q3, 10_000)) == pytest.approx(5.0)
    assert float(stats.sd_from_quartiles_wan(q1, q3, 1_000_000)) == pytest.approx(2.0, rel=1e-5)
    assert float(stats.sd_from_iqr(0.0, 2.7)) == pytest.approx(2.0)


def test_lopsided_quartiles_are_called_skewed() -> None:
    assert not stats.skewed_quartiles(4.0, 5.0, 6.0, 40)
    assert stats.skewed_quartiles(4.0, 4.1, 6.0, 40)
    assert stats.skewed_range(1.0, 2.0, 10.0, 40)
    assert not stats.skewed_range(1.0, 5.4, 10.0, 40)


@pytest.mark.parametrize(
    "value",
    [
        stats.se_from_ci_z(1.0, 1.0),
        stats.se_from_ci_z(2.0, 1.0),
        stats.se_from_ci_t(0.0, 1.0, 0),
        stats.log_se_from_ci_z(0.0, 2.0),
        stats.se_from_p_z(1.0, 0.0),
        stats.se_from_p_t(1.0, 1.5, 10),
        stats.se_from_t(0.0, 0.0),
        stats.sd_from_se(-1.0, 10),
        stats.sd_from_ci_t(0.0, 1.0, 1),
        stats.sd_of_difference(1.0, 1.0, 1.5),
        stats.mean_from_quartiles_wan(3.0, 2.0, 1.0),
        stats.sd_from_quartiles_wan(1.0, 2.0, 1),
        stats.sd_from_range_wan(2.0, 1.0, 20),
    ],
)
def test_an_impossible_input_gives_no_number(value: np.ndarray) -> None:
    assert np.isnan(value)


def test_what_a_conversion_could_not_give_an_effect_refuses_with_a_reason() -> None:
    assert stats.generic(-0.3, stats.se_from_ci_z(1.0, 0.0)).status == stats.Status.MISSING_INPUT


def test_a_scale_is_not_turned_round_by_a_negative_factor() -> None:
    assert float(stats.scaled(34.0, 0.1)) == pytest.approx(3.4)
    assert float(stats.flipped(3.4)) == -3.4
    with pytest.raises(ValueError, match="flipped"):
        stats.scaled(34.0, -0.1)


def test_every_public_conversion_and_effect_has_its_name_in_the_dictionary() -> None:
    plain = {
        name
        for module in CONVERSION_MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith(("_", "skewed"))
    }
    plain |= {"sd_of_change", "r_from_sd_of_change", "split_control"}
    assert plain == set(formulas.CONVERSIONS)
    assert all(
        name == formula.function.__name__ and formula.source for name, formula in stats.FORMULAS.items()
    )
    assert all(getattr(stats, name) is formula.function for name, formula in stats.FORMULAS.items())
