"""A study enters an analysis by one cell, chosen by the protocol's order, or not at all with the reason."""

from typing import Any

import pytest

from living.model.facts import Characteristics
from living.model.protocol import Analysis, Sensitivity, Window
from living.review.readings import Reading
from living.review.selection import Chosen, Passed, Scope, choose, is_primary
from tests import factories as make
from tests.unit.review.scenes import cell, difference, evidence, protocol, read, toy, what

STUDY = make.STUDY
LDN = protocol("ldn")
NOT_COMBINED = "which this analysis does not combine"
DOSES = what(
    STUDY,
    "Doses 2026",
    arms=(
        {"id": "low", "label": "LDN 2 mg", "intervention": "ldn", "dose_mg": 2.0},
        {"id": "high", "label": "LDN 6 mg", "intervention": "ldn", "dose_mg": 6.0},
        {"id": "sugar", "label": "Placebo", "intervention": "placebo"},
        {"id": "gaba", "label": "Gabapentin", "intervention": "gabapentin"},
    ),
)


def scope(name: str = "pain", variant: Sensitivity | None = None, **window: Any) -> Scope:
    found = Scope.of(LDN, analysis_of(name), variant or Sensitivity(id="plain", label="Plain"))
    limits = Window.model_validate(found.window.model_dump() | window)
    return Scope(found.analysis, found.comparison, found.outcome, limits, found.variant)


def analysis_of(name: str) -> Analysis:
    return next(item for item in LDN.analyses if item.id == name)


def reading(numbers: Any = None, standing: Any = "agreed", **kw: Any) -> Reading:
    population = kw.pop("population", "not_stated")
    about = cell(STUDY, **({"outcome": "pain", "experimental": "ldn"} | kw))
    filled = read(STUDY, numbers or difference(-0.5))
    return Reading(about, filled.numbers, filled.quotes, standing, (), population=population)


def nothing(reason: str = "medians only", **kw: Any) -> Reading:
    return reading({"shape": "no_numbers", "status": "no_usable_data", "reason": reason}, **kw)


def chosen(*readings: Reading, within: Scope | None = None, who: Characteristics | None = None) -> Reading:
    found = choose(readings, who, within or scope())
    assert isinstance(found, Chosen), found
    return found.reading


def passed(*readings: Reading, within: Scope | None = None, who: Characteristics | None = None) -> str:
    found = choose(readings, who, within or scope())
    assert isinstance(found, Passed), found
    return found.reason


# --- the order of preference ----------------------------------------------------------------------

BETTER_FIRST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the scale ranked higher": ({"scale": "nrs", "weeks": 8.0}, {"scale": "bpi-severity", "weeks": 12.0}),
    "of one scale, the nearest time": ({"weeks": 11.0}, {"weeks": 14.0, "estimand": "adjusted"}),
    "of two equally near, the later": ({"weeks": 16.0}, {"weeks": 8.0}),
    "of one time, the adjusted value": ({"estimand": "adjusted"}, {"estimand": "change"}),
    "change before final": ({"estimand": "change"}, {"estimand": "final", "population": "all_randomised"}),
    "all randomised before unstated": ({"population": "all_randomised"}, {}),
    "unstated before completers": ({}, {"population": "completers"}),
}


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(("better", "worse"), BETTER_FIRST.values(), ids=BETTER_FIRST)
def test_the_better_cell_is_taken(better: dict[str, Any], worse: dict[str, Any], turn: int) -> None:
    found = chosen(*[reading(**better), reading(**worse)][::turn])
    assert found == reading(**better)


def test_of_two_equally_near_the_earlier_where_the_window_says_so() -> None:
    cells = reading(weeks=8.0), reading(weeks=16.0)
    assert chosen(*cells, within=scope(ties="earlier")).cell.weeks == 8.0


def test_a_cell_without_usable_numbers_never_keeps_out_one_with_numbers() -> None:
    assert chosen(nothing(scale="nrs"), reading(scale="worst")).cell.scale == "worst"


@pytest.mark.parametrize("turn", [1, -1])
def test_cells_that_rank_alike_are_taken_by_name_and_not_by_chance(turn: int) -> None:
    cells = [reading(experimental="low"), reading(experimental="high")][::turn]
    assert chosen(*cells, who=DOSES).cell.experimental == "high"


# --- what it is about -----------------------------------------------------------------------------


def test_nothing_read_about_the_outcome_is_no_reason_but_silence() -> None:
    assert choose((reading(outcome="sleep"),), None, scope()) is None
    assert choose((), None, scope()) is None


def test_an_arm_counts_as_the_intervention_it_had() -> None:
    assert chosen(reading(experimental="low", control="sugar"), who=DOSES)
    assert choose((reading(experimental="low", control="sugar"),), None, scope()) is None


def test_a_contrast_with_an_active_drug_is_another_comparison() -> None:
    active = reading(experimental="low", control="gaba")
    assert choose((active,), DOSES, scope("pain")) is None
    assert chosen(active, who=DOSES, within=scope("active-pain")) == active


def test_a_contrast_the_other_way_round_is_not_taken() -> None:
    assert choose((reading(experimental="placebo", control="ldn"),), None, scope()) is None


