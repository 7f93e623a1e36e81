"""The files of a bound version, from the ledger alone."""

from __future__ import annotations

from living.model.chain import Chain
from living.model.facts import LedgerLine
from living.model.state import ReviewState
from living.publish.bundle import render_version
from living.service.house import House
from living.service.refresh import snapshot_at


def files_of(house: House, state: ReviewState, line: LedgerLine) -> dict[str, bytes]:
    """Return every file of the version that a ledger line binds, by its path."""
    return render_version(snapshot_at(house, state, line), chain_at(house, state, line))


def chain_at(house: House, state: ReviewState, line: LedgerLine) -> Chain:
    """Return how the head that a version prints follows from the one that the version before it printed."""
    before = [(earlier.seq, release.version) for earlier, release in state.releases if earlier.seq < line.seq]
    seq, version = before[-1] if before else (0, "")
    bound = next(release.version for at, release in state.releases if at.seq == line.seq)
    found = house.store.chain(state.topic, seq, line.seq)
    after = found.after.model_copy(update={"version": version})
    return found.model_copy(update={"after": after, "head": found.head.model_copy(update={"version": bound})})
