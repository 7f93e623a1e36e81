"""What people type into number fields, as they type it."""

import pytest

from living.review.typed import number, shown, whole


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("0.5", 0.5, ""),
        (" 12 ", 12.0, ""),
        ("-0.34", -0.34, ""),
        ("\u22120.34", -0.34, "read as \u22120.34"),
        ("\u20130.34", -0.34, "read as \u22120.34"),
        ("\u2212 0.34", -0.34, "read as \u22120.34"),
        ("+0.3", 0.3, "read as 0.3"),
        (".502", 0.502, ""),
        ("0,5", 0.5, "read as 0.5"),
        ("-1,65", -1.65, "read as \u22121.65"),
        ("0,500", 0.5, "read as 0.500"),
        ("1 234", 1234.0, "read as 1234"),
        ("1\u202f234.5", 1234.5, "read as 1234.5"),
        ("12,345.6", 12345.6, "read as 12345.6"),
        ("1.234,5", 1234.5, "read as 1234.5"),
        ("1,234,567", 1234567.0, "read as 1234567"),
    ],
)
def test_a_number_is_read_as_people_write_it_and_says_how(text: str, value: float, said: str) -> None:
    found = number(text)
    assert (found.value, found.said, found.fault) == (value, said, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Type a number"),
        ("1,234", "1.234 or 1234"),
        ("45%", "percent"),
        ("<0.001", "bound"),
        ("\u2265 3", "bound"),
        ("5.2 \u00b1 2.1", "One number"),
        ("5.2 (2.1)", "One number"),
        ("-0.95 to 0.27", "One number"),
        ("1e5", "without e"),
        ("five", "'five' is no number"),
        ("NaN", "'NaN' is no number"),
        ("inf", "'inf' is no number"),
        ("\u0663", "is no number"),
        ("1_000", "is no number"),
        ("9" * 41, "longer"),
        ("-", "is no number"),
    ],
)
def test_what_is_no_plain_number_is_refused_with_the_reason(text: str, why: str) -> None:
    found = number(text)
    assert found.value is None
    assert why in found.fault


def test_a_count_is_whole_and_never_negative() -> None:
    assert whole("49").value == 49
    assert "whole number" in whole("49.5").fault
    assert "negative" in whole("\u22121").fault


def test_a_number_comes_back_into_its_field_as_a_keyboard_types_it() -> None:
    assert [shown(value) for value in (-0.34, 49.0, 0.416, 1e-05, 300.0)] == [
        "-0.34",
        "49",
        "0.416",
        "0.00001",
        "300",
    ]
