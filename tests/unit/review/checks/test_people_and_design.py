"""People counted, directions, designs, times, and numbers that stand where others belong."""

import pytest

from living.model.facts import Extraction
from living.review.checks import CHECKS, KINDS, examine, unanswered
from tests.unit.review.checks.scene import LDN, cell, contrast, counts, means, people, seen, study

PAULA = study(
    "factorial",
    (
        ("ldn", "ldn", 22),
        ("placebo", "placebo", 21),
        ("ldn-tdcs", "other", 21),
        ("placebo-tdcs", "other", 22),
    ),
    labels={
        "ldn": "LDN with sham tDCS",
        "placebo": "Placebo with sham tDCS",
        "ldn-tdcs": "LDN with active tDCS",
        "placebo-tdcs": "Placebo with active tDCS",
    },
)
DOSES = study(arms=(("low", "ldn", 30), ("high", "ldn", 30), ("placebo", "placebo", 30)))
RATES = {
    "shape": "event_rates",
    "experimental": {"events": 8},
    "control": {"events": 52},
}

# --- people ---


def test_nobody_is_added_after_randomisation() -> None:
    more = counts((5, 52), (6, 50))
    assert seen(people(more, population="all_randomised"), study())["too_many"].level == "impossible"
    assert seen(people(more), study())["more_than_randomised"].level == "warning"
    assert "to which 50 were randomised" in seen(people(more), study())["more_than_randomised"].saw


def test_all_randomised_means_all() -> None:
    finding = seen(people(counts((5, 47), (9, 50)), population="all_randomised"), study())["not_all"]
    assert "47 of the 50 people of 'ldn'" in finding.saw
    assert "not_all" not in seen(people(counts((5, 47), (9, 50)), population="completers"), study())


def test_both_arms_together_are_no_more_than_the_register_enrolled() -> None:
    assert "99 people" in seen(people(counts((5, 49), (9, 50))), enrolment=90)["over_enrolment"].saw
    assert "over_enrolment" not in seen(people(counts((5, 49), (9, 50))), enrolment=99)


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("33 (68.8%) of 48 and 36 (72%) of 50", True),
        ("33 (66.8%) of 48 and 36 (72%) of 50", False),
        ("33/48 (69%) and 36/50 (72%)", True),
        ("33/48 (63%) and 36/50 (72%)", False),
        ("69% of 48, 33 people, and 71% of 50, 36 people", False),
        ("69% of 48, 33 people, and 72% of 50, 36 people", True),
    ],
)
def test_a_percentage_is_that_of_a_whole_number_of_people(words: str, fits: bool) -> None:
    assert ("percentage" not in seen(people(counts((33, 48), (36, 50)), words))) is fits


def test_more_people_cannot_reach_the_higher_bar() -> None:
    strict = people(counts((22, 49), (8, 50)), outcome="relief-50")
    loose = people(counts((20, 49), (13, 50)), outcome="relief-30")
    for mine, other in ((strict, loose), (loose, strict)):
        finding = seen(mine, None, other)["not_nested"]
        assert (finding.level, finding.field) == ("impossible", "numbers.experimental.events")
    assert "not_nested" not in seen(loose, None, people(counts((12, 49), (7, 50)), outcome="relief-50"))


def test_two_responder_counts_are_never_added() -> None:
    strict = people(counts((12, 49), (7, 50)), "12 of 49 and 7 of 50", outcome="relief-50")
    added = people(counts((32, 49), (20, 50)), "20 of 49 v 13 of 50 had 30% relief", outcome="relief-30")
    assert "12 people of the higher bar make it 32" in str(examine(added, LDN, None, [strict]))
    assert "added_counts" in seen(added, None, strict)


# --- direction ---


def test_a_reduction_is_a_negative_change() -> None:
    numbers = means((28, 28.8, 24.0), (28, 18.0, 27.9), "change")
    words = "a reduction of 28.8 (SD 24.0) with LDN and of 18.0 (SD 27.9) with placebo, 28 people each"
    finding = seen(cell(numbers, words, scale="vas-100"))["sign"]
    assert "the quote says 'reduction' and the change was entered as" in finding.saw
    right = means((28, -28.8, 24.0), (28, -18.0, 27.9), "change")
    assert "sign" not in seen(cell(right, words, scale="vas-100"))


def test_a_printed_minus_beside_a_word_leaves_both_readings_open() -> None:
    numbers = means((47, 0.33, 2.0), (49, 0.64, 2.0), "change")
    assert "sign" not in seen(cell(numbers, "reduction +0.33 and +0.64", scale="vas"))


