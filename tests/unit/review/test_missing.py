"""Who has no result and why, what stands in no average, and sentences that a rating allows."""

from typing import Any

import pytest

from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.graded import graded
from living.review.missing import Gap, gaps
from living.review.narrative import CANNOT_BE_TOLD, narrative
from living.review.pairs import analyses
from living.review.snapshot import build_snapshot
from tests.unit.review import scenes
from tests.unit.review.scenes import Entry, difference, read, then, toy, trial

NOT_MEASURED = {"shape": "no_numbers", "status": "not_measured", "reason": "Nobody asked"}
ASKED = {"shape": "no_numbers", "status": "authors_asked", "reason": "Authors asked in May"}
UNUSABLE = {"shape": "no_numbers", "status": "no_usable_data", "reason": "Percentages only"}
COUNT = {"outcome": "any-ae", "scale": "", "estimand": "count"}


def counts(first: int, second: int, people: int = 20) -> dict[str, Any]:
    return {
        "shape": "event_counts",
        "experimental": {"events": first, "total": people},
        "control": {"events": second, "total": people},
    }


def scene() -> ReviewState:
    return toy(
        *trial("1", read("pubmed:1", difference(-1.0)), read("pubmed:1", counts(0, 0), **COUNT)),
        *trial("2", read("pubmed:2", difference(-2.0)), read("pubmed:2", NOT_MEASURED, **COUNT)),
        *trial("3", read("pubmed:3", ASKED)),
        *trial("4", read("pubmed:4", UNUSABLE)),
        *trial("5"),
    )


def gap(snapshot: Snapshot, name: str) -> Gap:
    return next(item for item in gaps(snapshot) if item.analysis.id == name)


# --- results that are missing -------------------------------------------------------------------------


def test_every_included_study_is_with_a_result_or_among_the_missing() -> None:
    snapshot = build_snapshot(scene())
    for item in gaps(snapshot):
        assert item.asked == 5
        named = [*item.reported, *(one.label for one in item.missing)]
        assert sorted(named) == [f"Trial {n}" for n in range(1, 6)]


def test_what_is_known_of_a_missing_result_is_told_apart() -> None:
    snapshot = build_snapshot(scene())
    ache = {one.label: (one.known, one.reason) for one in gap(snapshot, "ache").missing}
    assert ache == {
        "Trial 3": ("authors_asked", "Authors asked in May"),
        "Trial 4": ("no_usable_data", "Percentages only"),
        "Trial 5": ("nothing_read", ""),
    }
    events = {one.label: one.known for one in gap(snapshot, "any-ae").missing}
    assert events["Trial 2"] == "not_measured"
    assert events["Trial 3"] == "not_known"


def test_groups_come_in_one_order_and_hold_everybody_once() -> None:
    found = gap(build_snapshot(scene()), "any-ae")
    assert [label for label, _ in found.groups][-1].startswith("no entry")
    assert sum(len(who) for _, who in found.groups) == len(found.missing)


def test_a_number_of_another_time_is_measured_and_not_in_this_average() -> None:
    state = toy(*trial("1", read("pubmed:1", difference(-1.0), weeks=60.0)))
    (one,) = gap(build_snapshot(state), "ache").missing
    assert one.known == "not_used"
    assert one.reason


def test_a_study_of_other_arms_is_not_missing_from_a_comparison() -> None:
    arms = (
        {"id": "remedy", "label": "Remedy", "intervention": "remedy"},
        {"id": "other", "label": "Another drug", "intervention": "other"},
    )
    state = toy(*trial("1", arms=arms))
    assert gap(build_snapshot(state), "ache").asked == 0


# --- found, but in no average -------------------------------------------------------------------------


def test_studies_without_an_average_are_told_one_by_one_with_direction_and_reason() -> None:
    state = toy(
        *trial("1", read("pubmed:1", difference(-1.0, 0.2))), *trial("2", read("pubmed:2", difference(0.1)))
    )
    (group,) = narrative(build_snapshot(state))
    first, second = group.told
    assert first.direction == "toward less ache with remedy; the interval excludes none"
    assert second.direction.startswith("toward less ache with placebo; the interval includes")
    assert "two studies" in first.why
    assert first.cell


