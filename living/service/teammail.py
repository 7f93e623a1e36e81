"""Letters to people with an account about what waits for them: at once, once a day, or none.

Nothing here is remembered but what was told: what waits is asked anew each time, so that losing or repeating
a turn changes nothing, and what was done meanwhile is not told. A letter names the topic, the kind of task
and the study, and leads to its page; what anybody read stays behind the sign-in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from living.model.values import canonical
from living.publish.tasks import TaskLine
from living.service.accounts import person_of
from living.service.digests import MIDNIGHT
from living.service.house import House
from living.service.letters import token
from living.service.policy import Person
from living.service.remarks import remarks_to
from living.service.tasks import waiting_for
from living.service.topics import active
from living.store import DESK, NewNote, TeamNote

AN_HOUR = len("2026-01-01T00")  # of an instant


def tell_team(house: House) -> int:
    """Note what waits for whom, and queue the letters that are due. Returns how many letters that were."""
    seen = _seen(house)
    if house.at_rest.get(DESK) != seen:
        house.store.note_tasks(house.now(), list(_standing(house)))
        house.at_rest[DESK] = seen
    house.failpoint("tasks.noted")
    day_began = f"{house.now()[:10]}{MIDNIGHT}"
    return house.store.make_team_letters(house.now(), day_began, lambda person: _leave_hash(house, person))


def task_lines(house: House, notes: tuple[TeamNote, ...]) -> tuple[TaskLine, ...]:
    """Return what a letter tells, in the order in which it came."""
    address = house.settings.address
    found = []
    for note in notes:
        said = json.loads(note.detail)
        found.append(TaskLine(said["topic"], said["kind"], said["study"], f"{address}{said['path']}"))
    return tuple(found)


def _seen(house: House) -> object:
    """Everything that what waits for whom follows from; drafts end without one, hence the hour."""
    people = [
        (one.id, one.state, one.letters, one.address, one.login, one.name) for one in house.store.accounts()
    ]
    topics = [
        (
            house.store.head(topic),
            house.store.assignments(topic),
            house.store.remarks(topic),
            house.store.published(topic),
        )
        for topic in house.store.topics()
    ]
    return people, house.store.holdings(), topics, house.now()[:AN_HOUR]


def _standing(house: House) -> Iterator[NewNote]:
    topics = house.store.topics()
    for account in house.store.accounts():
        if account.letters == "none" or not account.address:
            continue
        person = person_of(house, account.id)
        if person is None:
            continue
        for topic in topics:
            if person.roles_in(topic):
                yield from _of_topic(house, topic, person)


def _of_topic(house: House, topic: str, person: Person) -> Iterator[NewNote]:
    title = ""
    for item in waiting_for(house, topic, person):
        title = title or _title(house, topic)
        if item.mine and item.asked_of_me:
            asked = next(one.at for one in item.asked if one.account == person.id)
            event, kind = f"asked {item.kind} {item.study} {asked}", f"{item.said_kind} (asked of you)"
            yield _note(topic, person, event, title, kind, item.label, item.href)
        elif item.mine:
            event = f"task {item.kind} {item.study} {item.line}"
            yield _note(topic, person, event, title, item.said_kind, item.label, item.href)
    for remark in remarks_to(house, topic, person.id):
        path = f"/desk/{topic}/study/{remark.study}"
        title = title or _title(house, topic)
        yield _note(topic, person, f"remark {remark.id}", title, "remark", remark.label, path)


def _note(topic: str, person: Person, event: str, title: str, kind: str, study: str, path: str) -> NewNote:
    detail = canonical({"topic": title, "kind": kind, "study": study, "path": path})
    return NewNote(topic=topic, account=person.id, event=event, detail=detail)


def _title(house: House, topic: str) -> str:
    return active(house, topic)[1].topic.title


def _leave_hash(house: House, person: str) -> str:
    return hashlib.sha256(token(house, "leave", person).encode()).hexdigest()
