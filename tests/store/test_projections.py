"""Typed tables follow the ledger, and can be made again from it."""

import sqlite3

import pytest

from living.model.values import digest
from living.store import Store
from tests.factories import AT, TOPIC, record, registered, registration, release, vote


def grow(store: Store, topic: str = TOPIC) -> None:
    first = [record(id="1"), registered(), record(id="2", seeded=True), vote()]
    later = [
        record(id="1", version=2, title="A better title"),
        registered(
            registration=registration(status="COMPLETED", has_results=True, last_update_posted="2026-03-02")
        ),
        release(),
        release(minor=1, digest=digest("v1.1")),
    ]
    for facts in (first, later):
        store.append(topic, AT, [("machine", fact) for fact in facts])


def test_what_is_known_of_a_record_is_its_latest_content(store: Store) -> None:
    grow(store)
    known = store.known(TOPIC, "pubmed")
    assert known.keys() == {"1", "2"}
    assert (known["1"].first_seq, known["1"].last_seq, known["1"].version) == (1, 5, 2)
    assert known["1"].content_hash == record(id="1", version=2, title="A better title").content_hash
    assert (known["2"].seeded, known["1"].seeded) == (True, False)


def test_a_registration_is_known_by_what_tells_that_it_moved(store: Store) -> None:
    grow(store)
    trial = store.known(TOPIC, "ctgov")["NCT09000001"]
    assert (trial.last_update_posted, trial.status, trial.has_results) == ("2026-03-02", "COMPLETED", True)


def test_two_topics_do_not_see_each_other(store: Store) -> None:
    grow(store)
    store.append("other", AT, [("machine", record(id="9"))])
    assert store.known("other", "pubmed").keys() == {"9"}
    assert store.known("other", "ctgov") == {}


@pytest.mark.parametrize("damage", ["none", "DELETE FROM {t}", "UPDATE {t} SET {c} = 'nonsense'"])
def test_tables_rebuilt_from_the_ledger_equal_those_kept_line_by_line(
    store: Store, insider: sqlite3.Connection, damage: str
) -> None:
    grow(store)
    grow(store, "other")
    tables = {"record": "status", "release": "digest"}

    def rows() -> list[list[tuple[object, ...]]]:
        return [insider.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables]

    kept = rows()
    if damage != "none":
        for table, column in tables.items():
            insider.execute(damage.format(t=table, c=column) + f" WHERE topic = '{TOPIC}'")
        assert rows() != kept
        assert any("rebuild it" in finding for finding in store.verify_store())
    store.rebuild(TOPIC)
    assert rows() == kept
