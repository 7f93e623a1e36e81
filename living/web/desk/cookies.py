"""The two cookies of the workbench: one of a signed-in browser, one of a browser at its door."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from fastapi import Response

from living.service.house import House


def safe(house: House) -> bool:
    """Whether people reach the service by https: then cookies never travel without it."""
    return house.settings.public_url.startswith("https://")


def session_name(house: House) -> str:
    return "__Host-living" if safe(house) else "living-desk"


def door_name(house: House) -> str:
    return "__Host-living-door" if safe(house) else "living-door"


def set_session(house: House, response: Response, secret: str) -> None:
    """A new secret at every sign-in; the browser forgets it when it is closed."""
    _set(house, response, session_name(house), secret)
    response.delete_cookie(door_name(house), path=_path(house), secure=safe(house), httponly=True)


def end_session(house: House, response: Response) -> None:
    response.delete_cookie(session_name(house), path=_path(house), secure=safe(house), httponly=True)


def door_token(house: House, cookies: Mapping[str, str]) -> tuple[str, str]:
    """Return the secret of a browser at the door, made anew when it has none, and the token of its forms."""
    secret = cookies.get(door_name(house), "") or secrets.token_urlsafe(32)
    return secret, _token(house, secret)


def right_door(house: House, cookies: Mapping[str, str], token: str) -> bool:
    secret = cookies.get(door_name(house), "")
    return bool(secret) and hmac.compare_digest(_token(house, secret).encode(), token.encode())


def set_door(house: House, response: Response, secret: str) -> None:
    _set(house, response, door_name(house), secret)


def _set(house: House, response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, path=_path(house), secure=safe(house), httponly=True, samesite="lax")


def _path(house: House) -> str:
    return "/" if safe(house) else "/desk"  # a name that begins with __Host- must hold for the whole host


def _token(house: House, secret: str) -> str:
    return hmac.new(house.secret, f"door:{secret}".encode(), hashlib.sha256).hexdigest()
