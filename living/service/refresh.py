"""Rebuild the evidence, let the rule decide, and bind a version's number to its digest."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.decision import Decision
from living.model.facts import MACHINE, LedgerLine, Release, Searched
from living.model.protocol import Protocol
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import canonical, digest
from living.review.compare import compare
from living.review.decide import decide, next_number
from living.review.snapshot import protocol_of, released, snapshot_digest, snapshot_of
from living.service.house import House
from living.service.letters import bulletin_letters
from living.service.topics import evidence_of, while_others_write


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to: `version` is empty when the rule made a bulletin or nothing changed."""

    topic: str
    decision: Decision | None
    version: str = ""
    new: bool = False


def refresh(house: House, topic: str) -> Refreshed:
    """Decide on the evidence as it stands now.

    1. The same evidence as the last version: nothing to decide, nothing is stored.
    2. The decision is stored once for what it was reached from: evidence, protocol, last version.
    3. A decision for a version binds the next number to the digest on the ledger; publishing follows.

    When somebody appends in between, all is decided again on what stands then.
    """
    return while_others_write(topic, lambda: _refresh(house, topic))


def _refresh(house: House, topic: str) -> Refreshed:
    evidence = evidence_of(house, topic)
    state = evidence.state
    new = snapshot_of(evidence, protocol_of(state)[0])
    old = last_release(house, state)
    at = house.now()
    last = old.release.digest if old and old.release else ""
    if snapshot_digest(new) == last:
        return Refreshed(topic, None)
    decision = decide(old, new, compare(old, new), at)
    inputs = digest(canonical([snapshot_digest(new), last, decision.code]))
    letters = (
        bulletin_letters(house, topic, inputs, decision) if _is_new_bulletin(house, topic, decision) else ()
    )
    fresh = house.store.decide_once(topic, inputs, at, decision, letters)
    house.failpoint("refresh.decided")
    if decision.level == "bulletin":
        return Refreshed(topic, decision, new=fresh)
    release = _release(house, state, evidence.protocol, old, new, decision)
    house.store.append(topic, at, [(MACHINE, release)], after=state.seq)
    house.failpoint("refresh.bound")
    return Refreshed(topic, decision, release.version, new=True)


def _is_new_bulletin(house: House, topic: str, decision: Decision) -> bool:
    """A bulletin that reads as the last one did is shown with its date and mailed to nobody."""
    before = house.store.bulletins(topic)
    return decision.level == "bulletin" and not (before and before[-1].decision.banner == decision.banner)


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


def searched(house: House, topic: str, protocol: Protocol) -> tuple[Searched, ...]:
    """Return how far each source was last searched completely; None for one that never was."""
    found = []
    for source in protocol.sources:
        cursor = house.store.cursor(topic, source.id)
        found.append(Searched(source=source.id, label=source.label, to=cursor.watermark if cursor else None))
    return tuple(found)


def _release(
    house: House,
    state: ReviewState,
    protocol: Protocol,
    old: Snapshot | None,
    new: Snapshot,
    decision: Decision,
) -> Release:
    major, minor = next_number(old, decision)
    return Release(
        major=major,
        minor=minor,
        digest=snapshot_digest(new),
        previous=old.release.version if old and old.release else "",
        decision=decision,
        searched=searched(house, state.topic, protocol),
        replay=house.replay,
    )
