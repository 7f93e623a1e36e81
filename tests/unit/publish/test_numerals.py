"""How numbers and dates are said."""

import math

import pytest

from living.publish import numerals as say


@pytest.mark.parametrize(
    ("value", "said"),
    [(-0.54, "−0.54"), (0.28, "0.28"), (-0.004, "0.00"), (0.0, "0.00"), (1.745, "1.75"), (None, "not given")],
)
def test_an_effect_has_two_decimals_and_a_real_minus(value: float | None, said: str) -> None:
    assert say.effect(value) == said


def test_an_interval_reads_low_to_high() -> None:
    assert say.interval((-0.54, 0.28)) == "−0.54 to 0.28"
    assert say.interval((None, 0.28)) == "not given"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1.57, "1.57"), (0.001, "<0.01"), (7.31, "7.31"), (12.345, "12.3"), (250.4, "250"), (5e7, ">1000")],
)
def test_a_ratio_is_taken_back_from_its_logarithm(ratio: float, said: str) -> None:
    assert say.effect(math.log(ratio), ratio=True) == said


def test_a_logarithm_beyond_all_ratios_does_not_overflow() -> None:
    assert say.effect(5000.0, ratio=True) == ">1000"


@pytest.mark.parametrize(
    ("p", "said"), [(0.314, "0.31"), (0.0186, "0.019"), (0.0004, "<0.001"), (0.0997, "0.10")]
)
def test_a_p_value_keeps_the_digits_that_matter(p: float, said: str) -> None:
    assert say.p_value(p) == said


def test_a_shift_carries_its_sign_and_none_when_it_is_nothing() -> None:
    assert [say.signed(value) for value in (0.12, -0.12, 0.001)] == ["+0.12", "−0.12", "0.00"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-06-18", "18 June 2026"),
        ("2026-06", "June 2026"),
        ("2026", "2026"),
        ("2026-06-18T06:05:00Z", "18 June 2026"),
        ("2026-13-01", "2026-13-01"),
        ("Spring 2024", "Spring 2024"),
    ],
)
def test_a_date_is_said_as_far_as_it_is_known(text: str, said: str) -> None:
    assert say.day(text) == said


def test_an_instant_names_its_zone() -> None:
    assert say.instant("2026-11-22T06:00:00Z") == "22 November 2026, 06:00 UTC"


def test_units_and_counts_are_said_in_words() -> None:
    assert [say.weeks(1.0), say.weeks(12.0), say.dose(4.5), say.dose(None)] == [
        "1 week", "12 weeks", "4.5 mg", "dose not given",
    ]  # fmt: skip
    assert [say.counted(n, "study", "studies") for n in (0, 1, 3, 1200)] == [
        "no studies", "one study", "three studies", "1,200 studies",
    ]  # fmt: skip
    assert [say.percent(47.93), say.level(0.95), say.tau2(0.1923), say.standard_error(0.31123)] == [
        "48%", "95%", "0.19", "0.311",
    ]  # fmt: skip


def test_a_number_as_read_gains_and_loses_no_digits() -> None:
    assert [say.plain(value) for value in (-0.34, 12.0, 0.311230, 1e-9)] == [
        "−0.34",
        "12",
        "0.31123",
        "1e−09",
    ]


def test_a_coordinate_has_no_negative_zero_and_no_tail() -> None:
    assert [say.coordinate(value) for value in (-0.001, 10.0, 3.14159, -7.5)] == ["0", "10", "3.14", "-7.5"]


def test_a_weight_that_is_small_is_not_nothing() -> None:
    assert [say.weight(value) for value in (0.0, 0.02, 0.6, 75.2, None)] == [
        "0%", "<1%", "1%", "75%", say.NOT_GIVEN,
    ]  # fmt: skip
