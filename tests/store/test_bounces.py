"""Letters that came back: counted once each, an address stopped after several in a row."""

from collections.abc import Callable

from living.model.values import digest
from living.store import NewLetter, NewSubscriber, Store, Subscriber
from tests.factories import AT, TOPIC

LATER = "2026-03-02T06:00:00Z"
LIMIT = 3
Subscribe = Callable[..., Subscriber]


def sent(store: Store, reader: Subscriber, event: str) -> str:
    """A letter that the mail server took; returns its id."""
    store.queue_letters(TOPIC, AT, [NewLetter(event=event, subscriber=reader.id, kind="minor")])
    [leased] = store.lease_letters(AT, "daemon", 10, 60)
    assert store.mark_sending(leased.letter.id, "daemon", AT)
    assert store.mark_sent(leased.letter.id, AT)
    return leased.letter.message_id


def stopped(store: Store, reader: Subscriber) -> str:
    found = store.subscriber(reader.id)
    assert found is not None
    return found.stopped


def back(store: Store, message_id: str) -> bool:
    found = store.note_bounce(message_id, LATER, "550 5.1.1 no such user", LIMIT)
    assert found is not None
    return found.stopped


def test_an_address_is_stopped_when_several_letters_in_a_row_came_back(
    store: Store, subscribe: Subscribe
) -> None:
    ann = subscribe("ann")
    letters = [sent(store, ann, f"v1.{number}") for number in range(LIMIT)]
    assert [back(store, letter) for letter in letters] == [False, False, True]
    assert stopped(store, ann) == "3 letters in a row came back; the last: 550 5.1.1 no such user"
    assert {bounce.message_id for bounce in store.bounces(TOPIC)} == set(letters)
    store.queue_letters(TOPIC, LATER, [NewLetter(event="v2.0", subscriber=ann.id, kind="major")])
    assert store.lease_letters(LATER, "daemon", 10, 60) == ()
    assert [operation.kind for operation in store.operations()].count("stopped") == 1


def test_a_letter_that_arrived_in_between_breaks_the_row(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    letters = [sent(store, ann, f"v1.{number}") for number in range(4)]
    assert [back(store, letters[number]) for number in (0, 1, 3)] == [False, False, False]
    assert stopped(store, ann) == ""


def test_a_report_that_comes_twice_counts_once(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    letter = sent(store, ann, "v1.0")
    for _ in range(LIMIT + 1):
        assert not back(store, letter)
    assert store.letters(TOPIC)[0].error == "bounced: 550 5.1.1 no such user"
    assert store.letters(TOPIC)[0].state == "sent"


def test_a_letter_that_is_not_ours_counts_for_nobody(store: Store) -> None:
    assert store.note_bounce("f" * 32, AT, "550", LIMIT) is None


def test_what_waits_for_a_stopped_address_is_taken_back(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    letters = [sent(store, ann, f"v1.{number}") for number in range(LIMIT)]
    store.queue_letters(TOPIC, AT, [NewLetter(event="v2.0", subscriber=ann.id, kind="major")])
    for letter in letters:
        back(store, letter)
    assert store.letters(TOPIC)[-1].state == "withdrawn"


def test_a_stopped_reader_may_ask_and_confirm_again(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    for letter in [sent(store, ann, f"v1.{number}") for number in range(LIMIT)]:
        back(store, letter)
    wish = NewSubscriber.model_validate(
        {
            "id": "another",
            "topic": TOPIC,
            "address": "ann@example.org",
            "level": "new_study",
            "confirm_hash": digest("again"),
            "leave_hash": digest("leave again"),
        }
    )
    assert store.subscribe(wish, LATER).state == "pending"
    again = store.confirm(digest("again"), LATER)
    assert again is not None
    assert (again.state, again.stopped) == ("confirmed", "")


def test_the_team_is_never_stopped_and_who_is_no_longer_in_it_is_erased(store: Store) -> None:
    store.team({"t1": "team@example.org", "t2": "other@example.org"}, AT)
    team = store.subscriber("t1")
    assert team is not None
    for letter in [sent(store, team, f"n{number}") for number in range(LIMIT)]:
        back(store, letter)
    assert stopped(store, team) == ""
    assert store.subscribers(TOPIC) == ()
    store.team({"t2": "other@example.org"}, LATER)
    gone = store.subscriber("t1")
    assert gone is not None
    assert (gone.address, gone.state) == (None, "left")
    store.team({"t1": "team@example.org"}, LATER)
    returned = store.subscriber("t1")
    assert returned is not None
    assert (returned.address, returned.state) == ("team@example.org", "confirmed")


def test_a_member_of_the_team_may_be_a_reader_too(store: Store, subscribe: Subscribe) -> None:
    reader = subscribe("ann")
    store.team({"t1": "ann@example.org"}, AT)
    assert [found.id for found in store.subscribers(TOPIC)] == [reader.id]
