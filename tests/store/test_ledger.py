"""The ledger: what is appended is what is read, in order, and it cannot be changed unseen."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import NotVerified, UserError
from living.model.chain import link_hash
from living.model.facts import Fact
from living.model.values import canonical, digest
from living.store import HeadMoved, Store
from living.store.chain import seal_of
from tests.factories import AT, EVERY_KIND, TOPIC, extraction, record, release, state, vote

LATER = "2026-03-02T06:00:00Z"
NOTHING_YET = "0" * 64


def said(*facts: Fact, by: str = "reader-1") -> list[tuple[str, Fact]]:
    return [(by, fact) for fact in facts]


def test_every_kind_of_fact_comes_back_as_it_was_said(store: Store) -> None:
    facts = [make() for make in EVERY_KIND]
    store.append(TOPIC, AT, said(*facts))
    assert store.state(TOPIC) == state(*facts)


def test_lines_are_numbered_from_one_in_each_topic(store: Store) -> None:
    store.append("a", AT, said(vote(), vote()))
    store.append("b", AT, said(vote()))
    added = store.append("a", AT, said(vote()))
    assert (added.first, added.last, len(added)) == (3, 3, 1)
    assert [line.seq for line in store.state("a").lines] == [1, 2, 3]
    assert [line.seq for line in store.state("b").lines] == [1]
    assert store.topics() == ("a", "b")


def test_the_state_as_of_a_line_is_what_was_known_then(store: Store) -> None:
    facts = [record(id=str(n)) for n in range(1, 6)]
    store.append(TOPIC, AT, said(*facts[:3]))
    then = store.state(TOPIC)
    store.append(TOPIC, LATER, said(*facts[3:]))
    assert store.state(TOPIC, as_of=3) == then
    assert store.state(TOPIC, as_of=3) == store.state(TOPIC).upto(3)
    assert store.state(TOPIC, as_of=0).lines == ()


def test_a_state_as_of_a_line_not_yet_written_is_refused(store: Store) -> None:
    store.append(TOPIC, AT, said(vote()))
    with pytest.raises(UserError, match="ends before line 2"):
        store.state(TOPIC, as_of=2)


def test_lines_after_a_line_are_the_newer_ones(store: Store) -> None:
    store.append(TOPIC, AT, said(vote(), extraction(), vote()))
    assert [line.seq for line in store.lines(TOPIC, after=1)] == [2, 3]


def test_a_topic_nobody_spoke_of_has_an_empty_state(store: Store) -> None:
    assert store.state("silence").lines == ()
    assert store.head("silence") == (0, NOTHING_YET)
    assert store.verify("silence") == (0, NOTHING_YET)


def test_appending_nothing_changes_nothing(store: Store) -> None:
    store.append(TOPIC, AT, said(vote()))
    before = store.head(TOPIC)
    assert len(store.append(TOPIC, AT, [])) == 0
    assert store.head(TOPIC) == before


def test_an_entry_that_fails_half_way_takes_the_whole_append_with_it(store: Store) -> None:
    def broken() -> Iterator[tuple[str, Fact]]:
        yield from said(*(record(id=str(n)) for n in range(1200)))
        raise ValueError("the page ends here")

    store.append(TOPIC, AT, said(vote()))
    with pytest.raises(ValueError, match="the page ends here"):
        store.append(TOPIC, AT, broken())
    assert store.head(TOPIC).seq == 1
    assert store.known(TOPIC, "pubmed") == {}


@pytest.mark.parametrize(
    ("by", "at"), [("", AT), ("reader-1", "yesterday"), ("reader-1", "2026-03-01T06:00:00+00:00")]
)
def test_a_line_without_an_author_or_a_utc_time_is_refused(store: Store, by: str, at: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        store.append(TOPIC, at, said(vote(), by=by))
    assert store.topics() == ()


def test_an_append_that_expects_another_head_is_refused(store: Store) -> None:
    store.append(TOPIC, AT, said(vote()), after=0)
    with pytest.raises(HeadMoved, match="from line 0 to line 1"):
        store.append(TOPIC, AT, said(vote()), after=0)
    assert store.append(TOPIC, AT, said(vote()), after=1).last == 2


def test_a_number_is_bound_once(store: Store) -> None:
    store.append(TOPIC, AT, said(release()))
    with pytest.raises(UserError, match=r"v1\.0 is already bound"):
        store.append(TOPIC, AT, said(vote(), release(digest=digest("other"))))
    assert store.head(TOPIC).seq == 1


# --- the chain -----------------------------------------------------------------------------------------


def test_a_hash_can_be_recomputed_from_what_the_line_says(store: Store, insider: sqlite3.Connection) -> None:
    store.append(TOPIC, AT, said(vote()))
    (salt,) = insider.execute("SELECT salt FROM ledger").fetchone()
    said_then = {"topic": TOPIC, "seq": 1, "at": AT, "by": "reader-1", "salt": salt}
    seal = digest(canonical(said_then | {"body": vote().model_dump(mode="json")}))
    head = digest(canonical({"topic": TOPIC, "seq": 1, "prev": NOTHING_YET, "seal": seal}))
    assert store.head(TOPIC) == (1, head)


def test_no_two_lines_share_a_salt_so_equal_votes_have_seals_that_differ(store: Store) -> None:
    """Which of a few votes was cast must not be found by trying each against its published seal."""
    store.append(TOPIC, AT, said(*(vote() for _ in range(50))))
    with sqlite3.connect(store.path) as reading:
        salts = {salt for (salt,) in reading.execute("SELECT salt FROM ledger")}
    reading.close()
    assert len(salts) == 50
    assert {len(salt) for salt in salts} == {32}


def test_the_seals_between_two_heads_prove_how_one_follows_from_the_other(store: Store) -> None:
    store.append(TOPIC, AT, said(*(vote() for _ in range(5))))
    found = store.chain(TOPIC, 2, 4)
    assert (found.after.seq, found.after.hash) == store.head(TOPIC, 2)
    head = found.after.hash
    for seq, seal in enumerate(found.seals, 3):
        head = link_hash(TOPIC, seq, head, seal)
    assert (found.head.seq, found.head.hash) == (4, head) == store.head(TOPIC, 4)
    assert (found.opened.seq, found.opened.body) == (4, canonical(vote()))
    assert seal_of(found.opened) == found.seals[-1]


@pytest.mark.parametrize(("after", "upto"), [(2, 2), (3, 2), (0, 6), (7, 8)])
def test_there_is_no_proof_between_heads_that_are_not_there(store: Store, after: int, upto: int) -> None:
    store.append(TOPIC, AT, said(*(vote() for _ in range(5))))
    with pytest.raises(NotVerified, match=r"ends before|has no lines"):
        store.chain(TOPIC, after, upto)


def test_the_head_at_a_line_stays_what_it_was(store: Store) -> None:
    first = store.append(TOPIC, AT, said(vote()))
    store.append(TOPIC, AT, said(vote()))
    assert store.head(TOPIC, 1) == (1, first.hash)
    with pytest.raises(UserError, match="no line 3"):
        store.head(TOPIC, 3)


@pytest.mark.parametrize("table", ["ledger", "operation"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {t} SET at = '2020-01-01T00:00:00Z'",
        "DELETE FROM {t}",
        "INSERT OR REPLACE INTO {t} ({c}) SELECT {c} FROM {t}",
    ],
    ids=["update", "delete", "replace"],
)
def test_a_line_can_be_neither_changed_nor_removed_nor_replaced(
    store: Store, insider: sqlite3.Connection, table: str, change: str
) -> None:
    store.append(TOPIC, AT, said(vote()))
    store.log(AT, "note", {"text": "hello"})
    columns = {
        "ledger": "topic, seq, at, by, salt, body, prev, hash",
        "operation": "seq, at, kind, body, prev, hash",
    }
    before = insider.execute(f"SELECT * FROM {table}").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|grows only at its end"):
        insider.execute(change.format(t=table, c=columns[table]))
    assert insider.execute(f"SELECT * FROM {table}").fetchall() == before


def test_a_line_that_does_not_extend_the_chain_is_refused(store: Store, insider: sqlite3.Connection) -> None:
    store.append(TOPIC, AT, said(vote()))
    insert = (
        "INSERT INTO ledger (topic, seq, at, by, salt, body, prev, hash) VALUES (?, ?, ?, 'x', '', ?, ?, ?)"
    )
    for seq, prev in [(3, store.head(TOPIC).hash), (2, "f" * 64)]:
        with pytest.raises(sqlite3.IntegrityError, match="grows only at its end"):
            insider.execute(insert, (TOPIC, seq, AT, canonical(vote()), prev, "e" * 64))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET body = replace(body, 'include', 'exclude') WHERE seq = 3",
        "UPDATE ledger SET body = replace(body, ':', ': ') WHERE seq = 3",
        "UPDATE ledger SET by = 'reader-2' WHERE seq = 3",
        "UPDATE ledger SET by = 'reader-1 ' WHERE seq = 3",
        "UPDATE ledger SET salt = replace(salt, substr(salt, 1, 1), 'x') WHERE seq = 3",
        "UPDATE ledger SET salt = '' WHERE seq = 3",
        "UPDATE ledger SET at = '2026-03-01T06:00:01Z' WHERE seq = 3",
        "UPDATE ledger SET hash = prev WHERE seq = 3",
        "UPDATE ledger SET seq = 9 WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 3",
    ],
)
def test_a_tampered_line_is_named(store: Store, insider: sqlite3.Connection, change: str) -> None:
    store.append(TOPIC, AT, said(*(vote() for _ in range(5))))
    for trigger in ("ledger_refuses_update", "ledger_refuses_delete"):
        insider.execute(f"DROP TRIGGER {trigger}")
    insider.execute(change)
    with pytest.raises(NotVerified, match=f"{TOPIC}, ledger line 3: the line is"):
        store.verify(TOPIC)


def test_a_tampered_operation_is_named(store: Store, insider: sqlite3.Connection) -> None:
    for n in range(3):
        store.log(AT, "note", {"n": n})
    assert store.verify_operations().seq == 3
    insider.execute("DROP TRIGGER operation_refuses_update")
    insider.execute("UPDATE operation SET body = '{\"n\":7}' WHERE seq = 2")
    with pytest.raises(NotVerified, match="operations line 2"):
        store.verify_operations()


# --- reading again -------------------------------------------------------------------------------------


def test_a_state_read_again_is_the_same_until_something_is_said(store: Store) -> None:
    store.append(TOPIC, AT, said(vote()))
    first = store.state(TOPIC)
    assert store.state(TOPIC) is first
    store.append(TOPIC, AT, said(extraction()))
    assert store.state(TOPIC) == state(vote(), extraction())
    assert first == state(vote())


def test_what_another_process_appended_is_read(store: Store, migrations: Path) -> None:
    store.append(TOPIC, AT, said(vote()))
    store.state(TOPIC)
    with Store.open(store.path, migrations) as other:
        other.append(TOPIC, AT, said(extraction()))
    assert store.state(TOPIC) == state(vote(), extraction())


def test_a_restored_backup_is_read_afresh(store: Store, insider: sqlite3.Connection) -> None:
    store.append(TOPIC, AT, said(vote(), vote()))
    insider.execute("BEGIN IMMEDIATE")
    insider.execute("DROP TRIGGER ledger_refuses_delete")
    store.state(TOPIC)
    insider.execute("DELETE FROM ledger WHERE seq = 2")
    insider.execute("COMMIT")
    assert store.state(TOPIC) == state(vote())
    store.append(TOPIC, LATER, said(extraction()))
    assert [line.at for line in store.state(TOPIC).lines] == [AT, LATER]
