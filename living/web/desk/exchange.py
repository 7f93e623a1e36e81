"""Extractions as tables: take them away, take an empty one, hand a filled one in."""

from __future__ import annotations

from typing import Literal

from living.errors import NotAllowed, UserError
from living.service.exchange import (
    Fault,
    NotTaken,
    Taken,
    blank_table,
    extractions_table,
    hand_in_table,
    overview,
)
from living.service.policy import Act
from living.service.sheets import MEDIA
from living.service.sheets import MOST_BYTES as MOST_OF_A_TABLE
from living.web.desk.visit import Answer, File, Moved, Page, Route, Visit

PLACE = "/desk/{topic}/tables/"
ROOM_FOR_THE_FORM = 10_000  # bytes around the file: the token and the parts' heads


def tables(visit: Visit) -> Answer:
    """What there is to take away, and the field to hand a table in."""
    return _page(visit)


def extractions(visit: Visit) -> Answer:
    """Everybody's extractions, or the visitor's own, as a file; what is still blind has no content."""
    form = _format(visit.path["form"])
    mine = visit.asked.get("mine") == "yes"
    content = extractions_table(visit.house, visit.topic, visit.person.id, form, mine)
    return File(content, MEDIA[form], f"{visit.topic}-extractions.{form}")


def blank(visit: Visit) -> Answer:
    """An empty table with its columns explained."""
    form = _format(visit.path["form"])
    return File(blank_table(visit.house, visit.topic, form), MEDIA[form], f"{visit.topic}-empty.{form}")


def hand_in(visit: Visit) -> Answer:
    """Take a table whole, or show every fault by row and column and take nothing."""
    sent = visit.files.get("table")
    try:
        if sent is None or not sent.name:
            raise UserError("no file was chosen", where="table", fix="Choose a CSV or XLSX file")
        taken = hand_in_table(visit.house, visit.topic, sent.name, sent.content, visit.person.id)
    except NotAllowed:
        raise
    except NotTaken as fault:
        return _page(visit, fault, fault.faults, sent.name if sent else "")
    except UserError as fault:
        return _page(visit, fault, (), sent.name if sent else "")
    return Moved(PLACE.format(topic=visit.topic), _told(taken))


def _told(taken: Taken) -> str:
    if not taken.said.facts:
        return "Nothing new: all of this had been said before."
    cells = "1 extraction" if taken.said.facts == 1 else f"{taken.said.facts} extractions"
    return f"Stored: {cells}."


def _page(
    visit: Visit, fault: UserError | None = None, faults: tuple[Fault, ...] = (), name: str = ""
) -> Page:
    found = overview(visit.house, visit.topic, visit.person.id)
    may_hand_in = visit.person.may(Act.EXTRACT, visit.topic)
    shown = {"found": found, "fault": fault, "faults": faults, "name": name, "may_hand_in": may_hand_in}
    return Page("exchange.html", shown, 400 if fault else 200)


def _format(text: str) -> Literal["csv", "xlsx"]:
    if text not in MEDIA:
        raise UserError(f"no such kind of table: '{text[:20]}'", fix=f"There are: {', '.join(MEDIA)}")
    return "csv" if text == "csv" else "xlsx"


ROUTES = (
    Route("GET", PLACE, Act.LOOK, tables),
    Route("GET", PLACE + "extractions/{form}", Act.LOOK, extractions),
    Route("GET", PLACE + "empty/{form}", Act.LOOK, blank),
    Route("POST", PLACE, Act.EXTRACT, hand_in, most_bytes=MOST_OF_A_TABLE + ROOM_FOR_THE_FORM),
)
