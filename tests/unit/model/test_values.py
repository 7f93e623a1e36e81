"""Domain values: frozen, complete, valid once built, and with one JSON text."""

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from living.model.facts import Fact
from living.model.protocol import Window
from living.model.record import Record
from living.model.values import canonical, digest, rounded
from tests import factories as make

FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
FACTS = {factory.__name__: factory() for factory in make.EVERY_KIND}


def test_values_share_what_they_forgot_and_a_copy_adds_nothing_to_it() -> None:
    before = make.link()
    after = before.model_copy(update={"evidence": "another"})
    assert after.model_dump() == before.model_dump() | {"evidence": "another"} != before.model_dump()
    assert before.model_fields_set == make.link().model_fields_set == set()


# --- every fact -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_fact_comes_back_from_its_own_text_as_it_was(fact: Fact) -> None:
    assert FACT.validate_json(canonical(fact)) == fact


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_fact_cannot_be_changed(fact: Fact) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        fact.kind = "other"  # type: ignore[assignment, misc]


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_an_unknown_field_is_an_error_and_not_ignored(fact: Fact) -> None:
    with pytest.raises(ValidationError, match="extra"):
        FACT.validate_python(fact.model_dump() | {"nonsense": 1})


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: make.link(b=make.STUDY), "a link joins two records"),
        (lambda: make.vote(vote="exclude"), "an exclusion names its criterion"),
        (lambda: make.extraction(quotes=()), "at least 1 item"),
        (lambda: make.adjudication(quotes=()), "at least 1 item"),
        (lambda: make.quote(report="40000001"), "pattern"),
        (lambda: make.cell(weeks=math.inf), "finite"),
        (lambda: make.cell(weeks="12"), "valid number"),
        (lambda: make.arm(n_randomised=-1), "greater than or equal to 0"),
        (lambda: make.arm(n_randomised=30.0), "valid integer"),
        (lambda: make.signature(digest="abc"), "pattern"),
        (lambda: make.lines(make.record(), at="2026-03-01"), "pattern"),
    ],
)
def test_an_impossible_value_cannot_be_built(build: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        build()


def test_a_link_is_the_same_pair_in_both_directions() -> None:
    assert make.link(a="pubmed:2", b="pubmed:1").pair == make.link(a="pubmed:1", b="pubmed:2").pair


def test_a_release_spells_its_number() -> None:
    assert make.release(major=2, minor=11).version == "v2.11"


# --- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"payload": "f" * 64}, True),
        ({"seeded": True}, True),
        ({"entered": "2026-01-01"}, True),
        ({"title": "Another"}, False),
        ({"version": 2}, False),
        ({"notices": ({"kind": "concern"},)}, False),
    ],
)
def test_the_content_hash_covers_content_and_not_where_or_when_it_was_read(
    change: dict[str, Any], same: bool
) -> None:
    assert (make.record(**change).content_hash == make.record().content_hash) is same


def test_hashing_twice_changes_nothing() -> None:
    assert make.record().hashed() == make.record()
    assert Record(source="pubmed", id="1").hashed().key == "pubmed:1"


# --- one text -------------------------------------------------------------------------------------


def test_canonical_text_is_sorted_tight_and_utf_8() -> None:
    assert canonical({"b": [1, 2.5], "a": "é−"}) == '{"a":"é−","b":[1,2.5]}'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_canonical_text_refuses_what_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": value})


def test_a_digest_is_the_sha_256_of_the_utf_8() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest("−") == digest("−".encode())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1 / 3, 0.333333333333),
        (123456789.123456789, 123456789.123),
        (1.2345678901234e-20, 1.23456789012e-20),
        (2.0, 2.0),
        (7, 7),
        (True, True),
        ("1.23456789012345", "1.23456789012345"),
        (None, None),
        ({"a": [1 / 3, (2 / 3,)]}, {"a": [0.333333333333, [0.666666666667]]}),
    ],
)
def test_published_numbers_keep_twelve_significant_digits(value: Any, expected: Any) -> None:
    assert rounded(value) == expected
    assert type(rounded(value)) is type(expected)


def test_a_negative_zero_is_published_as_zero() -> None:
    assert math.copysign(1, rounded(-0.0)) == 1
    assert canonical(rounded([-0.0])) == "[0.0]"


def test_rounding_twice_is_rounding_once() -> None:
    for value in (1 / 3, 2 / 3e7, -9.8765432109876e11):
        assert rounded(rounded(value)) == rounded(value)


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "inside", "outside"),
    [
        ({"low": 6.0, "high": 26.0}, (6.0, 12.0, 26.0), (5.9, 26.1)),
        ({"low": 2.0, "high": 6.0, "high_excluded": True}, (2.0, 5.9), (1.9, 6.0)),
        ({"low": 26.0, "low_excluded": True}, (26.1, 500.0), (26.0, 2.0)),
        ({"low": 2.0}, (2.0, 500.0), (1.9,)),
    ],
)
def test_a_window_holds_its_ends_unless_they_are_excluded(
    limits: dict[str, Any], inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    window = Window.model_validate({"id": "w", "label": "w", "nearest": 12.0} | limits)
    assert all(window.holds(weeks) for weeks in inside)
    assert not any(window.holds(weeks) for weeks in outside)
