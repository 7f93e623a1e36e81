"""One's own account: password, second factor, name and letters, the browsers signed in, signing out."""

from __future__ import annotations

import io

import segno

from living.errors import UserError
from living.service.own import browsers, change_own, own, try_again
from living.service.signin import (
    begin_second,
    change_password,
    confirm_second,
    right_password,
    second_address,
)
from living.web.desk.visit import Answer, File, Moved, Page, Route, Visit

NAMED = ("name", "address", "letters")
HERE, SECOND = "/desk/account/", "/desk/account/second/"


def account(visit: Visit) -> Answer:
    return _account(visit)


def change(visit: Visit) -> Answer:
    try:
        change_own(
            visit.house, visit.person, visit.field("name"), visit.field("address"), visit.field("letters")
        )
    except UserError as fault:
        return _account(visit, fault)
    return Moved(HERE, "Your account is changed.")


def letters_again(visit: Visit) -> Answer:
    again = try_again(visit.house, visit.person)
    return Moved(HERE, "Letters are tried again." if again else "No letters were stopped.")


def password(visit: Visit) -> Answer:
    """Every other browser is signed out. Secrets are never carried: the form comes back empty."""
    try:
        right = right_password(visit.house, visit.person, visit.field("password"), "")
        if not right:
            raise UserError("this is not your password", where="old")
        if visit.field("new") != visit.field("new_again"):
            raise UserError("the two are not the same", where="password", fix="Type both again")
        secret = change_password(visit.house, visit.person, visit.field("new"))
    except UserError as fault:
        return _account(visit, fault)
    return Moved(HERE, session=secret)


def elsewhere(visit: Visit) -> Answer:
    browsers(visit.house, visit.person, end=True)
    return Moved("/desk/sign-in", session="")


def second(visit: Visit) -> Answer:
    return _second(visit)


def confirm(visit: Visit) -> Answer:
    try:
        confirm_second(visit.house, visit.person, visit.field("code"))
    except UserError as fault:
        return _second(visit, fault)
    return Moved(HERE, "The second factor is set up. Signing in asks for a code from now on.")


def picture(visit: Visit) -> Answer:
    """The code to photograph, as a file of its own: no page holds it inline."""
    drawn = io.BytesIO()
    address = second_address(visit.house, visit.person, begin_second(visit.house, visit.person))
    segno.make(address, error="m").save(drawn, kind="png", scale=5, border=4)
    return File(drawn.getvalue(), "image/png", "second-factor.png", "picture")


def sign_out(visit: Visit) -> Answer:
    browsers(visit.house, visit.person, end=True, only=visit.csrf)
    return Moved("/desk/sign-in", session="")


def _account(visit: Visit, fault: UserError | None = None) -> Page:
    shown = {
        "own": own(visit.house, visit.person),
        "browsers": browsers(visit.house, visit.person),
        "fault": fault,
        "typed": {name: visit.field(name) for name in NAMED if name in visit.said},
    }
    return Page("account.html", shown, 400 if fault else 200)


def _second(visit: Visit, fault: UserError | None = None) -> Page:
    ready = own(visit.house, visit.person).second
    secret = "" if ready else begin_second(visit.house, visit.person)
    groups = tuple(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Page("second.html", {"ready": ready, "groups": groups, "fault": fault}, 400 if fault else 200)


ROUTES: tuple[Route, ...] = (
    Route("GET", HERE, None, account),
    Route("POST", HERE, None, change),
    Route("POST", "/desk/account/letters", None, letters_again),
    Route("POST", "/desk/account/password", None, password),
    Route("POST", "/desk/account/elsewhere", None, elsewhere),
    Route("GET", SECOND, None, second),
    Route("POST", SECOND, None, confirm),
    Route("GET", "/desk/account/second/picture", None, picture),
    Route("POST", "/desk/sign-out", None, sign_out),
)
