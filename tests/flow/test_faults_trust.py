"""F17, F18: names that do not resolve, the environment's proxies, servers that cannot prove who they are."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from living.errors import SourceDown
from living.sources.gateway import Gateway
from tests.fakes import toy_records
from tests.flow.disturbed import CONTACT, FIRST, STEPS, Pair, gateway_of, pair_at
from tests.standin import Standin
from tests.standin.canary import Canary
from tests.standin.certificates import Authority, authority_in
from tests.standin.poller import IN_NO_HURRY, Poller, source

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "ftp_proxy")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair_at(tmp_path_factory.mktemp("homes")) as pair:
        yield pair


@pytest.mark.parametrize("kind", list(STEPS))
@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN], ids=["unknown", "no answer"])
def test_a_name_that_does_not_resolve_is_a_source_that_is_down(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, kind: str, code: int
) -> None:
    def unresolved(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(code, "Name or service not known")

    pair.next_day()
    pair.disturbed.house.gateway.close()  # a connection kept open needs no name
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", unresolved)
        assert "cannot be reached" in pair.fails(kind).error
    pair.heals(kind)


@pytest.mark.parametrize("kind", list(STEPS))
def test_the_environment_s_proxies_are_not_asked(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    pair.next_day()
    with Canary() as canary:
        for name in PROXIES:
            monkeypatch.setenv(name, canary.url)
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NO_PROXY", "")
        pair.disturbed.house.gateway = gateway_of(pair.disturbed)
        pair.heals(kind)
        assert canary.visits == []


# --- who answers --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificates can be made")
    return authority_in(tmp_path_factory.mktemp("authority"))


def polled(authority: Authority, kind: str, *, trusted: bool = True, **certificate: Any) -> list[str]:
    """Poll a registry that shows such a certificate; return the ids found."""
    counts = {"ncbi_per_second": IN_NO_HURRY, "ctgov_per_second": IN_NO_HURRY}
    with (
        Standin(toy_records(), FIRST, tls=authority.serving(**certificate), **counts) as standin,
        Poller(standin, attempts=1, total_deadline=10.0) as poller,
    ):
        if trusted:
            poller.gateway._web.verify = str(authority.certificate)
        try:
            return list(poller.poll(source(kind, "invented remedy"), FIRST.date()).listed)
        except SourceDown:
            assert standin.log == []  # not a word was said to it
            raise


@pytest.mark.parametrize("kind", list(STEPS))
def test_a_server_that_proves_who_it_is_is_asked(authority: Authority, kind: str) -> None:
    assert polled(authority, kind)


@pytest.mark.parametrize("kind", list(STEPS))
@pytest.mark.parametrize(
    "certificate",
    [{"days": -1}, {"name": "DNS:registry.example.org"}, {"name": "IP:127.0.0.2"}, {"itself": True}],
    ids=["expired", "another host", "another address", "self-signed"],
)
def test_a_server_that_does_not_is_told_nothing(
    authority: Authority, kind: str, certificate: dict[str, Any]
) -> None:
    with pytest.raises(SourceDown, match="certificate could not be verified"):
        polled(authority, kind, **certificate)


def test_an_authority_nobody_knows_proves_nothing_and_no_variable_adds_one(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(authority.certificate))
    with pytest.raises(SourceDown, match="certificate could not be verified"):
        polled(authority, "ctgov", trusted=False)


def test_a_server_without_tls_is_no_server_with_it(tmp_path: Path) -> None:
    with Standin(toy_records(), FIRST) as standin, Poller(standin, attempts=1) as poller:
        poller.bases = {kind: url.replace("http://", "https://") for kind, url in standin.urls.items()}
        with pytest.raises(SourceDown, match="no secure connection"):
            poller.poll(source("ctgov"), FIRST.date())
        assert standin.log == []


def test_a_handshake_that_drips_is_left_like_any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("living.sources.transfer.CONNECT_WITHIN", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as door:
        host = f"127.0.0.1:{door.getsockname()[1]}"
        Thread(target=drip_a_handshake, args=(door,), daemon=True).start()
        start = monotonic()
        with Gateway(CONTACT, "0", {host: 0.0}, attempts=1) as gateway, pytest.raises(SourceDown):
            gateway.get("ctgov", f"https://{host}/api/v2/version", {}, lambda _: None)
        assert monotonic() - start < 5


def drip_a_handshake(door: socket.socket) -> None:
    """Promise a long record, and send a byte of it now and then."""
    visitor, _ = door.accept()
    with visitor:
        try:
            visitor.sendall(b"\x16\x03\x03\x3f\xff")
            for _ in range(600):
                sleep(0.05)
                visitor.sendall(b"\x00")
        except OSError:
            return  # left, as it should be
