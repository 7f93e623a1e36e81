"""The operations log: one chain of what the service did, apart from the evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from living.errors import NotVerified
from living.model.values import Instant, Text, Value, canonical
from living.store.chain import line_hash
from living.store.engine import Connected
from living.store.lines import NO_LINES, RESTORE, Head
from living.store.tables import OPERATION


class Operation(Value):
    seq: int
    at: Instant
    kind: Text
    body: dict[str, Any]


class Operations(Connected):
    def log(self, at: str, kind: str, body: Mapping[str, object]) -> int:
        with self._writing() as conn:
            return note(conn, at, kind, body)

    def operations(self, after: int = 0, kind: str | None = None) -> tuple[Operation, ...]:
        query = select(OPERATION.c.seq, OPERATION.c.at, OPERATION.c.kind, OPERATION.c.body)
        query = query.where(OPERATION.c.seq > after).order_by(OPERATION.c.seq)
        if kind is not None:
            query = query.where(OPERATION.c.kind == kind)
        with self._reading() as conn:
            rows = conn.execute(query).all()
        return tuple(Operation(seq=s, at=at, kind=k, body=json.loads(body)) for s, at, k, body in rows)

    def verify_operations(self) -> Head:
        """Recompute the operations chain. Raises NotVerified naming the line."""
        with self._reading() as conn:
            return check_operations(conn)


def note(conn: Connection, at: str, kind: str, body: Mapping[str, object]) -> int:
    """Write one line of the log in the transaction of what it tells of."""
    Operation(seq=1, at=at, kind=kind, body=dict(body))
    last = conn.execute(
        select(OPERATION.c.seq, OPERATION.c.hash).order_by(OPERATION.c.seq.desc()).limit(1)
    ).one_or_none()
    head = Head(*last) if last else NO_LINES
    fields = {"seq": head.seq + 1, "at": at, "kind": kind, "prev": head.hash}
    text = canonical(dict(body))
    conn.execute(insert(OPERATION), fields | {"body": text, "hash": line_hash(text, fields)})
    return head.seq + 1


def check_operations(conn: Connection) -> Head:
    head = NO_LINES
    query = select(OPERATION).order_by(OPERATION.c.seq)
    for row in conn.execution_options(yield_per=1000).execute(query).mappings():
        fields = {name: row[name] for name in ("seq", "at", "kind", "prev")}
        same = row["hash"] == line_hash(row["body"], fields) and row["prev"] == head.hash
        if row["seq"] != head.seq + 1 or not same:
            where = f"operations line {head.seq + 1}"
            raise NotVerified("the line is missing or not what was written", where=where, fix=RESTORE)
        head = Head(row["seq"], row["hash"])
    return head
