"""Fail-safe numbers and excess significance: examples, laws and edges."""

import doctest
import importlib
from itertools import product
from math import inf

import numpy as np
import pytest

from living import stats
from living.stats.excess import exact_excess
from living.stats.status import NotEstimable, Status

YI = np.array([0.4, 0.5, 0.3, 0.6])
VI = np.array([0.04, 0.03, 0.05, 0.06])


@pytest.mark.parametrize("module", ["failsafe", "excess"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert found.attempted >= 2
    assert found.failed == 0


def test_so_many_null_studies_undo_the_result_and_one_fewer_does_not() -> None:
    found = stats.rosenberg(YI, VI)
    assert isinstance(found, stats.FailSafe)
    average = 1 / np.mean(1 / VI)
    for added, significant in ((found.n, False), (found.n - 1, True)):
        y, v = np.append(YI, np.zeros(int(added))), np.append(VI, np.full(int(added), average))
        assert (float(stats.fit(y, v, tau2="CE", interval="wald").p) < 0.05) == significant


def test_orwins_number_halves_the_mean_and_a_target_of_zero_is_never_reached() -> None:
    found = stats.orwin(YI, VI)
    assert isinstance(found, stats.FailSafe)
    assert found.n == 4
    never = stats.orwin(-YI, VI, target=0.0)
    assert isinstance(never, stats.FailSafe)
    assert never.n == inf
    turned = stats.orwin(-YI, VI, target=0.1)
    assert isinstance(turned, stats.FailSafe)
    assert turned.target == -0.1
    assert turned.n == 14


def test_a_result_that_is_not_significant_has_nothing_to_undo() -> None:
    for rule in (stats.rosenthal, stats.rosenberg):
        found = rule([0.1, -0.1, 0.05], [0.1, 0.1, 0.1])
        assert isinstance(found, stats.FailSafe)
        assert found.n == 0
        assert stats.Caution.NOT_SIGNIFICANT in found.cautions
        assert stats.Caution.OUTDATED in found.cautions


def test_unusable_numbers_are_refused() -> None:
    assert stats.rosenthal([0.1, np.nan], [0.1, 0.1]) == NotEstimable(Status.MISSING_INPUT)
    assert stats.excess_significance([0.1], [0.1]) == NotEstimable(Status.SINGLE_STUDY)
    with pytest.raises(ValueError, match="one half"):
        stats.rosenthal(YI, VI, alpha=0.7)
    with pytest.raises(KeyError):
        stats.excess_significance(YI, VI, test="z")


def test_the_exact_p_adds_up_every_pattern() -> None:
    power = np.array([0.1, 0.35, 0.6, 0.9])
    for observed in range(5):
        total = sum(
            np.prod(np.where(pattern, power, 1 - power))
            for pattern in product([False, True], repeat=4)
            if sum(pattern) >= observed
        )
        assert exact_excess(observed, power) == pytest.approx(total, rel=1e-12)


def test_power_averaged_over_tau2_is_the_share_of_significant_draws() -> None:
    found = stats.excess_significance(YI, VI, tau2=0.09, effect=0.45)
    assert isinstance(found, stats.Excess)
    effects = np.random.default_rng(5).normal(0.45, np.sqrt(VI[:, None] + 0.09), (4, 200_000))
    share = (np.abs(effects) > 1.959964 * np.sqrt(VI)[:, None]).mean(-1)
    assert np.allclose(found.power, share, atol=0.005)  # four standard errors of a share of 200,000


def test_scattered_studies_pooled_as_one_are_cautioned() -> None:
    found = stats.excess_significance([2.0, -1.0, 0.1, 1.5], VI)
    assert isinstance(found, stats.Excess)
    assert set(found.cautions) == {stats.Caution.FEW_STUDIES, stats.Caution.HETEROGENEOUS}
