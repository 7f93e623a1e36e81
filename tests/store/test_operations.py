"""What the service did, in a chain of its own; and who is working on what."""

from living.store import Store
from tests.factories import AT, STUDY, TOPIC, vote

SOON, LATER, MUCH_LATER = "2026-03-01T06:30:00Z", "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z"


def test_the_log_tells_what_was_done_in_order(store: Store) -> None:
    for n in (1, 2, 3):
        assert store.log(AT, "turn" if n < 3 else "stop", {"n": n, "ångström": "Å"}) == n
    assert [line.body["n"] for line in store.operations(after=1)] == [2, 3]
    assert [line.seq for line in store.operations(kind="stop")] == [3]
    assert store.verify_operations().seq == 3


def test_the_log_never_touches_the_evidence(store: Store) -> None:
    store.append(TOPIC, AT, [("reader-1", vote())])
    before = store.head(TOPIC)
    store.log(AT, "turn", {})
    assert store.head(TOPIC) == before
    assert store.topics() == (TOPIC,)


def test_a_study_is_one_persons_until_the_claim_expires(store: Store) -> None:
    assert store.claim(TOPIC, STUDY, "ann", AT, LATER)
    assert not store.claim(TOPIC, STUDY, "ben", SOON, LATER)
    assert [claim.by for claim in store.claims(TOPIC, SOON)] == ["ann"]
    assert store.claims(TOPIC, LATER) == ()
    assert store.claim(TOPIC, STUDY, "ben", LATER, MUCH_LATER)


def test_a_claim_can_be_renewed_and_given_back(store: Store) -> None:
    store.claim(TOPIC, STUDY, "ann", AT, SOON)
    assert store.claim(TOPIC, STUDY, "ann", AT, LATER)
    [claim] = store.claims(TOPIC, SOON)
    assert claim.until == LATER
    store.release_claim(TOPIC, STUDY, "ann")
    assert store.claims(TOPIC, SOON) == ()


def test_two_readers_may_work_on_one_study_when_it_has_two_places(store: Store) -> None:
    taken = [store.claim(TOPIC, STUDY, who, AT, LATER, places=2) for who in ("ann", "ben", "cas")]
    assert taken == [True, True, False]
    assert store.claim("other", STUDY, "cas", AT, LATER)
