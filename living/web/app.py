"""What the web serves: committed versions and the pages around them, the pulse, and the links in letters."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from living.publish.doors import Door, render_door
from living.service.doors import Wish, act, look
from living.service.house import House
from living.service.publish import as_of
from living.service.site import health, readable

VERSION = re.compile(r"v\d+\.\d+")
MOST_BYTES = 1_000_000  # of a request's body; nothing here needs more
FROZEN = "public, max-age=31536000, immutable"
FRESH = "no-cache"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
CHANGING = frozenset({"index.html", "status.json"})


def make_app(house: House) -> FastAPI:
    """Return the application for one home."""
    app = FastAPI(title="living", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(house))
    app.middleware("http")(_guarded)

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        found = health(house)
        return JSONResponse(found, status_code=200 if found["ok"] else 503)

    @app.get("/letters/{purpose}/{secret}")
    def door(purpose: Wish, secret: str) -> HTMLResponse:
        return _page(look(house, purpose, secret))

    @app.post("/letters/{purpose}/{secret}")
    def through(purpose: Wish, secret: str) -> HTMLResponse:
        return _page(act(house, purpose, secret))

    @app.api_route("/{topic}/as-of/{day}/", methods=["GET", "HEAD"])
    def on_day(topic: str, day: str) -> HTMLResponse:
        page = as_of(house, topic, day)
        if page is None:
            raise HTTPException(404, "no such topic or day")
        return HTMLResponse(page, headers={"Cache-Control": FRESH})

    @app.api_route("/{path:path}", methods=["GET", "HEAD"])
    def site(path: str, request: Request) -> Response:
        return _file(house, path, request)

    return app


async def _guarded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES or "transfer-encoding" in request.headers:
        return Response("the request is too large", status_code=413, media_type="text/plain")
    response = await call(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _page(door: Door) -> HTMLResponse:
    return HTMLResponse(render_door(door), status_code=200 if door.known else 404)


def _file(house: House, path: str, request: Request) -> Response:
    """Serve a file of the site, if it is of a committed version or around them."""
    root = house.settings.site.resolve()
    wanted = (root / path).resolve()
    if not wanted.is_relative_to(root) or any(part.startswith(".") for part in Path(path).parts):
        raise HTTPException(404)
    if wanted.is_dir():
        if path and not path.endswith("/"):
            return RedirectResponse(f"/{path}/", status_code=308)
        wanted = wanted / "index.html"
    parts = wanted.relative_to(root).parts
    if not wanted.is_file() or not readable(house, parts):
        raise HTTPException(404, "not here")
    asked = Path(path).parts  # not `parts`: what `latest` leads to is frozen, the address is not
    frozen = len(asked) > 2 and VERSION.fullmatch(asked[1]) is not None and parts[-1] not in CHANGING
    kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
    return FileResponse(wanted, media_type=kind, headers={"Cache-Control": FROZEN if frozen else FRESH})


def _hosts(house: House) -> list[str]:
    public = re.sub(r"^https?://", "", house.settings.address).partition("/")[0].partition(":")[0]
    return list(dict.fromkeys(["127.0.0.1", "localhost", "[::1]", house.settings.host, public]))
