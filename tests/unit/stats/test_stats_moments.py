"""Weighted sums over batches and groups against the dense matrices and the derivatives they stand for."""

import numpy as np
import pytest

from living import stats
from living.stats.likelihood import log_likelihood, score
from living.stats.moments import lay_out

Y = np.array([[0.1, 0.3, 0.35, 0.65, 0.45, -0.4], [1.5, -0.3, 0.2, 0.9, 0.4, 0.0]])
V = np.array([[0.03, 0.02, 0.05, 0.01, 0.05, 0.2], [0.3, 0.1, 0.02, 0.4, 0.07, 0.05]])
GROUPS = np.array(["a", "b", "a", "b", "b", "a"])
TAU2 = np.array([0.03, 0.4])
STEP = 1e-5  # of the numerical derivative; its own error is of order STEP^2


def dense(row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W, X and P = W - W X (X'WX)^-1 X'W of one row with two groups."""
    w = np.diag(1 / (V[row] + TAU2[row]))
    x = (GROUPS[:, None] == ["a", "b"]).astype(float)
    return w, x, w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w


def test_sums_over_a_batch_are_those_of_its_projection_matrices() -> None:
    layout = lay_out(Y, V, groups=GROUPS)
    weights = layout.weights(TAU2)
    y_ppy, y_pppy, trace_p, trace_pp = layout.derivative_parts(weights)
    for row in range(2):
        w, x, p = dense(row)
        y = Y[row]
        assert layout.mu(weights)[row].tolist() == pytest.approx(np.linalg.solve(x.T @ w @ x, x.T @ w @ y))
        expected = [y @ p @ y, y @ p @ p @ y, y @ p @ p @ p @ y, np.trace(p), np.trace(p @ p)]
        found = [layout.q(TAU2)[row], y_ppy[row], y_pppy[row], trace_p[row], trace_pp[row]]
        assert found == pytest.approx(expected, rel=1e-12)
        determinant = np.linalg.slogdet(x.T @ w @ x)[1] - np.linalg.slogdet(x.T @ x)[1]
        assert float(layout.log_determinant(weights)[row]) == pytest.approx(determinant, rel=1e-12)
        plain = np.eye(6) - x @ np.linalg.inv(x.T @ x) @ x.T
        assert float(layout.unweighted_trace()[row]) == pytest.approx(np.trace(plain * V[row]))
        assert float(layout.mean_square()[row]) == pytest.approx(y @ plain @ y / 4)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("groups", [None, GROUPS])
def test_the_score_is_the_slope_of_the_likelihood_and_its_own_slope_the_curvature(
    restricted: bool, groups: np.ndarray | None
) -> None:
    layout = lay_out(Y, V, groups=groups)
    above, below = (log_likelihood(layout, TAU2 + d, restricted) for d in (STEP, -STEP))
    slope, curvature = score(layout, TAU2, restricted)
    assert slope.tolist() == pytest.approx(((above - below) / (2 * STEP)).tolist(), rel=1e-5)
    steeper, flatter = (score(layout, TAU2 + d, restricted)[0] for d in (STEP, -STEP))
    assert curvature.tolist() == pytest.approx(((steeper - flatter) / (2 * STEP)).tolist(), rel=1e-5)


@pytest.mark.parametrize("method", sorted(stats.TAU2))
def test_each_estimator_treats_the_rows_of_a_batch_as_if_alone(method: str) -> None:
    both = stats.fit(Y, V, tau2=method)
    for row in range(2):
        one = stats.fit(Y[row], V[row], tau2=method)
        for name in ("tau2", "mu", "se", "p", "q", "i2_tau2", "i2_q", "h2_tau2", "pi_low", "df"):
            found, alone = float(getattr(both, name)[row]), float(getattr(one, name))
            assert found == pytest.approx(alone, rel=1e-11), name


@pytest.mark.parametrize(
    "interval", [stats.q_profile, stats.profile_likelihood, stats.generalised_q_interval]
)
def test_each_interval_of_tau2_treats_the_rows_of_a_batch_as_if_alone(interval: object) -> None:
    assert callable(interval)
    both = interval(Y, V)
    for row in range(2):
        one = interval(Y[row], V[row])
        for name in ("low", "high", "i2_low", "h2_high"):
            assert float(getattr(both, name)[row]) == pytest.approx(float(getattr(one, name)), rel=1e-9), name
