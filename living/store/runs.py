"""Searches: cursors, runs and the ids that did not come. Only a complete, reconciled run moves a cursor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal

from pydantic import Field, field_validator
from sqlalchemy import Connection, Select, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.errors import NotVerified
from living.model.values import Count, Day, Instant, Value, canonical
from living.store.aside import set_aside
from living.store.chain import GENESIS
from living.store.engine import Connected
from living.store.ledger import Appended, Entry, extend
from living.store.operations import note
from living.store.rows import batched, of_table, value, values
from living.store.tables import ABSENT, CURSOR, RECORD, RUN

BATCH = 500
NOTHING = Appended(first=1, last=0, hash=GENESIS)


class Cursor(Value):
    """How far a source was read, and when it is due. `query_digest`: another query starts a census."""

    watermark: Day | None = None
    query_digest: str = ""
    last_complete_at: Instant | None = None
    last_attempt_at: Instant | None = None
    next_due_at: Instant | None = None
    data_timestamp: str = ""
    translation: str = ""
    failures: Count = 0
    last_error: str = ""


class Details(Value):
    """What a run asked and how it was answered. `found`: ids its search listed; `pages`: answers stored.

    `counts`: of each window, and of what was received. `unmapped`: what the answers held that is not read
    here. `unlisted`: known ids that a full search did not list, which were asked for and came.
    `canaries_missing`: ids that a full search must list and did not, whether or not they still exist.
    `fault`, of a run that failed: the source was `down`, or it answers otherwise and a person must look
    (`changed`), or so much was missing that the answer was `refused`.
    """

    query_digest: str = ""
    translation: str = ""
    data_timestamp: str = ""
    found: Count = 0
    requests: Count = 0
    pages: Count = 0
    counts: dict[str, int] = Field(default_factory=dict)
    unmapped: dict[str, int] = Field(default_factory=dict)
    unlisted: tuple[str, ...] = ()
    canaries_missing: tuple[str, ...] = ()
    fault: Literal["", "down", "changed", "refused"] = ""


class Run(Value):
    """The count of one complete search; the store adds `appended`, the records that were new or changed.

    `listed` is every distinct id the run had to account for (earlier absences asked for again included);
    listed = skipped (known and fresh, not fetched) + fetched + absent, and fetched = appended + unchanged.
    """

    mode: Literal["window", "census", "check"] = "window"
    window: str = ""
    listed: Count = 0
    skipped: Count = 0
    fetched: Count = 0
    unchanged: Count = 0
    notes: str = ""
    details: Details = Details()


class StoredRun(Run):
    """A run as it is remembered; a failed one has its error and, where there is one, the payload's hash."""

    id: int
    source: str
    at: Instant
    outcome: Literal["complete", "failed"]
    appended: Count
    absent: Count
    first_seq: Count
    last_seq: Count
    error: str
    payload: str

    @field_validator("details", mode="before")
    @classmethod
    def _read(cls, stored: object) -> object:
        return json.loads(stored) if isinstance(stored, str) else stored


class Absent(Value):
    id: str
    first_missed_at: Instant
    last_missed_at: Instant
    times: Count


@dataclass(frozen=True, slots=True)
class Marker:
    """What polling must know of a record to see whether the source's entry moved; of all records at once."""

    content_hash: str
    version: int
    seeded: bool
    first_seq: int
    last_seq: int
    last_update_posted: str
    status: str
    has_results: bool