def test_a_difference_in_favour_of_placebo_is_positive_on_a_pain_scale() -> None:
    words = "adjusted difference 0.49 favouring placebo"
    wrong = contrast(-0.49, -1.31, 0.32, estimand="adjusted")
    assert "in favour of placebo" in seen(cell(wrong, words))["sign"].saw
    assert "sign" not in seen(cell(contrast(0.49, -0.32, 1.31, estimand="adjusted"), words))


def test_a_contrast_points_where_its_arms_do() -> None:
    arms = cell(means((47, 7.33, 1.5), (49, 6.83, 2.0)))
    turned = cell(contrast(-0.49, -1.31, 0.32, estimand="adjusted"))
    assert "differ by 0.5" in seen(turned, None, arms)["against_arms"].saw
    assert "against_arms" not in seen(cell(contrast(0.49, -0.32, 1.31, estimand="adjusted")), None, arms)


# --- design ---


def test_a_crossover_is_not_two_groups_but_its_first_period_is() -> None:
    crossover = study("crossover", (("ldn", "ldn", 29), ("placebo", "placebo", 29)))
    two = means((26, 4.0, 2.0), (26, 5.0, 2.0))
    assert seen(cell(two), crossover)["crossover_independent"].level == "impossible"
    assert "crossover_independent" not in seen(cell(two, notes="First period only"), crossover)
    difference = contrast(-1.0, -2.0, 0.0, n_experimental=29, n_control=29)
    assert "crossover_independent" in seen(cell(difference), crossover)


def test_unequal_periods_and_no_washout_are_asked_about() -> None:
    numbers = {
        "shape": "paired_difference",
        "values": "final",
        "n": 28,
        "difference": -1.0,
        "precision": {"by": "se", "se": 0.4},
    }
    arms = (("ldn", "ldn", 31), ("placebo", "placebo", 31))
    labels = {"ldn": "LDN 4.5 mg, 12 weeks", "placebo": "Placebo, 4 weeks"}
    younger = study("crossover", arms, labels=labels, notes=["Periods follow each other without washout."])
    assert seen(cell(numbers), younger)["crossover_periods"].saw.startswith(
        "periods of 12 weeks and 4 weeks and no washout"
    )
    assert "crossover_periods" not in seen(
        cell(numbers), study("crossover", arms, notes=["Washout of 10 days."])
    )


def test_a_d_that_only_the_baseline_sd_explains_is_named() -> None:
    change = cell(means((47, -0.33, 2.2), (49, -0.64, 2.2), "change"))
    d = contrast(0.19, -0.21, 0.6, measure="SMD", estimand="adjusted")
    notes = ["Baseline 7.66 (1.55) v 7.47 (1.66)."]
    finding = seen(cell(d), study(notes=notes), change)["baseline_sd"]
    assert "0.31 points as d 0.19 were divided by 1.63" in finding.saw
    assert "baseline_sd" not in seen(
        cell(contrast(0.14, -0.26, 0.54, measure="SMD", estimand="adjusted")), study(notes=notes), change
    )


def test_events_are_no_people_and_people_no_events() -> None:
    words = "8 and 52 adverse events were reported in 50 and 60 people"
    assert "52 events" in seen(people(counts((8, 50), (52, 60)), words))["events_not_people"].saw
    participants = "33 of 48 participants and 36 (72%) participants had any adverse event"
    assert "events_not_people" not in seen(people(counts((33, 48), (36, 50)), participants))
    rates = RATES | {"experimental": {"events": 33}, "control": {"events": 36}}
    assert "events_not_people" in seen(people(rates, participants, outcome="ae-events"))


def test_a_rate_needs_person_time_and_no_more_of_it_than_there_was() -> None:
    assert "no person-time" in seen(people(RATES, outcome="ae-events"))["no_person_time"].saw
    irr = contrast(0.55, 0.04, 7.31, measure="IRR")
    assert "no_person_time" in seen(people(irr, "IRR 0.55 (0.04 to 7.31)", outcome="ae-events"))
    assert "no_person_time" not in seen(people(irr, "0.55 per person-week", outcome="ae-events"))
    long = {
        "shape": "event_rates",
        "experimental": {"events": 8, "person_weeks": 6000.0},
        "control": {"events": 9, "person_weeks": 590.0},
    }
    assert "600 at most" in seen(people(long, outcome="ae-events"), study())["person_time"].saw


