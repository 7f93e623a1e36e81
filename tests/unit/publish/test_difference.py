"""The page of a difference: a sentence, a row and a mark for each cause, and the same bytes each time."""

import json
import re
from functools import cache

import pytest

from living.model.difference import Difference
from living.publish.difference import (
    NARROW,
    WIDE,
    Waterfall,
    difference_json,
    pair_of,
    place_of,
    render_difference,
    waterfall,
)
from living.publish.numerals import shift
from living.review.difference import difference
from tests import factories as make
from tests.unit.review import scenes
from tests.unit.review.scenes import Entry, changed, read, toy, trial, version

MOST_BYTES = 150_000
VERSIONS = ("v1.0", "v3.0")
FOUR: tuple[Entry, ...] = tuple(
    fact
    for name, value, se in (("1", -1.0, 0.4), ("2", -0.5, 0.4), ("3", 0.8, 0.8), ("6", -0.9, 0.5))
    for fact in trial(name, read(f"pubmed:{name}", scenes.difference(value, se)))
)
OTHER_MODEL = changed(
    "toy", ('tau2 = "REML"', 'tau2 = "DL"'), ('interval = "HK-guarded"', 'interval = "wald"')
)
STANDARDISED = changed(
    "toy",
    ('measure = "MD"', 'measure = "SMD-g"\nstandardiser = "pooled SD"'),
    ('estimands = ["adjusted", "change", "final"]', 'estimands = ["final"]'),
)


def moved(*entries: Entry, text: str = "") -> Difference:
    return difference(version(toy(*FOUR)), version(toy(*FOUR, *entries, text=text), "v3.0"))


@cache
def everything() -> Difference:
    return moved(
        read("pubmed:2", scenes.difference(1.4)),
        make.vote(record="pubmed:1", vote="exclude", criterion="X1", imported="A"),
        *trial("5", read("pubmed:5", scenes.difference(-3.0))),
        text=OTHER_MODEL,
    )


def page(found: Difference) -> str:
    return render_difference(found).decode()


def drawn(found: Difference) -> Waterfall:
    laid = waterfall(found.courses[0], VERSIONS, WIDE)
    assert laid is not None
    return laid


# --- words, numbers, figure -----------------------------------------------------------------------


def test_every_cause_has_a_sentence_a_row_of_the_table_and_a_row_of_the_figure() -> None:
    found, text = everything(), page(everything())
    main = found.courses[0]
    assert len(main.moves) == 4
    for move in main.moves:
        assert text.count(f"<li>{move.said}</li>") == 1
        assert f'<th scope="row">{move.text}</th>' in text
    assert [step.label for step in drawn(found).steps] == [
        "v1.0",
        "Methods",
        "Corrected: Trial 2",
        "Added: Trial 5",
        "Ruled: Trial 1",
        "v3.0",
    ]


def test_the_figure_stands_where_the_numbers_are_and_each_step_begins_where_the_last_ended() -> None:
    laid = drawn(everything())
    for before, after in zip(laid.steps, laid.steps[1:], strict=False):
        assert after.came_from == before.mid
        assert after.y - before.y == WIDE.row
    for step in laid.steps:
        assert step.point.estimate is not None
        assert step.mid == pytest.approx(laid.axis.x(step.point.estimate))
        assert step.low <= step.mid <= step.high
        assert WIDE.left <= step.low
        assert step.high <= WIDE.right
    assert laid.steps[0].shift is None
    assert laid.steps[-1].shift == everything().courses[0].total


def test_the_table_and_the_figure_show_the_same_numbers() -> None:
    text = page(everything())
    wide = text[text.index('class="forest wide"') : text.index('class="forest narrow"')]
    for move in everything().courses[0].moves:
        number = move.said.rpartition(" became ")[2].partition(";")[0] + ")"
        assert wide.count(number) >= 1
        assert text.count(number) > wide.count(number)


def test_the_figure_says_what_it_shows_to_whoever_cannot_see_it() -> None:
    text = page(everything())
    for frame in (WIDE, NARROW):
        assert f'aria-labelledby="ache-{frame.name}-t ache-{frame.name}-d"' in text
        assert f'<title id="ache-{frame.name}-t">' in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_same_difference_gives_the_same_bytes_and_no_large_page() -> None:
    assert render_difference(everything()) == render_difference(everything())
    assert len(render_difference(everything())) < MOST_BYTES


# --- where there is no number ---------------------------------------------------------------------


def test_a_number_on_another_scale_is_told_and_not_drawn() -> None:
    found = moved(*trial("7", read("pubmed:7", ARMS, estimand="final")), text=STANDARDISED)
    laid, text = drawn(found), page(found)
    assert [step.drawn for step in laid.steps] == [False, False, True, True]
    assert "no total" in text
    assert "no number is left" not in text
    assert "measure MD became SMD-g" in text


ARMS = {
    "shape": "arm_means",
    "values": "final",
    "experimental": {"n": 30, "mean": 3.0, "spread": {"by": "sd", "sd": 2.0}},
    "control": {"n": 30, "mean": 4.0, "spread": {"by": "sd", "sd": 2.0}},
}


def test_a_way_without_any_number_is_not_drawn() -> None:
    found = difference(version(toy()), version(toy(*trial("1")), "v1.1"))
    assert found.courses == ()
    assert "No number moved between these two versions." in page(found)
    assert "The main result is the same in both versions." in page(found)


def test_two_versions_of_the_same_evidence_differ_in_nothing() -> None:
    found = difference(version(toy(*FOUR)), version(toy(*FOUR), "v1.1"))
    assert (found.courses, found.causes, found.notes) == ((), (), ())
    assert len(found.still) == 2


def test_another_number_of_readers_is_said_to_be_told_with_the_studies() -> None:
    text = changed("toy", ("[sentences]", "[people]\nreaders = 1\n\n[sentences]"))
    found = moved(text=text)
    assert found.notes[0].startswith("The protocol asks for another number of readers")
    assert found.notes[0] in page(found)


# --- the document ---------------------------------------------------------------------------------


def test_the_document_reads_back_as_the_difference_it_was_made_from() -> None:
    document = difference_json(everything())
    again = Difference.model_validate_json(document)
    assert difference_json(again) == document
    assert json.loads(document)["schema_id"] == "living-difference/1"
    assert (again.older.version, again.newer.version) == VERSIONS


def test_a_label_is_text_and_never_markup() -> None:
    bad = trial("5", read("pubmed:5", scenes.difference(-3.0)))
    named = bad[1].model_copy(update={"label": "<img src=x onerror=alert(1)>"})
    text = page(moved(bad[0], named, *bad[2:]))
    assert "<img" not in text
    assert "&lt;img" in text


def test_a_pair_has_one_place() -> None:
    assert pair_of("v1.0", "v3.0") == "v1.0...v3.0"
    assert place_of("toy", "v1.0", "v3.0") == "toy/diff/v1.0...v3.0/index.html"


@pytest.mark.parametrize(
    ("value", "ratio", "told"),
    [(0.123, False, "+0.12"), (-0.4, True, "×0.67"), (0.0, False, "0.00"), (None, False, "not given")],
)
def test_a_shift_is_told_with_its_sign_or_as_a_factor(value: float | None, ratio: bool, told: str) -> None:
    assert shift(value, ratio) == told
