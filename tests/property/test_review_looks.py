"""However a topic's story goes: a version never changes its own snapshot, and looks only ever grow."""

from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.state import ReviewState
from living.review.compare import compare
from living.review.decide import decide
from living.review.pairs import analyses
from living.review.recompute import recompute
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import AT, Entry, difference, read, then, toy, trial

RELEASE = "a version"
EVENTS: tuple[tuple[Entry, ...] | str, ...] = (
    RELEASE,
    *(trial(str(n), read(f"pubmed:{n}", difference(0.4 * n - 0.5, 0.3 + 0.1 * n))) for n in range(3)),
    tuple((who, read("pubmed:0", difference(-0.9), imported=None)) for who in ("ann", "bob")),
    tuple((who, make.vote(record="pubmed:1", vote="exclude", criterion="X1")) for who in ("ann", "bob")),
    tuple((who, make.vote(record="pubmed:1")) for who in ("ann", "bob")),
)


def looks(state: ReviewState) -> int:
    beside = analyses(build_snapshot(state))["ache"].supplement
    return beside.companion.looks if beside and beside.companion else 0


def released(state: ReviewState, number: int) -> ReviewState:
    snapshot = build_snapshot(state)
    decision = decide(None, snapshot, compare(None, snapshot), AT)
    return then(
        state,
        ("machine", make.release(major=number, digest=snapshot_digest(snapshot), decision=decision)),
    )


@settings(max_examples=30)
@given(st.lists(st.sampled_from(EVENTS), max_size=10))
def test_a_version_counts_its_own_look_once_and_changes_nothing(story: list[tuple[Entry, ...] | str]) -> None:
    state, most = toy(), 0
    for number, event in enumerate(story, 1):
        if isinstance(event, str):
            before = build_snapshot(state)
            state = released(state, number)
            after = build_snapshot(state)
            assert snapshot_digest(after) == snapshot_digest(before)
            assert recompute(after) == []
            now = looks(state)
            assert now == 0 or now >= most
            most = max(most, now)
        else:
            state = then(state, *event)
