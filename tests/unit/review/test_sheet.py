"""The form and the facts it stands for: each kind of datum goes in, comes out, and goes in again the same."""

from __future__ import annotations

from typing import get_args

import pytest

from living.model.facts import Design, Quote
from living.model.numbers import Numbers
from living.model.protocol import Outcome, Protocol
from living.review.datums import DATUMS, NOTHING, Asked, Datum, datums_for
from living.review.fields import WHAT, arm_ids, own_fields
from living.review.filled import cells_fields, datum_for
from living.review.protocol import parse
from living.review.sheet import Sheet, Source, read_sheet
from tests.fakes import TOY

STUDY = "pubmed:90000005"
EVENTS = Outcome(
    id="events", label="Events", importance="important", type="rate", better="lower", unit="events",
    less="fewer events", more="more events",
)  # fmt: skip


def protocol() -> Protocol:
    toy = parse((TOY / "protocol.toml").read_text(), "toy")
    return toy.model_copy(update={"outcomes": (*toy.outcomes, EVENTS)})


def read(fields: dict[str, str]) -> Sheet:
    return read_sheet(fields, Source(STUDY, (STUDY,), protocol(), "2026-02-02"))


def study(design: str) -> dict[str, str]:
    return {
        f"{WHAT}.label": "Epsilon 2026", f"{WHAT}.design": design, f"{WHAT}.condition": "ache",
        f"{WHAT}.group": "ache", "arm0.label": "Remedy", "arm0.intervention": "remedy",
        "arm1.label": "Placebo", "arm1.intervention": "placebo",
    }  # fmt: skip


def typed(asked: Asked) -> str:
    """A number that this field can hold beside all the others."""
    if asked.kind == "choice":
        return asked.options[0][0]
    last = asked.path.rpartition(".")[2]
    known = {
        "low": "0.2",
        "q1": "0.2",
        "high": "6",
        "q3": "6",
        "p": "0.04",
        "r": "0.5",
        "reason": "no table",
        "total": "40",
    }
    return known.get(last, "9" if asked.kind == "whole" else "2.5")


def filled(datum: Datum, design: str) -> dict[str, str]:
    outcome = {"continuous": "ache", "binary": "any-ae", "rate": "events"}[datum.types[0]]
    cell = {
        "outcome": outcome, "experimental": "remedy", "control": "placebo", "weeks": "12",
        "estimand": datum.estimands[-1], "datum": datum.id, "population": "completers", "notes": "",
        "q0.report": STUDY, "q0.locator": "Table 2", "q0.kind": "figure", "q0.text": "Figure 2",
        **({"scale": "nrs"} if outcome == "ache" else {}),
        **{asked.path: typed(asked) for asked in datum.asked},
    }  # fmt: skip
    return {**study(design), **{f"c0.{name}": value for name, value in cell.items()}}


@pytest.mark.parametrize("datum", DATUMS, ids=lambda item: item.id)
def test_every_kind_of_datum_is_read_and_comes_back_into_its_fields(datum: Datum) -> None:
    design = datum.designs[0]
    sheet = read(own_fields(filled(datum, design)))
    assert sheet.faults == ()
    (extraction,) = sheet.extractions
    assert isinstance(extraction.numbers, datum.shape)
    assert datum_for(extraction) in (datum, *([] if datum.id != NOTHING else DATUMS))
    again = read({**study(design), **cells_fields([extraction])})
    assert again.faults == ()
    assert again.extractions == (extraction,)


@pytest.mark.parametrize("design", get_args(Design))
def test_the_design_decides_what_is_offered(design: str) -> None:
    ache = protocol().outcomes[0]
    offered = {item.id for item in datums_for(ache, design)}
    paired = {name for name in offered if name.startswith("paired")}
    groups = {name for name in offered if name.startswith("means")}
    assert bool(paired) == (design == "crossover")
    assert bool(groups) == (design != "crossover")
    assert NOTHING in offered


def test_every_empty_field_is_told_at_once_and_nothing_is_raised() -> None:
    empty = {f"c0.{name}": "" for name in ("outcome", "datum")} | {"c0.notes": "begun"}
    names = {fault.field for fault in read(empty).faults}
    assert {f"{WHAT}.label", f"{WHAT}.design", f"{WHAT}.group", "arms", "c0.outcome"} <= names


def test_a_cell_that_was_only_opened_is_not_asked_about() -> None:
    opened = {**study("parallel"), "c0.outcome": "", "c0.q0.report": STUDY, "c0.q0.kind": "verbatim"}
    assert read(opened).faults == ()


def test_the_same_cell_twice_is_refused() -> None:
    one = filled(DATUMS[0], "parallel")
    two = {name.replace("c0.", "c1."): value for name, value in one.items() if name.startswith("c0.")}
    assert [fault.field for fault in read({**one, **two}).faults] == ["c1.outcome"]


def test_two_readers_give_the_same_arms_the_same_names() -> None:
    mine = [
        {"intervention": "ldn", "dose": "4,5", "label": "x"},
        {"intervention": "ldn", "dose": "6", "label": "y"},
    ]
    hers = [
        {"intervention": "ldn", "dose": "4.5", "label": "LDN"},
        {"intervention": "ldn", "dose": "6", "label": "z"},
    ]
    assert arm_ids(mine) == arm_ids(hers) == ("ldn-4.5", "ldn-6")
    assert arm_ids([{"intervention": "ldn", "label": "LDN"}, {"intervention": "placebo", "label": ""}]) == (
        "ldn",
        "placebo",
    )


def test_every_shape_of_numbers_has_a_kind_of_datum() -> None:
    shapes = set(get_args(get_args(Numbers)[0]))
    assert shapes == {datum.shape for datum in DATUMS}


def test_a_dose_needs_a_quote_that_holds_it() -> None:
    fields = {**study("parallel"), "arm0.dose": "4.5"}
    assert [fault.field for fault in read(fields).faults] == ["arm0.dose"]
    quote = Quote(report=STUDY, locator="methods", text="Remedy 4.5 mg a day")
    told = {f"{WHAT}.q0.{name}": getattr(quote, name) for name in ("report", "locator", "kind", "text")}
    assert read({**fields, **told}).faults == ()


def test_fields_that_no_form_has_are_left_out() -> None:
    posted = {"c0.outcome": "ache", "by": "eve", "c0.cell.study.key.x": "1", "__class__": "x", "c0.A": "1"}
    assert own_fields(posted) == {"c0.outcome": "ache"}
