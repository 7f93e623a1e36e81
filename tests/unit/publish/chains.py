"""A ledger's chain invented around a snapshot, made with the store's own functions."""

from living.model.chain import GENESIS, Chain, ChainPlace, Opened
from living.model.facts import Release
from living.model.snapshot import Snapshot
from living.model.values import canonical, digest
from living.store.chain import ledger_hash, seal_of

LINES = 5


def chained(snapshot: Snapshot, before: ChainPlace | None = None) -> tuple[Snapshot, Chain]:
    """The snapshot with the head of an invented chain, and that chain; its last line binds the version."""
    release = snapshot.release
    assert release is not None
    after = before or ChainPlace(version=release.previous, seq=0, hash=GENESIS)
    head, seals = after.hash, []
    for seq in range(after.seq + 1, after.seq + LINES + 1):
        last = seq == after.seq + LINES
        body = canonical(_bound(snapshot)) if last else f'{{"kind":"closed","n":{seq}}}'
        line = Opened(
            topic=snapshot.topic, seq=seq, at=release.at, by="machine", salt=digest(str(seq))[:32], body=body
        )
        head = ledger_hash(line, head)
        seals.append(seal_of(line))
    printed = release.model_copy(update={"ledger_seq": line.seq, "ledger_head": head})
    place = ChainPlace(version=release.version, seq=line.seq, hash=head)
    chain = Chain(topic=snapshot.topic, after=after, head=place, seals=tuple(seals), opened=line)
    return snapshot.model_copy(update={"release": printed}), chain


def _bound(snapshot: Snapshot) -> Release:
    release = snapshot.release
    assert release is not None
    major, minor = release.version.removeprefix("v").split(".")
    return Release(
        major=int(major),
        minor=int(minor),
        digest=release.digest,
        previous=release.previous,
        decision=release.decision,
        searched=release.searched,
        replay=release.replay,
    )
