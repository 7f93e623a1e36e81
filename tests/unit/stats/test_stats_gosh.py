"""All subsets: example, laws and edges."""

import doctest
import importlib

import numpy as np
import pytest

from living import stats
from living.stats.status import NotEstimable, Status

RNG = np.random.default_rng(11)
VI = RNG.uniform(0.01, 0.2, 13)
YI = RNG.normal(0.3, np.sqrt(VI + 0.05))
# Two routes to the same optimum; each stops when the last digits move.
SAME = 1e-10


def pooled(**settings: object) -> stats.Gosh:
    found = stats.gosh(YI, VI, **settings)
    assert isinstance(found, stats.Gosh)
    return found


def test_the_example_runs_as_printed() -> None:
    found = doctest.testmod(importlib.import_module("living.stats.gosh"))
    assert found.attempted >= 2
    assert found.failed == 0


@pytest.mark.parametrize("method", ["CE", "DL", "REML", "ML", "PM", "HE"])
def test_every_subset_is_the_fit_of_that_subset(method: str) -> None:
    found = pooled(tau2=method)
    assert len(found.mu) == 2**13 - 1
    rows = np.concatenate([np.arange(40), RNG.integers(40, 2**13 - 1, 300), [2**13 - 2]])
    fits = stats.fit(YI, VI, tau2=method, interval="wald", include=found.include[rows])
    assert np.allclose(found.mu[rows], fits.mu, rtol=SAME, atol=1e-12)
    for name in ("tau2", "q"):
        assert np.allclose(
            getattr(found, name)[rows], getattr(fits, name), rtol=SAME, atol=1e-12, equal_nan=True
        ), name
    i2 = fits.i2_q if method == "CE" else fits.i2_tau2
    assert np.allclose(found.i2[rows], i2, rtol=SAME, atol=1e-8, equal_nan=True)
    assert (found.status[rows] == fits.status).all()
    assert found.include[-1].all()


def test_a_sample_depends_on_its_seed_only() -> None:
    one, two = pooled(tau2="DL", sample=5000, seed=3), pooled(tau2="DL", sample=5000, seed=3, threads=2)
    assert one.include.tobytes() == two.include.tobytes()
    assert one.mu.tobytes() == two.mu.tobytes()
    other = pooled(tau2="DL", sample=5000, seed=4)
    assert one.include.tobytes() != other.include.tobytes()
    assert one.k.min() >= 2
    assert stats.Caution.SAMPLED in one.cautions
    assert abs(one.include.mean() - 0.5) < 0.01


def test_a_sample_of_many_studies_has_the_fits_of_its_subsets() -> None:
    v = RNG.uniform(0.01, 0.2, 70)
    y = RNG.normal(0.3, np.sqrt(v + 0.05))
    found = stats.gosh(y, v, sample=300, seed=1)
    assert isinstance(found, stats.Gosh)
    fits = stats.fit(y, v, interval="wald", include=found.include)
    assert np.allclose(found.tau2, fits.tau2, rtol=SAME, atol=1e-12)
    assert found.cautions == (stats.Caution.SAMPLED,)


def test_of_two_modes_the_higher_one_is_reported() -> None:
    """Five studies of dat.dagostino1998 (mean differences); the other mode, at 0.1884, is lower."""
    y = [0.122, -0.281, 1.435, 1.062, 0.226]
    v = [
        0.005020316636029412,
        0.13470459036898064,
        0.22496352380952378,
        0.744140048076923,
        0.007681243550024037,
    ]
    found = stats.gosh(y, v)
    assert isinstance(found, stats.Gosh)
    assert found.tau2[-1] == pytest.approx(0.0012888905, rel=1e-6)


def test_identical_and_far_away_studies_lose_no_digits() -> None:
    y, v = np.array([1e6, 1e6, 1e6 + 1.0, 3.0]), np.array([1e-4, 1e-4, 1e-4, 1.0])
    found = stats.gosh(y, v, tau2="CE")
    assert isinstance(found, stats.Gosh)
    assert found.q[0b11 - 1] == 0
    assert found.q[0b101 - 1] == pytest.approx(5000.0, rel=1e-9)


def test_too_many_subsets_and_samples_without_seed_are_mistakes_of_the_caller() -> None:
    with pytest.raises(ValueError, match="too many subsets"):
        stats.gosh(np.zeros(30), np.ones(30))
    with pytest.raises(ValueError, match="needs a size and a seed"):
        stats.gosh(YI, VI, sample=10)
    with pytest.raises(KeyError):
        stats.gosh(YI, VI, tau2="nothing")
    assert stats.gosh([0.1], [0.2]) == NotEstimable(Status.SINGLE_STUDY)
    assert stats.gosh([0.1, 0.2], [0.2, -1]) == NotEstimable(Status.NO_VARIANCE)


@pytest.mark.parametrize("method", ["CE", "DL", "REML"])
def test_the_number_of_threads_changes_no_bit(method: str) -> None:
    one, three = pooled(tau2=method), pooled(tau2=method, threads=3)
    for name in ("mu", "tau2", "q", "i2"):
        assert getattr(one, name).tobytes() == getattr(three, name).tobytes()
