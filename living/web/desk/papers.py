"""Uploaded reports, page by page: a picture with its words beside it, and the file to keep."""

from __future__ import annotations

from living.errors import UserError
from living.service.policy import Act
from living.service.uploads import original, page_of, picture_of
from living.web.desk.visit import Answer, File, Page, Route, Visit

ONE = "/desk/{topic}/paper/{sha256}/{page}"


def page(visit: Visit) -> Answer:
    """One page of a report; turning pages takes links alone."""
    return Page("paper.html", {"p": page_of(visit.house, visit.topic, visit.path["sha256"], _number(visit))})


def turn_to(visit: Visit) -> Answer:
    """The page whose number was typed in."""
    asked = visit.asked.get("page", "1")
    found = page_of(visit.house, visit.topic, visit.path["sha256"], _counted(asked))
    return Page("paper.html", {"p": found})


def picture(visit: Visit) -> Answer:
    """A page's picture alone."""
    sha, number = visit.path["sha256"], _number(visit)
    body = picture_of(visit.house, visit.topic, sha, number)
    return File(body, "image/png", f"{sha[:12]}-{number}.png", "picture")


def download(visit: Visit) -> Answer:
    """The file itself, to keep; a browser never opens it here."""
    paper, body = original(visit.house, visit.topic, visit.path["sha256"])
    return File(body, "application/pdf", paper.name, "download")


def _number(visit: Visit) -> int:
    return _counted(visit.path["page"])


def _counted(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise UserError(f"no page '{text[:20]}'", where="page", fix="Pages are counted from 1")
    return int(text)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/{topic}/paper/{sha256}/original", Act.ORGANISE, download),
    Route("GET", "/desk/{topic}/paper/{sha256}/", Act.ORGANISE, turn_to),
    Route("GET", ONE, Act.ORGANISE, page),
    Route("GET", ONE + "/picture", Act.ORGANISE, picture),
)
