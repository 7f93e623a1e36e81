"""How soon a report is used, when updating may end, and which protocols a review has had."""

from typing import Any

import pytest

from living.model.facts import Quote
from living.model.judgements import CertaintyOut
from living.model.snapshot import PoolOut, Snapshot
from living.review.history import UNNAMED, protocol_history
from living.review.retirement import Suggestion, suggestions
from living.review.snapshot import build_snapshot
from living.review.timeliness import timeliness
from tests.unit.review.scenes import AT, activated, changed, difference, ledger, read, toy, trial, version


def found(name: str, estimate: float = -1.0, seen: str = AT, seeded: bool = False) -> list[Any]:
    """An included trial whose article was found by a poll, unless it is seeded."""
    record, *rest = trial(name, read(f"pubmed:{name}", difference(estimate)))
    return [("machine", record.model_copy(update={"seeded": seeded}), seen), *rest]


# --- timeliness ---------------------------------------------------------------------------------------


def test_days_run_from_the_first_sight_to_the_version_that_uses_the_report() -> None:
    first = toy(*found("1", seeded=True))
    both = toy(*found("1", seeded=True), *found("2", seen="2026-07-10T06:00:00Z"))
    versions = [version(first, "v1.0", AT), version(both, "v2.0", "2026-07-14T06:00:00Z")]
    told = timeliness(both, versions)
    assert [(one.report, one.version, one.days) for one in told.delays] == [("pubmed:2", "v2.0", 4)]
    assert (told.median, told.shortest, told.longest) == (4, 4, 4)


def test_what_was_known_when_the_review_was_loaded_is_not_counted() -> None:
    state = toy(*found("1", seeded=True))
    told = timeliness(state, [version(state)])
    assert told.delays == ()
    assert told.median is told.shortest is told.longest is None


def test_a_report_counts_once_with_the_first_version_that_used_it() -> None:
    state = toy(*found("1", seen="2026-07-01T06:00:00Z"))
    versions = [
        version(state, "v1.0", "2026-07-03T06:00:00Z"),
        version(state, "v1.1", "2026-09-03T06:00:00Z"),
    ]
    assert [(one.version, one.days) for one in timeliness(state, versions).delays] == [("v1.0", 2)]


def test_the_median_lies_between_two_middle_reports() -> None:
    seen = {"1": "2026-07-01", "2": "2026-07-04", "3": "2026-07-08", "4": "2026-07-10"}
    state = toy(*(fact for n, day in seen.items() for fact in found(n, seen=f"{day}T06:00:00Z")))
    told = timeliness(state, [version(state, "v1.0", "2026-07-10T06:00:00Z")])
    assert sorted(one.days for one in told.delays) == [0, 2, 6, 9]
    assert (told.median, told.shortest, told.longest) == (4, 0, 9)


def test_a_quote_from_a_report_that_no_source_showed_has_no_first_sight() -> None:
    state = toy(*found("1", seeded=True))
    snapshot = version(state)
    (study,) = snapshot.studies
    quote = Quote(report="hand:elsewhere", locator="Table 1", text="invented words")
    cell = study.cells[0].model_copy(update={"quotes": (quote,)})
    other = snapshot.model_copy(update={"studies": (study.model_copy(update={"cells": (cell,)}),)})
    assert timeliness(state, [other]).delays == ()


# --- when updating may end ----------------------------------------------------------------------------


def settled(number: str, day: str, rating: str = "high", low: float = -2.0, high: float = -1.5) -> Snapshot:
    """A version whose main result people rated; `low` and `high` are its interval."""
    state = toy(*(fact for n in "123" for fact in trial(n, read(f"pubmed:{n}", difference(-1.7)))))
    snapshot = version(state, number, f"{day}T06:00:00Z")
    (comparison,) = snapshot.comparisons
    main, *rest = comparison.analyses
    certain = CertaintyOut(rating=rating, by="eve", at=AT) if rating else None
    pool = PoolOut.model_validate(main.pool.model_dump() | {"low": low, "high": high})
    main = main.model_copy(update={"certainty": certain, "pool": pool})
    analyses = comparison.model_copy(update={"analyses": (main, *rest)})
    return snapshot.model_copy(update={"comparisons": (analyses,)})


