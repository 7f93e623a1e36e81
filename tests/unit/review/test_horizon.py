"""Trials to come: who is listed, who is overdue by a day, and what the next one might change."""

from datetime import date

import pytest

from living.model.facts import Fact, LedgerLine
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.surroundings import Horizon
from living.model.values import rounded
from living.review.horizon import as_of
from living.review.overdue import last_day, overdue
from living.review.recompute import recompute
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    V2,
    Entry,
    changed,
    difference,
    ldn,
    ledger,
    read,
    seeded,
    then,
    toy,
    trial,
    what,
)

DAY = "2026-07-01"


def registered(number: str, *more: Fact, **kw: object) -> tuple[Fact, ...]:
    """An eligible trial of which only the register knows."""
    key = f"ctgov:NCT0900000{number}"
    record = make.registered(
        id=f"NCT0900000{number}",
        identifiers=(),
        title=f"Trial to come {number}",
        registration=make.registration(**kw),
    )
    return (record, make.vote(record=key, imported="A"), *more)


def pooled(count: int) -> list[Fact]:
    return [
        fact
        for n in range(count)
        for fact in trial(str(n), read(f"pubmed:{n}", difference(0.3 * n - 0.4, 0.3 + 0.1 * n)))
    ]


def horizon(state: ReviewState) -> Horizon:
    found = build_snapshot(state).horizon
    assert found is not None
    return found


# --- the calendar -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-06-15", date(2025, 6, 15)),
        ("2025-06", date(2025, 6, 30)),
        ("2024-02", date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 31)),
        ("2025", date(2025, 12, 31)),
        ("", None),
        ("soon", None),
        ("2025-13", None),
        ("2025-02-30", None),
        ("2025-06-15-1", None),
        ("0000", None),
    ],
)
def test_a_partial_date_counts_from_its_end(text: str, day: date | None) -> None:
    assert last_day(text) == day


@pytest.mark.parametrize(
    ("expected", "day", "late"),
    [
        ("2025-06-30", "2026-06-30", None),  # day 365
        ("2025-06-30", "2026-07-01", 1),  # day 366
        ("2025-06", "2026-06-30", None),
        ("2025-06", "2026-07-01", 1),
        ("2023-06-30", "2024-06-29", None),  # a leap year: 365 days end a day earlier
        ("2023-06-30", "2024-06-30", 1),
        ("2027-01", "2026-07-01", None),
        ("", "2026-07-01", None),
        ("2020", "", None),
    ],
)
def test_a_trial_is_overdue_from_the_day_after_a_year(expected: str, day: str, late: int | None) -> None:
    assert overdue(expected, day) == late


# --- who is listed --------------------------------------------------------------------------------------


def test_trials_to_come_are_listed_soonest_first_and_undated_ones_last() -> None:
    facts = [
        *registered("1", completion="2027-03"),
        *registered("2", completion="", primary_completion=""),
        *registered("3", primary_completion="2024-05", completion="2027"),
        *registered("4", completion="2026-12-31"),
    ]
    found = horizon(toy(*facts))
    assert [item.study[-1] for item in found.coming] == ["3", "4", "1", "2"]
    late = found.coming[0]
    assert (late.expected, late.planned_n, late.status) == ("2024-05", 60, "RECRUITING")
    assert late.overdue_days == (date(2026, 7, 1) - date(2024, 5, 31)).days - 365
    assert [item.overdue_days for item in found.coming[1:]] == [None] * 3


@pytest.mark.parametrize("status", ["WITHDRAWN", "TERMINATED", "SUSPENDED"])
def test_stopped_trials_leave_the_horizon(status: str) -> None:
    assert horizon(toy(*registered("1", status=status))).coming == ()


def test_a_trial_with_results_leaves_the_horizon() -> None:
    assert horizon(toy(*registered("1", has_results=True))).coming == ()


def test_an_unscreened_or_excluded_trial_is_not_on_the_horizon() -> None:
    out = make.vote(record="ctgov:NCT09000001", vote="exclude", criterion="X1", imported="A")
    record, *_ = registered("1")
    assert horizon(toy(record)).coming == ()
    assert horizon(toy(record, out)).coming == ()


# --- the day it is told as of ---------------------------------------------------------------------------


def test_the_day_is_that_of_the_last_word_on_studies_not_of_a_number_a_version_or_a_signature() -> None:
    state = seeded()
    digest = snapshot_digest(build_snapshot(state))
    later = "2027-01-01T06:00:00Z"
    said: list[Entry] = [
        ("ann", read("pubmed:90000001", difference(0.2), imported=None), later),
        ("ann", make.judgement(), later),
        ("machine", make.release(digest=digest), later),
        ("ed", make.signature(digest=digest), later),
    ]
    assert as_of(then(state, *said)) == DAY
    assert as_of(then(state, *said, ("ann", make.vote(record="pubmed:1"), later))) == "2027-01-01"
    assert as_of(ReviewState.of("toy", ())) == ""


