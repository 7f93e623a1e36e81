"""Digests: held until their week or month is over, one letter for all of it, never empty, never twice."""

import sqlite3
from collections.abc import Callable

import pytest

from living.model.values import digest
from living.store import NewLetter, Store, Subscriber
from tests.factories import AT, TOPIC

MONDAY, NEXT_MONDAY = "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z"  # AT is Sunday, 1 March
MARCH, APRIL = "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"
NOW = "2026-03-02T06:00:00Z"
Subscribe = Callable[..., Subscriber]


@pytest.fixture
def weekly(store: Store, subscribe: Subscribe) -> Subscriber:
    subscribe("ann")
    chosen = store.choose(digest("leave ann"), "new_study", "weekly", AT)
    assert chosen is not None
    return chosen


def queue(store: Store, reader: Subscriber, event: str, at: str = AT, *, urgent: bool = False) -> int:
    letter = NewLetter(event=event, subscriber=reader.id, kind="minor", urgent=urgent)
    return store.queue_letters(TOPIC, at, [letter])


def test_news_for_a_weekly_reader_is_held_until_the_week_is_over(store: Store, weekly: Subscriber) -> None:
    assert [queue(store, weekly, "v1.0"), queue(store, weekly, "v1.0")] == [1, 0]
    assert store.letters(TOPIC) == ()
    assert store.make_digests(AT, MONDAY, MARCH) == 0
    assert store.make_digests(NOW, NEXT_MONDAY, MARCH) == 1
    [letter] = store.letters(TOPIC)
    assert (letter.kind, letter.state, letter.created_at) == ("digest", "queued", NOW)
    assert [item.event for item in store.told_in(letter.id)] == ["v1.0"]


def test_one_digest_tells_all_and_nothing_is_told_twice(store: Store, weekly: Subscriber) -> None:
    for event in ("v1.0", "v1.1", "v2.0"):
        queue(store, weekly, event)
    store.make_digests(NOW, NEXT_MONDAY, MARCH)
    assert store.make_digests(NOW, NEXT_MONDAY, MARCH) == 0
    assert queue(store, weekly, "v1.1", NOW) == 0
    [letter] = store.letters(TOPIC)
    assert [item.event for item in store.told_in(letter.id)] == ["v1.0", "v1.1", "v2.0"]


def test_there_is_no_digest_without_news(store: Store, weekly: Subscriber) -> None:
    assert store.due_digests(NOW, NEXT_MONDAY, APRIL) == ()
    assert store.make_digests(NOW, NEXT_MONDAY, APRIL) == 0


def test_looking_at_what_is_due_makes_nothing(store: Store, weekly: Subscriber) -> None:
    queue(store, weekly, "v1.0")
    before = store.held(TOPIC)
    [due] = store.due_digests(NOW, NEXT_MONDAY, MARCH)
    assert (due.items, due.letter.subscriber) == (before, weekly.id)
    assert (store.letters(TOPIC), store.held(TOPIC)) == ((), before)
    store.make_digests(NOW, NEXT_MONDAY, MARCH)
    assert store.letters(TOPIC)[0].message_id == due.letter.message_id


def test_what_is_urgent_waits_for_no_digest(store: Store, weekly: Subscriber) -> None:
    queue(store, weekly, "notice", urgent=True)
    assert [letter.event for letter in store.letters(TOPIC)] == ["notice"]
    assert queue(store, weekly, "notice") == 0
    assert store.held(TOPIC) == ()


def test_a_month_is_longer_than_a_week(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    store.choose(digest("leave ann"), "new_study", "monthly", AT)
    queue(store, ann, "v1.0")
    assert store.make_digests(NOW, NEXT_MONDAY, MARCH) == 0
    assert store.make_digests(APRIL, "2026-03-30T00:00:00Z", APRIL) == 1


def test_who_wants_letters_at_once_again_gets_what_was_held_now(store: Store, weekly: Subscriber) -> None:
    queue(store, weekly, "v1.0")
    store.choose(digest("leave ann"), "new_study", "at_once", AT)
    assert store.make_digests(AT, MONDAY, MARCH) == 1
    queue(store, weekly, "v1.1")
    assert [letter.kind for letter in store.letters(TOPIC)] == ["digest", "minor"]


def test_who_leaves_loses_what_was_held_and_what_was_queued(
    store: Store, weekly: Subscriber, insider: sqlite3.Connection
) -> None:
    queue(store, weekly, "v1.0")
    store.make_digests(NOW, NEXT_MONDAY, MARCH)
    queue(store, weekly, "v1.1", NOW)
    store.leave(digest("leave ann"), NOW)
    assert store.held(TOPIC) == ()
    assert [letter.state for letter in store.letters(TOPIC)] == ["withdrawn"]
    assert store.verify_store() == ()
    insider.execute("UPDATE held SET letter = NULL")
    assert store.verify_store() != ()


def test_an_event_is_told_once_and_not_to_those_who_came_later(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    letters = [NewLetter(event="n", subscriber=ann.id, kind="retraction", urgent=True)]
    assert store.tell_once(TOPIC, "n", AT, letters)
    ben = subscribe("ben")
    more = [*letters, NewLetter(event="n", subscriber=ben.id, kind="retraction", urgent=True)]
    assert not store.tell_once(TOPIC, "n", NOW, more)
    assert [letter.subscriber for letter in store.letters(TOPIC)] == [ann.id]
    assert store.told(TOPIC) == {"n"}
