"""What differs between two snapshots, in words, each thing with its kind and the study it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from living.model.decision import Cause
from living.model.protocol import Protocol
from living.model.record import Notice
from living.model.snapshot import AnalysisOut, ContrastOut, ReportOut, Snapshot, StudyOut
from living.model.values import rounded
from living.review.pairs import analyses, in_analyses
from living.review.registry_weights import in_words
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
    "supplementary",
    "update_rule",
)
NOTED = {
    "how it was done": "particulars",
    "full texts": "full_texts",
    "questions to the authors": "questions",
    "who keeps away": "recused",
}
NO_NUMBER = "no number"
NOT_STATED = "not stated"
DESIGN, GROUP, DOSE = DESCRIBED = ("Design", "Condition group", "Dose")


def causes(old: Snapshot, new: Snapshot) -> tuple[Cause, ...]:
    """Return every difference; `old` has its studies under the keys of `new` already."""
    found = (
        *_methods(old, new),
        *_studies(old, new),
        *_described(old, new),
        *_judged(old, new),
        *_notices(old, new),
        *_lists(old, new),
        *_noted(old, new),
        *_registered(old, new),
        *_gone(old, new),
        *_prints(old, new),
    )
    return tuple(dict.fromkeys(found))


def methods_changed(old: Protocol, new: Protocol) -> tuple[str, ...]:
    """Return the parts of two protocols that differ and are methods; the update rule is one of them."""
    return tuple(name for name in METHODS if getattr(old, name) != getattr(new, name))


def _methods(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    names = methods_changed(old.protocol, new.protocol)
    if names:
        told = ", ".join(name.replace("_", " ") for name in names)
        yield Cause(kind="methods", text=f"the protocol changed: {told}")


def _studies(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    before, after = analyses(old), analyses(new)
    was, now = in_analyses(before.values()), in_analyses(after.values())
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


def _described(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    """Changed descriptions: corrections where a split or a sensitivity analysis moved, else for the list."""
    before = {study.key: study for study in old.studies}
    used = in_analyses(analyses(old).values()).keys() & in_analyses(analyses(new).values()).keys()
    moved = _regrouped(old, new)
    for study in new.studies:
        if study.key not in used:
            continue
        for what, was, now in _description(before[study.key], study):
            kind: Literal["correction", "list"] = "correction" if study.key in moved else "list"
            text = f"{what}, {study.label}: {was} became {now}"
            yield Cause(kind=kind, study=study.key, label=study.label, text=text)


def _description(old: StudyOut, new: StudyOut) -> Iterator[tuple[str, str, str]]:
    for what, was, now in (
        (DESIGN, old.design, new.design),
        (GROUP, old.condition_group, new.condition_group),
    ):
        if was != now:
            yield what, was or NOT_STATED, now or NOT_STATED
    doses = {arm.id: arm.dose_mg for arm in old.arms}
    for arm in new.arms:
        if arm.id in doses and arm.dose_mg != doses[arm.id]:
            yield f"{DOSE} of {arm.label}", _dose(doses[arm.id]), _dose(arm.dose_mg)


def _dose(mg: float | None) -> str:
    return NOT_STATED if mg is None else f"{mg:g} mg"


def _regrouped(old: Snapshot, new: Snapshot) -> set[str]:
    """Studies that went to another level of a split, or into or out of a sensitivity analysis."""
    before = analyses(old)
    found: set[str] = set()
    for name, analysis in analyses(new).items():
        was, now = _groups(before.get(name)), _groups(analysis)
        rows = {row.study: row for row in before[name].contrasts} if name in before else {}
        found |= {
            row.study
            for row in analysis.contrasts
            if row.study in rows and was.get(rows[row.study].label) != now.get(row.label)
        }
    return found


def _groups(analysis: AnalysisOut | None) -> dict[str, frozenset[str]]:
    """The levels and sensitivity analyses that each study of an analysis is in, by its label."""
    if analysis is None:
        return {}
    levels = [
        (f"{split.id}/{level.id}", level.studies) for split in analysis.subgroups for level in split.levels
    ]
    named = [*levels, *((f"/{item.id}", item.studies) for item in analysis.sensitivity)]
    return {
        row.label: frozenset(name for name, studies in named if row.label in studies)
        for row in analysis.contrasts
    }


def _judged(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    """Ratings of certainty, and of risk of bias where they decide who stands in a sensitivity analysis."""
    before = analyses(old)
    for name, analysis in analyses(new).items():
        was, now = _rating(before.get(name)), _rating(analysis)
        if was != now and name in before:
            yield Cause(kind="judgement", text=f"Certainty, {analysis.label}: {was} became {now}")
    risks = {study.key: study for study in old.studies}
    for study in new.studies:
        earlier = risks.get(study.key)
        if earlier is None or study.status != "included":
            continue
        told = f"{_risk(earlier)} became {_risk(study)}"
        if earlier.low_risk_of_bias != study.low_risk_of_bias:
            yield _about(study, "judgement", f"Risk of bias, {study.label}: {told}")
        elif _overall(earlier) != _overall(study):
            yield _about(study, "list", f"{study.label}: judgements of risk of bias entered or changed")
        if _trust(earlier) != _trust(study):
            yield _about(study, "list", f"Trust, {study.label}: {_trust(earlier)} became {_trust(study)}")


def _rating(analysis: AnalysisOut | None) -> str:
    rated = analysis.certainty if analysis else None
    return rated.rating.replace("_", " ") if rated else "not rated"


def _risk(study: StudyOut) -> str:
    return "low in every judged result" if study.low_risk_of_bias else "not low in every judged result"


def _trust(study: StudyOut) -> str:
    return study.trust.overall.replace("_", " ") if study.trust else "not assessed"


def _overall(study: StudyOut) -> dict[str, str]:
    return {item.result: item.overall for item in study.rob}


def _about(study: StudyOut, kind: Literal["judgement", "list"], text: str) -> Cause:
    return Cause(kind=kind, study=study.key, label=study.label, text=text)


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


def _noted(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    """What was noted around a study's numbers: for the list, as no number rests on it."""
    before = {study.key: study for study in old.studies}
    for study in new.studies:
        was = before.get(study.key)
        if was is None:
            continue
        names = [name for name, field in NOTED.items() if getattr(was, field) != getattr(study, field)]
        if names:
            yield _about(study, "list", f"{study.label}: noted or changed: {', '.join(names)}")


