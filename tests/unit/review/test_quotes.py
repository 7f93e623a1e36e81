"""Whether a quote holds the entered number, however it is printed."""

import pytest

from living.model.facts import Quote
from living.model.numbers import (
    CI,
    SD,
    ArmEvents,
    ArmMean,
    ArmMeans,
    ArmRate,
    EventCounts,
    EventRates,
    NoNumbers,
    PairedDifference,
    PValue,
    ReportedContrast,
)
from living.review.quotes import holds, missing_numbers, printed


def quote(text: str, kind: str = "verbatim") -> Quote:
    return Quote.model_validate({"report": "pubmed:1", "locator": "abstract", "kind": kind, "text": text})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a difference of -0.34 (-0.95 to 0.27)", -0.34),
        ("a difference of \u22120.34", -0.34),
        ("a difference of \u20130.34", -0.34),
        ("from -0.70 on", -0.7),
        ("eine Differenz von -0,34", -0.34),
        ("(1.75)", 1.75),
        ("p=.04", 0.04),
        ("28.8% reduction", 28.8),
        ("0.92-2.64", 2.64),
        ("0.92\u20132.64", 2.64),
        ("intervals of 0.92,2.64 and more", 2.64),
        ("11,194 people", 11194),
        ("11\u202f194 people", 11194),
        ("1.234,5 Punkte", 1234.5),
        ("Eight and fifty-two adverse events", 8),
        ("Eight and fifty-two adverse events", 52),
        ("Fifty\u2010eight patients", 58),
        ("ninety nine of them", 99),
        ("no serious adverse events", 0),
        ("serious adverse events did not occur", 0),
        ("33 (68.8%) participants", 33),
        ("of 49.", 49),
    ],
)
def test_a_number_is_found_however_it_is_printed(text: str, value: float) -> None:
    assert holds(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a difference of -0.34", 0.34),
        ("a difference of 0.34", -0.34),
        ("a difference of 0.345", 0.34),
        ("0.92-2.64", -2.64),
        ("in 33% of participants", 33),
        ("Thirty-two percent of participants", 32),
        ("fifty-two events", 50),
        ("fifty-two events", 2),
        ("there was noise", 0),
        ("0,27 points", 27),
        ("", 1),
    ],
)
def test_another_number_does_not_vouch(text: str, value: float) -> None:
    assert not holds(text, value)


def test_a_reduction_vouches_for_a_negative_change() -> None:
    assert holds("pain fell by 1.3 points", -1.3)
    assert holds("a reduction of -0.3 points", 0.3)
    assert not holds("pain changed by 1.3 points", -1.3)


def test_a_percentage_is_marked_as_one() -> None:
    assert [(item.value, item.percent) for item in printed("33 (68.8 %), 5 per cent")] == [
        (33, False),
        (68.8, True),
        (5, True),
    ]


def test_every_number_of_a_contrast_is_asked_for() -> None:
    numbers = ReportedContrast(
        estimand="adjusted",
        estimate=-0.34,
        precision=CI(low=-0.95, high=0.27),
        n_experimental=49,
        n_control=50,
    )
    assert (
        missing_numbers(numbers, [quote("difference -0.34 (-0.95 to 0.27)"), quote("49 and 50 women")]) == ()
    )
    assert missing_numbers(numbers, [quote("difference -0.34 (-0.95 to 0.72), 49 women")]) == (
        "precision high 0.27",
        "n_control 50",
    )


def test_means_are_asked_for_arm_by_arm() -> None:
    arm = ArmMean(n=20, mean=4.0, spread=SD(sd=2.0))
    numbers = ArmMeans(values="final", experimental=arm, control=arm.model_copy(update={"mean": 5.0}))
    assert missing_numbers(numbers, [quote("4.0 (SD 2.0) in 20")]) == ("control mean 5",)


def test_events_and_the_p_of_a_paired_test_are_asked_for() -> None:
    counts = EventCounts(experimental=ArmEvents(events=5, total=47), control=ArmEvents(events=9, total=49))
    assert missing_numbers(counts, [quote("5/47 v 9/49")]) == ()
    rates = EventRates(experimental=ArmRate(events=8), control=ArmRate(events=52))
    assert missing_numbers(rates, [quote("Eight and fifty-two adverse events")]) == ()
    paired = PairedDifference(values="change", n=28, difference=-1.0, precision=PValue(p=0.016, df=27.0))
    assert missing_numbers(paired, [quote("in 28 people -1.0, P = 0.16")]) == ("precision p 0.016",)


@pytest.mark.parametrize("kind", ["figure", "transcribed"])
def test_a_figure_or_a_transcript_may_cover_any_number(kind: str) -> None:
    counts = EventCounts(experimental=ArmEvents(events=5, total=47), control=ArmEvents(events=9, total=49))
    assert missing_numbers(counts, [quote("read from figure 2", kind)]) == ()


def test_a_cell_without_numbers_misses_none() -> None:
    assert missing_numbers(NoNumbers(status="not_measured", reason="not measured"), [quote("nothing")]) == ()
