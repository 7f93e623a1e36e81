"""The worked example of Lipsey & Wilson 2001, 10 studies in two groups.

Data and printed values read in: tests/testthat/test_analysis_example_lipsey2001.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Exhibits 7.3 (page 133) and 7.4 (page 138) of Lipsey & Wilson
2001, Practical Meta-Analysis. Where the book's last digit differs by one, the file says so.
"""

from living import stats
from tests.replications.printed import pooled, shown

YI = [-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00]
VI = [0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067]
RANDOM = [0] * 6 + [1] * 4
COLUMNS = ("mu", "se", "statistic", "p", "ci_low", "ci_high")


def test_the_common_effect_is_exhibit_7_3() -> None:
    found = pooled(YI, VI, tau2="CE")
    numbers = ["0.1549", "0.0609", "2.5450", "0.0109", "0.0356", "0.2742"]
    assert shown([getattr(found, name) for name in COLUMNS], 4) == numbers
    assert shown([found.q, found.q_p], 4) == ["14.7640", "0.0976"]


def test_random_effects_are_exhibit_7_3() -> None:
    found = pooled(YI, VI, tau2="DL")
    numbers = ["0.1534", "0.0858", "1.7893", "0.0736", "-0.0146", "0.3215"]
    assert shown([getattr(found, name) for name in COLUMNS], 4) == numbers
    assert shown(found.tau2, 6) == ["0.025955"]


def test_the_comparison_of_groups_is_exhibit_7_4() -> None:
    found = stats.subgroups_common_tau2(YI, VI, RANDOM, tau2="CE", interval="wald")
    assert isinstance(found, stats.CommonSubgroups)
    first, second = found.levels["0"], found.levels["1"]
    columns = ("mu", "se", "ci_low", "ci_high")
    assert shown([getattr(first, name) for name in columns], 4) == ["0.2984", "0.0813", "0.1390", "0.4578"]
    assert shown([getattr(second, name) for name in columns], 4) == ["-0.0277", "0.0917", "-0.2075", "0.1521"]
    assert isinstance(found.between, stats.Between)
    assert shown([found.between.statistic, found.between.p], 4) == ["7.0739", "0.0078"]  # 7.0738 in the book
