"""Random-effects models at their borders: R's printed numbers, levels, limits, empty rows and refusals."""

from typing import Any

import numpy as np
import pytest

from living import stats
from living.stats import NotEstimable, Status
from living.stats.intervals import PREDICTIONS, critical, two_sided_p
from living.stats.likelihood import log_likelihood
from living.stats.moments import lay_out

Y = np.array([0.1, 0.3, 0.35, 0.65, 0.45, -0.4])
V = np.array([0.03, 0.02, 0.05, 0.01, 0.05, 0.2])
PRINTED = 1e-9  # R printed twelve digits, after iterations stopped at a change of 1e-14
SEARCHED = 1e-6  # metafor's uniroot, however small the tolerance asked for
SHOWN = ("mu", "se", "ci_low", "ci_high", "statistic", "p", "df", "tau2", "q", "q_df", "q_p")
SHOWN += ("i2_q", "h2_q", "i2_tau2", "h2_tau2", "pi_low", "pi_high")
LIMITS = ("low", "high", "i2_low", "i2_high", "h2_low", "h2_high")


def values(found: Any, *names: str) -> list[float]:
    return [float(getattr(found, name)) for name in names]


# --- R's printed numbers (metafor 3.8-1) --------------------------------------------------------------------


def test_by_default_the_fit_is_reml_with_the_guarded_interval_and_hts_prediction() -> None:
    """rma(y, v, test="adhoc"); I2 and H2 from Q are those of method="EE"."""
    found = stats.fit(Y, V)
    assert values(found, "mu", "se", "ci_low", "ci_high", "statistic", "p") == pytest.approx(
        [
            0.3457038250028,
            0.1155683995214,
            0.0486257964195,
            0.6427818535860,
            2.9913352303432,
            0.0304005962380,
        ],
        rel=PRINTED,
    )
    assert values(found, "tau2", "i2_tau2", "h2_tau2", "q", "q_p", "q_df") == pytest.approx(
        [0.0385990308801, 56.0364823096155, 2.2746132532946, 12.8923357664234, 0.0244088613818, 5],
        rel=PRINTED,
    )
    assert values(found, "i2_q", "h2_q") == pytest.approx([100 * (1 - 5 / found.q), found.q / 5], rel=1e-12)
    named = stats.fit(Y, V, tau2="REML", interval="HK-guarded", prediction="HTS", level=0.95)
    assert values(found, *SHOWN) == values(named, *SHOWN)


def test_another_level_moves_both_intervals() -> None:
    """rma(y, v, test="knha", level=90) and its predict()."""
    found = stats.fit(Y, V, interval="HK", prediction="t(k-1)", level=0.9)
    assert values(found, "ci_low", "ci_high", "pi_low", "pi_high") == pytest.approx(
        [0.112827909538, 0.578579740467, -0.113599415698, 0.805007065704], rel=PRINTED
    )
    found = stats.fit(Y, V, tau2="DL", interval="wald", prediction="normal", level=0.9)
    assert values(found, "ci_low", "ci_high", "pi_low", "pi_high", "tau2") == pytest.approx(
        [0.1415179158809, 0.5364415532752, -0.0712858153618, 0.7492452845179, 0.0478006189213], rel=PRINTED
    )
    hts = stats.fit(Y, V, tau2="DL", interval="HK", level=0.9)
    assert values(hts, "pi_low", "pi_high") == pytest.approx([-0.192753472468, 0.870712941624], rel=PRINTED)


@pytest.mark.parametrize(
    ("name", "tau2"),
    [
        ("DL", 0.047800618921309),
        ("HE", 0.071416666666667),
        ("HS", 0.030185412115723),
        ("HSk", 0.041477968991422),
        ("SJ", 0.066704193311167),
        ("PM", 0.043214246543056),
        ("PMM", 0.057199433339784),
        ("EB", 0.043214246543056),
        ("ML", 0.027423073032233),
        ("REML", 0.038599030880053),
    ],
)
def test_each_estimator_has_its_printed_value(name: str, tau2: float) -> None:
    assert float(stats.fit(Y, V, tau2=name).tau2) == pytest.approx(tau2, rel=1e-10)


def test_both_likelihoods_have_their_printed_height() -> None:
    for name, height in (("ML", -0.691371273076), ("REML", -1.11026474415)):
        tau2 = stats.fit(Y, V, tau2=name).tau2
        assert float(log_likelihood(lay_out(Y, V), tau2, name == "REML")) == pytest.approx(
            height, rel=PRINTED
        )


