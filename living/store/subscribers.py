"""Readers who asked for letters. Addresses live here alone, outside every chain, and can be erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, Sha256, Slug, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.outbox import CONFIRMATION, DESK, withdraw
from living.store.people_tables import ACCOUNT
from living.store.rows import of_table, value, values
from living.store.tables import ASKED, SUBSCRIBER

Wish = Literal["every_bulletin", "new_study", "conclusions", "retraction"]
Pace = Literal["at_once", "weekly", "monthly"]
Standing = Literal["pending", "confirmed", "left"]
Asked = Literal["yes", "address", "all"]
TEAM = ""  # the topic of the review team's own addresses: they are readers of none


class NewSubscriber(Value):
    """A wish not yet confirmed. The id is random; only hashes of the two links' tokens are kept."""

    id: Text
    topic: Slug
    address: Text
    name: str = ""
    level: Wish
    pace: Pace = "at_once"
    confirm_hash: Sha256
    leave_hash: Sha256


class Subscriber(Value):
    """A reader. `stopped` says why no letter goes there any more although the reader did not leave."""

    id: Text
    topic: str
    address: str | None
    name: str
    level: Wish
    pace: Pace
    stopped: str
    state: Standing
    created_at: Instant
    confirmed_at: Instant | None
    left_at: Instant | None


class Subscribers(Connected):
    def subscribe(self, wish: NewSubscriber, at: str) -> Subscriber:
        """Note the wish as pending.

        An address that is pending, has left or was stopped keeps its id and gets the new links; a confirmed
        one stays as it is, so that a stranger who types it in changes nothing.
        """
        fresh: dict[str, Any] = {"name": wish.name, "level": wish.level, "state": "pending", "created_at": at}
        fresh |= {"pace": wish.pace, "stopped": ""}
        fresh |= {"confirm_hash": wish.confirm_hash, "leave_hash": wish.leave_hash}
        fresh |= {"confirmed_at": None, "left_at": None}
        row = fresh | {"id": wish.id, "topic": wish.topic, "address": wish.address}
        with self._writing() as conn:
            statement = upsert(SUBSCRIBER).values(row)
            conn.execute(
                statement.on_conflict_do_update(
                    ["topic", "address"],
                    set_=fresh,
                    where=or_(SUBSCRIBER.c.state != "confirmed", SUBSCRIBER.c.stopped != ""),
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
                reader = _found(conn, _one().where(mine)).id
                withdraw(conn, reader, at, CONFIRMATION)  # another that still waits would ask for nothing
                note(conn, at, "subscribed", {"subscriber": reader})
            return value(conn, _one().where(mine), Subscriber)

    def leave(self, leave_hash: str, at: str) -> Subscriber | None:
        """None for a link nobody has; again: nothing changes. Once this returns, no letter is begun.

        Of somebody with an account the wish is kept where it is changed: with the account.
        """
        mine = SUBSCRIBER.c.leave_hash == leave_hash
        with self._writing() as conn:
            found = value(conn, _one().where(mine), Subscriber)
            if found is not None and found.state != "left":
                conn.execute(update(SUBSCRIBER).where(mine).values(state="left", left_at=at))
                withdraw(conn, found.id, at)
                if found.topic == DESK:
                    conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == found.id).values(letters="none"))
                note(conn, at, "left", {"subscriber": found.id})
            return value(conn, _one().where(mine), Subscriber)

    def choose(self, leave_hash: str, level: Wish, pace: Pace, at: str) -> Subscriber | None:
        """Change what a confirmed reader gets and how often; None for a link nobody has.

        What was held for a digest goes out at the next sending when the reader now wants letters at once.
        """
        mine = SUBSCRIBER.c.leave_hash == leave_hash
        now: dict[str, Any] = {"level": level, "pace": pace}
        other = or_(SUBSCRIBER.c.level != level, SUBSCRIBER.c.pace != pace)
        change = update(SUBSCRIBER).where(mine, SUBSCRIBER.c.state == "confirmed", other)
        with self._writing() as conn:
            if conn.execute(change.values(**now)).rowcount:
                note(conn, at, "chose", now | {"subscriber": _found(conn, _one().where(mine)).id})
            return value(conn, _one().where(mine), Subscriber)

    def may_ask(
        self, who: str, at: str, *, hour_ago: str, day_ago: str, of_address: int, of_all: int
    ) -> Asked:
        """Note a wish that comes through the form, unless this address or all together asked too often.

        `who` is a keyed hash of the address. Nothing is kept longer than the day that it is counted for.
        """
        count = select(func.count()).select_from(ASKED)
        with self._writing() as conn:
            conn.execute(delete(ASKED).where(ASKED.c.at <= day_ago))
            if conn.execute(count.where(ASKED.c.at > hour_ago)).scalar_one() >= of_all:
                return "all"
            if conn.execute(count.where(ASKED.c.who == who)).scalar_one() >= of_address:
                return "address"
            conn.execute(insert(ASKED).values(who=who, at=at))
        return "yes"

    def team(self, members: Mapping[str, str], at: str) -> tuple[str, ...]:
        """Make the review team those of `members`, opaque id to address; the addresses of others are erased.

        Returns the ids of those who get letters.
        """
        here = SUBSCRIBER.c.topic == TEAM
        with self._writing() as conn:
            gone = select(SUBSCRIBER.c.id).where(here, SUBSCRIBER.c.address.is_not(None))
            for person in conn.execute(gone.where(SUBSCRIBER.c.id.not_in(members))).scalars().all():
                _forget(conn, person, at)
            for person, address in members.items():
                row: dict[str, Any] = {"address": address, "state": "confirmed", "stopped": ""}
                new: dict[str, Any] = {
                    "id": person,
                    "topic": TEAM,
                    "name": "",
                    "level": "retraction",
                    "pace": "at_once",
                }
                new |= {"created_at": at, "confirmed_at": at, "left_at": None}
                new |= {"confirm_hash": None, "leave_hash": None}
                back = SUBSCRIBER.c.state == "left"
                once = upsert(SUBSCRIBER).values(row | new)
                conn.execute(once.on_conflict_do_update(["id"], set_=row | {"left_at": None}, where=back))
        return tuple(members)

    def erase(self, subscriber: str, at: str) -> bool:
        """Forget who this was; the opaque id stays for letters already sent. False for an unknown id."""
        with self._writing() as conn:
            known = _forget(conn, subscriber, at)
        self._empty_the_log()
        return known

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


def _forget(conn: Connection, subscriber: str, at: str) -> bool:
    gone: dict[str, Any] = {
        "address": None,
        "name": "",
        "confirm_hash": None,
        "leave_hash": None,
        "state": "left",
    }
    mine = SUBSCRIBER.c.id == subscriber
    conn.execute(update(SUBSCRIBER).where(mine, SUBSCRIBER.c.left_at.is_(None)).values(left_at=at))
    known = conn.execute(update(SUBSCRIBER).where(mine).values(**gone)).rowcount
    if known:
        withdraw(conn, subscriber, at)
        note(conn, at, "erased", {"subscriber": subscriber})
    return bool(known)


def _one() -> Select[Any]:
    return of_table(SUBSCRIBER, Subscriber)


def _found(conn: Connection, query: Select[Any]) -> Subscriber:
    found = value(conn, query, Subscriber)
    assert found is not None, "the row was written in this transaction"
    return found
