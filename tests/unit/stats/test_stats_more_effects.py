"""Ratios of means, unequal SDs, shares, correlations and reported statistics, on cases known otherwise."""

import doctest
import importlib

import numpy as np
import pytest
from scipy.special import stdtr

from living import stats
from living.stats import Status, ZeroCells


@pytest.mark.parametrize("module", ["correlations", "smd_reported"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert found.attempted >= 1
    assert found.failed == 0


def test_a_ratio_of_means_does_not_change_with_the_unit_and_turns_round_with_the_groups() -> None:
    metres = stats.ratio_of_means(1.2, 0.3, 20, 1.0, 0.2, 25, corrected=True, vtype="LS2")
    inches = stats.ratio_of_means(12.0, 3.0, 20, 10.0, 2.0, 25, corrected=True, vtype="LS2")
    back = stats.ratio_of_means(1.0, 0.2, 25, 1.2, 0.3, 20, corrected=True, vtype="LS2")
    assert [float(metres.yi), float(metres.vi)] == pytest.approx([float(inches.yi), float(inches.vi)])
    assert [float(metres.yi), float(metres.vi)] == pytest.approx([-float(back.yi), float(back.vi)])


def test_means_of_opposite_sign_have_no_ratio() -> None:
    found = stats.ratio_of_means([-1.0, 0.0, -2.0], 1.0, 20, [1.0, 1.0, -1.0], 1.0, 20)
    assert list(found.status) == [Status.IMPOSSIBLE_INPUT, Status.IMPOSSIBLE_INPUT, Status.OK]
    paired = stats.paired_ratio_of_means(-1.0, 1.0, 1.0, 1.0, 20, 0.5)
    assert int(paired.status) == Status.IMPOSSIBLE_INPUT


def test_the_correlation_within_people_makes_a_paired_ratio_more_certain() -> None:
    loose, tight = (stats.paired_ratio_of_means(5.0, 1.0, 4.0, 1.0, 20, r) for r in (0.1, 0.9))
    assert float(tight.vi) < float(loose.vi)
    assert float(tight.yi) == float(loose.yi) == pytest.approx(np.log(5 / 4))


def test_with_equal_sds_the_standardisers_agree() -> None:
    arms = (3.0, 2.0, 20, 4.0, 2.0, 30)
    pooled = stats.standardised_mean_difference(*arms, correction="none")
    assert float(stats.smd_unequal(*arms, correction="none").yi) == pytest.approx(float(pooled.yi))
    glass = stats.glass_delta(3.0, 4.0, 2.0, 20, 30, correction="none")
    assert float(glass.yi) == pytest.approx(float(pooled.yi))
    raw = stats.smd_raw_sd(1.0, 2.0, 20, 0.4, correction="none")
    for other in (stats.smd_pooled_sd, stats.smd_pooled_sd_unequal, stats.smd_raw_sd_unequal):
        assert float(other(1.0, 2.0, 2.0, 20, 0.4, correction="none").yi) == pytest.approx(float(raw.yi))


def test_t_f_and_p_of_one_comparison_give_the_same_d() -> None:
    arms = stats.standardised_mean_difference(3.0, 2.0, 20, 4.5, 2.0, 30)
    t = (3.0 - 4.5) / (2.0 * np.sqrt(1 / 20 + 1 / 30))
    p = 2 * stdtr(48, -abs(t))
    for found in (
        stats.smd_from_t(t, 20, 30),
        stats.smd_from_f(t**2, -1, 20, 30),
        stats.smd_from_p(p, -1, 20, 30),
    ):
        assert float(found.yi) == pytest.approx(float(arms.yi), rel=1e-12)
        assert float(found.vi) == pytest.approx(float(arms.vi), rel=1e-12)


def test_statistics_that_cannot_be_are_refused_one_by_one() -> None:
    from_f = stats.smd_from_f([4.0, -1.0, 4.0, np.nan], [1, 1, 0, 1], 20, 20)
    assert list(from_f.status) == [
        Status.OK,
        Status.IMPOSSIBLE_INPUT,
        Status.IMPOSSIBLE_INPUT,
        Status.MISSING_INPUT,
    ]
    from_p = stats.smd_from_p([0.03, 0.0, 1.5, 1.0], 1, [20, 20, 20, 1], 20)
    assert list(from_p.status) == [
        Status.OK,
        Status.IMPOSSIBLE_INPUT,
        Status.IMPOSSIBLE_INPUT,
        Status.TOO_FEW_PARTICIPANTS,
    ]


def test_log_odds_and_d_turn_into_each_other() -> None:
    d = stats.standardised_mean_difference(3.0, 2.0, 20, 4.5, 2.0, 30, correction="none")
    for scale in stats.ODDS_SCALES:
        back = stats.smd_from_log_odds(stats.log_odds_from_smd(d, scale), scale)
        assert [float(back.yi), float(back.vi)] == pytest.approx([float(d.yi), float(d.vi)])
    assert float(stats.log_odds_from_smd(d).yi) == pytest.approx(float(d.yi) * 1.8137993642342178)


def test_a_peto_odds_ratio_is_the_excess_over_its_hypergeometric_variance() -> None:
    found = stats.peto_odds_ratio([21], [400], [20], [400])
    variance = 400 * 400 * 41 * 759 / (800**2 * 799)
    assert float(found.yi[0]) == pytest.approx(0.5 / variance)
    assert float(found.vi[0]) == pytest.approx(1 / variance)


def test_empty_cells_follow_the_declared_rule() -> None:
    assert stats.peto_odds_ratio([0], [20], [0], [20], stats.NOTHING_ADDED).status[0] == Status.ZERO_CELL
    assert stats.peto_odds_ratio([0], [20], [3], [20], stats.NOTHING_ADDED).ok[0]
    assert float(stats.arcsine_difference([0], [20], [0], [20]).yi[0]) == 0.0
    for transformed in (stats.proportion, stats.log_proportion, stats.logit_proportion):
        assert transformed([0], [20], stats.NOTHING_ADDED).status[0] == Status.ZERO_CELL
        assert transformed([0], [20]).ok[0]
        assert transformed([21], [20]).status[0] == Status.IMPOSSIBLE_INPUT
    assert float(stats.proportion([0], [20], ZeroCells(add=1.0)).yi[0]) == pytest.approx(1 / 22)
    assert stats.log_rate([0], [20.0], stats.NOTHING_ADDED).status[0] == Status.ZERO_CELL
    assert stats.rate([3], [0.0]).status[0] == Status.IMPOSSIBLE_INPUT


def test_transformed_shares_come_back() -> None:
    assert float(np.sin(stats.arcsine_proportion([5], [20]).yi[0]) ** 2) == pytest.approx(0.25)
    assert float(1 / (1 + np.exp(-stats.logit_proportion([5], [20]).yi[0]))) == pytest.approx(0.25)
    assert float(np.exp(stats.log_proportion([5], [20]).yi[0])) == pytest.approx(0.25)
    assert float(stats.root_rate([9], [4.0]).yi[0]) == pytest.approx(1.5)
    assert float(stats.double_root_rate([900], [400.0]).yi[0]) == pytest.approx(1.5, rel=1e-3)
    assert float(stats.double_arcsine_proportion([500], [2000]).yi[0]) == pytest.approx(np.pi / 6, rel=1e-3)
    assert float(stats.root_rate_difference([9], [4.0], [4], [4.0]).yi[0]) == pytest.approx(0.5)


def test_fishers_z_comes_back_and_a_correlation_beyond_one_is_refused() -> None:
    assert float(stats.correlation_from_z(stats.fisher_z(0.73, 50).yi)) == pytest.approx(0.73)
    assert int(stats.correlation(1.2, 50).status) == Status.IMPOSSIBLE_INPUT
    assert int(stats.fisher_z(0.5, 3).status) == Status.TOO_FEW_PARTICIPANTS
    same = stats.correlation([0.3, 0.3], [20, 40], average=True)
    assert list(same.vi) == pytest.approx(list(stats.correlation([0.3, 0.3], [20, 40]).vi))
