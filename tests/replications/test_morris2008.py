"""Pretest-posttest-control designs, five studies: Morris 2008.

Data and printed values read in: tests/testthat/test_analysis_example_morris2008.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Table 1 (page 368) of Morris 2008, Organ Res Methods 11:364-386,
and prints the two groups' changes to four digits itself.
"""

import numpy as np

from living import stats
from tests.replications.printed import shown

R = [0.47, 0.64, 0.77, 0.89, 0.44]
TREATED = (
    np.array([38.5, 26.8, 0.7, 75.9, 36.0]) - [30.6, 23.5, 0.5, 53.4, 35.6],
    [15.0, 3.1, 0.1, 14.5, 4.7],
    [20, 50, 9, 10, 14],
)
CONTROL = (
    np.array([19.7, 25.3, 0.6, 60.7, 33.4]) - [23.1, 24.9, 0.6, 55.7, 34.8],
    [13.8, 4.1, 0.2, 17.3, 3.1],
    [20, 42, 9, 11, 14],
)


def test_changes_standardised_by_the_first_sd_are_those_of_metafor() -> None:
    treated, control = stats.smd_raw_sd(*TREATED, R), stats.smd_raw_sd(*CONTROL, R)
    assert shown(treated.yi, 4) == ["0.5056", "1.0481", "1.8054", "1.4181", "0.0801"]
    assert shown(treated.vi, 4) == ["0.0594", "0.0254", "0.2322", "0.1225", "0.0802"]
    assert shown(control.yi, 4) == ["-0.2365", "0.0958", "0.0000", "0.2667", "-0.4250"]
    assert shown(control.vi, 4) == ["0.0544", "0.0173", "0.0511", "0.0232", "0.0864"]


def test_their_differences_are_table_1() -> None:
    found = stats.smd_raw_sd(*TREATED, R).yi - stats.smd_raw_sd(*CONTROL, R).yi
    assert shown(found, 2) == ["0.74", "0.95", "1.81", "1.15", "0.51"]
