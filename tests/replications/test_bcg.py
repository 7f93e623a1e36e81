"""BCG vaccine against tuberculosis: Colditz et al. 1994 and Berkey et al. 1995, 13 trials.

Printed values read in: README.md of the R package metafor (github.com/wviechtb/metafor), its test
tests/testthat/test_misc_metan_vs_rma.uni_with_dat.bcg.r (output of Stata's metan), and
tests/testthat/test_analysis_example_berkey1995.r, which quotes page 408 of Berkey et al. 1995, Stat Med
14:395-411.
"""

import numpy as np

from living import stats
from tests.replications.printed import pooled, shown, table, triple

D = table("bcg")
COUNTS = (D["tpos"], D["tpos"] + D["tneg"], D["cpos"], D["cpos"] + D["cneg"])
RR, OR = stats.risk_ratio(*COUNTS), stats.odds_ratio(*COUNTS)


def test_log_risk_ratios_and_their_variances_are_those_of_metafor_s_readme() -> None:
    assert shown(RR.yi[:5], 4) == ["-0.8893", "-1.5854", "-1.3481", "-1.4416", "-0.2175"]
    assert shown(RR.vi[:5], 4) == ["0.3256", "0.1946", "0.4154", "0.0200", "0.0512"]


def test_the_random_effects_model_is_that_of_metafor_s_readme() -> None:
    found = pooled(RR.yi, RR.vi, interval="HK", prediction="t(k-1)")
    assert shown([found.tau2, found.q], 4) == ["0.3132", "152.2330"]
    assert shown([found.i2_tau2, found.h2_tau2], 2) == ["92.22", "12.86"]
    assert shown([found.mu, found.se, found.statistic, found.p], 4) == [
        "-0.7145",
        "0.1808",
        "-3.9522",
        "0.0019",
    ]
    assert shown([found.ci_low, found.ci_high], 4) == ["-1.1084", "-0.3206"]
    ratios = np.exp([found.mu, found.ci_low, found.ci_high, found.pi_low, found.pi_high])
    assert shown(ratios, 2) == ["0.49", "0.33", "0.73", "0.14", "1.76"]


def test_common_and_random_effects_are_those_of_stata_s_metan() -> None:
    common = pooled(RR.yi, RR.vi, tau2="CE")
    assert shown([*triple(common), common.q], 4) == ["-0.4303", "-0.5097", "-0.3509", "152.2330"]
    assert shown(np.exp(triple(common)), 4) == ["0.6503", "0.6007", "0.7040"]
    random = pooled(RR.yi, RR.vi, tau2="DL")
    assert shown([*triple(random), random.tau2], 4) == ["-0.7141", "-1.0644", "-0.3638", "0.3088"]
    odds = pooled(OR.yi, OR.vi, tau2="DL")
    assert shown(np.exp(triple(odds)), 4) == ["0.4736", "0.3249", "0.6903"]
    assert shown([odds.tau2, odds.i2_tau2], 4) == ["0.3663", "92.6455"]


def test_empirical_bayes_with_smoothed_variances_is_page_408_of_berkey() -> None:
    n1, n2 = COUNTS[1], COUNTS[3]
    smoothed = (D["tneg"] / D["tpos"]).sum() / (13 * n1) + (D["cneg"] / D["cpos"]).sum() / (13 * n2)
    found = pooled(RR.yi, smoothed, tau2="EB")
    assert shown([found.mu, found.se], 4) == ["-0.5429", "0.1842"]
    assert shown(found.tau2, 3) == ["0.268"]


def test_the_regression_on_latitude_is_that_of_metafor_s_readme() -> None:
    found = stats.meta_regression(RR.yi, RR.vi, D["ablat"], interval="HK")
    assert shown(found.b, 4) == ["0.2515", "-0.0291"]
    assert shown(found.se, 4) == ["0.2839", "0.0082"]
    assert shown([found.qe, found.qm_p], 4) == ["30.7331", "0.0046"]
    assert shown(found.i2, 2) == ["68.39"]
    # It prints tau2 0.0764, F 12.5905 and R2 75.62, where its iteration stopped at the default threshold of
    # 1e-5; with control = list(threshold = 1e-12) metafor 3.8-1 gives these.
    assert shown([found.tau2, found.qm], 4) == ["0.0763", "12.5910"]
    assert shown(found.r2, 2) == ["75.63"]
