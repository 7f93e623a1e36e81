"""What readers of a version must know today: retractions and concerns, withdrawal, the end of living mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from living.model.facts import LedgerLine, Retirement, Withdrawal
from living.model.snapshot import AnalysisOut, Snapshot, StudyOut
from living.model.state import ReviewState
from living.review.answer import estimate_of
from living.review.compare import analyses, model_of
from living.review.identity import same_reports
from living.review.pools import pool, weights
from living.review.protocol import fill
from living.review.record_changes import notice_spans, noticed_on, standing_notice
from living.review.wording import interval, signed

NO_AVERAGE = "no average"
NOTICE_NAMES = {"retraction": "a retraction notice", "concern": "an expression of concern"}


@dataclass(frozen=True)
class Fed:
    """One analysis that a study fed: its share of the weight, and the average with the study and without."""

    analysis: str
    label: str
    share: str
    before: str
    after: str
    headline: bool


@dataclass(frozen=True)
class Warned:
    """One notice about one study used in a version; `fed` is told of retractions."""

    kind: Literal["retraction", "concern"]
    study: str
    text: str
    date: str
    record: str = ""
    label: str = ""
    fed: tuple[Fed, ...] = ()


@dataclass(frozen=True)
class TakenBack:
    """A notice that stood on a report used in a version until the source took it back."""

    kind: Literal["retraction", "concern"]
    study: str
    record: str
    text: str
    since: str
    until: str


def warnings(state: ReviewState, snapshot: Snapshot) -> tuple[Warned, ...]:
    """Return the notices that stand today about reports used in a version; the version is unchanged.

    A retraction is told with the share it had and with every result recomputed without it. It disappears when
    the source takes the notice back. Another entry of the same report speaks for it, whenever it was found.
    """
    days = noticed_on(state)
    found: list[Warned] = []
    for study, key in _used(state, snapshot):
        record = state.records.get(key)
        kind = standing_notice(record) if record else None
        if record and kind:
            text = _text(kind, snapshot, study.key, f"{study.label} ({key})", days[key])
            told = fed(snapshot, study.key) if kind == "retraction" else ()
            found.append(Warned(kind, study.key, text, days[key], key, study.label, told))
    return tuple(found)


def taken_back(state: ReviewState, snapshot: Snapshot) -> tuple[TakenBack, ...]:
    """Return the notices about reports used in a version that were taken back, oldest first."""
    spans = notice_spans(state)
    found = []
    for study, key in _used(state, snapshot):
        for kind, since, until in spans.get(key, ()):
            if until:
                under = f"{study.label} ({key}) was under {NOTICE_NAMES[kind]}"
                text = f"{under} from {since} to {until}; the source took it back."
                found.append(TakenBack(kind, study.key, key, text, since, until))
    return tuple(sorted(found, key=lambda item: (item.since, item.record)))


def withdrawal_of(state: ReviewState, version: str) -> tuple[LedgerLine, Withdrawal] | None:
    """Return the withdrawal of a version that stands, or None."""
    said = [(line, fact) for line, fact in state.of_kind(Withdrawal) if fact.version == version]
    return said[-1] if said and said[-1][1].withdrawn else None


def retirement_of(state: ReviewState) -> tuple[LedgerLine, Retirement] | None:
    """Return the retirement of the topic that stands, or None while it is living."""
    said = list(state.of_kind(Retirement))
    return said[-1] if said and said[-1][1].retired else None


def retired_sentence(snapshot: Snapshot, line: LedgerLine, fact: Retirement) -> str:
    """Return the protocol's sentence on the end of living mode, filled."""
    names = {"title": snapshot.title, "short": snapshot.short, "date": line.at[:10]}
    return fill(snapshot.protocol.sentences.retired, {**names, "reason": fact.reason.rstrip(".")})


def fed(snapshot: Snapshot, *studies: str) -> tuple[Fed, ...]:
    """Return every analysis that some studies fed, with its result recomputed without them."""
    return tuple(
        Fed(
            item.id,
            item.label,
            share_in(snapshot, item, *studies),
            estimate_of(item),
            without_in(snapshot, item, *studies),
            item.id == snapshot.answer.analysis,
        )
        for item in analyses(snapshot).values()
        if any(row.study in studies for row in item.contrasts)
    )


def without(snapshot: Snapshot, *studies: str) -> str:
    """Return the headline analysis's average with its interval, recomputed without some studies."""
    return without_in(snapshot, analyses(snapshot)[snapshot.answer.analysis], *studies)


def without_in(snapshot: Snapshot, analysis: AnalysisOut, *studies: str) -> str:
    """Return an analysis's average with its interval, recomputed without some studies."""
    model = model_of(snapshot, analysis.id)
    rows = [row for row in analysis.contrasts if row.study not in studies]
    found = pool(rows, model, minimum=max(2, model.headline_k))
    if found.pooled and found.estimate is not None and found.low is not None and found.high is not None:
        limits = interval(found.low, found.high, analysis.ratio)
        return f"{signed(found.estimate, analysis.ratio)} ({limits})"
    return f"no average ({found.reason})"


def share_of(snapshot: Snapshot, *studies: str) -> str:
    """Return the percent of the headline analysis's weight that studies have; of two, in their own pool."""
    return share_in(snapshot, analyses(snapshot)[snapshot.answer.analysis], *studies)


def share_in(snapshot: Snapshot, analysis: AnalysisOut, *studies: str) -> str:
    """Return the percent of an analysis's weight that studies have; of two, in their own pool."""
    rows = analysis.contrasts
    model = model_of(snapshot, analysis.id)
    shares = weights(rows, model) if len(rows) > 1 else (100.0,) * len(rows)
    total = sum(share or 0.0 for row, share in zip(rows, shares, strict=True) if row.study in studies)
    return f"{total:.0f}"


def _used(state: ReviewState, snapshot: Snapshot) -> Iterator[tuple[StudyOut, str]]:
    """Every study that some analysis of a version combines, with each record of the reports it had there."""
    used = {row.study for analysis in analyses(snapshot).values() for row in analysis.contrasts}
    same = same_reports(state)
    for study in snapshot.studies:
        if study.key in used:
            had = dict.fromkeys(report.record for report in study.reports)
            had |= dict.fromkeys(other for record in had for other in same.get(record, ()))
            yield from ((study, key) for key in had)


def _text(kind: str, snapshot: Snapshot, study: str, report: str, day: str) -> str:
    words = snapshot.protocol.sentences
    names: dict[str, object] = {
        "title": snapshot.title,
        "short": snapshot.short,
        "report": report,
        "date": day,
    }
    if kind == "concern":
        return fill(words.concern, names)
    main = analyses(snapshot)[snapshot.answer.analysis]
    names |= {
        "weight": share_of(snapshot, study),
        "versions": snapshot.release.version if snapshot.release else "this version",
        "without": without(snapshot, study),
        "outcome": main.outcome_label,
        "old": "",
        "new": without(snapshot, study),
    }
    others = (_also(item) for item in fed(snapshot, study) if not item.headline)
    return fill(words.retraction, names) + "".join(others)


def _also(item: Fed) -> str:
    """One further analysis in a sentence."""
    if item.before.startswith(NO_AVERAGE) and item.after.startswith(NO_AVERAGE):
        return f" {item.label} used it too, and has no average with it or without."
    return f" {item.label}, {item.share}% of the weight: {item.before} with it, {item.after} without."
