"""Dependent effects: models with several levels, robust errors and averages, and why there may be none."""

import doctest
import importlib

import numpy as np
import pytest

from living import stats
from living.stats import NotEstimable, Status, robust
from living.stats import components as variance_components
from living.stats.blocks import arrange, codes

YI = np.array([0.1, 0.5, -0.2, 0.9, 0.4, 0.3, 0.8, 0.75])
VI = np.array([0.02, 0.03, 0.05, 0.02, 0.04, 0.08, 0.03, 0.05])
STUDY = list("aabbccdd")
X = np.array([1.0, 2.0, 1.0, 4.0, 2.0, 3.0, 2.5, 0.5])


def modelled(*data: object, **rules: object) -> stats.Multilevel:
    found = stats.multilevel(*data, **rules)
    assert isinstance(found, stats.Multilevel)
    return found


@pytest.mark.parametrize("module", ["aggregate", "multilevel", "robust"])
def test_the_examples_run_as_printed(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"living.stats.{module}"))
    assert (found.attempted > 0, found.failed) == (True, 0)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_one_random_effect_for_each_study_is_the_ordinary_model(method: str) -> None:
    plain = stats.fit(YI, VI, tau2=method, interval="wald")
    found = modelled(YI, VI, [range(8)], method=method)
    assert found.sigma2[0] == pytest.approx(float(plain.tau2), rel=1e-7)
    assert found.b[0] == pytest.approx(float(plain.mu), rel=1e-7)
    assert found.qe == pytest.approx(float(plain.q), rel=1e-10)
    regression = stats.meta_regression(YI, VI, X, tau2=method, interval="wald")
    with_x = modelled(YI, VI, [range(8)], X, method=method)
    assert with_x.b == pytest.approx(regression.b, rel=1e-6)
    assert with_x.se == pytest.approx(regression.se, rel=1e-6)


def test_without_random_effects_the_covariance_alone_gives_the_weights() -> None:
    shared = np.diag(VI) + 0.01 * (np.array(STUDY)[:, None] == np.array(STUDY)[None, :])
    weights = np.linalg.inv(shared).sum(1)
    found = modelled(YI, shared)
    assert found.b[0] == pytest.approx(weights @ YI / weights.sum(), rel=1e-12)
    assert found.se[0] == pytest.approx(weights.sum() ** -0.5, rel=1e-12)
    assert found.sigma2 == ()


def test_gradient_and_blocks_agree_with_dense_differences() -> None:
    groups = [codes(STUDY), codes(range(8)), codes([0, 1, 0, 1, 0, 1, 0, 1])]
    blocks, x, at = arrange(np.diag(VI), groups[:2]), np.ones((8, 1)), np.array([0.03, 0.05])
    for restricted in (True, False):
        found = variance_components.evaluate(blocks, YI, x, at, restricted)
        for place in (0, 1):
            up, down = at.copy(), at.copy()
            up[place], down[place] = at[place] + 1e-5, at[place] - 1e-5
            rise = [variance_components.evaluate(blocks, YI, x, s, restricted) for s in (up, down)]
            slope = (rise[0].log_likelihood - rise[1].log_likelihood) / 2e-5
            assert found.gradient[place] == pytest.approx(slope, rel=1e-6)
    crossed = arrange(np.diag(VI), groups)
    assert (len(blocks.place), len(crossed.place)) == (4, 1)
    dense = np.diag(VI) + sum(s * (g[:, None] == g) for s, g in zip((0.1, 0.2, 0.3), groups, strict=True))
    assert crossed.dense(crossed.marginal(np.array([0.1, 0.2, 0.3]))) == pytest.approx(dense)


def test_an_inner_label_means_something_else_in_another_study() -> None:
    assert len(set(stats.nested(["a", "a", "b", "b"], [1, 2, 1, 2]).tolist())) == 4
    assert len(set(stats.nested(["a", "a", "b", "b"], [1, 1, 2, 2]).tolist())) == 2


def test_a_balanced_design_gives_the_variance_components_of_the_anova() -> None:
    yi = np.array([0.0, 0.2, 1.0, 1.4, 2.0, 1.8, 0.6, 0.7])
    pairs = yi.reshape(4, 2)
    within = ((pairs - pairs.mean(1, keepdims=True)) ** 2).sum() / 4
    between = 2 * pairs.mean(1).var(ddof=1)
    found = modelled(yi, np.full(8, 0.001), [STUDY, range(8)])
    assert found.sigma2 == pytest.approx(((between - within) / 2, within - 0.001), rel=1e-6)