class Runs(Connected):
    def known(self, topic: str, source: str) -> dict[str, Marker]:
        query = select(RECORD.c.id, *(RECORD.c[field.name] for field in fields(Marker)))
        with self._reading() as conn:
            rows = conn.execute(_of(query, RECORD, topic, source))
            return {row[0]: Marker(*row[1:]) for row in rows}

    def cursor(self, topic: str, source: str) -> Cursor | None:
        with self._reading() as conn:
            return value(conn, _of(of_table(CURSOR, Cursor), CURSOR, topic, source), Cursor)

    def absent(self, topic: str, source: str) -> tuple[Absent, ...]:
        """Ids still missing after the last complete run."""
        with self._reading() as conn:
            query = _of(of_table(ABSENT, Absent), ABSENT, topic, source).order_by(ABSENT.c.id)
            return values(conn, query, Absent)

    def runs(self, topic: str, source: str, limit: int = 20) -> tuple[StoredRun, ...]:
        """The latest runs, newest first."""
        query = _of(of_table(RUN, StoredRun), RUN, topic, source)
        with self._reading() as conn:
            return values(conn, query.order_by(RUN.c.id.desc()).limit(limit), StoredRun)

    def last_complete(self, topic: str, source: str, mode: str | None = None) -> StoredRun | None:
        """The latest complete run, or the latest of one mode, however long ago."""
        query = _of(of_table(RUN, StoredRun), RUN, topic, source).where(RUN.c.outcome == "complete")
        if mode is not None:
            query = query.where(RUN.c.mode == mode)
        with self._reading() as conn:
            return value(conn, query.order_by(RUN.c.id.desc()).limit(1), StoredRun)

    def first_failure(self, topic: str, source: str) -> StoredRun | None:
        """The first of the runs that failed since the last complete one; None while the last one was."""
        complete = _of(select(func.max(RUN.c.id)), RUN, topic, source).where(RUN.c.outcome == "complete")
        since = func.coalesce(complete.scalar_subquery(), 0)
        query = _of(of_table(RUN, StoredRun), RUN, topic, source).where(RUN.c.id > since)
        with self._reading() as conn:
            return value(conn, query.order_by(RUN.c.id).limit(1), StoredRun)

    def last_census(self, topic: str, source: str, query_digest: str) -> StoredRun | None:
        """The latest complete run that listed all that this query finds, or None."""
        query = _asked(topic, source, query_digest).where(RUN.c.mode == "census")
        with self._reading() as conn:
            return value(conn, query.order_by(RUN.c.id.desc()).limit(1), StoredRun)

    def searches_of(
        self, topic: str, source: str, query_digest: str, mode: str | None = None, limit: int = 400
    ) -> tuple[StoredRun, ...]:
        """The latest complete runs of one query, or those of one mode, newest first."""
        query = _asked(topic, source, query_digest)
        if mode is not None:
            query = query.where(RUN.c.mode == mode)
        with self._reading() as conn:
            return values(conn, query.order_by(RUN.c.id.desc()).limit(limit), StoredRun)

    def first_reading(self, topic: str, source: str, query_digest: str) -> StoredRun | None:
        """The first complete run of one query in which the source said how it reads it."""
        told = func.json_extract(RUN.c.details, "$.translation") != ""
        with self._reading() as conn:
            first = _asked(topic, source, query_digest).where(told).order_by(RUN.c.id).limit(1)
            return value(conn, first, StoredRun)

    def complete_run(
        self,
        topic: str,
        source: str,
        at: str,
        entries: Iterable[Entry],
        cursor: Cursor,
        run: Run | Callable[[], Run],
        absent: Iterable[str] = (),
    ) -> Appended:
        """One transaction: lines, projections, absences, cursor, run row, log line.

        `entries` may be a generator, which is read to its end before anything is locked; a `run` that is
        known only then is given as a function.
        `absent` is every id still missing of all that were asked for; absences not in it are over. The
        cursor's attempt, completion and failure fields are set here. Raises NotVerified, and changes nothing,
        when the run does not account for every id it listed.
        """
        missing = sorted(set(absent))
        with set_aside(entries, self.path.parent) as held, self._writing() as conn:
            lines = extend(conn, topic, at, held, self.salt)
            appended = _records_written(conn, topic, source, lines)
            counted = run() if callable(run) else run
            _reconcile(topic, source, counted, appended, len(missing))
            _replace_absences(conn, topic, source, at, missing)
            moved = cursor.model_copy(
                update={"last_complete_at": at, "last_attempt_at": at, "failures": 0, "last_error": ""}
            )
            _put_cursor(conn, topic, source, moved)
            counts = {"appended": appended, "absent": len(missing)}
            _remember(conn, topic, source, at, "complete", counted, lines, counts)
        return lines

    def failed_run(
        self,
        topic: str,
        source: str,
        at: str,
        error: str,
        next_due_at: str,
        *,
        payload: str = "",
        mode: str = "window",
        details: Details | None = None,
    ) -> Cursor:
        """Remember the failure and when to try again; what was read before stays where it was."""
        with self._writing() as conn:
            before = value(conn, _of(of_table(CURSOR, Cursor), CURSOR, topic, source), Cursor) or Cursor()
            now = {"last_attempt_at": at, "next_due_at": next_due_at, "last_error": error}
            after = Cursor.model_validate(before.model_dump() | now | {"failures": before.failures + 1})
            _put_cursor(conn, topic, source, after)
            run = Run.model_validate({"mode": mode, "details": details or Details()})
            told = {"error": error, "payload": payload}
            _remember(conn, topic, source, at, "failed", run, NOTHING, told)
        return after


