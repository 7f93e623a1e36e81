"""Typed tables derived from the ledger: kept up to date line by line, and rebuilt from it in one go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.errors import UserError
from living.model.facts import LedgerLine, Release
from living.model.record import Record, Registration
from living.store.lines import lines_of
from living.store.rows import batched
from living.store.tables import RECORD, RELEASE

Rows = dict[str, dict[str, Any]]
PROJECTED = ("record", "release")
NO_REGISTRATION = Registration()
KEPT_FROM_FIRST_SIGHT = ("topic", "key", "first_seq")
BATCH = 1000


def project(conn: Connection, topic: str, lines: Iterable[LedgerLine]) -> None:
    """Bring the projections up to the lines just written, in the same transaction."""
    records, releases = folded(topic, lines)
    _refuse_numbers_already_bound(conn, topic, releases)
    if records:
        statement = upsert(RECORD)
        later = {c.name: c for c in statement.excluded if c.name not in KEPT_FROM_FIRST_SIGHT}
        conn.execute(statement.on_conflict_do_update(["topic", "key"], set_=later), list(records.values()))
    if releases:
        conn.execute(insert(RELEASE), list(releases.values()))


def rebuild(conn: Connection, topic: str) -> None:
    tables = zip((RECORD, RELEASE), from_ledger(conn, topic), strict=True)
    for table, rows in tables:
        conn.execute(delete(table).where(table.c.topic == topic))
        for batch in batched(rows.values(), BATCH):
            conn.execute(insert(table), batch)


def from_ledger(conn: Connection, topic: str) -> tuple[Rows, Rows]:
    return folded(topic, lines_of(conn, topic, kinds=PROJECTED))


def stored(conn: Connection, topic: str) -> tuple[Rows, Rows]:
    """What the tables hold, in the form `from_ledger` answers in, so that the two can be compared."""
    records = conn.execute(select(RECORD).where(RECORD.c.topic == topic)).mappings()
    releases = conn.execute(select(RELEASE).where(RELEASE.c.topic == topic)).mappings()
    return {row["key"]: dict(row) for row in records}, {row["version"]: dict(row) for row in releases}


def folded(topic: str, lines: Iterable[LedgerLine]) -> tuple[Rows, Rows]:
    """The rows that these lines amount to: the latest content of each record, each number bound."""
    records: Rows = {}
    releases: Rows = {}
    for line in lines:
        match line.fact:
            case Record() as record:
                row = _record_row(topic, line.seq, record)
                row["first_seq"] = records.get(record.key, row)["first_seq"]
                records[record.key] = row
            case Release() as release:
                _refuse_twice(topic, release, releases)
                releases[release.version] = _release_row(topic, line, release)
            case _:
                pass
    return records, releases


def _record_row(topic: str, seq: int, record: Record) -> dict[str, Any]:
    registration = record.registration or NO_REGISTRATION
    return {
        "topic": topic,
        "key": record.key,
        "source": record.source,
        "id": record.id,
        "first_seq": seq,
        "last_seq": seq,
        "content_hash": record.content_hash,
        "version": record.version,
        "seeded": record.seeded,
        "last_update_posted": registration.last_update_posted,
        "status": registration.status,
        "has_results": registration.has_results,
    }


def _release_row(topic: str, line: LedgerLine, release: Release) -> dict[str, Any]:
    return {
        "topic": topic,
        "version": release.version,
        "digest": release.digest,
        "seq": line.seq,
        "at": line.at,
    }


def _refuse_numbers_already_bound(conn: Connection, topic: str, releases: Rows) -> None:
    if not releases:
        return
    versions = RELEASE.c.version
    taken = select(versions).where(RELEASE.c.topic == topic, versions.in_(list(releases)))
    for version in conn.execute(taken).scalars():
        raise UserError(f"{version} is already bound to a digest; a number is bound once", where=topic)


def _refuse_twice(topic: str, release: Release, releases: Rows) -> None:
    if release.version in releases:
        raise UserError(f"{release.version} is bound twice; a number is bound once", where=topic)
