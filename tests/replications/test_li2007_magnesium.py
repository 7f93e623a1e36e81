"""Intravenous magnesium after infarction, 22 trials with deaths: Li, Zhang, Zhang & Egger 2007.

Printed values read in: the abstract of Cochrane review CD002755.pub2 (cochranelibrary.com): "a fixed-effect
meta-analysis showed no difference between magnesium and placebo groups (OR 0.99, 95% CI 0.94 to 1.04), while
a random-effects meta-analysis showed a significant reduction (OR 0.66, 95% CI 0.53 to 0.82)".
"""

import numpy as np

from living import stats
from tests.replications.printed import pooled, shown, table, triple

D = table("li2007")
COUNTS = (D["ai"], D["n1i"], D["ci"], D["n2i"])
TRIALS = stats.odds_ratio(*COUNTS)


def test_the_fixed_effect_odds_ratio_is_that_of_the_abstract() -> None:
    found = stats.mantel_haenszel_odds_ratio(*COUNTS)  # RevMan's fixed effect of events
    assert shown(np.exp([found.mu, found.ci_low, found.ci_high]), 2) == ["0.99", "0.94", "1.04"]


def test_the_random_effects_odds_ratio_is_that_of_the_abstract() -> None:
    found = pooled(TRIALS.yi, TRIALS.vi, tau2="DL")
    assert shown(np.exp(triple(found)), 2) == ["0.66", "0.53", "0.82"]
