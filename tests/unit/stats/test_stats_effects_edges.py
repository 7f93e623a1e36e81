"""Effect sizes at the borders of what they allow: reasons of refusal, defaults, rows of a batch."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import stdtr

from living import stats
from living.stats import NOTHING_ADDED, Effects, Status
from living.stats.effects import effects

Measure = Callable[..., Effects]

GROUPS = {"m1": 3.0, "sd1": 2.0, "n1": 20, "m2": 4.0, "sd2": 1.5, "n2": 30}
CONTROL = {name: GROUPS[name] for name in ("m1", "m2", "sd2", "n1", "n2")}
REPORTED = {"difference": -1.0, "se": 0.5, "n1": 20, "n2": 30}
PAIRS = {"difference": 1.0, "sd1": 2.0, "sd2": 1.5, "n": 20, "r": 0.4}
BASELINE = {name: PAIRS[name] for name in ("difference", "sd1", "n", "r")}
CHANGE = {"difference": 1.0, "sd_difference": 2.0, "n": 20}
PAIRED_MEANS = {"m1": 5.0, "sd1": 2.0, "m2": 4.0, "sd2": 1.5, "n": 20, "r": 0.4}

TWO_GROUPS: list[tuple[Measure, dict[str, float]]] = [
    (stats.mean_difference, GROUPS),
    (stats.standardised_mean_difference, GROUPS),
    (stats.glass_delta, CONTROL),
    (stats.glass_delta_unequal, GROUPS),
    (stats.smd_unequal, GROUPS),
    (stats.ratio_of_means, GROUPS),
    (stats.smd_from_difference, REPORTED),
]
ONE_GROUP_TWICE: list[tuple[Measure, dict[str, float]]] = [
    (stats.paired_mean_difference, PAIRS),
    (stats.smd_change_sd, CHANGE),
    (stats.smd_raw_sd, BASELINE),
    (stats.smd_average_sd, PAIRS),
    (stats.smd_raw_sd_unequal, PAIRS),
    (stats.smd_pooled_sd, PAIRS),
    (stats.smd_pooled_sd_unequal, PAIRS),
    (stats.paired_ratio_of_means, PAIRED_MEANS),
]
SDS = ("sd1", "sd2", "se", "sd_difference")


def status_of(found: Effects) -> Status:
    assert np.isnan(found.yi).all() == np.isnan(found.vi).all() == (found.status != Status.OK).all()
    return Status(int(np.ravel(found.status)[0]))


def hedges_j(df: float) -> float:
    """Hedges 1981, equation 6e, by the gamma function itself."""
    return math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))


# --- reasons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("measure", "given"), TWO_GROUPS + ONE_GROUP_TWICE)
def test_without_any_scatter_there_is_no_effect_and_no_warning(
    measure: Measure, given: dict[str, float]
) -> None:
    flat = given | {name: 0.0 for name in SDS if name in given}
    assert status_of(measure(**flat)) == Status.NO_VARIANCE
    assert status_of(measure(**given)) == Status.OK


@pytest.mark.parametrize(("measure", "given"), TWO_GROUPS + ONE_GROUP_TWICE)
def test_a_negative_sd_is_refused_whichever_it_is(measure: Measure, given: dict[str, float]) -> None:
    for name in SDS:
        if name in given:
            assert status_of(measure(**given | {name: -0.5})) == Status.NO_VARIANCE
            assert status_of(measure(**given | {name: 0.5})) == Status.OK


@pytest.mark.parametrize(("measure", "given"), TWO_GROUPS)
def test_each_group_needs_two_people(measure: Measure, given: dict[str, float]) -> None:
    for name, few in (("n1", 1), ("n2", 1), ("n1", 0), ("n2", 0)):
        assert status_of(measure(**given | {name: few})) == Status.TOO_FEW_PARTICIPANTS
    assert status_of(measure(**given | {"n1": 1, "n2": 1})) == Status.TOO_FEW_PARTICIPANTS
    assert status_of(measure(**given | {"n1": 3, "n2": 3})) == Status.OK
    assert status_of(stats.mean_difference(**GROUPS | {"n1": 2, "n2": 2})) == Status.OK


@pytest.mark.parametrize(("measure", "given"), ONE_GROUP_TWICE)
def test_a_group_measured_twice_needs_two_people_and_a_correlation_within_one(
    measure: Measure, given: dict[str, float]
) -> None:
    assert status_of(measure(**given | {"n": 1})) == Status.TOO_FEW_PARTICIPANTS
    assert status_of(measure(**given | {"n": 0})) == Status.TOO_FEW_PARTICIPANTS
    assert status_of(measure(**given | {"n": 3})) == Status.OK
    assert status_of(stats.paired_mean_difference(**PAIRS | {"n": 2})) == Status.OK
    if "r" in given:
        assert status_of(measure(**given | {"r": 1.5})) == Status.IMPOSSIBLE_INPUT
        assert status_of(measure(**given | {"r": -1.5})) == Status.IMPOSSIBLE_INPUT
        assert status_of(measure(**given | {"r": -1.0})) == Status.OK


def test_one_sd_may_be_zero_unless_it_is_the_standardiser() -> None:
    assert status_of(stats.mean_difference(**GROUPS | {"sd1": 0.0})) == Status.OK
    assert status_of(stats.mean_difference(**GROUPS | {"sd2": 0.0})) == Status.OK
    assert status_of(stats.paired_mean_difference(**PAIRS | {"sd1": 0.0})) == Status.OK
    assert status_of(stats.paired_mean_difference(**PAIRS | {"sd2": 0.0})) == Status.OK
    assert status_of(stats.glass_delta_unequal(**GROUPS | {"sd1": 0.0})) == Status.OK
    assert status_of(stats.glass_delta_unequal(**GROUPS | {"sd2": 0.0})) == Status.NO_VARIANCE
    assert status_of(stats.smd_raw_sd_unequal(**PAIRS | {"sd2": 0.0})) == Status.OK
    assert status_of(stats.smd_raw_sd_unequal(**PAIRS | {"sd1": 0.0})) == Status.NO_VARIANCE


def test_a_mean_of_zero_has_no_ratio_and_means_below_one_have() -> None:
    for measure, given in ((stats.ratio_of_means, GROUPS), (stats.paired_ratio_of_means, PAIRED_MEANS)):
        for wrong in ({"m1": 0.0}, {"m2": 0.0}, {"m1": -3.0}, {"m2": -4.0}):
            assert status_of(measure(**given | wrong)) == Status.IMPOSSIBLE_INPUT
        for fine in ({"m1": 0.5, "m2": 0.5}, {"m1": -3.0, "m2": -4.0}):
            assert status_of(measure(**given | fine)) == Status.OK


def test_turning_and_stretching_keep_the_reasons() -> None:
    given = stats.generic([0.5, 0.5, 0.5, np.nan], [0.2, 0.0, -0.2, 0.2])
    assert list(given.status) == [Status.OK, Status.NO_VARIANCE, Status.NO_VARIANCE, Status.MISSING_INPUT]
    assert list(stats.flip(given).status) == list(given.status)
    assert list(stats.rescale(given, 0.1).status) == list(given.status)


def test_the_first_reason_that_holds_is_the_one_given() -> None:
    both = effects([1.0, 1.0], 1.0, (Status.ZERO_CELL, [True, False]), (Status.DOUBLE_ZERO, True))
    assert list(both.status) == [Status.ZERO_CELL, Status.DOUBLE_ZERO]
    assert list(effects([np.nan, 1.0], [1.0, np.inf]).status) == [Status.MISSING_INPUT] * 2
    assert list(effects(1.0, [-1.0, 0.0]).status) == [Status.NO_VARIANCE] * 2


# --- defaults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "given", "df"),
    [
        (stats.standardised_mean_difference, GROUPS, 48),
        (stats.glass_delta, CONTROL, 29),
        (stats.glass_delta_unequal, GROUPS, 29),
        (stats.smd_unequal, GROUPS, 48),
        (stats.smd_change_sd, CHANGE, 19),
        (stats.smd_raw_sd, BASELINE, 19),
        (stats.smd_raw_sd_unequal, PAIRS, 19),
        (stats.smd_pooled_sd, PAIRS, 2 * 19 / 1.16),
        (stats.smd_pooled_sd_unequal, PAIRS, 2 * 19 / 1.16),
        (stats.smd_from_t, {"t": 2.0, "n1": 20, "n2": 30}, 48),
        (stats.smd_from_f, {"f": 4.0, "sign": 1, "n1": 20, "n2": 30}, 48),
        (stats.smd_from_p, {"p": 0.04, "sign": 1, "n1": 20, "n2": 30}, 48),
    ],
)
def test_unless_said_otherwise_d_is_corrected_exactly(
    measure: Measure, given: dict[str, float], df: float
) -> None:
    plain, corrected = measure(**given, correction="none"), measure(**given)
    assert float(corrected.yi / plain.yi) == pytest.approx(hedges_j(df), rel=1e-12)
    near = measure(**given, correction="approximate")
    assert float(near.yi / plain.yi) == pytest.approx(1 - 3 / (4 * df - 1), rel=1e-12)


def test_d_from_a_reported_difference_and_from_average_sds_is_not_corrected_unless_asked() -> None:
    assert float(stats.smd_from_difference(**REPORTED).yi) == pytest.approx(-2 * math.sqrt(1 / 20 + 1 / 30))
    assert float(stats.smd_average_sd(**PAIRS).yi) == pytest.approx(1 / math.sqrt((4 + 2.25) / 2))


def test_the_average_sd_takes_beckers_variance_unless_the_handbooks_is_named() -> None:
    """2(1-r)/n + d^2/(2n), by hand with d^2 = 1 / 3.125, r = 0.4 and n = 20."""
    assert float(stats.smd_average_sd(**PAIRS).vi) == pytest.approx(1.2 / 20 + 0.32 / 40)
    handbook = stats.smd_average_sd(**PAIRS, variance="Handbook")
    assert float(handbook.vi) == pytest.approx(1.2 * (1 / 20 + 0.32 / 40))


def test_log_odds_are_logistic_unless_coxs_scale_is_named() -> None:
    d = stats.generic(0.4, 0.2)
    assert float(stats.log_odds_from_smd(d).yi) == pytest.approx(0.4 * math.pi / math.sqrt(3))
    assert float(stats.smd_from_log_odds(d).yi) == pytest.approx(0.4 * math.sqrt(3) / math.pi)
    assert float(stats.smd_from_log_odds(d, "normal").se) == pytest.approx(0.2 / 1.65)


def test_corrections_end_where_j_does() -> None:
    approximate = stats.CORRECTIONS["approximate"]
    assert np.isnan(approximate([0.5, 1])).all()
    assert list(approximate([1.5, 2])) == pytest.approx([1 - 3 / 5, 1 - 3 / 7])
    assert list(stats.CORRECTIONS["none"]([1, 5])) == [1.0, 1.0]


# --- reported statistics ------------------------------------------------------------------------------------


def test_an_f_below_one_and_an_f_of_zero_are_possible() -> None:
    found = stats.smd_from_f([0.25, 0.0], 1, 20, 30, correction="none")
    assert list(found.yi) == pytest.approx([0.5 * math.sqrt(1 / 20 + 1 / 30), 0.0])
    assert found.ok.all()


def test_the_variance_asked_for_is_the_one_used() -> None:
    """Borenstein's LS2: J^2 (1/n1 + 1/n2 + d^2 / (2 (n1 + n2)))."""
    d = 2.0 * math.sqrt(1 / 20 + 1 / 30)
    vi, two_sided = hedges_j(48) ** 2 * (1 / 20 + 1 / 30 + d**2 / 100), 2 * stdtr(48, -2.0)
    p = stats.smd_from_p(two_sided, 1, 20, 30, vtype="LS2")
    assert float(stats.smd_from_t(2.0, 20, 30, vtype="LS2").vi) == pytest.approx(vi)
    assert float(stats.smd_from_f(4.0, 1, 20, 30, vtype="LS2").vi) == pytest.approx(vi)
    assert float(p.vi) == pytest.approx(vi)
    assert float(p.vi) < float(stats.smd_from_p(two_sided, 1, 20, 30).vi)


