"""One more trial: drawn from what is known, pooled again, counted."""

import numpy as np
import pytest
from scipy.stats import norm

from living import stats
from living.stats import NextTrial, NotEstimable, Status

Y, V = [-0.4, -0.1, 0.2, -0.3], [0.04, 0.05, 0.06, 0.03]
ERRORS = 4  # standard errors of a simulated share


def simulated(yi: list[float], vi: list[float], se: float, **kw: object) -> NextTrial:
    given: dict[str, object] = {"prior_sd": 0.5, "important": 0.3, "seed": 7} | kw
    found = stats.next_trial(yi, vi, se, **given)  # type: ignore[arg-type]
    assert isinstance(found, NextTrial)
    return found


def test_the_same_seed_gives_the_same_shares_and_another_seed_others() -> None:
    assert simulated(Y, V, 0.2) == simulated(Y, V, 0.2)
    assert simulated(Y, V, 0.2) != simulated(Y, V, 0.2, seed=8)


def test_a_common_effect_is_predicted_as_the_normal_distribution_says() -> None:
    """Known tau2 of 0 and a z interval: the new pool is a weighted sum, so its shares have closed forms."""
    draws = 20_000
    found = simulated(Y, V, 0.1, tau2="CE", interval="wald", draws=draws)
    w, new = 1 / np.array(V), 1 / 0.1**2
    mu, se = (w * Y).sum() / w.sum(), np.sqrt(1 / w.sum())
    total = w.sum() + new
    share = new / total  # of the new trial in the new pool
    spread = np.hypot(se, 0.1)  # of the new result
    half = norm.ppf(0.975) / np.sqrt(total)
    centre, sd = mu, share * spread
    expected = norm.cdf((-half - centre) / sd) + norm.sf((half - centre) / sd)
    assert found.excludes_none == pytest.approx(expected, abs=ERRORS * np.sqrt(0.25 / draws))
    moved = 2 * norm.sf(0.3 / sd)
    assert found.moves == pytest.approx(moved, abs=ERRORS * np.sqrt(0.25 / draws))
    assert found.width == pytest.approx(2 * half)


def test_with_fewer_than_three_studies_the_declared_prior_is_drawn_from_whatever_they_say() -> None:
    found = simulated([5.0], [0.01], 0.1, prior_sd=0.01, important=1.0, tau2="CE", interval="wald")
    assert found.basis == "prior around no effect"
    # The new result lies near 0 and has the same precision, so the pool falls from 5.0 to about 2.5.
    assert (found.moves, found.excludes_none) == (1.0, 1.0)
    assert simulated(Y, V, 0.1).basis == "prediction from the studies"


def test_a_settled_category_is_not_changed_by_a_trial_like_the_others() -> None:
    far = [-1.0, -1.001, -0.999, -1.0]  # below none and beyond the important difference
    assert simulated(far, [1e-4] * 4, 0.01, important=0.5, tau2="CE").changes == 0.0


def test_an_interval_that_comes_to_hold_nothing_important_is_another_category() -> None:
    wide = simulated([0.02, -0.01, 0.01], [0.09] * 3, 0.05, important=0.3, tau2="CE", interval="wald")
    assert wide.changes is not None
    assert wide.changes > wide.excludes_none  # most new intervals hold none and lie within 0.3 of it
    narrow = simulated([0.02, -0.01, 0.01], [0.0009] * 3, 0.05, important=0.3, tau2="CE", interval="wald")
    assert narrow.changes == narrow.excludes_none  # it did so before: only leaving none is a change


def test_a_category_changes_when_the_interval_no_longer_holds_none() -> None:
    found = simulated(Y, V, 0.05, tau2="CE", interval="wald", important=None)
    assert found.moves is None
    now = stats.pool(Y, V, tau2="CE", interval="wald")
    assert isinstance(now, stats.PoolResult)
    assert now.ci_low < 0 < now.ci_high
    assert found.changes == found.excludes_none > 0


def test_without_an_interval_before_no_change_is_told() -> None:
    found = simulated([0.2, 0.2], [0.04, 0.04], 0.2, interval="HK")  # identical: no width under HK
    assert found.changes is None
    assert 0 <= found.excludes_none <= 1


def test_no_study_and_identical_studies_have_no_answer() -> None:
    none = stats.next_trial([], [], 0.2, prior_sd=0.5)
    assert isinstance(none, NotEstimable)
    assert none.status is Status.NO_STUDIES
    same = stats.next_trial([0.2] * 3, [0.04] * 3, 0.2, prior_sd=0.5, interval="HK")
    assert isinstance(same, NotEstimable)
    assert same.status is Status.NO_WIDTH


@pytest.mark.parametrize(("se", "prior", "draws"), [(0.0, 0.5, 10), (0.2, 0.0, 10), (0.2, 0.5, 0)])
def test_sizes_that_are_not_positive_are_refused(se: float, prior: float, draws: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        stats.next_trial(Y, V, se, prior_sd=prior, draws=draws)
