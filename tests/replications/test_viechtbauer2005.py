"""Seven estimators of tau2 on two sets of studies: Viechtbauer 2005.

Data and printed values read in: tests/testthat/test_analysis_example_viechtbauer2005.r of the R package
metafor (github.com/wviechtb/metafor), which quotes pages 271 and 272 of Viechtbauer 2005, J Educ Behav Stat
30:261-293.
"""

import pytest

from tests.replications.printed import pooled, shown

METHODS = ("HS", "HE", "DL", "ML", "REML", "EB", "SJ")
FIRST = (
    [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
SECOND = (
    [
        *(0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134),
        *(0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342),
    ],
    [
        *(0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034),
        *(0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035),
    ],
)
PRINTED = {  # tau2, I2, H2 in the order of METHODS
    "page 271": (
        FIRST,
        ["0.228", "0.148", "0.277", "0.197", "0.223", "0.192", "0.199"],
        ["77.23", "68.80", "80.44", "74.51", "76.84", "74.05", "74.75"],
        ["4.39", "3.21", "5.11", "3.92", "4.32", "3.85", "3.96"],
    ),
    "page 272": (
        SECOND,
        ["0.010", "0.000", "0.013", "0.013", "0.016", "0.010", "0.025"],
        ["22.93", "0.00", "27.53", "28.45", "32.02", "23.72", "42.67"],
        ["1.30", "1.00", "1.38", "1.40", "1.47", "1.31", "1.74"],
    ),
}


@pytest.mark.parametrize("page", PRINTED)
def test_estimates_of_heterogeneity_are_those_of_the_page(page: str) -> None:
    (yi, vi), tau2, i2, h2 = PRINTED[page]
    found = [pooled(yi, vi, tau2=method) for method in METHODS]
    assert shown([f.tau2 for f in found], 3) == tau2
    assert shown([f.i2_tau2 for f in found], 2) == i2
    assert shown([f.h2_tau2 for f in found], 2) == h2