def test_leaving_one_out_passes_every_choice_on() -> None:
    """leave1out(rma(y, v, method="DL", test="t", level=90))."""
    found = stats.leave_one_out(Y, V, tau2="DL", interval="wald-t", prediction="t(k-1)", level=0.9)
    expected = {
        "ci_low": [0.13929420365469, 0.00680154426199, 0.02444606495939],
        "mu": [0.402474147946, 0.333416727819, 0.327148621005],
        "tau2": [0.0373987854251, 0.0706585570470, 0.0621793416572],
    }
    for name, column in expected.items():
        assert list(getattr(found, name)[:3]) == pytest.approx(column, rel=PRINTED)
    half = critical(4.0, 0.9) * np.sqrt(found.tau2 + found.se**2)
    assert list(found.pi_low) == pytest.approx(list(found.mu - half))
    usual, named = stats.leave_one_out(Y, V), stats.leave_one_out(Y, V, tau2="REML", interval="HK-guarded")
    assert usual.ci_low.tolist() == named.ci_low.tolist()
    assert usual.pi_low.tolist() == stats.leave_one_out(Y, V, prediction="HTS", level=0.95).pi_low.tolist()
    assert found.weights.shape == (6, 5)


def test_the_q_profile_has_its_printed_limits_at_another_level() -> None:
    """confint(rma(y, v, method="DL"), level=90)."""
    assert values(stats.q_profile(Y, V, level=0.9), *LIMITS) == pytest.approx(
        [0.0032774449206, 0.449370766429, 9.7658157740937, 93.686500211221, 1.1082274512467, 15.839075527925],
        rel=SEARCHED,
    )


def test_the_profile_likelihood_has_its_printed_limits() -> None:
    """confint(rma(y, v, method=), type="PL", level=)."""
    printed = [0.00378619529459, 0.106620507538, 11.11327237076676, 77.880077525256]
    printed += [1.12502735410761, 4.520811504388]
    found = stats.profile_likelihood(Y, V, tau2="ML", level=0.8)
    assert values(found, *LIMITS) == pytest.approx(printed, rel=SEARCHED)
    reml = [0.000066863691193, 0.348198521055, 0.220310160440229, 91.998832456804]
    reml += [1.002207965977790, 12.498175979959]
    assert values(stats.profile_likelihood(Y, V), *LIMITS) == pytest.approx(reml, rel=1e-5)
    usual = stats.profile_likelihood(Y, V, tau2="ML")
    assert values(usual, "low", "high", "i2_low", "h2_low") == pytest.approx(
        [0.0, 0.221002312140, 0.0, 1.0], rel=SEARCHED
    )


def test_chosen_weights_have_their_printed_pool() -> None:
    """rma(y, v, weights=1:6, method="GENQ", level=90)."""
    found = stats.fit_weighted(Y, V, [1, 2, 3, 4, 5, 6], level=0.9)
    assert values(found, "mu", "se", "ci_low", "ci_high", "statistic", "p") == pytest.approx(
        [0.2, 0.216509100216, -0.156125778758, 0.556125778758, 0.923748700636, 0.355617169727], rel=PRINTED
    )
    assert values(found, "tau2", "q", "i2_tau2", "pi_low", "pi_high", "k") == pytest.approx(
        [0.1264, 12.892335766423, 80.672473765352, -0.484694284256, 0.884694284256, 6], rel=PRINTED
    )


def test_the_plain_mean_takes_any_estimator() -> None:
    """rma(y, v, weighted=FALSE, method="DL", level=90)."""
    found = stats.fit_weighted(Y, V, 1, tau2="DL", level=0.9)
    assert values(found, "mu", "se", "ci_low", "ci_high", "p", "tau2") == pytest.approx(
        [
            0.2416666666667,
            0.1340401798724,
            0.0211901906464,
            0.4621431426870,
            0.0713973278916,
            0.0478006189213,
        ],
        rel=PRINTED,
    )
    assert float(stats.fit_weighted(Y, V, 1, tau2=0.0).se) == pytest.approx(np.sqrt(V.sum()) / 6)


