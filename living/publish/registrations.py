"""What a study's page says of its registrations: what changed in them, and results that are overdue."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.registration import RegistryChange, RegistryWatch
from living.model.snapshot import ReportOut, Snapshot, StudyOut
from living.review.overdue import overdue
from living.review.registry_weights import PHASES, RULES, in_words, sides


@dataclass(frozen=True)
class ChangeView:
    """One change as readers see it, with both sides in words; `rule` says whose rule weighs it so."""

    change: RegistryChange
    words: str
    before: str
    after: str
    when: str
    day: str
    rule: str


@dataclass(frozen=True)
class WatchView:
    """One registration with its changes, the latest first."""

    report: ReportOut | None
    watch: RegistryWatch
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True)
class Overdue:
    """Results that no register shows, `days` beyond the day they were due, as of the snapshot's own day."""

    completed: str
    due: str
    days: int
    as_of: str


@dataclass(frozen=True)
class RegistryView:
    """What a study's page says of its registrations; `quiet` are those of which no change weighs."""

    watches: tuple[WatchView, ...]
    quiet: tuple[str, ...]
    overdue: Overdue | None

    def __bool__(self) -> bool:
        return bool(self.watches or self.quiet or self.overdue)


def registry_of(snapshot: Snapshot, study: StudyOut) -> RegistryView:
    """Return what a study's page says of its registrations; empty where none was ever read."""
    reports = {report.record: report for report in study.reports}
    changed = {watch.registration for watch in study.registry}
    return RegistryView(
        tuple(_watch(watch, reports.get(watch.registration)) for watch in study.registry),
        tuple(
            report.record
            for report in study.reports
            if report.kind == "registration" and report.payload and report.record not in changed
        ),
        overdue_of(snapshot, study),
    )


def overdue_of(snapshot: Snapshot, study: StudyOut) -> Overdue | None:
    """Return how long results are overdue on the register, as of the snapshot's own day; None when not."""
    as_of = snapshot.horizon.as_of if snapshot.horizon else ""
    days = overdue(study.expected, as_of) if study.results_due else None
    return Overdue(study.expected, study.results_due, days, as_of) if days is not None else None


def _watch(watch: RegistryWatch, report: ReportOut | None) -> WatchView:
    latest_first = sorted(watch.changes, key=lambda change: -change.new_line)
    return WatchView(report, watch, tuple(_change(change) for change in latest_first))


def _change(change: RegistryChange) -> ChangeView:
    return ChangeView(
        change,
        in_words(change),
        *sides(change),
        PHASES[change.when],
        change.posted or change.seen,
        RULES[change.about, change.what].source,
    )
