"""Models of counts: against integrals done another way, and why there may be no answer."""

import doctest
import itertools
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, nchypergeom_fisher, norm, poisson

from living import stats
from living.stats import NotEstimable, Status, glmm
from living.stats import random_intercept as kernel
from living.stats.families import binomial, hypergeometric

A, N1 = np.array([3.0, 5, 2, 19, 4]), np.array([50.0, 60, 40, 80, 90])
C, N2 = np.array([6.0, 3, 12, 12, 9]), np.array([50.0, 61, 42, 79, 85])


def pooled(function: Any, *data: object, **rules: object) -> stats.CountPool:
    found = function(*data, **rules)
    assert isinstance(found, stats.CountPool)
    return found


def test_the_examples_run_as_printed() -> None:
    found = doctest.testmod(glmm)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_the_quadrature_gives_the_integral() -> None:
    model = glmm._conditional(binomial(A[:, None], N1[:, None]), np.zeros(5))
    integral = sum(
        np.log(
            quad(lambda u, x=x, n=n: binom.pmf(x, n, 1 / (1 + np.exp(-u))) * norm.pdf(u, -2, 0.7), -9, 5)[0]
        )
        for x, n in zip(A, N1, strict=True)
    )
    assert kernel.at(model, -2.0, 0.7, np.zeros(5)).log_likelihood == pytest.approx(integral, rel=1e-8)


def test_the_hypergeometric_family_is_that_of_fisher() -> None:
    log_lik, residual, weight = hypergeometric(A, N1, C, N2)(np.full((5, 1, 1), 0.4))
    fisher = [
        nchypergeom_fisher(int(n1 + n2), int(n1), int(a + c), np.exp(0.4))
        for a, n1, c, n2 in zip(A, N1, C, N2, strict=True)
    ]
    assert log_lik[:, 0, 0] == pytest.approx([f.logpmf(a) for f, a in zip(fisher, A, strict=True)], rel=1e-6)
    assert residual[:, 0, 0] == pytest.approx(
        [a - f.mean() for f, a in zip(fisher, A, strict=True)], rel=1e-5
    )
    assert weight[:, 0, 0] == pytest.approx([f.var() for f in fisher], rel=1e-5)


MODELS = [
    *((stats.glmm_odds_ratio, model) for model in glmm.ODDS_RATIO_MODELS),
    *((stats.glmm_rate_ratio, model) for model in glmm.RATE_RATIO_MODELS),
]


@pytest.mark.parametrize(("function", "model"), MODELS)
def test_swapping_the_groups_turns_the_ratio_round(function: Any, model: str) -> None:
    here = pooled(function, A, N1, C, N2, model=model)
    back = pooled(function, C, N2, A, N1, model=model)
    assert here.tau2 > 0
    assert back.mu == pytest.approx(-here.mu, abs=1e-6)
    assert (back.tau2, back.se) == (pytest.approx(here.tau2, rel=1e-5), pytest.approx(here.se, rel=1e-5))


@pytest.mark.parametrize("exact", [True, False])
def test_the_estimate_is_a_maximum_of_its_own_likelihood(exact: bool) -> None:
    alpha = np.zeros(5)
    if exact:
        model = glmm._conditional(hypergeometric(A, N1, C, N2), alpha)
    else:
        model = glmm._own_level(binomial(np.stack([A, C], 1), np.stack([N1, N2], 1)), np.zeros((5, 2)))
    best = kernel.maximise_likelihood(model, alpha, common=False)
    assert best is not None
    for shift, factor in itertools.product((-0.01, 0.0, 0.01), (0.98, 1.0, 1.02)):
        here = kernel.at(model, best.theta + shift, best.tau * factor, best.alpha)
        assert here.log_likelihood <= best.log_likelihood + 1e-9


def test_without_heterogeneity_an_unconditional_model_is_the_plain_logistic_regression() -> None:
    found = pooled(stats.glmm_odds_ratio, A, N1, C, N2, method="CE")

    def p1(alpha: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(alpha + found.mu)))

    def p2(alpha: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-alpha))

    alpha = np.zeros(5)
    for _ in range(60):
        w = N1 * p1(alpha) * (1 - p1(alpha)) + N2 * p2(alpha) * (1 - p2(alpha))
        alpha = alpha + (A + C - N1 * p1(alpha) - N2 * p2(alpha)) / w
    assert (A - N1 * p1(alpha)).sum() == pytest.approx(0, abs=1e-6)
    expected = binom.logpmf(A, N1, p1(alpha)).sum() + binom.logpmf(C, N2, p2(alpha)).sum()
    assert found.log_likelihood == pytest.approx(expected, rel=1e-9)
    ceiling = binom.logpmf(A, N1, A / N1).sum() + binom.logpmf(C, N2, C / N2).sum()
    assert found.q_lrt == pytest.approx(2 * (ceiling - expected), rel=1e-7)


