"""The pages of judgements: the list, trustworthiness, risk of bias, certainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from living.errors import NotAllowed, UserError
from living.service.drafts import Kept
from living.service.judging import (
    JUDGED,
    NotFilled,
    Subject,
    Tool,
    judge_rob,
    judge_trust,
    rate_certainty,
    subject_of,
)
from living.service.judging_views import StudySheet, grade_sheet, overview, study_sheet
from living.service.kept_forms import sheet_labels
from living.service.policy import Act
from living.web.desk.kept import FRAME_FIELDS, Keeping
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

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
    """An analysis to rate; nothing is chosen beforehand but what the rater had chosen and not handed in."""
    name = visit.path["analysis"]
    found, keeping = grade_sheet(visit.house, visit.topic, name), Keeping(visit, "grade", name)
    differ = keeping.differs(found.label, lambda: sheet_labels(found.sheet))
    kept = keeping.left()
    return differ or _grade_page(keeping, kept, kept.fields if kept else {})


def rate(visit: Visit) -> Answer:
    """Take a rating; what is missing comes back beside its field."""
    name, keeping = visit.path["analysis"], Keeping(visit, "grade", visit.path["analysis"])
    grade_sheet(visit.house, visit.topic, name)  # there is such an analysis, and it can be rated
    answer, kept = keeping.posted()
    if answer is not None:
        return answer
    if visit.field("do") == LOOK:
        return _grade_page(keeping, kept, keeping.typed)
    try:
        rate_certainty(visit.house, visit.topic, name, keeping.typed, visit.person.id)
    except NotAllowed:
        raise
    except UserError as fault:
        return _grade_page(keeping, kept, keeping.typed, fault)
    keeping.closed(kept)
    return Moved(_list(visit), "Your rating is stored. The next version will carry it.")


def _grade_page(
    keeping: Keeping, kept: Kept | None, typed: Mapping[str, str], fault: UserError | None = None
) -> Page:
    visit = keeping.visit
    found = grade_sheet(visit.house, visit.topic, visit.path["analysis"], typed, _by_field(fault))
    draft = keeping.stands(kept, sheet_labels(found.sheet), {JUDGED: found.judged})
    return Page("grade.html", {"page": found, "fault": fault, "draft": draft}, 400 if fault else 200)


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
    found = _filled(visit, tool, visit.asked.get("result", ""))
    keeping = _keeping(visit, found.subject, template)
    differ = keeping.differs(found.label, lambda: sheet_labels(found.sheet))
    kept = keeping.left()
    if kept is not None:
        found = _filled(visit, tool, found.subject.result, kept.fields)
    return differ or _shown(keeping, template, found, kept)


def _taken(visit: Visit, tool: Tool, template: str, take: Callable[[], object]) -> Answer:
    subject = subject_of(visit.house, visit.topic, tool, visit.path["study"], visit.field("result"))
    keeping, fault = _keeping(visit, subject, template), None
    answer, kept = keeping.posted()
    if answer is not None:
        return answer
    if visit.field("do") != LOOK:
        try:
            take()
        except NotAllowed:
            raise
        except UserError as found:
            fault = found
        else:
            keeping.closed(kept)
            return Moved(_list(visit), "Your judgement is stored.")
    shown = _filled(visit, tool, subject.result, keeping.typed, _by_field(fault))
    return _shown(keeping, template, shown, kept, fault)


def _filled(
    visit: Visit,
    tool: Tool,
    result: str,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> StudySheet:
    key = visit.path["study"]
    return study_sheet(visit.house, visit.topic, tool, key, result, visit.person.id, typed, faults)


def _shown(
    keeping: Keeping, template: str, found: StudySheet, kept: Kept | None, fault: UserError | None = None
) -> Page:
    draft = keeping.stands(kept, sheet_labels(found.sheet), {JUDGED: found.judged})
    return Page(template, {"page": found, "fault": fault, "draft": draft}, 400 if fault else 200)


def _keeping(visit: Visit, subject: Subject, template: str) -> Keeping:
    word = "trust" if subject.tool == "trust" else "rob"
    return Keeping(visit, f"{word}_settle" if template == "rob_settle.html" else word, subject.named)


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
