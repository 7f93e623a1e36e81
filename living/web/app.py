"""What the web serves: committed versions and the pages around them, the pulse, and the links in letters."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from living.publish.difference import DOCUMENT, FOLDER, PAGE
from living.publish.doors import Door, Form, render_door, render_form
from living.service.differences import difference_page
from living.service.doors import Wish, act, form, hand_in, look
from living.service.house import House
from living.service.publish import as_of, as_of_json
from living.service.site import health, readable
from living.web.desk import frame

VERSION = re.compile(r"v\d+\.\d+")
MOST_FIELDS = 20  # of a form; ours have three
MOST_BYTES = 1_000_000  # of a request's body; nothing here needs more
FROZEN = "public, max-age=31536000, immutable"
FRESH = "no-cache"
PRIVATE = "no-store"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
ODD = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")
LONGEST_NAME = 200  # bytes; no file of the site comes near, and some file systems refuse 256
UNKNOWN, PLAIN = "application/octet-stream", "text/plain; charset=utf-8"
# Kinds of files that not every machine's table knows, or knows by another name.
KINDS = {
    "feed.xml": "application/atom+xml", "feed.json": "application/feed+json", ".json": "application/json",
    ".bib": "application/x-bibtex", ".ris": "application/x-research-info-systems", ".csv": "text/csv",
    ".R": PLAIN, ".py": PLAIN, ".toml": PLAIN,
    "sitemap.xml": "application/xml", "ro-crate-metadata.json": "application/ld+json",
}  # fmt: skip
CHANGING = frozenset({"index.html", "status.json"})


def make_app(house: House) -> FastAPI:
    """Return the application for one home."""
    app = FastAPI(title="living", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(house))
    app.middleware("http")(_guarded)
    app.exception_handler(AnyHTTPException)(_plain)
    app.exception_handler(RequestValidationError)(_nowhere)
    app.exception_handler(Exception)(_broken)
    frame.mount(app, house)

    @app.api_route("/healthz", methods=["GET", "HEAD"])
    def healthz() -> JSONResponse:
        found = health(house)
        return JSONResponse(found, 200 if found["ok"] else 503, {"Cache-Control": PRIVATE})

    @app.post("/letters/manage/{secret}")
    async def chosen(secret: str, request: Request) -> HTMLResponse:
        said = await _fields(request)
        wish = Wish.LEAVE if "leave" in said else Wish.MANAGE
        level, pace = said.get("level", ""), said.get("pace", "")
        return _page(await run_in_threadpool(act, house, wish, secret, level, pace))

    @app.api_route("/letters/{purpose}/{secret}", methods=["GET", "HEAD"])
    def door(purpose: Wish, secret: str) -> HTMLResponse:
        return _page(look(house, purpose, secret))

    @app.post("/letters/{purpose}/{secret}")
    def through(purpose: Wish, secret: str) -> HTMLResponse:
        return _page(act(house, purpose, secret))

    @app.api_route("/{topic}/letters/", methods=["GET", "HEAD"])
    def asked_for(topic: str) -> HTMLResponse:
        return _form(form(house, topic))

    @app.post("/{topic}/letters/")
    async def asks(topic: str, request: Request) -> HTMLResponse:
        said = await _fields(request)
        address, level, pace = (said.get(name, "") for name in ("address", "level", "pace"))
        return _form(await run_in_threadpool(hand_in, house, topic, address.strip(), level, pace))

    @app.api_route("/{topic}/as-of/{day}/", methods=["GET", "HEAD"])
    def on_day(topic: str, day: str) -> HTMLResponse:
        page = as_of(house, topic, day)
        if page is None:
            raise HTTPException(404, "no such topic or day")
        return HTMLResponse(page, headers={"Cache-Control": FRESH})

    @app.api_route("/{topic}/as-of/{day}/index.json", methods=["GET", "HEAD"])
    def on_day_json(topic: str, day: str) -> Response:
        found = as_of_json(house, topic, day)
        if found is None:
            raise HTTPException(404, "no such topic or day")
        return Response(found, media_type="application/json", headers={"Cache-Control": FRESH})

    @app.api_route("/{topic}/diff/{pair}/", methods=["GET", "HEAD"])
    @app.api_route("/{topic}/diff/{pair}/{name}", methods=["GET", "HEAD"])
    def compared(topic: str, pair: str, request: Request, name: str = PAGE) -> Response:
        return _difference(house, topic, pair, name, request)

    @app.api_route("/{path:path}", methods=["GET", "HEAD"])
    def site(path: str, request: Request) -> Response:
        return _file(house, path, request)

    return app


async def _guarded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    length = request.headers.get("content-length", "0")
    if _too_large(length, request.url.path) or "transfer-encoding" in request.headers:
        response: Response = PlainTextResponse("The request is too large.\n", 413)
    else:
        response = await call(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _too_large(length: str, path: str) -> bool:
    """The workbench takes files; which of its pages takes how much is its own business."""
    most = frame.MOST_BYTES if path.startswith("/desk/") else MOST_BYTES
    digits = length.isascii() and length.isdigit() and len(length) < 12
    return not digits or int(length) > most


async def _plain(_request: Request, fault: Exception) -> Response:
    """Every refusal is one plain sentence."""
    assert isinstance(fault, AnyHTTPException)
    return PlainTextResponse(f"{fault.detail}\n", fault.status_code, fault.headers)


async def _nowhere(_request: Request, _fault: Exception) -> Response:
    return PlainTextResponse("Not here.\n", 404)


async def _broken(_request: Request, _fault: Exception) -> Response:
    """The traceback goes to the log; this answer passes no middleware, so it brings its headers itself."""
    return PlainTextResponse("Something here is broken; it was noted.\n", 500, HEADERS)


def _page(door: Door) -> HTMLResponse:
    return HTMLResponse(render_door(door), 200 if door.known else 404, {"Cache-Control": PRIVATE})


def _form(page: Form | None) -> HTMLResponse:
    if page is None:
        raise _not_here()
    status = 400 if page.fault else 503 if page.closed else 200
    return HTMLResponse(render_form(page), status, {"Cache-Control": PRIVATE})


async def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, each once; what is no form has none."""
    try:
        body = (await request.body()).decode("utf-8")
        return dict(parse_qsl(body, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _file(house: House, path: str, request: Request) -> Response:
    """Serve a file of the site, if it is of a committed version or around them.

    Only a file asked for under its version is for ever: what `latest` leads to is another tomorrow.
    """
    asked = _parts(path)
    root = house.settings.site.resolve()
    wanted = root.joinpath(*asked).resolve()
    if not wanted.is_relative_to(root) or not readable(house, wanted.relative_to(root).parts):
        raise _not_here()
    if wanted.is_dir():
        if asked and not path.endswith("/"):
            return RedirectResponse(f"/{quote('/'.join(asked))}/", 308, {"Cache-Control": FRESH})
        wanted = wanted / "index.html"
    elif path.endswith("/"):
        raise _not_here()
    if not wanted.is_file():
        raise _not_here()
    frozen = len(asked) > 2 and VERSION.fullmatch(asked[1]) is not None and asked[-1] not in CHANGING
    kind = KINDS.get(wanted.name) or KINDS.get(wanted.suffix) or mimetypes.guess_type(wanted.name)[0]
    return FileResponse(
        wanted, media_type=kind or UNKNOWN, headers={"Cache-Control": FROZEN if frozen else FRESH}
    )


def _difference(house: House, topic: str, pair: str, name: str, request: Request) -> Response:
    """Serve what stands ready; a pair that does not is made now."""
    place = house.settings.site.joinpath(*_parts(f"{topic}/{FOLDER}/{pair}/{name}"))
    if place.is_file():
        return _file(house, f"{topic}/{FOLDER}/{pair}/{name}", request)
    content = difference_page(house, topic, pair, name) if name in (PAGE, DOCUMENT) else None
    if content is None:
        raise _not_here()
    kind = "application/json" if name == DOCUMENT else "text/html; charset=utf-8"
    return Response(content, media_type=kind, headers={"Cache-Control": FRESH})


def _parts(path: str) -> tuple[str, ...]:
    """Return the names a path is made of; one that could lead elsewhere, or hides a file, is not here."""
    parts = tuple(path.removesuffix("/").split("/")) if path else ()
    odd = any(not part or part.startswith(".") or len(part.encode()) > LONGEST_NAME for part in parts)
    if odd or ODD.search(path):
        raise _not_here()
    return parts


def _not_here() -> HTTPException:
    return HTTPException(404, "Not here.")


def _hosts(house: House) -> list[str]:
    public = re.sub(r"^https?://", "", house.settings.address).partition("/")[0].partition(":")[0]
    return list(dict.fromkeys(["127.0.0.1", "localhost", "[::1]", house.settings.host, public]))
