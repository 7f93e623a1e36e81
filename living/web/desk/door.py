"""Before anybody is signed in: the sign-in form and links that work once. What was typed is carried along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Response

from living.errors import UserError
from living.service.accounts import behind, redeem
from living.service.house import House
from living.service.passwords import SHORTEST
from living.service.signin import Seat, begin, seat_of, sign_in
from living.web.desk import cookies
from living.web.desk.arrive import Arrived, own_place
from living.web.desk.assets import SCRIPT, SHEET, script, sheet
from living.web.desk.render import Common, asset, page, respond
from living.web.desk.visit import MOST_BYTES, Moved

KEPT = "kept:"  # before the name of a field that is carried through the sign-in
NOT_CARRIED = frozenset({"csrf", "password", "password_again", "new", "new_again", "code"})  # secrets
Carried = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Open:
    """An address that needs nobody signed in."""

    method: str
    path: str
    handler: Callable[[House, Arrived], Response]
    most_bytes: int = field(default=MOST_BYTES)


def ask_in(house: House, a: Arrived, *, fault: str = "", status: int = 200, again: str = "") -> Response:
    """Return the sign-in page. `again`: where the fields of this request belong, once somebody is in."""
    secret, token = cookies.door_token(house, a.cookies)
    said: Mapping[str, Sequence[str]] = a.said
    carried = tuple((f"{KEPT}{name}", value) for name, value in typed(said)) if again else _kept(said)
    shown = {
        "fault": fault,
        "next": own_place(a.field("next") or a.asked.get("next", "")),
        "again": again or (own_place(a.field("again")) if a.field("again") else ""),
        "carried": carried,
        "login": "" if again else a.field("login")[:80],
        "files": bool(a.files),
    }
    response = page("signin.html", Common(house, csrf=token, place=a.place), shown, status)
    cookies.set_door(house, response, secret)
    return response


def typed(said: Mapping[str, Sequence[str]]) -> Carried:
    """Return the fields worth carrying, each value in the order it came."""
    return tuple(
        (name, value) for name, values in said.items() if name not in NOT_CARRIED for value in values
    )


def _show(house: House, a: Arrived) -> Response:
    if seat_of(house, a.cookies.get(cookies.session_name(house), "")):
        return respond(Moved(own_place(a.asked.get("next", ""))), Common(house))
    return ask_in(house, a)


def _enter(house: House, a: Arrived) -> Response:
    if not _from_our_form(house, a):
        return ask_in(house, a, fault="The form had grown old. Please type them again", status=403)
    try:
        secret = sign_in(
            house, a.field("login").strip(), a.field("password"), a.field("code"), a.peer, a.agent
        )
    except UserError as fault:
        return ask_in(house, a, fault=str(fault), status=401)
    old = a.cookies.get(cookies.session_name(house), "")
    seat = seat_of(house, secret)
    assert seat is not None
    if old and (before := seat_of(house, old)):
        house.store.end_session(before.session.token_hash)
    response = _inside(house, a, seat)
    cookies.set_session(house, response, secret)
    return response


def _inside(house: House, a: Arrived, seat: Seat) -> Response:
    """Go where the person wanted to; with fields carried along, show them with a button first."""
    if not a.field("again"):
        return respond(Moved(own_place(a.field("next"))), Common(house))
    fields = tuple((name.removeprefix(KEPT), value) for name, value in _kept(a.said))
    shown = {
        "to": own_place(a.field("again")),
        "carried": fields,
        "why": "in",
        "password": False,
        "fault": "",
    }
    return page("again.html", Common(house, seat.person, csrf=seat.session.csrf, place=a.place), shown)


def _kept(said: Mapping[str, Sequence[str]]) -> Carried:
    return tuple((name, value) for name, value in typed(said) if name.startswith(KEPT))


def _link(house: House, a: Arrived, fault: UserError | None = None) -> Response:
    found = behind(house, a.path["secret"])
    secret, token = cookies.door_token(house, a.cookies)
    shown = {
        "link": found,
        "fault": fault,
        "login": (found and found.login) or a.field("login")[:80],
        "name": a.field("name")[:120],
        "shortest": SHORTEST,
    }
    status = 404 if found is None else 400 if fault else 200
    response = page("first.html", Common(house, csrf=token, place=a.place), shown, status)
    cookies.set_door(house, response, secret)
    return response


def _through(house: House, a: Arrived) -> Response:
    try:
        if not _from_our_form(house, a):
            raise UserError("the form had grown old", fix="Please type it again")
        if a.field("password") != a.field("password_again"):
            raise UserError("the two are not the same", where="password", fix="Type both again")
        account = redeem(
            house, a.path["secret"], a.field("login").strip(), a.field("password"), a.field("name")
        )
    except UserError as fault:
        return _link(house, a, fault)
    response = respond(Moved("/desk/"), Common(house))
    cookies.set_session(house, response, begin(house, account, a.agent))
    return response


def _from_our_form(house: House, a: Arrived) -> bool:
    return a.origin != "elsewhere" and cookies.right_door(house, a.cookies, a.field("csrf"))


OPEN: tuple[Open, ...] = (
    Open("GET", SHEET, lambda house, a: asset(sheet(), a.path["stamp"])),
    Open("GET", SCRIPT, lambda house, a: asset(script(), a.path["stamp"])),
    Open("GET", "/desk/sign-in", _show),
    Open("POST", "/desk/sign-in", _enter, 5 * MOST_BYTES),
    Open("GET", "/desk/link/{secret}", _link),
    Open("POST", "/desk/link/{secret}", _through),
)
