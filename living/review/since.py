"""What has moved since an analysis was rated: its numbers then and now, in words."""

from __future__ import annotations

from living.errors import UserError
from living.model.facts import Judgement
from living.model.snapshot import AnalysisOut
from living.model.state import ReviewState
from living.review.analysis import analyse
from living.review.evidence import gather
from living.review.snapshot import protocol_of
from living.review.wording import interval, signed, spelled


def in_words(found: AnalysisOut) -> str:
    """Return the numbers of an analysis in one line: how many studies, and what they found."""
    k = len(found.contrasts)
    studies = "one study" if k == 1 else f"{spelled(k)} studies"
    pool = found.pool
    if not pool.pooled or pool.estimate is None or pool.low is None or pool.high is None:
        each = "; ".join(f"{row.label} {signed(row.estimate, found.ratio)}" for row in found.contrasts)
        return f"{studies}, no average ({each})" if each else f"{studies}, no average"
    shown = interval(pool.low, pool.high, found.ratio)
    return f"{studies}, average {signed(pool.estimate, found.ratio)} ({shown})"


def moved_since(state: ReviewState, now: AnalysisOut, judged: str) -> str:
    """Return what an analysis said when it was rated and what it says now; empty when that cannot be told.

    `judged` is the digest of what the rating was about.
    """
    seqs = [
        line.seq
        for line, fact in state.of_kind(Judgement)
        if fact.tool == "grade" and fact.subject == now.id and fact.judged == judged
    ]
    if not seqs:
        return ""
    then = state.upto(seqs[-1])
    try:
        _, protocol = protocol_of(then)
    except UserError:  # an older protocol need not be valid for this code
        return ""
    declared = next((item for item in protocol.analyses if item.id == now.id), None)
    if declared is None:
        return ""
    before = analyse(gather(then, protocol).basis, declared)
    labels = {row.label for row in before.contrasts}
    came = [row.label for row in now.contrasts if row.label not in labels]
    left = labels - {row.label for row in now.contrasts}
    who = "".join(
        f"; {word}: {', '.join(names)}" for word, names in (("new", came), ("gone", sorted(left))) if names
    )
    return f"Rated on {in_words(before)}; now {in_words(now)}{who}."
