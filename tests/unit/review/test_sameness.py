"""Whether two texts of a register say the same: what is spelling, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.review.sameness import likeness, numbers_of, same_text, same_times, times_of, words_of

SPELLING = [
    ("Pain at week 12", "PAIN, at week 12."),
    ("Change in  pain intensity\n(NRS)", "Change in pain intensity - NRS"),
    ("Haemoglobin A1c", "Hemoglobin A1c"),
    ("Oedema of the knee", "Edema of the knee"),
    ("Pain intesity", "Pain intensity"),
    ("quality of life", "quality-of-life"),
    ("follow-up", "followup"),
    ("randomised centre", "randomized center"),
    ("Number of participants with adverse events", "Numbers of participants with adverse events"),
    ("reduction of 30 percent", "reduction of 30 %"),
    ("1,000 steps, 4.50 mg", "1000 steps, 4.5 mg"),
    ("at twelve weeks", "at 12 weeks"),
    ("≥ 50 %", ">= 50%"),
]
NO_SPELLING = [
    ("12 weeks", "24 weeks"),
    ("six months", "nine months"),
    ("3 mg", "4.5 mg"),
    ("3 mg", "3 µg"),
    ("≥ 50 %", "≤ 50 %"),
    ("increase in pain", "decrease in pain"),
    ("symptomatic events", "asymptomatic events"),
    ("hypertension", "hypotension"),
    ("microvascular events", "macrovascular events"),
    ("hip abduction", "hip adduction"),
    ("dysphagia", "dysphasia"),
    ("systolic blood pressure", "diastolic blood pressure"),
    ("pain", "pain at rest"),
    ("blinded assessment", "unblinded assessment"),
    ("knee", "knees and hips"),
    ("A better than B", "B better than A"),
]


@pytest.mark.parametrize(("one", "other"), SPELLING)
def test_case_signs_space_and_slips_of_the_pen_are_spelling(one: str, other: str) -> None:
    assert same_text(one, other)
    assert same_text(other, one)


@pytest.mark.parametrize(("one", "other"), NO_SPELLING)
def test_a_number_a_unit_a_sign_and_another_word_are_never_spelling(one: str, other: str) -> None:
    assert not same_text(one, other)
    assert not same_text(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("week 12", "12 weeks", True),
        ("84 days", "12 wks", True),
        ("1 year", "12 months", True),
        ("12 weeks", "3 months", True),  # the same visit in another unit
        ("12 weeks", "13 weeks", False),  # in one unit nothing is rounded
        ("12 weeks", "6 months", False),
        ("baseline, 2 to 4 weeks", "2 and 4 weeks", True),
        ("weeks 5-6", "5 weeks", False),
        ("at discharge", "12 weeks", False),
        ("at discharge", "at the end", True),  # neither names a time
    ],
)
def test_times_are_compared_by_what_they_mean(one: str, other: str, same: bool) -> None:
    assert same_times(one, other) is same
    assert same_times(other, one) is same


def test_a_time_is_no_other_number() -> None:
    assert dict(numbers_of("a fall of 30% within 12 weeks, 0-10 scale")) == {"30": 1, "0": 1, "10": 1}
    assert times_of("a fall of 30%") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("Pain intensity", "Pain interference", 0.5, 0.5),
        ("Change from baseline in systolic blood pressure", "Change in diastolic blood pressure", 0.6, 0.69),
        ("Pain", "Pain intensity on the 0-10 NRS at week 12", 1.0, 1.0),  # says less of the same
        ("Overall survival", "Progression-free survival", 0.3, 0.5),
        ("Pain", "Sleep", 0.0, 0.0),
        ("12 weeks", "12 weeks", 0.0, 0.0),  # no telling word
    ],
)
def test_likeness_counts_telling_words_alone(one: str, other: str, low: float, high: float) -> None:
    assert low <= likeness(one, other) <= high
    assert likeness(one, other) == likeness(other, one)


@given(st.text(max_size=60))
def test_any_text_is_the_same_as_itself_however_it_is_spaced_and_cased(text: str) -> None:
    assert same_text(text, text)
    spaced = f"  {text}\n"
    assert same_text(text, spaced)
    assert words_of(text) == words_of(spaced)


@given(st.text(max_size=60), st.text(max_size=60))
def test_sameness_goes_both_ways_for_any_two_texts(one: str, other: str) -> None:
    assert same_text(one, other) == same_text(other, one)
    assert same_times(one, other) == same_times(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(st.integers(1, 400), st.integers(1, 400))
def test_another_number_is_never_the_same_text(one: int, other: int) -> None:
    assert same_text(f"pain after {one} sessions", f"Pain after {other} sessions.") is (one == other)
