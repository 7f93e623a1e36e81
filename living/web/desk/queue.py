"""The queue of a topic: what waits, who is at it or was asked; claiming, and asking somebody."""

from __future__ import annotations

from living.errors import NotAllowed, UserError
from living.service.assignments import assign, unassign
from living.service.claims import release, take
from living.service.desk import queue_page
from living.service.policy import Act
from living.service.tasks import able
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

HERE = "/desk/{topic}/"


def queue(visit: Visit) -> Answer:
    return _queue(visit)


def claim(visit: Visit) -> Answer:
    try:
        held = take(visit.house, visit.topic, visit.path["study"], visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _queue(visit, fault)
    return Moved(_back(visit), f"It is yours until {held.until[11:16]} UTC.")


def let_go(visit: Visit) -> Answer:
    release(visit.house, visit.topic, visit.path["study"], visit.person.id)
    return Moved(_back(visit), "The claim is given back.")


def ask(visit: Visit) -> Answer:
    what = (visit.path["study"], visit.field("kind"), visit.field("account"))
    try:
        new = assign(visit.house, visit.topic, *what, by=visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _queue(visit, fault)
    return Moved(_back(visit), "Asked." if new else "That was asked before.")


def take_back(visit: Visit) -> Answer:
    what = (visit.path["study"], visit.field("kind"), visit.field("account"))
    gone = unassign(visit.house, visit.topic, *what, by=visit.person.id)
    return Moved(_back(visit), "The request is taken back." if gone else "There was no such request.")


def _queue(visit: Visit, fault: UserError | None = None) -> Page:
    kind, whose = visit.asked.get("kind", ""), visit.asked.get("whose", "mine")
    found = queue_page(visit.house, visit.topic, visit.person, kind, whose, page_asked(visit))
    organises = visit.person.may(Act.ORGANISE, visit.topic)
    shown = {
        "queue": found,
        "fault": fault,
        "able": able(visit.house, visit.topic) if organises else {},
        "organises": organises,
    }
    return Page("queue.html", shown, 400 if fault else 200)


def page_asked(visit: Visit) -> int:
    """Return the page of a list that the address asks for; what is no number is the first."""
    text = visit.asked.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _back(visit: Visit) -> str:
    if visit.field("back") == "study":
        return f"/desk/{visit.topic}/study/{visit.path['study']}"
    return f"/desk/{visit.topic}/"


ROUTES: tuple[Route, ...] = (
    Route("GET", HERE, Act.LOOK, queue),
    Route("POST", "/desk/{topic}/claim/{study:path}", Act.REMARK, claim),
    Route("POST", "/desk/{topic}/release/{study:path}", Act.REMARK, let_go),
    Route("POST", "/desk/{topic}/ask/{study:path}", Act.ORGANISE, ask),
    Route("POST", "/desk/{topic}/unask/{study:path}", Act.ORGANISE, take_back),
)
