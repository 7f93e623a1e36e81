"""The sentence that a decision is told by: the protocol's words, filled from both snapshots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from living.model.decision import Cause, Code
from living.model.facts import Searched
from living.model.snapshot import Snapshot
from living.review.answer import estimate_of
from living.review.causes import DESCRIBED
from living.review.compare import Changes, analyses
from living.review.conclusions import Conclusion, conclusion_of
from living.review.listed import awaiting, newly, ongoing
from living.review.notices import share_of, without
from living.review.protocol import fill
from living.review.wording import spelled

UNKNOWN_DAY = "an unknown day"  # a source that was never searched to its end


@dataclass(frozen=True)
class Case:
    """What a verdict is reached from: both snapshots, what differs, when, how far was searched.

    `concluded` is the signed conclusion that stood before, of whichever version.
    """

    old: Snapshot | None
    new: Snapshot
    changes: Changes
    at: str
    searched: tuple[Searched, ...] = ()
    concluded: Conclusion | None = None

    def withdrawn(self) -> tuple[Cause, ...]:
        """What left the analysis, of studies with a retracted report."""
        retracted = {
            study.key
            for study in self.new.studies
            if any(notice.kind == "retraction" for report in study.reports for notice in report.notices)
        }
        return tuple(cause for cause in self.changes.of("removed") if cause.study in retracted)

    def noticed(self, kind: str) -> tuple[Cause, ...]:
        """New notices of a kind about included studies; all others are in the reason and make no banner."""
        included = {study.key for study in self.new.studies if study.status == "included"}
        return tuple(
            cause
            for cause in self.changes.of("notice")
            if cause.study in included and cause.text.startswith(f"{kind}:")
        )


def banner(code: Code, case: Case) -> str:
    """Return the sentence that readers see above everything."""
    words, names = case.new.protocol.sentences, _names(code, case)
    match code:
        case "first_version":
            return fill(words.first_version, names)
        case "new_evidence":
            return fill(words.new_evidence, names)
        case "methods_change":
            return fill(words.methods_change, names)
        case "correction":
            return _correction(case, names)
        case "verification":
            return fill(words.verification, names)
        case "conclusions_confirmed":
            return fill(words.conclusions_confirmed, names)
        case "conclusions_changed":
            return fill(words.conclusions_changed, {**names, **_conclusions(case)})
        case "retraction":
            return _retraction(case, names)
        case "concern":
            return fill(words.concern, {**names, "report": _labels(case.noticed("concern"))})
        case "scheduled_version":
            return fill(words.scheduled_version, names)
        case "ongoing_only":
            return fill(words.ongoing_only, {**names, "date": _searched_to(case)})
        case "awaiting":
            return fill(words.awaiting, {**names, "date": _searched_to(case)})
        case "no_new_evidence":
            return fill(words.nothing_new, {**names, "date": _searched_to(case)})


def _searched_to(case: Case) -> str:
    """The day that every scheduled source was searched to; the day of evaluation where nobody says."""
    if not case.searched:
        return case.at[:10]
    imported = {source.id for source in case.new.protocol.sources if source.kind == "import"}
    days = [item.to or "" for item in case.searched if item.source not in imported]
    return min(days, default="") or UNKNOWN_DAY


def _names(code: Code, case: Case) -> dict[str, object]:
    old, new, changes = case.old, case.new, case.changes
    main = analyses(new)[new.answer.analysis]
    before = analyses(old).get(new.answer.analysis) if old else None
    added, flow = changes.of("added"), new.flow
    return {
        "title": new.title,
        "short": new.short,
        "outcome": main.outcome_label,
        "old": estimate_of(before) if before else "no average",
        "new": estimate_of(main),
        "date": case.at[:10],
        "version": old.release.version if old and old.release else "",
        "months": new.protocol.update_rule.months_without_version,
        "n_studies": _counted(code, case),
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


def _counted(code: Code, case: Case) -> int:
    """The number of studies that a banner speaks of."""
    if case.old is None:
        return case.new.flow.included
    if code == "ongoing_only":
        return len(newly(ongoing, case.old, case.new))
    if code == "new_evidence":
        return len({cause.study for cause in case.changes.of("added")})
    return sum(awaiting(study) for study in case.new.studies)


def _labels(causes: Iterable[Cause]) -> str:
    return ", ".join(dict.fromkeys(cause.label for cause in causes))


def _conclusions(case: Case) -> dict[str, object]:
    """Both signed sentences with what they were rated and what the numbers under them say."""
    now = conclusion_of(case.new)
    return {"old": _concluded(case.concluded), "new": _concluded(now)}


def _concluded(found: Conclusion | None) -> str:
    if found is None:
        return "no conclusion"
    rated = found.certainty.replace("_", " ") or "not rated"
    return f"\u201c{found.sentence.rstrip('.')}\u201d (certainty {rated}; {found.effect})"


def _correction(case: Case, names: dict[str, object]) -> str:
    found = case.changes
    cause = (found.of("correction") or found.of("removed") or found.of("judgement"))[0]
    if cause.kind == "removed":
        return f"{cause.text}. {names['outcome']}: {names['old']} to {names['new']}."
    label, _, told = cause.text.rpartition(": ")
    before, _, now = told.partition(" became ")
    field, _, about = label.partition(", ")
    return fill(
        case.new.protocol.sentences.correction,
        {
            **names,
            "field": field,
            "study": cause.label or about,
            "old": before,
            "new": now,
            "reason": _why(case, cause),
            "old_estimate": names["old"],
            "new_estimate": names["new"],
            "conclusion": "under review",
        },
    )


def _why(case: Case, cause: Cause) -> str:
    """By whose word something changed."""
    if cause.kind == "judgement":
        return "people judged it"
    if cause.text.startswith(DESCRIBED):
        return "its description was corrected"
    was, now = _standing(case.old, cause) if case.old else "", _standing(case.new, cause)
    readers = case.new.protocol.people.readers
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


def _retraction(case: Case, names: dict[str, object]) -> str:
    """What was retracted, the share it had in the last version, and the result without it."""
    gone = case.withdrawn()
    about = gone or case.noticed("retraction")
    studies = {cause.study for cause in about}
    days = [
        report.noticed
        for study in case.new.studies
        if study.key in studies
        for report in study.reports
        if any(notice.kind == "retraction" for notice in report.notices)
    ]
    return fill(
        case.new.protocol.sentences.retraction,
        {
            **names,
            "date": max(days, default="") or names["date"],
            "report": _labels(about),
            "weight": share_of(case.old, *studies) if case.old else "0",
            "versions": names["version"],
            "without": names["new"] if gone else without(case.new, *studies),
        },
    )
