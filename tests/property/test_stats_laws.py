"""What must hold for any studies whatever: order, shifts, scales, batches and stationary points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living import stats
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out
from living.stats.tau2 import TAU2

LAWS = settings(derandomize=True, deadline=None, database=None, max_examples=60)
SAME = {
    "rtol": 1e-7,
    "atol": 1e-9,
}  # sums in another order differ in their last digits, and tau2 magnifies them
ITERATED = ("REML", "ML")
SHOWN = ("mu", "se", "ci_low", "ci_high", "tau2", "q", "i2_tau2", "pi_low", "pi_high")

effect = st.floats(-3, 3).map(lambda x: round(x, 3))
variance = st.floats(0.01, 2.0).map(lambda x: round(x, 4))


@st.composite
def studies(draw: st.DrawFn, least: int = 2, most: int = 9) -> tuple[np.ndarray, np.ndarray]:
    k = draw(st.integers(least, most))
    yi = draw(st.lists(effect, min_size=k, max_size=k, unique=True))
    return np.array(yi), np.array(draw(st.lists(variance, min_size=k, max_size=k)))


methods = st.sampled_from(sorted(TAU2))
intervals = st.sampled_from(sorted(stats.INTERVALS))


def height(yi: np.ndarray, vi: np.ndarray, tau2: float, method: str) -> float:
    return float(log_likelihood(lay_out(yi, vi), np.asarray(tau2), method == "REML"))


@LAWS
@given(studies(), methods, intervals, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(data, method, interval, random) -> None:
    yi, vi = data
    order = list(range(len(yi)))
    random.shuffle(order)
    one = stats.fit(yi, vi, tau2=method, interval=interval)
    two = stats.fit(yi[order], vi[order], tau2=method, interval=interval)
    if method in ITERATED:  # two peaks of one height may swap; their height may not
        assert height(yi, vi, float(one.tau2), method) == pytest.approx(
            height(yi, vi, float(two.tau2), method), abs=1e-9
        )
    for name in SHOWN:
        assert np.allclose(getattr(one, name), getattr(two, name), equal_nan=True, **SAME), name
    assert np.allclose(one.weights[order], two.weights, **SAME)


@LAWS
@given(studies(), methods, intervals, st.floats(-10, 10))
def test_shifting_every_effect_shifts_the_mean_and_nothing_else(data, method, interval, shift) -> None:
    yi, vi = data
    one = stats.fit(yi, vi, tau2=method, interval=interval)
    two = stats.fit(yi + shift, vi, tau2=method, interval=interval)
    for name in ("se", "tau2", "q", "i2_tau2"):
        assert np.allclose(getattr(one, name), getattr(two, name), rtol=1e-6, atol=1e-8), name
    for name in ("mu", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert np.allclose(
            getattr(one, name) + shift, getattr(two, name), rtol=1e-6, atol=1e-6, equal_nan=True
        ), name


@LAWS
@given(studies(), methods, intervals, st.sampled_from([2.0**-20, 0.125, 2.0, 2.0**20]))
def test_another_unit_of_measurement_scales_the_mean_and_squares_tau2(data, method, interval, unit) -> None:
    yi, vi = data
    one = stats.fit(yi, vi, tau2=method, interval=interval)
    two = stats.fit(yi * unit, vi * unit**2, tau2=method, interval=interval)
    for name in ("mu", "se", "ci_low", "ci_high"):
        assert np.allclose(getattr(one, name) * unit, getattr(two, name), rtol=1e-7, atol=1e-9 * unit), name
    assert np.allclose(one.tau2 * unit**2, two.tau2, rtol=1e-7, atol=1e-9 * unit**2)
    assert np.allclose(one.i2_tau2, two.i2_tau2, rtol=1e-6, atol=1e-6)
    profile = [stats.q_profile(yi, vi), stats.q_profile(yi * unit, vi * unit**2)]
    assert np.allclose(profile[0].high * unit**2, profile[1].high, rtol=1e-9, atol=0)


@LAWS
@given(studies(), methods, intervals)
def test_turning_the_scale_round_turns_the_interval_round(data, method, interval) -> None:
    yi, vi = data
    one = stats.fit(yi, vi, tau2=method, interval=interval)
    two = stats.fit(-yi, vi, tau2=method, interval=interval)
    assert np.array_equal(one.ci_low, -two.ci_high)
    assert np.array_equal(one.tau2, two.tau2)


@LAWS
@given(st.integers(2, 40), st.integers(2, 12), methods, intervals, st.integers(0, 2**31))
def test_a_batch_equals_its_rows_one_by_one_bit_for_bit(k, rows, method, interval, seed) -> None:
    random = np.random.default_rng(seed)
    vi = random.uniform(0.01, 2.0, (rows, k))
    yi = random.normal(0, np.sqrt(vi + random.choice([0, 0.5], (rows, 1))))
    yi[0, 0] = np.nan
    batch = stats.fit(yi, vi, tau2=method, interval=interval)
    profile = stats.q_profile(yi, vi)
    for i in range(rows):
        row, own = stats.fit(yi[i], vi[i], tau2=method, interval=interval), stats.q_profile(yi[i], vi[i])
        for name in (*SHOWN, "weights", "status", "p", "q_p"):
            assert np.array_equal(getattr(batch, name)[i], getattr(row, name), equal_nan=True), name
        assert np.array_equal(profile.high[i], own.high, equal_nan=True)
        pooled = stats.pool(yi[i], vi[i], tau2=method, interval=interval)
        if isinstance(pooled, stats.PoolResult):
            assert pooled.weights == tuple(batch.weights[i])
            for name in ("mu", "se", "ci_low", "ci_high", "p", "tau2", "q", "q_p", "i2_tau2"):
                assert getattr(pooled, name) == getattr(batch, name)[i], name
            assert (pooled.tau2_low, pooled.tau2_high) == (profile.low[i], profile.high[i])


@LAWS
@given(studies(), st.sampled_from(ITERATED))
def test_a_likelihood_estimate_is_a_stationary_point_or_zero_and_no_point_is_higher(data, method) -> None:
    yi, vi = data
    tau2 = float(stats.fit(yi, vi, tau2=method).tau2)
    top = height(yi, vi, tau2, method)
    step = 1e-5 * (tau2 + vi.min())
    slope = (height(yi, vi, tau2 + step, method) - height(yi, vi, max(tau2 - step, 0.0), method)) / step
    if tau2 > step:
        assert abs(slope) * (tau2 + vi.min()) < 1e-4
    else:
        assert slope < 1e-6 / step
    for other in np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 300)]):
        assert height(yi, vi, float(other), method) <= top + 1e-9


@LAWS
@given(studies())
def test_paule_mandel_and_the_q_profile_solve_their_equations(data) -> None:
    from scipy.special import chdtri

    yi, vi = data
    layout = lay_out(yi, vi)
    df = len(yi) - 1
    profile = stats.q_profile(yi, vi)
    wanted = (
        (stats.fit(yi, vi, tau2="PM").tau2, df),
        (stats.fit(yi, vi, tau2="PMM").tau2, chdtri(df, 0.5)),
        (profile.low, chdtri(df, 0.025)),
        (profile.high, chdtri(df, 0.975)),
    )
    for tau2, goal in wanted:
        q = float(layout.q(tau2))
        assert q == pytest.approx(goal, rel=1e-9) if tau2 > 0 else q <= goal * (1 + 1e-12)


@LAWS
@given(studies(least=3), methods, intervals)
def test_leaving_a_study_out_is_refitting_without_it(data, method, interval) -> None:
    yi, vi = data
    left = stats.leave_one_out(yi, vi, tau2=method, interval=interval)
    for i in range(len(yi)):
        rest = stats.fit(np.delete(yi, i), np.delete(vi, i), tau2=method, interval=interval)
        for name in SHOWN:
            assert np.array_equal(getattr(left, name)[i], getattr(rest, name), equal_nan=True), name


@LAWS
@given(studies(), methods)
def test_the_guarded_interval_holds_both_walds_and_hartung_knapps(data, method) -> None:
    yi, vi = data
    wald, hk, guarded = (
        stats.fit(yi, vi, tau2=method, interval=name) for name in ("wald", "HK", "HK-guarded")
    )
    assert guarded.ci_low <= wald.ci_low
    assert guarded.ci_high >= wald.ci_high
    assert guarded.se >= hk.se


@LAWS
@given(studies(least=4, most=8), methods)
def test_the_names_of_groups_do_not_matter(data, method) -> None:
    yi, vi = data
    half = len(yi) // 2
    one = stats.subgroups_common_tau2(yi, vi, ["a"] * half + ["b"] * (len(yi) - half), tau2=method)
    two = stats.subgroups_common_tau2(yi, vi, ["z"] * half + ["b"] * (len(yi) - half), tau2=method)
    assert isinstance(one, stats.CommonSubgroups)
    assert isinstance(two, stats.CommonSubgroups)
    assert one.levels["a"].mu == pytest.approx(two.levels["z"].mu, rel=1e-7, abs=1e-9)
    assert one.tau2 == pytest.approx(two.tau2, rel=1e-7, abs=1e-9)


@LAWS
@given(studies(), methods)
def test_the_full_subset_is_the_full_fit(data, method) -> None:
    yi, vi = data
    every, full = stats.gosh(yi, vi, tau2=method), stats.fit(yi, vi, tau2=method, interval="wald")
    assert isinstance(every, stats.Gosh)
    assert every.include[-1].all()
    assert every.status[-1] == full.status
    for name in ("k", "mu", "tau2", "q"):
        assert np.allclose(getattr(every, name)[-1], getattr(full, name), equal_nan=True, **SAME), name


@LAWS
@given(studies(least=3), methods, st.integers(0, 2**31))
def test_a_drawn_subset_is_a_row_of_all_subsets(data, method, seed) -> None:
    yi, vi = data
    every = stats.gosh(yi, vi, tau2=method)
    drawn = stats.gosh(yi, vi, tau2=method, sample=20, seed=seed)
    assert isinstance(every, stats.Gosh)
    assert isinstance(drawn, stats.Gosh)
    rows = drawn.include @ (1 << np.arange(len(yi))) - 1
    assert np.array_equal(every.include[rows], drawn.include)
    assert np.array_equal(every.k[rows], drawn.k)
    for name in ("mu", "tau2", "q", "i2"):
        assert np.allclose(getattr(every, name)[rows], getattr(drawn, name), equal_nan=True, **SAME), name


@LAWS
@given(studies(), methods, intervals, st.integers(0, 2**31))
def test_the_end_of_a_cumulative_analysis_is_the_full_fit(data, method, interval, seed) -> None:
    yi, vi = data
    order = np.random.default_rng(seed).permutation(len(yi))
    steps = stats.cumulative(yi, vi, order=order, tau2=method, interval=interval)
    full = stats.fit(yi, vi, tau2=method, interval=interval)
    assert steps.status[-1] == full.status
    if method in ITERATED:  # two peaks of one height may swap; their height may not
        assert height(yi, vi, float(steps.tau2[-1]), method) == pytest.approx(
            height(yi, vi, float(full.tau2), method), abs=1e-9
        )
    for name in SHOWN:
        assert np.allclose(getattr(steps, name)[-1], getattr(full, name), equal_nan=True, **SAME), name
