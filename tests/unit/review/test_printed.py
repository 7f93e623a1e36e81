"""One printed result against itself: the five of Hegde 2025, and prints of every odd kind."""

from typing import Any

import pytest

from living.model.facts import PublishedPool
from living.model.surroundings import Check
from living.review.printed import SAME_RULE, checks, kind_of, number, one_rule, p_text, value

HEGDE = {
    "overall": ("-0.11", "-0.96", "0.74", "0.31", "SMD (Cohen d)"),
    "fibromyalgia": ("-0.34", "-0.62", "-0.06", "0.0186", "SMD (Cohen d)"),
    "active": ("0.67", "-4.69", "6.02", "0.35", "SMD (Cohen d)"),
    "ae": ("1.4", "1.12", "1.75", "0.0026", "IRR"),
    "ae-active": ("0.55", "0.04", "7.31", "0.65", "IRR"),
}


def pool(
    estimate: str, low: str = "", high: str = "", p: str = "", measure: str = "SMD", **kw: Any
) -> PublishedPool:
    given = {"id": "x", "review": "A 2020", "outcome": "Pain", "read_in": "abstract"}
    return PublishedPool.model_validate(
        given | {"estimate": estimate, "low": low, "high": high, "p": p, "measure": measure} | kw
    )


def hegde(name: str) -> PublishedPool:
    kw = {"k": 7} if name == "overall" else {}
    return pool(*HEGDE[name], id=name, k_total=7, **kw)


def found(name: str, one: PublishedPool) -> Check:
    return next(check for check in checks(one) if check.id == name)


def test_the_overall_p_of_hegde_contradicts_its_interval_and_is_its_statistic() -> None:
    check = found("p", hegde("overall"))
    assert check.verdict == "contradicts"
    assert check.said == (
        "P 0.31 contradicts the interval, which gives 0.800 by z and 0.762 by t on 6 df (Hartung-Knapp, "
        "seven studies); 0.31 is the size of t itself (0.30 to 0.33 by rounding), which may have been "
        "printed in place of P"
    )


def test_the_active_result_of_hegde_fits_hartung_knapp_of_two_studies_only() -> None:
    check = found("p", hegde("active"))
    assert check.verdict == "consistent"
    assert check.said == (
        "P 0.35 is consistent only with Hartung-Knapp of two studies (t on 1 df: 0.357; rounding range 0.355 "
        "to 0.360); a z interval would give 0.806"
    )


@pytest.mark.parametrize(
    ("name", "range_"),
    [
        ("fibromyalgia", "0.017; rounding range 0.014 to 0.021"),
        ("ae", "0.0031; rounding range 0.0009 to 0.010"),
        ("ae-active", "0.653; rounding range 0.640 to 0.666"),
    ],
)
def test_the_others_of_hegde_fit_z_and_no_hartung_knapp(name: str, range_: str) -> None:
    p = HEGDE[name][3]
    check = found("p", hegde(name))
    assert check.verdict == "consistent"
    assert check.said == (
        f"P {p} is consistent with a z interval ({range_}), not with Hartung-Knapp of two to seven studies"
    )


def test_hegde_mixes_two_interval_rules_and_only_the_odd_one_is_marked() -> None:
    mixed = one_rule([hegde(name) for name in HEGDE])
    assert set(mixed) == {"active"}
    assert mixed["active"].id == SAME_RULE
    assert "mixes two interval rules" in mixed["active"].said
    assert one_rule([hegde("fibromyalgia"), hegde("ae")]) == {}
    assert one_rule([hegde("active")]) == {}


def test_all_five_estimates_of_hegde_lie_in_the_middle_of_their_intervals() -> None:
    assert {found("interval", hegde(name)).verdict for name in HEGDE} == {"consistent"}


def test_an_estimate_beside_the_middle_contradicts_its_interval() -> None:
    check = found("interval", pool("1.67", "0.82", "2.95", measure="RR"))
    assert check.verdict == "contradicts"
    assert "log scale" in check.said


