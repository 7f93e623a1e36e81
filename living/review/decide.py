"""The update rule of the protocol, evaluated on a change."""

from __future__ import annotations

from living.model.decision import Code, Decision, Level
from living.model.facts import Searched
from living.model.snapshot import Snapshot
from living.review.banners import Case, banner
from living.review.compare import Changes, analyses, under_new_keys
from living.review.conclusions import (
    Conclusion,
    conclusion_of,
    conclusions_differ,
    effect_of,
)
from living.review.listed import awaiting, newly, ongoing
from living.review.looks import looked
from living.review.protocol import rule_digest
from living.review.snapshot import snapshot_digest

KINDS = ("methods", "added", "removed", "correction", "verification", "judgement", "notice", "list")


def decide(
    old: Snapshot | None,
    new: Snapshot,
    changes: Changes,
    at: str,
    searched: tuple[Searched, ...] = (),
    concluded: Conclusion | None = None,
) -> Decision:
    """Evaluate the rule. The most telling change gives the code; the reason names them all.

    `old` is the last version (None before the first), `at` the instant of evaluation, which only the rule on
    months without a version reads. `searched` says how far each source was searched, `concluded` what was
    signed last before this (the last version's conclusion unless told). `bulletin` means that no new version
    follows. Everything that the verdict was reached from, and every threshold, is written into it.
    """
    before = under_new_keys(old, new) if old else None
    case = Case(before, new, changes, at, searched, concluded or conclusion_of(before))
    code, level = _verdict(case)
    return Decision(
        code=code,
        level=level,
        reason=_reason(code, case),
        banner=banner(code, case),
        rule_sha256=rule_digest(new.protocol),
        causes=changes.causes,
        shifts=changes.shifts,
        looks=looked(new),
        inputs=_inputs(case),
        thresholds=_thresholds(new),
    )


def next_number(old: Snapshot | None, decision: Decision) -> tuple[int, int]:
    """Return major and minor of the version that a decision makes."""
    if old is None or old.release is None:
        return 1, 0
    major, _, minor = old.release.version.removeprefix("v").partition(".")
    return (int(major) + 1, 0) if decision.level == "major" else (int(major), int(minor) + 1)


def _verdict(case: Case) -> tuple[Code, Level]:
    old, new, changes = case.old, case.new, case.changes
    rule = new.protocol.update_rule
    if old is None:
        return "first_version", "major"
    if changes.of("methods"):
        return "methods_change", rule.methods
    if changes.of("added"):
        return "new_evidence", rule.new_study
    if changes.of("removed"):
        return ("retraction" if case.withdrawn() else "correction"), rule.removed_study
    if changes.of("correction"):
        return "correction", rule.correction
    if _newly_signed(old, new):
        return _signed(case), rule.signed_conclusion
    if changes.of("verification"):
        return "verification", rule.verification
    if changes.of("judgement"):
        return "correction", rule.correction
    if case.noticed("retraction"):
        return "retraction", "bulletin"
    if case.noticed("concern"):
        return "concern", "bulletin"
    if _months(old, case.at) >= rule.months_without_version and _looked_further(old, case.searched):
        return "scheduled_version", "minor"
    if changes.of("list"):
        return _listed(old, new), rule.list_change
    return "no_new_evidence", "bulletin"


def _newly_signed(old: Snapshot, new: Snapshot) -> bool:
    if not new.answer.headline_signed:
        return False
    was = old.answer
    return (was.headline_signed, was.headline, was.certainty) != (
        True,
        new.answer.headline,
        new.answer.certainty,
    )


def _signed(case: Case) -> Code:
    """A conclusion changes only between two signed ones, whoever worded them and whatever moved."""
    now = conclusion_of(case.new)
    needed = case.new.protocol.update_rule.conclusion_needs_studies
    changed = now is not None and conclusions_differ(case.concluded, now, needed)
    return "conclusions_changed" if changed else "conclusions_confirmed"


def _looked_further(old: Snapshot, searched: tuple[Searched, ...]) -> bool:
    """Whether any source was searched further than the last version says: else nothing new can be said."""
    said = {item.source: item.to or "" for item in old.release.searched} if old.release else {}
    return any((item.to or "") > said.get(item.source, "") for item in searched)


def _listed(old: Snapshot, new: Snapshot) -> Code:
    if newly(awaiting, old, new):
        return "awaiting"
    return "ongoing_only" if newly(ongoing, old, new) else "no_new_evidence"


def _months(old: Snapshot, at: str) -> int:
    """Whole months since a version, to the second."""
    if old.release is None:
        return 0
    then = old.release.at
    months = (int(at[:4]) - int(then[:4])) * 12 + int(at[5:7]) - int(then[5:7])
    return months - (at[8:] < then[8:])


def _reason(code: Code, case: Case) -> str:
    rule = f"rule {case.new.protocol.update_rule.version}"
    if code == "first_version":
        return f"{rule}: the first version of the topic"
    if code == "scheduled_version":
        return f"{rule}: {case.new.protocol.update_rule.months_without_version} months without a version"
    if code == "conclusions_changed" and case.concluded:
        return f"{rule}: {_what_changed(case.concluded, case.new)}{_also(case.changes)}"
    if code == "conclusions_confirmed":
        return f"{rule}: a conclusion was signed on this evidence{_also(case.changes)}"
    if not case.changes.causes:
        return f"{rule}: nothing in the evidence differs from the last version"
    return f"{rule}: " + "; ".join(cause.text for cause in case.changes.causes)


def _what_changed(before: Conclusion, new: Snapshot) -> str:
    now = conclusion_of(new)
    assert now is not None
    pairs = (("certainty", before.certainty, now.certainty), ("effect", before.effect, now.effect))
    told = "; ".join(f"{name} {was} became {is_now}" for name, was, is_now in pairs if was != is_now)
    return f"signed on {before.version} and again: {told.replace('_', ' ')}"


def _also(changes: Changes) -> str:
    return "".join(f"; {cause.text}" for cause in changes.causes)


def _inputs(case: Case) -> tuple[tuple[str, str], ...]:
    """Everything the verdict was reached from, by name, in words and digits."""
    old, new = case.old, case.new
    last = old.release if old else None
    main = analyses(new)[new.answer.analysis]
    named = {
        "evidence": snapshot_digest(new),
        "protocol": new.protocol_sha256,
        "last version": last.version if last else "none",
        "evidence of the last version": last.digest if last else "none",
        "months since the last version": str(_months(old, case.at)) if old else "none",
        "studies in the headline's analysis": str(len(main.contrasts)),
        "effect": effect_of(main),
        "conclusion": _told(conclusion_of(new)),
        "conclusion signed before": _told(case.concluded),
    }
    counted = {f"causes, {kind}": str(len(case.changes.of(kind))) for kind in KINDS}
    reached = {f"{item.source} searched to": item.to or "never" for item in case.searched}
    return tuple((named | counted | reached).items())


def _told(found: Conclusion | None) -> str:
    if found is None:
        return "none signed"
    rated = found.certainty.replace("_", " ") or "not rated"
    return f"certainty {rated}; {found.effect}; {found.studies} studies"


def _thresholds(new: Snapshot) -> tuple[tuple[str, str], ...]:
    rule = new.protocol.update_rule
    return tuple((name.replace("_", " "), str(getattr(rule, name))) for name in type(rule).model_fields)
