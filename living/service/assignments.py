"""Asking somebody to do a task: visible to all, taken back at any time, and others may still do it."""

from __future__ import annotations

from living.errors import UserError
from living.service.accounts import person_of
from living.service.house import House
from living.service.tasks import waiting_for
from living.store import Assignment


def assign(house: House, topic: str, study: str, kind: str, account: str, by: str) -> bool:
    """Ask a person to do a task that waits. False when that was asked before.

    Raises UserError when no such task waits, or when the person could not do it, saying why.
    """
    person = person_of(house, account)
    if person is None:
        raise UserError("nobody with this account may work here", where="account", fix="Choose from the list")
    tasks = [item for item in waiting_for(house, topic, person) if (item.study, item.kind) == (study, kind)]
    if not tasks:
        raise UserError("this task does not wait any more", where=study[:80], fix="Look at the queue again")
    if tasks[0].why_not:
        raise UserError(f"{person.name} cannot do it: {_said_of(tasks[0].why_not)}", where=tasks[0].label)
    return house.store.assign(
        topic, Assignment(study=study, task=kind, account=person.id, by=by, at=house.now())
    )


def unassign(house: House, topic: str, study: str, kind: str, account: str, by: str) -> bool:
    """Take a request back. False when there was none."""
    return house.store.unassign(topic, study, kind, account, by, house.now())


def _said_of(why_not: str) -> str:
    """The reason as it is told to somebody else."""
    return {
        "you keep away from this study": "a conflict of interest keeps them away from this study",
        "you have read it; somebody else must too": "they have read it; somebody else must too",
        "you read it; a third person settles it": "they read it; a third person settles it",
        "you have voted; somebody else must too": "they have voted; somebody else must too",
        "you have judged it; somebody else must too": "they have judged it; somebody else must too",
    }.get(why_not, f"it {why_not}")