def _registered(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    """What a trial's registration says otherwise since: told, and no reason for a version by itself."""
    before = {study.key: study for study in old.studies}
    for study in new.studies:
        was = before.get(study.key)
        known = {change for watch in was.registry for change in watch.changes} if was else set()
        fresh = [change for watch in study.registry for change in watch.changes if change not in known]
        if was and fresh:
            told = ", ".join(dict.fromkeys(f"{in_words(change)} ({change.weight})" for change in fresh))
            yield _about(study, "list", f"{study.label}, its registration: {told}")


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


def _prints(old: Snapshot, new: Snapshot) -> Iterator[Cause]:
    """Other reviews' printed results that came, changed or left, review by review: a list, no evidence."""
    before, after = ({item.pool.id: item.pool for item in side.published} for side in (old, new))
    for review in dict.fromkeys(pool.review for pool in (*before.values(), *after.values())):
        was, now = (
            {name for name, pool in side.items() if pool.review == review} for side in (before, after)
        )
        changed = {name for name in was & now if before[name] != after[name]}
        for told, found in (
            ("now beside ours", now - was),
            ("changed", changed),
            ("no longer beside ours", was - now),
        ):
            if found:
                results = (
                    "one printed result" if len(found) == 1 else f"{spelled(len(found))} printed results"
                )
                yield Cause(kind="list", label=review, text=f"{review}: {results} {told}")
