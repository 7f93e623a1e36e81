"""The style sheet and the script of the workbench, each under an address that holds the hash of its bytes.

What is asked for by that address never changes, so a browser keeps it for good; a page made before an update
still finds something under its old address, and keeps nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from living.publish.words import FOLDERS, render

STAMP = 16  # signs of the hash in an address
FOR_EVER = "public, max-age=31536000, immutable"
SHEET, SCRIPT = "/desk/desk-{stamp}.css", "/desk/desk-{stamp}.js"


@dataclass(frozen=True)
class Asset:
    """One file that every page asks for."""

    body: bytes
    media_type: str
    stamp: str
    href: str


@cache
def sheet() -> Asset:
    """The style sheet, with what it shares with the pages of readers."""
    return _asset(SHEET, render("workbench/desk.css"), "text/css; charset=utf-8")


@cache
def script() -> Asset:
    """The one script, byte for byte."""
    found = (folder / "workbench" / "desk.js" for folder in FOLDERS)
    body = next((path.read_bytes() for path in found if path.is_file()), b"")
    return _asset(SCRIPT, body, "text/javascript; charset=utf-8")


def _asset(path: str, body: bytes, media_type: str) -> Asset:
    stamp = hashlib.sha256(body).hexdigest()[:STAMP]
    return Asset(body, media_type, stamp, path.replace("{stamp}", stamp))
