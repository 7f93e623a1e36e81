"""What differs between two snapshots, by cause, and what each cause did to each average."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from living.model.decision import Cause, Shift
from living.model.protocol import Model
from living.model.record import Notice
from living.model.snapshot import AnalysisOut, ContrastOut, ReportOut, Snapshot, StudyOut
from living.model.values import rounded
from living.review.pools import pool
from living.review.selection import CHECKED
from living.review.wording import interval, signed, spelled

METHODS = (
    "eligibility",
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
NO_NUMBER = "no number"


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
    studies is walked through although no headline is given for it. A study that was joined to another record
    since, or parted from one, is the same study under another key.
    """
    if old is None:
        return Changes((), ())
    old = under_new_keys(old, new)
    causes = (
        *_methods(old, new),
        *_studies(old, new),
        *_notices(old, new),
        *_lists(old, new),
        *_gone(old, new),
    )
    return Changes(tuple(dict.fromkeys(causes)), tuple(_walks(old, new)))


def analyses(snapshot: Snapshot) -> dict[str, AnalysisOut]:
    """Return every analysis of a snapshot by its id, in the order of the protocol."""
    return {item.id: item for comparison in snapshot.comparisons for item in comparison.analyses}


def under_new_keys(old: Snapshot, new: Snapshot) -> Snapshot:
    """Return the old snapshot with its studies under the keys they have in the new one."""
    keys = _renamed(old, new)
    if not keys:
        return old
    comparisons = tuple(
        comparison.model_copy(
            update={"analyses": tuple(_rekeyed(item, keys) for item in comparison.analyses)}
        )
        for comparison in old.comparisons
    )
    studies = tuple(item.model_copy(update={"key": keys.get(item.key, item.key)}) for item in old.studies)
    return old.model_copy(update={"comparisons": comparisons, "studies": studies})


def _rekeyed(analysis: AnalysisOut, keys: dict[str, str]) -> AnalysisOut:
    rows = (row.model_copy(update={"study": keys.get(row.study, row.study)}) for row in analysis.contrasts)
    return analysis.model_copy(update={"contrasts": tuple(rows)})


def _renamed(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Old key to new key of each study that goes by another now; of two that were joined, neither."""
    was, now = {item.key for item in old.studies}, {item.key for item in new.studies}
    joined = {alias: study.key for study in new.studies for alias in study.aliases}
    used = _in_analyses(analyses(new).values())
    keys: dict[str, str] = {}
    for study in old.studies:
        heirs = [alias for alias in study.aliases if alias in used and alias in now - was]
        if joined.get(study.key, study.key) not in was:
            keys[study.key] = joined[study.key]
        elif study.key not in used and len(heirs) == 1 and study.key in _in_analyses(analyses(old).values()):
            keys[study.key] = heirs[0]
    return keys


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
            yield from _moved(before[name], analysis, was, now)


def _in_analyses(found: Iterable[AnalysisOut]) -> dict[str, str]:
    return {row.study: row.label for analysis in found for row in analysis.contrasts}


def _contrasts(old: AnalysisOut, new: AnalysisOut) -> Iterator[Cause]:
    before = {row.study: row for row in old.contrasts}
    for row in new.contrasts:
        was = before.get(row.study)
        if was is None:
            continue
        if rounded((was.estimate, was.se)) != rounded((row.estimate, row.se)):
            yield _corrected(row, new, f"{_shown(was, new)} became {_shown(row, new)}")
        elif was.standing != row.standing:
            yield Cause(
                kind="verification" if row.standing in CHECKED else "list",
                study=row.study,
                label=row.label,
                text=f"{new.label}, {row.label}: {was.standing} became {row.standing}",
            )


def _moved(old: AnalysisOut, new: AnalysisOut, was: dict[str, str], now: dict[str, str]) -> Iterator[Cause]:
    """Studies known from another analysis that entered or left this one: in a primary one that is news."""
    before, after = {row.study for row in old.contrasts}, {row.study for row in new.contrasts}
    for row in new.contrasts:
        if row.study in was and row.study not in before:
            told = f"{NO_NUMBER} became {_shown(row, new)}"
            yield _entered(row, new) if new.role == "primary" else _corrected(row, new, told)
    for row in old.contrasts:
        if row.study in now and row.study not in after:
            told = f"{_shown(row, new)} became {NO_NUMBER}"
            yield _left(row, new) if new.role == "primary" else _corrected(row, new, told)


def _entered(row: ContrastOut, analysis: AnalysisOut) -> Cause:
    text = f"{row.label} entered the analysis {analysis.label}"
    return Cause(kind="added", study=row.study, label=row.label, text=text)


def _left(row: ContrastOut, analysis: AnalysisOut) -> Cause:
    text = f"{row.label} left the analysis {analysis.label}"
    return Cause(kind="removed", study=row.study, label=row.label, text=text)


def _corrected(row: ContrastOut, analysis: AnalysisOut, told: str) -> Cause:
    text = f"{analysis.label}, {row.label}: {told}"
    return Cause(kind="correction", study=row.study, label=row.label, text=text)


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
    screened_out = [study for study in new.studies if study.key not in before and study.status == "excluded"]
    if screened_out:
        count = len(screened_out)
        yield Cause(kind="list", text=f"{spelled(count)} {'study' if count == 1 else 'studies'} screened out")
    for study in new.studies:
        was = before.get(study.key)
        standing = _standing(study)
        if was is None:
            if study.status == "excluded":
                continue
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


def _gone(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    labels = {name: study.label for study in new.studies for name in (study.key, *study.aliases)}
    now = {study.key for study in new.studies}
    for study in old.studies:
        if study.key not in now:
            told = f"now one study with {labels[study.key]}" if study.key in labels else "no longer listed"
            yield Cause(kind="list", study=study.key, label=study.label, text=f"{study.label}: {told}")


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
    last = _given(old)
    if _effects(old) == _effects(new) and rounded(last) == rounded(_given(new)):
        return
    for cause, rows in stages:
        after = average(rows, model)
        yield Shift(analysis=new.id, cause=cause, before=last, after=after)
        last = after


def _effects(analysis: AnalysisOut) -> dict[str, object]:
    return {row.study: rounded((row.estimate, row.se)) for row in analysis.contrasts}


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
