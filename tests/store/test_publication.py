"""A decision is stored once; a version is published once, together with its letters."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from living.errors import NotVerified
from living.model.values import digest
from living.store import NewLetter, Store, Subscriber
from tests.factories import AT, TOPIC, decision, release, vote

LATER = "2026-03-02T06:00:00Z"
INPUTS = digest("facts, protocol, code")
MANIFEST = digest("manifest")
Subscribe = Callable[..., Subscriber]


def letter(reader: Subscriber, event: str = "v1.0") -> NewLetter:
    return NewLetter(event=event, subscriber=reader.id, kind="new_study")


def bind(store: Store) -> None:
    store.append(TOPIC, AT, [("machine", vote()), ("machine", release())])


def test_a_decision_is_stored_once_for_its_inputs(store: Store) -> None:
    assert store.decide_once(TOPIC, INPUTS, AT, decision())
    assert not store.decide_once(TOPIC, INPUTS, LATER, decision(reason="on second thoughts"))
    assert store.decide_once(TOPIC, digest("other facts"), LATER, decision())
    assert store.decide_once("other-topic", INPUTS, LATER, decision())
    first, second = store.decisions(TOPIC)
    assert (first.inputs_digest, first.at, first.decision) == (INPUTS, AT, decision())
    assert second.at == LATER


def test_bulletins_are_the_decisions_that_change_no_number(store: Store) -> None:
    store.decide_once(TOPIC, INPUTS, AT, decision())
    store.decide_once(TOPIC, digest("more"), LATER, decision(code="new_evidence", level="major"))
    assert [one.decision.code for one in store.bulletins(TOPIC)] == ["no_new_evidence"]
    assert len(store.decisions(TOPIC)) == 2


def test_letters_about_a_decision_are_queued_with_it_and_only_then(
    store: Store, subscribe: Subscribe
) -> None:
    ann = subscribe("ann")
    for _ in range(2):
        store.decide_once(TOPIC, INPUTS, AT, decision(), [letter(ann, INPUTS)])
    assert [one.event for one in store.letters(TOPIC)] == [INPUTS]


def test_a_bound_number_waits_for_its_publication(store: Store) -> None:
    bind(store)
    [(line, bound)] = store.bound(TOPIC)
    assert (line.seq, bound) == (2, release())
    assert store.commit_publication(TOPIC, "v1.0", bound.digest, LATER, MANIFEST)
    assert store.bound(TOPIC) == ()


def test_a_publication_is_remembered_with_the_head_it_prints(store: Store) -> None:
    bind(store)
    store.append(TOPIC, LATER, [("machine", vote())])
    store.commit_publication(TOPIC, "v1.0", release().digest, LATER, MANIFEST)
    [published] = store.published(TOPIC)
    assert (published.version, published.at, published.manifest_sha256) == ("v1.0", LATER, MANIFEST)
    assert (published.ledger_seq, published.ledger_head) == store.head(TOPIC, 2)
    assert store.operations(kind="published")[0].body["digest"] == release().digest


def test_versions_are_listed_in_the_order_they_were_published(store: Store) -> None:
    versions = ["v1.0", "v1.1", "v2.0"]
    for major, minor in [(1, 0), (1, 1), (2, 0)]:
        store.append(TOPIC, AT, [("machine", release(major=major, minor=minor))])
        store.commit_publication(TOPIC, f"v{major}.{minor}", release().digest, AT, MANIFEST)
    assert [one.version for one in store.published(TOPIC)] == versions


def test_recovery_may_commit_again_and_nothing_is_said_twice(store: Store, subscribe: Subscribe) -> None:
    bind(store)
    ann = subscribe("ann")
    commit = (TOPIC, "v1.0", release().digest)
    assert store.commit_publication(*commit, AT, MANIFEST, [letter(ann)])
    assert not store.commit_publication(*commit, LATER, MANIFEST, [letter(ann), letter(subscribe("ben"))])
    assert len(store.letters(TOPIC)) == len(store.published(TOPIC)) == 1


def test_a_number_that_was_not_bound_cannot_be_published(store: Store) -> None:
    with pytest.raises(NotVerified, match="no ledger line binds"):
        store.commit_publication(TOPIC, "v1.0", release().digest, AT, MANIFEST)


def test_a_number_cannot_be_published_with_another_digest(store: Store) -> None:
    bind(store)
    with pytest.raises(NotVerified, match="bound to another digest"):
        store.commit_publication(TOPIC, "v1.0", digest("other"), AT, MANIFEST)
    assert store.published(TOPIC) == ()


def test_a_published_version_cannot_be_published_with_other_bytes(store: Store) -> None:
    bind(store)
    store.commit_publication(TOPIC, "v1.0", release().digest, AT, MANIFEST)
    with pytest.raises(NotVerified, match="other bytes"):
        store.commit_publication(TOPIC, "v1.0", release().digest, LATER, digest("other manifest"))


def test_publication_and_letters_are_one_step(store: Store, subscribe: Subscribe) -> None:
    bind(store)
    ann = subscribe("ann")

    def broken() -> Iterator[NewLetter]:
        yield letter(ann)
        raise OSError("the list of readers ends here")

    with pytest.raises(OSError, match="ends here"):
        store.commit_publication(TOPIC, "v1.0", release().digest, AT, MANIFEST, broken())
    assert store.published(TOPIC) == ()
    assert store.letters(TOPIC) == ()
    assert len(store.bound(TOPIC)) == 1


@pytest.mark.parametrize("table", ["published", "decision"])
def test_what_was_published_or_decided_cannot_be_changed(
    store: Store, insider: sqlite3.Connection, table: str
) -> None:
    bind(store)
    store.commit_publication(TOPIC, "v1.0", release().digest, AT, MANIFEST)
    store.decide_once(TOPIC, INPUTS, AT, decision())
    for change in (f"UPDATE {table} SET topic = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(insider.IntegrityError, match=f"{table} is append-only"):
            insider.execute(change)
