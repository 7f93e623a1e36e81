"""Letters that came back: each counted once, and addresses stopped after several in a row."""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.outbox import withdraw
from living.store.rows import of_table, values
from living.store.subscribers import TEAM
from living.store.tables import BOUNCE, LETTER, SUBSCRIBER


class Bounce(Value):
    message_id: Text
    subscriber: Text
    at: Instant
    why: str


class Counted(Value):
    """What noting a bounce came to: not `new` when it was known, `stopped` when it was one too many."""

    subscriber: Text
    new: bool
    stopped: bool


class Bounces(Connected):
    def note_bounce(self, message_id: str, at: str, why: str, limit: int) -> Counted | None:
        """Count a letter that could not be delivered; None when no letter of ours has this id.

        After `limit` in a row no letter goes to that address any more, until its owner asks and confirms
        again. The review team's addresses are never stopped: they are in the settings. `why` holds no
        address.
        """
        with self._writing() as conn:
            mine = LETTER.c.message_id == message_id
            reader = conn.execute(select(LETTER.c.subscriber).where(mine)).scalar_one_or_none()
            if reader is None:
                return None
            row = {"message_id": message_id, "subscriber": reader, "at": at, "why": why}
            if conn.execute(upsert(BOUNCE).values(row).on_conflict_do_nothing()).rowcount == 0:
                return Counted(subscriber=reader, new=False, stopped=False)
            conn.execute(update(LETTER).where(mine).values(error=f"bounced: {why}"))
            note(conn, at, "bounce", {"message_id": message_id, "subscriber": reader})
            return Counted(subscriber=reader, new=True, stopped=_stopped(conn, reader, at, why, limit))

    def bounces(self, topic: str) -> tuple[Bounce, ...]:
        """Every bounce of a topic's letters, oldest first."""
        here = of_table(BOUNCE, Bounce).join(LETTER, LETTER.c.message_id == BOUNCE.c.message_id)
        with self._reading() as conn:
            return values(conn, here.where(LETTER.c.topic == topic).order_by(BOUNCE.c.at), Bounce)


def _stopped(conn: Connection, reader: str, at: str, why: str, limit: int) -> bool:
    """Stop the address when its latest letters all came back."""
    done = LETTER.c.state.in_(("sent", "failed", "unknown"))
    latest = select(LETTER.c.message_id).where(LETTER.c.subscriber == reader, done)
    last = set(conn.execute(latest.order_by(LETTER.c.id.desc()).limit(limit)).scalars())
    back = set(conn.execute(select(BOUNCE.c.message_id).where(BOUNCE.c.subscriber == reader)).scalars())
    if len(last) < limit or not last <= back:
        return False
    told = f"{limit} letters in a row came back; the last: {why}"
    mine = update(SUBSCRIBER).where(SUBSCRIBER.c.id == reader, SUBSCRIBER.c.topic != TEAM)
    if conn.execute(mine.where(SUBSCRIBER.c.stopped == "").values(stopped=told)).rowcount == 0:
        return False
    withdraw(conn, reader, at)
    note(conn, at, "stopped", {"subscriber": reader, "letters": limit})
    return True
