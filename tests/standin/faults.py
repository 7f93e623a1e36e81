"""What can go wrong on the way, one function a fault; `Standin.fault` says how often and where."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

from tests.standin.reply import Reply

HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Blocked</title></head><body>Your request was blocked.</body></html>"
)


@dataclass
class Wire:
    """The open connection of one request, and a signal that the stand-in is closing."""

    handler: BaseHTTPRequestHandler
    closing: Event

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.handler.send_response_only(status)
        self.handler.send_header("Date", self.handler.date_time_string())
        for name, value in headers.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def hang_up(self) -> None:
        self.handler.close_connection = True


@dataclass(frozen=True)
class Fault:
    """A change of the answer, of how it is put on the wire, or of the day while a caller is at it."""

    name: str
    edit: Callable[[Reply], Reply] | None = None
    write: Callable[[Wire, Reply], None] | None = None
    moves_to: datetime | None = None


# --- other answers --------------------------------------------------------------------------------------


def says(body: bytes, status: int = 200, content_type: str = "text/plain", **headers: str) -> Fault:
    """Answer with these bytes instead."""
    named = {
        "Content-Type": content_type,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Fault(f"says {status}", edit=lambda _reply: Reply(status, body, named))


def html(status: int = 200) -> Fault:
    """A web page, where XML or JSON was asked for."""
    return says(HTML, status, "text/html")


def busy(status: int = 429, retry_after: str | None = None) -> Fault:
    """429 or 503, with Retry-After in any form or none."""
    body = b'{"error":"API rate limit exceeded","api-key":"192.0.2.10","count":"5","limit":"3"}'
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return says(body, status, "application/json", **headers)


def too_many(retry_after: str | None = None) -> Fault:
    """429 of a register that says nothing in JSON. Its real words are not recorded; these are ours."""
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return says(b"Too Many Requests", 429, "text/plain;charset=UTF-8", **headers)


def moved_on(to: datetime) -> Fault:
    """The data are refreshed just before this request is answered; which records and pages, the set says."""
    return Fault("moved on", moves_to=to)


def until(moment: datetime) -> str:
    """Return Retry-After in its other form, a date."""
    return format_datetime(moment, usegmt=True)


def recorded(folder: Path, name: str, status: int | None = None) -> Fault:
    """An error body as a registry really sent it, with the status and headers noted beside it."""
    entry = next(item for item in json.loads((folder / "index.json").read_text()) if item["file"] == name)
    listed = entry["http_status"]
    first = listed[0] if isinstance(listed, list) else listed or 200
    headers = {"Content-Type": entry["content_type"], **entry["headers"]}
    return Fault(name, edit=lambda _reply: Reply(status or first, (folder / name).read_bytes(), headers))


def redirect(location: str, status: int = 302) -> Fault:
    return Fault("redirect", edit=lambda _reply: Reply(status, b"", {"Location": location}))


def expired_token() -> Fault:
    """A page token that the register no longer knows. Its real words are not recorded; these are ours."""
    return says(b"Parameter `pageToken` has incorrect format", 400, "text/plain;charset=UTF-8")


def duplicate_ids() -> Fault:
    """The last listed id is replaced by the first: as many lines, one record fewer."""

    def edit(reply: Reply) -> Reply:
        found = re.findall(rb'<Id>\d+</Id>|"nctId": ?"NCT\d{8}"', reply.body)
        if len(found) < 2:
            return reply
        start, _, rest = reply.body.rpartition(found[-1])
        return replace(reply, body=start + found[0] + rest)

    return Fault("duplicate ids", edit=edit)


def miscounted(by: int = 1) -> Fault:
    """A count that is not the number of ids."""

    def edit(reply: Reply) -> Reply:
        counted = re.sub(
            rb"(<Count>|\"totalCount\":)(\d+)",
            lambda match: match[1] + str(int(match[2]) + by).encode(),
            reply.body,
            count=1,
        )
        return replace(reply, body=counted)

    return Fault("miscounted", edit=edit)


def without(*ids: str) -> Fault:
    """An efetch that leaves out these records without a word."""

    def edit(reply: Reply) -> Reply:
        body = reply.body
        for pmid in ids:
            entry = rb"<PubmedArticle>(?:(?!</PubmedArticle>).)*?<PMID[^>]*>%s</PMID>.*?</PubmedArticle>\n?"
            body = re.sub(entry % pmid.encode(), b"", body, count=1, flags=re.DOTALL)
        return replace(reply, body=body)

    return Fault("without", edit=edit)


# --- other ways to put it on the wire -------------------------------------------------------------------


def cut(after: int, *, honest: bool = False) -> Fault:
    """Stop after some bytes; an honest Content-Length names the short length, the other one the whole."""

    def write(wire: Wire, reply: Reply) -> None:
        short = reply.body[:after]
        length = len(short) if honest else len(reply.body)
        wire.head(reply.status, reply.headers | {"Content-Length": str(length), "Connection": "close"})
        wire.send(short)
        wire.hang_up()

    return Fault("cut", write=write)


def cut_gzip(keep: float = 0.5) -> Fault:
    """Half of a compressed body, under a Content-Length that fits it: a whole answer by every header."""

    def write(wire: Wire, reply: Reply) -> None:
        packed = gzip.compress(reply.body)
        short = packed[: max(1, int(len(packed) * keep))]
        said = {"Content-Encoding": "gzip", "Content-Length": str(len(short)), "Connection": "close"}
        wire.head(reply.status, reply.headers | said)
        wire.send(short)
        wire.hang_up()

    return Fault("cut gzip", write=write)


def cut_chunks(after: int = 200) -> Fault:
    """A chunked answer whose last chunk never comes."""

    def write(wire: Wire, reply: Reply) -> None:
        wire.head(reply.status, reply.headers | {"Transfer-Encoding": "chunked"})
        part = reply.body[:after]
        wire.send(b"%x\r\n%s\r\n" % (len(part), part))
        wire.hang_up()

    return Fault("cut chunks", write=write)


def cut_unsaid(after: int = 200) -> Fault:
    """Stop after some bytes of an answer that never said how long it is."""

    def write(wire: Wire, reply: Reply) -> None:
        wire.head(reply.status, reply.headers | {"Connection": "close"})
        wire.send(reply.body[:after])
        wire.hang_up()

    return Fault("cut unsaid", write=write)


def no_http() -> Fault:
    """Bytes that are no answer at all."""

    def write(wire: Wire, _reply: Reply) -> None:
        wire.send(b"\x00\x01 220 mail.example.org ready\r\n")
        wire.hang_up()

    return Fault("no http", write=write)


def many_headers(count: int = 1_000) -> Fault:
    """More headers than anybody reads."""

    def write(wire: Wire, reply: Reply) -> None:
        wire.head(200, {f"X-{number}": "x" * 1_000 for number in range(count)})
        wire.send(reply.body)
        wire.hang_up()

    return Fault("many headers", write=write)


def always_continue() -> Fault:
    """One interim answer after the other, and never the answer."""

    def write(wire: Wire, _reply: Reply) -> None:
        while not wire.closing.wait(0.01):
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)

    return Fault("always continue", write=write)


def reset() -> Fault:
    """The connection is reset before a byte of the answer."""

    def write(wire: Wire, _reply: Reply) -> None:
        linger = struct.pack("ii", 1, 0)
        wire.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wire.hang_up()
        wire.handler.connection.close()

    return Fault("reset", write=write)


def hang(seconds: float) -> Fault:
    """Silence, then the answer."""

    def write(wire: Wire, reply: Reply) -> None:
        wire.closing.wait(seconds)
        wire.head(reply.status, reply.headers | {"Content-Length": str(len(reply.body))})
        wire.send(reply.body)

    return Fault("hang", write=write)


def drip(every: float = 0.05, size: int = 1, *, headers: bool = False) -> Fault:
    """A byte at a time: no read ever times out, and the answer never ends."""

    def write(wire: Wire, reply: Reply) -> None:
        head = {**reply.headers, "Content-Length": str(len(reply.body))}
        if headers:
            lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            data = f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + reply.body
        else:
            wire.head(reply.status, head)
            data = reply.body
        for start in range(0, len(data), size):
            if wire.closing.wait(every):
                return
            wire.send(data[start : start + size])

    return Fault("drip", write=write)


def inflating(
    size: int,
    head: bytes = b"<PubmedArticleSet>",
    *,
    of: bytes = b" ",
    status: int = 200,
    location: str = "",
) -> Fault:
    """A small compressed body that becomes `size` bytes `of` something, in an answer or in a redirect."""

    def write(wire: Wire, reply: Reply) -> None:
        packed = b"".join(_packed(head, size, of))
        headers = reply.headers | {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
        wire.head(status, headers | ({"Location": location} if location else {}))
        wire.send(packed)

    return Fault("inflating", write=write)


def _packed(head: bytes, size: int, of: bytes) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    yield packer.compress(head)
    block = of * (1_048_576 // len(of))
    for _ in range(size // len(block)):
        yield packer.compress(block)
    yield packer.flush()


def endless() -> Fault:
    """A body that goes on until somebody hangs up."""

    def write(wire: Wire, reply: Reply) -> None:
        wire.head(200, reply.headers | {"Connection": "close"})
        block = b" " * 65_536
        while not wire.closing.is_set():
            wire.send(block)

    return Fault("endless", write=write)
