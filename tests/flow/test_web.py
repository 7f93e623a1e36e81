"""The site over real HTTP, asked byte for byte: what it serves, and everything it must not."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.service.house import House
from living.service.start import first_version
from living.web.app import HEADERS
from living.web.serve import Site
from tests.fakes import Browser, Home, home_at, site_of

PUBLIC = "https://reviews.example.org"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_at(tmp_path_factory.mktemp("web") / "home", public_url=PUBLIC) as home:
        first_version(home.house, "toy")
        home.turn()
        yield home


@pytest.fixture(scope="module")
def web(home: Home) -> Iterator[Browser]:
    with site_of(home.house) as web:
        yield web


@pytest.mark.parametrize(
    "path", ["/", "/toy/", "/toy/v1.0/", "/toy/latest/", "/toy/as-of/2026-02-02/", "/toy/v1.0/page.html"]
)
def test_every_page_of_a_committed_version_is_served_as_html(web: Browser, path: str) -> None:
    found = web.get(path)
    assert (found.status, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<main" in found.text


def test_what_never_changes_may_be_kept_for_ever_and_the_rest_is_asked_for_again(
    home: Home, web: Browser
) -> None:
    for path in home.site("v1.0").rglob("*"):
        if path.is_file() and path.name != "index.html":
            kept = web.get(f"/toy/v1.0/{path.relative_to(home.site('v1.0'))}")
            assert "immutable" in kept.headers["cache-control"], path
            assert kept.body == path.read_bytes()
    for changing in (
        "/",
        "/toy/",
        "/toy/v1.0/",
        "/toy/latest/",
        "/toy/latest/snapshot.json",
        "/toy/status.json",
    ):
        assert web.get(changing).headers["cache-control"] == "no-cache", changing


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/feed.xml", "application/atom+xml"),
        ("/toy/feed.json", "application/feed+json"),
        ("/toy/versions.json", "application/json"),
        ("/api/v1/index.json", "application/json"),
        ("/schemas/snapshot-1.json", "application/json"),
        ("/sitemap.xml", "application/xml"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/verify.py", "text/plain; charset=utf-8"),
        ("/toy/v1.0/refit.R", "text/plain; charset=utf-8"),
        ("/toy/v1.0/cite/version.bib", "application/x-bibtex"),
        ("/toy/v1.0/cite/version.ris", "application/x-research-info-systems"),
        ("/toy/v1.0/ro-crate-metadata.json", "application/ld+json"),
        ("/toy/v1.0/data/raw/pools.csv", "text/csv; charset=utf-8"),
    ],
)
def test_what_programs_ask_for_has_the_kind_that_they_look_for(web: Browser, path: str, kind: str) -> None:
    found = web.get(path)
    assert (found.status, found.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize("day", ["2020-01-01", "2026-02-02", "2026-07-31", "2199-12-31"])
def test_programs_are_told_of_any_day_what_people_are_told(web: Browser, day: str) -> None:
    found = json.loads(web.get(f"/toy/as-of/{day}/index.json").body)
    page = web.get(f"/toy/as-of/{day}/").text
    assert found["date"] == day
    version = found["version"]["version"] if found["version"] else "no version"
    assert version in page


def test_of_no_day_and_no_topic_programs_are_told_nothing(web: Browser) -> None:
    for path in ("/toy/as-of/2026-13-45/index.json", "/nowhere/as-of/2026-01-01/index.json"):
        assert web.get(path).status == 404, path


def test_a_version_that_was_not_committed_is_not_even_hinted_at(home: Home, web: Browser) -> None:
    folder = home.site("v9.9")
    folder.mkdir()
    (folder / "index.html").write_text("torn")
    (folder / "snapshot.json").write_text("{}")
    for path in ("/toy/v9.9", "/toy/v9.9/", "/toy/v9.9/index.html", "/toy/v9.9/snapshot.json"):
        assert web.get(path).status == 404, path


@pytest.mark.parametrize(
    "path",
    [
        "/../living.db",
        "/..%2fliving.db",
        "/%2e%2e/living.db",
        "/toy/../../living.db",
        "/toy/v1.0/../../../secret.key",
        "/toy/%2e%2e/%2e%2e/secret.key",
        "/..%5c..%5cliving.db",
        "//etc/passwd",
        "//evil.example/toy",
        "/%2fetc/passwd",
        "/toy//v1.0/",
        "/toy/.staging-v2.0/index.html",
        "/.hidden",
        "/toy/v1.0/snapshot.json%00.html",
        "/%00",
        "/%ff%fe",
        "/toy/" + "x" * 300,
        "/" + "y/" * 400,
        "/toy/v1.0/snapshot.json/",
        "/toy/none.html",
        "/unknown-topic/",
        "/unknown-topic/as-of/2026-01-01/",
        "/toy/as-of/2026-13-45/",
        "/letters/leave/nobody-has-this",
        "/letters/steal/anything",
        "/docs",
        "/openapi.json",
    ],
)
def test_a_path_that_leads_elsewhere_or_nowhere_is_404(home: Home, web: Browser, path: str) -> None:
    found = web.get(path)
    assert found.status == 404, found.headers
    assert str(home.path) not in found.text


def test_the_full_path_of_the_site_on_disk_is_no_address(home: Home, web: Browser) -> None:
    for slashes in ("/", "//"):
        found = web.get(f"{slashes}{str(home.house.settings.site.resolve()).lstrip('/')}/toy")
        assert found.status == 404
        assert "location" not in found.headers


def test_a_link_out_of_the_site_is_not_followed(home: Home, web: Browser) -> None:
    (home.house.settings.site / "toy" / "way-out").symlink_to(home.path)
    assert web.get("/toy/way-out/living.db").status == 404


@pytest.mark.parametrize("path", ["/toy", "/toy/v1.0", "/toy/latest", "/toy?next=//evil.example"])
def test_a_folder_redirects_to_itself_with_a_slash_and_never_off_the_host(web: Browser, path: str) -> None:
    found = web.get(path)
    assert found.status == 308
    assert found.headers["location"] == path.partition("?")[0] + "/"


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/", "///evil.example/..", "/%2f%2fevil.example"]
)
def test_no_address_makes_a_redirect_to_another_host(web: Browser, path: str) -> None:
    found = web.get(path)
    assert found.status == 404
    assert "location" not in found.headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_wrong_host_is_refused(web: Browser, host: str) -> None:
    assert web.get("/", Host=host).status == 400


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:8080", "reviews.example.org", "REVIEWS.example.org"]
)
def test_our_own_names_are_accepted(web: Browser, host: str) -> None:
    assert web.get("/", Host=host).status == 200


def test_a_body_above_a_megabyte_or_of_unknown_size_is_refused_unread(web: Browser) -> None:
    assert web("POST", "/letters/leave/x", body=b"", Content_Length=str(1_000_001)).status == 413
    assert web(
        "POST", "/letters/leave/x", body=b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="0"
    ).status in (400, 413)
    assert web.post("/letters/leave/x", b"x" * 1000).status == 404


def test_every_answer_carries_the_headers_that_protect_readers(web: Browser) -> None:
    answers = [
        web.get("/"),
        web.get("/toy"),
        web.get("/nowhere"),
        web.get("/healthz"),
        web.get("/letters/leave/x"),
        web.get("/", Host="evil.example"),
        web("DELETE", "/toy/"),
        web("POST", "/letters/leave/x", body=b"", Content_Length="9999999"),
    ]
    assert sorted({answer.status for answer in answers}) == [200, 308, 400, 404, 405, 413]
    for answer in answers:
        assert {name.lower(): answer.headers.get(name.lower()) for name in HEADERS} == {
            name.lower(): value for name, value in HEADERS.items()
        }
        assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/toy/", "/toy/v1.0/snapshot.json", "/healthz", "/toy/status.json"])
def test_head_is_get_without_the_body(web: Browser, path: str) -> None:
    got, asked = web.get(path), web.head(path)
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/toy/"), ("PUT", "/"), ("DELETE", "/healthz"), ("PUT", "/letters/leave/x")]
)
def test_a_method_that_means_nothing_here_is_405_and_says_which_do(
    web: Browser, method: str, path: str
) -> None:
    found = web(method, path, body=b"")
    assert found.status == 405
    assert "GET" in found.headers["allow"]


def test_what_is_not_here_is_said_in_one_plain_sentence(web: Browser) -> None:
    found = web.get("/toy/v1.0/nothing.txt")
    assert (found.text, found.headers["content-type"]) == ("Not here.\n", "text/plain; charset=utf-8")


def test_an_unknown_door_is_a_page_that_names_nobody_and_is_kept_by_no_cache(web: Browser) -> None:
    for answer in (web.get("/letters/confirm/none"), web.post("/letters/confirm/none")):
        assert answer.status == 404
        assert answer.headers["cache-control"] == "no-store"
        assert "not known here" in answer.text


def test_health_says_what_is_published_and_how_each_source_is(web: Browser) -> None:
    found = json.loads(web.get("/healthz").body)
    assert found["ok"] is True
    assert found["topics"] == {
        "toy": {"version": "v1.0", "sources": {"pubmed": "current", "ctgov": "current"}}
    }


# --- a site in trouble --------------------------------------------------------------------------------------


def test_readers_keep_committed_versions_while_the_store_is_away(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")
        with site_of(home.house) as web:
            assert web.get("/toy/v1.0/").status == 200
            _damage(home.house)
            assert web.get("/toy/v1.0/").status == 200
            assert web.get("/toy/v1.0/snapshot.json").status == 200
            broken = web.get("/healthz")
            assert broken.status in (500, 503)
            assert broken.headers["x-frame-options"] == "DENY"
            assert "Traceback" not in broken.text


def _damage(house: House) -> None:
    house.store.close()
    for name in ("living.db-wal", "living.db-shm"):
        (house.settings.home / name).unlink(missing_ok=True)
    house.settings.database.write_bytes(b"not a database " * 1000)


def test_the_site_stops_although_a_reader_keeps_the_connection_open(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        first_version(home.house, "toy")
        site = Site(home.house)
        site.start()
        with (
            socket.create_connection(("127.0.0.1", site.port)) as idle,
            socket.create_connection(("127.0.0.1", site.port)) as slow,
        ):
            idle.sendall(b"GET /toy/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(12) == b"HTTP/1.1 200"
            slow.sendall(b"GET /toy/ HTTP/1.1\r\nHost: loc")
            site.stop()
        assert not site._thread.is_alive()
