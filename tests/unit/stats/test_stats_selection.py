"""Selection models: laws, edges and the derivatives behind them."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from living import stats
from living.stats.selection_weights import CLIPPED, CURVES, Smooth, Steps
from living.stats.status import NotEstimable, Status

RNG = np.random.default_rng(8)
VI = RNG.uniform(0.01, 0.2, 30)
YI = RNG.normal(0.2, np.sqrt(VI + 0.03))
DIFFERENCE = 1e-6
DELTA = {"beta": np.array([0.8, 1.7])}


def selected(alternative: str, **settings: tuple[float, ...]) -> stats.Selection:
    found = stats.step_selection(YI, VI, alternative=alternative, **settings)
    assert isinstance(found, stats.Selection)
    return found


def weights(kind: str, alternative: str) -> tuple[Steps | Smooth, np.ndarray]:
    if kind == "steps":
        return Steps.of(YI, VI, (0.05, 0.5), alternative), np.array([0.6, 0.3])
    return Smooth.of(YI, VI, kind, alternative), DELTA.get(kind, np.array([0.9]))


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("kind", ["steps", *CURVES])
def test_the_mean_weight_and_its_derivatives_are_those_of_the_integral(kind: str, alternative: str) -> None:
    model, delta = weights(kind, alternative)
    spread, h = VI + 0.05, DIFFERENCE
    mean, by_mu, by_spread, by_delta = model.expected(0.1, spread, delta)
    up, down = model.expected(0.1 + h, spread, delta)[0], model.expected(0.1 - h, spread, delta)[0]
    assert np.allclose(by_mu, (up - down) / (2 * h), atol=1e-7)
    up, down = model.expected(0.1, spread + h, delta)[0], model.expected(0.1, spread - h, delta)[0]
    assert np.allclose(by_spread, (up - down) / (2 * h), atol=1e-7)
    for j in range(len(delta)):
        step = h * np.eye(len(delta))[j]
        up, down = model.expected(0.1, spread, delta + step)[0], model.expected(0.1, spread, delta - step)[0]
        assert np.allclose(by_delta[j], (up - down) / (2 * h), atol=1e-7)
    assert np.allclose(mean[0], integral(kind, alternative, delta, spread[0]), atol=1e-8)


def integral(kind: str, alternative: str, delta: np.ndarray, spread: float) -> float:
    """The mean weight of the first study by adaptive quadrature."""

    def weight(x: float) -> float:
        z = x / np.sqrt(VI[0])
        p = {"greater": ndtr(-z), "less": ndtr(z), "two-sided": 2 * ndtr(-abs(z))}[alternative]
        if kind == "steps":
            return float(np.append(1.0, delta)[np.searchsorted([0.05, 0.5], p)])
        clip = CURVES[kind][4]
        p = np.clip(p, clip, 1 - clip)
        log_weight, _ = CURVES[kind][0](np.array(p), np.array(1 - p), delta)
        return float(np.exp(log_weight))

    def integrand(x: float) -> float:
        return weight(x) * float(np.exp(-0.5 * (x - 0.1) ** 2 / spread) / np.sqrt(2 * np.pi * spread))

    se = np.sqrt(VI[0])
    cuts = se * ndtri([CLIPPED / 2, CLIPPED, 0.025, 0.05, 0.25, 0.5])
    edges = np.unique(np.concatenate([cuts, -cuts, [-9.0, 9.0]]))
    pieces = [quad(integrand, a, b, epsabs=1e-12, limit=200)[0] for a, b in pairwise(edges)]
    return float(sum(pieces))


def test_turning_the_effects_around_turns_the_alternative_around() -> None:
    here = selected("greater")
    there = stats.step_selection(-YI, VI, alternative="less")
    assert isinstance(there, stats.Selection)
    assert there.mu == pytest.approx(-here.mu, abs=1e-6)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-8)
    assert there.counts == here.counts


def test_another_unit_of_the_effect_changes_nothing_else() -> None:
    here = selected("greater")
    there = stats.step_selection(1000 * YI, 1e6 * VI)
    assert isinstance(there, stats.Selection)
    assert there.mu == pytest.approx(1000 * here.mu, rel=1e-6)
    assert there.lrt == pytest.approx(here.lrt, rel=1e-6)


def test_three_parameters_are_one_step_at_the_usual_place() -> None:
    assert stats.three_parameter_selection(YI, VI) == selected("greater", steps=(0.025,))


def test_unpublished_null_results_are_inferred_from_their_absence() -> None:
    """Of 6000 studies of a null effect, the insignificant are published with a chance of one in five."""
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 0.1, 6000)
    y = rng.normal(0.0, np.sqrt(v + 0.02))
    kept = (y / np.sqrt(v) > 1.96) | (rng.uniform(size=6000) < 0.2)
    found = stats.three_parameter_selection(y[kept], v[kept])
    assert isinstance(found, stats.Selection)
    assert found.mu_se is not None
    weight, error = found.weights["P > 0.025"], found.weights_se["P > 0.025"]
    assert error is not None
    assert abs(found.mu) < 3 * found.mu_se
    assert abs(weight - 0.2) < 3 * error
    assert found.lrt_p < 1e-6


def test_few_studies_and_empty_intervals_are_cautioned() -> None:
    found = stats.step_selection([0.5, 0.6, 0.7, 0.9], [0.01, 0.02, 0.01, 0.03])
    assert isinstance(found, stats.Selection)
    assert found.counts == (4, 0)
    assert {stats.Caution.TOO_FEW_FOR_SELECTION, stats.Caution.EMPTY_INTERVAL} <= set(found.cautions)


def test_impossible_requests_are_refused() -> None:
    assert stats.step_selection(YI[:2], VI[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.curve_selection([0.1, np.nan], [0.1, 0.1]) == NotEstimable(Status.MISSING_INPUT)
    with pytest.raises(ValueError, match="ascend"):
        stats.step_selection(YI, VI, steps=(0.5, 0.05))
    with pytest.raises(ValueError, match="not one of"):
        stats.step_selection(YI, VI, alternative="up")
    with pytest.raises(KeyError):
        stats.curve_selection(YI, VI, curve="cliff")
