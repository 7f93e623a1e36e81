"""Pools of two-by-two tables on numbers that can be checked by hand."""

import doctest

import numpy as np
import pytest

from living import stats
from living.stats import Status, mantel_haenszel
from living.stats import peto as pooled_by_peto

BCG = ([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])


def test_the_examples_run_as_printed() -> None:
    import importlib

    for module in (mantel_haenszel, importlib.import_module("living.stats.peto")):
        found = doctest.testmod(module)
        assert found.attempted >= 2
        assert found.failed == 0


def test_one_table_gives_its_own_odds_ratio_and_is_not_pooled() -> None:
    found = stats.mantel_haenszel_odds_ratio([8], [20], [4], [24])
    own = stats.odds_ratio([8], [20], [4], [24])
    assert found.status == Status.SINGLE_STUDY
    assert float(found.mu) == pytest.approx(float(own.yi[0]))
    assert float(found.se) == pytest.approx(float(own.se[0]))
    assert np.isnan(found.q)


def test_one_table_gives_its_own_risk_ratio_and_rates() -> None:
    for pool, effect in (
        (stats.mantel_haenszel_risk_ratio, stats.risk_ratio),
        (stats.mantel_haenszel_rate_ratio, stats.rate_ratio),
    ):
        found, own = pool([8], [20], [4], [24]), effect([8], [20], [4], [24])
        assert [float(found.mu), float(found.se)] == pytest.approx([float(own.yi[0]), float(own.se[0])])


def test_swapping_the_groups_changes_the_sign_and_nothing_else() -> None:
    a, n, c, m = BCG
    for pool in (
        stats.mantel_haenszel_risk_ratio,
        stats.mantel_haenszel_odds_ratio,
        stats.mantel_haenszel_risk_difference,
        stats.peto,
    ):
        there, back = pool(a, n, c, m), pool(c, m, a, n)
        assert float(there.mu) == pytest.approx(-float(back.mu))
        assert float(there.se) == pytest.approx(float(back.se))
        assert float(there.q) == pytest.approx(float(back.q))


def test_a_study_without_events_changes_neither_ratio_nor_peto() -> None:
    a, n, c, m = BCG
    more = ([*a, 0], [*n, 50], [*c, 0], [*m, 60])
    for pool in (stats.mantel_haenszel_risk_ratio, stats.mantel_haenszel_odds_ratio, stats.peto):
        assert float(pool(*more).mu) == pytest.approx(float(pool(*BCG).mu), rel=1e-14)
        assert float(pool(*more).se) == pytest.approx(float(pool(*BCG).se), rel=1e-14)
        assert int(pool(*more).k) == 4
    assert float(stats.mantel_haenszel_risk_difference(*more).mu) != pytest.approx(
        float(stats.mantel_haenszel_risk_difference(*BCG).mu)
    )


def test_no_events_in_one_group_of_every_study_has_no_ratio_but_a_difference() -> None:
    table = ([0, 0], [20, 30], [3, 1], [21, 29])
    assert stats.mantel_haenszel_risk_ratio(*table).status == Status.ZERO_CELL
    assert np.isnan(stats.mantel_haenszel_risk_ratio(*table).mu)
    assert stats.mantel_haenszel_odds_ratio(*table).status == Status.ZERO_CELL
    assert stats.mantel_haenszel_risk_difference(*table).ok
    assert stats.peto(*table).ok


def test_a_declared_rule_lets_such_studies_be_pooled_after_all() -> None:
    table = ([0, 0], [20, 30], [3, 1], [21, 29])
    found = stats.mantel_haenszel_odds_ratio(*table, zero_cells=stats.ZeroCells())
    by_hand = stats.mantel_haenszel_odds_ratio([0.5, 0.5], [21, 31], [3.5, 1.5], [22, 30])
    assert float(found.mu) == pytest.approx(float(by_hand.mu), rel=1e-14)


def test_a_batch_is_the_same_as_a_loop_and_each_row_says_its_own_reason() -> None:
    a = np.array([[4.0, 6, 3], [0, 0, 0], [1, np.nan, 2], [200, 1, 1]])
    n, c, m = [123, 306, 231], [11, 29, 11], [139, 303, 220]
    found = stats.mantel_haenszel_risk_ratio(a, n, c, m)
    assert list(found.status) == [Status.OK, Status.ZERO_CELL, Status.MISSING_INPUT, Status.IMPOSSIBLE_INPUT]
    assert float(found.mu[0]) == float(stats.mantel_haenszel_risk_ratio(a[0], n, c, m).mu)
    none = stats.peto(*BCG, include=[False, False, False])
    assert none.status == Status.NO_STUDIES


def test_leaving_a_study_out_is_the_pool_of_the_others() -> None:
    a, n, c, m = BCG
    found = pooled_by_peto(*BCG, include=~np.eye(3, dtype=bool))
    assert float(found.mu[0]) == pytest.approx(float(stats.peto(a[1:], n[1:], c[1:], m[1:]).mu), rel=1e-14)


def test_the_continuity_correction_takes_half_an_event_off() -> None:
    plain = stats.cochran_mantel_haenszel(*BCG, correct=False)
    corrected = stats.cochran_mantel_haenszel(*BCG)
    assert float(corrected.statistic) < float(plain.statistic)
    z = float(stats.peto(*BCG).statistic)
    assert float(plain.statistic) == pytest.approx(z**2, rel=1e-12)


def test_identical_tables_have_one_odds_ratio() -> None:
    same = ([5, 5, 5], [20, 20, 20], [8, 8, 8], [22, 22, 22])
    found = stats.breslow_day(*same)
    assert float(found.statistic) == pytest.approx(0, abs=1e-20)
    assert float(found.p) == 1
    assert int(found.df) == 2
    assert stats.breslow_day([5], [20], [8], [22]).status == Status.SINGLE_STUDY


def test_an_odds_ratio_of_exactly_one_needs_no_division_by_zero() -> None:
    balanced = ([5, 10], [20, 40], [10, 5], [40, 20])
    assert float(stats.mantel_haenszel_odds_ratio(*balanced).mu) == pytest.approx(0, abs=1e-15)
    assert float(stats.breslow_day(*balanced).statistic) == pytest.approx(0, abs=1e-20)
