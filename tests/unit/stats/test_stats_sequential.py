"""Looking often without fooling oneself: spending functions, boundaries, required sizes."""

import doctest
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest
from scipy.stats import norm

from living import stats
from living.stats import NotEstimable, Status

INTEGRATED = 1e-9  # the quadrature's error, far above rounding
# Four standard errors of a simulated proportion of 0.05 among 100,000 walks.
SIMULATED = 4 * (0.05 * 0.95 / 100_000) ** 0.5


def looks_of(*values: float, **rules: object) -> stats.Sequential:
    found = stats.sequential(values, [0.04] * len(values), [100] * len(values), **rules)
    assert isinstance(found, stats.Sequential)
    return found


def test_the_examples_run_as_printed() -> None:
    for name in ("information", "spending", "futility"):
        found = doctest.testmod(import_module(f"living.stats.{name}"))
        assert found.attempted
        assert not found.failed


@pytest.mark.parametrize("spent_by", stats.SPENDING)
def test_all_the_error_is_spent_when_the_information_is_complete(spent_by: str) -> None:
    t = np.array([0.2, 0.6, 1.0])
    spent = stats.SPENDING[spent_by](t, 0.025)
    assert spent[-1] == pytest.approx(0.025, abs=1e-15)
    assert (np.diff(spent) > 0).all()


@pytest.mark.parametrize("sides", [1, 2])
def test_a_single_look_needs_no_adjustment(sides: int) -> None:
    found = stats.boundaries([1.0], sides=sides)
    assert found.upper[0] == pytest.approx(norm.isf(0.05 / sides), abs=INTEGRATED)
    assert found.nominal_p[0] == pytest.approx(0.05, abs=INTEGRATED)
    assert stats.inflation(found) == pytest.approx(1.0, abs=2e-6 if sides == 2 else INTEGRATED)


@pytest.mark.parametrize("spent_by", stats.SPENDING)
@pytest.mark.parametrize("sides", [1, 2])
def test_random_walks_cross_the_boundaries_as_often_as_allowed(spent_by: str, sides: int) -> None:
    fractions = np.array([0.1, 0.3, 0.35, 0.8, 1.0])
    found = stats.boundaries(fractions, sides=sides, spending=spent_by)
    steps = np.random.default_rng(20).normal(size=(100_000, 5)) * np.sqrt(np.diff(fractions, prepend=0))
    z = steps.cumsum(1) / np.sqrt(fractions)
    crossed = ((np.abs(z) if sides == 2 else z) >= found.upper).any(1).mean()
    assert crossed == pytest.approx(0.05, abs=SIMULATED)


def test_the_first_crossings_of_one_side_add_up_to_what_was_spent() -> None:
    found = stats.boundaries([0.3, 0.6, 0.9, 1.0], spending="Pocock")
    under_null = stats.crossing(found.fractions, found.upper, [-z for z in found.upper])
    assert under_null.cumsum() == pytest.approx(found.spent, abs=INTEGRATED)


def test_stopping_for_futility_whenever_allowed_keeps_the_power() -> None:
    fractions = np.array([0.3, 0.6, 1.0])
    found = stats.boundaries(fractions, sides=1)
    bounds = stats.futility(found, beta=0.2)
    drift = (norm.isf(0.05) + norm.isf(0.2)) * np.sqrt(bounds.factor)
    steps = np.random.default_rng(22).normal(size=(100_000, 3)) * np.sqrt(np.diff(fractions, prepend=0))
    z = (steps.cumsum(1) + drift * fractions) / np.sqrt(fractions)
    lower = np.array(bounds.lower, dtype=float)
    up, down = z >= found.upper, z < lower
    first = np.argmax(up | down, axis=1)
    power = up[np.arange(len(z)), first].mean()
    assert power == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / len(z)) ** 0.5)
    assert bounds.lower[-1] == found.upper[-1]
    assert bounds.factor > stats.inflation(found, beta=0.2)


def test_futility_needs_a_last_look_and_a_power() -> None:
    with pytest.raises(ValueError, match="last look"):
        stats.futility(stats.boundaries([0.5, 0.9]))
    with pytest.raises(ValueError, match="last look"):
        stats.inflation(stats.boundaries([0.5, 1.0]), beta=0.99)


def test_looks_that_are_close_together_cost_almost_nothing() -> None:
    found = stats.boundaries([0.5, 0.5002, 1.0])
    assert found.upper[2] == pytest.approx(stats.boundaries([0.5, 1.0]).upper[1], abs=2e-3)


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.3], [0.5, 1.1], [np.nan]])
def test_impossible_looks_are_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="information fractions"):
        stats.boundaries(fractions)


def test_an_early_nominally_significant_look_does_not_cross() -> None:
    found = looks_of(-0.5, required=1000)
    assert abs(found.looks[0].z) > 1.96
    assert found.crossed_at is None
    assert not found.enough
    assert found.looks[0].ci_low is not None
    assert found.looks[0].ci_low < 0 < (found.looks[0].ci_high or 0)


def test_looks_after_the_required_size_are_shown_and_not_tested() -> None:
    found = looks_of(-0.5, -0.4, -0.6, -0.5, required=200)
    assert [look.tested for look in found.looks] == [True, True, False, False]
    assert "spent all the error" in found.looks[2].why_not
    assert found.looks[3].boundary is None
    assert found.enough
    assert found.crossed_at == 2


