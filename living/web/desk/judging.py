"""The pages of judgements: the list, trustworthiness, risk of bias, certainty."""

from __future__ import annotations

from collections.abc import Callable

from living.errors import NotAllowed, UserError
from living.service.judging import NotFilled, Tool, judge_rob, judge_trust, rate_certainty
from living.service.judging_views import grade_sheet, overview, study_sheet
from living.service.policy import Act
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

FRAME_FIELDS = frozenset({"csrf", "do", "key", "password"})
LOOK = "look"  # the button that shows what the answers lead to and stores nothing
LIST = "/desk/{topic}/judgements/"
TRUST, ROB = "/desk/{topic}/trust/{study:path}", "/desk/{topic}/rob/{study:path}"
SETTLE_TRUST = "/desk/{topic}/trust/settle/{study:path}"
SETTLE_ROB = "/desk/{topic}/rob/settle/{study:path}"
GRADE = "/desk/{topic}/grade/{analysis}"


def judgements(visit: Visit) -> Answer:
    """Everything that is judged, and where each stands."""
    may = {
        f"may_{word}": visit.person.may(act, visit.topic)
        for word, act in (("judge", Act.JUDGE), ("settle", Act.ADJUDICATE), ("grade", Act.GRADE))
    }
    return Page("judgements.html", {"all": overview(visit.house, visit.topic), **may})


def trust(visit: Visit) -> Answer:
    """A study's trustworthiness, to assess alone."""
    return _sheet(visit, "trust", "trust.html")


def assess_trust(visit: Visit) -> Answer:
    """Take an assessment made alone; what is missing comes back beside its field."""
    return _taken(visit, "trust", "trust.html", _trusted(visit, together=False))


def trust_to_settle(visit: Visit) -> Answer:
    """A study on whose trustworthiness people differ, with what each of them judged."""
    return _sheet(visit, "trust", "rob_settle.html")


def settle_trust(visit: Visit) -> Answer:
    """Take the assessment on which people settled together."""
    return _taken(visit, "trust", "rob_settle.html", _trusted(visit, together=True))


def rob(visit: Visit) -> Answer:
    """A result's risk of bias, to judge alone."""
    return _sheet(visit, "rob2", "rob.html")


def judge_bias(visit: Visit) -> Answer:
    """Take a judgement made alone; what is missing comes back beside its field."""
    return _taken(visit, "rob2", "rob.html", _biased(visit, together=False))


def rob_to_settle(visit: Visit) -> Answer:
    """A result on whose risk of bias people differ, with what each of them judged."""
    return _sheet(visit, "rob2", "rob_settle.html")


def settle_bias(visit: Visit) -> Answer:
    """Take the judgement on which people settled together."""
    return _taken(visit, "rob2", "rob_settle.html", _biased(visit, together=True))


def grade(visit: Visit) -> Answer:
    """An analysis to rate; nothing is chosen beforehand."""
    found = grade_sheet(visit.house, visit.topic, visit.path["analysis"])
    return Page("grade.html", {"page": found, "fault": None})


def rate(visit: Visit) -> Answer:
    """Take a rating; what is missing comes back beside its field."""
    typed, name = _typed(visit), visit.path["analysis"]
    if visit.field("do") == LOOK:
        found = grade_sheet(visit.house, visit.topic, name, typed)
        return Page("grade.html", {"page": found, "fault": None})
    try:
        rate_certainty(visit.house, visit.topic, name, typed, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        found = grade_sheet(visit.house, visit.topic, name, typed, _by_field(fault))
        return Page("grade.html", {"page": found, "fault": fault}, 400)
    return Moved(_list(visit), "Your rating is stored. The next version will carry it.")


def _trusted(visit: Visit, *, together: bool) -> Callable[[], object]:
    key = visit.path["study"]
    return lambda: judge_trust(
        visit.house, visit.topic, key, _typed(visit), visit.person.id, together=together
    )


def _biased(visit: Visit, *, together: bool) -> Callable[[], object]:
    key, result = visit.path["study"], visit.field("result")
    return lambda: judge_rob(
        visit.house, visit.topic, key, result, _typed(visit), visit.person.id, together=together
    )


def _sheet(visit: Visit, tool: Tool, template: str) -> Page:
    result = visit.asked.get("result", "")
    found = study_sheet(visit.house, visit.topic, tool, visit.path["study"], result, visit.person.id)
    return Page(template, {"page": found, "fault": None})


def _taken(visit: Visit, tool: Tool, template: str, take: Callable[[], object]) -> Answer:
    typed, fault = _typed(visit), None
    if visit.field("do") != LOOK:
        try:
            take()
        except NotAllowed:
            raise
        except UserError as found:
            fault = found
        else:
            return Moved(_list(visit), "Your judgement is stored.")
    shown = study_sheet(
        visit.house,
        visit.topic,
        tool,
        visit.path["study"],
        visit.field("result"),
        visit.person.id,
        typed,
        _by_field(fault),
    )
    return Page(template, {"page": shown, "fault": fault}, 400 if fault else 200)


def _typed(visit: Visit) -> dict[str, str]:
    return {name: visit.field(name) for name in visit.said if name not in FRAME_FIELDS}


def _by_field(fault: UserError | None) -> dict[str, str]:
    return {one.field: one.what for one in fault.faults} if isinstance(fault, NotFilled) else {}


def _list(visit: Visit) -> str:
    return f"/desk/{visit.topic}/judgements/"


ROUTES: tuple[Route, ...] = (
    Route("GET", LIST, Act.LOOK, judgements),
    Route("GET", SETTLE_TRUST, Act.ADJUDICATE, trust_to_settle),
    Route("POST", SETTLE_TRUST, Act.ADJUDICATE, settle_trust),
    Route("GET", SETTLE_ROB, Act.ADJUDICATE, rob_to_settle),
    Route("POST", SETTLE_ROB, Act.ADJUDICATE, settle_bias),
    Route("GET", TRUST, Act.JUDGE, trust),
    Route("POST", TRUST, Act.JUDGE, assess_trust),
    Route("GET", ROB, Act.JUDGE, rob),
    Route("POST", ROB, Act.JUDGE, judge_bias),
    Route("GET", GRADE, Act.GRADE, grade),
    Route("POST", GRADE, Act.GRADE, rate),
)
