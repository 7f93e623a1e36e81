"""Low-dose aspirin and pre-eclampsia (CLASP), 6 trials: DerSimonian & Kacker 2007.

Printed values read in: tests/testthat/test_analysis_example_dersimonian2007.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Tables 3 and 4 (pages 111-112) of DerSimonian & Kacker 2007,
Contemp Clin Trials 28:105-114. Their CA is HE here. ML is left out: its tau of 0.0023 is where
metafor's iteration stopped at the default threshold; with a threshold of 1e-12 it goes to 0.
"""

import numpy as np
import pytest

from living import stats
from tests.replications.printed import pooled, shown

CLASP = stats.odds_ratio(
    [5, 5, 12, 69, 9, 313],
    [156, 303, 565, 1570, 103, 4659],
    [8, 17, 9, 94, 11, 352],
    [74, 303, 477, 1565, 105, 4650],
)


@pytest.mark.parametrize(
    ("method", "numbers"),
    [
        ("PM", ["0.3681", "-0.3811", "0.2060"]),
        ("HE", ["0.4410", "-0.4035", "0.2327"]),
        ("DL", ["0.2323", "-0.3240", "0.1540"]),
        ("EB", ["0.3681", "-0.3811", "0.2060"]),
        ("REML", ["0.1843", "-0.2980", "0.1343"]),
        ("HS", ["0.1330", "-0.2666", "0.1125"]),
        ("SJ", ["0.4572", "-0.4079", "0.2386"]),
    ],
)
def test_tau_mean_and_standard_error_are_tables_3_and_4(method: str, numbers: list[str]) -> None:
    found = pooled(CLASP.yi, CLASP.vi, tau2=method)
    assert shown([np.sqrt(found.tau2), found.mu, found.se], 4) == numbers
