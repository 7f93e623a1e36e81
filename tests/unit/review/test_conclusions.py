"""What a signed version concludes, in terms that two of them can be compared by."""

import math

import pytest

from living.review.conclusions import Conclusion, conclusion_of, conclusions_differ, effect_of, limit_of
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import analysis, seeded, then, toy


@pytest.mark.parametrize(
    ("low", "high", "important", "expected"),
    [
        (-3.0, -1.0, 1.0, "less, important"),
        (-3.0, -0.9, 1.0, "less"),
        (-0.5, -0.1, 1.0, "less"),
        (-3.0, -1.0, None, "less"),
        (-0.9, 0.9, 1.0, "no important difference"),
        (-1.0, 0.9, 1.0, "no clear difference"),
        (-0.9, 0.9, None, "no clear difference"),
        (-3.0, 0.0, 1.0, "no clear difference"),
        (0.1, 0.5, 1.0, "more"),
        (1.0, 2.0, 1.0, "more, important"),
    ],
)
def test_the_interval_alone_gives_the_category_of_an_effect(
    low: float, high: float, important: float | None, expected: str
) -> None:
    plain = analysis(seeded(), "ache")
    pool = plain.pool.model_copy(update={"pooled": True, "low": low, "high": high})
    assert effect_of(plain.model_copy(update={"pool": pool, "important_difference": important})) == expected


def test_without_an_average_there_is_no_category() -> None:
    assert effect_of(analysis(toy(), "ache")) == "none given"


def test_an_important_ratio_is_declared_as_the_ratio_and_held_against_logarithms() -> None:
    ratio = analysis(seeded(), "any-ae").model_copy(update={"important_difference": 1.25})
    assert limit_of(ratio) == pytest.approx(math.log(1.25))
    assert limit_of(ratio.model_copy(update={"important_difference": 0.8})) == pytest.approx(math.log(1.25))
    assert limit_of(ratio.model_copy(update={"important_difference": 1.0})) is None
    assert limit_of(analysis(seeded(), "ache")) == 1.0


def test_only_a_signed_version_concludes() -> None:
    plain = build_snapshot(seeded())
    assert conclusion_of(None) is conclusion_of(plain) is None
    signature = make.signature(digest=snapshot_digest(plain), conclusion="It may help.", certainty="low")
    found = conclusion_of(build_snapshot(then(seeded(), ("ed", signature))))
    assert found == Conclusion("", "It may help.", "low", "no clear difference", 3)


ONE = Conclusion("v1.1", "First.", "low", "less", 5)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"sentence": "Other words."}, False),
        ({"certainty": "moderate"}, True),
        ({"effect": "no clear difference"}, True),
        ({"certainty": "moderate", "studies": 4}, False),
        ({"certainty": ""}, False),
    ],
)
def test_two_conclusions_differ_in_rating_or_effect_with_enough_studies_under_both(
    now: dict[str, object], expected: bool
) -> None:
    later = Conclusion(**{**vars(ONE), **now})  # type: ignore[arg-type]
    assert conclusions_differ(ONE, later, 5) is expected
    assert conclusions_differ(later, ONE, 5) is expected


def test_a_first_conclusion_differs_from_none() -> None:
    assert not conclusions_differ(None, ONE, 2)
