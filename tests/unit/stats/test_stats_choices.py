"""What a result hangs on: multiverse, fragility, and the facts for a judgement of certainty."""

import doctest
from importlib import import_module
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from scipy.stats import fisher_exact, norm
from scipy.stats import t as student

from living import stats
from living.stats import NotEstimable, Status

EVENTS = ([4, 6, 3, 12], [120, 306, 231, 400], [14, 29, 11, 25], [139, 303, 220, 390])
YI, VI = np.array([-0.5, -0.2, -0.6, 0.1]), np.array([0.04, 0.02, 0.09, 0.05])
OK = np.zeros(4, dtype=np.int64)


def counted(*rows: list[int]) -> stats.Fragility:
    found = stats.fragility_of_pool(*rows)
    assert isinstance(found, stats.Fragility)
    return found


def test_the_examples_run_as_printed() -> None:
    for name in ("fragility", "grade_facts"):
        found = doctest.testmod(import_module(f"living.stats.{name}"))
        assert found.attempted
        assert not found.failed


def test_fisher_s_p_is_scipy_s() -> None:
    draw = np.random.default_rng(5)
    n1, n2 = draw.integers(1, 50, (2, 200))
    a, b = draw.integers(0, n1 + 1), draw.integers(0, n2 + 1)
    expected = [fisher_exact([[x, n - x], [y, m - y]])[1] for x, n, y, m in zip(a, n1, b, n2, strict=True)]
    assert stats.fisher_p(a, n1, b, n2) == pytest.approx(expected, abs=1e-12)


def test_the_fragility_index_is_the_first_that_loses_significance() -> None:
    found = stats.fragility_index(5, 80, 20, 80)
    assert found.index is not None
    assert found.index > 1
    for added in range(found.index + 1):
        p = fisher_exact([[5 + added, 75 - added], [20, 60]])[1]
        assert (p < 0.05) == (added < found.index)
    assert found.p_after == pytest.approx(p)
    assert found.quotient == found.index / 160


def test_the_group_with_fewer_events_changes() -> None:
    one, other = stats.fragility_index(1, 100, 10, 100), stats.fragility_index(10, 100, 1, 100)
    assert one.index == other.index == 2
    assert (one.changes, other.changes) == (((0, 0, 2),), ((0, 1, 2),))


def test_a_large_trial_is_searched_in_blocks() -> None:
    found = stats.fragility_index(300, 90_000, 500, 88_000)
    assert found.index is not None
    assert found.index > 64
    for added, significant in ((found.index - 1, True), (found.index, False)):
        p = fisher_exact([[300 + added, 89_700 - added], [500, 87_500]])[1]
        assert (p < 0.05) == significant


def test_where_fewer_events_are_the_higher_risk_adding_events_never_helps() -> None:
    found = stats.fragility_index(5, 8, 6, 60)
    assert found.p_before < 0.05
    assert found.index is None
    assert "stays significant" in found.why


def test_without_significance_there_is_no_fragility() -> None:
    found = stats.fragility_index(5, 80, 6, 80)
    assert found.index is None
    assert "not significant" in found.why
    with pytest.raises(ValueError, match="events lie between"):
        stats.fragility_index(5, 4, 1, 10)


def test_a_fragile_pool_loses_significance_with_its_changes_and_not_before() -> None:
    found = counted(*EVENTS)
    assert found.index is not None
    assert found.index == len(found.changes)
    a, n, b, m = (np.array(row) for row in EVENTS)
    events = [a, b]
    for step, (study, group, direction) in enumerate(found.changes, start=1):
        events[group][study] += direction
        effects = stats.risk_ratio(events[0], n, events[1], m)
        pool = stats.pool(effects.yi, effects.vi, tau2="DL", interval="wald")
        assert isinstance(pool, stats.PoolResult)
        assert (pool.p >= 0.05) == (step == found.index)
    assert found.p_after == pytest.approx(pool.p)