def one(versions: list[Snapshot], name: str, day: str = "2026-12-31") -> Suggestion:
    return next(item for item in suggestions(versions, day) if item.id == name)


def test_an_answer_that_held_with_high_certainty_in_three_versions_is_a_question_to_people() -> None:
    versions = [settled("v1.0", "2026-01-01"), settled("v1.1", "2026-02-01"), settled("v1.2", "2026-03-01")]
    told = one(versions, "answered")
    assert told.met is True
    assert told.said == "Main result: less, important; certainty high; so in three versions."
    assert one(versions[:2], "answered").met is False


@pytest.mark.parametrize(
    "last",
    [
        {"rating": "moderate"},
        {"rating": ""},
        {"low": -2.0, "high": 0.5},
    ],
)
def test_a_lower_rating_or_another_effect_is_no_stable_answer(last: dict[str, Any]) -> None:
    versions = [
        settled("v1.0", "2026-01-01"),
        settled("v1.1", "2026-02-01"),
        settled("v1.2", "2026-03-01", **last),
    ]
    assert one(versions, "answered").met is False


def test_an_unclear_answer_is_none_however_long_it_holds() -> None:
    versions = [settled(f"v1.{n}", f"2026-0{n + 1}-01", low=-2.0, high=2.0) for n in range(4)]
    assert one(versions, "answered").met is False


def test_two_years_without_a_new_or_ongoing_trial_are_a_question_to_people() -> None:
    versions = [settled("v1.0", "2024-01-15")]
    assert one(versions, "quiet", "2026-01-14").met is False
    told = one(versions, "quiet", "2026-01-15")
    assert told.met is True
    assert told.said == "The last study came with v1.0, 2024-01-15; no ongoing trial now."


def test_an_ongoing_trial_in_the_time_keeps_the_review_going() -> None:
    quiet = settled("v1.0", "2023-01-01")
    busy = settled("v1.1", "2024-06-01")
    busy = busy.model_copy(update={"flow": busy.flow.model_copy(update={"ongoing": 1})})
    after = settled("v1.2", "2025-01-01")
    assert one([quiet, busy, after], "quiet", "2026-02-01").met is False
    assert one([quiet, busy, after], "quiet", "2027-01-01").met is True


def test_months_are_counted_to_the_last_day_of_a_shorter_month() -> None:
    versions = [settled("v1.0", "2024-02-29")]
    assert one(versions, "quiet", "2026-02-28").met is False
    assert one(versions, "quiet", "2026-03-01").met is True


def test_what_only_people_can_tell_is_never_answered_by_the_machine() -> None:
    told = suggestions([settled("v1.0", "2024-01-15")], "2030-01-01")
    assert {item.id: item.met for item in told if item.id in ("relevance", "superseded")} == {
        "relevance": None,
        "superseded": None,
    }


def test_before_the_first_version_there_is_nothing_to_end() -> None:
    assert suggestions([], "2026-01-01") == ()


# --- protocols ----------------------------------------------------------------------------------------


def test_every_protocol_is_told_once_with_its_note_and_the_last_is_in_force() -> None:
    first = activated(changed("toy"))
    second = activated(changed("toy", ("high = 26", "high = 30"))).model_copy(
        update={"note": "The window is wider"}
    )
    state = ledger("toy", first, first, ("eve", second, "2026-08-01T06:00:00Z"))
    told = protocol_history(state)
    assert [(item.sha256, item.note, item.at) for item in told] == [
        (first.sha256, "", AT),
        (second.sha256, "The window is wider", "2026-08-01T06:00:00Z"),
    ]
    snapshot = build_snapshot(state)
    assert snapshot.protocol_history == told
    assert told[-1].sha256 == snapshot.protocol_sha256


def test_a_protocol_that_this_code_cannot_read_keeps_its_place() -> None:
    odd = [
        activated(changed("toy")).model_copy(update={"text": text, "sha256": "f" * 64})
        for text in ("[", "x=1")
    ]
    for fact in odd:
        assert [item.version for item in protocol_history(ledger("toy", fact))] == [UNNAMED]
