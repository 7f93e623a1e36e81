"""Results that a register should show and does not: a year after primary completion."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from living.model.record import Record, Registration
from living.review.evidence import Evidence

# Days after primary completion. 42 CFR 11.44(a), as the register's own help states it (KA-04732): no later
# than one year. That law binds only some trials; the service asks the same of all.
YEAR = 365
WATCHED = ("included", "awaiting_classification", "ongoing", "stopped")
NOTHING_TO_POST = frozenset({"WITHDRAWN", "WITHHELD"})  # nobody was enrolled, or the register shows nothing


@dataclass(frozen=True)
class Overdue:
    """A registration without posted results, `days` beyond the day they were `due`, from 1.

    `completed` is the register's own text; `pending`: results were handed in and are not yet posted;
    `reported`: the study has a report that is no registration.
    """

    study: str
    label: str
    standing: str
    registration: str
    status: str
    completed: str
    due: str
    days: int
    pending: bool
    reported: bool


def overdue_results(evidence: Evidence, day: str) -> tuple[Overdue, ...]:
    """Return the registrations whose results are overdue on a day, longest first.

    Those of studies that are included, ongoing, stopped or awaiting classification; nobody waits for the
    results of excluded and unscreened ones.
    """
    found = [
        _overdue(evidence, key, record, day)
        for key, study in evidence.studies.by_key.items()
        if evidence.standing[key].status in WATCHED
        for record in (evidence.state.records[name] for name in study.records)
    ]
    return tuple(sorted((one for one in found if one), key=lambda one: (-one.days, one.registration)))


def overdue(expected: str, day: str) -> int | None:
    """Return the days beyond a year after completion without results, from 1; None when not overdue.

    A month or a year without a day counts from its end.
    """
    done = last_day(expected)
    if done is None or not day:
        return None
    late = (date.fromisoformat(day) - done).days - YEAR
    return late if late > 0 else None


def results_due(entry: Registration) -> str:
    """Return the last day on which results are in time; blank where they are posted or none are to come."""
    done = last_day(entry.primary_completion or entry.completion)
    if done is None or entry.has_results or entry.status in NOTHING_TO_POST:
        return ""
    try:
        return (done + timedelta(days=YEAR)).isoformat()
    except OverflowError:  # a trial that is to end in the last year that dates have
        return ""


def due_of(records: Sequence[Record]) -> str:
    """Return when the first registration among a study's records should have shown results."""
    return next((results_due(record.registration) for record in records if record.registration), "")


def first_day(text: str) -> date | None:
    """Return the first day that `2025`, `2025-06` or `2025-06-30` names; None for anything else."""
    ends = _ends(text)
    return ends and ends[0]


def last_day(text: str) -> date | None:
    """Return the last day that `2025`, `2025-06` or `2025-06-30` names; None for anything else."""
    ends = _ends(text)
    return ends and ends[1]


def _ends(text: str) -> tuple[date, date] | None:
    try:
        numbers = [int(part) for part in text.split("-")]
        if len(numbers) == 1:
            return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
        if len(numbers) == 2:
            year, month = numbers
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return (date(*numbers), date(*numbers)) if len(numbers) == 3 else None
    except (ValueError, OverflowError):
        return None


def _overdue(evidence: Evidence, key: str, record: Record, day: str) -> Overdue | None:
    entry = record.registration
    due = results_due(entry) if entry else ""
    if entry is None or not due or due >= day:
        return None
    study = evidence.studies.by_key[key]
    return Overdue(
        study=key,
        label=evidence.label(key),
        standing=evidence.standing[key].status,
        registration=record.key,
        status=entry.status,
        completed=entry.primary_completion or entry.completion,
        due=due,
        days=(date.fromisoformat(day) - date.fromisoformat(due)).days,
        pending=entry.results_pending,
        reported=any(evidence.state.records[name].registration is None for name in study.records),
    )
