"""A home of the invented topic behind the real site, and people signed in to it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from living.service.accounts import _new as new_account
from living.service.passwords import hashed
from living.service.policy import EVERY_TOPIC, Role
from living.service.signin import begin
from tests.fakes import Browser, Home, Reply, home_at, site_of

PASSWORD = "three invented words"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of every second factor here
HASH = hashed(PASSWORD)
TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass
class Client:
    """One browser that keeps its cookies. Its `post` brings the token and follows one redirect."""

    browser: Browser
    id: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, **headers)

    def post(
        self,
        path: str,
        *,
        quick: bool = False,
        follow: bool = True,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        **fields: object,
    ) -> Reply:
        """Post a form; a field whose value is a list comes once for each. For odd names: `form`."""
        return self.form(path, _pairs(fields), quick=quick, follow=follow, files=files)

    def form(
        self,
        path: str,
        fields: Sequence[tuple[str, str]] | Mapping[str, object],
        *,
        quick: bool = False,
        follow: bool = True,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Reply:
        pairs = _pairs(fields) if isinstance(fields, Mapping) else list(fields)
        if not any(name == "csrf" for name, _ in pairs):
            pairs.append(("csrf", self.csrf))
        body, kind = _multipart(pairs, files) if files else (urlencode(pairs).encode(), URLENCODED)
        headers = {"Living_Quick": "1"} if quick else {}
        reply = self.send("POST", path, body, Content_Type=kind, Sec_Fetch_Site="same-origin", **headers)
        if follow and reply.status == 303:
            return self.get(reply.headers["location"])
        return reply

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = self.browser(method, quote(path, safe="/:@!$&'()*+,;=~?%.-_#"), body=body, **headers)
        for line in reply.headers.get("set-cookie", "").split("\n"):
            self._keep(line)
        return reply

    def token_of(self, reply: Reply) -> str:
        """The form token that a page carries."""
        found = TOKEN.search(reply.text)
        assert found, "no form token on the page"
        return html.unescape(found[1])

    def _keep(self, line: str) -> None:
        name, _, rest = line.partition("=")
        value = rest.partition(";")[0].strip('"')
        if "max-age=0" in line.lower():
            self.cookies.pop(name, None)
        elif value:
            self.cookies[name] = value


@dataclass
class Desk:
    """The workbench of one home; `home` holds registries, clock and topic (`toy`)."""

    home: Home
    browser: Browser
    people: dict[str, Client] = field(default_factory=dict)

    def person(self, name: str, *roles: str, topic: str | None = None) -> Client:
        """Somebody with these roles in the topic (administrators: in all), signed in at their own browser.

        `topic` "" gives the roles in every topic. The login is the name; the opaque id is `.id`.
        """
        if name not in self.people:
            store, now = self.home.house.store, self.home.house.now()
            account = new_account(self.home.house, "console", name.capitalize(), None)
            store.choose_login(account, name, now)
            store.set_password(account, HASH, now, "test")
            where = self.home.topic if topic is None else topic
            for role in roles:
                everywhere = role == Role.ADMINISTRATOR
                store.grant(EVERY_TOPIC if everywhere else where, account, role, now, "console")
            if {"editor", "administrator"} & set(roles):
                store.set_totp(account, SECRET, now, confirmed=True)
            self.people[name] = self.signed_in(account)
        return self.people[name]

    def signed_in(self, account: str) -> Client:
        """Another browser of an account."""
        secret = begin(self.home.house, account)
        client = Client(self.browser, account, {"living-desk": secret})
        client.csrf = client.token_of(client.get("/desk/account/second/"))
        return client

    def stranger(self) -> Client:
        """A browser in which nobody is signed in."""
        return Client(self.browser)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with home_at(tmp_path / "home") as home, site_of(home.house) as browser:
        yield Desk(home, browser)


@pytest.fixture(scope="module")
def every_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests of a module that goes over every route; none of them may leave a trace."""
    with home_at(tmp_path_factory.mktemp("desk") / "home") as home, site_of(home.house) as browser:
        yield Desk(home, browser)


URLENCODED = "application/x-www-form-urlencoded"


def _pairs(fields: Mapping[str, object]) -> list[tuple[str, str]]:
    found = []
    for name, value in fields.items():
        every = value if isinstance(value, list | tuple) else [value]
        found += [(name, str(one)) for one in every]
    return found


def _multipart(
    pairs: Sequence[tuple[str, str]], files: Mapping[str, tuple[str, bytes, str]]
) -> tuple[bytes, str]:
    edge = "edge-of-a-part"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, (called, content, kind) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{called}"\r\nContent-Type: {kind}'
        parts.append(f"--{edge}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
