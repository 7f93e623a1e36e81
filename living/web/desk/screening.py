"""The pages of screening: the queue, one study at a time, and taking a vote back."""

from __future__ import annotations

from typing import Literal, cast
from urllib.parse import quote

from living.errors import NotAllowed, UserError
from living.service.people import vote
from living.service.policy import Act
from living.service.screening import (
    Show,
    next_to_screen,
    screening_queue,
    study_to_screen,
    withdraw,
)
from living.web.desk.visit import Answer, Moved, Page, Route, Visit

SHOWS = ("mine", "conflicts", "all")
SAID = {"include": "Included", "exclude": "Excluded", "unsure": "Marked as unsure"}
SAID_BEFORE = "You had said this before; nothing was added. A new reason makes it a new vote."
STAGES = ("title", "full_text")
LIST, ONE = "/desk/{topic}/screen/", "/desk/{topic}/screen/{study:path}"
TYPED = ("vote", "criterion", "reason", "stage", "change")


def queue(visit: Visit) -> Answer:
    """The studies to screen: mine, those in conflict, or all; a page at a time."""
    show = visit.asked.get("show", "mine")
    if show not in SHOWS:
        raise UserError(f"no list '{show[:40]}'", where="show", fix=f"There are: {', '.join(SHOWS)}")
    page = visit.asked.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    found = screening_queue(visit.house, visit.topic, visit.person.id, cast(Show, show), number)
    return Page("screening.html", {"queue": found, "undo": _undo(visit)})


def study(visit: Visit) -> Answer:
    """One study with all that bears on a vote."""
    return _page(visit, {})


def cast_vote(visit: Visit) -> Answer:
    """Take a vote and show the next study; what cannot be taken comes back with all that was typed."""
    key = visit.path["study"]
    verdict, stage = visit.field("vote"), visit.field("stage")
    try:
        if verdict not in SAID:
            raise UserError("no vote was chosen", where="vote", fix="Choose include, exclude or unsure")
        if stage not in STAGES:
            raise UserError("what the vote rests on was not chosen", where="stage", fix="Choose one")
        criterion = visit.field("criterion") if verdict == "exclude" else ""
        if verdict == "exclude" and not criterion:
            raise UserError("an exclusion names its criterion", where="criterion", fix="Choose one")
        after = next_to_screen(visit.house, visit.topic, visit.person.id, key)
        said = vote(
            visit.house,
            visit.topic,
            key,
            cast(Literal["include", "exclude", "unsure"], verdict),
            visit.person.id,
            criterion,
            visit.field("reason").strip(),
            cast(Literal["title", "full_text"], stage),
            visit.field("change") == "yes",
        )
    except NotAllowed:
        raise
    except UserError as fault:
        return _page(visit, {name: visit.field(name) for name in TYPED}, fault)
    told = f"{SAID[verdict]}{', ' + criterion if criterion else ''}." if said.facts else SAID_BEFORE
    return Moved(_place(visit, after, key), told if after else f"{told} Nothing else waits for you.")


def take_back(visit: Visit) -> Answer:
    """Take one's own vote back, and show the study again."""
    key = visit.path["study"]
    withdraw(visit.house, visit.topic, key, visit.person.id, visit.field("reason").strip())
    return Moved(_place(visit, key), "Your vote was taken back. It counts no more.")


def _page(visit: Visit, typed: dict[str, str], fault: UserError | None = None) -> Page:
    found = study_to_screen(visit.house, visit.topic, visit.person.id, visit.path["study"])
    mine = found.mine
    now = typed or {"vote": "", "criterion": "", "reason": "", "stage": found.asked, "change": ""}
    shown = {"study": found, "mine": mine, "now": now, "fault": fault, "undo": _undo(visit)}
    return Page("screen.html", shown, 400 if fault else 200)


def _undo(visit: Visit) -> str:
    """The study just voted on, which a press of a button can take back."""
    return visit.asked.get("after", "")[:200]


def _place(visit: Visit, key: str, after: str = "") -> str:
    said = f"?after={quote(after, safe='')}" if after else ""
    return f"/desk/{visit.topic}/screen/{quote(key, safe=':/')}{said}"


ROUTES: tuple[Route, ...] = (
    Route("GET", LIST, Act.SCREEN, queue),
    Route("GET", ONE, Act.SCREEN, study),
    Route("POST", ONE, Act.SCREEN, cast_vote),
    Route("POST", "/desk/{topic}/withdraw/{study:path}", Act.SCREEN, take_back),
)
