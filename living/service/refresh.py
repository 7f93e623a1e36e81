"""Rebuild the evidence, let the rule decide, and bind a version's number to its digest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from living.model.decision import Decision
from living.model.facts import MACHINE, LedgerLine, Release, Searched
from living.model.protocol import Protocol
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import canonical, digest
from living.review.compare import Changes, compare
from living.review.conclusions import Conclusion, conclusion_of
from living.review.decide import decide, next_number
from living.review.evidence import Evidence, gather
from living.review.reaches import evidence_until, last_said, next_reach
from living.review.searches import searched_by_hand
from living.review.snapshot import protocol_of, released, snapshot_digest, snapshot_of
from living.service.house import House
from living.service.letters import bulletin_letters
from living.service.topics import active, evidence_of, while_others_write

RUNS_LOOKED_AT = 500  # of a source, newest first; a search before the methods changed is among the latest


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to: `version` is empty when the rule made a bulletin or nothing changed.

    `versions` are all that were bound: more than one where methods and data had changed.
    """

    topic: str
    decision: Decision | None
    version: str = ""
    new: bool = False
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Foreseen:
    """One evaluation of the rule that stored nothing: up to which line, against what, and what came of it.

    `whole`: no evidence lies beyond its reach. `decision` is None for a part that makes nothing new. `same`:
    the evidence is that of the last version.
    """

    state: ReviewState
    reach: int
    whole: bool
    at: str
    old: Snapshot | None
    new: Snapshot
    same: bool
    searched: tuple[Searched, ...]
    decision: Decision | None


@dataclass(frozen=True)
class _Decided:
    """One evaluation: up to which line, whether any evidence lies beyond it, and what came of it."""

    reach: int
    whole: bool
    decision: Decision | None
    version: str = ""
    new: bool = False


def refresh(house: House, topic: str) -> Refreshed:
    """Decide on the evidence as it stands now.

    1. Where methods changed among what no version holds yet, the data before that are decided on first, then
       the methods alone, then the data that came later: no version changes both.
    2. Each decision is stored once for what it was reached from: evidence, protocol, last version.
    3. A decision for a version binds the next number to the digest on the ledger; publishing follows.
    4. The evidence of the last version makes a version again only when the rule says that one is due by its
       age, and sources were searched further since.

    When somebody appends in between, all is decided again on what stands then.
    """
    versions: list[str] = []
    passed = 0
    while True:
        found = while_others_write(topic, partial(_refresh, house, topic, passed))
        versions += [found.version] if found.version else []
        if found.whole:
            last = versions[-1] if versions else ""
            return Refreshed(topic, found.decision, last, found.new or bool(versions), tuple(versions))
        passed = found.reach


def foresee(house: House, topic: str, passed: int = 0) -> Foreseen:
    """Evaluate the rule on what is to be decided next, and store nothing."""
    state, _ = active(house, topic)
    reach = next_reach(state, passed)
    whole = reach >= last_said(state)
    evidence = evidence_of(house, topic) if whole else _as_it_was(state, reach)
    new = snapshot_of(evidence, protocol_of(evidence.state)[0])
    old = last_release(house, state)
    same = old is not None and old.release is not None and old.release.digest == snapshot_digest(new)
    at = house.now()
    if same and not whole:
        return Foreseen(state, reach, whole, at, old, new, same, (), None)
    found = searched(house, topic, evidence.protocol, None if whole else reach)
    changes = Changes((), ()) if same else compare(old, new)
    decision = decide(old, new, changes, at, found, _concluded(house, state, new))
    return Foreseen(state, reach, whole, at, old, new, same, found, decision)


def _refresh(house: House, topic: str, passed: int) -> _Decided:
    seen = foresee(house, topic, passed)
    reach, whole, decision = seen.reach, seen.whole, seen.decision
    if decision is None:
        return _Decided(reach, whole, None)
    fresh = _stored(house, topic, seen.at, decision)
    house.failpoint("refresh.decided")
    if decision.level == "bulletin":
        return _Decided(reach, whole, decision, new=fresh)
    release = _release(house, seen.old, seen.new, decision, seen.searched, None if whole else reach)
    house.store.append(topic, seen.at, [(MACHINE, release)], after=seen.state.seq)
    house.failpoint("refresh.bound")
    return _Decided(reach, whole, decision, release.version, new=True)


