"""Put files where readers are: whole versions by one rename, everything else by atomic replacement.

1. A version is staged in a folder beside its final place, every file synced, the manifest last.
2. One rename makes it visible. A version that exists is compared, never touched: equal bytes are done,
   different ones a fault.
3. `latest`, the lists and `status.json` are replaced by renames of their own; each can be repeated.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from living.errors import EnvironmentFault, NotVerified, UserError
from living.publish.manifest import MANIFEST

INDEX = "index.html"
LATEST = "latest"
# Every arrow between two steps; a test stops the program at each of them.
FAILPOINTS = (
    "publish.before",
    "publish.staging",
    "publish.file",
    "publish.manifest",
    "publish.synced",
    "publish.renamed",
    "publish.done",
    "replace.before",
    "replace.written",
    "replace.done",
    "latest.before",
    "latest.linked",
    "latest.done",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

Failpoint = Callable[[str], None]


def passing(_name: str) -> None:
    """Do nothing at a failpoint: what happens outside tests."""


def publish_version(
    site: Path,
    topic: str,
    version: str,
    files: Mapping[str, bytes],
    index: bytes,
    failpoint: Failpoint = passing,
) -> Path:
    """Publish a version folder with its shell and return its path.

    Publishing the same bytes again only renews the shell. Raises NotVerified when the version exists with
    other bytes, UserError for a name that is no plain file name, EnvironmentFault when the disk refuses.
    """
    for name in (topic, version, *files):
        _refuse_odd(name)
    place = site / topic / version
    failpoint("publish.before")
    if place.exists():
        _same(place, files)
        rewrite_shell(site, topic, version, index, failpoint)
        return place
    staging = place.with_name(f".staging-{version}")
    try:
        _stage(staging, {**files, INDEX: index}, failpoint)
        staging.rename(place)
        _sync_folder(place.parent)
        _sync_folder(site)
    except OSError as fault:
        raise _unwritable(place, fault) from fault
    failpoint("publish.renamed")
    failpoint("publish.done")
    return place


def rewrite_shell(site: Path, topic: str, version: str, index: bytes, failpoint: Failpoint = passing) -> None:
    """Replace a version's `index.html`, the one file of it that may change."""
    draft = (
        site / topic / f".{version}-{INDEX}.new"
    )  # beside the folder: what is in it is all in the manifest
    replace(site / topic / version / INDEX, index, failpoint, draft)


def publish_page(site: Path, path: str, content: bytes, failpoint: Failpoint = passing) -> None:
    """Write or replace one file of the site that is no part of a version: a list, a status, an as-of page."""
    _refuse_odd(path)
    replace(site / path, content, failpoint)


def replace(path: Path, content: bytes, failpoint: Failpoint = passing, draft: Path | None = None) -> None:
    """Replace a file so that a reader sees the old bytes or the new ones."""
    failpoint("replace.before")
    fresh = draft or path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(fresh, content)
        failpoint("replace.written")
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    failpoint("replace.done")


def move_latest(
    site: Path, topic: str, version: str, redirect: bytes, failpoint: Failpoint = passing
) -> None:
    """Point `latest` at a version: a link, or where links cannot be, a folder with the page `redirect`."""
    failpoint("latest.before")
    latest = site / topic / LATEST
    if latest.is_dir() and not latest.is_symlink():
        replace(latest / INDEX, redirect, failpoint)
        return
    fresh = latest.with_name(f".{LATEST}.new")
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(version, target_is_directory=True)
    except (OSError, NotImplementedError):
        replace(latest / INDEX, redirect, failpoint)
        return
    failpoint("latest.linked")
    fresh.replace(latest)
    _sync_folder(latest.parent)
    failpoint("latest.done")


def _stage(staging: Path, files: Mapping[str, bytes], failpoint: Failpoint) -> None:
    shutil.rmtree(staging, ignore_errors=True)  # what an earlier, killed attempt left
    staging.mkdir(parents=True)
    failpoint("publish.staging")
    for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
        if name == MANIFEST:
            failpoint("publish.manifest")
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        _write(staging / name, files[name])
        failpoint("publish.file")
    for folder in sorted({(staging / name).parent for name in files}, reverse=True):
        _sync_folder(folder)
    failpoint("publish.synced")


def _same(place: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        there = place / name
        if not there.is_file() or there.read_bytes() != content:
            raise NotVerified(
                f"{name} of {place.name} was published with other bytes",
                where=str(place),
                fix="A version never changes; publish the change under a new number",
            )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_odd(path: str) -> None:
    """Refuse what could lead out of the site: ids come from protocols, and those are files people send."""
    parts = PurePosixPath(path).parts
    if not parts or not all(_NAME.fullmatch(part) for part in parts):
        raise UserError(
            f"{path!r} is no plain name for a published file", fix="Use letters, digits, dot, dash"
        )


def _unwritable(path: Path, fault: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        f"cannot be written: {fault.strerror or fault}",
        where=str(path),
        fix="Check space and rights of the folder",
    )