TWO_REGIONS = [
    (
        [-0.008, 0.007, 0.008, -0.001, -0.003, -1.695, 0.189, 0.235],
        [4.1e-06, 1.8e-06, 1.3e-06, 3e-06, 4.4e-06, 0.058618, 0.9437972, 0.0648601],
    ),
    (
        [-0.008, -0.006, 0.009, -0.011, -3.368, 1.687],
        [3.5e-06, 1.6e-06, 6e-06, 0.0359498, 0.6689083, 0.1072286],
    ),
]


@pytest.mark.parametrize(("y", "v"), TWO_REGIONS)
def test_a_profile_of_two_likely_regions_reaches_from_the_lowest_to_the_highest(
    y: list[float], v: list[float]
) -> None:
    """Precise studies that agree and loose ones that do not; the higher mode lies in either region."""
    dense = np.geomspace(1e-8, 1e4, 3000)
    height = log_likelihood(lay_out(np.broadcast_to(y, (3000, len(y))), v), dense, False)
    best = log_likelihood(lay_out(y, v), stats.fit(y, v, tau2="ML").tau2, False)
    drop = 3.841458820694124 / 2
    assert height.max() <= float(best) + 1e-12
    likely = height > best - drop
    assert np.count_nonzero(np.diff(likely.astype(int)) == 1) == 2
    other = ([0.1, 0.3, *y[2:]], [0.5, 0.5, *v[2:]])
    for found in (
        stats.profile_likelihood(y, v, tau2="ML"),
        stats.profile_likelihood([other[0], y], [other[1], v], tau2="ML"),
    ):
        low, high = float(found.low.flat[-1]), float(found.high.flat[-1])
        assert dense[likely].min() / 1.02 < low < dense[likely].min()
        assert dense[likely].max() < high < dense[likely].max() * 1.02
        for limit in (low, high):
            at = log_likelihood(lay_out(y, v), np.asarray(limit), False)
            assert float(best - at) == pytest.approx(drop, abs=1e-9)


# --- quantiles ----------------------------------------------------------------------------------------------


def test_critical_values_are_those_of_t_and_of_the_normal() -> None:
    """qt(.95, 3) and qnorm(.9)."""
    found = critical([3.0, np.inf, 0.0, -1.0, np.nan, -np.inf], 0.9)
    assert found[:2].tolist() == pytest.approx([2.3533634348, 1.64485362695], rel=PRINTED)
    assert np.isnan(found[2:]).all()
    assert float(critical(1.0, 0.5)) == pytest.approx(1.0)
    assert float(critical(0.5, 0.9)) > float(critical(1.0, 0.9))
    for level in (0, 1, 95, -0.1):
        with pytest.raises(ValueError, match=f"a confidence level lies between 0 and 1, not at {level}"):
            critical(1.0, level)


def test_p_is_two_sided_whatever_the_sign() -> None:
    """2 * pt(-1.5, 4) and 2 * pnorm(-1.5)."""
    found = two_sided_p([1.5, -1.5, 1.5, -1.5, 1.5, 1.5], [4, 4, np.inf, np.inf, np.nan, 0])
    assert found[:4].tolist() == pytest.approx([0.208, 0.208, 0.133614402538, 0.133614402538], rel=PRINTED)
    assert np.isnan(found[4:]).all()
    assert float(two_sided_p(1.0, 1.0)) == pytest.approx(0.5)


def test_a_study_is_shown_with_the_interval_of_the_level_asked_for() -> None:
    low, high = stats.study_interval([0.5, 1.0], [0.04, 0.25], level=0.9)
    assert low.tolist() == pytest.approx([0.5 - 1.64485362695 * 0.2, 1 - 1.64485362695 * 0.5])
    assert high.tolist() == pytest.approx([0.5 + 1.64485362695 * 0.2, 1 + 1.64485362695 * 0.5])


@pytest.mark.parametrize(("rule", "least"), [("HTS", 3), ("t(k-1)", 2), ("t(k-2)", 3), ("normal", 2)])
def test_each_prediction_rule_begins_at_its_number_of_studies(rule: str, least: int) -> None:
    one = np.ones(2)
    _, df = PREDICTIONS[rule](one, one, one, np.array([least - 1.0, least]), one)
    assert np.isnan(df[0])
    assert df[1] == {"HTS": 1, "t(k-1)": 1, "t(k-2)": 1, "normal": np.inf}[rule]


