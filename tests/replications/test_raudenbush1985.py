"""Teachers' expectations and pupils' IQ, 19 studies: Raudenbush & Bryk 1985 and Raudenbush 2009.

Printed values read in: tests/testthat/test_analysis_example_raudenbush1985.r and
test_analysis_example_raudenbush2009.r of the R package metafor (github.com/wviechtb/metafor), which quote
pages 83-92 of Raudenbush & Bryk 1985, J Educ Stat 10:75-98, and pages 301-309 (Tables 16.2 and 16.3) of
Raudenbush 2009, in The Handbook of Research Synthesis and Meta-Analysis.
"""

import numpy as np
import pytest

from living import stats
from tests.replications.printed import pooled, shown, table

D = table("raudenbush1985")
YI, VI = D["yi"], D["vi"]
COLUMNS = ("tau2", "mu", "se", "statistic", "ci_low", "ci_high")
# Table 16.3, page 309: tau2, mean, SE, statistic, interval.
CONVENTIONAL = {
    "CE": ["0.000", "0.060", "0.036", "1.655", "-0.011", "0.132"],
    "ML": ["0.013", "0.078", "0.047", "1.637", "-0.015", "0.171"],
    "REML": ["0.019", "0.084", "0.052", "1.621", "-0.018", "0.185"],
    "DL": ["0.026", "0.089", "0.056", "1.601", "-0.020", "0.199"],
    "HE": ["0.080", "0.114", "0.079", "1.443", "-0.041", "0.270"],
}
KNAPP_HARTUNG = {
    "CE": ["0.000", "0.060", "0.051", "1.173", "-0.048", "0.168"],
    "ML": ["0.013", "0.078", "0.059", "1.311", "-0.047", "0.202"],
    "REML": ["0.019", "0.084", "0.062", "1.359", "-0.046", "0.213"],
    "DL": ["0.026", "0.089", "0.064", "1.405", "-0.044", "0.223"],
    "HE": ["0.080", "0.114", "0.071", "1.608", "-0.035", "0.264"],
}


def test_the_random_effects_model_is_page_83() -> None:
    found = pooled(YI, VI)
    assert shown([found.tau2, found.mu, found.statistic], 4) == ["0.0188", "0.0837", "1.6208"]
    assert shown(found.q, 2) == ["35.83"]  # 35.85 in the paper, whose data are rounded


@pytest.mark.parametrize("method", CONVENTIONAL)
def test_conventional_intervals_are_table_16_3(method: str) -> None:
    found = pooled(YI, VI, tau2=method)
    assert shown([getattr(found, name) for name in COLUMNS], 3) == CONVENTIONAL[method]


@pytest.mark.parametrize("method", KNAPP_HARTUNG)
def test_knapp_and_hartung_s_intervals_are_table_16_3(method: str) -> None:
    found = pooled(YI, VI, tau2=method, interval="HK")
    assert shown([getattr(found, name) for name in COLUMNS], 3) == KNAPP_HARTUNG[method]


def test_the_regression_on_weeks_of_contact_is_page_90_and_table_16_2() -> None:
    found = stats.meta_regression(YI, VI, np.minimum(D["weeks"], 3), interval="wald")
    assert shown(found.b, 4) == ["0.4072", "-0.1572"]
    assert shown(found.statistic, 2) == ["4.68", "-4.39"]
    assert shown(found.tau2, 4) == ["0.0000"]
    assert shown(found.qe, 2) == ["16.57"]
