"""Smoking and deaths in five age groups: Rothman, Greenland & Lash 2008.

Data and printed values read in: tests/testthat/test_analysis_example_rothman2008.r of the R package metafor
(github.com/wviechtb/metafor), which refers to Table 15-2 of Rothman, Greenland & Lash 2008, Modern
Epidemiology, chapter 15, and prints to four digits. Rates are per 10,000 person-years; intervals of the
pools are 90%.
"""

import numpy as np

from living import stats
from tests.replications.printed import shown

COUNTS = (
    [32, 104, 206, 186, 102],
    np.array([52407, 43248, 28612, 12663, 5317]) / 10_000,
    [2, 12, 28, 28, 31],
    np.array([18790, 10673, 5710, 2585, 1462]) / 10_000,
)


def test_rate_ratios_of_the_age_groups_are_table_15_2() -> None:
    found = stats.rate_ratio(*COUNTS)
    low, high = stats.study_interval(found.yi, found.vi)
    assert shown(np.exp(found.yi), 4) == ["5.7366", "2.1388", "1.4682", "1.3561", "0.9047"]
    assert shown(np.exp(low), 4) == ["1.3748", "1.1767", "0.9894", "0.9115", "0.6053"]
    assert shown(np.exp(high), 4) == ["23.9371", "3.8876", "2.1789", "2.0176", "1.3524"]


def test_rate_differences_of_the_age_groups_are_table_15_2() -> None:
    found = stats.rate_difference(*COUNTS)
    assert shown(found.yi, 4) == ["5.0417", "12.8040", "22.9610", "38.5674", "-20.2008"]
    assert shown(found.se, 4) == ["1.3159", "4.0118", "10.5377", "23.1304", "42.5574"]


def test_crude_rates_are_table_15_2() -> None:
    crude = tuple(np.sum(column) for column in COUNTS)
    ratio, difference = stats.rate_ratio(*crude), stats.rate_difference(*crude)
    low, high = stats.study_interval(ratio.yi, ratio.vi)
    assert shown(np.exp([ratio.yi[0], low[0], high[0]]), 4) == ["1.7198", "1.3940", "2.1219"]
    assert shown([difference.yi[0], difference.se[0]], 4) == ["18.5370", "3.1112"]


def test_mantel_and_haenszel_s_rate_ratio_and_difference_are_those_of_the_chapter() -> None:
    ratio = stats.mantel_haenszel_rate_ratio(*COUNTS, level=0.9)
    assert shown([ratio.mu, ratio.ci_low, ratio.ci_high], 4) == ["0.3539", "0.1776", "0.5303"]
    assert shown(np.exp([ratio.mu, ratio.ci_low, ratio.ci_high]), 4) == ["1.4247", "1.1944", "1.6994"]
    difference = stats.mantel_haenszel_rate_difference(*COUNTS, level=0.9)
    assert shown([difference.mu, difference.ci_low, difference.ci_high], 4) == [
        "11.4392",
        "6.3498",
        "16.5286",
    ]
    assert shown([ratio.q, difference.q], 4) == ["10.4117", "26.8758"]