def test_a_look_that_adds_too_little_waits_for_the_next() -> None:
    found = looks_of(-0.5, -0.4, -0.6, required=1000, gap=0.15)
    assert [look.tested for look in found.looks] == [False, True, False]


def test_one_side_counts_upward_crossings_only() -> None:
    assert looks_of(-1.0, required=100, sides=1).crossed_at is None
    assert looks_of(1.0, required=100, sides=1).crossed_at == 1


def test_what_cannot_be_pooled_cannot_be_judged() -> None:
    refused = stats.sequential([0.1, np.nan], [0.1, 0.1], [10, 10], required=100)
    assert refused == NotEstimable(Status.MISSING_INPUT)
    assert stats.diversity([0.1], [0.1]) == NotEstimable(Status.SINGLE_STUDY)
    assert stats.sequential([], [], [], required=100) == NotEstimable(Status.NO_STUDIES)
    with pytest.raises(ValueError, match="required size"):
        stats.sequential([0.1], [0.1], [10], required=0)


def test_diversity_is_zero_without_heterogeneity_and_at_least_i2() -> None:
    assert stats.diversity([0.2, 0.2, 0.2], [0.1, 0.2, 0.3]) == 0
    y, v = [0.1, 0.9, -0.4, 0.5], [0.02, 0.05, 0.03, 0.2]
    d2 = stats.diversity(y, v)
    assert isinstance(d2, float)
    assert d2 >= float(stats.fit(y, v, tau2="DL").i2_q) / 100


def test_the_required_size_has_its_power() -> None:
    size = stats.required_size_means(0.4, 1.3, alpha=0.05, beta=0.2)
    for n, enough in ((size, True), (size - 1, False)):
        drift = 0.4 / np.sqrt(4 * 1.3**2 / n)
        assert (norm.sf(1.959963984540054 - drift) >= 0.8) == enough


def test_two_risks_need_the_size_of_their_average_risk() -> None:
    # 4 (1.959964 + 1.281552)^2 0.15 x 0.85 / 0.1^2 = 535.88
    assert stats.required_size_risks(0.1, 0.2) == 536
    with pytest.raises(ValueError, match="risks"):
        stats.required_size_risks(0.1, 0.1)


def test_required_trials_reach_the_information_and_one_participant_less_does_not() -> None:
    needed = ((norm.isf(0.025) + norm.isf(0.1)) / 0.5) ** 2
    for found in stats.required_trials(0.5, 1.0, 0.04):
        for n, enough in ((found.per_group, True), (found.per_group - 1, False)):
            assert (found.trials / (0.04 + 2 / n) >= needed) == enough
    assert stats.required_trials(0.5, 1.0, 0.04, known=needed) == ()


def test_the_information_fraction_reaches_one_at_the_required_size_of_equal_trials() -> None:
    size = stats.required_size_means(0.5, 1.0)
    fractions = stats.information_fraction([4 / (size / 2)] * 2, 0.0, 0.5)
    assert fractions == pytest.approx([0.5, 1.0], rel=1 / size)


def test_the_adjusted_interval_is_the_boundary_times_the_standard_error() -> None:
    look = looks_of(-0.5, required=200).looks[0]
    assert look.boundary is not None
    assert (look.ci_low, look.ci_high) == (-0.5 - look.boundary * 0.2, -0.5 + look.boundary * 0.2)
    assert looks_of(-0.5, required=200, sides=1).looks[0].ci_high is None


def test_a_look_beyond_the_required_size_counts_as_the_last() -> None:
    found = looks_of(-0.5, -0.4, required=150)
    assert found.looks[1].fraction == pytest.approx(4 / 3)
    assert found.looks[1].boundary == pytest.approx(stats.boundaries([2 / 3, 1.0]).upper[1])


def test_a_look_exactly_one_gap_later_is_tested() -> None:
    assert [look.tested for look in looks_of(-0.5, -0.4, required=400, gap=0.25).looks] == [True, True]


def test_heterogeneity_slows_the_growth_of_information() -> None:
    v = np.array([0.02, 0.05])
    needed = ((norm.isf(0.025) + norm.isf(0.1)) / 0.5) ** 2
    found = stats.information_fraction(v, 0.03, 0.5)
    assert found == pytest.approx(np.cumsum(1 / (v + 0.03)) / needed)
    assert stats.information_fraction(v, 0.03, 0.5, beta=0.2)[1] > found[1]


def test_participants_are_those_of_both_groups_of_all_trials() -> None:
    assert stats.Trials(trials=3, per_group=94).participants == 564


@pytest.mark.parametrize(
    "call",
    [
        lambda: stats.required_size_means(0.0, 1.0),
        lambda: stats.required_size_means(0.5, 0.0),
        lambda: stats.required_size_means(0.5, 1.0, sides=3),
        lambda: stats.required_size_means(0.5, 1.0, beta=0.95),
        lambda: stats.required_size_risks(1.2, 0.1),
        lambda: stats.required_size_risks(0.1, 1.0),
        lambda: stats.adjusted_size(100, 1.0),
        lambda: stats.required_trials(0.5, 1.0, -0.1),
        lambda: stats.information_fraction([0.1], -0.01, 0.5),
        lambda: stats.boundaries([1.0], sides=3),
        lambda: stats.boundaries([1.0], alpha=1.0),
    ],
)
def test_impossible_requirements_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        call()