def test_no_shorter_list_of_changes_exists_for_a_small_pool() -> None:
    rows = ([4, 3], [40, 50], [10, 11], [40, 50])
    found = counted(*rows)
    assert found.index == 3
    a, n, b, m = (np.array(row) for row in rows)
    single = list(product((0, 1), (0, 1), (-1, 1)))
    for shorter in [*combinations_with_replacement(single, 2), *((one,) for one in single)]:
        events = [a.copy(), b.copy()]
        for group, study, direction in shorter:
            events[group][study] += direction
        effects = stats.risk_ratio(events[0], n, events[1], m)
        pool = stats.pool(effects.yi, effects.vi, tau2="DL", interval="wald")
        assert isinstance(pool, stats.PoolResult)
        assert pool.p < 0.05


def test_a_pool_that_is_not_one_is_not_called_fragile() -> None:
    assert stats.fragility_of_pool([1], [10], [2], [10]) == NotEstimable(Status.SINGLE_STUDY)
    assert "not significant" in counted([5, 4], [80, 70], [6, 4], [80, 70]).why


def test_every_path_of_a_multiverse_is_the_pool_of_its_choices() -> None:
    effects = {f"SMD, r={r}": stats.Effects(YI, VI * (1 - r), OK) for r in (0.2, 0.5)}
    inclusions = {"all": [True] * 4, "low risk": [True, True, True, False]}
    found = stats.multiverse(effects, inclusions=inclusions, tau2=("REML", "DL"), intervals=("wald", "HK"))
    assert len({(p.measure, p.inclusion, p.tau2_method, p.interval) for p in found.paths}) == 16
    assert len(found.paths) == 16
    for path in found.paths:
        rows = np.array(inclusions[path.inclusion])
        single = effects[path.measure]
        pool = stats.pool(single.yi[rows], single.vi[rows], tau2=path.tau2_method, interval=path.interval)
        assert isinstance(pool, stats.PoolResult)
        assert [path.mu, path.ci_low, path.ci_high, path.p, path.tau2] == pytest.approx(
            [pool.mu, pool.ci_low, pool.ci_high, pool.p, pool.tau2], rel=1e-12, abs=1e-14
        )
        assert path.k == rows.sum()


def test_a_multiverse_counts_what_its_paths_say() -> None:
    effects = {"MD": stats.Effects(YI, VI, OK)}
    found = stats.multiverse(effects, tau2=("CE", "DL"), intervals=("wald", "HK"))
    below = [path.ci_high is not None and path.ci_high < 0 for path in found.paths]
    assert 0 < sum(below) < 4
    assert found.share_beyond() == (sum(below) / 4, 0.0)
    assert found.share_beyond(-5.0) == (0.0, 1.0)
    assert found.range_of("MD") == (min(p.mu for p in found.paths), max(p.mu for p in found.paths))
    assert found.range_of("RR") is None


def test_a_study_that_a_measure_cannot_use_is_left_out_of_its_paths() -> None:
    broken = stats.Effects(np.where([1, 0, 0, 0], np.nan, YI), VI, np.array([1, 0, 0, 0]))
    alone = {"all": [True] * 4, "two": [True, True, False, False]}
    found = stats.multiverse({"MD": broken}, inclusions=alone)
    assert [path.k for path in found.paths] == [3, 1]
    assert [path.pooled for path in found.paths] == [True, False]
    assert "one study only" in found.paths[1].reason
    with pytest.raises(KeyError):
        stats.multiverse({"MD": broken}, tau2=("XY",))
    with pytest.raises(ValueError, match="multiverse"):
        stats.multiverse({})


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("df", [np.inf, 3.0])
def test_chances_are_areas_of_the_distribution(better: str, df: float) -> None:
    law = norm if df == np.inf else student(df)
    sign = -1 if better == "lower" else 1
    found = stats.chances(sign * 0.5, 0.2, important=0.3, better=better, df=df)
    assert found.important_benefit == pytest.approx(law.cdf(1.0))
    assert found.any_benefit == pytest.approx(law.cdf(2.5))
    assert found.important_harm == pytest.approx(law.sf(4.0))
    assert found.important_benefit + found.small + found.important_harm == pytest.approx(1)