def _of(query: Select[Any], table: Table, topic: str, source: str) -> Select[Any]:
    return query.where(table.c.topic == topic, table.c.source == source)


def _asked(topic: str, source: str, query_digest: str) -> Select[Any]:
    asked = func.json_extract(RUN.c.details, "$.query_digest") == query_digest
    return _of(of_table(RUN, StoredRun), RUN, topic, source).where(RUN.c.outcome == "complete", asked)


def _records_written(conn: Connection, topic: str, source: str, lines: Appended) -> int:
    query = _of(select(func.count()).select_from(RECORD), RECORD, topic, source)
    return int(conn.execute(query.where(RECORD.c.last_seq >= lines.first)).scalar_one())


def _reconcile(topic: str, source: str, run: Run, appended: int, absent: int) -> None:
    accounted = run.skipped + run.fetched + absent
    if run.listed != accounted:
        what = f"the run does not reconcile: {run.listed} ids listed, {accounted} accounted for"
    elif run.fetched != appended + run.unchanged:
        what = f"the run does not reconcile: {run.fetched} fetched, {appended} new, {run.unchanged} unchanged"
    else:
        return
    raise NotVerified(what, where=f"{topic}, {source}", fix="The cursor stays where it was")


def _replace_absences(conn: Connection, topic: str, source: str, at: str, missing: list[str]) -> None:
    before = set(conn.execute(_of(select(ABSENT.c.id), ABSENT, topic, source)).scalars())
    here = {"topic": topic, "source": source}
    here_gone = ABSENT.c.topic == topic, ABSENT.c.source == source, ABSENT.c.id == bindparam("gone")
    over = delete(ABSENT).where(*here_gone)
    for batch in batched(sorted(before - set(missing)), BATCH):
        conn.execute(over, [{"gone": one} for one in batch])
    statement = upsert(ABSENT)
    again = {"last_missed_at": at, "times": ABSENT.c.times + 1}
    for batch in batched(missing, BATCH):
        rows = [here | {"id": one, "first_missed_at": at, "last_missed_at": at, "times": 1} for one in batch]
        conn.execute(statement.on_conflict_do_update(["topic", "source", "id"], set_=again), rows)


def _put_cursor(conn: Connection, topic: str, source: str, cursor: Cursor) -> None:
    row = cursor.model_dump()
    statement = upsert(CURSOR).values(row | {"topic": topic, "source": source})
    conn.execute(statement.on_conflict_do_update(["topic", "source"], set_=row))


def _remember(
    conn: Connection,
    topic: str,
    source: str,
    at: str,
    outcome: str,
    run: Run,
    lines: Appended,
    told: dict[str, Any],
) -> None:
    row = (
        {"appended": 0, "absent": 0, "error": "", "payload": "", "outcome": outcome} | run.model_dump() | told
    )
    row |= {"topic": topic, "source": source, "first_seq": lines.first, "last_seq": lines.last}
    conn.execute(insert(RUN).values(row | {"at": at, "details": canonical(run.details)}))
    note(conn, at, "run", row | {"ledger_head": lines.hash})
