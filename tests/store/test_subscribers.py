"""Readers ask, confirm, leave, and are forgotten when they wish."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta

from living.model.values import digest, later
from living.store import CONFIRMATION, NewLetter, NewSubscriber, Store, Subscriber
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


# --- choosing, and asking too often ---------------------------------------------------------------------


def test_a_confirmed_reader_changes_level_and_pace_without_leaving(
    store: Store, subscribe: Subscribe
) -> None:
    subscribe("ann")
    for _ in range(2):
        chosen = store.choose(digest("leave ann"), "retraction", "monthly", LATER)
        assert chosen is not None
        assert (chosen.level, chosen.pace, chosen.state) == ("retraction", "monthly", "confirmed")
    assert [item.kind for item in store.operations()] == ["subscribed", "chose"]


def test_who_has_not_confirmed_or_has_left_chooses_nothing(store: Store, subscribe: Subscribe) -> None:
    subscribe("ann", confirmed=False)
    subscribe("ben")
    store.leave(digest("leave ben"), LATER)
    for name in ("ann", "ben"):
        found = store.choose(digest(f"leave {name}"), "retraction", "weekly", LAST)
        assert found is not None
        assert (found.level, found.pace) == ("new_study", "at_once")
    assert store.choose(digest("guess"), "retraction", "weekly", LAST) is None


def test_a_confirmation_that_waits_is_taken_back_when_another_was_used(
    store: Store, subscribe: Subscribe
) -> None:
    ann = subscribe("ann", confirmed=False)
    for day in ("2026-03-01", "2026-03-02"):
        letter = NewLetter(event=f"confirm-{day}", subscriber=ann.id, kind=CONFIRMATION)
        store.queue_letters(TOPIC, AT, [letter])
    store.confirm(digest("confirm ann"), LATER)
    assert {letter.state for letter in store.letters(TOPIC)} == {"withdrawn"}
    late = NewLetter(event="confirm-2026-03-03", subscriber=ann.id, kind=CONFIRMATION)
    store.queue_letters(TOPIC, LATER, [late])
    assert store.lease_letters(LAST, "daemon", 10, 60) == ()


def ask(store: Store, who: str, at: str) -> str:
    day_ago, hour_ago = later(at, timedelta(days=-1)), later(at, timedelta(hours=-1))
    return store.may_ask(who, at, hour_ago=hour_ago, day_ago=day_ago, of_address=2, of_all=4)


def test_one_address_may_be_typed_in_twice_a_day_and_not_more(store: Store) -> None:
    assert [ask(store, "a", f"2026-03-02T0{hour}:00:00Z") for hour in (1, 2, 3)] == ["yes", "yes", "address"]
    assert ask(store, "b", "2026-03-02T03:00:00Z") == "yes"
    assert ask(store, "a", "2026-03-03T02:30:00Z") == "yes"


def test_all_together_may_ask_so_often_an_hour_and_then_the_next(store: Store) -> None:
    asked = [ask(store, name, f"2026-03-02T05:0{number}:00Z") for number, name in enumerate("abcde")]
    assert asked == ["yes"] * 4 + ["all"]
    assert ask(store, "e", "2026-03-02T06:30:00Z") == "yes"
