"""The invariants the store alone can check: nothing lost, doubled, cut short or sent twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from sqlalchemy import Connection, select, text

from living.errors import NotVerified
from living.store import projections
from living.store.engine import Connected
from living.store.lines import check_chain, head_of
from living.store.operations import check_operations
from living.store.tables import LEDGER, PUBLISHED, RUN

Findings = Iterator[str]


class Audit(Connected):
    def verify_store(self) -> tuple[str, ...]:
        """Everything found wrong, one sentence each; empty when all is well."""
        with self._reading() as conn:
            topics = conn.execute(select(LEDGER.c.topic).where(LEDGER.c.seq == 1)).scalars().all()
            checks: tuple[Callable[[Connection], Findings], ...] = (
                _operations, _runs, _letters, _printed_heads, _references,
            )  # fmt: skip
            of_topics = (finding for topic in topics for finding in _topic(conn, topic))
            return tuple(chain(of_topics, *(check(conn) for check in checks)))


def _topic(conn: Connection, topic: str) -> Findings:
    """I11 within the chain; I2: the latest of each record is what the ledger says, no content came twice."""
    try:
        check_chain(conn, topic)
    except NotVerified as broken:
        yield f"I11: {broken}"
        return
    yield from (f"I2: {topic}: {finding}" for finding in _repeated(conn, topic))
    told, derived = projections.stored(conn, topic), projections.from_ledger(conn, topic)
    for name, table, ledger in zip(projections.PROJECTED, told, derived, strict=True):
        for key in sorted(
            table.keys() ^ ledger.keys() | {k for k in table.keys() & ledger if table[k] != ledger[k]}
        ):
            yield f"I2: {topic}: the {name} table differs from the ledger at {key}; rebuild it"


def _repeated(conn: Connection, topic: str) -> Findings:
    """The first live sight of a seeded record is worth a line even when nothing in it differs."""
    rows = conn.execute(text(REPEATED), {"topic": topic})
    yield from (f"line {seq} repeats the content of {key} unchanged" for seq, key in rows)


REPEATED = """
SELECT seq, key FROM (
  SELECT seq, key, content, lag(content) OVER (PARTITION BY key ORDER BY seq) AS before FROM (
    SELECT seq, json_extract(body, '$.source') || ':' || json_extract(body, '$.id') AS key,
           json_extract(body, '$.content_hash') || json_extract(body, '$.seeded') AS content
    FROM ledger WHERE topic = :topic AND kind = 'record' AND json_extract(body, '$.content_hash') <> ''))
WHERE content = before
"""


def _operations(conn: Connection) -> Findings:
    try:
        check_operations(conn)
    except NotVerified as broken:
        yield f"I11: {broken}"


def _runs(conn: Connection) -> Findings:
    """I1: every complete run accounts for each id it listed, and what it stored is there."""
    runs = conn.execute(select(RUN).where(RUN.c.outcome == "complete")).mappings()
    for run in runs:
        where = f"I1: run {run['id']} of {run['source']} for {run['topic']}"
        if run["listed"] != run["skipped"] + run["fetched"] + run["absent"]:
            yield f"{where}: {run['listed']} ids listed, not all accounted for"
        if run["fetched"] != run["appended"] + run["unchanged"]:
            yield f"{where}: {run['fetched']} entries fetched, not all stored or unchanged"
        if run["last_seq"] and head_of(conn, run["topic"], run["last_seq"]) is None:
            yield f"{where}: it stored line {run['last_seq']}, which is gone"


def _letters(conn: Connection) -> Findings:
    """I8: the log of deliveries, which cannot be edited, says of no letter twice that it may have arrived.

    I10: nothing waits for a reader who left.
    """
    for message_id, times in conn.execute(text(SENT_TWICE)):
        yield f"I8: letter {message_id} was sent {times} times"
    for (message_id,) in conn.execute(text(WAITING_FOR_NOBODY)):
        yield f"I10: letter {message_id} waits for a reader who left"


SENT_TWICE = """
SELECT json_extract(body, '$.message_id') AS message_id, count(*) AS times FROM operation
WHERE kind = 'delivery' AND json_extract(body, '$.state') IN ('sent', 'unknown')
GROUP BY message_id HAVING times > 1
"""

WAITING_FOR_NOBODY = """
SELECT message_id FROM letter JOIN subscriber ON subscriber.id = letter.subscriber
WHERE subscriber.state = 'left' AND letter.state IN ('queued', 'leased', 'retry')
UNION ALL
SELECT held.event FROM held JOIN subscriber ON subscriber.id = held.subscriber
WHERE subscriber.state = 'left' AND held.letter IS NULL
"""


def _printed_heads(conn: Connection) -> Findings:
    """I11: the chain still runs through every head that a version was printed with or a run ended on."""
    printed = select(PUBLISHED.c.topic, PUBLISHED.c.version, PUBLISHED.c.ledger_seq, PUBLISHED.c.ledger_head)
    heads = [tuple[Any, ...](row) for row in conn.execute(printed.order_by(PUBLISHED.c.id))]
    heads += [tuple(row) for row in conn.execute(text(HEADS_OF_RUNS))]
    for topic, said_by, seq, wanted in heads:
        head = head_of(conn, topic, seq)
        if head is None or head.hash != wanted:
            yield f"I11: {topic}: the ledger no longer holds line {seq} as {said_by} has it"


HEADS_OF_RUNS = """
SELECT json_extract(body, '$.topic'), 'a run at ' || at, json_extract(body, '$.last_seq'),
       json_extract(body, '$.ledger_head') FROM operation
WHERE kind = 'run' AND json_extract(body, '$.outcome') = 'complete' ORDER BY seq
"""


def _references(conn: Connection) -> Findings:
    for table, row, parent, _ in conn.execute(text("PRAGMA foreign_key_check")):
        yield f"row {row} of {table} points to no {parent}"
