"""Pooling: the topic's own numbers, and every edge."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from living import stats
from living.stats import NotEstimable, PoolResult, Status

GOLDEN = Path(__file__).parents[2] / "oracle" / "golden"
LDN = [-0.34, 0.88, 0.49]
LDN_SE = np.array([(0.27 + 0.95) / 3.92, (2.46 + 0.70) / 3.92, (1.31 + 0.32) / 3.92])
EXAMPLE = [-0.4155, -0.2196, 0.2871]
EXAMPLE_SE = np.array([0.1695, 0.2016, 0.2052])


def pooled(yi: object, vi: object, **rules: object) -> PoolResult:
    found = stats.pool(yi, vi, **rules)
    assert isinstance(found, PoolResult)
    return found


@pytest.mark.parametrize(
    ("interval", "low", "high"), [("wald", -0.56, 0.89), ("HK", -1.33, 1.66), ("HK-guarded", -1.42, 1.75)]
)
def test_the_three_ldn_trials_have_the_printed_interval_under_each_rule(
    interval: str, low: float, high: float
) -> None:
    found = pooled(LDN, LDN_SE**2, interval=interval)
    assert (round(found.mu, 2), round(found.tau2, 3)) == (0.16, 0.192)
    assert (round(found.ci_low, 2), round(found.ci_high, 2)) == (low, high)
    assert found.interval_method == interval


def test_the_three_trial_example_has_its_printed_pool() -> None:
    found = pooled(EXAMPLE, EXAMPLE_SE**2, tau2="DL", interval="wald")
    assert [round(x, 3) for x in (found.mu, found.ci_low, found.ci_high)] == [-0.127, -0.536, 0.282]
    assert round(found.tau2, 4) == pytest.approx(0.0937, abs=1.01e-4)
    assert (round(found.i2_q), round(found.q, 2)) == (72, 7.11)
    hk = pooled(EXAMPLE, EXAMPLE_SE**2, tau2="DL", interval="HK")
    assert [round(x, 3) for x in (hk.ci_low, hk.ci_high)] == [-1.026, 0.772]


def test_two_fibromyalgia_trials_differ_by_rule_as_the_protocol_prints() -> None:
    wald = pooled(EXAMPLE[:2], EXAMPLE_SE[:2] ** 2, interval="wald")
    hk = pooled(EXAMPLE[:2], EXAMPLE_SE[:2] ** 2, interval="HK")
    assert [round(x, 2) for x in (wald.mu, wald.ci_low, wald.ci_high)] == [-0.33, -0.59, -0.08]
    assert [round(x, 2) for x in (hk.ci_low, hk.ci_high)] == [-1.56, 0.89]


def test_one_study_is_not_pooled_but_shown() -> None:
    assert stats.pool([0.5], [0.04]) == NotEstimable(Status.SINGLE_STUDY)
    row = stats.fit([0.5], [0.04])
    assert row.status == Status.SINGLE_STUDY
    assert [float(x) for x in (row.mu, row.se, row.ci_low)] == pytest.approx(
        [0.5, 0.2, 0.5 - 1.96 * 0.2], abs=1e-5
    )
    assert np.isnan(row.tau2)
    low, high = stats.study_interval(0.5, 0.04)
    assert (float(low), float(high)) == (float(row.ci_low), float(row.ci_high))


def test_two_studies_have_no_hts_prediction_interval() -> None:
    found = pooled([0.1, 0.9], [0.04, 0.05])
    assert found.pi_low is None
    assert found.pi_high is None
    assert pooled([0.1, 0.9], [0.04, 0.05], prediction="t(k-1)").pi_low is not None


def test_identical_studies_have_no_hartung_knapp_interval_but_a_guarded_one() -> None:
    yi, vi = [0.4639] * 3, [0.1897, 0.1183, 0.2]
    assert stats.pool(yi, vi, interval="HK") == NotEstimable(Status.NO_WIDTH)
    found = pooled(yi, vi, interval="HK-guarded")
    assert (found.tau2, found.i2_q, found.tau2_high) == (0.0, 0.0, 0.0)
    assert found.ci_low < 0.4639 < found.ci_high


@pytest.mark.parametrize(
    ("yi", "vi", "status"),
    [
        ([], [], Status.NO_STUDIES),
        ([0.1, np.nan], [0.1, 0.1], Status.MISSING_INPUT),
        ([0.1, 0.2], [0.1, np.inf], Status.MISSING_INPUT),
        ([0.1, 0.2], [0.1, 0.0], Status.NO_VARIANCE),
        ([0.1, 0.2], [0.1, -0.1], Status.NO_VARIANCE),
    ],
)
def test_numbers_that_cannot_be_pooled_give_a_reason(
    yi: list[float], vi: list[float], status: Status
) -> None:
    for method in stats.TAU2:
        assert stats.pool(yi, vi, tau2=method) == NotEstimable(status)


def test_a_batch_gives_a_status_per_row_and_never_raises() -> None:
    nan = np.nan
    yi = [[0.1, 0.2, 0.5], [0.1, nan, 0.5], [1e300, -1e300, 0.0], [0.3, 0.3, 0.3], [0.1, 0.2, 0.9]]
    vi = [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [1e-300, 1e-300, 1.0], [0.1, 0.1, 0.1], [0.1, 0.0, 0.1]]
    for method in stats.TAU2:
        found = stats.fit(yi, vi, tau2=method, interval="HK")
        assert list(found.status[[0, 1, 3, 4]]) == [
            Status.OK,
            Status.MISSING_INPUT,
            Status.NO_WIDTH,
            Status.NO_VARIANCE,
        ]
        assert found.status[2] in (Status.OUT_OF_RANGE, Status.NOT_CONVERGED, Status.OK)
        assert np.isfinite(found.ci_low).tolist() == found.ok.tolist()
        assert np.isfinite(found.tau2).tolist() == found.ok.tolist()


def test_a_study_left_out_by_the_mask_leaves_the_fit_of_the_others() -> None:
    include = [True, False, True, True]
    masked = stats.fit([0.1, 99.0, 0.7, 0.4], [0.1, 0.2, 0.05, 0.1], include=include)
    plain = stats.fit([0.1, 0.7, 0.4], [0.1, 0.05, 0.1])
    assert float(masked.mu) == pytest.approx(float(plain.mu), rel=1e-12)
    assert masked.k == 3
    assert masked.weights[1] == 0.0


def test_weights_are_percentages() -> None:
    found = pooled([0.1, 0.7, 0.4], [0.1, 0.05, 0.1], tau2="CE")
    assert found.weights == pytest.approx([25.0, 50.0, 25.0])


def test_the_higher_of_two_restricted_likelihood_modes_is_reported() -> None:
    """The data of dat.gibson2002 (mean differences) have modes at 0 and at 9.68; the second is higher."""
    blocks = json.loads(gzip.decompress((GOLDEN / "dat.gibson2002.json.gz").read_bytes()))["analyses"]
    block = next(a["measures"]["MD"] for a in blocks if "MD" in a["measures"])
    rows = np.array(block["used_rows"]) - 1
    yi, vi = (np.array(block["escalc"]["LS"][name], dtype=float)[rows] for name in ("yi", "vi"))
    assert pooled(yi, vi, tau2="REML").tau2 == pytest.approx(9.679214000306667, rel=1e-10)
    assert pooled(yi, vi, tau2="ML").tau2 == 0.0


def test_a_known_tau2_may_be_given_as_a_number() -> None:
    found = stats.fit([0.1, 0.7], [0.1, 0.3], tau2=0.2, interval="wald")
    assert float(found.tau2) == 0.2
    assert float(found.se) == pytest.approx((1 / 0.3 + 1 / 0.5) ** -0.5)
    with pytest.raises(ValueError, match="negative"):
        stats.fit([0.1, 0.7], [0.1, 0.3], tau2=-1.0)


def test_a_limit_of_tau2_beyond_the_search_is_flagged_and_reported_at_it() -> None:
    whole = pooled([0.1, 0.9], [0.04, 0.05])
    cut = pooled([0.1, 0.9], [0.04, 0.05], tau2_limit=100.0)
    assert (whole.tau2_beyond, cut.tau2_beyond) == (False, True)
    assert whole.tau2_high > cut.tau2_high == 100.0
    assert cut.i2_tau2_high < whole.i2_tau2_high


def test_too_little_scatter_for_any_tau2_is_flagged_as_empty() -> None:
    found = stats.q_profile([0.4771, 0.4781, 0.4751], [0.1731, 0.0836, 0.1118])
    assert found.empty
    assert (float(found.low), float(found.high)) == (0.0, 0.0)
    assert not stats.q_profile(LDN, LDN_SE**2).empty


def test_a_name_that_is_no_method_is_refused_before_anything_is_computed() -> None:
    for wrong in ({"tau2": "reml"}, {"interval": "hksj"}, {"prediction": "none"}):
        with pytest.raises(KeyError):
            stats.pool([0.1, 0.2], [0.1, 0.1], **wrong)
    with pytest.raises(ValueError, match="level"):
        stats.pool([0.1, 0.2], [0.1, 0.1], level=95)
    with pytest.raises(ValueError, match="one length"):
        stats.pool([0.1, 0.2], [0.1])


def test_a_group_of_one_study_is_shown_as_not_pooled_and_enters_the_test() -> None:
    found = stats.subgroups([0.1, 0.3, 0.9], [0.1, 0.1, 0.05], ["a", "a", "b"], tau2="CE", interval="wald")
    assert found.levels["b"] == NotEstimable(Status.SINGLE_STUDY)
    assert isinstance(found.between, stats.Between)
    assert found.between.df == 1
    assert found.between.statistic == pytest.approx((0.9 - 0.2) ** 2 / (0.05 + 0.05))


def test_a_group_whose_own_interval_has_no_width_enters_the_test_by_walds_rule() -> None:
    found = stats.subgroups([0.3, 0.3, 0.9], [0.1, 0.1, 0.05], ["a", "a", "b"], interval="HK")
    assert found.levels["a"] == NotEstimable(Status.NO_WIDTH)
    assert isinstance(found.between, stats.Between)
    assert found.between.statistic == pytest.approx((0.9 - 0.3) ** 2 / (0.05 + 0.05))


def test_one_group_alone_cannot_be_compared() -> None:
    one = stats.subgroups([0.1, 0.3], [0.1, 0.1], ["a", "a"])
    assert one.between == NotEstimable(Status.TOO_FEW_STUDIES)
    bad = stats.subgroups([0.1, np.nan], [0.1, 0.1], ["a", "b"])
    assert bad.between == NotEstimable(Status.MISSING_INPUT)


def test_a_common_tau2_needs_more_studies_than_groups() -> None:
    assert stats.subgroups_common_tau2([0.1, 0.3], [0.1, 0.1], ["a", "b"]) == NotEstimable(
        Status.TOO_FEW_STUDIES
    )
    assert stats.subgroups_common_tau2([0.1], [0.1], ["a"]) == NotEstimable(Status.SINGLE_STUDY)


def test_a_common_tau2_of_one_group_is_the_ordinary_fit() -> None:
    common = stats.subgroups_common_tau2(LDN, LDN_SE**2, ["x"] * 3)
    assert isinstance(common, stats.CommonSubgroups)
    plain = pooled(LDN, LDN_SE**2)
    assert common.tau2 == plain.tau2
    assert common.levels["x"].ci_low == pytest.approx(plain.ci_low, rel=1e-12)