def test_a_refused_statistic_has_no_share_in_the_others_average() -> None:
    alone = stats.smd_from_f([4.0, 9.0], 1, [20, 40], [30, 50], vtype="AV")
    f = stats.smd_from_f([4.0, -1.0, 9.0, 4.0], [1, 1, 1, 0], [20, 10, 40, 10], [30, 10, 50, 10], vtype="AV")
    assert list(f.vi[[0, 2]]) == pytest.approx(list(alone.vi), rel=1e-14)
    assert list(f.status) == [Status.OK, Status.IMPOSSIBLE_INPUT, Status.OK, Status.IMPOSSIBLE_INPUT]
    whole = stats.smd_from_p([0.04, 0.01], 1, [20, 40], [30, 50], vtype="AV")
    p = stats.smd_from_p([0.04, 1.5, 0.01, 0.5], [1, 1, 1, 0], [20, 9, 40, 9], [30, 9, 50, 9], vtype="AV")
    assert list(p.vi[[0, 2]]) == pytest.approx(list(whole.vi), rel=1e-14)


def test_a_statistic_without_degrees_of_freedom_says_that_the_groups_are_too_small() -> None:
    assert status_of(stats.smd_from_p(0.5, 1, 1, 1)) == Status.TOO_FEW_PARTICIPANTS
    assert status_of(stats.smd_from_p(np.nan, 1, 20, 20)) == Status.MISSING_INPUT
    assert status_of(stats.smd_from_t(np.inf, 20, 20)) == Status.MISSING_INPUT
    assert status_of(stats.smd_from_p(0.5, 1, 2, 2)) == Status.OK
    one_degree = stats.smd_from_p(0.5, 1, 1.5, 1.5, correction="none")
    assert status_of(one_degree) == Status.TOO_FEW_PARTICIPANTS