def _stored(house: House, topic: str, at: str, decision: Decision) -> bool:
    """Store a decision with the letters that tell of it; False when it had been stored."""
    inputs = _inputs_of(house, topic, decision)
    letters = (
        bulletin_letters(house, topic, inputs, decision) if _is_new_bulletin(house, topic, decision) else ()
    )
    return house.store.decide_once(topic, inputs, at, decision, letters)


def _release(
    house: House,
    old: Snapshot | None,
    new: Snapshot,
    decision: Decision,
    found: tuple[Searched, ...],
    upto: int | None,
) -> Release:
    major, minor = next_number(old, decision)
    return Release(
        major=major,
        minor=minor,
        digest=snapshot_digest(new),
        previous=old.release.version if old and old.release else "",
        decision=decision,
        searched=found,
        replay=house.replay,
        upto=upto,
    )


def _as_it_was(state: ReviewState, reach: int) -> Evidence:
    """The evidence up to a line, under the protocol that was in force there."""
    then = evidence_until(state, reach, state.seq + 1)
    return gather(then, protocol_of(then)[1])


def _inputs_of(house: House, topic: str, decision: Decision) -> str:
    """The digest that a decision is stored under: that of the latest one when it was reached from the same.

    Evidence that went and came back is decided on again; looking at the same twice is one decision.
    """
    named = dict(decision.inputs)
    base = [named["evidence"], named["evidence of the last version"], named["last version"], decision.code]
    latest = next(reversed(house.store.decisions(topic)), None)
    if latest is None:
        return digest(canonical(base))
    before = dict(latest.decision.inputs)
    same = [before.get(name) for name in ("evidence", "evidence of the last version", "last version")]
    if [*same, latest.decision.code] == base:
        return latest.inputs_digest
    return digest(canonical([*base, latest.inputs_digest]))


def _is_new_bulletin(house: House, topic: str, decision: Decision) -> bool:
    """A bulletin that reads as the last one did is shown with its date and mailed to nobody."""
    before = house.store.bulletins(topic)
    return decision.level == "bulletin" and not (before and before[-1].decision.banner == decision.banner)


def _concluded(house: House, state: ReviewState, new: Snapshot) -> Conclusion | None:
    """What was signed last before this, where somebody has signed now, whatever came in between."""
    if not new.answer.headline_signed:
        return None
    found = (conclusion_of(snapshot_at(house, state, line)) for line, _ in reversed(state.releases))
    return next((item for item in found if item), None)


def last_release(house: House, state: ReviewState) -> Snapshot | None:
    """Return the snapshot of the latest bound version, rebuilt from the ledger, or None before the first."""
    if not state.releases:
        return None
    line, _ = state.releases[-1]
    return snapshot_at(house, state, line)


def snapshot_at(house: House, state: ReviewState, line: LedgerLine) -> Snapshot:
    """Return the snapshot of the version bound on a ledger line; it never changes, so it is built once."""
    place = (state.topic, line.seq)
    if place not in house.built:
        house.built[place] = released(state, line, house.store.head(state.topic, line.seq).hash)
    return house.built[place]


def searched(house: House, topic: str, protocol: Protocol, reach: int | None = None) -> tuple[Searched, ...]:
    """Return how far each source was last searched completely; None for one that never was.

    With `reach`, the last search counts whose finds all lie within the ledger up to that line. A source that
    is searched by hand was searched to the day of the last file that somebody handed in.
    """
    state = house.store.state(topic)
    by_hand = searched_by_hand(state if reach is None else state.upto(reach))
    found = []
    for source in protocol.sources:
        to = _searched_to(house, topic, source.id, reach) if source.by_machine else by_hand.get(source.id)
        found.append(Searched(source=source.id, label=source.label, to=to))
    return tuple(found)


def _searched_to(house: House, topic: str, source: str, reach: int | None) -> str | None:
    if reach is not None:
        return _searched_by(house, topic, source, reach)
    cursor = house.store.cursor(topic, source)
    return cursor.watermark if cursor else None


def _searched_by(house: House, topic: str, source: str, reach: int) -> str | None:
    runs = house.store.runs(topic, source, RUNS_LOOKED_AT)
    return next((run.at[:10] for run in runs if run.outcome == "complete" and run.last_seq <= reach), None)