def test_a_trial_becomes_overdue_only_when_somebody_says_something_more() -> None:
    """A snapshot has no clock: the same lines are the same bytes a year later."""
    facts = [LedgerLine(seq=1, at="2026-06-30T23:59:59Z", by="import", fact=toy().lines[0].fact)]
    facts += [
        LedgerLine(seq=n, at="2026-06-30T23:59:59Z", by="import", fact=fact)
        for n, fact in enumerate(registered("1", completion="2025-06-30"), 2)
    ]
    state = ReviewState.of("toy", facts)
    assert horizon(state).coming[0].overdue_days is None
    told = then(state, ("ann", make.vote(record="ctgov:NCT09000001"), "2026-07-01T00:00:00Z"))
    assert horizon(told).coming[0].overdue_days == 1


# --- the next trial -------------------------------------------------------------------------------------


def test_each_trial_with_a_planned_size_is_simulated_into_the_primary_analysis() -> None:
    state = toy(*pooled(4), *registered("1", enrolment=100), *registered("2", enrolment=None))
    (found,) = horizon(state).next_trials
    assert (found.study, found.analysis, found.n) == ("ctgov:NCT09000001", "ache", 100)
    assert (found.draws, found.seed, found.fires) == (4000, 20260101, 0.0)
    assert found.moves_by_important is not None
    assert 0 <= found.excludes_zero <= 1
    rows = next(
        item for c in build_snapshot(state).comparisons for item in c.analyses if item.id == "ache"
    ).contrasts
    per_person = (sum(78 * row.se**2 / (2 / 40) for row in rows) / (78 * 4)) ** 0.5
    assert found.se == pytest.approx(per_person * (4 / 100) ** 0.5)


def test_a_conclusion_can_change_only_on_as_many_studies_as_the_rule_asks() -> None:
    four, five = (horizon(toy(*pooled(k), *registered("1", enrolment=5000))) for k in (4, 5))
    assert four.next_trials[0].fires == 0.0
    assert "fewer than five studies is not changed" in four.assumptions
    assert five.next_trials[0].fires > 0.0
    assert "is not changed" not in five.assumptions


def test_with_fewer_than_three_studies_a_declared_prior_is_drawn_from_and_named() -> None:
    found = horizon(toy(*pooled(2), *registered("1")))
    assert len(found.next_trials) == 1
    assert "around no effect with a standard deviation of 1, a declared prior" in found.assumptions
    assert "drawn around today's average" not in found.assumptions


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_pool_with_or_no_trial_to_come_is_said(count: int) -> None:
    assert horizon(toy(*pooled(count))).assumptions.startswith("Nothing is simulated")
    found = horizon(toy(*pooled(count), *registered("1")))
    assert len(found.next_trials) == count


def test_arms_that_somebody_recorded_decide_which_comparison_a_trial_is_simulated_into() -> None:
    key = "ctgov:NCT09000001"
    other = what(key, "Other arms").model_copy(
        update={
            "arms": (
                make.arm(id="salt", intervention="other"),
                make.arm(id="placebo", intervention="placebo"),
            )
        }
    )
    fits = toy(*pooled(3), *registered("1", what(key, "Same arms")))
    assert len(horizon(fits).next_trials) == 1
    assert horizon(toy(*pooled(3), *registered("1", other))).next_trials == ()


def test_the_protocol_s_seed_and_draws_decide_the_shares() -> None:
    text = changed("toy", ("\n[update_rule]", "\n[supplementary]\ndraws = 500\nseed = 3\n[update_rule]"))
    facts = [*pooled(5), *registered("1", enrolment=5000)]
    found, plain = (horizon(toy(*facts, text=each)).next_trials[0] for each in (text, ""))
    assert (found.draws, found.seed) == (500, 3)
    assert found.fires != plain.fires


@pytest.mark.parametrize("until", [V1, V2])
def test_the_example_s_document_gives_its_horizon_again(until: str) -> None:
    found = build_snapshot(ldn(until))
    assert found.horizon is not None
    assert [item.n for item in found.horizon.next_trials] == [40, 300]
    assert recompute(found) == []


def test_a_changed_horizon_is_found() -> None:
    document = rounded(build_snapshot(toy(*pooled(3), *registered("1"))).model_dump(mode="json"))
    document["horizon"]["next_trials"][0]["excludes_zero"] += 0.25
    document["horizon"]["coming"][0]["overdue_days"] = 5
    found = recompute(Snapshot.model_validate(document))
    assert len(found) == 2
    assert all(item.startswith("/horizon/") for item in found)


def test_a_ledger_without_evidence_has_an_empty_horizon() -> None:
    assert horizon(ledger("toy", toy().lines[0].fact)).coming == ()
