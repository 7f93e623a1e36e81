"""The pages of links: what is proposed, one study's records beside another's, and the rulings on them."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from living.errors import NotAllowed, UserError
from living.service.linking import Joins, confirm, join_again, links, refuse, split, study_links
from living.service.policy import Act
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

ONE = "/desk/{topic}/links/{study:path}"
JOINS = {"same_report": "one report", "same_study": "one study"}


def proposals(visit: Visit) -> Answer:
    """Every link that waits for a ruling, and the rulings that hold records apart."""
    page = visit.asked.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return Page("links.html", {"links": links(visit.house, visit.topic, number)})


def one(visit: Visit) -> Answer:
    """One study's records and rulings; with `with`, another record beside it."""
    return _page(visit, visit.asked.get("with", "").strip(), "")


def rule(visit: Visit) -> Answer:
    """Take a ruling on two records; what cannot be taken comes back with what was typed."""
    a, b, why = visit.field("a"), visit.field("b"), visit.field("why").strip()
    relation, who = visit.field("relation"), visit.person.id
    try:
        if not why:
            raise UserError("the reason is missing", where="why", fix="Say in a few words what shows it")
        if relation in JOINS:
            confirm(visit.house, visit.topic, a, b, cast(Joins, relation), why, who)
            told = f"{a} and {b} are now {JOINS[relation]}."
        elif relation == "different":
            refuse(visit.house, visit.topic, a, b, why, who)
            told = f"{a} and {b} are now held apart."
        elif relation == "join_again":
            join_again(visit.house, visit.topic, a, b, why, who)
            told = f"{a} and {b} are one study again."
        else:
            raise UserError("no ruling was chosen", where="relation", fix="Choose one of them")
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(visit, b if visit.path["study"] == a else a, why, relation, fault)
    return Moved(f"/desk/{visit.topic}/links/", told)


def part(visit: Visit) -> Answer:
    """Part one record from its study."""
    record, why = visit.path["study"], visit.field("why").strip()
    try:
        if not why:
            raise UserError("the reason is missing", where="split", fix="Say in a few words what shows it")
        split(visit.house, visit.topic, record, why, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(visit, "", why, record, UserError(fault.what, where="split", fix=fault.fix))
    to = f"/desk/{visit.topic}/links/{quote(record, safe=':/')}"
    return Moved(to, f"{record} stands alone again.")


def _page(visit: Visit, other: str, why: str, relation: str = "", fault: UserError | None = None) -> Page:
    study = visit.path["study"]
    beside = "" if fault and fault.where == "split" else other
    try:
        found = study_links(visit.house, visit.topic, study, beside)
    except UserError as unknown:
        if fault or not beside:
            raise
        found, fault = study_links(visit.house, visit.topic, study), unknown
    now = {"why": why, "relation": relation, "with": other}
    return Page("link.html", {"links": found, "now": now, "fault": fault}, 400 if fault else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/{topic}/links/", Act.LINK, proposals),
    Route("GET", ONE, Act.LINK, one),
    Route("POST", ONE, Act.LINK, rule),
    Route("POST", "/desk/{topic}/split/{study:path}", Act.LINK, part),
)
