"""Letters to the team: each task told to each person once, none against a wish, none about what is done."""

import sqlite3
from collections.abc import Callable

import pytest

from living.model.values import digest
from living.store import DESK, TASKS, NewNote, Store
from tests.factories import AT, TOPIC

TODAY, TOMORROW = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"  # AT is 1 March
NEXT_DAY = "2026-03-02T06:00:00Z"
Join = Callable[..., str]


@pytest.fixture
def join(store: Store, insider: sqlite3.Connection) -> Join:
    """Somebody with an account, as the accounts' own room would have it."""

    def somebody(name: str = "ann", letters: str = "at_once") -> str:
        insider.execute(
            "INSERT INTO account (id, login, name, address, password_hash, totp_secret, totp_confirmed,"
            " totp_last, state, letters, created_at, changed_at)"
            " VALUES (?, ?, ?, ?, '', '', 0, 0, 'active', ?, ?, ?)",
            (f"p-{name}", name, name.title(), f"{name}@team.example.org", letters, AT, AT),
        )
        return f"p-{name}"

    return somebody


def new(event: str = "screen 1", account: str = "p-ann") -> NewNote:
    return NewNote(topic=TOPIC, account=account, event=event, detail='{"kind":"screen"}')


def leave_hash(account: str) -> str:
    return digest(f"leave {account}")


def make(store: Store, now: str = AT, day: str = TODAY) -> int:
    return store.make_team_letters(now, day, leave_hash)


def test_a_task_is_kept_once_and_told_in_one_letter(store: Store, join: Join) -> None:
    ann = join()
    assert [
        store.note_tasks(AT, [new(), new("screen 2")]),
        store.note_tasks(AT, [new(), new("screen 2")]),
    ] == [2, 0]
    assert [make(store), make(store)] == [1, 0]
    [letter] = store.letters(DESK)
    assert (letter.subscriber, letter.kind, letter.state) == (ann, TASKS, "queued")
    assert [note.event for note in store.told_to_team(letter.id)] == ["screen 1", "screen 2"]
    store.note_tasks(AT, [new(), new("screen 2")])
    assert make(store) == 0


def test_the_letter_goes_to_the_address_of_the_account_as_it_is_then(
    store: Store, join: Join, insider: sqlite3.Connection
) -> None:
    join()
    store.note_tasks(AT, [new()])
    make(store)
    insider.execute("UPDATE account SET address = 'new@team.example.org'")
    [leased] = store.lease_letters(AT, "me", 10, 60)
    assert leased.address == "new@team.example.org"
    assert insider.execute("SELECT address FROM subscriber").fetchall() == [(None,)]


def test_what_waits_no_longer_is_not_told(store: Store, join: Join) -> None:
    join(letters="daily")
    store.note_tasks(AT, [new(), new("screen 2")])
    store.note_tasks(AT, [new("screen 2")])
    make(store, NEXT_DAY, TOMORROW)
    [letter] = store.letters(DESK)
    assert [note.event for note in store.told_to_team(letter.id)] == ["screen 2"]


def test_a_daily_letter_waits_for_the_next_day_and_tells_all(store: Store, join: Join) -> None:
    join(letters="daily")
    store.note_tasks(AT, [new()])
    assert make(store, AT, TODAY) == 0
    store.note_tasks(NEXT_DAY, [new(), new("screen 2")])
    assert make(store, NEXT_DAY, TOMORROW) == 1
    [letter] = store.letters(DESK)
    assert len(store.told_to_team(letter.id)) == 2


@pytest.mark.parametrize("change", ["letters = 'none'", "state = 'closed'", "address = NULL"])
def test_nothing_is_begun_for_who_wants_no_letter_whatever_the_moment(
    store: Store, join: Join, insider: sqlite3.Connection, change: str
) -> None:
    join()
    store.note_tasks(AT, [new()])
    make(store)
    [leased] = store.lease_letters(AT, "me", 10, 600)
    insider.execute(f"UPDATE account SET {change}")
    assert not store.mark_sending(leased.letter.id, "me", AT)
    make(store)
    assert [letter.state for letter in store.letters(DESK)] == ["withdrawn"]
    store.note_tasks(AT, [new(), new("screen 9")])
    assert make(store) == 0
    assert store.verify_store() == ()


def test_the_link_in_the_letter_ends_the_letters_and_the_account_knows(
    store: Store, join: Join, insider: sqlite3.Connection
) -> None:
    ann = join()
    store.note_tasks(AT, [new()])
    make(store)
    left = store.leave(leave_hash(ann), AT)
    assert left is not None
    assert left.state == "left"
    assert insider.execute("SELECT letters FROM account").fetchone() == ("none",)
    assert [letter.state for letter in store.letters(DESK)] == ["withdrawn"]
    store.note_tasks(AT, [new("screen 2")])
    assert make(store) == 0
    insider.execute("UPDATE account SET letters = 'at_once'")
    assert make(store) == 1
    assert store.verify_store() == ()


def test_nobody_is_told_what_is_another_s(store: Store, join: Join) -> None:
    join("ann")
    join("ben")
    store.note_tasks(AT, [new(account="p-ben")])
    make(store)
    assert [letter.subscriber for letter in store.letters(DESK)] == ["p-ben"]
    assert store.team_notes("p-ann") == ()
