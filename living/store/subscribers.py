"""Readers who asked for letters. Addresses live here alone, outside every chain, and can be erased."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, Select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, Sha256, Slug, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.outbox import withdraw
from living.store.rows import of_table, value, values
from living.store.tables import SUBSCRIBER

Wish = Literal["every_bulletin", "new_study", "conclusions", "retraction"]
Standing = Literal["pending", "confirmed", "left"]


class NewSubscriber(Value):
    """A wish not yet confirmed. The id is random; only hashes of the two links' tokens are kept."""

    id: Text
    topic: Slug
    address: Text
    name: str = ""
    level: Wish
    confirm_hash: Sha256
    leave_hash: Sha256


class Subscriber(Value):
    id: Text
    topic: Slug
    address: str | None
    name: str
    level: Wish
    state: Standing
    created_at: Instant
    confirmed_at: Instant | None
    left_at: Instant | None


class Subscribers(Connected):
    def subscribe(self, wish: NewSubscriber, at: str) -> Subscriber:
        """Note the wish as pending.

        An address that is pending or has left keeps its id and gets the new links; a confirmed one stays as
        it is, so that a stranger who types it in changes nothing.
        """
        fresh: dict[str, Any] = {"name": wish.name, "level": wish.level, "state": "pending", "created_at": at}
        fresh |= {"confirm_hash": wish.confirm_hash, "leave_hash": wish.leave_hash}
        fresh |= {"confirmed_at": None, "left_at": None}
        row = fresh | {"id": wish.id, "topic": wish.topic, "address": wish.address}
        with self._writing() as conn:
            statement = upsert(SUBSCRIBER).values(row)
            conn.execute(
                statement.on_conflict_do_update(
                    ["topic", "address"], set_=fresh, where=SUBSCRIBER.c.state != "confirmed"
                )
            )
            here = _one().where(SUBSCRIBER.c.topic == wish.topic, SUBSCRIBER.c.address == wish.address)
            return _found(conn, here)

    def confirm(self, confirm_hash: str, at: str) -> Subscriber | None:
        """None for a link nobody has; again: nothing changes. One who left must ask anew."""
        mine = SUBSCRIBER.c.confirm_hash == confirm_hash
        pending = update(SUBSCRIBER).where(mine, SUBSCRIBER.c.state == "pending")
        with self._writing() as conn:
            if conn.execute(pending.values(state="confirmed", confirmed_at=at)).rowcount:
                note(conn, at, "subscribed", {"subscriber": _found(conn, _one().where(mine)).id})
            return value(conn, _one().where(mine), Subscriber)

    def leave(self, leave_hash: str, at: str) -> Subscriber | None:
        """None for a link nobody has; again: nothing changes. Once this returns, no letter is begun."""
        mine = SUBSCRIBER.c.leave_hash == leave_hash
        with self._writing() as conn:
            found = value(conn, _one().where(mine), Subscriber)
            if found is not None and found.state != "left":
                conn.execute(update(SUBSCRIBER).where(mine).values(state="left", left_at=at))
                withdraw(conn, found.id, at)
                note(conn, at, "left", {"subscriber": found.id})
            return value(conn, _one().where(mine), Subscriber)

    def erase(self, subscriber: str, at: str) -> bool:
        """Forget who this was; the opaque id stays for letters already sent. False for an unknown id."""
        gone: dict[str, Any] = {
            "address": None,
            "name": "",
            "confirm_hash": None,
            "leave_hash": None,
            "state": "left",
        }
        mine = SUBSCRIBER.c.id == subscriber
        left = SUBSCRIBER.c.left_at
        with self._writing() as conn:
            conn.execute(update(SUBSCRIBER).where(mine, left.is_(None)).values(left_at=at))
            known = conn.execute(update(SUBSCRIBER).where(mine).values(**gone)).rowcount
            if known:
                withdraw(conn, subscriber, at)
                note(conn, at, "erased", {"subscriber": subscriber})
        self._empty_the_log()
        return bool(known)

    def subscriber(self, subscriber: str) -> Subscriber | None:
        return self._look_up(SUBSCRIBER.c.id == subscriber)

    def subscriber_confirming(self, confirm_hash: str) -> Subscriber | None:
        """Whose link this is; looking changes nothing."""
        return self._look_up(SUBSCRIBER.c.confirm_hash == confirm_hash)

    def subscriber_leaving(self, leave_hash: str) -> Subscriber | None:
        """Whose link this is; looking changes nothing."""
        return self._look_up(SUBSCRIBER.c.leave_hash == leave_hash)

    def subscribers(self, topic: str, state: Standing = "confirmed") -> tuple[Subscriber, ...]:
        here = _one().where(SUBSCRIBER.c.topic == topic, SUBSCRIBER.c.state == state)
        with self._reading() as conn:
            return values(conn, here.order_by(SUBSCRIBER.c.created_at, SUBSCRIBER.c.id), Subscriber)

    def _look_up(self, condition: Any) -> Subscriber | None:
        with self._reading() as conn:
            return value(conn, _one().where(condition), Subscriber)


def _one() -> Select[Any]:
    return of_table(SUBSCRIBER, Subscriber)


def _found(conn: Connection, query: Select[Any]) -> Subscriber:
    found = value(conn, query, Subscriber)
    assert found is not None, "the row was written in this transaction"
    return found