def test_without_an_interval_nothing_can_be_checked_and_it_says_so() -> None:
    (check,) = checks(pool("2.17", measure="OR", p="0.02"))
    assert (check.verdict, check.said) == ("not_checkable", "no interval is printed with 2.17")


def test_without_p_the_interval_alone_is_checked() -> None:
    assert [(item.id, item.verdict) for item in checks(pool("-0.25", "-0.59", "0.09"))] == [
        ("interval", "consistent"),
        ("p", "not_checkable"),
    ]


@pytest.mark.parametrize("p", ["ns", "nan", ">0.05", "1.2", "-0.1"])
def test_a_p_that_is_none_is_no_contradiction(p: str) -> None:
    assert found("p", pool("-0.25", "-0.59", "0.09", p)).verdict == "not_checkable"


def test_a_p_below_a_bound_is_a_range() -> None:
    fits = found("p", pool("-0.86", "-1.20", "-0.51", "<0.001", k=4))
    assert (
        fits.said
        == "P <0.001 is consistent with a z interval (<0.001), not with Hartung-Knapp of four studies"
    )
    assert found("p", pool("-0.10", "-1.20", "1.00", "P < 0.001")).verdict == "contradicts"


def test_a_real_minus_a_raised_point_and_a_p_in_words_read_as_the_plain_print() -> None:
    odd = pool(
        "\N{MINUS SIGN}0\N{MIDDLE DOT}34", "\N{MINUS SIGN}0.62", "\N{EN DASH}0.06", "P = 0.0186", k_total=7
    )
    assert [item.verdict for item in checks(odd)] == ["consistent", "consistent"]
    assert found("p", odd).said == found("p", hegde("fibromyalgia")).said


def test_a_ratio_whose_limit_lies_below_zero_contradicts_itself() -> None:
    (check,) = checks(pool("0.90", "-0.10", "2.30", "0.5", measure="RR"))
    assert check.verdict == "contradicts"
    assert "a ratio lies above zero" in check.said


def test_a_ratio_whose_limit_rounds_to_zero_has_no_logarithm_to_check() -> None:
    assert {item.verdict for item in checks(pool("0.20", "0.00", "5.00", "0.5", measure="OR"))} == {
        "not_checkable"
    }


@pytest.mark.parametrize(
    ("low", "high", "told"), [("1", "1", "no width"), ("2", "-2", "backwards"), ("0.3", "0.9", "outside")]
)
def test_an_impossible_interval_is_named(low: str, high: str, told: str) -> None:
    (check,) = checks(pool("0.1", low, high, "0.5"))
    assert check.verdict == "contradicts"
    assert told in check.said


def test_without_a_number_of_studies_all_to_thirty_are_tried() -> None:
    told = found("p", pool("-0.34", "-0.62", "-0.06", "0.0186")).said
    assert told.endswith("and with Hartung-Knapp of twelve or more studies")


def test_a_print_that_is_no_number_is_said_to_be_none() -> None:
    assert checks(pool("about a half", "0", "1"))[0].verdict == "not_checkable"
    assert checks(pool("0.5", "low", "high"))[0].verdict == "not_checkable"
    assert number("inf") is None
    assert number("") is None


def test_values_are_logarithms_of_ratios_where_they_have_one() -> None:
    assert value("-0.5", ratio=False) == -0.5
    assert value("1", ratio=True) == 0.0
    assert value("0.0", ratio=True) is None
    assert value("", ratio=False) is None


def test_the_first_word_of_a_measure_is_its_kind() -> None:
    assert [kind_of(text) for text in ("SMD (Cohen d)", "smd, random", "RR")] == ["SMD", "SMD", "RR"]


def test_a_recomputed_p_has_as_many_digits_as_it_needs() -> None:
    assert [p_text(p) for p in (0.8, 0.0173, 0.00312, 0.0006, 0.0001)] == [
        "0.800",
        "0.017",
        "0.0031",
        "0.0006",
        "<0.001",
    ]
