"""The magnesium story in memory: the seed's trials up to a year, each version decided on the one before."""

from living.model.facts import LedgerLine
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.compare import compare
from living.review.decide import decide, next_number
from living.review.protocol import parse
from living.review.seed import known_by, read_seed
from living.review.snapshot import build_snapshot, released, snapshot_digest
from tests import factories as make
from tests.unit.review import scenes

FOLDER = scenes.ROOT / "db/topics/magnesium-mi"
TEXT = (FOLDER / "protocol.toml").read_text(encoding="utf-8")


def known(year: str) -> ReviewState:
    """The topic as it was by the end of a year."""
    evidence = (FOLDER / "evidence.toml").read_text(encoding="utf-8")
    seeds = read_seed(evidence, "evidence.toml", parse(TEXT, "protocol.toml"))
    facts = (seed.fact for seed in known_by(seeds, f"{year}-12-31"))
    return scenes.ledger("magnesium-mi", scenes.activated(TEXT), *facts)


def versions(*years: str) -> tuple[Snapshot, ...]:
    """One version for each of these years, oldest first, with what the rule decides on its difference."""
    found: list[Snapshot] = []
    for year in years:
        state, old = known(year), found[-1] if found else None
        found.append(_version(state, old, f"{year}-12-31T06:00:00Z"))
    return tuple(found)


def _version(state: ReviewState, old: Snapshot | None, at: str) -> Snapshot:
    new = build_snapshot(state)
    decision = decide(old, new, compare(old, new), at)
    major, minor = next_number(old, decision)
    release = make.release(
        major=major,
        minor=minor,
        digest=snapshot_digest(new),
        previous=old.release.version if old and old.release else "",
        decision=decision,
        replay=True,
    )
    line = LedgerLine(seq=state.seq + 1, at=at, by="machine", fact=release)
    return released(ReviewState.of(state.topic, (*state.lines, line)), line, "f" * 64)
