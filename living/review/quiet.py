"""Versions of a record that bring other dates or contacts and nothing else: stored, and news to nobody."""

from __future__ import annotations

from living.model.record import Record
from living.model.state import ReviewState
from living.review.record_changes import Change, typed_changes

QUIET: frozenset[Change] = frozenset({"DATES_ONLY", "CONTACTS_ONLY"})


def quiet_lines(state: ReviewState) -> frozenset[int]:
    """Return the ledger lines on which a record brought other dates or contacts and nothing else."""
    latest: dict[str, Record] = {}
    found: set[int] = set()
    for line, record in state.of_kind(Record):
        before = latest.get(record.key)
        if before is not None:
            changes = typed_changes(before, record)
            if changes and QUIET.issuperset(changes):
                found.add(line.seq)
        latest[record.key] = record
    return frozenset(found)


def telling_payloads(state: ReviewState) -> dict[str, str]:
    """Return, by record key, the hash of the answer that the record last came in with anything but dates."""
    quiet = quiet_lines(state)
    return {record.key: record.payload for line, record in state.of_kind(Record) if line.seq not in quiet}
