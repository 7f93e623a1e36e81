"""The fast search for tau2: what it looks at once, and what it hands on to the search that compares peaks."""

import numpy as np
import pytest

from living import stats
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out
from living.stats.rows import Rows, maximise_rows

HEIGHT = 1e-9  # log-likelihoods nearer than this cannot be told apart
METHODS = ("REML", "ML")


def rows_of(yi: np.ndarray, vi: np.ndarray) -> Rows:
    return Rows(yi, vi, np.ones_like(vi))


def highest_seen(yi: np.ndarray, vi: np.ndarray, method: str) -> np.ndarray:
    """The best height on a grid much finer than the one the search looks at."""
    layout, smallest = lay_out(yi, vi), vi.min(-1)
    points = [smallest * (1.04**j - 1) for j in range(400)]
    return np.max([log_likelihood(layout, point, method == "REML") for point in points], axis=0)


def test_a_peak_hidden_between_two_points_that_are_looked_at_is_found() -> None:
    """The likelihood falls at 0 and at 0.04, the smallest variance and next point; its peak lies between."""
    yi, vi = np.array([[0.0, 0.92]]), np.array([[0.04, 0.2]])
    _, doubtful = maximise_rows(rows_of(yi, vi), restricted=False)
    assert doubtful.tolist() == [True]
    tau2 = stats.fit(yi, vi, tau2="ML").tau2
    assert 0 < float(tau2[0]) < 0.04
    height = log_likelihood(lay_out(yi, vi), tau2, False)
    assert float(height[0]) >= float(highest_seen(yi, vi, "ML")[0]) - HEIGHT


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [2, 3, 9])
@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_no_point_of_a_fine_grid_is_higher_than_the_estimate(method: str, k: int, spread: float) -> None:
    source = np.random.default_rng(20261122)
    vi = np.exp(source.normal(-2, spread, (400, k)))
    yi = source.normal(size=vi.shape) * np.sqrt(vi + source.choice([0, 0.05, 0.5, 5], (400, 1)))
    height = log_likelihood(lay_out(yi, vi), stats.fit(yi, vi, tau2=method).tau2, method == "REML")
    assert (height >= highest_seen(yi, vi, method) - HEIGHT).all()


@pytest.mark.parametrize("method", METHODS)
def test_variances_further_apart_than_the_grid_reaches_are_handed_on(method: str) -> None:
    yi, vi = np.array([[0.0, 0.5, 1.0, 1.2]]), np.array([[1e-20, 0.1, 0.2, 0.1]])
    _, doubtful = maximise_rows(rows_of(yi, vi), restricted=method == "REML")
    assert doubtful.tolist() == [True]
    assert stats.fit(yi, vi, tau2=method).ok.all()


def test_studies_that_agree_perfectly_leave_no_variance_between_them() -> None:
    tau2, doubtful = maximise_rows(rows_of(np.zeros((1, 3)), np.array([[0.1, 0.2, 0.3]])), restricted=True)
    assert (tau2.tolist(), doubtful.tolist()) == ([0.0], [False])


@pytest.mark.parametrize("k", [2, 7, 8, 9, 16, 33, 1000])
def test_a_row_has_the_same_bits_alone_and_among_others(k: int) -> None:
    source = np.random.default_rng(k)
    vi = source.uniform(0.01, 2.0, (50, k))
    yi = source.normal(0, np.sqrt(vi + source.choice([0, 0.5], (50, 1))))
    batch, _ = maximise_rows(rows_of(yi, vi), restricted=True)
    for i in (0, 1, 25, 49):
        assert maximise_rows(rows_of(yi[i : i + 1], vi[i : i + 1]), restricted=True)[0][0] == batch[i]