# --- averages over the studies ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "given", "second"),
    [(stats.standardised_mean_difference, GROUPS, 50), (stats.glass_delta, CONTROL, 30)],
)
def test_the_average_is_taken_over_a_rows_own_studies_that_have_an_effect(
    measure: Measure, given: dict[str, float], second: int
) -> None:
    """Sizes 50 and 25 weigh the estimates; a missing mean and the other row change nothing."""
    n = {"n1": [[20, 10, 20]], "n2": [[30, 15, 30]]}
    found = measure(
        **given | n | {"m1": [[3.0, 9.0, np.nan], [1.0, 1.0, 1.0]]}, correction="none", vtype="AV"
    )
    d = measure(**given | n | {"m1": [[3.0, 9.0, np.nan]]}, correction="none").yi[0]
    average = (50 * d[0] + 25 * d[1]) / 75
    assert float(found.vi[0, 0]) == pytest.approx(1 / 20 + 1 / 30 + average**2 / (2 * second))
    assert found.status[0, 2] == Status.MISSING_INPUT


def test_average_coefficients_of_variation_leave_out_studies_without_a_ratio() -> None:
    """By hand: means 2 and 4, SDs 1, sizes 10 and 30 in both groups; the third study's mean is missing."""
    m, n = [[2.0, 4.0, np.nan], [1.0, 1.0, 1.0]], [10, 30, 50]
    one = (10 * 0.5 + 30 * 0.25) / 40
    for vtype in ("AV", "AVHO"):
        found = stats.ratio_of_means(m, 1.0, n, m, 1.0, n, vtype=vtype)
        assert list(found.vi[0, :2]) == pytest.approx([2 * one**2 / 10, 2 * one**2 / 30])
        assert found.status[0, 2] == Status.MISSING_INPUT


