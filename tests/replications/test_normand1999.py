"""Lidocaine after infarction (6 trials) and length of stay after stroke (9 trials): Normand 1999.

Printed values read in: tests/testthat/test_analysis_example_normand1999.r of the R package metafor
(github.com/wviechtb/metafor), which quotes Tables III (page 330), VII (349), VIII (351) and IX (352) of
Normand 1999, Stat Med 18:321-359.
"""

import pytest

from living import stats
from tests.replications.printed import pooled, shown, table, triple

L, S = table("hine1989"), table("normand1999")
LIDOCAINE = stats.rescale(stats.risk_difference(L["ai"], L["n1i"], L["ci"], L["n2i"]), 100)
STAY = stats.mean_difference(S["m1i"], S["sd1i"], S["n1i"], S["m2i"], S["sd2i"], S["n2i"], pooled_sd=True)


def test_risk_differences_are_table_iii() -> None:
    assert shown(LIDOCAINE.yi, 4) == ["2.8026", "0.0000", "1.9711", "1.7961", "3.5334", "4.4031"]
    assert shown(LIDOCAINE.vi, 4) == ["17.7575", "37.5657", "8.1323", "10.8998", "8.0114", "6.1320"]
    low, high = stats.study_interval(LIDOCAINE.yi, LIDOCAINE.vi)
    assert shown(low, 1) == ["-5.5", "-12.0", "-3.6", "-4.7", "-2.0", "-0.5"]
    assert shown(high, 1) == ["11.1", "12.0", "7.6", "8.3", "9.1", "9.3"]


@pytest.mark.parametrize("method", ["CE", "REML", "DL"])
def test_lidocaine_pools_are_table_vii(method: str) -> None:
    found = pooled(LIDOCAINE.yi, LIDOCAINE.vi, tau2=method)
    assert shown(found.mu, 2) == ["2.94"]
    assert shown([found.ci_low, found.ci_high], 1) == ["0.4", "5.5"]
    assert shown(found.tau2, 3) == ["0.000"]


def test_differences_in_stay_are_table_viii() -> None:
    assert shown(STAY.yi, 0) == ["-20", "-2", "-55", "-71", "-4", "1", "11", "-10", "7"]
    variances = ["40.59", "2.05", "15.28", "150.22", "20.19", "1.22", "95.38", "8.03", "20.69"]
    assert shown(STAY.vi, 2) == variances


@pytest.mark.parametrize(
    ("method", "numbers", "tau2"),
    [
        ("CE", ["-3.49", "-5.03", "-1.96"], "0.00"),
        ("DL", ["-14.10", "-24.45", "-3.75"], "218.72"),
        ("REML", ["-15.12", "-32.67", "2.43"], "685.20"),
    ],
)
def test_pools_of_stay_are_table_ix(method: str, numbers: list[str], tau2: str) -> None:
    found = pooled(STAY.yi, STAY.vi, tau2=method)
    assert shown(triple(found), 2) == numbers
    assert shown(found.tau2, 2) == [tau2]
