"""Reading the ledger: its lines as values, its head, and whether the chain still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from living.errors import NotVerified
from living.model.facts import LedgerLine
from living.store.chain import GENESIS, line_hash
from living.store.tables import LEDGER

ROWS_AT_A_TIME = 1000


class Head(NamedTuple):
    """The last line of a chain; the same hash means the same history."""

    seq: int
    hash: str


NO_LINES = Head(0, GENESIS)


def head_of(conn: Connection, topic: str, seq: int | None = None) -> Head | None:
    query = select(LEDGER.c.seq, LEDGER.c.hash).where(LEDGER.c.topic == topic)
    if seq is not None:
        query = query.where(LEDGER.c.seq == seq)
    row = conn.execute(query.order_by(LEDGER.c.seq.desc()).limit(1)).one_or_none()
    return Head(*row) if row else NO_LINES if not seq else None


def lines_of(
    conn: Connection, topic: str, after: int = 0, upto: int | None = None, kinds: tuple[str, ...] = ()
) -> Iterator[LedgerLine]:
    query = select(LEDGER.c.seq, LEDGER.c.at, LEDGER.c.by, LEDGER.c.body)
    query = query.where(LEDGER.c.topic == topic, LEDGER.c.seq > after).order_by(LEDGER.c.seq)
    if upto is not None:
        query = query.where(LEDGER.c.seq <= upto)
    if kinds:
        query = query.where(LEDGER.c.kind.in_(kinds))
    return (_line(*row) for row in _streamed(conn, query))


def _line(seq: int, at: str, by: str, body: str) -> LedgerLine:
    """One parse for line and fact together is several times faster than one of each."""
    text = f'{{"seq":{seq},"at":{json.dumps(at)},"by":{json.dumps(by)},"fact":{body}}}'
    return LedgerLine.model_validate_json(text)


def check_chain(conn: Connection, topic: str) -> Head:
    """Recompute every hash of a topic.

    Raises NotVerified naming the first line that is not what was written.
    """
    rows = select(LEDGER.c.seq, LEDGER.c.at, LEDGER.c.by, LEDGER.c.body, LEDGER.c.prev, LEDGER.c.hash).where(
        LEDGER.c.topic == topic
    )
    head = NO_LINES
    for seq, at, by, body, prev, stored in _streamed(conn, rows.order_by(LEDGER.c.seq)):
        where = f"{topic}, ledger line {head.seq + 1}"
        if seq != head.seq + 1:
            raise NotVerified(f"the line is missing; the next one here is {seq}", where=where, fix=RESTORE)
        fields = {"topic": topic, "seq": seq, "at": at, "by": by, "prev": prev}
        if prev != head.hash or stored != line_hash(body, fields):
            raise NotVerified("the line is not what was written", where=where, fix=RESTORE)
        head = Head(seq, stored)
    return head


RESTORE = "Compare with a backup before anything is published from here"


def _streamed(conn: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(conn.execution_options(yield_per=ROWS_AT_A_TIME).execute(query))
