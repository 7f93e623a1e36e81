"""The update rule of the protocol, evaluated on a change."""

from __future__ import annotations

from living.model.decision import Code, Decision, Level
from living.model.protocol import Protocol
from living.model.snapshot import Snapshot
from living.review.answer import estimate_of
from living.review.compare import Changes, analyses
from living.review.protocol import fill, rule_digest
from living.review.wording import spelled


def decide(old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> Decision:
    """Evaluate the rule. The most telling change gives the code; the reason names them all.

    `old` is the last version (None before the first), `at` the instant of evaluation, which only the rule on
    months without a version reads. `bulletin` means that no new version follows.
    """
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
        return ("retraction" if _retracted(changes, new) else "correction"), rule.removed_study
    if changes.of("correction"):
        return "correction", rule.correction
    if new.answer.headline_signed and new.answer.headline != old.answer.headline:
        return _signed(old, new), rule.signed_conclusion
    if changes.of("verification"):
        return "verification", rule.verification
    if changes.of("notice"):
        return ("retraction" if _any(changes, "retraction") else "concern"), "bulletin"
    if _months(old, at) >= rule.months_without_version:
        return "scheduled_version", "minor"
    if changes.of("list"):
        return _listed(old, new), rule.list_change
    return "no_new_evidence", "bulletin"


def _retracted(changes: Changes, new: Snapshot) -> bool:
    gone = {cause.study for cause in changes.of("removed")}
    return any(
        notice.kind == "retraction"
        for study in new.studies
        if study.key in gone
        for report in study.reports
        for notice in report.notices
    )


def _any(changes: Changes, kind: str) -> bool:
    return any(cause.text.startswith(kind) for cause in changes.of("notice"))


def _signed(old: Snapshot, new: Snapshot) -> Code:
    """A conclusion changes only between two signed sentences, and only with enough studies."""
    enough = new.answer.n_numbers >= new.protocol.update_rule.conclusion_needs_studies
    return "conclusions_changed" if old.answer.headline_signed and enough else "conclusions_confirmed"


def _listed(old: Snapshot, new: Snapshot) -> Code:
    awaiting = (old.flow.awaiting_classification, old.flow.awaiting_data)
    if awaiting != (new.flow.awaiting_classification, new.flow.awaiting_data):
        return "awaiting"
    return "ongoing_only" if new.flow.ongoing > old.flow.ongoing else "awaiting"


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
    names = _names(old, new, changes, at)
    match code:
        case "first_version":
            return fill(words.first_version, names)
        case "new_evidence":
            return fill(words.new_evidence, names)
        case "methods_change":
            return fill(words.methods_change, names)
        case "correction":
            return _correction(new, changes, names)
        case "verification":
            return fill(words.verification, names)
        case "conclusions_confirmed":
            return fill(words.conclusions_confirmed, names)
        case "conclusions_changed":
            return fill(words.conclusions_changed, {**names, "old": old.answer.headline if old else ""})
        case "retraction":
            return _retraction(old, new, changes, names)
        case "concern":
            return fill(words.concern, names)
        case "scheduled_version":
            return fill(words.scheduled_version, names)
        case "ongoing_only":
            return fill(words.ongoing_only, names)
        case "awaiting":
            return fill(words.awaiting, names)
        case "no_new_evidence":
            return fill(words.nothing_new, names)


def _names(old: Snapshot | None, new: Snapshot, changes: Changes, at: str) -> dict[str, object]:
    main = analyses(new)[new.answer.analysis]
    before = analyses(old).get(new.answer.analysis) if old else None
    added, flow = changes.of("added"), new.flow
    noticed = [cause.label for cause in changes.of("notice")]
    return {
        "title": new.title,
        "short": new.short,
        "outcome": main.outcome_label,
        "old": estimate_of(before) if before else "no average",
        "new": estimate_of(main),
        "without": estimate_of(main),
        "date": at[:10],
        "version": old.release.version if old and old.release else "",
        "months": new.protocol.update_rule.months_without_version,
        "n_studies": flow.awaiting_classification + flow.awaiting_data if old else flow.included,
        "studies": ", ".join(cause.label for cause in (added or changes.of("verification"))),
        "k": len(main.contrasts),
        "k_word": spelled(len(main.contrasts)),
        "d": flow.awaiting_data,
        "w": flow.awaiting_classification,
        "s": sum(source.kind != "import" for source in new.protocol.sources),
        "what": "; ".join(cause.text for cause in changes.of("methods")),
        "readers": new.protocol.people.readers,
        "n_numbers": len(changes.of("verification")),
        "report": ", ".join(dict.fromkeys(noticed)),
    }


def _correction(new: Snapshot, changes: Changes, names: dict[str, object]) -> str:
    cause = (changes.of("correction") or changes.of("removed"))[0]
    if cause.kind == "removed":
        return f"{cause.text}. {names['outcome']}: {names['old']} to {names['new']}."
    label, _, told = cause.text.partition(": ")
    old, _, now = told.partition(" became ")
    return fill(
        new.protocol.sentences.correction,
        {
            **names,
            "field": label.partition(",")[0],
            "study": cause.label,
            "old": old,
            "new": now,
            "reason": "agreed by two readers in place of the imported number",
            "old_estimate": names["old"],
            "new_estimate": names["new"],
            "conclusion": "under review",
        },
    )


def _retraction(old: Snapshot | None, new: Snapshot, changes: Changes, names: dict[str, object]) -> str:
    about = changes.of("removed") or changes.of("notice")
    main = analyses(old).get(new.answer.analysis) if old else None
    weight = (
        next((row.weight for row in main.contrasts if row.study == about[0].study), None) if main else None
    )
    share = f"{weight:.0f}" if weight is not None else "an unstated share of 100"
    labels = ", ".join(dict.fromkeys(cause.label for cause in about))
    return fill(
        new.protocol.sentences.retraction,
        {
            **names,
            "report": labels,
            "weight": share,
            "versions": names["version"],
            "without": names["without"],
        },
    )
