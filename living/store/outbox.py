"""The outbox: each letter to each reader once, whatever is killed when.

queued -> leased -> sending (committed before the mail server sees DATA) -> sent | retry | failed | unknown.
`unknown`: the server may have the letter; it is never sent again. `withdrawn`: the reader left first. What is
not urgent is held for readers who asked for digests (`digests.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, Update, and_, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Count, Instant, Text, Value, canonical, digest, later
from living.store.engine import Connected
from living.store.operations import note
from living.store.people_tables import ACCOUNT
from living.store.rows import batched, of_table, values
from living.store.tables import HELD, LETTER, SUBSCRIBER, TOLD

Progress = Literal["queued", "leased", "sending", "sent", "retry", "failed", "unknown", "withdrawn"]
CONFIRMATION = "confirmation"  # the one kind of letter that goes to a reader who has not confirmed yet
DESK = "@desk"  # the topic, and no topic's name, of people with an account: their addresses stand there
BATCH = 500


class NewLetter(Value):
    """A letter to one reader about one event: a version, a decision's digest, a confirmation's hash.

    `detail` is what the words need beyond the event, as JSON text; it holds no address. `urgent` letters wait
    for no digest.
    """

    event: Text
    subscriber: Text
    kind: Text
    detail: str = ""
    urgent: bool = False


class Letter(Value):
    """A row of the outbox. `message_id` is the left part of the Message-ID, the same at every attempt."""

    id: int
    topic: str
    event: str
    subscriber: str
    kind: str
    detail: str
    message_id: str
    state: Progress
    attempts: Count
    next_try_at: Instant
    lease_owner: str
    lease_until: str
    created_at: Instant
    changed_at: Instant
    error: str


class Leased(Value):
    """A letter and where it goes, for as long as it is being sent."""

    letter: Letter
    address: Text
    name: str


class Recovered(Value):
    """What a crash left: letters begun and perhaps delivered, and leases given back."""

    unknown: Count
    requeued: Count


class Outbox(Connected):
    def queue_letters(self, topic: str, at: str, letters: Iterable[NewLetter]) -> int:
        """Queue what is not there yet; returns how many were new."""
        with self._writing() as conn:
            return enqueue(conn, topic, at, letters)

    def tell_once(self, topic: str, event: str, at: str, letters: Iterable[NewLetter]) -> bool:
        """Queue the letters of an event, urgent ones, unless it was told before. One transaction."""
        with self._writing() as conn:
            row = {"topic": topic, "event": event, "at": at}
            if conn.execute(upsert(TOLD).values(row).on_conflict_do_nothing()).rowcount == 0:
                return False
            note(conn, at, "told", {"topic": topic, "event": event})
            enqueue(conn, topic, at, letters)
        return True

    def told(self, topic: str) -> frozenset[str]:
        """Every event of a topic that letters were made for."""
        with self._reading() as conn:
            return frozenset(conn.execute(select(TOLD.c.event).where(TOLD.c.topic == topic)).scalars())

    def letters(self, topic: str, state: Progress | None = None) -> tuple[Letter, ...]:
        query = of_table(LETTER, Letter).where(LETTER.c.topic == topic).order_by(LETTER.c.id)
        with self._reading() as conn:
            return values(conn, query.where(LETTER.c.state == state) if state else query, Letter)

    def lease_letters(self, now: str, owner: str, limit: int, lease_seconds: int) -> tuple[Leased, ...]:
        """Take up to `limit` letters that are due, for readers who still want them."""
        with self._writing() as conn:
            due = select(LETTER.c.id).join(SUBSCRIBER, _is_to).where(_due(now), WANTED)
            ids = list(conn.execute(due.order_by(LETTER.c.id).limit(limit)).scalars())
            lease = {
                "state": "leased",
                "lease_owner": owner,
                "lease_until": later(now, timedelta(seconds=lease_seconds)),
            }
            conn.execute(update(LETTER).where(LETTER.c.id.in_(ids)).values(**lease, changed_at=now))
            return _leased(conn, ids)

    def mark_sending(self, letter: int, owner: str, at: str) -> bool:
        """Commit to sending. False, and do not send, when the lease ran out or the reader left."""
        mine = and_(
            LETTER.c.id == letter,
            LETTER.c.state == "leased",
            LETTER.c.lease_owner == owner,
            LETTER.c.lease_until > at,
            select(SUBSCRIBER.c.id).where(_is_to, WANTED).exists(),
        )
        now = {"state": "sending", "attempts": LETTER.c.attempts + 1, "changed_at": at}
        with self._writing() as conn:
            return conn.execute(update(LETTER).where(mine).values(**now)).rowcount == 1

    def mark_sent(self, letter: int, at: str) -> bool:
        return self._end(letter, at, "sent", from_states=("sending",))

    def mark_unknown(self, letter: int, at: str, error: str) -> bool:
        """The connection broke after DATA: the server may have the letter."""
        return self._end(letter, at, "unknown", error, from_states=("sending",))

    def mark_retry(self, letter: int, at: str, next_try_at: str, error: str) -> bool:
        """The server did not take it, and may later; withdrawn when the reader left meanwhile."""
        with self._writing() as conn:
            done = _finish(conn, letter, at, "retry", error, ("leased", "sending"), next_try_at)
            conn.execute(
                _withdrawn(at).where(
                    LETTER.c.id == letter, ~select(SUBSCRIBER.c.id).where(_is_to, WANTED).exists()
                )
            )
        return done

    def mark_failed(self, letter: int, at: str, error: str) -> bool:
        """The server refused it for good."""
        return self._end(letter, at, "failed", error)

    def recover_letters(self, now: str, *, alone: bool = True) -> Recovered:
        """Give up what a dead sender held: begun letters become unknown, leases go back into the queue.

        `alone` says that no other sender lives; without it only leases that ran out are taken for dead.
        """
        dead = LETTER.c.id.is_not(None) if alone else LETTER.c.lease_until <= now
        with self._writing() as conn:
            begun = select(LETTER.c.id).where(LETTER.c.state == "sending", dead).order_by(LETTER.c.id)
            lost = list(conn.execute(begun).scalars())
            for letter in lost:
                _finish(conn, letter, now, "unknown", "the sender stopped while sending", ("sending",))
            leased = update(LETTER).where(LETTER.c.state == "leased", dead)
            back = conn.execute(leased.values(**NO_LEASE, state="queued", changed_at=now)).rowcount
        return Recovered(unknown=len(lost), requeued=back)

    def _end(
        self,
        letter: int,
        at: str,
        state: Progress,
        error: str = "",
        *,
        from_states: tuple[str, ...] = ("leased", "sending"),
    ) -> bool:
        with self._writing() as conn:
            return _finish(conn, letter, at, state, error, from_states)


NO_LEASE = {"lease_owner": "", "lease_until": ""}
_is_to = SUBSCRIBER.c.id == LETTER.c.subscriber


def wanted_by_account() -> ColumnElement[bool]:
    """Whether somebody with an account is to get letters: asked of the account itself, at every step."""
    return and_(
        ACCOUNT.c.state == "active",
        ACCOUNT.c.letters != "none",
        func.coalesce(ACCOUNT.c.address, "") != "",
    )


_of_account = ACCOUNT.c.id == SUBSCRIBER.c.id
WANTED = and_(
    or_(
        and_(SUBSCRIBER.c.state == "confirmed", SUBSCRIBER.c.stopped == "", LETTER.c.kind != CONFIRMATION),
        and_(SUBSCRIBER.c.state == "pending", LETTER.c.kind == CONFIRMATION),
    ),
    or_(
        SUBSCRIBER.c.topic != DESK,
        select(ACCOUNT.c.id).where(_of_account, wanted_by_account()).correlate(SUBSCRIBER).exists(),
    ),
)


def enqueue(conn: Connection, topic: str, at: str, letters: Iterable[NewLetter]) -> int:
    """Queue letters in the transaction of the event they tell of; none for a reader who left or is stopped.

    Of a reader who asked for digests, what is not urgent is held. A letter is queued or held once, whichever
    came first.
    """
    new = 0
    for batch in batched(letters, BATCH):
        ids = [letter.subscriber for letter in batch]
        known = select(SUBSCRIBER.c.id, SUBSCRIBER.c.pace).where(
            SUBSCRIBER.c.id.in_(ids), SUBSCRIBER.c.state != "left", SUBSCRIBER.c.stopped == ""
        )
        pace = {row.id: row.pace for row in conn.execute(known)}
        wanted = [letter for letter in batch if letter.subscriber in pace]
        holds = {letter: not letter.urgent and pace[letter.subscriber] != "at_once" for letter in wanted}
        for table, other, held in ((LETTER, HELD, False), (HELD, LETTER, True)):
            there = _there(conn, other, topic, ids)
            rows = [
                _held(topic, at, letter) if held else letter_row(topic, at, letter)
                for letter in wanted
                if holds[letter] is held and (letter.event, letter.subscriber, letter.kind) not in there
            ]
            count = select(func.count()).select_from(table)
            before = conn.execute(count).scalar_one()
            if rows:
                conn.execute(upsert(table).on_conflict_do_nothing(), rows)
            new += conn.execute(count).scalar_one() - before
    return new


def _there(conn: Connection, table: Table, topic: str, readers: list[str]) -> set[tuple[str, str, str]]:
    mine = select(table.c.event, table.c.subscriber, table.c.kind).where(
        table.c.topic == topic, table.c.subscriber.in_(readers)
    )
    return {(event, reader, kind) for event, reader, kind in conn.execute(mine)}


def withdraw(conn: Connection, subscriber: str, at: str, kind: str = "") -> None:
    """Take back what waits for a reader, of one kind or all of it, in the transaction of the reason."""
    mine = _withdrawn(at).where(LETTER.c.subscriber == subscriber)
    conn.execute(mine.where(LETTER.c.kind == kind) if kind else mine)
    if not kind:
        conn.execute(delete(HELD).where(HELD.c.subscriber == subscriber, HELD.c.letter.is_(None)))


def _withdrawn(at: str) -> Update:
    waiting = LETTER.c.state.in_(("queued", "leased", "retry"))
    return update(LETTER).where(waiting).values(**NO_LEASE, state="withdrawn", changed_at=at)


def letter_row(topic: str, at: str, letter: NewLetter) -> dict[str, Any]:
    """The row of a letter that waits from now on, but for its number."""
    identity = canonical([topic, letter.event, letter.subscriber, letter.kind])
    new = {
        "state": "queued",
        "attempts": 0,
        "next_try_at": at,
        "created_at": at,
        "changed_at": at,
        "error": "",
    }
    return (
        letter.model_dump(exclude={"urgent"})
        | new
        | NO_LEASE
        | {"topic": topic, "message_id": digest(identity)[:32]}
    )


def _held(topic: str, at: str, letter: NewLetter) -> dict[str, Any]:
    return letter.model_dump(exclude={"urgent"}) | {"topic": topic, "at": at, "letter": None}


def _due(now: str) -> ColumnElement[bool]:
    state = LETTER.c.state
    waiting = and_(state.in_(("queued", "retry")), LETTER.c.next_try_at <= now)
    abandoned = and_(state == "leased", LETTER.c.lease_until <= now)
    return or_(waiting, abandoned)


def _leased(conn: Connection, ids: list[int | None]) -> tuple[Leased, ...]:
    mine = LETTER.c.id.in_(ids)
    found = values(conn, of_table(LETTER, Letter).where(mine).order_by(LETTER.c.id), Letter)
    address = func.coalesce(SUBSCRIBER.c.address, ACCOUNT.c.address)
    whom = SUBSCRIBER.join(LETTER, _is_to).outerjoin(ACCOUNT, _of_account)
    to = select(SUBSCRIBER.c.id, address, SUBSCRIBER.c.name).select_from(whom).where(mine)
    people = {person: (where, name) for person, where, name in conn.execute(to)}
    return tuple(
        Leased(letter=one, address=people[one.subscriber][0], name=people[one.subscriber][1]) for one in found
    )


def _finish(
    conn: Connection,
    letter: int,
    at: str,
    state: Progress,
    error: str,
    from_states: tuple[str, ...],
    next_try_at: str | None = None,
) -> bool:
    mine = update(LETTER).where(LETTER.c.id == letter, LETTER.c.state.in_(from_states))
    now = NO_LEASE | {"state": state, "error": error, "changed_at": at}
    now |= {"next_try_at": next_try_at} if next_try_at else {}
    if conn.execute(mine.values(**now)).rowcount == 0:
        return False
    told = select(LETTER.c.message_id, LETTER.c.subscriber, LETTER.c.attempts).where(LETTER.c.id == letter)
    message_id, subscriber, attempts = conn.execute(told).one()
    delivery = {"message_id": message_id, "subscriber": subscriber, "attempts": attempts, "state": state}
    note(conn, at, "delivery", delivery)
    return True
