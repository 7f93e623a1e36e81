"""Cumulative results, influence, residuals and Baujat: laws, edges and examples."""

import doctest
import importlib

import numpy as np
import pytest

from living import stats
from living.stats.status import NotEstimable, Status

YI = np.array([0.31, -0.12, 0.55, 0.20, 0.91])
VI = np.array([0.04, 0.02, 0.09, 0.01, 0.06])


def test_the_examples_run_as_printed() -> None:
    found = doctest.testmod(importlib.import_module("living.stats.cumulative"))
    assert found.attempted >= 2
    assert found.failed == 0


def test_every_caution_has_a_sentence() -> None:
    assert set(stats.CAUTIONS) == set(stats.Caution)


def test_the_last_cumulative_row_is_the_full_fit_whatever_the_order() -> None:
    whole = stats.fit(YI, VI)
    for order in (None, [5, 1, 4, 2, 3]):
        last = stats.cumulative(YI, VI, order=order)
        for name in ("mu", "ci_low", "tau2", "q"):
            assert getattr(last, name)[-1] == pytest.approx(float(getattr(whole, name)), rel=1e-12), name


def test_studies_of_one_date_keep_the_order_given() -> None:
    tied = stats.cumulative(YI, VI, order=[1, 0, 1, 0, 1], tau2="CE")
    sorted_by_hand = stats.cumulative(YI[[1, 3, 0, 2, 4]], VI[[1, 3, 0, 2, 4]], tau2="CE")
    assert tied.mu.tolist() == sorted_by_hand.mu.tolist()


def test_the_first_cumulative_row_shows_one_study_and_pools_nothing() -> None:
    first = stats.cumulative(YI, VI)
    assert first.status[0] == Status.SINGLE_STUDY
    assert first.mu[0] == YI[0]
    assert np.isnan(first.tau2[0])


def test_an_order_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit 5 studies"):
        stats.cumulative(YI, VI, order=[1, 2])


def test_influence_needs_three_studies_and_says_so() -> None:
    assert stats.influence(YI[:2], VI[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.baujat(YI[:1], VI[:1]) == NotEstimable(Status.SINGLE_STUDY)
    assert stats.blup([0.1, np.nan], [0.1, 0.1]) == NotEstimable(Status.MISSING_INPUT)
    assert stats.standardised_residuals([0.1, 0.2], [0.1, 0.0]) == NotEstimable(Status.NO_VARIANCE)


def test_influence_leaves_out_each_study_as_a_fit_without_it_does() -> None:
    found, full = stats.influence(YI, VI), stats.fit(YI, VI, interval="wald")
    assert isinstance(found, stats.Influence)
    for i in range(len(YI)):
        without = stats.fit(np.delete(YI, i), np.delete(VI, i), interval="wald")
        assert found.tau2_without[i] == pytest.approx(without.tau2, rel=1e-12)
        assert found.q_without[i] == pytest.approx(without.q, rel=1e-12)
        assert found.cooks_distance[i] == pytest.approx((full.mu - without.mu) ** 2 / full.se**2, rel=1e-9)


def test_a_wild_study_is_flagged_and_few_studies_are_cautioned() -> None:
    found = stats.influence([0.1, 0.12, 0.09, 0.11, 3.0], [0.01] * 5, tau2="CE")
    assert isinstance(found, stats.Influence)
    assert found.influential.tolist() == [True] * 5  # it moves the mean of all, so each deletion counts
    assert abs(found.rstudent[4]) > 20
    assert found.cautions == (stats.Caution.FEW_STUDIES,)


def test_influence_rescaled_with_its_data_is_the_same() -> None:
    here, there = stats.influence(YI, VI), stats.influence(10 * YI, 100 * VI)
    assert isinstance(here, stats.Influence)
    assert isinstance(there, stats.Influence)
    for name in ("rstudent", "dffits", "cooks_distance", "covariance_ratio", "dfbetas", "hat"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-9), name
    assert there.tau2_without == pytest.approx(100 * here.tau2_without, rel=1e-9)


def test_studies_that_leave_only_identical_ones_behind_have_a_status() -> None:
    found = stats.influence([0.2, 0.2, 0.2, 0.9], [0.01] * 4, interval="HK")
    assert isinstance(found, stats.Influence)
    assert found.status.tolist() == [Status.OK] * 3 + [Status.NO_WIDTH]
    assert np.isnan(found.rstudent[3])
    assert not found.influential[3]


def test_without_heterogeneity_every_study_is_predicted_at_the_mean() -> None:
    found = stats.blup(YI, VI, tau2="CE")
    assert isinstance(found, stats.Blups)
    assert found.effect == pytest.approx(np.full(5, (YI / VI).sum() / (1 / VI).sum()), rel=1e-12)


def test_baujats_first_coordinate_adds_up_to_q() -> None:
    found = stats.baujat(YI, VI)
    assert isinstance(found, stats.Baujat)
    assert found.heterogeneity.sum() == pytest.approx(float(stats.fit(YI, VI, tau2="CE").q), rel=1e-12)
