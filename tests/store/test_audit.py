"""The invariants: a sound store has no findings, and each kind of damage has one that names it."""

import sqlite3
from collections.abc import Callable

import pytest

from living.model.values import digest
from living.store import Cursor, NewLetter, Run, Store, Subscriber
from tests.factories import AT, TOPIC, decision, record, release, vote

Subscribe = Callable[..., Subscriber]


@pytest.fixture
def lived(store: Store, subscribe: Subscribe) -> Store:
    """A store in which everything has happened once."""
    facts = [("machine", record(id="1")), ("machine", record(id="2"))]
    store.complete_run(TOPIC, "pubmed", AT, facts, Cursor(), Run(listed=3, fetched=2), absent=["3"])
    store.append(TOPIC, AT, [("reader-1", vote()), ("machine", release())])
    store.decide_once(TOPIC, digest("inputs"), AT, decision())
    letters = [
        NewLetter(event="v1.0", subscriber=subscribe(name).id, kind="new_study") for name in ("ann", "ben")
    ]
    store.commit_publication(TOPIC, "v1.0", release().digest, AT, digest("manifest"), letters)
    first, _ = store.lease_letters(AT, "daemon", 10, 60)
    store.mark_sending(first.letter.id, "daemon", AT)
    store.mark_sent(first.letter.id, AT)
    store.leave(digest("leave ben"), AT)
    return store


def test_a_store_in_which_everything_happened_has_no_findings(lived: Store) -> None:
    assert lived.verify_store() == ()


def test_an_empty_store_has_no_findings(store: Store) -> None:
    assert store.verify_store() == ()


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE ledger SET by = 'x' WHERE seq = 2", "I11: toy-topic, ledger line 2"),
        ("UPDATE operation SET at = '' WHERE seq = 1", "I11: operations line 1"),
        (
            "DELETE FROM ledger WHERE seq = 4",
            "I11: toy-topic: the ledger no longer holds line 4 as v1.0 has it",
        ),
        ("DELETE FROM ledger WHERE seq > 1", "I11: toy-topic: the ledger no longer holds line 2 as a run at"),
        ("UPDATE run SET listed = 9", "I1: run 1 of pubmed for toy-topic: 9 ids listed"),
        ("UPDATE run SET appended = 1", "I1: run 1 of pubmed for toy-topic: 2 entries fetched"),
        ("DELETE FROM ledger", "I1: run 1 of pubmed for toy-topic: it stored line 2, which is gone"),
        ("UPDATE record SET content_hash = 'x' WHERE id = '2'", "differs from the ledger at pubmed:2"),
        ("DELETE FROM record WHERE id = '1'", "differs from the ledger at pubmed:1"),
        ("DELETE FROM release", "the release table differs from the ledger at v1.0"),
        ("UPDATE letter SET state = 'queued' WHERE state = 'withdrawn'", "I10: letter"),
        ("DELETE FROM subscriber WHERE id = 'id-of-ann'", "letter points to no subscriber"),
    ],
)
def test_damage_is_named(lived: Store, insider: sqlite3.Connection, damage: str, finding: str) -> None:
    for (trigger,) in insider.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        insider.execute(f"DROP TRIGGER {trigger}")
    insider.execute("PRAGMA ignore_check_constraints = ON")
    insider.execute(damage)
    assert any(finding in found for found in lived.verify_store()), lived.verify_store()


def test_a_letter_sent_twice_is_found_in_the_log(lived: Store) -> None:
    delivery = lived.operations(kind="delivery")[0]
    lived.log(AT, "delivery", delivery.body)
    [finding] = lived.verify_store()
    assert finding == f"I8: letter {delivery.body['message_id']} was sent 2 times"


def test_content_stored_twice_in_a_row_is_found(lived: Store) -> None:
    lived.append(TOPIC, AT, [("machine", record(id="2"))])
    assert lived.verify_store() == ("I2: toy-topic: line 5 repeats the content of pubmed:2 unchanged",)


def test_content_that_changes_and_changes_back_is_no_finding(lived: Store) -> None:
    lived.append(TOPIC, AT, [("machine", record(id="2", title="Other")), ("machine", record(id="2"))])
    assert lived.verify_store() == ()


def test_the_first_live_sight_of_a_seeded_record_is_no_finding(lived: Store) -> None:
    lived.append(TOPIC, AT, [("import", record(id="7", seeded=True)), ("machine", record(id="7"))])
    assert lived.verify_store() == ()
