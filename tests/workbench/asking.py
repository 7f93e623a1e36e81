"""How the tests that go over every route ask each of them: filled addresses, signed-in browsers, forms."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from living.service.accounts import secret_hash
from living.service.policy import Act, Role
from living.service.signin import begin
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Route
from tests.workbench.conftest import Client, Desk

HOLE = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")
STUDY = "pubmed:90000001"
OBJECTS = {
    "topic": "toy",
    "study": STUDY,
    "record": STUDY,
    "analysis": "main",
    "version": "v1.0",
    "page": "1",
}


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def address(route: Route, **objects: str) -> str:
    """A route's address with its holes filled; what has no usual object gets one that does not exist."""
    known = OBJECTS | objects
    return HOLE.sub(lambda hole: known.get(hole[1], "none-such"), route.path)


def seated(desk: Desk, account: str) -> Client:
    """A fresh browser of an account: some routes end the session that asks."""
    secret = begin(desk.home.house, account)
    session = desk.home.house.store.session(
        secret_hash(secret), desk.home.house.now(), "2000-01-01T00:00:00Z"
    )
    assert session is not None
    return Client(desk.browser, account, {"living-desk": secret}, session.csrf)


def everything(desk: Desk) -> Client:
    """Somebody with every role, so that no refusal hides what lies behind it."""
    return desk.person("polly", *Role)


def expected(route: Route, role: Role, *, here: bool) -> bool:
    """Whether the table lets a role in; `here`: held in the topic of the address, or in all."""
    from living.service.policy import MAY

    if "{topic}" not in route.path:
        return route.act is None or (role in MAY[route.act] and role is Role.ADMINISTRATOR)
    return here and role in MAY[route.act or Act.LOOK]


class Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields."""

    def __init__(self, page: str, place: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._here: dict[str, str] | None = None
        self._place = place
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._here = self.found.setdefault(given.get("action") or self._place, {})
        elif tag in ("input", "select", "textarea", "button") and self._here is not None and "name" in given:
            self._here[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._here = None


def fields_by_route(desk: Desk, client: Client) -> dict[str, dict[str, str]]:
    """For each posting route the fields of its form, as far as some page shows it."""
    posting = [(route, _pattern(route.path)) for route in ROUTES if route.method == "POST"]
    found: dict[str, dict[str, str]] = {}
    for route in (route for route in ROUTES if route.method == "GET"):
        place = address(route)
        reply = client.get(place)
        if reply.status != 200 or "text/html" not in reply.headers["content-type"]:
            continue
        for action, fields in Forms(reply.text, place).found.items():
            for other, pattern in posting:
                if pattern.fullmatch(action.partition("?")[0]):
                    found.setdefault(other.path, {}).update(fields)
    return found


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join(".+" if HOLE.fullmatch(part) else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
    )