def test_average_risks_are_those_of_a_rows_own_studies() -> None:
    """By hand: 3 of 20 and 9 of 40 are 0.2 on average, 4 of 20 and 14 of 40 are 0.3."""
    found = stats.risk_difference_at_averages(
        [[3, 9, np.nan], [1, 1, 1]], [20, 40, 50], [[4, 14, 5], [1, 1, 1]], [20, 40, 50]
    )
    assert found.vi[0, :2].tolist() == pytest.approx([0.37 / 20, 0.37 / 40])
    assert found.status[0, 2] == Status.MISSING_INPUT
    assert status_of(stats.risk_difference_at_averages(0, 0, 5, 20, NOTHING_ADDED)) == Status.MISSING_INPUT


def test_a_refused_study_has_no_share_in_the_others_average() -> None:
    """Its numbers are finite: a group of one person, more events than people."""
    m1, n1 = [3.0, 6.0, 9.0], [20, 10, 1]
    for measure, given in ((stats.standardised_mean_difference, GROUPS), (stats.glass_delta, CONTROL)):
        all_three = measure(**given | {"m1": m1, "n1": n1}, vtype="AV")
        two = measure(**given | {"m1": m1[:2], "n1": n1[:2]}, vtype="AV")
        assert all_three.vi[:2].tolist() == two.vi.tolist()
        assert all_three.status[2] == Status.TOO_FEW_PARTICIPANTS
    risks = stats.risk_difference_at_averages([3, 9, 60], [20, 40, 50], [4, 14, 5], [20, 40, 50])
    assert risks.vi[:2].tolist() == pytest.approx([0.37 / 20, 0.37 / 40])
    assert risks.status[2] == Status.IMPOSSIBLE_INPUT


# --- correlations within people -----------------------------------------------------------------------------


def test_a_correlation_follows_from_three_sds_or_there_is_none() -> None:
    """r = (s^2 + t^2 - c^2) / (2 s t): 1 where nothing changed, -1 where all signs turned."""
    assert float(stats.r_from_sd_of_change(0.5, 0.5, 0.0)) == 1.0
    assert float(stats.r_from_sd_of_change(0.5, 0.5, 1.0)) == -1.0
    assert float(stats.r_from_sd_of_change(0.6, 0.8, 0.5)) == pytest.approx(0.75 / 0.96)
    for sds in ((1.0, 3.0, 1.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (-0.6, -0.8, 0.5), (0.6, 0.8, -0.5)):
        assert np.isnan(stats.r_from_sd_of_change(*sds))


def test_a_sweep_has_one_row_for_each_correlation() -> None:
    found = stats.paired_mean_difference_sweep([1.0, 2.0], 2.0, 2.0, 20, [0, 1 / 2])
    assert found.vi.tolist() == [pytest.approx([8 / 20] * 2), pytest.approx([4 / 20] * 2)]
    usual = stats.paired_mean_difference_sweep(1.0, 2.0, 2.0, 20)
    assert list(usual.vi) == pytest.approx([8 * (1 - r / 10) / 20 for r in range(10)])
