"""The update rule of the protocol, evaluated on a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from living.model.decision import Cause, Code, Decision, Level
from living.model.protocol import Protocol
from living.model.snapshot import Snapshot, StudyOut
from living.review.answer import estimate_of
from living.review.compare import Changes, analyses, under_new_keys
from living.review.notices import share_of, without
from living.review.protocol import fill, rule_digest
from living.review.wording import spelled


def decide(old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> Decision:
    """Evaluate the rule. The most telling change gives the code; the reason names them all.

    `old` is the last version (None before the first), `at` the instant of evaluation, which only the rule on
    months without a version reads. `bulletin` means that no new version follows.
    """
    old = under_new_keys(old, new) if old else None
    code, level = _verdict(old, new, changes, at)
    return Decision(
        code=code,
        level=level,
        reason=_reason(code, changes, new.protocol),
        banner=_banner(code, old, new, changes, at),
        rule_sha256=rule_digest(new.protocol),
        causes=changes.causes,
        shifts=changes.shifts,
    )


def next_number(old: Snapshot | None, decision: Decision) -> tuple[int, int]:
    """Return major and minor of the version that a decision makes."""
    if old is None or old.release is None:
        return 1, 0
    major, _, minor = old.release.version.removeprefix("v").partition(".")
    return (int(major) + 1, 0) if decision.level == "major" else (int(major), int(minor) + 1)


def _verdict(old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> tuple[Code, Level]:
    rule = new.protocol.update_rule
    if old is None:
        return "first_version", "major"
    if changes.of("methods"):
        return "methods_change", rule.methods
    if changes.of("added"):
        return "new_evidence", rule.new_study
    if changes.of("removed"):
        return ("retraction" if _withdrawn(changes, new) else "correction"), rule.removed_study
    if changes.of("correction"):
        return "correction", rule.correction
    if new.answer.headline_signed and new.answer.headline != old.answer.headline:
        return _signed(old, new), rule.signed_conclusion
    if changes.of("verification"):
        return "verification", rule.verification
    if _noticed(changes, new, "retraction"):
        return "retraction", "bulletin"
    if _noticed(changes, new, "concern"):
        return "concern", "bulletin"
    if _months(old, at) >= rule.months_without_version:
        return "scheduled_version", "minor"
    if changes.of("list"):
        return _listed(old, new), rule.list_change
    return "no_new_evidence", "bulletin"


def _withdrawn(changes: Changes, new: Snapshot) -> tuple[Cause, ...]:
    """What left the analysis, of studies with a retracted report."""
    retracted = {
        study.key
        for study in new.studies
        if any(notice.kind == "retraction" for report in study.reports for notice in report.notices)
    }
    return tuple(cause for cause in changes.of("removed") if cause.study in retracted)


def _noticed(changes: Changes, new: Snapshot, kind: str) -> tuple[Cause, ...]:
    """New notices of a kind about included studies; all others are in the reason and make no banner."""
    included = {study.key for study in new.studies if study.status == "included"}
    return tuple(
        cause
        for cause in changes.of("notice")
        if cause.study in included and cause.text.startswith(f"{kind}:")
    )


def _signed(old: Snapshot, new: Snapshot) -> Code:
    """A conclusion changes only between two signed sentences, and only with enough studies."""
    enough = new.answer.n_numbers >= new.protocol.update_rule.conclusion_needs_studies
    return "conclusions_changed" if old.answer.headline_signed and enough else "conclusions_confirmed"


def _listed(old: Snapshot, new: Snapshot) -> Code:
    if _newly(_awaiting, old, new):
        return "awaiting"
    return "ongoing_only" if _newly(_ongoing, old, new) else "no_new_evidence"


def _newly(is_so: Callable[[StudyOut], bool], old: Snapshot, new: Snapshot) -> tuple[StudyOut, ...]:
    """Studies that stand where they did not stand in the last version."""
    was = {name for study in old.studies if is_so(study) for name in (study.key, *study.aliases)}
    return tuple(
        study for study in new.studies if is_so(study) and was.isdisjoint((study.key, *study.aliases))
    )


def _awaiting(study: StudyOut) -> bool:
    return study.status == "awaiting_classification" or study.awaiting_data


def _ongoing(study: StudyOut) -> bool:
    return study.status == "ongoing"


def _months(old: Snapshot, at: str) -> int:
    if old.release is None:
        return 0
    then = old.release.at
    months = (int(at[:4]) - int(then[:4])) * 12 + int(at[5:7]) - int(then[5:7])
    return months - (at[8:] < then[8:])


def _reason(code: Code, changes: Changes, protocol: Protocol) -> str:
    rule = f"rule {protocol.update_rule.version}"
    if code == "first_version":
        return f"{rule}: the first version of the topic"
    if code == "scheduled_version":
        return f"{rule}: {protocol.update_rule.months_without_version} months without a version"
    if not changes.causes:
        return f"{rule}: nothing in the evidence differs from the last version"
    return f"{rule}: " + "; ".join(cause.text for cause in changes.causes)


def _banner(code: Code, old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> str:
    words = new.protocol.sentences
    names = _names(code, old, new, changes, at)
    match code:
        case "first_version":
            return fill(words.first_version, names)
        case "new_evidence":
            return fill(words.new_evidence, names)
        case "methods_change":
            return fill(words.methods_change, names)
        case "correction":
            return _correction(old, new, changes, names)
        case "verification":
            return fill(words.verification, names)
        case "conclusions_confirmed":
            return fill(words.conclusions_confirmed, names)
        case "conclusions_changed":
            return fill(words.conclusions_changed, {**names, "old": old.answer.headline if old else ""})
        case "retraction":
            return _retraction(old, new, changes, names)
        case "concern":
            return fill(words.concern, {**names, "report": _labels(_noticed(changes, new, "concern"))})
        case "scheduled_version":
            return fill(words.scheduled_version, names)
        case "ongoing_only":
            return fill(words.ongoing_only, names)
        case "awaiting":
            return fill(words.awaiting, names)
        case "no_new_evidence":
            return fill(words.nothing_new, names)


def _names(code: Code, old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> dict[str, object]:
    main = analyses(new)[new.answer.analysis]
    before = analyses(old).get(new.answer.analysis) if old else None
    added, flow = changes.of("added"), new.flow
    return {
        "title": new.title,
        "short": new.short,
        "outcome": main.outcome_label,
        "old": estimate_of(before) if before else "no average",
        "new": estimate_of(main),
        "date": at[:10],
        "version": old.release.version if old and old.release else "",
        "months": new.protocol.update_rule.months_without_version,
        "n_studies": _counted(code, old, new, changes),
        "studies": _labels(added or changes.of("verification")),
        "k": len(main.contrasts),
        "k_word": spelled(len(main.contrasts)),
        "d": flow.awaiting_data,
        "w": flow.awaiting_classification,
        "s": sum(source.kind != "import" for source in new.protocol.sources),
        "what": "; ".join(cause.text for cause in changes.of("methods")),
        "readers": new.protocol.people.readers,
        "n_numbers": len(changes.of("verification")),
    }


def _counted(code: Code, old: Snapshot | None, new: Snapshot, changes: Changes) -> int:
    """The number of studies that a banner speaks of."""
    if old is None:
        return new.flow.included
    if code == "ongoing_only":
        return len(_newly(_ongoing, old, new))
    if code == "new_evidence":
        return len({cause.study for cause in changes.of("added")})
    return sum(_awaiting(study) for study in new.studies)


def _labels(causes: Iterable[Cause]) -> str:
    return ", ".join(dict.fromkeys(cause.label for cause in causes))


def _correction(old: Snapshot | None, new: Snapshot, changes: Changes, names: dict[str, object]) -> str:
    cause = (changes.of("correction") or changes.of("removed"))[0]
    if cause.kind == "removed":
        return f"{cause.text}. {names['outcome']}: {names['old']} to {names['new']}."
    label, _, told = cause.text.rpartition(": ")
    before, _, now = told.partition(" became ")
    return fill(
        new.protocol.sentences.correction,
        {
            **names,
            "field": label.partition(",")[0],
            "study": cause.label,
            "old": before,
            "new": now,
            "reason": _why(old, new, cause),
            "old_estimate": names["old"],
            "new_estimate": names["new"],
            "conclusion": "under review",
        },
    )


def _why(old: Snapshot | None, new: Snapshot, cause: Cause) -> str:
    """By whose word a number changed."""
    was, now = _standing(old, cause) if old else "", _standing(new, cause)
    readers = new.protocol.people.readers
    by = f"{spelled(readers)} reader{'' if readers == 1 else 's'}"
    if not now:
        return "it is no longer usable here"
    if now == "unverified":
        return "the imported number changed"
    if now == "adjudicated":
        return "decided by an adjudicator, because readers differed"
    return f"agreed by {by} in place of the imported number" if was == "unverified" else f"agreed by {by}"


def _standing(snapshot: Snapshot, cause: Cause) -> str:
    for analysis in analyses(snapshot).values():
        for row in analysis.contrasts:
            if row.study == cause.study and cause.text.startswith(f"{analysis.label}, {row.label}: "):
                return row.standing
    return ""


def _retraction(old: Snapshot | None, new: Snapshot, changes: Changes, names: dict[str, object]) -> str:
    """What was retracted, the share it had in the last version, and the result without it."""
    gone = _withdrawn(changes, new)
    about = gone or _noticed(changes, new, "retraction")
    studies = {cause.study for cause in about}
    days = [
        report.noticed
        for study in new.studies
        if study.key in studies
        for report in study.reports
        if any(notice.kind == "retraction" for notice in report.notices)
    ]
    return fill(
        new.protocol.sentences.retraction,
        {
            **names,
            "date": max(days, default="") or names["date"],
            "report": _labels(about),
            "weight": share_of(old, *studies) if old else "0",
            "versions": names["version"],
            "without": names["new"] if gone else without(new, *studies),
        },
    )
