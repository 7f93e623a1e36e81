"""p-uniform*: laws and edges."""

import numpy as np
import pytest

from living import stats
from living.stats.status import NotEstimable, Status

RNG = np.random.default_rng(8)
VI = RNG.uniform(0.01, 0.2, 24)
YI = RNG.normal(0.4, np.sqrt(VI + 0.03))


def pooled(**settings: str) -> stats.PUniform:
    found = stats.p_uniform_star(YI, VI, **settings)
    assert isinstance(found, stats.PUniform)
    return found


def test_turning_the_effects_around_turns_the_side_around() -> None:
    here, there = pooled(), stats.p_uniform_star(-YI, VI, alternative="less")
    assert isinstance(there, stats.PUniform)
    assert there.mu == pytest.approx(-here.mu, abs=1e-9)
    assert here.ci_low is not None
    assert there.ci_high == pytest.approx(-here.ci_low, abs=1e-9)
    assert there.significant == here.significant > 0


def test_the_interval_holds_the_estimate_and_excludes_zero_where_p_is_small() -> None:
    found = pooled()
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < found.mu < found.ci_high
    assert (found.p < 0.05) == (found.ci_low > 0 or found.ci_high < 0)


def test_selection_by_significance_is_undone() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 0.1, 3000)
    y = rng.normal(0.1, np.sqrt(v + 0.02))
    kept = (y / np.sqrt(v) > 1.96) | (rng.uniform(size=3000) < 0.2)
    found = stats.p_uniform_star(y[kept], v[kept])
    assert isinstance(found, stats.PUniform)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < 0.1 < found.ci_high
    assert float(stats.fit(y[kept], v[kept]).mu) > found.ci_high


def test_without_a_significant_study_there_is_nothing_to_work_on() -> None:
    found = stats.p_uniform_star([0.1, 0.05, 0.12], [0.04, 0.05, 0.06])
    assert isinstance(found, stats.PUniform)
    assert {stats.Caution.NO_INFORMATION, stats.Caution.TOO_FEW_FOR_SELECTION} <= set(found.cautions)


def test_impossible_requests_are_refused() -> None:
    assert stats.p_uniform_star([0.1], [0.1]) == NotEstimable(Status.SINGLE_STUDY)
    with pytest.raises(ValueError, match="greater, less"):
        stats.p_uniform_star(YI, VI, alternative="two-sided")
    with pytest.raises(ValueError, match="alpha and level"):
        stats.p_uniform_star(YI, VI, alpha=1.5)