def test_models_that_cannot_be_fitted_say_why() -> None:
    assert stats.multilevel([], []) == NotEstimable(Status.NO_STUDIES)
    assert stats.multilevel([0.1, np.nan], [0.1, 0.1]) == NotEstimable(Status.MISSING_INPUT)
    assert stats.multilevel([0.1, 0.2], [0.1, 0.0]) == NotEstimable(Status.NO_VARIANCE)
    assert stats.multilevel([0.1], [0.1]) == NotEstimable(Status.TOO_FEW_STUDIES)
    impossible = [[0.1, 0.2], [0.2, 0.1]]
    assert stats.multilevel([0.1, 0.3], impossible) == NotEstimable(Status.IMPOSSIBLE_INPUT)
    assert stats.multilevel(YI, VI, [STUDY], np.ones(8)) == NotEstimable(Status.COLLINEAR)
    with pytest.raises(ValueError, match="one length"):
        stats.multilevel(YI, VI, [STUDY[:3]])
    for wrong in ({"method": "DL"}, {"interval": "HK"}):
        with pytest.raises(KeyError):
            stats.multilevel(YI, VI, **wrong)


def test_the_corrected_sandwich_is_unbiased_when_the_model_holds() -> None:
    """The expectation of the estimate is linear in the covariance of the effects, so it can be computed."""
    x = np.column_stack([np.ones(8), X])
    phi = np.diag(VI) + 0.1 * (np.array(STUDY)[:, None] == np.array(STUDY)[None, :])
    members = tuple(np.flatnonzero(np.array(STUDY) == label) for label in "abcd")
    root = np.linalg.cholesky(phi)
    fits = [robust._fitted(root[:, j], phi, x, members) for j in range(8)]
    bread = fits[0].bread
    assert sum(robust.cr2(f)[0] for f in fits) == pytest.approx(bread, rel=1e-10)
    assert np.trace(sum(robust.cr0(f)[0] for f in fits)) < np.trace(bread)


def test_clusters_of_one_without_moderators_give_the_familiar_sandwich() -> None:
    found = stats.cluster_robust(YI, VI, range(8), kind="CR0")
    assert isinstance(found, stats.Robust)
    w = 1 / VI
    mean = w @ YI / w.sum()
    assert found.se[0] == pytest.approx(np.sqrt(((w * (YI - mean)) ** 2).sum()) / w.sum(), rel=1e-12)
    assert (found.df[0], found.few) == (7, True)


def test_robust_errors_that_cannot_be_had_say_why() -> None:
    assert stats.cluster_robust(YI, VI, ["a"] * 8) == NotEstimable(Status.TOO_FEW_STUDIES)
    assert stats.cluster_robust(np.full(8, 0.5), VI, STUDY) == NotEstimable(Status.NO_WIDTH)
    assert stats.cluster_robust(YI, -VI, STUDY) == NotEstimable(Status.NO_VARIANCE)
    with pytest.raises(KeyError):
        stats.cluster_robust(YI, VI, STUDY, kind="CR3")
    with pytest.raises(ValueError, match="one length"):
        stats.cluster_robust(YI, VI, STUDY[:4])


def test_an_average_within_a_study_lies_between_independence_and_identity() -> None:
    low, middle, high = (stats.aggregate([0.2, 0.4], [0.02, 0.02], [1, 1], r) for r in (0.0, 0.5, 0.999))
    assert [float(a.effects.yi[0]) for a in (low, middle, high)] == pytest.approx([0.3] * 3)
    assert [float(a.effects.vi[0]) for a in (low, middle, high)] == pytest.approx([0.01, 0.015, 0.01999])


def test_studies_that_cannot_be_averaged_say_why() -> None:
    nan = np.nan
    found = stats.aggregate(
        [0.1, 0.2, 0.3, nan, nan, 0.5, 0.6],
        [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0],
        ["a", "a", "a", "b", "c", "c", "d"],
        -0.6,
    )
    expected = [Status.IMPOSSIBLE_INPUT, Status.MISSING_INPUT, Status.OK, Status.NO_VARIANCE]
    assert found.effects.status.tolist() == expected
    assert found.effects.yi[2] == 0.5
    with pytest.raises(ValueError, match="correlation"):
        stats.aggregate([0.1], [0.1], ["a"], 1.0)
    with pytest.raises(ValueError, match="length"):
        stats.aggregate([0.1], [0.1], ["a", "b"], 0.5)
