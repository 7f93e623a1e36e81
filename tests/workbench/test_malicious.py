"""What somebody sends who means harm, at every route: no bug, no raw echo, nothing kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

import pytest

from living.model.facts import Release
from living.service.policy import Role
from living.web.desk.door import OPEN
from living.web.desk.routes import ROUTES
from living.web.desk.visit import Route
from tests.fakes import Reply, articles, home_at, site_of, toy_article, toy_records
from tests.workbench.asking import address, everything, fields_by_route, named, seated
from tests.workbench.conftest import URLENCODED, Client, Desk

pytestmark = pytest.mark.sampled(3)
EVERY = pytest.mark.parametrize("route", ROUTES, ids=named)
POSTING = pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "POST"], ids=named)
MARK = "zz9"
XSS = (
    f"<script>{MARK}(1)</script>",
    f'"><img src=x onerror={MARK}(1)>',
    f"'-{MARK}(1)-'",
    f"javascript:{MARK}(1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    f"</textarea></title><svg/onload={MARK}(1)>",
)
RAW = (f"<script>{MARK}", f"<img src=x onerror={MARK}", f"<svg/onload={MARK}", f'href="javascript:{MARK}')
PARTS = (
    "..", "../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a%0d%0aSet-Cookie:%20x=1", "%c0%ae",
    "%ff%fe", "a" * 400, "-1", "0", "1e999", "none", "'%20or%201=1--", "%25s%25s%25n", "%E2%80%AE",
    "pubmed:", ":", "%2F",
)  # fmt: skip
FIELDS = (
    "text",
    "note",
    "reason",
    "why",
    "name",
    "study",
    "cell",
    "value",
    "quote",
    "q",
    "key",
    "base",
    "role",
    "page",
)
GRAB = {
    "id": "p-chosen", "by": "p-chosen", "account": "p-chosen", "person": "p-chosen",
    "at": "1999-01-01T00:00:00Z",
    "state": "active", "roles": "administrator", "seq": "1", "is_admin": "1", "totp_confirmed": "1",
    "password_hash": "x", "__class__": "x", "person.roles": "editor", "kind": "release",
    "said[by]": "p-chosen",
}  # fmt: skip


def sound(reply: Reply) -> None:
    """What holds for every answer, whatever was asked."""
    assert reply.status < 500 or reply.status == 503, reply.body[:300]
    if reply.headers.get("content-type", "").startswith(("text/html", "image/svg")):
        assert not [raw for raw in RAW if raw.encode() in reply.body]
    elif reply.body and not reply.headers["content-type"].startswith(("application/json", "image/")):
        assert reply.headers["content-disposition"].startswith("attachment")
    assert not reply.headers.get("set-cookie", "").startswith("x=")
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers
    assert "'unsafe-" not in reply.headers["content-security-policy"].replace(
        "style-src 'unsafe-inline'; sandbox", ""
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers.get("location", "/desk/").startswith("/desk/")
    assert b"root:x:0" not in reply.body


@pytest.fixture(scope="module")
def fields(every_desk: Desk) -> dict[str, dict[str, str]]:
    return fields_by_route(every_desk, everything(every_desk))


@pytest.fixture
def polly(every_desk: Desk) -> Client:
    return seated(every_desk, everything(every_desk).id)


# --- addresses ----------------------------------------------------------------------------------------------


@EVERY
def test_odd_parts_of_an_address_find_nothing_and_break_nothing(
    every_desk: Desk, polly: Client, route: Route
) -> None:
    before = every_desk.home.head()
    for hole in ("topic", "study", "account", "record", "analysis", "page", "version", "none-such"):
        if "{" + hole not in route.path:
            continue
        for part in PARTS:
            path = address(route, **{hole: part})
            body = urlencode({"csrf": polly.csrf}).encode()
            reply = (
                polly.get(path)
                if route.method == "GET"
                else polly.send("POST", path, body, Content_Type=URLENCODED, Sec_Fetch_Site="same-origin")
            )
            if reply.status == 404 and "content-security-policy" not in reply.headers:
                continue
            if reply.status not in (308, 404):
                sound(reply)
            assert reply.status < 500
            assert "set-cookie: x" not in str(reply.headers).lower()
    assert every_desk.home.head() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=named)
def test_markup_in_a_query_comes_back_escaped_and_a_look_changes_nothing(
    every_desk: Desk, polly: Client, route: Route
) -> None:
    before = every_desk.home.head(), every_desk.home.house.store.accounts()
    names = (
        "q",
        "page",
        "kind",
        "by",
        "study",
        "from",
        "to",
        "text",
        "next",
        "sort",
        "cell",
        "mine",
        "after",
    )
    for value in (*XSS, "-1", "99999999999999999999", "1e9", "٣", "a" * 3000):
        sound(polly.get(address(route) + "?" + urlencode(dict.fromkeys(names, value))))
    sound(polly.get(address(route) + "?page=%ff&" + "&".join(f"x{n}=1" for n in range(2000))))
    assert (every_desk.home.head(), every_desk.home.house.store.accounts()) == before


@EVERY
def test_another_host_s_name_is_refused(every_desk: Desk, polly: Client, route: Route) -> None:
    cookie = f"living-desk={polly.cookies['living-desk']}"
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80@127.0.0.1"):
        reply = every_desk.browser(route.method, address(route), Host=host, Cookie=cookie)
        assert reply.status == 400
        assert b"evil" not in reply.body


# --- forms --------------------------------------------------------------------------------------------------


@POSTING
def test_markup_in_every_field_is_never_echoed_raw(
    every_desk: Desk, polly: Client, route: Route, fields: dict[str, dict[str, str]]
) -> None:
    names = {*FIELDS, *fields.get(route.path, {})} - {"csrf", "password"}
    for value in XSS:
        sound(seated(every_desk, polly.id).form(address(route), dict.fromkeys(names, value), follow=False))


@POSTING
def test_nobody_can_speak_for_another_by_sending_more_fields(
    every_desk: Desk, polly: Client, route: Route, fields: dict[str, dict[str, str]]
) -> None:
    """Every line that such a form adds is the sender's own, said now; no account changes its rights.

    A number bound to a version is the machine's word, whoever asked for it.
    """
    store = every_desk.home.house.store
    seq, rights = every_desk.home.head()[0], store.holdings()
    sound(
        seated(every_desk, polly.id).form(
            address(route), {**fields.get(route.path, {}), **GRAB, "csrf": polly.csrf}, follow=False
        )
    )
    sound(seated(every_desk, polly.id).form(address(route), GRAB, follow=False))
    new = [line for line in store.state("toy").lines if line.seq > seq]
    assert {line.by for line in new if not isinstance(line.fact, Release)} <= {polly.id}
    assert all(line.at == every_desk.home.house.now() for line in new)
    assert store.holdings() == rights
    assert store.account("p-chosen") is None


PARTED = "multipart/form-data; boundary=x"
UNREADABLE: dict[str, Callable[[str], tuple[bytes, str]]] = {
    "a null byte": lambda csrf: (f"csrf={csrf}&text=a%00b".encode(), URLENCODED),
    "half a character": lambda csrf: (f"csrf={csrf}&text=%c3%28".encode(), URLENCODED),
    "a lone surrogate": lambda csrf: (f"csrf={csrf}&text=%ed%a0%80".encode(), URLENCODED),
    "bytes": lambda csrf: (b"csrf=" + csrf.encode() + b"&text=\xff\xfe", URLENCODED),
    "a control in a name": lambda csrf: (f"csrf={csrf}&a%0d%0ab=1".encode(), URLENCODED),
    "too many fields": lambda csrf: (f"csrf={csrf}&".encode() + b"a=1&" * 3500, URLENCODED),
    "JSON": lambda csrf: (b'{"csrf": "' + csrf.encode() + b'"}', "application/json"),
    "XML": lambda csrf: (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "text/xml"),
    "no edge": lambda csrf: (b"--x", "multipart/form-data"),
    "a broken part": lambda csrf: (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", PARTED),
}  # fmt: skip


@pytest.mark.parametrize("what", UNREADABLE)
@POSTING
def test_what_no_form_of_ours_sends_is_refused_and_leaves_nothing(
    every_desk: Desk, polly: Client, route: Route, what: str
) -> None:
    before = every_desk.home.head(), every_desk.home.house.store.accounts()
    body, kind = UNREADABLE[what](polly.csrf)
    reply = polly.send("POST", address(route), body, Content_Type=kind, Sec_Fetch_Site="same-origin")
    assert reply.status == 400
    sound(reply)
    assert (every_desk.home.head(), every_desk.home.house.store.accounts()) == before


@POSTING
def test_more_than_a_page_takes_is_refused_before_it_is_read(
    every_desk: Desk, polly: Client, route: Route
) -> None:
    length = str(route.most_bytes + 1)
    sent = {"Content_Type": URLENCODED, "Content_Length": length, "Sec_Fetch_Site": "same-origin"}
    assert polly.send("POST", address(route), b"", **sent).status == 413
    endless = polly.send(
        "POST", address(route), b"0\r\n\r\n", Content_Length="5", Transfer_Encoding="chunked"
    )
    assert endless.status in (400, 413)


@POSTING
def test_a_long_text_costs_time_in_proportion(
    every_desk: Desk, polly: Client, route: Route, fields: dict[str, dict[str, str]]
) -> None:
    """Ten times the text may cost ten times the time, not a hundred: no pattern runs away."""
    names = sorted({*FIELDS[:6], *list(fields.get(route.path, {}))[:8]} - {"csrf", "password"})

    def seconds(length: int) -> float:
        sent = dict.fromkeys(names, ("1 " * length)[: length - 1] + "!")
        client = seated(every_desk, polly.id)
        begun = time.perf_counter()
        sound(client.form(address(route), sent, follow=False))
        return time.perf_counter() - begun

    short, long = min(seconds(4_000) for _ in range(2)), min(seconds(40_000) for _ in range(2))
    assert long < 40 * max(short, 0.01)


# --- doors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", OPEN, ids=lambda door: f"{door.method} {door.path}")
def test_a_door_stands_the_same(every_desk: Desk, door: object) -> None:
    stranger = every_desk.stranger()
    for value in (*XSS, "a" * 5000, "%00", "../.."):
        path = str(door.path).replace("{secret}", quote(value, safe="")[:900])
        sound_door(stranger.get(path + "?" + urlencode({"next": value, "again": value})))
        fields = {
            "login": value,
            "password": value,
            "code": value,
            "next": value,
            "again": value,
            "kept:x": value,
        }
        if door.method == "POST":
            stranger.csrf = stranger.token_of(stranger.get("/desk/sign-in"))
            sound_door(stranger.form(path, fields, follow=False))


def sound_door(reply: Reply) -> None:
    assert reply.status < 500
    if reply.status != 308 and "content-security-policy" in reply.headers:
        assert not [raw for raw in RAW if raw.encode() in reply.body]
        assert reply.headers.get("location", "/desk/").startswith("/desk/")


# --- what the registries send -------------------------------------------------------------------------------


def test_markup_in_titles_abstracts_and_names_is_shown_as_text_on_every_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    evil = toy_article(
        7,
        "ETA",
        title=escape(f"The invented ETA trial of an invented remedy {XSS[0]} {XSS[1]}"),
        abstract=escape(" ".join(XSS)),
        day="2026-01-10",
    )
    home_path = tmp_path_factory.mktemp("evil")
    with home_at(home_path / "home", toy_records(articles(evil))) as home, site_of(home.house) as browser:
        desk = Desk(home, browser)
        home.poll("pubmed")
        assert any(MARK in record.title for record in home.records().values())
        polly = desk.person(f"polly{MARK}", *Role)
        home.house.store.change_account(
            polly.id, home.house.now(), name=XSS[0] + XSS[1], address=None, letters="none"
        )
        for route in ROUTES:
            if route.method == "GET":
                for study in ("pubmed:90000007", "pubmed:90000001"):
                    sound(polly.get(address(route, study=study, record=study)))
