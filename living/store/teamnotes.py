"""News of tasks for people of the team: each told to each person once, in letters through the outbox.

A person of the team stands in the table of readers under the topic `@desk` with the id of the account and
without an address: that is read from the account at the moment of sending, and so is whether letters are
wanted. An erased or changed address therefore needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.outbox import DESK, NewLetter, letter_row, wanted_by_account, withdraw
from living.store.people_tables import ACCOUNT, TEAM_NOTE
from living.store.rows import batched, of_table, values
from living.store.tables import LETTER, SUBSCRIBER

TASKS = "tasks"  # the kind of letter that tells the team of tasks
BATCH = 500


class NewNote(Value):
    """News for one person. `event` is made from what the task is; `detail` what the words need, as JSON."""

    topic: Text
    account: Text
    event: Text
    detail: Text


class TeamNote(NewNote):
    id: int
    at: Instant
    letter: int | None


class TeamNotes(Connected):
    def note_tasks(self, at: str, standing: Sequence[NewNote]) -> int:
        """Keep what waits for each person and was not known; forget what was not told and waits no longer.

        One transaction. Returns how many were new.
        """
        with self._writing() as conn:
            _forget_the_done(conn, standing)
            before = _highest(conn)
            for batch in batched(standing, BATCH):
                rows = [item.model_dump() | {"at": at, "letter": None} for item in batch]
                conn.execute(upsert(TEAM_NOTE).on_conflict_do_nothing(), rows)
            fresh = select(TEAM_NOTE.c.id).where(TEAM_NOTE.c.id > before)
            return len(conn.execute(fresh).all())

    def make_team_letters(self, now: str, day_began: str, leave_hash: Callable[[str], str]) -> int:
        """Queue one letter for each person for whom something is due. One transaction.

        At once: all that is untold. Daily: once the oldest of it is of an earlier day. `leave_hash`: of the
        secret in the link with which an account ends its letters.
        """
        with self._writing() as conn:
            _keep_readers(conn, now, leave_hash)
            due = _due(conn, day_began)
            for account in due:
                _queue(conn, account, now)
        return len(due)

    def try_letters_again(self, account: str, at: str) -> bool:
        """Send to somebody's address again after too much came back; False when nothing was stopped."""
        mine = (SUBSCRIBER.c.topic == DESK, SUBSCRIBER.c.id == account, SUBSCRIBER.c.stopped != "")
        with self._writing() as conn:
            if conn.execute(update(SUBSCRIBER).where(*mine).values(stopped="")).rowcount == 0:
                return False
            note(conn, at, "letters_resumed", {"account": account})
        return True

    def team_notes(self, account: str) -> tuple[TeamNote, ...]:
        """Everything that one person was or will be told, oldest first."""
        with self._reading() as conn:
            return values(conn, _notes().where(TEAM_NOTE.c.account == account), TeamNote)

    def told_to_team(self, letter: int) -> tuple[TeamNote, ...]:
        """What a letter tells, oldest first."""
        with self._reading() as conn:
            return values(conn, _notes().where(TEAM_NOTE.c.letter == letter), TeamNote)


def _notes() -> Select[Any]:
    return of_table(TEAM_NOTE, TeamNote).order_by(TEAM_NOTE.c.id)


def _highest(conn: Connection) -> int:
    query = select(TEAM_NOTE.c.id).order_by(TEAM_NOTE.c.id.desc()).limit(1)
    return conn.execute(query).scalar_one_or_none() or 0


def _forget_the_done(conn: Connection, standing: Iterable[NewNote]) -> None:
    keep = {(item.topic, item.account, item.event) for item in standing}
    untold = select(TEAM_NOTE.c.id, TEAM_NOTE.c.topic, TEAM_NOTE.c.account, TEAM_NOTE.c.event)
    rows = conn.execute(untold.where(TEAM_NOTE.c.letter.is_(None))).all()
    gone = [number for number, *what in rows if tuple(what) not in keep]
    for batch in batched(gone, BATCH):
        conn.execute(delete(TEAM_NOTE).where(TEAM_NOTE.c.id.in_(batch)))


def _keep_readers(conn: Connection, now: str, leave_hash: Callable[[str], str]) -> None:
    """Give everybody who wants letters a row to send to; take back what waits for who wants none."""
    here = SUBSCRIBER.c.topic == DESK
    wanting = set(conn.execute(select(ACCOUNT.c.id).where(wanted_by_account())).scalars())
    known = conn.execute(select(SUBSCRIBER.c.id, SUBSCRIBER.c.state).where(here))
    standing = {row.id: row.state for row in known}
    for person in sorted(wanting):
        if standing.get(person) != "confirmed":
            row = _reader(person, now, leave_hash(person))
            back = {name: row[name] for name in ("state", "confirmed_at", "left_at", "stopped", "leave_hash")}
            conn.execute(upsert(SUBSCRIBER).values(row).on_conflict_do_update(["id"], set_=back))
    for person in sorted(standing.keys() - wanting):
        if standing[person] == "confirmed":
            gone = update(SUBSCRIBER).where(here, SUBSCRIBER.c.id == person)
            conn.execute(gone.values(state="left", left_at=now))
            withdraw(conn, person, now)


def _reader(person: str, now: str, leave_hash: str) -> dict[str, Any]:
    plain: dict[str, Any] = {"address": None, "name": "", "level": "retraction", "pace": "at_once"}
    links: dict[str, Any] = {"confirm_hash": None, "leave_hash": leave_hash}
    times: dict[str, Any] = {"created_at": now, "confirmed_at": now, "left_at": None}
    return plain | links | times | {"id": person, "topic": DESK, "state": "confirmed", "stopped": ""}


def _due(conn: Connection, day_began: str) -> list[str]:
    ripe = or_(ACCOUNT.c.letters == "at_once", TEAM_NOTE.c.at < day_began)
    who = select(TEAM_NOTE.c.account).join(ACCOUNT, ACCOUNT.c.id == TEAM_NOTE.c.account)
    who = who.where(TEAM_NOTE.c.letter.is_(None), wanted_by_account(), ripe)
    return list(conn.execute(who.distinct().order_by(TEAM_NOTE.c.account)).scalars())


def _queue(conn: Connection, account: str, now: str) -> None:
    mine = (TEAM_NOTE.c.account == account, TEAM_NOTE.c.letter.is_(None))
    last = conn.execute(select(func.max(TEAM_NOTE.c.id)).where(*mine)).scalar_one()
    new = NewLetter(event=f"{TASKS}-{last}", subscriber=account, kind=TASKS)
    row = insert(LETTER).values(letter_row(DESK, now, new)).returning(LETTER.c.id)
    letter = conn.execute(row).scalar_one()
    conn.execute(update(TEAM_NOTE).where(*mine).values(letter=letter))