def test_what_has_no_number_has_no_direction() -> None:
    state = toy(*trial("4", read("pubmed:4", UNUSABLE)))
    (told,) = narrative(build_snapshot(state))[0].told
    assert (told.direction, told.why, told.found) == (CANNOT_BE_TOLD, "Percentages only", "")


@pytest.mark.parametrize(
    ("numbers", "more", "direction"),
    [
        (difference(-0.4), {"weeks": 60.0}, "toward less ache with remedy"),
        (difference(0.0), {"weeks": 60.0}, "no difference"),
        (
            {
                "shape": "paired_difference",
                "values": "change",
                "n": 12,
                "difference": 0.3,
                "precision": {"by": "se", "se": 0.2},
            },
            {"weeks": 60.0},
            "toward less ache with placebo",
        ),
        (
            {
                "shape": "arm_means",
                "values": "change",
                "experimental": {"n": 9, "mean": -2.0, "spread": {"by": "sd", "sd": 1.0}},
                "control": {"n": 9, "mean": -1.0, "spread": {"by": "sd", "sd": 1.0}},
            },
            {"weeks": 60.0},
            "toward less ache with remedy",
        ),
    ],
)
def test_a_number_that_is_not_used_still_has_a_direction(
    numbers: dict[str, Any], more: dict[str, Any], direction: str
) -> None:
    state = toy(*trial("1", read("pubmed:1", numbers, **more)))
    (told,) = narrative(build_snapshot(state))[0].told
    assert told.direction == direction


def test_in_an_average_there_is_nothing_to_tell() -> None:
    state = toy(*(fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(-1.0)))))
    assert not [group for group in narrative(build_snapshot(state)) if group.analysis.id == "ache"]


# --- graded sentences ---------------------------------------------------------------------------------


def rated(estimate: float, se: float, rating: str) -> str:
    facts: list[Entry] = [
        fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(estimate, se)))
    ]
    state = toy(*facts)
    snapshot = build_snapshot(then(state, scenes.graded(state, "ache", rating)))
    return graded(analyses(snapshot)["ache"], snapshot.comparisons[0])


@pytest.mark.parametrize(
    ("estimate", "se", "rating", "said"),
    [
        (-2.0, 0.1, "high", "There is less ache with remedy, by an amount that matters to people."),
        (-2.0, 0.1, "moderate", "There is probably less ache with remedy, by an amount that matters"),
        (-2.0, 0.1, "low", "There may be less ache with remedy, by an amount that matters"),
        (-0.9, 0.1, "high", "There is less ache with remedy, by an amount that may be too small to matter."),
        (0.01, 0.1, "moderate", "probably makes little or no difference"),
        (0.5, 2.0, "low", "leaves open whether"),
        (-2.0, 0.1, "very_low", "The evidence is very uncertain about the effect"),
    ],
)
def test_a_conclusion_sounds_as_sure_as_its_rating(
    estimate: float, se: float, rating: str, said: str
) -> None:
    assert said in rated(estimate, se, rating)


def test_without_a_rating_that_holds_nothing_is_concluded() -> None:
    facts = [fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(-2.0, 0.1)))]
    state = toy(*facts)
    plain = build_snapshot(state)
    assert graded(analyses(plain)["ache"], plain.comparisons[0]) == ""
    stale = then(
        state, scenes.graded(state, "ache", "high"), *trial("9", read("pubmed:9", difference(3.0, 0.1)))
    )
    moved = build_snapshot(stale)
    assert analyses(moved)["ache"].certainty is not None
    assert graded(analyses(moved)["ache"], moved.comparisons[0]) == ""


def test_without_an_average_a_rating_concludes_nothing() -> None:
    state = toy(*trial("1", read("pubmed:1", difference(-2.0, 0.1))))
    snapshot = build_snapshot(then(state, scenes.graded(state, "ache", "high")))
    assert graded(analyses(snapshot)["ache"], snapshot.comparisons[0]) == ""
