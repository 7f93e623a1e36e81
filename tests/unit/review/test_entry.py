"""A filled form is held against the protocol and the study's design before it is believed."""

from pathlib import Path
from typing import Any

import pytest

from living.errors import UserError
from living.model.facts import Characteristics, Extraction
from living.review.entry import check_characteristics, check_extraction, in_future
from living.review.protocol import parse

ROOT = Path(__file__).resolve().parents[3]
PROTOCOL = parse(
    (ROOT / "db/topics/ldn-chronic-pain/protocol.toml").read_text(encoding="utf-8"), "protocol.toml"
)
MEANS = {
    "shape": "arm_means",
    "values": "final",
    "experimental": {"n": 20, "mean": 4.0, "spread": {"by": "sd", "sd": 2.0}},
    "control": {"n": 21, "mean": 5.0, "spread": {"by": "sd", "sd": 2.5}},
}
CONTRAST = {
    "shape": "reported_contrast",
    "estimand": "adjusted",
    "estimate": -1.0,
    "precision": {"by": "ci", "low": -2.0, "high": 0.5},
}
COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 5, "total": 20},
    "control": {"events": 6, "total": 21},
}
CELL = {
    "study": "pubmed:1",
    "outcome": "pain",
    "experimental": "ldn",
    "control": "placebo",
    "scale": "nrs",
    "weeks": 12,
    "estimand": "final",
}


def form(numbers: dict[str, Any] | None = None, text: str = "", **changes: Any) -> Extraction:
    words = text or "4.0 (2.0), n 20; 5.0 (2.5), n 21; -1.0 (-2.0 to 0.5); 5 of 20 v 6 of 21"
    notes = changes.pop("notes", "")
    return Extraction.model_validate(
        {
            "cell": CELL | changes,
            "numbers": numbers or MEANS,
            "quotes": [{"report": "pubmed:1", "locator": "Table 2", "text": words}],
            "notes": notes,
        }
    )


def study(design: str = "parallel", **changes: Any) -> Characteristics:
    arms = [
        {"id": "low", "label": "LDN 2 mg", "intervention": "ldn"},
        {"id": "placebo", "label": "Placebo", "intervention": "placebo"},
    ]
    whole = {"study": "pubmed:1", "label": "Invented 2020", "condition": "ache", "condition_group": "other"}
    return Characteristics.model_validate(whole | {"design": design, "arms": arms} | changes)


def fault_of(extraction: Extraction, what: Characteristics | None = None) -> str:
    with pytest.raises(UserError) as caught:
        check_extraction(extraction, PROTOCOL, what)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sound_form_is_accepted() -> None:
    check_extraction(form(), PROTOCOL, study())
    check_extraction(form(CONTRAST, estimand="adjusted"), PROTOCOL)
    check_extraction(form(COUNTS, outcome="any-ae", scale="", estimand="count"), PROTOCOL)


def test_an_arm_may_be_named_by_its_own_id() -> None:
    check_extraction(form(experimental="low"), PROTOCOL, study())
    assert "no intervention or arm 'low'" in fault_of(form(experimental="low"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": "pian"}, "no outcome 'pian'; did you mean 'pain'?"),
        ({"scale": "nsr"}, "no scale 'nsr' for it; did you mean 'nrs'?"),
        ({"scale": "fiqr"}, "no scale 'fiqr' for it"),
        ({"scale": ""}, "the scale is not named"),
        ({"experimental": "lnd"}, "no intervention or arm 'lnd'; did you mean 'ldn'?"),
        ({"experimental": "placebo"}, "'placebo' is compared with itself"),
        ({"weeks": 0}, "0 weeks is no time after randomisation"),
        ({"weeks": -3}, "-3 weeks is no time after randomisation"),
        ({"estimand": "change"}, "the cell says change values and the numbers say final values"),
        ({"outcome": "any-ae", "scale": "", "estimand": "count"}, "takes participants with the event"),
    ],
)
def test_a_cell_that_the_protocol_does_not_know_is_refused(changes: dict[str, Any], words: str) -> None:
    message = fault_of(form(**changes))
    assert message.startswith("pubmed:1, ")
    assert words in message


