"""Remarks beside a study or a cell: words between people, outside the chain and erasable."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, insert, update

from living.model.values import Instant, RecordKey, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.people_tables import REMARK
from living.store.rows import of_table, value, values


class NewRemark(Value):
    """A remark as it is written. `cell` is a cell's canonical JSON, or empty for the study as a whole."""

    study: RecordKey
    cell: str = ""
    by: Text
    text: Text
    answers: int | None = None


class Remark(Value):
    """A remark as it stands. An empty `text` was erased by an administrator."""

    id: int
    study: RecordKey
    cell: str
    by: Text
    at: Instant
    text: str
    answers: int | None
    done: bool


class Remarks(Connected):
    def remark(self, topic: str, at: str, new: NewRemark) -> int:
        """Keep a remark; returns its number."""
        row = new.model_dump() | {"topic": topic, "at": at, "done": False}
        with self._writing() as conn:
            return int(conn.execute(insert(REMARK).values(row).returning(REMARK.c.id)).scalar_one())

    def remarks(self, topic: str, studies: frozenset[str] | None = None) -> tuple[Remark, ...]:
        """Return a topic's remarks, or those under any of these record keys, oldest first."""
        query = _all(topic)
        if studies is not None:
            query = query.where(REMARK.c.study.in_(sorted(studies)))
        with self._reading() as conn:
            return values(conn, query, Remark)

    def remark_of(self, topic: str, number: int) -> Remark | None:
        with self._reading() as conn:
            return value(conn, _all(topic).where(REMARK.c.id == number), Remark)

    def remark_done(self, topic: str, number: int, done: bool) -> bool:
        """Mark a remark as dealt with, or as open again. False for a number nobody has."""
        mine = (REMARK.c.topic == topic, REMARK.c.id == number)
        with self._writing() as conn:
            return conn.execute(update(REMARK).where(*mine).values(done=done)).rowcount == 1

    def erase_remark(self, topic: str, number: int, by: str, at: str) -> bool:
        """Overwrite what a remark said; that it was there stays. False: there is nothing to erase."""
        mine = (REMARK.c.topic == topic, REMARK.c.id == number, REMARK.c.text != "")
        with self._writing() as conn:
            if conn.execute(update(REMARK).where(*mine).values(text="")).rowcount == 0:
                return False
            note(conn, at, "remark_erased", {"topic": topic, "remark": number, "by": by})
        self._empty_the_log()
        return True


def _all(topic: str) -> Select[Any]:
    return of_table(REMARK, Remark).where(REMARK.c.topic == topic).order_by(REMARK.c.id)
