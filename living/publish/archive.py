"""A version as one file to download: every file of its manifest, the same bytes for the same folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from living.publish.manifest import MANIFEST

FOLDER = "archive"
FIRST_DAY = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest day that a ZIP can tell


def place_of(topic: str, version: str) -> str:
    """Return where the archive of a version stands on the site."""
    return f"{topic}/{FOLDER}/{version}.zip"


def archive(folder: Path) -> bytes:
    """Return a version's folder as a ZIP, without its shell, which is no part of the version."""
    promised = json.loads((folder / MANIFEST).read_bytes())["files"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in (*sorted(promised), MANIFEST):
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", FIRST_DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            written.writestr(entry, (folder / name).read_bytes())
    return out.getvalue()