def test_one_control_group_in_two_comparisons_is_pointed_out() -> None:
    low = cell(contrast(-0.5, -1.5, 0.5), experimental="low")
    high = cell(contrast(-0.7, -1.7, 0.3), experimental="high")
    assert "the control of both 'high' and 'low'" in seen(high, DOSES, low)["shared_control"].saw
    drug = study(arms=(("ldn", "ldn", 15), ("gabapentin", "gabapentin", 15), ("placebo", "placebo", 15)))
    other = cell(contrast(-0.27, -1.76, 1.23), experimental="gabapentin")
    assert "shared_control" not in seen(cell(contrast(0.88, -0.7, 2.46)), drug, other)


def test_factorial_arms_differ_in_the_treatment_only() -> None:
    assert (
        "active tDCS"
        in seen(cell(contrast(-0.5, -1.5, 0.5), experimental="ldn-tdcs"), PAULA)["co_intervention"].saw
    )
    assert "co_intervention" not in seen(cell(contrast(-0.5, -1.5, 0.5)), PAULA)
    assert "low or high" in seen(cell(contrast(-0.5, -1.5, 0.5)), DOSES)["which_arm"].saw


# --- time and sameness ---


def test_a_time_that_no_window_holds_is_questioned() -> None:
    assert "outside_windows" in seen(cell(contrast(-0.5, -1.5, 0.5), weeks=1))
    assert "outside_windows" not in seen(cell(contrast(-0.5, -1.5, 0.5), weeks=52))


def test_three_months_are_not_three_weeks() -> None:
    assert "says 3 months" in seen(cell(contrast(-0.5, -1.5, 0.5), "at 3 months", weeks=3))["time_unit"].saw
    assert "time_unit" not in seen(cell(contrast(-0.5, -1.5, 0.5), "3 weeks, then 3 months", weeks=3))


def test_baseline_values_are_no_final_ones() -> None:
    words = "Pain at baseline: 7.66 (1.55) v 7.47 (1.66), n = 48 and 50"
    assert "baseline_values" in seen(cell(means((48, 7.66, 1.55), (50, 7.47, 1.66)), words, scale="vas"))
    later = words + "; at 12 weeks the same"
    assert "baseline_values" not in seen(cell(means((48, 7.66, 1.55), (50, 7.47, 1.66)), later, scale="vas"))


def test_the_same_numbers_twice_are_questioned() -> None:
    assert "same_in_both_arms" in seen(cell(means((40, 5.0, 2.0), (41, 5.0, 2.0))))
    one, two = cell(contrast(-0.5, -1.5, 0.5)), cell(contrast(-0.5, -1.5, 0.5), weeks=26)
    assert "pain at 26 weeks" in seen(one, None, two)["duplicate"].saw
    rare = people(counts((1, 50), (2, 50)))
    assert "duplicate" not in seen(rare, None, people(counts((1, 50), (2, 50)), outcome="nausea"))


# --- all of them ---


def test_a_check_without_its_information_says_nothing() -> None:
    bare = cell(contrast(-0.5, -1.5, 0.5) | {"precision": {"by": "not_reported"}}, scale="")
    nothing = {"shape": "no_numbers", "status": "not_measured", "reason": "not in the report"}
    assert not seen(bare)
    assert not seen(cell(nothing))


def test_a_reason_answers_every_finding_of_its_code_and_no_other() -> None:
    extraction = cell(means((49, 4.1, 0.31), (50, 4.5, 0.33)), "4.1 ± 0.31, 49; 4.5 ± 0.33, 50")
    findings = examine(extraction, LDN)
    answered = extraction.model_copy(
        update={"reasons": (("se_for_sd", "the footnote says SD"), ("plus_minus", " "))}
    )
    assert {item.code for item in unanswered(extraction, findings)} >= {"se_for_sd", "plus_minus"}
    assert "se_for_sd" not in {item.code for item in unanswered(answered, findings)}
    assert "plus_minus" in {item.code for item in unanswered(answered, findings)}


def test_every_kind_says_why_and_cites_its_source() -> None:
    assert len(CHECKS) > 25
    for code, kind in KINDS.items():
        assert kind.why.endswith("."), code
        assert kind.source, code
        assert kind.suggestion, code


def test_a_hostile_quote_keeps_no_check_busy() -> None:
    quotes = ["1 " * 300_000, "9" * 600_000, "baseline (" * 60_000, "p=" * 200_000, "5 (" + " " * 500_000]
    for text in quotes:
        extraction: Extraction = people(counts((33, 48), (36, 50)), text)
        assert isinstance(examine(extraction, LDN, study()), tuple)
