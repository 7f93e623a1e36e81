"""Kenward-Roger and the ad hoc rules around Hartung and Knapp's interval."""

import doctest

import numpy as np
import pytest

from living import stats
from living.stats import Status, adjusted

Y = np.array([0.1, 0.3, 0.35, 0.65, 0.45, -0.4])
V = np.array([0.03, 0.02, 0.05, 0.01, 0.05, 0.2])
AGREEING = np.array([0.30, 0.33, 0.29, 0.31, 0.28, 0.30])


def width(found: stats.Fits) -> float:
    return float(found.ci_high - found.ci_low)


def test_the_examples_run_as_printed() -> None:
    found = doctest.testmod(adjusted)
    assert (found.attempted, found.failed) == (2, 0)


def test_with_equal_variances_kenward_and_roger_need_no_adjustment_of_the_standard_error() -> None:
    """Then the mean's weights do not depend on tau2, and the t distribution has k - 1 degrees of freedom."""
    found = stats.fit_kenward_roger(Y, np.full(6, 0.02))
    wald = stats.fit(Y, np.full(6, 0.02), interval="wald")
    assert float(wald.tau2) > 0
    assert float(found.se) == pytest.approx(float(wald.se), rel=1e-12)
    assert float(found.df) == pytest.approx(5, rel=1e-12)
    assert float(found.mu) == float(wald.mu)


def test_agreeing_studies_get_walds_interval_under_the_wider_rule_and_the_guarded_one_under_iqwigs() -> None:
    wald, guarded = (stats.fit(AGREEING, V, interval=name) for name in ("wald", "HK-guarded"))
    wider, iqwig = stats.fit_wider(AGREEING, V), stats.fit_iqwig(AGREEING, V)
    assert width(wider) == width(wald) > width(stats.fit(AGREEING, V, interval="HK"))
    assert np.isinf(wider.df)
    assert width(iqwig) == pytest.approx(width(guarded))
    assert float(iqwig.df) == 5


def test_scattered_studies_keep_hartung_and_knapps_interval() -> None:
    knapp = stats.fit(Y, V, interval="HK", tau2="PM")
    for rule in (stats.fit_wider, stats.fit_iqwig):
        assert width(rule(Y, V, tau2="PM")) == width(knapp)


def test_identical_studies_have_an_interval_under_both_rules() -> None:
    same = np.full(6, 0.3)
    assert stats.fit(same, V, interval="HK").status == Status.NO_WIDTH
    assert width(stats.fit_wider(same, V)) == width(stats.fit(same, V, interval="wald"))
    assert stats.fit_iqwig(same, V).ok


def test_a_batch_chooses_row_by_row_and_a_bad_row_stays_bad() -> None:
    batch = stats.fit_wider(np.array([Y, AGREEING, np.full(6, np.nan)]), V)
    assert list(batch.status) == [Status.OK, Status.OK, Status.MISSING_INPUT]
    assert list(np.isinf(batch.df[:2])) == [False, True]
    assert batch.weights.shape == (3, 6)
    roger = stats.fit_kenward_roger(np.array([Y, np.full(6, np.nan)]), V)
    assert float(roger.se[0]) == pytest.approx(float(stats.fit_kenward_roger(Y, V).se), rel=1e-12)
    assert np.isnan(roger.se[1])
    assert stats.fit_kenward_roger([0.2], [0.1]).status == Status.SINGLE_STUDY
