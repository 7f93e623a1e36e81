"""Modified school calendars, 56 studies in 11 districts: Konstantopoulos 2011.

Printed values read in: tests/testthat/test_analysis_example_konstantopoulos2011.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Tables 4 (page 70) and 5 (page 71) of Konstantopoulos 2011, Res
Synth Methods 2:61-76.
"""

from living import stats
from tests.replications.printed import pooled, shown, table

D = table("konstantopoulos2011")
YI, VI = D["yi"], D["vi"]


def test_the_two_level_model_is_table_4() -> None:
    found = pooled(YI, VI)
    assert shown([found.mu, found.se, found.tau2], 4) == ["0.1279", "0.0439", "0.0884"]


def test_the_two_level_regression_on_the_year_is_table_4() -> None:
    found = stats.meta_regression(YI, VI, D["year"] - D["year"].mean(), interval="wald")
    assert shown(found.b, 4) == ["0.1258", "0.0052"]
    assert shown(found.se, 4) == ["0.0440", "0.0044"]
    assert shown(found.tau2, 4) == ["0.0889"]


def test_the_three_level_model_by_maximum_likelihood_is_table_5() -> None:
    groups = [D["district"], stats.nested(D["district"], D["study"])]
    found = stats.multilevel(YI, VI, groups, method="ML")
    assert isinstance(found, stats.Multilevel)
    assert shown([found.b[0], found.se[0]], 4) == ["0.1845", "0.0805"]
    assert shown(found.sigma2, 4) == ["0.0577", "0.0329"]


def test_the_three_level_model_by_restricted_likelihood_is_metafor_s() -> None:
    groups = [D["district"], stats.nested(D["district"], D["study"])]
    found = stats.multilevel(YI, VI, groups)
    assert isinstance(found, stats.Multilevel)
    assert shown([found.b[0], found.se[0]], 4) == ["0.1847", "0.0846"]
    assert shown(found.sigma2, 4) == ["0.0651", "0.0327"]
    assert shown(found.log_likelihood, 4) == ["-7.9587"]