def test_facts_are_read_off_the_pool() -> None:
    pool = stats.pool(YI, VI, interval="wald")
    assert isinstance(pool, stats.PoolResult)
    facts = stats.grade_facts(pool, important=0.3, participants=300, optimal_size=400)
    assert facts.crosses_none == (pool.ci_low <= 0 <= pool.ci_high)
    assert facts.crosses_benefit == (pool.ci_low <= -0.3 <= pool.ci_high)
    assert facts.crosses_harm is False
    assert facts.enough is False
    assert stats.grade_facts(pool, important=0.3).enough is None
    assert facts.new_study is not None
    assert facts.new_study.important_harm > facts.chances.important_harm
    two = stats.pool(YI[:2], VI[:2])
    assert isinstance(two, stats.PoolResult)
    assert stats.grade_facts(two, important=0.3).new_study is None


def test_a_limit_at_the_important_difference_leaves_the_tail_of_the_level() -> None:
    pool = stats.pool(YI, VI, interval="HK-guarded")
    assert isinstance(pool, stats.PoolResult)
    facts = stats.grade_facts(pool, important=-pool.ci_low)
    assert facts.chances.important_benefit == pytest.approx(0.025, abs=1e-9)
    assert facts.new_study is not None
    assert pool.pi_high is not None
    beyond = stats.grade_facts(pool, important=pool.pi_high).new_study
    assert beyond is not None
    assert beyond.important_harm == pytest.approx(0.025, abs=1e-9)


def test_chances_of_the_posterior_add_up_and_mirror() -> None:
    one = stats.chances_bayes(YI, VI, important=0.2, tau_scale=0.5)
    other = stats.chances_bayes(-YI, VI, important=0.2, tau_scale=0.5, better="higher")
    assert isinstance(one, stats.Chances)
    assert isinstance(other, stats.Chances)
    assert one.important_benefit + one.small + one.important_harm == pytest.approx(1)
    assert one.important_benefit == pytest.approx(other.important_benefit, abs=1e-9)
    below = stats.bayes(YI, VI, tau_scale=0.5, threshold=-0.2)
    assert isinstance(below, stats.BayesResult)
    assert one.important_benefit == pytest.approx(below.p_below)
    assert stats.chances_bayes([0.1], [0.0], important=0.2, tau_scale=1) == NotEstimable(Status.NO_VARIANCE)


@pytest.mark.parametrize("rules", [{"important": 0}, {"important": 1, "better": "up"}])
def test_impossible_questions_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="important difference"):
        stats.chances(0.1, 0.2, **rules)
    with pytest.raises(ValueError, match="important difference"):
        stats.chances_bayes(YI, VI, tau_scale=1, **rules)


def test_exactly_enough_participants_are_enough() -> None:
    pool = stats.pool(YI, VI)
    assert isinstance(pool, stats.PoolResult)
    assert stats.grade_facts(pool, important=0.3, participants=400, optimal_size=400).enough is True


def test_every_prediction_rule_leaves_its_own_tail_beyond_its_limit() -> None:
    for rule in ("HTS", "t(k-1)", "normal"):
        pool = stats.pool(YI, VI, prediction=rule)
        assert isinstance(pool, stats.PoolResult)
        assert pool.pi_high is not None
        facts = stats.grade_facts(pool, important=pool.pi_high)
        assert facts.new_study is not None
        assert facts.new_study.important_harm == pytest.approx(0.025, abs=1e-9)


def test_groups_without_events_and_with_nothing_else_are_allowed_in_a_pool() -> None:
    found = counted([0, 0, 1], [30, 40, 25], [12, 14, 25], [30, 40, 25])
    assert found.index is not None
    assert found.p_before < 0.05 <= found.p_after


def test_limits_at_the_threshold_are_not_beyond_it() -> None:
    found = stats.multiverse({"MD": stats.Effects(YI, VI, OK)})
    path = found.paths[0]
    assert path.ci_high is not None
    assert path.ci_low is not None
    assert found.share_beyond(path.ci_high) == (0.0, 0.0)
    assert found.share_beyond(path.ci_low) == (0.0, 0.0)
