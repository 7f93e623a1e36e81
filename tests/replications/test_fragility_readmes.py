"""The fragility index of Walsh et al. 2014, as two packages of others explain it.

Printed values read in: README of kippjohnson/fragilityindex (15 and 6 of 40) and README.md of
brb225/FragilityTools (40 of 60 and 100 of 210), both on GitHub. The second package changes outcomes in either
direction, ours only adds events where they are fewer, so of it only Fisher's P values are compared.
"""

from living import stats


def test_one_event_more_ends_the_significance_of_15_and_6_of_40() -> None:
    found = stats.fragility_index(15, 40, 6, 40)
    assert found.index == 1
    assert f"{found.p_before:.8f}" == "0.04060921"
    assert f"{found.p_after:.8f}" == "0.07836101"
    assert found.changes == ((0, 1, 1),)


def test_fisher_s_p_before_and_after_three_events_fewer() -> None:
    assert f"{float(stats.fisher_p(40, 60, 100, 210)):.4f}" == "0.0124"
    assert f"{float(stats.fisher_p(37, 60, 100, 210)):.7f}" == "0.0585605"
    assert float(stats.fisher_p(38, 60, 100, 210)) < 0.05
