"""Beta blockade after infarction, short-term trials: Yusuf et al. 1985.

Printed values read in: tests/testthat/test_analysis_example_yusuf1985.r of the R package metafor
(github.com/wviechtb/metafor), which quotes page 107 of Yusuf et al. 1985 for the trials of its Table 6.
"""

import numpy as np

from living import stats
from tests.replications.printed import shown, table

D = table("yusuf1985")
SHORT = (D["table"] == "6") & np.isfinite(D["ai"])  # one trial gives no counts


def test_peto_s_odds_ratio_is_0_93() -> None:
    found = stats.peto(*(D[name][SHORT] for name in ("ai", "n1i", "ci", "n2i")))
    assert shown(np.exp([found.mu, found.ci_low, found.ci_high]), 2) == ["0.93", "0.74", "1.18"]
