"""What every request to the workbench passes, in this order: origin, session, form token, second factor,
topic, role, password, and only then the page itself."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route as WebRoute

from living.errors import EnvironmentFault, HeldElsewhere, LivingError, NotAllowed, UserError
from living.service.house import House
from living.service.policy import Act, allow
from living.service.signin import Seat, right_password, seat_of
from living.web.desk import cookies
from living.web.desk.arrive import Arrived, TooLarge, arrive
from living.web.desk.door import OPEN, ask_in, typed
from living.web.desk.render import Common, page, respond
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Answer, Data, Moved, Page, Route, Visit

MOST_BYTES = max([route.most_bytes for route in ROUTES] + [door.most_bytes for door in OPEN])
SECOND = "/desk/account/second/"  # where a second factor is set up
ALWAYS = (SECOND, "/desk/sign-out")  # what somebody may do before it is
ODD = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")
LONGEST_PLACE = 600


def mount(app: FastAPI, house: House) -> None:
    """Put every address of the workbench before whatever the site would answer there."""
    for route in sorted(ROUTES, key=_wide):
        app.router.routes.append(_web(route.path, route.method, route.most_bytes, house, _kept_by(route)))
    for door in OPEN:
        app.router.routes.insert(0, _web(door.path, door.method, door.most_bytes, house, door.handler))
    app.router.routes.append(WebRoute("/desk", _home, methods=["GET"]))
    app.router.routes.append(_web("/desk/{rest:path}", "GET", 0, house, _unknown))
    app.router.routes.append(_web("/desk/{rest:path}", "POST", 0, house, _unknown))


def _wide(route: Route) -> tuple[int, ...]:
    """What is named in full comes before what is left open, so that no page hides another."""
    return tuple(2 if ":path" in part else 1 if part.startswith("{") else 0 for part in route.path.split("/"))


def _web(
    path: str, method: str, most: int, house: House, handler: Callable[[House, Arrived], Response]
) -> WebRoute:
    async def endpoint(request: Request) -> Response:
        try:
            arrived = await arrive(request, most)
        except UserError as fault:
            status = 413 if isinstance(fault, TooLarge) else 400
            return await run_in_threadpool(_fault, Common(house), fault, status)
        response = await run_in_threadpool(handler, house, arrived)
        if cookies.safe(house):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return WebRoute(path, endpoint, methods=[method])


def _kept_by(route: Route) -> Callable[[House, Arrived], Response]:
    def handler(house: House, a: Arrived) -> Response:
        return _guard(house, route, a)

    return handler


async def _home(_request: Request) -> Response:
    return Response(status_code=308, headers={"Location": "/desk/"})


def _unknown(house: House, a: Arrived) -> Response:
    seat = seat_of(house, a.cookies.get(cookies.session_name(house), ""))
    common = Common(house, seat.person, csrf=seat.session.csrf) if seat else Common(house)
    return _fault(common, UserError("there is no page here"), 404)


def _guard(house: House, route: Route, a: Arrived) -> Response:
    if a.method == "POST" and a.origin == "elsewhere":
        return _fault(Common(house), NotAllowed("this was sent by another site"), 403)
    seat = seat_of(house, a.cookies.get(cookies.session_name(house), ""))
    if seat is None:
        return _outside(house, a)
    common = Common(house, seat.person, csrf=seat.session.csrf, place=a.place)
    if _odd(a):
        return _fault(common, UserError("there is no page here"), 404)
    if a.method == "POST" and not hmac.compare_digest(a.field("csrf").encode(), common.csrf.encode()):
        return _once_more(common, a, "token")
    if seat.unready and not a.place.startswith(ALWAYS):
        return _first_the_second(common, a)
    return _within(house, route, a, seat, common)


def _within(house: House, route: Route, a: Arrived, seat: Seat, common: Common) -> Response:
    topic = a.path.get("topic", "")
    try:
        if topic and topic not in house.store.topics():
            return _fault(common, UserError("there is no such topic"), 404)
        if route.act or topic:
            allow(seat.person, route.act or Act.LOOK, topic)
        common = replace(common, topic=topic)
        if route.password and (refused := _password(house, a, seat, common)):
            return refused
        visit = _visit(house, route, a, seat, topic)
        return _answered(house, route.handler(visit), a, seat, common)
    except LivingError as fault:
        return _failed(common, fault, a)


def _visit(house: House, route: Route, a: Arrived, seat: Seat, topic: str) -> Visit:
    said = {name: values for name, values in a.said.items() if name != "csrf"}
    if route.password:
        said.pop("password", None)
    return Visit(
        house=house,
        person=seat.person,
        topic=topic,
        place=a.place,
        path=a.path,
        asked=a.asked,
        said=said,
        files=a.files,
        quick=a.quick,
        csrf=seat.session.csrf,
        password_fresh=route.password,
    )


def _answered(house: House, answer: Answer, a: Arrived, seat: Seat, common: Common) -> Response:
    """A sentence left by the page before is told once, by the next page."""
    if isinstance(answer, Moved) and answer.told:
        house.store.leave_word(seat.session.token_hash, answer.told)
    if isinstance(answer, Page) and seat.session.told and not a.quick:
        common = replace(common, told=seat.session.told)
        house.store.leave_word(seat.session.token_hash, "")
    response = respond(answer, common)
    if isinstance(answer, Moved) and answer.session is not None:
        if answer.session:
            cookies.set_session(house, response, answer.session)
        else:
            cookies.end_session(house, response)
    return response


def _password(house: House, a: Arrived, seat: Seat, common: Common) -> Response | None:
    """The handler runs only behind the right password; else the form is offered again as it was typed."""
    try:
        if a.field("password") and right_password(house, seat.person, a.field("password"), a.peer):
            return None
        fault = "This is not your password" if a.field("password") else "Your password is needed here"
    except UserError as waiting:
        fault = str(waiting)
    return _once_more(common, a, "password", fault)


def _outside(house: House, a: Arrived) -> Response:
    """Nobody is signed in (any more): show the way in and keep what was typed."""
    if a.quick:
        return respond(Data({"signed_out": True, "sign_in": "/desk/sign-in"}, 401), Common(house))
    if a.method == "POST":
        return ask_in(house, a, fault="You were signed out", status=401, again=a.place)
    wanted = f"{a.place}?{a.query}" if a.query else a.place
    return respond(Moved(f"/desk/sign-in?next={quote(wanted, safe='')}"), Common(house))


def _once_more(common: Common, a: Arrived, why: str, fault: str = "") -> Response:
    """Offer the same form with a token that holds; pressed by a person, never by itself."""
    if a.quick:
        return respond(Data({"csrf": common.csrf if a.origin == "here" else "", "fault": fault}, 403), common)
    shown = {
        "to": a.place,
        "carried": typed(a.said),
        "why": why,
        "password": why == "password",
        "fault": fault,
    }
    return page("again.html", common, shown, 403)


def _first_the_second(common: Common, a: Arrived) -> Response:
    if a.quick:
        return respond(Data({"fault": "a second factor is needed first", "go": SECOND}, 403), common)
    if a.method == "POST":
        return _once_more(common, a, "second")
    return respond(Moved(SECOND), common)


def _failed(common: Common, fault: LivingError, a: Arrived) -> Response:
    status = 400 if isinstance(fault, UserError) else 503
    if isinstance(fault, NotAllowed):
        status = 403
    elif isinstance(fault, EnvironmentFault | HeldElsewhere):
        status = 503
    if a.quick:
        return respond(Data({"fault": str(fault)}, status), common)
    kept = typed(a.said) if a.method == "POST" and status != 403 else ()
    return _fault(common, fault, status, kept, a.place)


def _fault(
    common: Common, fault: LivingError, status: int, kept: object = (), to: str = "/desk/"
) -> Response:
    what = fault if isinstance(fault, UserError) else UserError(str(fault))
    return page("fault.html", common, {"fault": what, "status": status, "carried": kept, "to": to}, status)


def _odd(a: Arrived) -> bool:
    return len(a.place) > LONGEST_PLACE or any(ODD.search(value) for value in a.path.values())
