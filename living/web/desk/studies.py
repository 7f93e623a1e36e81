"""The studies of a topic and how far each has come; one study with everything about it."""

from __future__ import annotations

from living.service.numbers_shown import numbers_of
from living.service.policy import EVERY_TOPIC, Act
from living.service.progress import hub, study_list
from living.service.recusals import conflicts
from living.service.remarks import LONGEST, remarks_on
from living.web.desk.queue import page_asked
from living.web.desk.visit import Answer, Page, Route, Visit


def studies(visit: Visit) -> Answer:
    found = study_list(visit.house, visit.topic, visit.asked.get("status", ""), page_asked(visit))
    return Page("studies.html", {"found": found})


def study(visit: Visit) -> Answer:
    return study_page(visit)


def study_page(visit: Visit, **more: object) -> Page:
    """Return the page of one study; `more` is what a form on it adds: a fault, and what was typed."""
    key = visit.path["study"]
    said = remarks_on(visit.house, visit.topic, key, visit.person.id)
    shown = {
        "hub": hub(visit.house, visit.topic, key, visit.person),
        "conflicts": conflicts(visit.house, visit.topic, key, visit.person),
        "remarks": said,
        "numbers": numbers_of(visit.house, visit.topic, key, visit.person.id, said),
        "may_remark": visit.person.may(Act.REMARK, visit.topic),
        "may_erase": visit.person.may(Act.MANAGE, EVERY_TOPIC),
        "longest": LONGEST,
        "fault": None,
        "typed": "",
        "answering": 0,
        "cell": "",
    }
    return Page("study.html", {**shown, **more}, 400 if more.get("fault") else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/{topic}/studies/", Act.LOOK, studies),
    Route("GET", "/desk/{topic}/study/{study:path}", Act.LOOK, study),
)
