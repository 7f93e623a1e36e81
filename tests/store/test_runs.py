"""Searches: the cursor moves only with the records of a complete, reconciled run."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.errors import NotVerified, SourceDown
from living.model.facts import Fact
from living.store import Cursor, Run, Store
from living.store.aside import IN_MEMORY, set_aside
from tests.factories import AT, TOPIC, link, record

NEXT = "2026-03-01T12:00:00Z"
SECOND = "2026-03-01T12:00:07Z"
THIRD = "2026-03-02T18:00:00Z"
CURSOR = Cursor(watermark="2026-03-01", query_digest="q1", next_due_at=NEXT, translation="salt[tiab]")


def entries(*ids: str) -> list[tuple[str, Fact]]:
    return [("machine", record(id=one)) for one in ids]


def counted(listed: int, *, skipped: int = 0, absent: int = 0, unchanged: int = 0) -> Run:
    fetched = listed - skipped - absent
    return Run(
        mode="window", window="crdt", listed=listed, skipped=skipped, fetched=fetched, unchanged=unchanged
    )


def poll(
    store: Store, at: str = AT, *ids: str, absent: tuple[str, ...] = (), cursor: Cursor = CURSOR
) -> None:
    run = counted(len(ids) + len(absent), absent=len(absent))
    store.complete_run(TOPIC, "pubmed", at, entries(*ids), cursor, run, absent)


def test_a_complete_run_brings_records_cursor_and_count_together(store: Store) -> None:
    facts = [*entries("1", "2"), ("machine", link(a="pubmed:1"))]
    lines = store.complete_run(TOPIC, "pubmed", AT, facts, CURSOR, counted(5, skipped=2, unchanged=1))
    assert (lines.first, lines.last) == (1, 3)
    cursor = store.cursor(TOPIC, "pubmed")
    assert cursor == CURSOR.model_copy(update={"last_complete_at": AT, "last_attempt_at": AT})
    [run] = store.runs(TOPIC, "pubmed")
    assert (run.outcome, run.at, run.listed, run.skipped, run.fetched) == ("complete", AT, 5, 2, 3)
    assert (run.appended, run.unchanged, run.first_seq, run.last_seq) == (2, 1, 1, 3)
    [told] = store.operations(kind="run")
    assert told.body["ledger_head"] == store.head(TOPIC).hash


def test_a_source_never_read_has_no_cursor(store: Store) -> None:
    assert store.cursor(TOPIC, "pubmed") is None
    assert store.runs(TOPIC, "pubmed") == ()


def test_a_poll_that_finds_nothing_moves_only_the_pulse(store: Store) -> None:
    poll(store, AT, "1")
    head = store.head(TOPIC)
    store.complete_run(TOPIC, "pubmed", SECOND, [], CURSOR, counted(1, skipped=1))
    assert store.head(TOPIC) == head
    assert store.runs(TOPIC, "pubmed")[0].last_seq == head.seq
    assert store.verify_store() == ()


@pytest.mark.parametrize(
    ("run", "missing"),
    [
        (counted(4), "3 unaccounted"),
        (counted(3, skipped=1), "one too many"),
        (Run(listed=4, fetched=3), "listed but neither fetched nor absent"),
        (Run(listed=3, fetched=3, unchanged=1), "unchanged and appended"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_run_that_does_not_account_for_every_id_changes_nothing(
    store: Store, run: Run, missing: str
) -> None:
    with pytest.raises(NotVerified, match="does not reconcile"):
        store.complete_run(TOPIC, "pubmed", AT, entries("1", "2", "3"), CURSOR, run)
    assert store.cursor(TOPIC, "pubmed") is None
    assert store.topics() == ()
    assert store.runs(TOPIC, "pubmed") == ()


def test_a_page_that_breaks_while_it_is_stored_leaves_the_cursor(store: Store) -> None:
    def torn() -> Iterator[tuple[str, Fact]]:
        yield from entries("1", "2")
        raise SourceDown("pubmed", "the page ends here")

    with pytest.raises(SourceDown):
        store.complete_run(TOPIC, "pubmed", AT, torn(), CURSOR, counted(3))
    assert store.cursor(TOPIC, "pubmed") is None
    assert store.known(TOPIC, "pubmed") == {}


def test_others_write_while_a_search_is_read(store: Store) -> None:
    def slow() -> Iterator[tuple[str, Fact]]:
        yield from entries("1")
        store.append("another", AT, entries("9"))  # it would wait for the lock in vain
        yield from entries("2")

    lines = store.complete_run(TOPIC, "pubmed", AT, slow(), CURSOR, counted(2))
    assert (lines.first, lines.last) == (1, 2)
    assert store.topics() == ("another", TOPIC)
    assert store.verify_store() == ()


def test_what_is_set_aside_in_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    words = "é\u2028 \t \\ end\n" * 1000
    facts = [("machine", record(id=str(number), title=words)) for number in range(IN_MEMORY // 9_000)]
    with set_aside(facts, tmp_path) as held:
        assert list(held) == facts
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_pushes_the_due_time_and_never_the_watermark(store: Store) -> None:
    poll(store)
    after = store.failed_run(TOPIC, "pubmed", SECOND, "pubmed: timed out", THIRD, payload="ab" * 32)
    assert after == store.cursor(TOPIC, "pubmed")
    assert (after.watermark, after.query_digest, after.last_complete_at) == ("2026-03-01", "q1", AT)
    assert (after.failures, after.last_error, after.next_due_at) == (1, "pubmed: timed out", THIRD)
    assert after.last_attempt_at == SECOND
    run = store.runs(TOPIC, "pubmed")[0]
    assert (run.outcome, run.error, run.payload) == ("failed", "pubmed: timed out", "ab" * 32)


def test_failures_are_counted_until_a_run_completes(store: Store) -> None:
    for n in range(1, 4):
        assert store.failed_run(TOPIC, "pubmed", AT, "down", NEXT).failures == n
    poll(store, SECOND)
    cursor = store.cursor(TOPIC, "pubmed")
    assert cursor is not None
    assert (cursor.failures, cursor.last_error) == (0, "")


def test_a_first_run_that_fails_leaves_no_watermark(store: Store) -> None:
    assert store.failed_run(TOPIC, "pubmed", AT, "down", NEXT).watermark is None


def test_an_id_that_did_not_come_is_remembered_until_it_does(store: Store) -> None:
    poll(store, AT, "1", absent=("7", "8"))
    poll(store, SECOND, "8", absent=("7",))
    [gone] = store.absent(TOPIC, "pubmed")
    assert (gone.id, gone.first_missed_at, gone.last_missed_at, gone.times) == ("7", AT, SECOND, 2)
    poll(store, THIRD, "7")
    assert store.absent(TOPIC, "pubmed") == ()
    assert store.known(TOPIC, "pubmed").keys() == {"1", "7", "8"}


def test_the_latest_runs_come_first(store: Store) -> None:
    for at in (AT, SECOND, THIRD):
        poll(store, at)
    assert [run.at for run in store.runs(TOPIC, "pubmed", limit=2)] == [THIRD, SECOND]


def test_a_run_once_told_stays_as_it_was_told(store: Store, insider: sqlite3.Connection) -> None:
    poll(store)
    with pytest.raises(insider.IntegrityError, match="run is append-only"):
        insider.execute("UPDATE run SET outcome = 'failed'")


# --- looking back -------------------------------------------------------------------------------------------


def test_the_last_complete_run_is_found_behind_any_number_of_failures(store: Store) -> None:
    assert store.last_complete(TOPIC, "pubmed") is None
    store.complete_run(TOPIC, "pubmed", AT, [], CURSOR, Run(mode="census"))
    store.complete_run(TOPIC, "pubmed", SECOND, [], CURSOR, Run())
    for _ in range(30):
        store.failed_run(TOPIC, "pubmed", THIRD, "down", NEXT)
    last, census = store.last_complete(TOPIC, "pubmed"), store.last_complete(TOPIC, "pubmed", "census")
    assert last is not None
    assert census is not None
    assert (last.at, last.mode, census.at) == (SECOND, "window", AT)
    assert store.last_complete(TOPIC, "ctgov") is None
    assert store.last_complete(TOPIC, "pubmed", "check") is None


def test_failures_began_with_the_first_since_the_last_complete_run(store: Store) -> None:
    assert store.first_failure(TOPIC, "pubmed") is None
    store.failed_run(TOPIC, "pubmed", AT, "down", NEXT)
    first = store.first_failure(TOPIC, "pubmed")
    assert first is not None
    assert first.at == AT
    poll(store, AT)
    assert store.first_failure(TOPIC, "pubmed") is None
    store.failed_run(TOPIC, "pubmed", SECOND, "cut", NEXT)
    store.failed_run(TOPIC, "pubmed", THIRD, "down", NEXT)
    again = store.first_failure(TOPIC, "pubmed")
    assert again is not None
    assert (again.at, again.error) == (SECOND, "cut")
