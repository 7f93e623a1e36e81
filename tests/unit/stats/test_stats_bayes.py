"""The posterior against adaptive quadrature that shares none of its code."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from living import stats
from living.stats import NotEstimable, Status

QUADRATURE = 1e-8  # relative; what scipy's adaptive rule can be asked for here
YI = np.array([-0.34, 0.88, 0.49])
VI = np.array([0.0969, 0.6498, 0.1729])


def unnormalised(tau: float) -> float:
    """Half-normal(1) prior times the marginal likelihood of tau under a flat mean."""
    w = 1 / (VI + tau**2)
    mu = (w * YI).sum() / w.sum()
    return float(np.exp(-0.5 * (tau**2 - np.log(w).sum() + np.log(w.sum()) + (w * (YI - mu) ** 2).sum())))


def expectation(function: object) -> float:
    top = quad(lambda t: function(t) * unnormalised(t), 0, 12, epsabs=0, epsrel=1e-11, limit=400)[0]
    return top / quad(unnormalised, 0, 12, epsabs=0, epsrel=1e-11, limit=400)[0]


def given_tau(tau: float) -> tuple[float, float]:
    w = 1 / (VI + tau**2)
    return float((w * YI).sum() / w.sum()), float(w.sum() ** -0.5)


@pytest.fixture(scope="module")
def posterior() -> stats.BayesResult:
    found = stats.bayes(YI, VI, tau_scale=1.0)
    assert isinstance(found, stats.BayesResult)
    return found


def test_the_mean_of_tau_and_of_mu_agree_with_adaptive_quadrature(posterior: stats.BayesResult) -> None:
    assert posterior.tau.mean == pytest.approx(expectation(lambda t: t), rel=QUADRATURE)
    assert posterior.mu.mean == pytest.approx(expectation(lambda t: given_tau(t)[0]), rel=QUADRATURE)


def test_each_reported_quantile_of_mu_cuts_off_its_share(posterior: stats.BayesResult) -> None:
    for limit, share in ((posterior.mu.low, 0.025), (posterior.mu.median, 0.5), (posterior.mu.high, 0.975)):
        mass = expectation(lambda t, x=limit: ndtr((x - given_tau(t)[0]) / given_tau(t)[1]))
        assert mass == pytest.approx(share, rel=QUADRATURE)


def test_each_reported_quantile_of_tau_cuts_off_its_share(posterior: stats.BayesResult) -> None:
    whole = quad(unnormalised, 0, 12, epsabs=0, epsrel=1e-11, limit=400)[0]
    for limit, share in (
        (posterior.tau.low, 0.025),
        (posterior.tau.median, 0.5),
        (posterior.tau.high, 0.975),
    ):
        assert quad(unnormalised, 0, limit, epsabs=0, epsrel=1e-11)[0] / whole == pytest.approx(
            share, rel=QUADRATURE
        )


def test_the_probability_of_an_important_benefit_follows_the_threshold(posterior: stats.BayesResult) -> None:
    found = stats.bayes(YI, VI, tau_scale=1.0, threshold=posterior.mu.low)
    assert isinstance(found, stats.BayesResult)
    assert found.p_below == pytest.approx(0.025, rel=QUADRATURE)


def test_a_new_study_is_more_uncertain_than_the_mean(posterior: stats.BayesResult) -> None:
    assert posterior.new_study.low < posterior.mu.low < posterior.mu.high < posterior.new_study.high


def test_the_same_numbers_give_the_same_posterior_bit_for_bit(posterior: stats.BayesResult) -> None:
    assert stats.bayes(YI, VI, tau_scale=1.0) == posterior


def test_data_far_beyond_the_prior_are_still_integrated() -> None:
    found = stats.bayes([-50.0, 0.0, 60.0, 20.0], [1.0, 1.0, 1.0, 1.0], tau_scale=0.5)
    assert isinstance(found, stats.BayesResult)
    assert found.tau.low < found.tau.median < found.tau.high
    assert found.tau.median > 10 * 0.5


def test_moments_that_are_infinite_are_not_given() -> None:
    found = stats.bayes(YI[:2], VI[:2], tau_prior="half-cauchy", tau_scale=0.5)
    assert isinstance(found, stats.BayesResult)
    assert found.tau.mean is not None
    assert found.tau.sd is None
    assert found.mu.sd is None
    flat = stats.bayes(YI, VI, tau_prior="uniform", tau_scale=1.0)
    assert isinstance(flat, stats.BayesResult)
    assert flat.tau.mean is None


def test_too_flat_a_prior_for_so_few_studies_is_refused() -> None:
    assert stats.bayes(YI[:2], VI[:2], tau_prior="uniform", tau_scale=1.0) == NotEstimable(
        Status.TOO_FEW_STUDIES
    )


def test_a_missing_variance_is_refused_with_its_reason() -> None:
    assert stats.bayes([0.1, 0.2], [0.1, np.nan], tau_scale=1.0) == NotEstimable(Status.MISSING_INPUT)


def test_a_scale_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        stats.bayes(YI, VI, tau_scale=0.0)
