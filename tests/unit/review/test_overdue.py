"""Results that a register should show: of which trials, from which day, and in which order."""

from typing import Any

import pytest

from living.review.overdue import first_day, last_day, overdue_results, results_due
from tests import factories as make
from tests.unit.review.scenes import Entry, evidence, toy

ENDED = {"status": "COMPLETED", "start": "2023-01", "primary_completion": "2025-06-30", "completion": ""}


def trial(number: int, vote: str = "include", **kw: Any) -> tuple[Entry, ...]:
    key = f"ctgov:NCT0900000{number}"
    record = make.registered(
        id=f"NCT0900000{number}",
        identifiers=(),
        title=f"Trial {number}",
        registration=make.registration(**(ENDED | kw)),
    )
    if not vote:
        return (record,)
    given = {"record": key, "vote": vote, "imported": "A"}
    return (record, make.vote(**(given | ({"criterion": "X1"} if vote == "exclude" else {}))))


def late(day: str, *entries: Entry) -> list[tuple[str, int]]:
    return [(one.registration[-1], one.days) for one in overdue_results(evidence(toy(*entries)), day)]


def test_day_365_is_in_time_and_day_366_is_not() -> None:
    assert late("2026-06-30", *trial(1)) == []
    assert late("2026-07-01", *trial(1)) == [("1", 1)]


def test_of_a_month_the_last_day_counts_and_without_a_day_nothing_is_due() -> None:
    assert late("2026-06-30", *trial(1, primary_completion="2025-06")) == []
    assert late("2026-07-01", *trial(1, primary_completion="2025-06")) == [("1", 1)]
    assert late("2030-01-01", *trial(1, primary_completion="", completion="")) == []
    assert late("2030-01-01", *trial(1, primary_completion="soon")) == []


def test_without_a_day_of_primary_completion_that_of_completion_counts() -> None:
    assert late("2026-07-01", *trial(1, primary_completion="", completion="2025-06")) == [("1", 1)]


def test_the_longest_overdue_comes_first() -> None:
    entries = (*trial(1), *trial(2, primary_completion="2020-01"), *trial(3, primary_completion="2024-02"))
    assert [name for name, _ in late("2026-07-01", *entries)] == ["2", "3", "1"]


@pytest.mark.parametrize(
    "more",
    [{"has_results": True}, {"status": "WITHDRAWN"}, {"status": "WITHHELD"}],
    ids=["posted", "of nobody", "withheld"],
)
def test_posted_results_and_trials_that_have_none_are_never_overdue(more: dict[str, Any]) -> None:
    assert late("2030-01-01", *trial(1, **more)) == []


@pytest.mark.parametrize("status", ["COMPLETED", "TERMINATED", "UNKNOWN", "RECRUITING"])
def test_stopped_and_silent_trials_are_overdue_as_completed_ones_are(status: str) -> None:
    (found,) = overdue_results(evidence(toy(*trial(1, status=status))), "2026-07-01")
    assert (found.status, found.completed, found.due, found.reported) == (
        status, "2025-06-30", "2026-06-30", False,
    )  # fmt: skip


def test_nobody_waits_for_excluded_or_unscreened_trials() -> None:
    assert late("2030-01-01", *trial(1, vote="exclude"), *trial(2, vote="")) == []


def test_an_included_study_is_told_with_its_reports_and_whether_results_were_handed_in() -> None:
    entries = (
        *trial(1, results_pending=True),
        make.record(identifiers=()),
        make.link(a=make.STUDY, b="ctgov:NCT09000001"),
    )
    (found,) = overdue_results(evidence(toy(*entries)), "2026-07-01")
    assert found.reported
    assert found.pending


def test_a_year_that_no_calendar_has_is_no_fault() -> None:
    assert results_due(make.registration(**(ENDED | {"primary_completion": "9999-12"}))) == ""


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2025", ("2025-01-01", "2025-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2025-06-15", ("2025-06-15", "2025-06-15")),
    ],
)
def test_a_partial_date_is_an_interval(text: str, ends: tuple[str, str]) -> None:
    assert (str(first_day(text)), str(last_day(text))) == ends
    assert first_day("") is None
