"""Checking what was published: against itself, against the ledger, and the store against its invariants."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from living import __version__
from living.errors import EnvironmentFault, UserError
from living.model.snapshot import Snapshot
from living.model.values import digest
from living.publish.bundle import SNAPSHOT
from living.publish.manifest import MANIFEST, pointers
from living.publish.verify import verify_folder
from living.review.recompute import recompute
from living.service.house import House
from living.service.topics import active
from living.service.versions import files_of

CLOSE = 1e-9  # relative; what engines on other platforms may differ by
MOST_NAMED = 20
ENGINE = "/release/engine/living"


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to: `findings` is empty when it is what was published."""

    version: str
    same_code: bool
    told: str
    findings: tuple[str, ...]


def check_folder(folder: Path) -> list[str]:
    """Return what is wrong with a version's folder, recomputing every result from its own document."""
    if not folder.is_dir():
        raise UserError("no such folder", where=str(folder))
    return verify_folder(folder, recompute)


def check_store(house: House) -> list[str]:
    """Return what is wrong with the store, and with every version it says is before readers."""
    findings = list(house.store.verify_store())
    for topic in house.store.topics():
        for published in house.store.published(topic):
            folder = house.settings.site / topic / published.version
            found = verify_folder(folder, recompute)
            if digest(_bytes(folder / MANIFEST)) != published.manifest_sha256:
                found.append("the manifest is not the one that was committed")
            findings += [f"I6: {topic} {published.version}: {item}" for item in found]
    return findings


def rebuild(house: House, topic: str, version: str, out: Path | None = None) -> Rebuilt:
    """Build a version again from the ledger and compare it with what is published.

    With the code that made it the bytes must be equal; with other code the results are compared and every
    difference is named. Raises UserError for a version that was never bound.
    """
    state, _ = active(house, topic)
    line = next((line for line, release in state.releases if release.version == version), None)
    if line is None:
        known = ", ".join(release.version for _, release in state.releases) or "none"
        raise UserError(f"no version '{version}'", where=topic, fix=f"Known: {known}")
    files = files_of(house, state, line)
    if out is not None:
        _write(out, files)
    folder = house.settings.site / topic / version
    return _compared(folder, version, files)


def _compared(folder: Path, version: str, files: dict[str, bytes]) -> Rebuilt:
    if not folder.is_dir():
        return Rebuilt(
            version, True, "not published here; nothing to compare with", (f"{folder} is missing",)
        )
    try:
        there = Snapshot.model_validate_json(_bytes(folder / SNAPSHOT))
    except ValueError:
        return Rebuilt(version, True, f"{version}: not as published.", (f"{SNAPSHOT} cannot be read as one",))
    same_code = there.release is not None and there.release.engine.living == __version__
    differing = [name for name, content in files.items() if _bytes(folder / name) != content]
    if not differing:
        return Rebuilt(version, same_code, f"{version}: {len(files)} files, every byte as published.", ())
    if same_code:
        findings = [f"{name} differs from what was published" for name in differing if name != MANIFEST]
        return Rebuilt(
            version, True, f"{version}: not as published.", tuple(findings + _values(folder, files))
        )
    findings = _values(folder, files)
    told = f"{version}: made by living {there.release.engine.living if there.release else '?'}; results "
    return Rebuilt(version, False, told + ("agree." if not findings else "differ."), tuple(findings))


def _values(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Name the values of the snapshot that differ, numbers beyond what platforms may differ by."""
    before, after = json.loads((folder / SNAPSHOT).read_bytes()), json.loads(files[SNAPSHOT])
    named = [pointer for pointer in {**pointers(before), **pointers(after)} if pointer != ENGINE]
    differing = [pointer for pointer in named if not _close(_at(before, pointer), _at(after, pointer))]
    return [f"{SNAPSHOT}: {pointer} differs" for pointer in differing[:MOST_NAMED]]


def _at(document: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            document = document[int(name)] if int(name) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(name)
    return document


def _close(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= CLOSE * max(1.0, abs(left), abs(right))
    return left == right


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _write(out: Path, files: dict[str, bytes]) -> None:
    try:
        for name, content in files.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
    except OSError as fault:
        raise EnvironmentFault(f"cannot write ({fault.strerror})", where=str(out)) from fault
