"""Who was asked to do which task. Others may still do it: a request between people, and no fact."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert as upsert

from living.model.values import Instant, Text, Value
from living.store.engine import Connected
from living.store.operations import note
from living.store.people_tables import ASSIGNMENT
from living.store.rows import of_table, values


class Assignment(Value):
    """`study` is a record key, or the analysis of a rating; `task` a kind of task."""

    study: Text
    task: Text
    account: Text
    by: Text
    at: Instant


class Assignments(Connected):
    def assign(self, topic: str, new: Assignment) -> bool:
        """Ask a person to do a task. False when that was asked before."""
        row = new.model_dump() | {"topic": topic}
        with self._writing() as conn:
            if conn.execute(upsert(ASSIGNMENT).values(row).on_conflict_do_nothing()).rowcount == 0:
                return False
            note(conn, new.at, "assigned", _told(topic, new.study, new.task, new.account, new.by))
        return True

    def unassign(self, topic: str, study: str, task: str, account: str, by: str, at: str) -> bool:
        """Take a request back. False when there was none."""
        here = (ASSIGNMENT.c.topic == topic, ASSIGNMENT.c.study == study, ASSIGNMENT.c.task == task)
        with self._writing() as conn:
            gone = delete(ASSIGNMENT).where(*here, ASSIGNMENT.c.account == account)
            if conn.execute(gone).rowcount == 0:
                return False
            note(conn, at, "unassigned", _told(topic, study, task, account, by))
        return True

    def assignments(self, topic: str) -> tuple[Assignment, ...]:
        """Every request of a topic, by study."""
        here = of_table(ASSIGNMENT, Assignment).where(ASSIGNMENT.c.topic == topic)
        with self._reading() as conn:
            return values(conn, here.order_by(ASSIGNMENT.c.study, ASSIGNMENT.c.at), Assignment)


def _told(topic: str, study: str, task: str, account: str, by: str) -> dict[str, object]:
    return {"topic": topic, "study": study, "task": task, "account": account, "by": by}
