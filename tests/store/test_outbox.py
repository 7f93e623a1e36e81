"""Each letter once: leased, committed to, and never sent again when it may have arrived."""

from collections.abc import Callable

import pytest

from living.model.values import digest
from living.store import CONFIRMATION, Letter, NewLetter, Store, Subscriber
from tests.factories import AT, TOPIC

SOON, LATER, TOMORROW = "2026-03-01T06:00:30Z", "2026-03-01T06:10:00Z", "2026-03-02T06:00:00Z"
Subscribe = Callable[..., Subscriber]


def queue(store: Store, *readers: Subscriber, event: str = "v1.0", kind: str = "new_study") -> int:
    letters = [NewLetter(event=event, subscriber=reader.id, kind=kind) for reader in readers]
    return store.queue_letters(TOPIC, AT, letters)


def lease(
    store: Store, now: str = AT, owner: str = "daemon", limit: int = 10, seconds: int = 60
) -> list[Letter]:
    return [one.letter for one in store.lease_letters(now, owner, limit, seconds)]


def begun(store: Store) -> Letter:
    [letter] = lease(store)
    assert store.mark_sending(letter.id, "daemon", AT)
    return letter


def only(store: Store) -> Letter:
    [letter] = store.letters(TOPIC)
    return letter


def test_a_letter_is_queued_once_per_event_reader_and_kind(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    assert [queue(store, ann), queue(store, ann), queue(store, ann, event="v1.1")] == [1, 0, 1]
    assert queue(store, ann, kind="catch_up") == 1
    assert len({letter.message_id for letter in store.letters(TOPIC)}) == 3


def test_a_leased_letter_knows_where_it_goes(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    [leased] = store.lease_letters(AT, "daemon", 10, 60)
    assert (leased.address, leased.name) == ("ann@example.org", "Ann")
    assert (leased.letter.state, leased.letter.lease_until) == ("leased", "2026-03-01T06:01:00Z")


def test_no_letter_is_leased_to_two(store: Store, subscribe: Subscribe) -> None:
    queue(store, *(subscribe(name) for name in ("ann", "ben", "cas")))
    first, second = lease(store, owner="a", limit=2), lease(store, owner="b", limit=2)
    assert (len(first), len(second)) == (2, 1)
    assert {one.id for one in first}.isdisjoint(one.id for one in second)


def test_a_lease_that_ran_out_may_be_taken_over(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    [first] = lease(store, owner="a")
    assert lease(store, SOON, owner="b") == []
    [again] = lease(store, LATER, owner="b")
    assert (again.id, again.message_id) == (first.id, first.message_id)
    assert not store.mark_sending(first.id, "a", LATER)
    assert store.mark_sending(first.id, "b", LATER)


def test_an_expired_lease_is_no_leave_to_send(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    [letter] = lease(store)
    assert not store.mark_sending(letter.id, "daemon", LATER)


def test_a_sent_letter_is_done(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    letter = begun(store)
    assert store.mark_sent(letter.id, SOON)
    assert (only(store).state, only(store).attempts, only(store).changed_at) == ("sent", 1, SOON)
    assert lease(store, TOMORROW) == []
    [told] = store.operations(kind="delivery")
    assert told.body == {
        "message_id": letter.message_id,
        "subscriber": "id-of-ann",
        "attempts": 1,
        "state": "sent",
    }


def test_a_letter_to_retry_waits_for_its_time_and_keeps_its_name(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    letter = begun(store)
    assert store.mark_retry(letter.id, SOON, TOMORROW, "451 try later")
    assert lease(store, LATER) == []
    [again] = lease(store, TOMORROW)
    assert (again.message_id, again.attempts, again.error) == (letter.message_id, 1, "451 try later")


@pytest.mark.parametrize("end", ["failed", "unknown", "sent"])
def test_a_letter_that_ended_is_never_leased_or_ended_again(
    store: Store, subscribe: Subscribe, end: str
) -> None:
    queue(store, subscribe("ann"))
    letter = begun(store)
    finish = {
        "failed": lambda: store.mark_failed(letter.id, SOON, "550 no such user"),
        "unknown": lambda: store.mark_unknown(letter.id, SOON, "connection lost after DATA"),
        "sent": lambda: store.mark_sent(letter.id, SOON),
    }
    assert finish[end]()
    assert not any(again() for again in finish.values())
    assert not store.mark_retry(letter.id, LATER, LATER, "again")
    assert lease(store, TOMORROW) == []
    assert only(store).state == end


def test_only_a_letter_begun_can_be_sent_or_unknown(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    [letter] = lease(store)
    assert not store.mark_sent(letter.id, SOON)
    assert not store.mark_unknown(letter.id, SOON, "?")
    assert store.mark_retry(letter.id, SOON, LATER, "connection refused")


def test_a_letter_found_begun_after_a_crash_is_unknown_and_stays_so(
    store: Store, subscribe: Subscribe
) -> None:
    queue(store, subscribe("ann"))
    begun(store)
    recovered = store.recover_letters(SOON)
    assert (recovered.unknown, recovered.requeued) == (1, 0)
    assert only(store).state == "unknown"
    assert store.recover_letters(LATER).unknown == 0
    assert lease(store, TOMORROW) == []


def test_a_letter_only_leased_at_a_crash_is_sent_later(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    lease(store)
    assert store.recover_letters(SOON).requeued == 1
    assert len(lease(store, SOON)) == 1


def test_recovery_beside_a_living_sender_takes_only_what_ran_out(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    queue(store, subscribe("ben"))
    begun_one, _ = lease(store)
    store.mark_sending(begun_one.id, "daemon", AT)
    early = store.recover_letters(SOON, alone=False)
    assert (early.unknown, early.requeued) == (0, 0)
    late = store.recover_letters(LATER, alone=False)
    assert (late.unknown, late.requeued) == (1, 1)


# --- wishes --------------------------------------------------------------------------------------------


def test_nothing_is_leased_for_a_reader_who_has_not_confirmed(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann", confirmed=False)
    queue(store, ann)
    queue(store, ann, event=digest("confirm ann"), kind=CONFIRMATION)
    assert [letter.kind for letter in lease(store)] == [CONFIRMATION]


def test_nothing_is_leased_for_a_reader_who_left(store: Store, subscribe: Subscribe) -> None:
    ann = subscribe("ann")
    queue(store, ann)
    store.leave(digest("leave ann"), SOON)
    queue(store, ann, event="v1.1")
    assert lease(store, TOMORROW) == []
    assert [letter.state for letter in store.letters(TOPIC)] == ["withdrawn"]


def test_a_reader_who_leaves_between_lease_and_sending_gets_no_letter(
    store: Store, subscribe: Subscribe
) -> None:
    queue(store, subscribe("ann"))
    [letter] = lease(store)
    store.leave(digest("leave ann"), SOON)
    assert not store.mark_sending(letter.id, "daemon", SOON)
    assert only(store).state == "withdrawn"


def test_a_letter_refused_for_now_is_withdrawn_when_its_reader_left_meanwhile(
    store: Store, subscribe: Subscribe
) -> None:
    queue(store, subscribe("ann"))
    letter = begun(store)
    store.leave(digest("leave ann"), SOON)
    assert store.mark_retry(letter.id, SOON, LATER, "451 try later")
    assert only(store).state == "withdrawn"
    assert store.verify_store() == ()


def test_an_erased_reader_gets_no_letter(store: Store, subscribe: Subscribe) -> None:
    queue(store, subscribe("ann"))
    [letter] = lease(store)
    store.erase("id-of-ann", SOON)
    assert not store.mark_sending(letter.id, "daemon", SOON)
    assert lease(store, TOMORROW) == []
