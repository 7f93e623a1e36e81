"""Every route by every role, from the one table: who comes in, who does not, and nothing is forgotten."""

from __future__ import annotations

import pytest
from starlette.routing import Route as WebRoute

from living.service.policy import EVERY_TOPIC, MAY, Act, Person, Role
from living.web.app import make_app
from living.web.desk import nav
from living.web.desk.door import OPEN
from living.web.desk.frame import ALWAYS
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Route
from tests.fakes import Reply
from tests.workbench.asking import address, expected, named, seated
from tests.workbench.conftest import Client, Desk

FRAME = {("GET", "/desk"), ("GET", "/desk/{rest:path}"), ("POST", "/desk/{rest:path}")}
BY_ROLES = b"Your roles do not let you"
EVERY = pytest.mark.parametrize("route", ROUTES, ids=named)


def ask(client: Client, route: Route, **objects: str) -> Reply:
    path = address(route, **objects)
    return client.get(path) if route.method == "GET" else client.form(path, {}, follow=False)


# --- nothing is forgotten -----------------------------------------------------------------------------------


def test_every_act_has_an_entry_in_the_table_and_every_entry_a_role() -> None:
    assert set(MAY) == set(Act)
    assert all(MAY.values())
    assert frozenset().union(*MAY.values()) == frozenset(Role)


def test_every_address_under_desk_is_in_the_one_list(every_desk: Desk) -> None:
    listed = {(route.method, route.path) for route in ROUTES} | {(door.method, door.path) for door in OPEN}
    served = {
        (method, route.path)
        for route in make_app(every_desk.home.house).routes
        if isinstance(route, WebRoute) and route.path.startswith("/desk")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert served == listed | FRAME
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


@EVERY
def test_a_route_of_a_topic_names_the_act_it_takes(route: Route) -> None:
    assert route.path.startswith("/desk/")
    if "{topic}" in route.path:
        assert route.act in MAY


def test_a_way_in_the_head_of_a_page_is_shown_to_those_whom_its_page_lets_in() -> None:
    acts = {route.path: route.act for route in ROUTES if route.method == "GET"}
    for label, path, act in (*nav.TOPIC, *nav.HOUSE):
        assert acts.get(path, act) == act, label
    reader = Person("p-reader", "Reader", {"toy": frozenset({Role.READER})})
    shown = {way.label for way in nav.ways(reader, "toy", "/desk/toy/", ROUTES)}
    assert "Sign" not in shown
    assert "Screening" not in shown


# --- who comes in -------------------------------------------------------------------------------------------


@EVERY
def test_nobody_comes_in_without_a_session(every_desk: Desk, route: Route) -> None:
    reply = ask(every_desk.stranger(), route)
    if route.method == "GET":
        assert reply.status == 303
        assert reply.headers["location"].startswith("/desk/sign-in?next=%2Fdesk%2F")
    else:
        assert reply.status == 401
        assert "Sign in" in reply.text


@pytest.mark.parametrize("role", Role)
@EVERY
def test_a_role_opens_what_the_table_says_and_nothing_else(
    every_desk: Desk, route: Route, role: Role
) -> None:
    client = seated(every_desk, every_desk.person(f"the-{role}", role).id)
    other = every_desk.person("somebody-else", "reader").id
    for account in (client.id, other):
        client = seated(every_desk, client.id)
        reply = ask(client, route, account=account)
        assert reply.status < 500 or reply.status == 503, reply.body
        if expected(route, role, here=True):
            assert BY_ROLES not in reply.body
        else:
            assert reply.status == 403
            assert BY_ROLES in reply.body


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
@EVERY
def test_a_role_in_another_topic_opens_nothing_of_this_one(
    every_desk: Desk, route: Route, role: Role
) -> None:
    person = every_desk.person(f"elsewhere-{role}", role, topic="elsewhere")
    reply = ask(seated(every_desk, person.id), route)
    if expected(route, role, here=False):
        assert BY_ROLES not in reply.body
    else:
        assert reply.status == 403
        assert BY_ROLES in reply.body


@EVERY
def test_an_account_without_roles_sees_its_own_pages_only(every_desk: Desk, route: Route) -> None:
    reply = ask(seated(every_desk, every_desk.person("newcomer").id), route)
    if "{topic}" in route.path or route.act is not None:
        assert reply.status == 403
    else:
        assert reply.status < 500


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMINISTRATOR])
@EVERY
def test_an_editor_or_administrator_sets_up_a_second_factor_before_anything_else(
    every_desk: Desk, route: Route, role: Role
) -> None:
    person = every_desk.person(f"bare-{role}")
    store, now = every_desk.home.house.store, every_desk.home.house.now()
    store.grant(EVERY_TOPIC, person.id, role, now, "console")
    reply = ask(seated(every_desk, person.id), route)
    if address(route).startswith(ALWAYS):
        assert reply.status in (200, 303, 400)
    elif route.method == "GET":
        assert reply.headers["location"] == "/desk/account/second/"
    else:
        assert reply.status == 403
        assert "First a second factor" in reply.text


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "POST"], ids=named)
def test_a_form_from_elsewhere_or_without_its_token_does_nothing(every_desk: Desk, route: Route) -> None:
    polly = seated(every_desk, every_desk.person("polly", *Role).id)
    before = every_desk.home.head(), every_desk.home.house.store.accounts()
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    body = f"csrf={polly.csrf}".encode()
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        reply = polly.send("POST", address(route), body, **form, **headers)
        assert reply.status == 403
        assert "sent by another site" in reply.text
    without = polly.send("POST", address(route), b"csrf=guessed", **form, Sec_Fetch_Site="same-origin")
    assert without.status == 403
    assert (every_desk.home.head(), every_desk.home.house.store.accounts()) == before
    assert polly.get("/desk/account/").status == 200


@pytest.mark.parametrize("route", [route for route in ROUTES if route.password], ids=named)
def test_a_step_that_asks_for_the_password_again_is_not_done_without_it(
    every_desk: Desk, route: Route
) -> None:
    polly = seated(every_desk, every_desk.person("polly", *Role).id)
    before = every_desk.home.head(), every_desk.home.house.store.accounts()
    for password in ("", "not the right words"):
        reply = polly.post(address(route), password=password, note="typed <b>", follow=False)
        assert reply.status == 403
        assert 'name="note" value="typed &lt;b&gt;"' in reply.text
        assert "not the right words" not in reply.text
    every_desk.home.house.store.forget_attempts(every_desk.person("polly").id)
    assert (every_desk.home.head(), every_desk.home.house.store.accounts()) == before
