"""The ways through a topic, each shown to those whose roles allow it and only while its page exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from living.service.policy import EVERY_TOPIC, Act, Person
from living.web.desk.visit import Route

TOPIC = (
    ("Waiting", "/desk/{topic}/", Act.LOOK),
    ("Screening", "/desk/{topic}/screen/", Act.SCREEN),
    ("Studies", "/desk/{topic}/studies/", Act.LOOK),
    ("Links", "/desk/{topic}/links/", Act.LINK),
    ("Tables", "/desk/{topic}/tables/", Act.LOOK),
    ("Reports", "/desk/{topic}/daily/", Act.LOOK),
    ("Agreement", "/desk/{topic}/agreement/", Act.LOOK),
    ("Judgements", "/desk/{topic}/judgements/", Act.LOOK),
    ("Sign", "/desk/{topic}/sign/", Act.SIGN),
    ("Audit", "/desk/{topic}/audit/", Act.AUDIT),
)
HOUSE = (("People", "/desk/people/", Act.MANAGE),)


@dataclass(frozen=True)
class Way:
    label: str
    href: str
    here: bool


def ways(person: Person, topic: str, place: str, routes: Sequence[Route]) -> tuple[Way, ...]:
    """Return the links of a page's head, in their order."""
    known = {route.path for route in routes if route.method == "GET"}
    found = [
        (label, path.replace("{topic}", topic))
        for label, path, act in (TOPIC if topic else ())
        if path in known and person.may(act, topic)
    ]
    if not topic:
        found += [
            (label, path) for label, path, act in HOUSE if path in known and person.may(act, EVERY_TOPIC)
        ]
    nearest = max((href for _, href in found if place.startswith(href)), key=len, default="")
    return tuple(Way(label, href, href == nearest) for label, href in found)
