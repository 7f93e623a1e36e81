"""What came over the wire, read once and within limits: fields, files, cookies, and where it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from living.errors import UserError
from living.web.desk.visit import Sent

MOST_FIELDS, MOST_FILES = 3000, 20
LONGEST_FIELD_NAME = 400
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
QUICK = "living-quick"  # the header that the page's own script sends
Origin = Literal["here", "elsewhere", "unsaid"]


@dataclass(frozen=True)
class Arrived:
    """One request as plain values."""

    method: str
    place: str  # the path, encoded as it may stand in a link
    path: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sent] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = "unsaid"
    peer: str = ""
    agent: str = ""
    quick: bool = False

    def field(self, name: str) -> str:
        return (self.said.get(name) or ("",))[-1]


async def arrive(request: Request, most_bytes: int) -> Arrived:
    """Read a request. Raises UserError for what no form of ours sends."""
    said: dict[str, list[str]] = {}
    files: dict[str, Sent] = {}
    if request.method == "POST":
        if int(request.headers.get("content-length") or 0) > most_bytes:
            raise TooLarge(
                "more was sent than this page takes", fix=f"At most {most_bytes:,} bytes".replace(",", " ")
            )
        for name, value in await _posted(request):
            if isinstance(value, Sent):
                files[name] = value
            else:
                said.setdefault(name, []).append(value)
    return Arrived(
        method=request.method,
        place=quote(request.url.path, safe="/:@!$'()*,;=~.-_"),
        path={name: str(value) for name, value in request.path_params.items()},
        asked=dict(request.query_params),
        query=request.url.query,
        said=said,
        files=files,
        cookies=request.cookies,
        origin=_origin(request),
        peer=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        quick=QUICK in request.headers,
    )


class TooLarge(UserError):
    """The body is larger than the page takes."""


def own_place(text: str) -> str:
    """Return an address of the workbench, or its home for anything that could lead elsewhere."""
    plain = text.isascii() and text.isprintable() and "\\" not in text and "//" not in text
    parts = urlsplit(text) if plain else None
    fine = (
        parts
        and not parts.scheme
        and not parts.netloc
        and parts.path.startswith("/desk/")
        and "/.." not in text
    )
    return text if fine else "/desk/"


async def _posted(request: Request) -> list[tuple[str, str | Sent]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        found = await _parts(request)
    elif kind == "application/x-www-form-urlencoded":
        found = _pairs(await request.body())
    elif await request.body():
        raise UserError("this is not how a form is sent", fix="Use the form on the page")
    else:
        found = []
    return [(_field_name(name), _text(name, value)) for name, value in found]


def _pairs(body: bytes) -> list[tuple[str, str | Sent]]:
    try:
        text = body.decode("ascii")
        return list(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except UnicodeDecodeError as fault:
        raise UserError("this is not UTF-8 text", where="form") from fault
    except ValueError as fault:
        raise UserError(f"more than {MOST_FIELDS} fields", where="form") from fault


async def _parts(request: Request) -> list[tuple[str, str | Sent]]:
    try:
        parser = MultiPartParser(
            request.headers, request.stream(), max_files=MOST_FILES, max_fields=MOST_FIELDS
        )  # the body as a whole is within its limit already
        form = await parser.parse()
        found: list[tuple[str, str | Sent]] = []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                sent = Sent(value.filename or "", await value.read(), value.content_type or "")
                await value.close()
                if sent.name or sent.content:
                    found.append((name, sent))
            else:
                found.append((name, value))
        return found
    except (MultiPartException, UnicodeError, ValueError) as fault:
        raise UserError("the form arrived broken", where="form", fix="Send it again") from fault


def _field_name(name: str) -> str:
    if len(name) > LONGEST_FIELD_NAME or not name.isprintable():
        raise UserError("a field has a name that no form of ours has", where="form")
    return name


def _text(name: str, value: str | Sent) -> str | Sent:
    """Lines end alike; what no text has is refused, and so never stored."""
    if isinstance(value, Sent):
        plain = UNSEEN.sub("", value.name).replace("\\", "/").rpartition("/")[2][:200]
        return Sent(plain, value.content, UNSEEN.sub("", value.media_type)[:100])
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if UNSEEN.search(text) or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UserError("holds a character that no text has", where=f"field {name[:60]}", fix="Type it again")
    return text


def _origin(request: Request) -> Origin:
    """Browsers say it themselves on safe connections; else the origin must be the host that was asked."""
    said = request.headers.get("sec-fetch-site")
    if said is not None:
        return "here" if said in ("same-origin", "none") else "elsewhere"
    origin = request.headers.get("origin")
    if origin is None:
        return "unsaid"
    return "here" if urlsplit(origin).netloc == request.headers.get("host") else "elsewhere"
