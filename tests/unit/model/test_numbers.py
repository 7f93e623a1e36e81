"""What no report can say cannot be built, whatever shape it comes in."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from living.model.numbers import Numbers

NUMBERS: TypeAdapter[Numbers] = TypeAdapter(Numbers)
SD = {"by": "sd", "sd": 2.0}


def arm(**kw: Any) -> dict[str, Any]:
    return {"n": 20, "mean": 4.0, "spread": SD} | kw


def interval(low: float, high: float, **kw: Any) -> dict[str, Any]:
    return {"by": "ci", "low": low, "high": high} | kw


def means(**kw: Any) -> dict[str, Any]:
    return {"shape": "arm_means", "values": "final", "experimental": arm(**kw), "control": arm()}


def reported(**kw: Any) -> dict[str, Any]:
    return {
        "shape": "reported_contrast",
        "estimand": "change",
        "estimate": -0.5,
        "precision": {"by": "se", "se": 0.4},
    } | kw


def paired(**kw: Any) -> dict[str, Any]:
    return {
        "shape": "paired_difference",
        "values": "final",
        "n": 20,
        "difference": -1.0,
        "precision": {"by": "se", "se": 0.4},
    } | kw


def periods(**kw: Any) -> dict[str, Any]:
    given = {
        "mean_experimental": 4.0,
        "mean_control": 5.0,
        "sd_experimental": 2.0,
        "sd_control": 1.5,
        "n": 25,
    }
    return {"shape": "paired_means", "values": "final", **given} | kw


def events(a: int, n: int) -> dict[str, Any]:
    return {
        "shape": "event_counts",
        "experimental": {"events": a, "total": n},
        "control": {"events": 1, "total": 9},
    }


def rates(a: int, weeks: float | None) -> dict[str, Any]:
    return {
        "shape": "event_rates",
        "experimental": {"events": a, "person_weeks": weeks},
        "control": {"events": 1},
    }


GOOD = [
    means(),
    means(spread={"by": "quartiles", "q1": 3.0, "q3": 5.0}),
    means(spread={"by": "not_reported"}),
    reported(),
    reported(precision={"by": "t", "t": -2.0}),
    paired(precision={"by": "p", "p": 0.04, "df": 19.0}),
    periods(r=-0.2),
    events(0, 9),
    events(9, 9),
    rates(30, None),
    {"shape": "no_numbers", "status": "not_measured", "reason": "no scale"},
]

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an SD of zero": (means(spread={"by": "sd", "sd": 0.0}), "greater than 0"),
    "a negative SE": (means(spread={"by": "se", "se": -1.0}), "greater than 0"),
    "a mean outside its interval": (means(spread=interval(4.1, 5.0)), "outside its own interval"),
    "a median outside its quartiles": (
        means(spread={"by": "quartiles", "q1": 4.1, "q3": 5.0}),
        "outside its own quartiles",
    ),
    "an empty interval": (means(spread={"by": "ci", "low": 4.0, "high": 4.0}), "is empty or reversed"),
    "a level that is none": (means(spread=interval(3.0, 5.0, level=95.0)), "less than 1"),
    "nobody in an arm": (means(n=0), "greater than or equal to 1"),
    "half a person": (means(n=20.5), "valid integer"),
    "a spread of no kind": (means(spread={"sd": 2.0}), "tag"),
    "text for a number": (means(mean="4.0"), "valid number"),
    "not a number": (means(mean=float("nan")), "finite"),
    "an estimate outside its interval": (
        reported(precision={"by": "ci", "low": -0.4, "high": 1.0}),
        "outside its own interval",
    ),
    "a ratio below zero": (reported(measure="RR"), "ratios are entered as printed, not logged"),
    "a P of zero": (reported(precision={"by": "p", "p": 0.0}), "greater than 0"),
    "a P of one": (reported(precision={"by": "p", "p": 1.0}), "less than 1"),
    "quartiles of a difference": (reported(precision={"by": "quartiles", "q1": -1.0, "q3": 0.0}), "tag"),
    "a correlation of one": (periods(r=1.0), "less than 1"),
    "no SD of a period": (periods(sd_control=0.0), "greater than 0"),
    "more events than people": (events(10, 9), "10 participants with the event of 9 cannot be"),
    "a negative event": (events(-1, 9), "greater than or equal to 0"),
    "no person-time at all": (rates(3, 0.0), "greater than 0"),
    "no reason": ({"shape": "no_numbers", "status": "not_measured", "reason": " "}, "at least 1 character"),
    "no shape": ({"values": "final"}, "tag"),
}  # fmt: skip


@pytest.mark.parametrize("numbers", GOOD, ids=lambda item: item["shape"])
def test_what_a_report_can_say_is_kept_as_it_was_said(numbers: dict[str, Any]) -> None:
    built = NUMBERS.validate_python(numbers)
    assert built.shape == numbers["shape"]
    assert NUMBERS.validate_json(built.model_dump_json()) == built


@pytest.mark.parametrize(("numbers", "told"), BAD.values(), ids=BAD)
def test_what_no_report_can_say_cannot_be_built(numbers: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        NUMBERS.validate_python(numbers)


def test_a_whole_number_may_stand_for_a_measured_one_and_not_the_other_way() -> None:
    assert NUMBERS.validate_python(means(mean=4)) == NUMBERS.validate_python(means(mean=4.0))
    with pytest.raises(ValidationError):
        NUMBERS.validate_python(means(n=20.0))
