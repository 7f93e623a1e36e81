"""How far a version's evidence may reach: changed methods and changed data never share a version."""

from __future__ import annotations

from living.model.facts import LedgerLine, ProtocolActivated, Release
from living.model.state import ReviewState
from living.review.causes import methods_changed
from living.review.protocol import parse


def reach_of(line: LedgerLine, release: Release) -> int:
    """Return the last ledger line of a release's evidence."""
    return line.seq - 1 if release.upto is None else release.upto


def evidence_until(state: ReviewState, reach: int, before: int) -> ReviewState:
    """Return the state that a version rests on: every fact up to line `reach`, and the versions so far.

    A version can be bound later than other facts were said; which numbers had been given by then (on lines
    below `before`) is known all the same.
    """
    return ReviewState.of(
        state.topic,
        (
            line
            for line in state.lines
            if line.seq <= reach or (line.seq < before and isinstance(line.fact, Release))
        ),
    )


def last_said(state: ReviewState) -> int:
    """Return the last line that is no version: evidence, rulings, signatures, protocols."""
    return next((line.seq for line in reversed(state.lines) if not isinstance(line.fact, Release)), 0)


def next_reach(state: ReviewState, passed: int = 0) -> int:
    """Return the line up to which the rule is evaluated next; `passed` was evaluated and made no version.

    Before a line that changes the methods the data are taken as they were until then, under the protocol in
    force; then the methods change alone; then comes what was said later. Methods that change twice with
    nothing said in between change once. Until there is a first version there is nothing to keep apart.
    """
    end = last_said(state)
    if not state.releases:
        return end
    reached = max(reach_of(*state.releases[-1]), passed)
    return min((cut for cut in _cuts(state, reached) if reached < cut < end), default=end)


def _cuts(state: ReviewState, reached: int) -> list[int]:
    """The last line before each change of methods beyond `reached`, and the last line of that change."""
    cuts: list[int] = []
    before: ProtocolActivated | None = None
    for line, activated in state.of_kind(ProtocolActivated):
        if before is not None and line.seq > reached and _other_methods(before, activated):
            if cuts and _nothing_said(state, cuts[-1], line.seq):
                cuts.pop()
            else:
                cuts.append(line.seq - 1)
            cuts.append(line.seq)
        before = activated
    return cuts


def _other_methods(before: ProtocolActivated, after: ProtocolActivated) -> bool:
    where = f"{after.topic}/protocol.toml"
    return bool(methods_changed(parse(before.text, where), parse(after.text, where)))


def _nothing_said(state: ReviewState, first: int, last: int) -> bool:
    return all(isinstance(line.fact, Release) for line in state.lines if first < line.seq < last)
