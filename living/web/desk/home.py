"""The first page of everybody: what waits for me, and where I was."""

from __future__ import annotations

from living.service.desk import home
from living.web.desk.visit import Answer, Page, Route, Visit


def first(visit: Visit) -> Answer:
    return Page("home.html", {"home": home(visit.house, visit.person)})


ROUTES: tuple[Route, ...] = (Route("GET", "/desk/", None, first),)
