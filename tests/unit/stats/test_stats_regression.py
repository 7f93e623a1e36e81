"""Meta-regression: what it answers, and every case in which it has no answer."""

import doctest

import numpy as np
import pytest

from living import stats
from living.stats import Status, regression
from living.stats.design import design

YI = [0.1, 0.3, 0.4, 0.8, 0.2]
VI = [0.02, 0.03, 0.05, 0.02, 0.04]
X = [1.0, 2.0, 3.0, 4.0, 2.5]


def test_the_examples_run_as_printed() -> None:
    found = doctest.testmod(regression)
    assert (found.attempted > 0, found.failed) == (True, 0)


@pytest.mark.parametrize("tau2", sorted(stats.TAU2))
def test_without_moderators_it_is_the_ordinary_fit(tau2: str) -> None:
    plain = stats.fit(YI, VI, tau2=tau2, interval="HK")
    found = stats.meta_regression(YI, VI, np.empty((5, 0)), tau2=tau2, interval="HK")
    assert found.b[0] == pytest.approx(float(plain.mu), rel=1e-12)
    assert float(found.tau2) == pytest.approx(float(plain.tau2), rel=1e-10)
    assert found.ci_high[0] == pytest.approx(float(plain.ci_high), rel=1e-10)
    assert np.isnan(found.qm)


def test_a_group_as_moderator_is_the_subgroup_model_with_a_common_tau2() -> None:
    groups = stats.subgroups_common_tau2(YI, VI, list("aabba"), tau2="DL", interval="wald")
    assert isinstance(groups, stats.CommonSubgroups)
    assert isinstance(groups.between, stats.Between)
    found = stats.meta_regression(YI, VI, [0, 0, 1, 1, 0], tau2="DL", interval="wald")
    assert found.b[0] == pytest.approx(groups.levels["a"].mu, rel=1e-12)
    assert found.b.sum() == pytest.approx(groups.levels["b"].mu, rel=1e-12)
    assert float(found.qm) == pytest.approx(groups.between.statistic, rel=1e-10)


def test_moving_a_moderator_moves_the_intercept_only() -> None:
    near, far = (stats.meta_regression(YI, VI, np.array(X) + shift) for shift in (0.0, 1e6))
    assert far.b[1] == pytest.approx(near.b[1], rel=1e-9)
    assert float(far.tau2) == pytest.approx(float(near.tau2), rel=1e-9)


def test_a_batch_gives_each_row_the_numbers_of_its_own_loop() -> None:
    yi = np.array([YI, YI[::-1], [0.0, 1.0, -1.0, 2.0, 0.5]])
    batch = stats.meta_regression(yi, VI, X)
    for row, single in enumerate(stats.meta_regression(y, VI, X) for y in yi):
        assert batch.b[row].tolist() == single.b.tolist()
        assert batch.tau2[row] == single.tau2


def test_a_study_left_out_by_the_mask_leaves_the_regression_of_the_others() -> None:
    masked = stats.meta_regression([9.0, *YI], [0.1, *VI], [np.nan, *X], include=[False] + [True] * 5)
    plain = stats.meta_regression(YI, VI, X)
    assert masked.b == pytest.approx(plain.b, rel=1e-10)
    assert masked.k == 5


def test_rows_without_an_answer_say_why_and_hold_no_number() -> None:
    good = np.column_stack([X, [0, 1, 0, 1, 1]])
    doubled = np.column_stack([X, 2 * np.array(X)])
    missing = np.where(good == 3.0, np.nan, good)
    found = stats.meta_regression(YI, VI, np.stack([good, doubled, missing]))
    assert found.status.tolist() == [Status.OK, Status.COLLINEAR, Status.MISSING_INPUT]
    assert np.isfinite(found.b).all(-1).tolist() == [True, False, False]
    assert stats.meta_regression(YI[:2], VI[:2], X[:2]).status == Status.TOO_FEW_STUDIES
    assert stats.meta_regression(YI[:1], VI[:1], X[:1]).status == Status.TOO_FEW_STUDIES
    assert stats.meta_regression(YI, [0.0, *VI[1:]], X).status == Status.NO_VARIANCE
    assert stats.meta_regression(YI, VI, [1.0] * 5).status == Status.COLLINEAR


def test_a_perfect_line_has_no_hartung_knapp_interval() -> None:
    line = 0.1 + 0.3 * np.array(X)
    assert stats.meta_regression(line, VI, X, interval="HK").status == Status.NO_WIDTH
    assert stats.meta_regression(line, VI, X, interval="wald").ok


def test_shapes_and_names_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="moderators"):
        stats.meta_regression(YI, VI, 1.0)
    with pytest.raises(ValueError, match="moderators"):
        stats.meta_regression(YI, VI, X[:3])
    with pytest.raises(KeyError):
        stats.meta_regression(YI, VI, X, tau2="reml")


def test_traces_agree_with_dense_matrices() -> None:
    x = np.column_stack([np.ones(5), X])
    d = design(YI, VI, x)
    w = d.weights(0.1)
    dense = np.diag(w[0])
    p = dense - dense @ x @ np.linalg.inv(x.T @ dense @ x) @ x.T @ dense
    assert d.trace_p(w) == pytest.approx(np.trace(p), rel=1e-12)
    assert d.trace_pp(w) == pytest.approx(np.trace(p @ p), rel=1e-12)
    assert d.q(0.1) == pytest.approx(np.array(YI) @ p @ YI, rel=1e-12)
    assert d.py_squares(w)[1] == pytest.approx(np.array(YI) @ p @ p @ p @ YI, rel=1e-10)


def test_a_new_study_is_predicted_wider_than_the_mean() -> None:
    found = stats.meta_regression([0.1, 0.9, 0.2, 1.5, 0.3], VI, X)
    at = stats.predict(found, [2.0, 5.0])
    assert (at.pi_high > at.ci_high).all()
    assert at.mean == pytest.approx([found.b @ [1, 2], found.b @ [1, 5]])