def test_a_common_exact_odds_ratio_has_the_information_of_fishers_distribution() -> None:
    found = pooled(stats.glmm_odds_ratio, A, N1, C, N2, model="CM.EL", method="CE")
    fisher = [
        nchypergeom_fisher(int(n1 + n2), int(n1), int(a + c), np.exp(found.mu))
        for a, n1, c, n2 in zip(A, N1, C, N2, strict=True)
    ]
    assert sum(f.mean() for f in fisher) == pytest.approx(A.sum(), rel=1e-5)
    assert found.se == pytest.approx(sum(f.var() for f in fisher) ** -0.5, rel=1e-5)


def test_two_rates_alone_have_their_own_ratio() -> None:
    found = pooled(stats.glmm_rate_ratio, [4, 8], [10.0, 20.0], [3, 6], [12.0, 24.0], method="CE")
    assert found.mu == pytest.approx(np.log((12 / 30) / (9 / 36)), rel=1e-9)
    assert found.se == pytest.approx((1 / 12 + 1 / 9) ** 0.5, rel=1e-6)
    assert found.q_lrt == pytest.approx(0, abs=1e-9)
    assert found.log_likelihood == pytest.approx(poisson.logpmf([4, 8, 3, 6], [4, 8, 3, 6]).sum(), rel=1e-9)


def test_studies_without_events_change_nothing() -> None:
    plain = pooled(stats.glmm_odds_ratio, A, N1, C, N2)
    more = pooled(stats.glmm_odds_ratio, [*A, 0, 30], [*N1, 99, 30], [*C, 0, 20], [*N2, 95, 20])
    assert (more.k, more.informative) == (7, 5)
    assert (more.mu, more.se, more.tau2) == (plain.mu, plain.se, plain.tau2)


def test_studies_that_could_not_differ_more_still_have_a_largest_likelihood() -> None:
    found = pooled(stats.glmm_proportion, [0, 5, 10], [10, 10, 10])
    assert found.mu == pytest.approx(0, abs=1e-9)
    assert found.tau2 > 20


def test_a_zero_in_one_arm_is_no_obstacle() -> None:
    found = pooled(stats.glmm_odds_ratio, [0, *A], [30, *N1], [4, *C], [30, *N2], model="CM.EL")
    assert np.isfinite([found.mu, found.se, found.q_lrt]).all()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (([], [], [], []), Status.NO_STUDIES),
        (([1], [9], [2], [9]), Status.SINGLE_STUDY),
        (([1, np.nan], [9, 9], [2, 2], [9, 9]), Status.MISSING_INPUT),
        (([1, 10], [9, 9], [2, 2], [9, 9]), Status.IMPOSSIBLE_INPUT),
        (([1, 1.5], [9, 9], [2, 2], [9, 9]), Status.IMPOSSIBLE_INPUT),
        (([0, 0], [9, 9], [0, 0], [9, 9]), Status.DOUBLE_ZERO),
        (([0, 0], [9, 9], [2, 3], [9, 9]), Status.ONE_SIDED),
        (([9, 9], [9, 9], [2, 3], [9, 9]), Status.ONE_SIDED),
        (([0, 3], [9, 9], [0, 4], [9, 9]), Status.SINGLE_STUDY),
    ],
)
def test_counts_without_a_ratio_say_why(data: tuple[Any, ...], status: Status) -> None:
    for model in ("UM.FS", "CM.EL"):
        assert stats.glmm_odds_ratio(*data, model=model) == NotEstimable(status)


def test_rates_and_proportions_without_an_answer_say_why() -> None:
    rate = stats.glmm_rate_ratio
    assert rate([1, 2], [1.0, 0.0], [2, 2], [1.0, 1.0]) == NotEstimable(Status.IMPOSSIBLE_INPUT)
    assert rate([1, 2], [1.0, np.nan], [2, 2], [1.0, 1.0]) == NotEstimable(Status.MISSING_INPUT)
    assert rate([0, 0], [1.0, 1.0], [2, 2], [1.0, 1.0]) == NotEstimable(Status.ONE_SIDED)
    assert stats.glmm_proportion([0, 0], [9, 8]) == NotEstimable(Status.ZERO_CELL)
    for wrong in ({"model": "UM.RS"}, {"method": "REML"}):
        with pytest.raises(KeyError):
            stats.glmm_odds_ratio(A, N1, C, N2, **wrong)
    with pytest.raises(ValueError, match="one length"):
        stats.glmm_odds_ratio([A], [N1], [C], [N2])
