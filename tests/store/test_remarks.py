"""Remarks and assignments: words and requests between people, beside the chain and not on it."""

import sqlite3

from living.store import Assignment, NewRemark, Store
from tests.factories import AT, TOPIC

STUDY = "pubmed:90000001"
LATER = "2026-03-02T06:00:00Z"


def write(store: Store, text: str = "Is arm 2 the same dose?", **more: object) -> int:
    given: dict[str, object] = {"study": STUDY, "by": "p-ann", "text": text, **more}
    return store.remark(TOPIC, AT, NewRemark.model_validate(given))


def test_remarks_come_back_oldest_first_and_of_their_topic_alone(store: Store) -> None:
    first = write(store)
    answer = write(store, "Yes, table 1.", by="p-ben", answers=first)
    write(store, "Elsewhere", study="pubmed:2")
    assert [item.id for item in store.remarks(TOPIC, frozenset({STUDY}))] == [first, answer]
    assert len(store.remarks(TOPIC)) == 3
    assert store.remarks("another") == ()
    assert store.remark_of("another", first) is None
    assert store.remark_of(TOPIC, answer).answers == first  # type: ignore[union-attr]


def test_a_remark_is_dealt_with_and_opened_again(store: Store) -> None:
    number = write(store)
    assert store.remark_done(TOPIC, number, True)
    assert store.remark_of(TOPIC, number).done  # type: ignore[union-attr]
    assert store.remark_done(TOPIC, number, False)
    assert not store.remark_done("another", number, True)


def test_an_erased_remark_leaves_its_place_and_none_of_its_words(store: Store) -> None:
    number = write(store, "words that should not be here, zyzzyva")
    assert store.erase_remark(TOPIC, number, "p-root", LATER)
    assert not store.erase_remark(TOPIC, number, "p-root", LATER)
    assert store.remark_of(TOPIC, number).text == ""  # type: ignore[union-attr]
    assert b"zyzzyva" not in store.path.read_bytes()
    [erased] = store.operations(kind="remark_erased")
    assert erased.body == {"topic": TOPIC, "remark": number, "by": "p-root"}


def test_a_task_is_assigned_once_and_taken_back(store: Store, insider: sqlite3.Connection) -> None:
    asked = Assignment(study=STUDY, task="extract", account="p-ann", by="p-ed", at=AT)
    assert store.assign(TOPIC, asked)
    assert not store.assign(TOPIC, asked.model_copy(update={"by": "p-other", "at": LATER}))
    assert store.assignments(TOPIC) == (asked,)
    assert store.unassign(TOPIC, STUDY, "extract", "p-ann", "p-ed", LATER)
    assert not store.unassign(TOPIC, STUDY, "extract", "p-ann", "p-ed", LATER)
    assert store.assignments(TOPIC) == ()
    told = [(item.kind, item.body["account"]) for item in store.operations()]
    assert told == [("assigned", "p-ann"), ("unassigned", "p-ann")]
