"""The audit trail: filtered, one line in full, exported, its chain recomputed, unusual events looked at."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from living.errors import UserError
from living.service.audit import (
    Filters,
    as_csv,
    as_json,
    audit_lines,
    audit_page,
    check_chain,
    whole_line,
)
from living.service.events import events, record_review
from living.service.policy import Act
from living.web.desk.queue import page_asked
from living.web.desk.visit import Answer, File, Moved, Page, Route, Visit

HERE, EVENTS = "/desk/{topic}/audit/", "/desk/{topic}/audit/events/"
NAMES = ("person", "kind", "study", "since", "until", "text")
LONGEST = 200  # characters of a filter


def trail(visit: Visit) -> Answer:
    filters, fault = filters_of(visit), None
    try:
        found = audit_page(visit.house, visit.topic, visit.person.id, filters, page_asked(visit))
    except UserError as wrong:
        found, fault = audit_page(visit.house, visit.topic, visit.person.id, Filters()), wrong
    checked = check_chain(visit.house, visit.topic) if visit.asked.get("check") == "yes" else None
    shown = {
        "found": found,
        "asked": filters,
        "fault": fault,
        "checked": checked,
        "query": _query(filters),
        "waiting": events(visit.house, visit.topic, visit.person.id).new,
    }
    return Page("audit.html", shown, 400 if fault else 200)


def one_line(visit: Visit) -> Answer:
    text = visit.path["seq"]
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise UserError("there is no such line", where=visit.topic, fix="Choose one from the trail")
    found = whole_line(visit.house, visit.topic, visit.person.id, int(text))
    return Page("audit_line.html", {"found": found})


def spreadsheet(visit: Visit) -> Answer:
    lines = audit_lines(visit.house, visit.topic, visit.person.id, filters_of(visit))
    return File(as_csv(lines), "text/csv; charset=utf-8", f"audit-{visit.topic}.csv")


def document(visit: Visit) -> Answer:
    lines = audit_lines(visit.house, visit.topic, visit.person.id, filters_of(visit))
    body = json.dumps({"topic": visit.topic, "lines": as_json(lines)}, ensure_ascii=False, indent=1)
    return File(body.encode(), "application/json", f"audit-{visit.topic}.json")


def unusual(visit: Visit) -> Answer:
    return _events(visit)


def reviewed(visit: Visit) -> Answer:
    line, operation = (_number(visit.field(name)) for name in ("line", "operation"))
    try:
        record_review(visit.house, visit.topic, visit.person.id, line, operation, visit.field("note"))
    except UserError as fault:
        return _events(visit, fault)
    return Moved(f"/desk/{visit.topic}/audit/events/", "Your review is recorded.")


def _events(visit: Visit, fault: UserError | None = None) -> Page:
    found = events(visit.house, visit.topic, visit.person.id)
    shown = {"found": found, "fault": fault, "typed": visit.field("note")}
    return Page("events.html", shown, 400 if fault else 200)


def filters_of(visit: Visit) -> Filters:
    """Return the filters that an address asks for."""
    return Filters(**{name: visit.asked.get(name, "").strip()[:LONGEST] for name in NAMES})


def _query(filters: Filters) -> str:
    """The filters as they stand in addresses of further pages and exports."""
    return urlencode({name: value for name in NAMES if (value := getattr(filters, name))})


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


ROUTES: tuple[Route, ...] = (
    Route("GET", HERE, Act.AUDIT, trail),
    Route("GET", "/desk/{topic}/audit/line/{seq}", Act.AUDIT, one_line),
    Route("GET", "/desk/{topic}/audit/trail.csv", Act.AUDIT, spreadsheet),
    Route("GET", "/desk/{topic}/audit/trail.json", Act.AUDIT, document),
    Route("GET", EVENTS, Act.AUDIT, unusual),
    Route("POST", EVENTS, Act.AUDIT, reviewed),
)
