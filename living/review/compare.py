"""What differs between two snapshots, by cause, and what each cause did to each average."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from living.model.decision import Cause, Shift
from living.model.protocol import Model
from living.model.record import Notice
from living.model.snapshot import AnalysisOut, ContrastOut, ReportOut, Snapshot, StudyOut
from living.review.pools import pool
from living.review.wording import interval, signed

METHODS = (
    "outcomes",
    "scales",
    "windows",
    "comparisons",
    "models",
    "subgroups",
    "analyses",
    "people",
    "update_rule",
)


@dataclass(frozen=True)
class Changes:
    """Every difference with its cause, and each shared analysis's walk from the old average to the new."""

    causes: tuple[Cause, ...]
    shifts: tuple[Shift, ...]

    def of(self, kind: str) -> tuple[Cause, ...]:
        return tuple(cause for cause in self.causes if cause.kind == kind)

    def __bool__(self) -> bool:
        return bool(self.causes)


def compare(old: Snapshot | None, new: Snapshot) -> Changes:
    """Compare two snapshots of one topic; `old` None is the state before the first version.

    The walk recomputes each analysis's average after each cause in a fixed order: methods, corrected or
    verified numbers, removed studies, added studies. Its parts add up to the whole shift. An average of two
    studies is walked through although no headline is given for it.
    """
    if old is None:
        return Changes((), ())
    causes = (*_methods(old, new), *_studies(old, new), *_notices(old, new), *_lists(old, new))
    return Changes(tuple(dict.fromkeys(causes)), tuple(_walks(old, new)))


def analyses(snapshot: Snapshot) -> dict[str, AnalysisOut]:
    """Return every analysis of a snapshot by its id, in the order of the protocol."""
    return {item.id: item for comparison in snapshot.comparisons for item in comparison.analyses}


def _methods(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    names = [name for name in METHODS if getattr(old.protocol, name) != getattr(new.protocol, name)]
    if names:
        yield Cause(
            kind="methods",
            text=f"the protocol changed: {', '.join(name.replace('_', ' ') for name in names)}",
        )


def _studies(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    before, after = analyses(old), analyses(new)
    was, now = _in_analyses(before.values()), _in_analyses(after.values())
    for key, label in now.items():
        if key not in was:
            yield Cause(kind="added", study=key, label=label, text=f"{label} entered the analysis")
    for key, label in was.items():
        if key not in now:
            yield Cause(kind="removed", study=key, label=label, text=f"{label} left the analysis")
    for name, analysis in after.items():
        if name in before:
            yield from _contrasts(before[name], analysis)


def _in_analyses(found: Iterable[AnalysisOut]) -> dict[str, str]:
    return {row.study: row.label for analysis in found for row in analysis.contrasts}


def _contrasts(old: AnalysisOut, new: AnalysisOut) -> Iterator[Cause]:
    before = {row.study: row for row in old.contrasts}
    for row in new.contrasts:
        was = before.get(row.study)
        if was is None:
            continue
        if (was.estimate, was.se) != (row.estimate, row.se):
            yield Cause(
                kind="correction",
                study=row.study,
                label=row.label,
                text=f"{new.label}, {row.label}: {_shown(was, new)} became {_shown(row, new)}",
            )
        elif was.standing != row.standing:
            yield Cause(
                kind="verification",
                study=row.study,
                label=row.label,
                text=f"{new.label}, {row.label}: {was.standing} became {row.standing}",
            )


def _shown(row: ContrastOut, analysis: AnalysisOut) -> str:
    return f"{signed(row.estimate, analysis.ratio)} ({interval(row.low, row.high, analysis.ratio)})"


def _notices(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    before = {(report.record, notice) for _, report, notice in _all_notices(old)}
    for study, report, notice in _all_notices(new):
        if (report.record, notice) not in before:
            yield Cause(
                kind="notice",
                study=study.key,
                label=study.label,
                text=f"{notice.kind}: {study.label} ({report.record})",
            )


def _all_notices(snapshot: Snapshot) -> Iterator[tuple[StudyOut, ReportOut, Notice]]:
    for study in snapshot.studies:
        for report in study.reports:
            for notice in report.notices:
                yield study, report, notice


def _lists(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    before = {study.key: study for study in old.studies}
    for study in new.studies:
        was = before.get(study.key)
        standing = _standing(study)
        if was is None:
            yield Cause(
                kind="list", study=study.key, label=study.label, text=f"{study.label}: new, {standing}"
            )
        elif _standing(was) != standing:
            yield Cause(
                kind="list",
                study=study.key,
                label=study.label,
                text=f"{study.label}: {_standing(was)} became {standing}",
            )


def _standing(study: StudyOut) -> str:
    status = study.status.replace("_", " ")
    return f"{status}, awaiting data" if study.awaiting_data else status


def _walks(old: Snapshot, new: Snapshot) -> Iterator[Shift]:
    before = analyses(old)
    for name, analysis in analyses(new).items():
        if name in before:
            yield from _walk(before[name], analysis, model_of(new, name))


def _walk(old: AnalysisOut, new: AnalysisOut, model: Model) -> Iterator[Shift]:
    now = {row.study: row for row in new.contrasts}
    was = {row.study: row for row in old.contrasts}
    corrected = [now.get(row.study, row) for row in old.contrasts]
    kept = [row for row in corrected if row.study in now]
    stages = (
        ("methods", list(old.contrasts)),
        ("corrected or verified numbers", corrected),
        ("removed studies", kept),
        (
            "added: " + (", ".join(row.label for row in new.contrasts if row.study not in was) or "none"),
            list(new.contrasts),
        ),
    )
    if all(rows == list(old.contrasts) for _, rows in stages) and list(new.contrasts) == list(old.contrasts):
        return
    last = _given(old)
    for cause, rows in stages:
        after = average(rows, model)
        yield Shift(analysis=new.id, cause=cause, before=last, after=after)
        last = after


def model_of(snapshot: Snapshot, analysis: str) -> Model:
    """Return the model that an analysis of a snapshot names."""
    name = next(item.models for item in snapshot.protocol.analyses if item.id == analysis)
    return snapshot.protocol.models[name]


def average(rows: Sequence[ContrastOut], model: Model) -> float | None:
    """Return the model's average of two or more contrasts, one study's own value, or None."""
    if len(rows) == 1:
        return rows[0].estimate
    found = pool(rows, model)
    return found.estimate if found.pooled else None


def _given(analysis: AnalysisOut) -> float | None:
    pooled = analysis.pool if analysis.pool.pooled else analysis.two_study_pool
    if pooled and pooled.pooled:
        return pooled.estimate
    return analysis.contrasts[0].estimate if len(analysis.contrasts) == 1 else None