# --- rows without an answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "interval", [stats.q_profile, stats.profile_likelihood, stats.generalised_q_interval]
)
def test_an_interval_of_tau2_says_why_a_row_has_none(interval: Any) -> None:
    y = np.array([Y, Y, Y, Y])
    v = np.array([V, V, np.where(np.arange(6) == 2, 0.0, V), np.where(np.arange(6) == 2, np.nan, V)])
    include = np.ones((4, 6), dtype=bool)
    include[1, 1:] = False
    found = interval(y, v, include=include)
    assert list(found.status) == [Status.OK, Status.SINGLE_STUDY, Status.NO_VARIANCE, Status.MISSING_INPUT]
    for name in LIMITS:
        assert np.isfinite(getattr(found, name)).tolist() == [True, False, False, False]
    assert not found.beyond.any()
    assert not found.empty.any()
    masked = interval(Y, V, include=[True] * 5 + [False])
    assert values(masked, *LIMITS) == pytest.approx(values(interval(Y[:5], V[:5]), *LIMITS), rel=1e-12)
    assert interval(Y[:1], V[:1]).status == Status.SINGLE_STUDY


@pytest.mark.parametrize(
    "interval", [stats.q_profile, stats.profile_likelihood, stats.generalised_q_interval]
)
def test_a_limit_cuts_both_ends_and_flags_the_upper(interval: Any) -> None:
    y, v = [0.0, 3.0, 6.0], [0.01, 0.02, 0.03]
    whole, cut = interval(y, v), interval(y, v, limit=0.5)
    assert 0.5 < float(whole.low) < float(whole.high)
    assert values(cut, "low", "high") == [0.5, 0.5]
    assert (bool(whole.beyond), bool(cut.beyond)) == (False, True)
    assert not bool(interval(y, v, limit=float(whole.high)).beyond)
    narrow = interval(y, v, level=0.5)
    assert float(whole.low) < float(narrow.low) < float(narrow.high) < float(whole.high)


def test_methods_and_levels_that_do_not_exist_are_refused() -> None:
    with pytest.raises(KeyError):
        stats.generalised_q_interval(Y, V, weights="1/n")
    with pytest.raises(KeyError):
        stats.profile_likelihood(Y, V, tau2="DL")
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match=f"a confidence level lies between 0 and 1, not at {level}"):
            stats.generalised_q_interval(Y, V, level=level)
        with pytest.raises(ValueError, match="a confidence level"):
            stats.fit_weighted(Y, V, 1, level=level)
    for tau2 in (-0.1, np.inf, np.nan):
        with pytest.raises(ValueError, match=f"is not negative and finite, unlike {tau2}"):
            stats.fit(Y, V, tau2=tau2)
    assert float(stats.fit(Y, V, tau2=0.0).tau2) == 0.0


def test_fixed_weights_that_cannot_be_used_are_named_row_by_row() -> None:
    good, bad = np.ones(6), np.where(np.arange(6) == 3, np.nan, 1.0)
    found = stats.fit_weighted(np.array([Y, Y, Y]), V, np.array([good, bad, -good]))
    assert list(found.status) == [Status.OK, Status.IMPOSSIBLE_INPUT, Status.IMPOSSIBLE_INPUT]
    assert np.isfinite(found.mu).tolist() == [True, False, False]
    assert float(found.mu[0]) == pytest.approx(Y.mean())
    assert stats.fit_weighted(Y, np.where(bad == 1, V, 0.0), bad).status == Status.NO_VARIANCE
    one = stats.fit_weighted(Y, V, 1, include=[True] + [False] * 5)
    assert (int(one.status), int(one.k)) == (Status.SINGLE_STUDY, 1)


def test_a_batch_of_pools_with_chosen_weights_equals_its_rows() -> None:
    weights = np.array([[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]])
    both = stats.fit_weighted(np.array([Y, Y[::-1]]), V, weights)
    for row, y in enumerate((Y, Y[::-1])):
        one = stats.fit_weighted(y, V, weights[row])
        names = ("mu", "se", "ci_low", "p", "tau2", "q", "i2_tau2", "pi_low", "pi_high")
        assert values_at(both, row, *names) == pytest.approx(values(one, *names), rel=1e-13)


def test_numbers_too_far_apart_to_square_give_a_reason_and_no_warning() -> None:
    """(1e200)^2 is beyond double precision; the sum of the effects is not."""
    far, vi = [1e200, -1e200, 0.0], [1.0, 1.0, 1.0]
    assert stats.fit_weighted(far, vi, 1).status == Status.NOT_CONVERGED
    assert np.isnan(stats.fit_weighted(far, vi, 1).mu)
    assert stats.q_profile(far, vi).status == Status.NOT_CONVERGED
    assert stats.fit(far, vi, tau2="DL").status == Status.OUT_OF_RANGE
    assert stats.fit(far, vi, tau2="PM").status == Status.NOT_CONVERGED
    assert np.isnan(stats.fit(far, vi, tau2="PM").mu)


