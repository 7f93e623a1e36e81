"""Reading the ledger: its lines as values, its head, and whether the chain still holds."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Select, select

from living.errors import NotVerified
from living.model.chain import Chain, ChainPlace, Opened
from living.model.facts import LedgerLine
from living.store.chain import GENESIS, ledger_hash, seal_of
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
    last = deque(_checked(conn, topic, NO_LINES), maxlen=1)
    return last[0][1] if last else NO_LINES


def chain_between(conn: Connection, topic: str, after: int, upto: int) -> Chain:
    """Return the seals of the lines from one head to another, and the last line opened."""
    before = head_of(conn, topic, after)
    if before is None or not before.seq < upto:
        raise NotVerified(f"the ledger has no lines {after + 1} to {upto}", where=topic, fix=RESTORE)
    found = list(_checked(conn, topic, before, upto))
    if not found or found[-1][1].seq != upto:
        raise NotVerified(f"the ledger ends before line {upto}", where=topic, fix=RESTORE)
    last, head = found[-1]
    return Chain(
        topic=topic,
        after=ChainPlace(seq=before.seq, hash=before.hash),
        head=ChainPlace(seq=head.seq, hash=head.hash),
        seals=tuple(seal_of(line) for line, _ in found),
        opened=last,
    )


def _checked(
    conn: Connection, topic: str, head: Head, upto: int | None = None
) -> Iterator[tuple[Opened, Head]]:
    """Yield the lines after a head with the heads they make, each found to be what was written."""
    columns = (LEDGER.c[name] for name in (*_SEALED, "prev", "hash"))
    rows = select(*columns).where(LEDGER.c.topic == topic, LEDGER.c.seq > head.seq)
    if upto is not None:
        rows = rows.where(LEDGER.c.seq <= upto)
    for *said, prev, stored in _streamed(conn, rows.order_by(LEDGER.c.seq)):
        where = f"{topic}, ledger line {head.seq + 1}"
        line = _opened(dict(zip(_SEALED, said, strict=True)), where)
        if line.seq != head.seq + 1:
            what = f"the line is missing; the next one here is {line.seq}"
            raise NotVerified(what, where=where, fix=RESTORE)
        if prev != head.hash or stored != ledger_hash(line, prev):
            raise NotVerified("the line is not what was written", where=where, fix=RESTORE)
        head = Head(line.seq, stored)
        yield line, head


_SEALED = tuple(Opened.model_fields)


def _opened(said: dict[str, Any], where: str) -> Opened:
    try:
        return Opened.model_validate(said)
    except ValidationError as fault:
        raise NotVerified("the line is not what was written", where=where, fix=RESTORE) from fault


RESTORE = "Compare with a backup before anything is published from here"


def _streamed(conn: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(conn.execution_options(yield_per=ROWS_AT_A_TIME).execute(query))
