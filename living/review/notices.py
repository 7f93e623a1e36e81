"""What readers of a version must know today of the reports it used: retractions, expressions of concern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.compare import analyses, model_of
from living.review.pools import pool, weights
from living.review.protocol import fill
from living.review.record_changes import noticed_on, standing_notice
from living.review.wording import interval, signed


@dataclass(frozen=True)
class Warned:
    """One notice about one study used in a version."""

    kind: Literal["retraction", "concern"]
    study: str
    text: str
    date: str


def warnings(state: ReviewState, snapshot: Snapshot) -> tuple[Warned, ...]:
    """Return the notices that stand today about reports used in a version; the version is unchanged.

    A retraction is told with the share it had and with the result recomputed without it. It disappears when
    the source takes the notice back.
    """
    used = {row.study for analysis in analyses(snapshot).values() for row in analysis.contrasts}
    days = noticed_on(state)
    found: list[Warned] = []
    for study in snapshot.studies:
        for report in study.reports if study.key in used else ():
            record = state.records.get(report.record)
            kind = standing_notice(record) if record else None
            if record and kind:
                day = days[record.key]
                text = _text(kind, snapshot, study.key, f"{study.label} ({record.key})", day)
                found.append(Warned(kind, study.key, text, day))
    return tuple(found)


def without(snapshot: Snapshot, *studies: str) -> str:
    """Return the headline analysis's average with its interval, recomputed without some studies."""
    main = analyses(snapshot)[snapshot.answer.analysis]
    model = model_of(snapshot, main.id)
    rows = [row for row in main.contrasts if row.study not in studies]
    found = pool(rows, model, minimum=max(2, model.headline_k))
    if found.pooled and found.estimate is not None and found.low is not None and found.high is not None:
        return f"{signed(found.estimate, main.ratio)} ({interval(found.low, found.high, main.ratio)})"
    return f"no average ({found.reason})"


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
    return fill(words.retraction, names)


def share_of(snapshot: Snapshot, *studies: str) -> str:
    """Return the percent of the headline analysis's weight that studies have; of two, in their own pool."""
    main = analyses(snapshot)[snapshot.answer.analysis]
    rows = main.contrasts
    shares = weights(rows, model_of(snapshot, main.id)) if len(rows) > 1 else (100.0,) * len(rows)
    total = sum(share or 0.0 for row, share in zip(rows, shares, strict=True) if row.study in studies)
    return f"{total:.0f}"
