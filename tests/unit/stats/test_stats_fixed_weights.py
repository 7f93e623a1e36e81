"""Fixed weights, intervals of tau2 and the distribution behind them, on cases that are known otherwise."""

import doctest
import importlib

import numpy as np
import pytest
from scipy.special import chdtr

from living import stats
from living.stats import Status
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out
from living.stats.q_distribution import generalised_q, q_below, q_mean, q_variance

Y = np.array([0.1, 0.3, 0.35, 0.65, 0.45, -0.4])
V = np.array([0.03, 0.02, 0.05, 0.01, 0.05, 0.2])
INVERTED = 1e-11  # of the numerical inversion, up to five standard deviations
FAR = 1e-9  # and further out


@pytest.mark.parametrize("module", ["genq", "tau2_se", "henmi_copas"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert found.attempted >= 1
    assert found.failed == 0


@pytest.mark.parametrize("k", [2, 3, 10, 50, 400])
def test_with_inverse_variance_weights_and_no_heterogeneity_q_is_chi_square(k: int) -> None:
    layout = lay_out(np.arange(k) * 1.0, np.linspace(0.1, 4, k))
    w, zero = layout.weights(0.0), np.zeros(())
    for q in np.array([0.02, 0.5, 0.9, 1.1, 1.5]) * (k - 1):
        assert float(q_below(layout, w, zero, np.asarray(q))) == pytest.approx(chdtr(k - 1, q), abs=INVERTED)
    assert float(q_below(layout, w, zero, np.asarray(6.0 * k))) == pytest.approx(chdtr(k - 1, 6 * k), abs=FAR)
    assert float(q_below(layout, w, zero, np.zeros(()))) == 0.0


def test_qs_distribution_has_the_mean_and_variance_of_its_formulas() -> None:
    """Integrals of the tail give the moments: E Q = int P(Q > x) dx, E Q^2 = int 2 x P(Q > x) dx."""
    layout = lay_out(Y, V)
    a, tau2 = layout.weights(0.0) ** 0.5, np.asarray(0.07)
    x = np.linspace(0, 400, 40001)
    tail = 1 - q_below(layout, a, tau2, x)
    mean = float(np.trapezoid(tail, x))
    square = float(np.trapezoid(2 * x * tail, x))
    assert float(q_mean(layout, a, tau2)) == pytest.approx(mean, rel=1e-4)
    assert float(q_variance(layout, a, tau2)) == pytest.approx(square - mean**2, rel=1e-3)


def test_at_the_limits_of_jacksons_interval_the_scatter_has_the_stated_probability() -> None:
    found = stats.generalised_q_interval(Y, V, level=0.9)
    layout = lay_out(Y, V)
    a = layout.member * V**-0.5
    for limit, probability in ((found.low, 0.95), (found.high, 0.05)):
        if limit > 0:
            below = q_below(layout, a, limit, generalised_q(layout, a))
            assert float(below) == pytest.approx(probability, abs=INVERTED)
    assert found.high > 0
    named = stats.generalised_q_interval(Y, V, weights=V**-0.5, level=0.9)
    assert [float(named.low), float(named.high)] == [float(found.low), float(found.high)]


def test_with_two_studies_every_weight_gives_the_q_profile_interval() -> None:
    """One contrast only: its variance is v1 + v2 + 2 tau2 whatever the weights."""
    y, v = [0.1, 1.4], [0.04, 0.09]
    profile = stats.q_profile(y, v)
    for weights in ("1/se", "1/v"):
        found = stats.generalised_q_interval(y, v, weights=weights)
        assert [float(found.low), float(found.high)] == pytest.approx(
            [float(profile.low), float(profile.high)], rel=1e-9
        )


def test_studies_that_agree_too_well_give_an_empty_interval() -> None:
    found = stats.generalised_q_interval([0.5, 0.5, 0.5, 0.5], [0.1, 0.1, 0.1, 0.1])
    assert bool(found.empty)
    assert (float(found.low), float(found.high)) == (0.0, 0.0)


def test_a_limit_beyond_the_search_is_said_to_be_beyond() -> None:
    y, v = [0.1, 1.4], [0.04, 0.09]
    for interval in (stats.generalised_q_interval, stats.profile_likelihood):
        found = interval(y, v, limit=2.0)
        assert bool(found.beyond)
        assert float(found.high) == 2.0
        assert not bool(interval(y, v).beyond)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_at_the_profile_limits_the_likelihood_has_dropped_by_half_the_quantile(method: str) -> None:
    found = stats.profile_likelihood(Y, V, tau2=method)
    layout, restricted = lay_out(Y, V), method == "REML"
    best = log_likelihood(layout, stats.fit(Y, V, tau2=method).tau2, restricted)
    for limit in (found.low, found.high):
        drop = float(best - log_likelihood(layout, limit, restricted))
        if limit > 0:
            assert drop == pytest.approx(3.841458820694124 / 2, rel=1e-9)
        else:
            assert drop < 3.841458820694124 / 2
    assert found.high > 0


def test_batches_equal_loops_and_rows_say_their_reasons() -> None:
    y = np.array([Y, Y[::-1], np.full(6, np.nan)])
    for interval in (stats.generalised_q_interval, stats.profile_likelihood):
        batch, alone = interval(y, V), interval(Y, V)
        assert float(batch.high[0]) == pytest.approx(float(alone.high), rel=1e-12)
        assert list(batch.status) == [Status.OK, Status.OK, Status.MISSING_INPUT]
        assert np.isnan(batch.high[2])
        assert interval([1.0], [0.1]).status == Status.SINGLE_STUDY
    batch = stats.henmi_copas(y, V)
    assert float(batch.ci_low[0]) == pytest.approx(float(stats.henmi_copas(Y, V).ci_low), rel=1e-12)
    assert batch.status[2] == Status.MISSING_INPUT


def test_inverse_variance_weights_give_dersimonian_and_lairds_tau2_and_the_common_effect_mean() -> None:
    found = stats.fit_weighted(Y, V, 1 / V)
    assert float(found.tau2) == pytest.approx(float(stats.fit(Y, V, tau2="DL").tau2), rel=1e-12)
    assert float(found.mu) == pytest.approx(float(stats.fit(Y, V, tau2="CE").mu), rel=1e-12)


def test_weights_matter_by_their_ratio_only_and_must_be_positive() -> None:
    once, twice = stats.fit_weighted(Y, V, 1 / V), stats.fit_weighted(Y, V, 2 / V)
    assert float(once.se) == pytest.approx(float(twice.se), rel=1e-14)
    assert stats.fit_weighted(Y, V, [1, 1, 1, 1, 1, 0]).status == Status.IMPOSSIBLE_INPUT
    left_out = stats.fit_weighted(Y, V, [1, 1, 1, 1, 1, 0], include=[True] * 5 + [False])
    assert float(left_out.mu) == pytest.approx(Y[:5].mean())


def test_henmi_and_copas_keep_the_common_effect_mean_and_widen_its_interval_under_heterogeneity() -> None:
    found, wald = stats.henmi_copas(Y, V), stats.fit(Y, V, tau2="CE", interval="wald")
    assert float(found.tau2) == pytest.approx(float(stats.fit(Y, V, tau2="DL").tau2)) != 0
    assert float(found.mu) == pytest.approx(float(wald.mu))
    assert float(found.ci_low) < float(wald.ci_low)
    assert float(found.ci_high) - float(found.mu) == pytest.approx(float(found.mu) - float(found.ci_low))
