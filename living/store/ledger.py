"""The append-only ledger: facts in, states out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain

from sqlalchemy import Connection, insert, select

from living.errors import UserError
from living.model.chain import Chain, Opened
from living.model.facts import Fact, LedgerLine
from living.model.record import Record
from living.model.state import ReviewState
from living.model.values import Count, Sha256, Value, canonical
from living.store import projections
from living.store.chain import Salt, ledger_hash
from living.store.engine import Connected
from living.store.lines import NO_LINES, Head, chain_between, check_chain, head_of, lines_of
from living.store.memory import Memory, collector_paused
from living.store.rows import batched
from living.store.tables import LEDGER

BATCH = 500  # lines held in memory while 34,000 are appended in one transaction

Entry = tuple[str, Fact]


class HeadMoved(UserError):
    """Somebody appended since the caller looked; look again."""


class Appended(Value):
    """Which lines an append became: `lines(topic, after=first - 1)` reads them. None: last is first - 1."""

    first: Count
    last: Count
    hash: Sha256

    def __len__(self) -> int:
        return self.last - self.first + 1


class Ledger(Connected):
    @cached_property
    def _memory(self) -> Memory:
        return Memory()

    def append(self, topic: str, at: str, entries: Iterable[Entry], *, after: int | None = None) -> Appended:
        """Append all entries or none; they may be a generator, and are never held in memory together.

        With `after`, only if that is still the last line: HeadMoved otherwise.
        """
        with self._writing() as conn:
            return extend(conn, topic, at, entries, self.salt, after=after)

    def state(self, topic: str, as_of: int | None = None) -> ReviewState:
        """All that was said, or all up to line `as_of`; only lines not read before are read."""
        with self._reading() as conn:
            state = self._latest(conn, topic)
        if as_of is None or as_of == state.seq:
            return state
        if as_of > state.seq:
            raise UserError(f"the ledger ends before line {as_of}", where=topic)
        return state.upto(as_of)

    def lines(self, topic: str, after: int = 0) -> tuple[LedgerLine, ...]:
        with self._reading() as conn:
            return tuple(lines_of(conn, topic, after))

    def topics(self) -> tuple[str, ...]:
        with self._reading() as conn:
            return tuple(conn.execute(select(LEDGER.c.topic).where(LEDGER.c.seq == 1)).scalars())

    def head(self, topic: str, seq: int | None = None) -> Head:
        """The last line's number and hash, or those of line `seq`; before the first line it is number 0."""
        with self._reading() as conn:
            head = head_of(conn, topic, seq)
        if head is None:
            raise UserError(f"the ledger has no line {seq}", where=topic)
        return head

    def chain(self, topic: str, after: int, upto: int) -> Chain:
        """How the head at line `upto` follows from that at line `after`; the last line alone is opened.

        Raises NotVerified naming the first line that is not what was written.
        """
        with self._reading() as conn:
            return chain_between(conn, topic, after, upto)

    def verify(self, topic: str) -> Head:
        """Recompute the chain. Raises NotVerified naming the topic and the line."""
        with self._reading() as conn:
            return check_chain(conn, topic)

    def rebuild(self, topic: str) -> None:
        """Make the projections again from the ledger alone."""
        with self._writing() as conn:
            projections.rebuild(conn, topic)

    def _latest(self, conn: Connection, topic: str) -> ReviewState:
        head = head_of(conn, topic) or NO_LINES
        before, state = self._memory.recall(topic) or (NO_LINES, ReviewState(topic))
        if head_of(conn, topic, before.seq) != before:  # another history: the file was restored from a backup
            before, state = NO_LINES, ReviewState(topic)
        if head == before:
            return state
        with collector_paused():
            state = ReviewState.of(topic, chain(state.lines, lines_of(conn, topic, before.seq, head.seq)))
        self._memory.keep(topic, head, state)
        return state


def extend(
    conn: Connection, topic: str, at: str, entries: Iterable[Entry], salt: Salt, *, after: int | None = None
) -> Appended:
    head = head_of(conn, topic) or NO_LINES
    if after is not None and after != head.seq:
        raise HeadMoved(f"the ledger went on from line {after} to line {head.seq}", where=topic)
    first = head.seq + 1
    for batch in batched(entries, BATCH):
        lines = [
            LedgerLine(seq=seq, at=at, by=by, fact=fact) for seq, (by, fact) in enumerate(batch, head.seq + 1)
        ]
        head = _write(conn, topic, lines, head, salt)
        projections.project(conn, topic, lines)
    return Appended(first=first, last=head.seq, hash=head.hash)


def body_of(fact: Fact) -> str:
    return fact.canonical() if isinstance(fact, Record) else canonical(fact)


def _write(conn: Connection, topic: str, lines: list[LedgerLine], head: Head, salt: Salt) -> Head:
    rows = []
    for line in lines:
        said = Opened(topic=topic, seq=line.seq, at=line.at, by=line.by, salt=salt(), body=body_of(line.fact))
        prev, head = head.hash, Head(line.seq, ledger_hash(said, head.hash))
        rows.append(said.model_dump(mode="json") | {"prev": prev, "hash": head.hash})
    conn.execute(insert(LEDGER), rows)
    return head
