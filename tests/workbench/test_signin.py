"""Coming in: the first administrator, invitations, passwords, second factors, sessions, and patience."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest

from living.errors import NotAllowed, UserError
from living.service import accounts, signin
from living.service.passwords import fits, hashed, refuse_weak
from living.service.policy import Act
from tests.fakes import Reply, home_at, site_of
from tests.workbench.conftest import HASH, PASSWORD, SECRET, Client, Desk


def code_of(desk: Desk, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(desk.home.clock.now)


def come_in(desk: Desk, login: str, password: str = PASSWORD, **more: str) -> tuple[Client, Reply]:
    """Fill the sign-in form in a browser of its own."""
    client = desk.stranger()
    client.csrf = client.token_of(client.get("/desk/sign-in"))
    return client, client.post("/desk/sign-in", login=login, password=password, follow=False, **more)


def chosen(desk: Desk, link: str, **fields: str) -> tuple[Client, Reply]:
    client, path = desk.stranger(), "/desk/link/" + link.rpartition("/")[2]
    client.csrf = client.token_of(client.get(path))
    given = {"login": "root", "password": PASSWORD, "password_again": PASSWORD, "name": "Root"} | fields
    return client, client.form(path, given, follow=False)


def kinds(desk: Desk) -> list[str]:
    return [item.kind for item in desk.home.house.store.operations()]


# --- links that work once -----------------------------------------------------------------------------------


def test_the_first_link_makes_an_administrator_who_sets_up_a_second_factor_before_anything_else(
    desk: Desk,
) -> None:
    client, reply = chosen(desk, accounts.first_link(desk.home.house))
    assert (reply.status, reply.headers["location"]) == (303, "/desk/")
    assert client.get("/desk/people/").headers["location"] == "/desk/account/second/"
    page = client.get("/desk/account/second/")
    secret = re.search(r"Secret: <code>([A-Z2-7 ]+)</code>", page.text)
    assert secret
    client.csrf = client.token_of(page)
    done = client.post("/desk/account/second/", code=code_of(desk, secret[1].replace(" ", "")))
    assert "The second factor is set up" in done.text
    assert client.get("/desk/people/").status == 200


def test_a_link_works_once_and_a_newer_one_replaces_it(desk: Desk) -> None:
    old = accounts.first_link(desk.home.house)
    new = accounts.first_link(desk.home.house)
    assert desk.stranger().get(old[old.index("/desk") :]).status == 404
    assert chosen(desk, new)[1].status == 303
    assert desk.stranger().get(new[new.index("/desk") :]).status == 404
    with pytest.raises(UserError, match="accounts already"):
        accounts.first_link(desk.home.house)


def test_a_link_runs_out_and_a_bad_password_does_not_use_it_up(desk: Desk) -> None:
    link = accounts.first_link(desk.home.house)
    _, weak = chosen(desk, link, password="password1234", password_again="password1234")
    assert weak.status == 400
    assert "Many people choose this one" in weak.text
    assert 'aria-describedby="wrong-password"' in weak.text
    desk.home.clock.forward(days=1, seconds=1)
    assert accounts.behind(desk.home.house, link.rpartition("/")[2]) is None


def test_an_invited_person_chooses_login_and_password_and_has_the_role(desk: Desk) -> None:
    admin = desk.person("root", "administrator")
    shown = admin.post("/desk/people/", name="Ann Example", role="extractor", in_topic="toy", address="")
    link = re.search(r'value="(http[^"]+/desk/link/[^"]+)"', shown.text)
    assert link
    client, reply = chosen(desk, link[1], login="ann")
    assert reply.status == 303
    assert "Ann Example" in client.get("/desk/account/").text
    found = desk.home.house.store.account_called("ANN")
    assert found is not None
    person = accounts.person_of(desk.home.house, found.id)
    assert person is not None
    assert person.may(Act.EXTRACT, "toy")
    assert not person.may(Act.SIGN, "toy")
    assert "ann" not in str(desk.home.house.store.operations()).lower().replace("channel", "")


# --- signing in ---------------------------------------------------------------------------------------------


def test_signing_in_leads_where_the_person_wanted_to_go_and_only_inside(desk: Desk) -> None:
    desk.person("ann", "extractor")
    asked = desk.stranger().get("/desk/account/?x=1")
    assert asked.headers["location"] == "/desk/sign-in?next=%2Fdesk%2Faccount%2F%3Fx%3D1"
    assert come_in(desk, "ann", next="/desk/account/?x=1")[1].headers["location"] == "/desk/account/?x=1"
    for odd in (
        "https://evil.example/",
        "//evil.example",
        "/desk/../..//evil.example",
        "/\\evil",
        "javascript:1",
    ):
        assert come_in(desk, "ann", next=odd)[1].headers["location"] == "/desk/"


def test_the_answer_to_an_unknown_login_is_that_to_a_wrong_password(desk: Desk) -> None:
    desk.person("ann", "extractor")

    def plain(reply: Reply, name: str) -> str:
        return re.sub(r'name="csrf" value="[^"]+"', "", reply.text.replace(f'value="{name}"', ""))

    _, wrong = come_in(desk, "ann", "quite another word")
    _, unknown = come_in(desk, "zoe", "quite another word")
    assert wrong.status == unknown.status == 401
    assert plain(wrong, "ann") == plain(unknown, "zoe")


def test_a_code_works_once_and_a_sign_in_without_it_does_not(desk: Desk) -> None:
    desk.person("ed", "editor")
    desk.home.clock.forward(minutes=2)
    assert come_in(desk, "ed")[1].status == 401
    assert come_in(desk, "ed", code=code_of(desk))[1].status == 303
    assert come_in(desk, "ed", code=code_of(desk))[1].status == 401
    desk.home.clock.forward(seconds=31)
    assert come_in(desk, "ed", code=code_of(desk))[1].status == 303


def test_failures_make_everybody_wait_longer_and_a_restart_forgets_none(desk: Desk) -> None:
    desk.person("ann", "extractor")
    for _ in range(signin.FREE_OF_NAME):
        assert "not right" in come_in(desk, "ann", "wrong wrong wrong")[1].text
    told = come_in(desk, "ann")[1]  # the right password, too early
    assert told.status == 401
    assert "Too many wrong tries" in told.text
    assert "sign_in_failures" in kinds(desk)
    desk.home.clock.forward(seconds=3)
    assert come_in(desk, "ann")[1].status == 303
    house = desk.home.house
    for number in range(signin.FREE_OF_PLACE):
        with pytest.raises(UserError, match="not right"):
            signin.sign_in(house, f"name-{number}", "wrong wrong wrong", "", "192.0.2.1")
    with pytest.raises(UserError, match="too many"):
        signin.sign_in(house, "ann", PASSWORD, "", "192.0.2.1")
    assert signin.sign_in(house, "ann", PASSWORD, "", "192.0.2.2")
    waits = [signin._until(count, "2026-02-02T06:00:00Z", 5) for count in range(5, 30)]
    assert waits == sorted(waits)
    assert waits[0] < waits[3] < waits[-1] == "2026-02-02T06:15:00Z"


def test_a_sign_in_from_another_site_or_without_the_form_s_token_is_refused(desk: Desk) -> None:
    desk.person("ann", "extractor")
    client = desk.stranger()
    client.get("/desk/sign-in")
    assert client.post("/desk/sign-in", login="ann", password=PASSWORD, csrf="x").status == 403
    assert "living-desk" not in client.cookies


# --- being signed in ----------------------------------------------------------------------------------------


def test_a_sign_in_gives_a_new_secret_of_which_the_store_keeps_only_the_hash(desk: Desk) -> None:
    desk.person("ann", "extractor")
    fixed = desk.stranger()
    fixed.cookies["living-desk"] = "chosen-by-somebody-else"
    fixed.csrf = fixed.token_of(fixed.get("/desk/sign-in"))
    reply = fixed.post("/desk/sign-in", login="ann", password=PASSWORD, follow=False)
    cookie = next(line for line in reply.headers["set-cookie"].split("\n") if line.startswith("living-desk="))
    assert {"HttpOnly", "SameSite=lax", "Path=/desk"} <= {part.strip() for part in cookie.split(";")}
    secret = fixed.cookies["living-desk"]
    assert len(secret) >= 43
    assert secret != "chosen-by-somebody-else"
    assert secret.encode() not in desk.home.house.store.path.read_bytes()


def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_half_a_day(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    for _ in range(11):
        desk.home.clock.forward(hours=1)
        assert ann.get("/desk/account/").status == 200
    desk.home.clock.forward(hours=1)
    assert ann.get("/desk/account/").status == 303
    ben = desk.person("ben", "extractor")
    desk.home.clock.forward(hours=2)
    assert ben.get("/desk/account/").status == 303


def test_a_new_password_signs_every_other_browser_out(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    other = desk.signed_in(ann.id)
    wrong = ann.post(
        "/desk/account/password", password="nope nope nope", new="x1y2" * 4, new_again="x1y2" * 4
    )
    assert wrong.status == 400
    assert "x1y2" not in wrong.text
    assert "This is not your password" in wrong.text
    told = ann.post(
        "/desk/account/password",
        password=PASSWORD,
        new="four more words here",
        new_again="four more words here",
    )
    assert told.status == 200
    assert ann.get("/desk/account/").status == 200
    assert other.get("/desk/account/").status == 303
    assert come_in(desk, "ann")[1].status == 401


def test_signing_out_ends_the_session_and_not_only_the_cookie(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    secret = ann.cookies["living-desk"]
    ann.post("/desk/sign-out", follow=False)
    assert "living-desk" not in ann.cookies
    ann.cookies["living-desk"] = secret
    assert ann.get("/desk/account/").status == 303


def test_a_closed_account_is_out_at_once_and_can_be_erased(desk: Desk) -> None:
    admin, ann = desk.person("root", "administrator"), desk.person("ann", "extractor")
    assert admin.post(f"/desk/people/close/{ann.id}", password=PASSWORD, erase="yes").status == 200
    assert ann.get("/desk/account/").status == 303
    found = desk.home.house.store.account(ann.id)
    assert found is not None
    assert (found.login, found.name, found.address, found.password_hash) == (None, "", None, "")
    assert admin.post(f"/desk/people/close/{admin.id}", password=PASSWORD).status == 400


def test_a_restart_signs_nobody_out(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    with site_of(desk.home.house) as restarted:
        ann.browser = restarted
        assert ann.get("/desk/account/").status == 200
        assert ann.post("/desk/account/", name="Ann Again", address="", letters="none").status == 200


def test_over_https_the_cookie_never_travels_without_it(tmp_path: Path) -> None:
    with home_at(tmp_path / "home", public_url="https://127.0.0.1") as home, site_of(home.house) as browser:
        secure = Desk(home, browser)
        _, path = accounts.first_link(home.house).split("127.0.0.1")
        client = secure.stranger()
        client.csrf = client.token_of(client.get(path))
        given = {"login": "root", "password": PASSWORD, "password_again": PASSWORD, "name": "Root"}
        reply = client.form(path, given, follow=False)
        cookie = next(line for line in reply.headers["set-cookie"].split("\n") if "__Host-living=" in line)
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {
            part.strip() for part in cookie.split(";")
        }
        assert "Domain" not in cookie
        assert reply.headers["strict-transport-security"] == "max-age=31536000"


def test_an_address_typed_in_never_reaches_the_log_of_operations(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    ann.post("/desk/account/", name="Ann", address="ann@secret.example.org", letters="daily")
    assert desk.home.house.store.account(ann.id).address == "ann@secret.example.org"  # type: ignore[union-attr]
    assert "secret.example" not in str(desk.home.house.store.operations())
    come_in(desk, "a-password-typed-as-login")
    assert "a-password-typed" not in str(desk.home.house.store.operations())
    assert b"a-password-typed" not in desk.home.house.store.path.read_bytes()


# --- nothing typed is lost ----------------------------------------------------------------------------------


def test_what_was_typed_into_an_expired_session_is_there_after_signing_in(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    desk.home.clock.forward(hours=3)
    lost = ann.form("/desk/account/", [("name", 'Ann "the" <b>'), ("address", ""), ("letters", "none")])
    assert lost.status == 401
    assert "What you typed is kept" in lost.text
    fields = re.findall(r'name="(kept:[a-z]+)" value="([^"]*)"', lost.text)
    assert dict(fields)["kept:name"] == "Ann &#34;the&#34; &lt;b&gt;"
    sent = [
        ("csrf", ann.token_of(lost)),
        ("login", "ann"),
        ("password", PASSWORD),
        ("again", "/desk/account/"),
    ]
    carried = ann.form("/desk/sign-in", [*sent, ("kept:name", "Ann the Second"), ("kept:letters", "none")])
    assert 'action="/desk/account/"' in carried.text
    assert 'name="name" value="Ann the Second"' in carried.text
    ann.csrf = ann.token_of(carried)
    assert (
        "Ann the Second" in ann.post("/desk/account/", name="Ann the Second", address="", letters="none").text
    )


def test_a_form_from_before_the_last_sign_in_is_offered_again_with_what_was_typed(desk: Desk) -> None:
    ann = desk.person("ann", "extractor")
    stale = ann.post("/desk/account/", csrf="of-an-older-page", name="Typed", address="", letters="daily")
    assert stale.status == 403
    assert 'name="name" value="Typed"' in stale.text
    assert desk.home.house.store.account(ann.id).name == "Ann"  # type: ignore[union-attr]
    assert ann.token_of(stale) == ann.csrf


# --- the rules by themselves --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "login"),
    [("short", "ann"), ("passwordpassword", "ann"), ("aaaaaaaaaaaaa", "ann"),
     ("annabel.example", "annabel.example"), ("elpmaxe.lebanna", "annabel.example"), ("x" * 201, "ann")],
)  # fmt: skip
def test_a_password_somebody_could_guess_is_refused(password: str, login: str) -> None:
    with pytest.raises(UserError):
        refuse_weak(password, login)


def test_a_hash_is_argon2id_and_fits_its_password_alone() -> None:
    assert HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert fits(HASH, PASSWORD)
    assert not fits(HASH, PASSWORD + " ")
    assert not fits("", PASSWORD)
    assert hashed(PASSWORD) != HASH


def test_the_command_line_may_name_only_people_whose_roles_allow_it(desk: Desk) -> None:
    house = desk.home.house
    assert accounts.acting(house, "anybody", Act.SIGN, "toy") == "anybody"
    ann = desk.person("ann", "extractor")
    assert accounts.acting(house, "ann", Act.EXTRACT, "toy") == ann.id
    assert accounts.acting(house, ann.id, Act.EXTRACT, "toy") == ann.id
    with pytest.raises(NotAllowed):
        accounts.acting(house, "ann", Act.SIGN, "toy")
    with pytest.raises(UserError, match="nobody"):
        accounts.acting(house, "zoe", Act.EXTRACT, "toy")
