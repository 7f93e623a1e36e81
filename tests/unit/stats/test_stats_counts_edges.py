"""Counts, shares and rates at the borders of what they allow: empty cells, full cells, impossible numbers."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from living import stats
from living.stats import NOTHING_ADDED, Effects, Status, ZeroCells

Measure = Callable[..., Effects]


def status_of(found: Effects) -> Status:
    assert np.isnan(found.yi).all() == np.isnan(found.vi).all() == (found.status != Status.OK).all()
    return Status(int(np.ravel(found.status)[0]))


@pytest.mark.parametrize(
    "measure",
    [
        stats.risk_ratio,
        stats.odds_ratio,
        stats.risk_difference,
        stats.risk_difference_at_averages,
        stats.arcsine_difference,
    ],
)
def test_counts_below_zero_or_above_the_group_are_impossible_in_either_group(measure: Measure) -> None:
    for counts in ((-1, 20, 5, 20), (5, 20, -1, 20), (21, 20, 5, 20), (5, 20, 21, 20)):
        assert status_of(measure(*counts)) == Status.IMPOSSIBLE_INPUT
    assert status_of(measure(1, 20, 19, 20)) == Status.OK


@pytest.mark.parametrize(
    ("measure", "counts"),
    [
        (stats.rate_ratio, (5, 20.0, 6, 20.0)),
        (stats.rate_difference, (5, 20.0, 6, 20.0)),
        (stats.root_rate_difference, (5, 20.0, 6, 20.0)),
        (stats.rate, (5, 20.0)),
        (stats.log_rate, (5, 20.0)),
        (stats.root_rate, (5, 20.0)),
        (stats.double_root_rate, (5, 20.0)),
    ],
)
def test_events_below_zero_and_times_of_none_are_impossible(
    measure: Measure, counts: tuple[float, ...]
) -> None:
    for place, worst in enumerate((-1, 0.0, -1, 0.0)[: len(counts)]):
        changed = tuple(worst if i == place else value for i, value in enumerate(counts))
        assert status_of(measure(*changed)) == Status.IMPOSSIBLE_INPUT
    short = tuple(0.25 if i % 2 else value for i, value in enumerate(counts))
    assert status_of(measure(*short)) == Status.OK


@pytest.mark.parametrize(
    "measure",
    [
        stats.proportion,
        stats.log_proportion,
        stats.logit_proportion,
        stats.arcsine_proportion,
        stats.double_arcsine_proportion,
    ],
)
def test_a_share_lies_within_a_group_that_has_somebody(measure: Callable[[Any, Any], Effects]) -> None:
    for x, n in ((-1, 20), (21, 20), (0, 0)):
        assert status_of(measure(x, n)) == Status.IMPOSSIBLE_INPUT
    for x, n in ((0, 20), (20, 20), (19.5, 20), (1, 1)):
        assert status_of(measure(x, n)) == Status.OK


def test_groups_of_nobody_or_of_one_are_refused_without_a_warning() -> None:
    assert status_of(stats.proportion(0, 0, NOTHING_ADDED)) == Status.IMPOSSIBLE_INPUT
    assert status_of(stats.proportion(0.5, 1, unbiased=True)) == Status.MISSING_INPUT
    for counts in ((0, 0, 5, 20), (5, 20, 0, 0)):
        for measure in (stats.risk_ratio, stats.odds_ratio, stats.peto_odds_ratio):
            assert status_of(measure(*counts, NOTHING_ADDED)) == Status.ZERO_CELL
        for measure in (stats.risk_difference, stats.risk_difference_at_averages, stats.arcsine_difference):
            assert status_of(measure(*counts, NOTHING_ADDED)) == Status.MISSING_INPUT


def test_whole_numbers_of_large_trials_do_not_overflow() -> None:
    """n m x y / (N^2 (N - 1)) with 10^5 people in each group: the product is beyond 64-bit integers."""
    found = stats.peto_odds_ratio([900], [100_000], [1100], [100_000])
    assert float(1 / found.vi[0]) == pytest.approx(2000 * 198_000 / (4 * 199_999), rel=1e-12)
    assert float(found.yi[0] / found.vi[0]) == pytest.approx(-100.0)


def test_where_everybody_has_the_event_nothing_added_leaves_an_empty_cell() -> None:
    for measure in (stats.proportion, stats.log_proportion, stats.logit_proportion):
        assert status_of(measure(20, 20, NOTHING_ADDED)) == Status.ZERO_CELL
    assert float(stats.logit_proportion(20, 20).yi[0]) == pytest.approx(math.log(20.5 / 0.5))
    for ratio in (stats.risk_ratio, stats.odds_ratio):
        for counts in ((0, 20, 3, 20), (3, 20, 0, 20)):
            assert status_of(ratio(*counts, NOTHING_ADDED)) == Status.ZERO_CELL
    for counts in ((20, 20, 3, 20), (3, 20, 20, 20)):
        assert status_of(stats.odds_ratio(*counts, NOTHING_ADDED)) == Status.ZERO_CELL
        assert status_of(stats.risk_ratio(*counts, NOTHING_ADDED)) == Status.OK


def test_half_an_event_is_added_to_events_and_never_to_time() -> None:
    assert float(stats.rate(0, 20.0).yi[0]) == pytest.approx(0.5 / 20)
    assert float(stats.log_rate(0, 20.0).yi[0]) == pytest.approx(math.log(0.5 / 20))
    assert float(stats.rate_ratio(0, 20.0, 3, 30.0).yi[0]) == pytest.approx(math.log((0.5 / 20) / (3.5 / 30)))
    assert float(stats.rate_difference(3, 30.0, 0, 20.0).yi[0]) == pytest.approx(3.5 / 30 - 0.5 / 20)


def test_rates_without_events_have_a_difference_unless_both_are_empty() -> None:
    for counts in ((0, 20.0, 3, 30.0), (3, 30.0, 0, 20.0)):
        assert status_of(stats.rate_ratio(*counts, NOTHING_ADDED)) == Status.ZERO_CELL
        assert status_of(stats.rate_difference(*counts, NOTHING_ADDED)) == Status.OK
    assert status_of(stats.rate_difference(0, 20.0, 0, 30.0, NOTHING_ADDED)) == Status.ZERO_CELL
    assert status_of(stats.root_rate_difference(0, 20.0, 0, 30.0)) == Status.OK
    for measure in (stats.rate, stats.log_rate):
        assert status_of(measure(0, 20.0, NOTHING_ADDED)) == Status.ZERO_CELL


def test_risks_of_none_or_all_in_both_groups_have_no_difference_with_nothing_added() -> None:
    for x, z in ((0, 0), (0, 20), (20, 0), (20, 20)):
        assert status_of(stats.risk_difference(x, 20, z, 20, NOTHING_ADDED)) == Status.ZERO_CELL
    assert status_of(stats.risk_difference(0, 20, 3, 20, NOTHING_ADDED)) == Status.OK
    assert status_of(stats.risk_difference(3, 20, 20, 20, NOTHING_ADDED)) == Status.OK


def test_studies_with_events_only_are_double_zeros_too() -> None:
    dropping = ZeroCells(drop00=True)
    for measure in (stats.risk_ratio, stats.odds_ratio, stats.risk_difference):
        assert status_of(measure(20, 20, 30, 30, dropping)) == Status.DOUBLE_ZERO
        assert status_of(measure(0, 20, 30, 30, dropping)) == Status.OK
    assert status_of(stats.rate_ratio(0, 20.0, 0, 30.0, dropping)) == Status.DOUBLE_ZERO
    assert status_of(stats.rate_ratio(0, 20.0, 1, 30.0, dropping)) == Status.OK


def test_a_rule_for_empty_cells_adds_nothing_negative() -> None:
    for wrong in (-0.5, np.nan):
        with pytest.raises(ValueError, match=r"^the amount added to empty cells must not be negative$"):
            ZeroCells(add=wrong)
    with pytest.raises(ValueError, match="'often' is not one of only0, all, if0all, none"):
        ZeroCells(to="often")
    assert ZeroCells(add=0.0).add == 0.0


def test_each_row_of_a_batch_looks_for_its_own_empty_cells() -> None:
    found = stats.odds_ratio([[0, 4], [3, 4]], 20, [[3, 5], [3, 5]], 20, ZeroCells(to="if0all"))
    plain = math.log((4 / 16) / (5 / 15))
    assert float(found.yi[0, 1]) == pytest.approx(math.log((4.5 / 16.5) / (5.5 / 15.5)))
    assert float(found.yi[1, 1]) == pytest.approx(plain)


def test_each_row_of_a_batch_has_its_own_peto_pool() -> None:
    rows = ([[1, 0, 2], [3, 4, 2]], [40, 38, 55], [[4, 2, 6], [5, 4, 9]], [41, 36, 52])
    both = stats.peto(*rows)
    for i in range(2):
        one = stats.peto(rows[0][i], rows[1], rows[2][i], rows[3])
        for name in ("mu", "se", "q"):
            assert float(getattr(both, name)[i]) == pytest.approx(float(getattr(one, name)), rel=1e-14)
