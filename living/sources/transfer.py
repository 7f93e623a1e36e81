"""One request and its whole body, bounded in time and in size, or a `Broken` that says why not."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

CHUNK = 16 * 1024  # small, so that time and size are looked at often
CONNECT_WITHIN = 10.0
# Bytes that begin a part of XML or JSON. A part of four bytes becomes 150 in memory, so that a body within
# the cap could fill gigabytes. 64 MB of real entries have 2.5 million of these bytes; 3 million of the worst
# take half a gigabyte.
PART_BYTES = (b"<", b"&", b"{", b"[", b",")
MOST_PARTS = 3_000_000


class Broken(Exception):
    """The answer did not arrive whole; the words are for people and hold no address and no secret."""


@contextmanager
def cut_after(sock: socket.socket | None, seconds: float) -> Iterator[None]:
    """Shut the socket when time is up: a server that sends one byte a second never times out by itself."""
    if sock is None:
        yield
        return
    alarm = Timer(max(seconds, 0.0), _shut, (sock,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _shut(sock: socket.socket) -> None:
    try:
        # The plain socket's method: TLS would first tear down what another thread is reading from.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # closed meanwhile, which is what we wanted


class _Plain(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with cut_after(self.sock, self.timeout or CONNECT_WITHIN):  # headers can drip as well as bodies
            return super().getresponse()


class _Secure(HTTPSConnection):
    _alarm: Timer | None = None

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            if self._alarm is not None:
                self._alarm.cancel()

    def _new_conn(self) -> socket.socket:
        """Return the plain connection; the handshake that follows can drip as well as headers."""
        made = super()._new_conn()
        self._alarm = Timer(CONNECT_WITHIN, _shut, (made,))
        self._alarm.daemon = True
        self._alarm.start()
        return made

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with cut_after(self.sock, self.timeout or CONNECT_WITHIN):
            return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


class _NoCookies(RequestsCookieJar):
    """NCBI sets tracking cookies; a polite robot carries none."""

    def set_cookie(self, *_args: Any, **_kwargs: Any) -> None:
        return


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Redirects are the gateway's to judge; to prepare one, requests reads its body without any bound."""


def session(user_agent: str) -> requests.Session:
    """Return a session that reads no environment, follows no redirect by itself and keeps no cookie."""
    made = _Session()
    made.trust_env = False
    made.cookies = _NoCookies()
    made.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(max_retries=0))
    return made


def transfer(
    web: requests.Session,
    method: str,
    url: str,
    fields: Mapping[str, str],
    *,
    deadline: float,
    max_bytes: int,
    monotonic: Callable[[], float],
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (names in lower case) and the decoded body.

    Raises Broken when the answer is cut short, too slow, too large or not decodable.
    """
    until = monotonic() + deadline
    place = {"params": dict(fields)} if method == "GET" else {"data": dict(fields)}
    try:
        with web.request(
            method,
            url,
            timeout=(min(CONNECT_WITHIN, deadline), deadline),
            allow_redirects=False,
            stream=True,
            **place,  # type: ignore[arg-type]
        ) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            body = _body(answer.raw, headers, until, max_bytes, monotonic)
            if sum(body.count(part) for part in PART_BYTES) > MOST_PARTS:
                raise Broken("the answer has more parts than any answer expected")
            return answer.status_code, headers, body
    except (requests.RequestException, HTTPError, OSError) as fault:
        # The library's own words hold the address with its parameters, and with them the key: not repeated.
        raise Broken(_words(fault, late=monotonic() >= until, deadline=deadline)) from None


def _words(fault: Exception, *, late: bool, deadline: float) -> str:
    if late:
        return f"no whole answer within {deadline:g} s"
    if isinstance(fault, requests.exceptions.SSLError):
        refused = "certificate" in str(fault).lower()
        return (
            "the server's certificate could not be verified" if refused else "no secure connection came about"
        )
    if isinstance(fault, requests.ConnectTimeout | requests.ConnectionError):
        return "cannot be reached, or hung up before it answered"
    return f"the answer broke off ({type(fault).__name__})"


def _body(
    raw: HTTPResponse,
    headers: Mapping[str, str],
    until: float,
    max_bytes: int,
    monotonic: Callable[[], float],
) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise Broken(f"answered in the encoding {coding!r}, which was not asked for")
    decode = _Gunzip(max_bytes) if "gzip" in coding else _AsIs(max_bytes)
    sock = getattr(raw.connection, "sock", None)
    with cut_after(sock, until - monotonic()):
        for chunk in _chunks(raw):
            decode.add(chunk)
            if monotonic() >= until:
                raise Broken("the answer came too slowly to wait for its end")
    if monotonic() >= until:
        raise Broken("the answer came too slowly to wait for its end")
    return decode.end()


def _chunks(raw: HTTPResponse) -> Iterator[bytes]:
    """Yield the bytes as sent; urllib3 raises when they are fewer than Content-Length or the last chunk."""
    while chunk := raw.read1(CHUNK, decode_content=False):
        yield chunk


class _AsIs:
    def __init__(self, max_bytes: int) -> None:
        self._parts: list[bytes] = []
        self._room = max_bytes

    def add(self, chunk: bytes) -> None:
        self._room -= len(chunk)
        if self._room < 0:
            raise Broken("the answer is larger than any answer expected")
        self._parts.append(chunk)

    def end(self) -> bytes:
        return b"".join(self._parts)


class _Gunzip(_AsIs):
    """gzip with its trailer checked: libraries hand out half a gzip body as if it were whole."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._inflate = zlib.decompressobj(wbits=31)
        self._fed = False

    def add(self, chunk: bytes) -> None:
        self._fed = True
        try:
            while chunk:
                if self._inflate.eof:
                    raise Broken("bytes follow the end of the compressed answer")
                super().add(self._inflate.decompress(chunk, self._room + 1))
                chunk = self._inflate.unconsumed_tail or self._inflate.unused_data
        except zlib.error:
            raise Broken("the compressed answer is damaged") from None

    def end(self) -> bytes:
        if self._fed and not self._inflate.eof:
            raise Broken("the compressed answer is cut off")
        return super().end()
