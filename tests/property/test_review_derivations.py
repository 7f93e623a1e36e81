"""Every derivation can be taken again from what it prints, and effects follow the laws they must."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.protocol import Measure, Model
from living.review.contrasts import Contrast, contrast
from living.review.formulas import STEPS, NotDerivable
from living.review.readings import Reading
from tests.unit.review.scenes import read

MODELS = [
    Model(tau2="REML", interval="HK-guarded", paired_r=0.5),
    Model(tau2="REML", interval="HK-guarded", zero_cells="none"),
]
MEASURES: tuple[Measure, ...] = ("MD", "SMD-d", "SMD-g", "RR", "OR", "RD", "IRR")
SAME = 1e-9  # relative; the same steps on the same doubles, or on inputs scaled by a power of two

values = st.integers(-90, 90).map(lambda n: n / 10)
positive = st.integers(1, 60).map(lambda n: n / 10)
sizes = st.integers(4, 200)
level = st.sampled_from([0.9, 0.95, 0.99])


@st.composite
def spreads(draw: st.DrawFn, mean: float) -> dict[str, Any]:
    width = draw(positive)
    return draw(
        st.sampled_from(
            [
                {"by": "sd", "sd": width},
                {"by": "se", "se": width},
                {"by": "ci", "low": mean - width, "high": mean + width, "level": draw(level)},
                {"by": "ci", "low": mean - width, "high": mean + width, "df": 9.0},
                {"by": "quartiles", "q1": mean - width, "q3": mean + width},
                {"by": "not_reported"},
            ]
        )
    )


@st.composite
def precisions(draw: st.DrawFn, estimate: float) -> dict[str, Any]:
    width = draw(positive)
    p = draw(st.sampled_from([0.001, 0.04, 0.5, 0.9]))
    return draw(
        st.sampled_from(
            [
                {"by": "se", "se": width},
                {"by": "ci", "low": estimate - width, "high": estimate + width, "level": draw(level)},
                {"by": "ci", "low": estimate - width, "high": estimate + width, "df": 20.0},
                {"by": "t", "t": draw(values)},
                {"by": "p", "p": p},
                {"by": "p", "p": p, "df": 20.0},
                {"by": "not_reported"},
            ]
        )
    )


@st.composite
def arm_means(draw: st.DrawFn) -> dict[str, Any]:
    one, two = draw(values), draw(values)
    return {
        "shape": "arm_means",
        "values": "change",
        "experimental": {"n": draw(sizes), "mean": one, "spread": draw(spreads(one))},
        "control": {"n": draw(sizes), "mean": two, "spread": draw(spreads(two))},
    }


@st.composite
def contrasts(draw: st.DrawFn) -> dict[str, Any]:
    estimate = draw(values)
    return {
        "shape": "reported_contrast",
        "estimand": "change",
        "estimate": estimate,
        "precision": draw(precisions(estimate)),
        "n_experimental": draw(sizes),
        "n_control": draw(sizes),
    }


@st.composite
def ratios(draw: st.DrawFn) -> dict[str, Any]:
    low, up, more = draw(positive), draw(positive), draw(positive)
    return {
        "shape": "reported_contrast",
        "estimand": "change",
        "measure": draw(st.sampled_from(["RR", "OR", "IRR", "HR"])),
        "estimate": low + up,
        "precision": {"by": "ci", "low": low, "high": low + up + more},
    }


@st.composite
def crossovers(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["change", "percent_change"]))
    difference, n = draw(values), draw(sizes)
    sds = {"sd_experimental": draw(positive), "sd_control": draw(positive)}
    if draw(st.booleans()):
        given = {"n": n, "difference": difference, "precision": draw(precisions(difference))}
        return {"shape": "paired_difference", "values": kind, **given, **sds}
    r = draw(st.sampled_from([None, -0.4, 0.0, 0.6]))
    means = {"mean_experimental": difference, "mean_control": 0.0}
    return {"shape": "paired_means", "values": kind, "n": n, "r": r, **means, **sds}


@st.composite
def counts(draw: st.DrawFn) -> dict[str, Any]:
    n, m = draw(sizes), draw(sizes)
    return {
        "shape": "event_counts",
        "experimental": {"events": draw(st.integers(0, n)), "total": n},
        "control": {"events": draw(st.integers(0, m)), "total": m},
    }


@st.composite
def rates(draw: st.DrawFn) -> dict[str, Any]:
    times = st.one_of(st.none(), positive)
    return {
        "shape": "event_rates",
        "experimental": {"events": draw(st.integers(0, 50)), "person_weeks": draw(times)},
        "control": {"events": draw(st.integers(0, 50)), "person_weeks": draw(times)},
    }


shapes = st.one_of(arm_means(), contrasts(), ratios(), crossovers(), counts(), rates())


def reading(numbers: dict[str, Any]) -> Reading:
    filled = read("pubmed:1", numbers)
    return Reading(filled.cell, filled.numbers, filled.quotes, "agreed", ())


def effect(numbers: dict[str, Any], measure: Measure, model: Model, to_unit: float = 1.0) -> Contrast | None:
    """The effect, or None where there is none and the reason is a sentence."""
    try:
        return contrast(reading(numbers), measure, model, to_unit)
    except NotDerivable as reason:
        return None if len(str(reason)) > 10 else pytest.fail(f"no reason: {reason}")


@given(shapes, st.sampled_from(MEASURES), st.sampled_from(MODELS), st.sampled_from([1.0, 0.1]))
def test_every_step_taken_again_from_its_printed_inputs_gives_its_printed_value(
    numbers: dict[str, Any], measure: Measure, model: Model, to_unit: float
) -> None:
    found = effect(numbers, measure, model, to_unit)
    for step in found.derivations if found else ():
        again = STEPS[step.formula].take(step.inputs)
        assert again[step.output] == step.value
        assert step.source == STEPS[step.formula].source


@given(shapes, st.sampled_from(MEASURES), st.sampled_from(MODELS))
def test_an_effect_is_finite_with_a_positive_standard_error_or_there_is_a_reason(
    numbers: dict[str, Any], measure: Measure, model: Model
) -> None:
    found = effect(numbers, measure, model)
    if found:
        assert math.isfinite(found.estimate)
        assert math.isfinite(found.se)
        assert found.se > 0


@given(shapes, st.sampled_from(MEASURES), st.sampled_from(MODELS), st.sampled_from([1.0, 0.1]))
def test_the_last_step_is_the_number_that_is_used(
    numbers: dict[str, Any], measure: Measure, model: Model, to_unit: float
) -> None:
    found = effect(numbers, measure, model, to_unit)
    if found and found.derivations:
        assert found.se == found.derivations[-1].value


@given(st.one_of(counts(), rates()), st.sampled_from(["RR", "OR", "RD", "IRR"]))
def test_changing_the_arms_changes_the_sign_and_nothing_else(
    numbers: dict[str, Any], measure: Measure
) -> None:
    turned = numbers | {"experimental": numbers["control"], "control": numbers["experimental"]}
    one, other = (effect(item, measure, MODELS[0]) for item in (numbers, turned))
    assert (one is None) is (other is None)
    if one and other:
        assert one.estimate == pytest.approx(-other.estimate, rel=SAME, abs=SAME)
        assert one.se == pytest.approx(other.se, rel=SAME)


@given(contrasts(), st.sampled_from([0.5, 2.0, 8.0]))
def test_a_scale_s_length_scales_effect_and_standard_error_alike(
    numbers: dict[str, Any], factor: float
) -> None:
    plain, scaled = effect(numbers, "MD", MODELS[0]), effect(numbers, "MD", MODELS[0], factor)
    assert (plain is None) is (scaled is None)
    if plain and scaled:
        assert (scaled.estimate, scaled.se) == (plain.estimate * factor, plain.se * factor)
