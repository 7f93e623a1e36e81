"""Funnel asymmetry: examples, edges and laws."""

import doctest
import importlib
from itertools import permutations

import numpy as np
import pytest

from living import stats
from living.stats.rank import exact_p
from living.stats.status import NotEstimable, Status

YI = np.array([0.9, 0.75, 0.5, 0.3, 0.28, 0.41])
VI = np.array([0.16, 0.09, 0.04, 0.01, 0.02, 0.05])


@pytest.mark.parametrize("module", ["asymmetry", "rank"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert found.attempted >= 2
    assert found.failed == 0


def test_the_slope_is_the_intercept_of_eggers_own_formulation() -> None:
    found = stats.egger(YI, VI)
    assert isinstance(found, stats.Asymmetry)
    precision = 1 / np.sqrt(VI)
    slope, intercept = np.polyfit(precision, YI * precision, 1)
    assert (found.slope, found.intercept) == pytest.approx((intercept, slope), rel=1e-10)


def test_equal_standard_errors_are_refused_and_nearly_equal_ones_cautioned() -> None:
    for test in (stats.egger, stats.egger_random, stats.begg):
        assert test(YI, np.full(6, 0.04)) == NotEstimable(Status.COLLINEAR)
    close = stats.egger(YI, 0.04 + 0.001 * np.arange(6))
    assert isinstance(close, stats.Asymmetry)
    assert stats.Caution.EQUAL_PRECISION in close.cautions
    assert stats.Caution.FEW_STUDIES in close.cautions


def test_ten_unequal_studies_that_agree_have_no_caution() -> None:
    found = stats.egger(0.3 + 0.01 * np.arange(10) % 0.03, 0.01 * np.arange(1, 11))
    assert isinstance(found, stats.Asymmetry)
    assert found.cautions == ()


def test_two_studies_and_missing_numbers_are_refused() -> None:
    assert stats.egger(YI[:2], VI[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.begg(YI[:2], VI[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.begg([], []) == NotEstimable(Status.NO_STUDIES)
    assert stats.begg([0.1, np.nan, 0.2], VI[:3]) == NotEstimable(Status.MISSING_INPUT)
    assert stats.egger_random([0.1, 0.2, 0.3], [0.1, 0.0, 0.2]) == NotEstimable(Status.NO_VARIANCE)
    assert stats.egger(YI, VI, predictor="n", n=[10, 20, np.nan, 5, 6, 7]) == NotEstimable(
        Status.MISSING_INPUT
    )


def test_a_predictor_without_its_sizes_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError, match="needs n"):
        stats.egger(YI, VI, predictor="inverse-n")
    with pytest.raises(ValueError, match="do not fit"):
        stats.egger(YI, VI, predictor="n", n=[1, 2])


def test_points_on_a_line_leave_no_scatter_to_test_with() -> None:
    se = np.array([0.125, 0.25, 0.5, 1.0])
    assert stats.egger(1 + 2 * se, se**2) == NotEstimable(Status.NO_WIDTH)


def test_an_impossible_level_is_refused_before_the_studies_are_looked_at() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stats.egger_random([0.1], [0.2], level=1.0)


def test_exact_p_counts_orders() -> None:
    scores = [
        sum(np.sign(order[j] - order[i]) for j in range(5) for i in range(j))
        for order in permutations(range(5))
    ]
    for score in range(-10, 11, 2):
        share = np.mean([abs(s) >= abs(score) for s in scores])
        assert exact_p(score, 5) == pytest.approx(share, abs=1e-12), score


def test_ties_are_told_and_use_the_approximation() -> None:
    found = stats.begg(YI, [0.16, 0.09, 0.04, 0.04, 0.02, 0.05])
    assert isinstance(found, stats.RankTest)
    assert not found.exact
    assert stats.Caution.TIES in found.cautions


def test_swapping_the_groups_turns_the_slope_of_harbord_around() -> None:
    table = ([1, 9, 2, 12, 30], [40, 135, 200, 300, 900], [2, 23, 7, 30, 40], [36, 135, 200, 310, 880])
    here, there = stats.harbord(*table), stats.harbord(*table[2:], *table[:2])
    assert isinstance(here, stats.Asymmetry)
    assert isinstance(there, stats.Asymmetry)
    assert there.slope == pytest.approx(-here.slope, rel=1e-9)
    assert there.p == pytest.approx(here.p, rel=1e-9)


def test_studies_without_events_say_nothing_about_a_ratio() -> None:
    table = ([1, 9, 2, 12], [40, 135, 200, 300], [2, 23, 7, 30], [36, 135, 200, 310])
    wider = tuple([*column, extra] for column, extra in zip(table, (0, 50, 0, 50), strict=True))
    for test in (stats.harbord, stats.schwarzer):
        assert test(*wider) == test(*table)
    assert stats.schwarzer([0, 0, 0], [9, 9, 9], [1, 2, 3], [9, 9, 9]) == NotEstimable(Status.ZERO_CELL)