def test_counts_are_refused_where_means_are_measured() -> None:
    assert "takes means or a difference of means, not event counts" in fault_of(form(COUNTS))


def test_a_crossover_is_not_two_independent_groups() -> None:
    assert "same people, not two independent groups" in fault_of(form(), study("crossover"))


def test_the_first_period_of_a_crossover_is_two_groups() -> None:
    check_extraction(form(notes="First period only, from the posted results"), PROTOCOL, study("crossover"))


def changed(arm: dict[str, Any], values: str = "final") -> dict[str, Any]:
    return MEANS | {"values": values, "experimental": MEANS["experimental"] | arm}  # type: ignore[operator]


@pytest.mark.parametrize(
    ("extraction", "words"),
    [
        (
            form(changed({"mean": 40.0}), "40.0 (2.0), n 20; 5.0 (2.5), n 21"),
            "a mean of 40 cannot be on 0-10",
        ),
        (
            form(changed({"mean": -1.0}), "-1.0 (2.0), n 20; 5.0 (2.5), n 21"),
            "a mean of \N{MINUS SIGN}1 cannot be on 0-10",
        ),
        (
            form(changed({"spread": {"by": "sd", "sd": 20.0}}), "4.0 (20.0), n 20; 5.0 (2.5), n 21"),
            "an SD of 20 cannot be on 0-10",
        ),
        (
            form(changed({"mean": -13.0}, "change"), "-13.0 (2.0), n 20; 5.0 (2.5), n 21", estimand="change"),
            "a difference of \N{MINUS SIGN}13 cannot be on 0-10",
        ),
        (
            form(
                CONTRAST | {"estimate": -11.0, "precision": {"by": "se", "se": 4.0}},
                "-11.0 (4.0)",
                estimand="adjusted",
            ),
            "a difference of \N{MINUS SIGN}11 cannot be on 0-10",
        ),
    ],
)
def test_a_value_outside_its_scale_is_refused(extraction: Extraction, words: str) -> None:
    assert words in fault_of(extraction)


def test_a_change_may_be_below_zero() -> None:
    check_extraction(
        form(changed({"mean": -1.5}, "change"), "-1.5 (2.0), n 20; 5.0 (2.5), n 21", estimand="change"),
        PROTOCOL,
    )


def test_a_quote_without_the_number_is_refused() -> None:
    assert "no quote contains experimental mean 4" in fault_of(form(text="(2.0), n 20; 5.0 (2.5), n 21"))


def test_what_the_model_cannot_hold_never_becomes_a_form() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        form(changed({"spread": {"by": "sd", "sd": 0.0}}))
    with pytest.raises(ValueError, match="21 participants with the event of 20 cannot be"):
        form(COUNTS | {"experimental": {"events": 21, "total": 20}}, outcome="any-ae", estimand="count")


def test_a_description_names_what_the_protocol_knows() -> None:
    check_characteristics(study(available_from="2026-06"), PROTOCOL, "2026-06-01")
    arm = {"id": "x", "label": "x", "intervention": "asprin"}
    with pytest.raises(UserError, match=r"no condition group 'fibro'.*two arms are called 'x'.*'asprin'"):
        check_characteristics(study(condition_group="fibro", arms=[arm, arm]), PROTOCOL, "2026-06-01")


def test_a_study_from_the_future_is_refused() -> None:
    with pytest.raises(UserError, match="available from 2026-07 lies after 2026-06-30"):
        check_characteristics(study(available_from="2026-07"), PROTOCOL, "2026-06-30")


@pytest.mark.parametrize(
    ("date", "future"),
    [("2026", False), ("2026-06", False), ("2026-06-16", True), ("2027", True), ("", False)],
)
def test_a_date_of_any_precision_is_future_only_when_it_wholly_is(date: str, future: bool) -> None:
    assert in_future(date, "2026-06-15") is future
