"""Digests: what is held for readers who asked for one letter a week or a month, and when it goes out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from living.model.values import Instant, Text, Value
from living.store.engine import Connected
from living.store.outbox import NO_LEASE, Letter, NewLetter, letter_row
from living.store.rows import of_table, values
from living.store.tables import HELD, LETTER, SUBSCRIBER

DIGEST = "digest"


class Held(Value):
    """One event that a reader will be told of in a digest."""

    id: int
    topic: Text
    event: Text
    subscriber: Text
    kind: Text
    detail: str
    at: Instant


class Digest(Value):
    """A digest that is due, as it would be queued, and what it tells."""

    letter: Letter
    items: tuple[Held, ...]


class Digests(Connected):
    def due_digests(self, now: str, week_began: str, month_began: str) -> tuple[Digest, ...]:
        """Return the digests that are due, without making them.

        One is due once its oldest news is of an earlier week (or month), and at once for a reader who no
        longer wants digests. There is none without news.
        """
        with self._reading() as conn:
            return _due(conn, now, week_began, month_began)

    def make_digests(self, now: str, week_began: str, month_began: str) -> int:
        """Queue every digest that is due; what it tells is held no longer. One transaction."""
        with self._writing() as conn:
            due = _due(conn, now, week_began, month_began)
            for digest in due:
                row = digest.letter.model_dump(exclude={"id"})
                letter = conn.execute(insert(LETTER).values(row).returning(LETTER.c.id)).scalar_one()
                mine = HELD.c.id.in_([item.id for item in digest.items])
                conn.execute(update(HELD).where(mine).values(letter=letter))
        return len(due)

    def told_in(self, letter: int) -> tuple[Held, ...]:
        """What a digest tells, oldest first."""
        with self._reading() as conn:
            return values(conn, _held().where(HELD.c.letter == letter), Held)

    def held(self, topic: str) -> tuple[Held, ...]:
        """What waits for the digests of a topic's readers, oldest first."""
        with self._reading() as conn:
            return values(conn, _held().where(HELD.c.topic == topic, HELD.c.letter.is_(None)), Held)


def _held() -> Select[Any]:
    return of_table(HELD, Held).order_by(HELD.c.id)


def _due(conn: Connection, now: str, week_began: str, month_began: str) -> tuple[Digest, ...]:
    pace = SUBSCRIBER.c.pace
    ripe = or_(
        pace == "at_once",
        and_(pace == "weekly", HELD.c.at < week_began),
        and_(pace == "monthly", HELD.c.at < month_began),
    )
    wanted = and_(SUBSCRIBER.c.state == "confirmed", SUBSCRIBER.c.stopped == "", HELD.c.letter.is_(None))
    who = select(HELD.c.subscriber).join(SUBSCRIBER, SUBSCRIBER.c.id == HELD.c.subscriber)
    readers = conn.execute(who.where(wanted, ripe).distinct().order_by(HELD.c.subscriber)).scalars().all()
    found = []
    for reader in readers:
        mine = _held().where(HELD.c.subscriber == reader, HELD.c.letter.is_(None))
        items = values(conn, mine, Held)
        new = NewLetter(event=f"{DIGEST}-{items[-1].id}", subscriber=reader, kind=DIGEST)
        row = letter_row(items[-1].topic, now, new) | NO_LEASE | {"id": 0}
        found.append(Digest(letter=Letter.model_validate(row), items=items))
    return tuple(found)
