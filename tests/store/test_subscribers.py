"""Readers ask, confirm, leave, and are forgotten when they wish."""

import sqlite3
from collections.abc import Callable

from living.model.values import digest
from living.store import NewSubscriber, Store, Subscriber
from tests.factories import AT, TOPIC

LATER = "2026-03-02T06:00:00Z"
LAST = "2026-03-03T06:00:00Z"
Subscribe = Callable[..., Subscriber]


def again(name: str, **kw: str) -> NewSubscriber:
    given = {
        "id": f"another-id-of-{name}",
        "topic": TOPIC,
        "address": f"{name}@example.org",
        "level": "retraction",
        "confirm_hash": digest(f"confirm {name} again"),
        "leave_hash": digest(f"leave {name} again"),
    }
    return NewSubscriber.model_validate(given | kw)


def test_a_reader_counts_only_once_confirmed(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann", confirmed=False)
    assert (ann.state, store.subscribers(TOPIC)) == ("pending", ())
    confirmed = store.confirm(digest("confirm ann"), LATER)
    assert confirmed is not None
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", LATER)
    assert store.subscribers(TOPIC) == (confirmed,)


def test_a_second_click_on_a_link_changes_nothing(store: Store, subscribe: Subscribe) -> None:
    subscribe("ann")
    assert store.confirm(digest("confirm ann"), LAST) == store.subscriber("id-of-ann")
    left = store.leave(digest("leave ann"), LATER)
    assert store.leave(digest("leave ann"), LAST) == left
    assert left is not None
    assert (left.state, left.left_at) == ("left", LATER)


def test_looking_at_a_link_changes_nothing(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    assert store.subscriber_leaving(digest("leave ann")) == ann
    assert store.subscriber_confirming(digest("confirm ann")) == ann
    assert store.subscriber("id-of-ann") == ann


def test_a_link_nobody_has_leads_nowhere(store: Store) -> None:
    assert store.confirm(digest("guess"), AT) is None
    assert store.leave(digest("guess"), AT) is None
    assert store.subscriber_leaving(digest("guess")) is None
    assert not store.erase("nobody", AT)


def test_a_stranger_who_types_a_confirmed_address_changes_nothing(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    assert store.subscribe(again("ann", address="ANN@example.org"), LATER) == ann
    assert store.confirm(digest("confirm ann again"), LATER) is None


def test_a_wish_repeated_before_it_is_confirmed_gets_the_newer_links(
    store: Store, subscribe: Subscribe
) -> None:
    subscribe("ann", confirmed=False)
    renewed = store.subscribe(again("ann"), LATER)
    assert (renewed.id, renewed.level, renewed.state) == ("id-of-ann", "retraction", "pending")
    assert store.confirm(digest("confirm ann"), LATER) is None
    assert store.confirm(digest("confirm ann again"), LATER) is not None


def test_an_old_confirmation_does_not_bring_back_a_reader_who_left(
    store: Store, subscribe: Subscribe
) -> None:
    subscribe("ann")
    store.leave(digest("leave ann"), LATER)
    returned = store.confirm(digest("confirm ann"), LAST)
    assert returned is not None
    assert returned.state == "left"


def test_a_reader_who_left_may_ask_again(store: Store, subscribe: Subscribe) -> None:
    subscribe("ann")
    store.leave(digest("leave ann"), LATER)
    assert store.subscribe(again("ann"), LAST).state == "pending"
    confirmed = store.confirm(digest("confirm ann again"), LAST)
    assert confirmed is not None
    assert (confirmed.state, confirmed.left_at) == ("confirmed", None)


def test_one_address_may_follow_two_topics(store: Store, subscribe: Subscribe) -> None:
    subscribe("ann")
    assert store.subscribe(again("ann", topic="other"), AT).topic == "other"
    assert len(store.subscribers(TOPIC)) == 1


def test_an_erased_reader_leaves_no_byte_behind(store: Store, subscribe: Subscribe) -> None:
    subscribe("rosalind-of-the-long-name")
    assert store.erase("id-of-rosalind-of-the-long-name", LATER)
    gone = store.subscriber("id-of-rosalind-of-the-long-name")
    assert gone is not None
    assert (gone.address, gone.name, gone.state) == (None, "", "left")
    for file in store.path.parent.glob("living.db*"):
        assert b"rosalind-of-the-long-name@" not in file.read_bytes()
    assert store.leave(digest("leave rosalind-of-the-long-name"), LAST) is None


def test_two_erased_readers_do_not_stand_in_each_others_way(store: Store, subscribe: Subscribe) -> None:
    for name in ("ann", "ben"):
        subscribe(name)
        assert store.erase(f"id-of-{name}", LATER)


def test_no_chain_ever_holds_an_address(
    store: Store, subscribe: Subscribe, insider: sqlite3.Connection
) -> None:
    subscribe("ann")
    store.leave(digest("leave ann"), LATER)
    store.erase("id-of-ann", LAST)
    bodies = insider.execute("SELECT body FROM operation UNION ALL SELECT body FROM ledger").fetchall()
    assert [op.kind for op in store.operations()] == ["subscribed", "left", "erased"]
    assert "@" not in str(bodies)
