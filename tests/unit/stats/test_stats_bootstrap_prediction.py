"""The bootstrap prediction interval: its draws of tau2, its seed, and when there is none."""

import doctest

import numpy as np
import pytest

from living import stats
from living.stats import NotEstimable, Status, nagashima
from living.stats.moments import lay_out

Y = [0.1, 0.3, 0.35, 0.65, 0.45, -0.4]
V = [0.03, 0.02, 0.05, 0.01, 0.05, 0.2]
INTERPOLATED = 1e-4  # linear interpolation between 1600 knots, far below the noise of any number of draws


def test_the_example_runs_as_printed() -> None:
    found = doctest.testmod(nagashima)
    assert (found.attempted, found.failed) == (2, 0)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    first, again, other = (stats.bootstrap_prediction(Y, V, seed=s, draws=500) for s in (3, 3, 4))
    assert first == again
    assert first != other


def test_drawn_tau2_has_the_quantiles_of_the_interval_from_cochrans_q() -> None:
    """The same distribution inverted elsewhere: the limits of Biggerstaff and Jackson's interval."""
    for level in (0.5, 0.8, 0.95):
        interval = stats.generalised_q_interval(Y, V, weights="1/v", level=level)
        tail = (1 - level) / 2
        drawn = nagashima.draw_tau2(lay_out(Y, V), np.array([tail, 1 - tail]))
        assert drawn[1] == pytest.approx(float(interval.high), rel=INTERPOLATED)
        assert drawn[0] == pytest.approx(float(interval.low), rel=INTERPOLATED, abs=INTERPOLATED * min(V))


def test_the_bootstrap_is_wider_than_the_usual_interval_with_few_studies() -> None:
    found = stats.bootstrap_prediction(Y, V, seed=1)
    assert isinstance(found, stats.BootstrapPrediction)
    usual = stats.fit(Y, V, tau2="DL", interval="wald")
    assert found.pi_high - found.pi_low > float(usual.pi_high - usual.pi_low)
    assert found.mu == pytest.approx(float(usual.mu))


def test_too_little_to_go_on_is_said() -> None:
    for case, status in (
        (([0.1, 0.2], [0.1, 0.1]), Status.TOO_FEW_STUDIES),
        (([0.1], [0.1]), Status.SINGLE_STUDY),
        (([0.3, 0.3, 0.3], [0.1, 0.2, 0.3]), Status.NO_WIDTH),
        (([0.3, np.nan, 0.3], [0.1, 0.2, 0.3]), Status.MISSING_INPUT),
    ):
        assert stats.bootstrap_prediction(*case, seed=1) == NotEstimable(status)


def test_requests_that_make_no_sense_are_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ValueError, match="100 draws"):
        stats.bootstrap_prediction(Y, V, seed=1, draws=10)
    with pytest.raises(ValueError, match="one length"):
        stats.bootstrap_prediction(Y, V[:3], seed=1)