def test_counts_and_reasons_are_whole_numbers() -> None:
    for found in (stats.fit(Y, V), stats.fit_weighted(Y, V, 1)):
        assert found.k.dtype == found.status.dtype == np.int64
    for interval in (stats.q_profile, stats.profile_likelihood, stats.generalised_q_interval):
        assert interval(Y, V).status.dtype == np.int64


def test_rules_of_weights_are_powers_of_the_variances() -> None:
    for rule, power in (("1/se", -0.5), ("1/v", -1.0)):
        named, given = (stats.generalised_q_interval(Y, V, weights=w) for w in (rule, V**power))
        assert values(named, *LIMITS) == values(given, *LIMITS)
    usual = stats.generalised_q_interval(Y, V)
    assert values(usual, *LIMITS) == values(stats.generalised_q_interval(Y, V, weights="1/se"), *LIMITS)


def test_a_row_without_pool_shows_its_single_study_by_the_normal_interval() -> None:
    found = stats.fit([[0.5, 0.1], [0.5, 0.1]], [0.04, 0.09], include=[[True, False], [False, False]])
    assert list(found.status) == [Status.SINGLE_STUDY, Status.NO_STUDIES]
    assert list(found.k) == [1, 0]
    assert float(found.df[0]) == np.inf
    assert values_at(found, 0, "mu", "se", "statistic") == pytest.approx([0.5, 0.2, 2.5])
    assert float(found.p[0]) == pytest.approx(0.012419330651552)
    assert float(found.weights[0, 0]) == 100.0
    for name in ("tau2", "q", "q_df", "q_p", "i2_q", "h2_q", "i2_tau2", "h2_tau2", "pi_low", "pi_high"):
        assert np.isnan(getattr(found, name)).all()
    assert np.isnan(found.weights[1]).all()
    assert list(found.ok) == [False, False]


def values_at(found: Any, row: int, *names: str) -> list[float]:
    return [float(getattr(found, name)[row]) for name in names]


def test_studies_that_agree_have_no_heterogeneity_and_h2_below_one() -> None:
    found = stats.fit([0.1, 0.2, 0.3], [0.5, 0.5, 0.5])
    assert values(found, "tau2", "i2_q", "i2_tau2", "h2_tau2") == [0.0, 0.0, 0.0, 1.0]
    assert float(found.q) == pytest.approx(0.04)
    assert float(found.h2_q) == pytest.approx(0.02)
    assert float(found.q_p) == pytest.approx(np.exp(-0.02))


def test_groups_share_one_tau2_and_have_means_of_their_own() -> None:
    """Q within two pairs, by hand: (0.4^2 / 0.2) + (0.6^2 / 0.4) on two degrees of freedom."""
    layout = lay_out([0.1, 0.5, 1.0, 1.6], [0.1, 0.1, 0.2, 0.2], groups=["b", "b", "a", "a"])
    assert layout.mu(layout.weights(0.0)).tolist() == pytest.approx([1.3, 0.3])
    assert float(layout.q(0.0)) == pytest.approx(0.8 + 0.9)
    assert (float(layout.df), float(layout.means), float(layout.k)) == (2, 2, 4)
    none = lay_out([0.1, 0.5, 1.0], [0.1, 0.1, 0.2], [True, True, False], ["a", "a", "b"])
    assert (float(none.df), float(none.means), float(none.k)) == (1, 1, 2)
    assert none.mu(none.weights(0.0)).tolist() == pytest.approx([0.3, 0.0])


def test_an_include_mask_may_have_rows_that_the_effects_have_not() -> None:
    found = stats.fit(Y, V, include=[[True] * 6, [True] * 5 + [False]], tau2="DL")
    assert found.mu.shape == (2,)
    assert float(found.mu[1]) == pytest.approx(0.389363175784, rel=PRINTED)
    assert stats.pool([0.1, 0.2], [-0.1, np.nan]) == NotEstimable(Status.MISSING_INPUT)


def test_a_profile_asks_for_a_level_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="level"):
        stats.q_profile([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], level=2)
