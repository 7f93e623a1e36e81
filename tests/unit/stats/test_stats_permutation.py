"""Permutation tests: counted by hand, sampled with a seed, and refused where they would take forever."""

import doctest
import itertools
import math

import numpy as np
import pytest

from living import stats
from living.stats import NotEstimable, Status, permutation

YI = [0.1, 0.5, -0.2, 0.9, 0.4, 0.3]
VI = [0.02, 0.03, 0.05, 0.02, 0.04, 0.08]
X = [1.0, 2.0, 1.0, 4.0, 2.0, 3.0]


def answer(*data: object, **rules: object) -> stats.PermutationTest:
    found = stats.permutation_test(*data, **rules)
    assert isinstance(found, stats.PermutationTest)
    return found


def test_the_examples_run_as_printed() -> None:
    found = doctest.testmod(permutation)
    assert (found.attempted > 0, found.failed) == (True, 0)


@pytest.mark.parametrize("tau2", sorted(stats.TAU2))
@pytest.mark.parametrize("interval", ["wald", "HK"])
def test_sign_flips_are_those_of_a_plain_loop(tau2: str, interval: str) -> None:
    flips = np.array(list(itertools.product([1, -1], repeat=6)))
    statistics = stats.fit(flips * YI, VI, tau2=tau2, interval=interval).statistic
    expected = np.mean(np.abs(statistics) >= abs(statistics[0]) - permutation.TIE)
    found = answer(YI, VI, tau2=tau2, interval=interval)
    assert found.p == (expected,)
    assert (found.p_moderators, found.arrangements, found.exact) == (None, 64, True)


@pytest.mark.parametrize(
    "studies",
    [
        ([2.754, 2.882, 3.106, 2.95, 3.2], [1e-5, 0.29, 0.36, 0.2, 0.1]),  # one precise, all far from zero
        ([0.122, -0.281, 1.435, 1.062, 0.226], [0.005, 0.1347, 0.225, 0.7441, 0.00768]),  # two modes
        ([0.4, 0.4, 0.4, 0.4], [0.02, 0.03, 0.05, 0.02]),
    ],
)
def test_flips_of_difficult_studies_are_those_of_a_plain_loop(
    studies: tuple[list[float], list[float]],
) -> None:
    yi, vi = studies
    flips = np.array(list(itertools.product([1, -1], repeat=len(yi))))
    statistics = stats.fit(flips * yi, vi, interval="wald").statistic
    found = answer(yi, vi)
    assert found.statistic == pytest.approx((statistics[0],), rel=1e-12)
    assert found.p == (np.mean(np.abs(statistics) >= abs(statistics[0]) - permutation.TIE),)


@pytest.mark.parametrize("tau2", ["REML", "DL", "CE"])
def test_orders_are_those_of_a_plain_loop_over_all_of_them(tau2: str) -> None:
    orders = np.array(list(itertools.permutations(range(6))))
    every = stats.meta_regression(YI, VI, np.array(X)[orders][..., None], tau2=tau2, interval="HK")
    reached = np.abs(every.statistic) >= np.abs(every.statistic[0]) - permutation.TIE
    found = answer(YI, VI, X, tau2=tau2, interval="HK")
    assert found.p == pytest.approx(reached.mean(0), rel=1e-12)
    assert found.p_moderators == pytest.approx(np.mean(every.qm >= every.qm[0] - permutation.TIE), rel=1e-12)
    assert found.arrangements == math.factorial(6) // 4


def test_draws_come_from_the_seed_and_approach_the_exact_answer() -> None:
    exact, one, two, other = (
        answer(YI, VI, X, **rules) for rules in ({}, *({"draws": 2000, "seed": s} for s in (1, 1, 2)))
    )
    assert one == two
    assert one.p != other.p
    assert (one.arrangements, one.exact) == (2000, False)
    assert one.p_moderators == pytest.approx(exact.p_moderators, abs=4 * math.sqrt(0.25 / 2000))
    assert answer(YI, VI, draws=4000, seed=3).p[0] == pytest.approx(answer(YI, VI).p[0], abs=0.032)


def test_an_endless_enumeration_is_refused_before_it_starts() -> None:
    many = np.linspace(-1, 1, 30)
    with pytest.raises(ValueError, match="draws and a seed"):
        stats.permutation_test(many, np.full(30, 0.1))
    with pytest.raises(ValueError, match="draws and a seed"):
        stats.permutation_test(many, np.full(30, 0.1), many**2)
    with pytest.raises(ValueError, match="seed"):
        stats.permutation_test(YI, VI, draws=100)
    with pytest.raises(ValueError, match="one list"):
        stats.permutation_test([YI], [VI])


def test_studies_that_cannot_be_fitted_give_the_reason() -> None:
    assert stats.permutation_test(YI, [0.0, *VI[1:]]) == NotEstimable(Status.NO_VARIANCE)
    assert stats.permutation_test(YI, VI, [1.0] * 6) == NotEstimable(Status.COLLINEAR)
    assert stats.permutation_test(YI[:2], VI[:2], X[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.permutation_test([0.4] * 4, VI[:4], interval="HK") == NotEstimable(Status.NO_WIDTH)
