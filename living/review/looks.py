"""How often an analysis was looked at: what each version saw of it, counted when its data had moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from living.model.decision import Looked
from living.model.snapshot import AnalysisOut, ContrastOut, Snapshot
from living.model.state import ReviewState
from living.model.supplement import EarlierLook
from living.model.values import canonical, digest, rounded

Seen = tuple[EarlierLook, str]  # a look and the digest of the data it saw


def looked(snapshot: Snapshot) -> tuple[Looked, ...]:
    """Return what a version saw of every analysis that has a study, for its Release line."""
    return tuple(
        _looked(item)
        for comparison in snapshot.comparisons
        for item in comparison.analyses
        if item.role != "continuity" and item.contrasts
    )


def looks_of(state: ReviewState) -> dict[str, tuple[Seen, ...]]:
    """Return each analysis's looks by the versions so far, with the digest of the data each saw.

    A version whose data are those of the version before is no look of its own, and neither is a version that
    had no study. The present state is not among them unless it was released.
    """
    seen: dict[str, list[Seen]] = {}
    for line, release in state.releases:
        found = {item.analysis: item for item in release.decision.looks}
        for name in (*(name for name in seen if name not in found), *found):
            item = found.get(name)
            look = EarlierLook(
                version=release.version,
                day=line.at[:10],
                k=item.k if item else 0,
                estimate=item.estimate if item else None,
                se=item.se if item else None,
            )
            seen.setdefault(name, []).append((look, item.data if item else ""))
    runs = {name: [next(run) for _, run in groupby(items, lambda x: x[1])] for name, items in seen.items()}
    return {name: tuple(item for item in items if item[1]) for name, items in runs.items()}


def data_digest(rows: Sequence[ContrastOut]) -> str:
    """Return the digest of an analysis's effects and standard errors, in no order."""
    return digest(canonical(sorted(rounded([(row.estimate, row.se) for row in rows]))))


def _looked(analysis: AnalysisOut) -> Looked:
    rows = analysis.contrasts
    average = analysis.pool if analysis.pool.pooled else analysis.two_study_pool
    estimate, se = (average.estimate, average.se) if average else (None, None)
    if len(rows) == 1:
        estimate, se = rows[0].estimate, rows[0].se
    return Looked(analysis=analysis.id, k=len(rows), estimate=estimate, se=se, data=data_digest(rows))
