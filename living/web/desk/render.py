"""Answers of the workbench as responses: pages with the common names, files, JSON, one way on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import RedirectResponse

from living.publish.words import render
from living.service.house import House
from living.service.policy import Person
from living.service.topics import active
from living.web.desk.arrive import own_place
from living.web.desk.assets import FOR_EVER, Asset, script, sheet
from living.web.desk.nav import ways
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Answer, Data, File, Moved, Page

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # `no-referrer` would also hide the origin that a form comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


@dataclass(frozen=True)
class TopicName:
    """The topic as every page names it."""

    id: str
    title: str


@dataclass(frozen=True)
class Common:
    """What every page is given beside its own."""

    house: House
    me: Person | None = None
    topic: str = ""
    csrf: str = ""
    told: str = ""
    place: str = "/desk/"

    def names(self) -> dict[str, Any]:
        title = active(self.house, self.topic)[1].topic.title if self.topic else ""
        return {
            "me": self.me,
            "topic": TopicName(self.topic, title) if self.topic else None,
            "csrf": self.csrf,
            "told": self.told,
            "place": self.place,
            "nav": ways(self.me, self.topic, self.place, ROUTES) if self.me else (),
            "replay": self.house.replay,
            "sheet_href": sheet().href,
            "script_href": script().href,
        }


def respond(answer: Answer, common: Common) -> Response:
    """Turn what a handler answered into a response."""
    match answer:
        case Page(template=template, shown=shown, status=status):
            return page(template, common, shown, status)
        case Moved(to=to):
            return _headed(RedirectResponse(own_place(to), 303))
        case File():
            return _file(answer)
        case Data(value=value, status=status):
            body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            return _headed(Response(body, status, media_type="application/json"))


def page(template: str, common: Common, shown: Mapping[str, Any], status: int = 200) -> Response:
    body = render(f"workbench/{template.removeprefix('workbench/')}", **{**common.names(), **shown})
    return _headed(Response(body, status, media_type="text/html; charset=utf-8"))


def asset(found: Asset, stamp: str) -> Response:
    """The style sheet or the script: kept for good under the address that names its bytes."""
    response = _headed(Response(found.body, media_type=found.media_type))
    if stamp == found.stamp:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def _file(answer: File) -> Response:
    """A browser shows pictures and keeps everything else; nothing sent here can run."""
    shown = answer.kind == "picture" and answer.media_type in PICTURES
    response = _headed(Response(answer.content, media_type=answer.media_type))
    name = quote(answer.name or "file", safe="")
    response.headers["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _headed(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
