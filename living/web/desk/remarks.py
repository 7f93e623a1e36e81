"""Remarks: written beside a study or a cell, answered, dealt with, and erased by an administrator."""

from __future__ import annotations

from living.errors import NotAllowed, UserError
from living.service.policy import Act
from living.service.remarks import erase, remark, settle
from living.web.desk.studies import study_page
from living.web.desk.visit import Answer, Moved, Route, Visit


def write(visit: Visit) -> Answer:
    study, text, cell = visit.path["study"], visit.field("text"), visit.field("cell")
    answers = _number(visit.field("answers")) if visit.field("answers") else None
    try:
        number = remark(visit.house, visit.topic, study, text, visit.person.id, cell, answers)
    except NotAllowed:
        raise
    except UserError as fault:
        if fault.where not in ("text", "answers", "cell"):
            raise
        return study_page(visit, fault=fault, typed=text, answering=answers or 0, cell=cell)
    return Moved(f"/desk/{visit.topic}/study/{study}#remark-{number}", "Your remark is kept.")


def done(visit: Visit) -> Answer:
    finished = visit.field("done", "yes") == "yes"
    study = settle(visit.house, visit.topic, _number(visit.path["number"]), visit.person.id, finished)
    return Moved(f"/desk/{visit.topic}/study/{study}", "Dealt with." if finished else "Open again.")


def forget(visit: Visit) -> Answer:
    study = erase(visit.house, visit.topic, _number(visit.path["number"]), visit.person.id)
    return Moved(f"/desk/{visit.topic}/study/{study}", "The words are erased.")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise UserError("there is no such remark here", where="answers", fix="Look at the study again")
    return int(text)


ROUTES: tuple[Route, ...] = (
    Route("POST", "/desk/{topic}/remark/{study:path}", Act.REMARK, write),
    Route("POST", "/desk/{topic}/remark-done/{number}", Act.REMARK, done),
    Route("POST", "/desk/{topic}/remark-erase/{number}", Act.MANAGE, forget),
)
