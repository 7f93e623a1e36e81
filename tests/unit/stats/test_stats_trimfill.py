"""Trim and fill: example, laws and edges."""

import doctest
import importlib

import numpy as np
import pytest

from living import stats
from living.stats.status import NotEstimable, Status

YI = np.array([0.1, 0.22, 0.3, 0.6, 1.0, 0.15, 0.05, 0.81])
VI = np.array([0.01, 0.012, 0.03, 0.1, 0.2, 0.02, 0.015, 0.15])


def filled(**settings: str) -> stats.TrimFill:
    found = stats.trim_and_fill(YI, VI, **settings)
    assert isinstance(found, stats.TrimFill)
    return found


def test_the_example_runs_as_printed() -> None:
    found = doctest.testmod(importlib.import_module("living.stats.trimfill"))
    assert found.attempted >= 2
    assert found.failed == 0


@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_turning_the_effects_around_turns_the_side_around(estimator: str) -> None:
    here, there = (
        filled(estimator=estimator, tau2="DL"),
        stats.trim_and_fill(-YI, VI, estimator=estimator, tau2="DL"),
    )
    assert isinstance(there, stats.TrimFill)
    assert (here.side, there.side) == ("left", "right")
    assert here.missing == there.missing > 0
    assert there.pooled.mu == pytest.approx(-here.pooled.mu, rel=1e-10)


def test_every_filled_study_mirrors_an_extreme_one() -> None:
    found = filled(tau2="CE")
    assert sorted(found.filled_vi) == sorted(VI[np.argsort(YI)[-found.missing :]])
    centres = {round(a + b, 10) for a, b in zip(found.filled_yi, np.sort(YI)[-found.missing :], strict=True)}
    assert len(centres) == 1


@pytest.mark.parametrize("tau2", ["REML", "DL", "CE"])
def test_the_mirror_is_the_pooled_mean_of_the_studies_that_remain(tau2: str) -> None:
    found = filled(tau2=tau2)
    remain = np.argsort(YI)[: -found.missing]
    centre = stats.fit(YI[remain], VI[remain], tau2=tau2).mu
    assert sorted(found.filled_yi) == pytest.approx(
        sorted(2 * centre - np.sort(YI)[-found.missing :]), rel=1e-12
    )


def test_a_funnel_with_nothing_missing_is_left_alone() -> None:
    found = filled(side="right")
    assert (found.missing, found.filled_yi) == (0, ())
    assert found.pooled == stats.pool(YI, VI)


def test_few_and_equally_precise_studies_are_told_apart_from_an_answer() -> None:
    assert stats.Caution.FEW_STUDIES in filled().cautions
    assert stats.trim_and_fill(YI, np.full(8, 0.04)) == NotEstimable(Status.COLLINEAR)
    assert stats.trim_and_fill(YI[:2], VI[:2]) == NotEstimable(Status.TOO_FEW_STUDIES)
    level = stats.trim_and_fill(YI, np.full(8, 0.04), side="left")
    assert isinstance(level, stats.TrimFill)
    assert stats.Caution.EQUAL_PRECISION in level.cautions


def test_mirror_images_at_the_same_distance_are_called_ties() -> None:
    shifted = stats.trim_and_fill(
        [0.8, 1.2, 1.0, 1.1, 0.9], [0.1, 0.1, 0.01, 0.02, 0.02], side="left", tau2="CE"
    )
    assert isinstance(shifted, stats.TrimFill)
    assert stats.Caution.TIES in shifted.cautions


def test_q0_without_a_root_is_refused() -> None:
    assert stats.trim_and_fill(YI, VI, estimator="Q0", tau2="DL") == NotEstimable(Status.NOT_CONVERGED)


def test_an_unknown_side_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not one of left, right, auto"):
        stats.trim_and_fill(YI, VI, side="both")
