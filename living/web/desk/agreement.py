"""The page that shows the team how often two people who worked blind said the same."""

from __future__ import annotations

from living.service.agreement import team_agreement
from living.service.policy import Act
from living.web.desk.visit import Answer, Page, Route, Visit


def team(visit: Visit) -> Answer:
    return Page("agreement.html", {"team": team_agreement(visit.house, visit.topic)})


ROUTES: tuple[Route, ...] = (Route("GET", "/desk/{topic}/agreement/", Act.LOOK, team),)
