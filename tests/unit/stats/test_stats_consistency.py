"""The checks, and the five printed results of Hegde 2025 (Curr Pain Headache Rep 29:96, abstract)."""

import pytest

from living import stats


def test_the_overall_p_contradicts_its_interval_whatever_the_rule() -> None:
    found = stats.check_printed("-0.11", "-0.96", "0.74", "0.31", k=7)
    assert found.contradiction
    assert [round(e.p, 2) for e in found.tried] == [0.80, 0.76]
    assert stats.check_printed("-0.11", "-0.96", "0.74", "0.31").contradiction
    assert "contradicts" in found.sentence


def test_the_overall_p_looks_like_the_test_statistic_of_seven_studies() -> None:
    found = stats.check_printed("-0.11", "-0.96", "0.74", "0.31", k=7)
    assert [e.k for e in found.p_is_statistic] == [7]
    assert "equals the test statistic of Hartung-Knapp with k=7" in found.sentence


def test_the_fibromyalgia_interval_fits_z_and_no_hartung_knapp_of_few_studies() -> None:
    found = stats.check_printed("-0.34", "-0.62", "-0.06", "0.0186", ks=range(2, 7))
    assert [e.interval for e in found.fits] == ["wald"]
    z = found.tried[0]
    assert (round(z.p, 4), round(z.p_low, 3), round(z.p_high, 3)) == (0.0173, 0.014, 0.021)


def test_the_active_comparator_interval_fits_hartung_knapp_with_two_studies_only() -> None:
    found = stats.check_printed("0.67", "-4.69", "6.02", "0.35")
    assert [(e.interval, e.k, round(e.p, 3)) for e in found.fits] == [("HK", 2, 0.357)]
    assert found.sentence == "The printed P fits Hartung-Knapp with k=2 only (recomputed P 0.357)."


@pytest.mark.parametrize(
    ("row", "recomputed"),
    [(("1.4", "1.12", "1.75", "0.0026"), 0.0031), (("0.55", "0.04", "7.31", "0.65"), 0.653)],
)
def test_both_adverse_event_rows_fit_z_on_the_log_scale(row: tuple[str, ...], recomputed: float) -> None:
    found = stats.check_printed(*row, ratio=True)
    assert found.fits[0].interval == "wald"
    assert found.fits[0].p == pytest.approx(recomputed, abs=1e-4 if recomputed < 0.01 else 5e-3)


def test_all_five_estimates_lie_in_the_middle_of_their_intervals() -> None:
    differences = [("-0.11", "-0.96", "0.74"), ("-0.34", "-0.62", "-0.06"), ("0.67", "-4.69", "6.02")]
    ratios = [("1.4", "1.12", "1.75"), ("0.55", "0.04", "7.31")]
    assert all(stats.check_printed(*row, "0.5").symmetric for row in differences)
    assert all(stats.check_printed(*row, "0.5", ratio=True).symmetric for row in ratios)


def test_an_estimate_beside_the_middle_of_its_interval_is_noticed() -> None:
    assert not stats.check_printed("1.67", "0.82", "2.95", "0.2", ratio=True).symmetric


def test_p_follows_from_the_interval_by_z_and_by_t() -> None:
    assert stats.p_from_ci(1.96, 0.0, 3.92) == pytest.approx(0.05, abs=1e-4)
    assert stats.p_from_ci(-0.11, -0.96, 0.74, df=6) == pytest.approx(0.76, abs=0.005)
    assert stats.p_from_ci(1.0, 0.5, 2.0, ratio=True) == pytest.approx(1.0)


def test_a_printed_number_stands_for_what_rounds_or_cuts_to_it() -> None:
    found = stats.Printed.parse("0.31")
    assert (found.low, found.high) == pytest.approx((0.305, 0.32))
    negative = stats.Printed.parse("\u22124.69")
    assert (negative.low, negative.high) == pytest.approx((-4.70, -4.685))
    less = stats.Printed.parse("<0.001")
    assert (less.low, less.high) == (0.0, 0.001)


def test_a_p_printed_as_less_than_a_bound_is_a_range() -> None:
    assert not stats.check_printed("-0.86", "-1.20", "-0.51", "<0.001").contradiction
    assert stats.check_printed("-0.10", "-1.20", "1.00", "<0.001").contradiction


def test_what_is_not_a_number_or_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        stats.check_printed("a", "0", "1", "0.5")
    with pytest.raises(ValueError, match="no width"):
        stats.check_printed("1", "1", "1", "0.5")
    with pytest.raises(ValueError, match="positive"):
        stats.check_printed("0.5", "0", "1", "0.5", ratio=True)
