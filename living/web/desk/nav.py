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
    ("Searches", "/desk/{topic}/searches/", Act.LOOK),
    ("Imports", "/desk/{topic}/imports/", Act.LOOK),
    ("Sign", "/desk/{topic}/sign/", Act.SIGN),
    ("Audit", "/desk/{topic}/audit/", Act.AUDIT),
)
# Pages that no way leads to by its own address, and the way that they belong to.
BELONGS = {
    **dict.fromkeys(("study", "read", "differ", "settle", "registration"), "Studies"),
    **dict.fromkeys(("daily", "paper"), "Reports"),
    **dict.fromkeys(("judgements", "trust", "rob", "grade"), "Judgements"),
    **dict.fromkeys(("claim", "release", "ask", "unask"), "Waiting"),
    **dict.fromkeys(("remark", "remark-done", "remark-erase", "draft", "check"), "Studies"),
    "withdraw": "Screening",
    "to-screen.ris": "Screening",
    "split": "Links",
}
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
    here = _here(found, topic, place)
    return tuple(Way(label, href, label == here) for label, href in found)


def _here(found: Sequence[tuple[str, str]], topic: str, place: str) -> str:
    """The label of the way that a page belongs to. What waits is one page: nothing lies below it."""
    word = place.removeprefix(f"/desk/{topic}/").partition("/")[0] if topic else ""
    if belongs := BELONGS.get(word.partition("-")[0] if word.startswith("daily-") else word):
        return belongs
    waiting = f"/desk/{topic}/"
    below = [
        (label, href)
        for label, href in found
        if place == href or (place.startswith(href) and href != waiting)
    ]
    return max(below, key=lambda way: len(way[1]), default=("", ""))[0]
