"""Posted results of real trials become suggestions, none with a number that its own quote does not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from living.model.facts import Arm
from living.review.datums import datum_of
from living.review.fields import below
from living.review.posted import posted_results
from living.review.quotes import holds
from living.review.suggested import Suggestion, changed, filled_cell, suggestions
from living.review.typed import number

POSTED = ("NCT02210780", "NCT02397473", "NCT02619617", "NCT04520009", "NCT04524598", "NCT05372913")
ARMS = (
    Arm(id="drug", label="Galcanezumab 300mg", intervention="drug"),
    Arm(id="placebo", label="Placebo", intervention="placebo"),
)


def entry(recorded: Path, name: str) -> dict[str, Any]:
    found = json.loads((recorded / "ctgov" / "results" / f"{name}.json").read_text())
    return dict(found.get("study", found))


def offered(recorded: Path, name: str, design: str = "parallel") -> tuple[Suggestion, ...]:
    return suggestions(posted_results(entry(recorded, name)), design)


@pytest.mark.parametrize("name", POSTED)
def test_every_suggested_number_stands_in_the_words_quoted_for_it(recorded: Path, name: str) -> None:
    found = [item for item in offered(recorded, name) if item.datum]
    assert found
    for item in found:
        words = " ".join(text for _, text in item.quotes)
        for path, text in item.numbers:
            value = number(text).value
            if path not in ("level", "measure"):
                assert value is not None, (item.id, path, text)
                assert holds(words, value), (item.id, path, text, words)


@pytest.mark.parametrize("name", POSTED)
def test_a_suggestion_fills_only_fields_that_its_kind_of_datum_asks_for(recorded: Path, name: str) -> None:
    for item in offered(recorded, name):
        datum = datum_of(item.datum)
        assert bool(datum) != bool(item.why)
        if datum:
            assert {path for path, _ in item.numbers} <= {asked.path for asked in datum.asked}


@pytest.mark.parametrize("name", POSTED)
def test_a_crossover_is_suggested_no_two_groups(recorded: Path, name: str) -> None:
    kinds = {item.datum for item in offered(recorded, name, "crossover") if item.turns}
    assert kinds <= {"", "paired_means"}


def test_the_locator_leads_to_the_register_s_own_field(recorded: Path) -> None:
    study = entry(recorded, "NCT02397473")
    first = offered(recorded, "NCT02397473")[0]
    place, words = first.quotes[0]
    value: Any = study
    for part in place.replace("[", ".[").split("."):
        value = value[int(part.strip("[]"))] if part.startswith("[") else value[part]
    assert value == {"groupId": "OG000", "value": "-5.22", "spread": "1.33"}
    assert "Least squares mean -5.22; Standard Error 1.33; Participants analyzed 57" in words


def test_turned_round_the_other_group_is_the_experimental_one(recorded: Path) -> None:
    first = offered(recorded, "NCT02397473")[0]
    plain = below(filled_cell(first, "c0", "ctgov:X", ARMS, turned=False), "c0")
    turned = below(filled_cell(first, "c0", "ctgov:X", ARMS, turned=True), "c0")
    assert (plain["experimental"], plain["experimental.mean"]) == ("placebo", "-5.22")
    assert (turned["experimental"], turned["experimental.mean"]) == ("drug", "-8.69")
    assert turned["control.spread.se"] == "1.33"


def test_what_a_person_changes_is_told_and_another_way_to_write_it_is_no_change(recorded: Path) -> None:
    first = offered(recorded, "NCT02397473")[0]
    cell = below(filled_cell(first, "c0", "ctgov:X", ARMS, turned=False), "c0")
    assert changed(cell) == ()
    assert changed({**cell, "experimental.mean": "\u22125,22"}) == ()
    assert changed({**cell, "experimental.mean": "-5.3"}) == (("experimental.mean", "-5.22", "-5.3"),)


def test_percentages_and_differences_of_them_are_suggested_as_text_with_the_reason(recorded: Path) -> None:
    found = [item for item in offered(recorded, "NCT02210780") if not item.datum]
    assert {"a difference of percentages fits no field"} <= {item.why for item in found}
    assert any("percentage of participants" in item.why for item in found)


def test_an_entry_of_another_shape_suggests_nothing_and_breaks_nothing() -> None:
    cut = {"classes": [{"categories": None}]}
    odd: list[dict[str, Any]] = [
        {},
        {"resultsSection": []},
        {"resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": ["x", cut]}}},
        {"resultsSection": {"adverseEventsModule": {"eventGroups": [{"seriousNumAffected": None}]}}},
    ]  # fmt: skip
    assert [suggestions(posted_results(item), "parallel") for item in odd] == [(), (), (), ()]
