"""People and their roles, for administrators: invite, grant, take, close, let somebody in again."""

from __future__ import annotations

from living.errors import UserError
from living.service.accounts import close, grant, invite, reset_link, take
from living.service.policy import Act, Role
from living.service.roster import places, roster
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

HERE = "/desk/people/"


def people(visit: Visit) -> Answer:
    return _people(visit)


def inviting(visit: Visit) -> Answer:
    name, role, topic = visit.field("name"), visit.field("role"), visit.field("in_topic")
    try:
        _, link = invite(visit.house, visit.person.id, name, role, topic, visit.field("address").strip())
    except UserError as fault:
        return _people(visit, fault)
    return _people(visit, link=link)


def granting(visit: Visit) -> Answer:
    new = grant(
        visit.house, visit.person.id, visit.path["account"], visit.field("role"), visit.field("in_topic")
    )
    return Moved(HERE, "The role is given." if new else "The role was held already.")


def taking(visit: Visit) -> Answer:
    gone = take(
        visit.house, visit.person.id, visit.path["account"], visit.field("role"), visit.field("in_topic")
    )
    return Moved(HERE, "The role is taken." if gone else "The role was not held.")


def resetting(visit: Visit) -> Answer:
    return _people(visit, link=reset_link(visit.house, visit.person.id, visit.path["account"]))


def closing(visit: Visit) -> Answer:
    erase = visit.field("erase") == "yes"
    close(visit.house, visit.person.id, visit.path["account"], erase=erase)
    told = (
        "The account is closed, and login, name and address are erased."
        if erase
        else "The account is closed."
    )
    return Moved(HERE, told)


def _people(visit: Visit, fault: UserError | None = None, link: str = "") -> Page:
    shown = {
        "people": roster(visit.house),
        "role_choices": tuple((role.value, role.value) for role in Role),
        "places": places(visit.house),
        "fault": fault,
        "link": link,
        "typed": {name: visit.field(name) for name in ("name", "address", "role", "in_topic")}
        if fault
        else {},
    }
    return Page("people.html", shown, 400 if fault else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", HERE, Act.MANAGE, people),
    Route("POST", HERE, Act.MANAGE, inviting),
    Route("POST", "/desk/people/grant/{account}", Act.MANAGE, granting),
    Route("POST", "/desk/people/take/{account}", Act.MANAGE, taking),
    Route("POST", "/desk/people/reset/{account}", Act.MANAGE, resetting, password=True),
    Route("POST", "/desk/people/close/{account}", Act.MANAGE, closing, password=True),
)
