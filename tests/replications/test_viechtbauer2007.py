"""Diuretics and pre-eclampsia (Collins 1985), 9 trials: intervals of tau2 in Viechtbauer 2007.

Printed values read in: tests/testthat/test_analysis_example_viechtbauer2007a.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Table II (page 44) of Viechtbauer 2007, Stat Med 26:37-52.
"""

import pytest

from living import stats
from tests.replications.printed import pooled, shown, table

D = table("collins1985b")
TRIALS = stats.odds_ratio(D["pre.xti"], D["pre.nti"], D["pre.xci"], D["pre.nci"])


@pytest.mark.parametrize(
    ("method", "tau2"), [("DL", "0.230"), ("ML", "0.239"), ("REML", "0.301"), ("SJ", "0.456")]
)
def test_estimates_of_tau2_are_table_ii(method: str, tau2: str) -> None:
    assert shown(pooled(TRIALS.yi, TRIALS.vi, tau2=method).tau2, 3) == [tau2]


def test_the_q_profile_interval_is_table_ii() -> None:
    found = stats.q_profile(TRIALS.yi, TRIALS.vi)
    assert shown([found.low, found.high], 3) == ["0.072", "2.203"]
