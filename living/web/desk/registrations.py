"""One registration: every version that was read here, and what each says otherwise."""

from __future__ import annotations

from living.service.policy import Act
from living.service.registrations import registration_view, weights
from living.web.desk.visit import Answer, Page, Route, Visit


def registration(visit: Visit) -> Answer:
    found = registration_view(visit.house, visit.topic, visit.path["record"])
    return Page("registration.html", {"found": found, "rules": weights()})


ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/{topic}/registration/{record:path}", Act.LOOK, registration),
)