# --- the window -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "weeks", "inside"),
    [
        ("pain", 5.99, False),
        ("pain", 6.0, True),
        ("pain", 26.0, True),
        ("pain", 26.01, False),
        ("pain-short", 1.99, False),
        ("pain-short", 2.0, True),
        ("pain-short", 5.99, True),
        ("pain-short", 6.0, False),
        ("pain-long", 26.0, False),
        ("pain-long", 26.01, True),
        ("pain-long", 520.0, True),
    ],
)
def test_both_ends_belong_to_a_window_unless_they_are_excluded(name: str, weeks: float, inside: bool) -> None:
    found = choose((reading(weeks=weeks),), None, scope(name))
    assert isinstance(found, Chosen) is inside


# --- the reasons ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        ((nothing("medians only"),), "medians only"),
        ((reading(weeks=4.0),), "measured at 4 weeks, outside the window nearest 12 weeks, within 6 to 26"),
        ((reading(estimand="percent_change"),), f"only percent change values, {NOT_COMBINED}"),
        ((reading(scale="fiqr"),), "measured on fiqr, an outcome of its own"),
        ((reading(scale=""),), "measured on an unnamed scale, an outcome of its own"),
        ((reading(estimand="percent_change"), nothing("first period not read")), "first period not read"),
    ],
)  # fmt: skip
def test_a_study_that_does_not_enter_says_why(readings: tuple[Reading, ...], reason: str) -> None:
    assert passed(*readings) == reason


def test_what_was_measured_at_another_time_is_told_once_in_the_primary_analysis() -> None:
    assert passed(reading(weeks=40.0)).startswith("measured at 40 weeks")
    assert choose((reading(weeks=40.0),), None, scope("pain-short")) is None


def test_what_a_study_found_stays_with_the_reason() -> None:
    percent = reading(estimand="percent_change")
    found = choose((nothing(), percent), None, scope())
    assert isinstance(found, Passed)
    assert found.reading == percent


# --- variants -------------------------------------------------------------------------------------


def variant(**kw: Any) -> Scope:
    return scope(variant=Sensitivity.model_validate({"id": "v", "label": "Variant"} | kw))


@pytest.mark.parametrize("standing", ["agreed", "adjudicated", "verified"])
def test_verified_only_takes_what_people_have_read(standing: str) -> None:
    assert chosen(reading(standing=standing), within=variant(verified_only=True))


def test_verified_only_leaves_imports_out() -> None:
    assert passed(reading(standing="unverified"), within=variant(verified_only=True)) == (
        "not yet agreed by two readers"
    )


@pytest.mark.parametrize(
    ("experimental", "who", "reason"),
    [("low", DOSES, None), ("high", DOSES, "6 mg, above 5 mg"), ("ldn", None, "dose not known")],
)
def test_a_dose_limit_leaves_out_higher_and_unknown_doses(
    experimental: str, who: Characteristics | None, reason: str | None
) -> None:
    found = choose((reading(experimental=experimental),), who, variant(max_dose_mg=5.0))
    assert (found.reason if isinstance(found, Passed) else None) == reason


def test_a_design_limit_leaves_out_other_and_unknown_designs() -> None:
    ldn = reading(experimental="low")
    assert chosen(ldn, who=DOSES, within=variant(design="parallel"))
    assert passed(ldn, who=DOSES, within=variant(design="crossover")) == "not a crossover trial"
    assert passed(reading(), within=variant(design="parallel")) == "not a parallel trial"


def test_any_time_still_prefers_the_time_nearest_the_window_s_centre() -> None:
    cells = reading(weeks=2.0), reading(weeks=40.0)
    assert chosen(*cells, within=variant(any_time=True)).cell.weeks == 2.0


def test_an_alternative_changes_one_study_s_kind_of_value_and_nothing_else() -> None:
    cells = reading(estimand="adjusted"), reading(estimand="change")
    other = {"study": STUDY, "estimand": "change"}
    assert chosen(*cells, within=variant(alternative=other)).cell.estimand == "change"
    elsewhere = {"study": "pubmed:404", "estimand": "change"}
    assert chosen(*cells, within=variant(alternative=elsewhere)).cell.estimand == "adjusted"
    assert (
        passed(reading(estimand="adjusted"), within=variant(alternative=other))
        == "not the declared alternative"
    )
    off_scale = reading(estimand="change", scale="fiqr")
    assert passed(off_scale, within=variant(alternative=other)) == "measured on fiqr, an outcome of its own"


# --- what a study is ------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [1, -1])
def test_a_person_s_description_of_a_study_comes_before_an_import_s(turn: int) -> None:
    facts = [what(STUDY, "As imported"), what(STUDY, "As read", imported=None)][::turn]
    found = evidence(toy(make.record(), *facts))
    assert found.what[STUDY].label == "As read"


def test_the_latest_of_two_imports_counts_and_one_of_no_known_study_does_not() -> None:
    facts = what(STUDY, "First"), what(STUDY, "Second"), what("pubmed:404", "Nobody")
    found = evidence(toy(make.record(), *facts))
    assert {key: item.label for key, item in found.what.items()} == {STUDY: "Second"}


@pytest.mark.parametrize(
    ("estimand", "counts"), [("adjusted", True), ("final", True), ("percent_change", False)]
)
def test_a_cell_is_primary_when_a_primary_analysis_combines_its_kind_of_value(
    estimand: str, counts: bool
) -> None:
    about = reading(estimand=estimand).cell
    assert is_primary(about, None, LDN) is counts
