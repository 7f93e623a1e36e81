"""Check a version folder against its own promises; needs the folder and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
from pydantic import ValidationError

from living.model.snapshot import Snapshot
from living.model.values import canonical, digest, rounded
from living.publish.bundle import SCHEMA, SNAPSHOT
from living.publish.manifest import MANIFEST, SCHEMA_ID, evidence_digest, pointers

# Outside the manifest on purpose: the shell is re-rendered when a fact about the version changes.
SHELL = "index.html"
MOST_NAMED = 20

Recompute = Callable[[Snapshot], list[str]]


def verify_folder(path: Path, recompute: Recompute | None = None) -> list[str]:
    """Return every way in which a version folder is not what its manifest says; nothing means all is well.

    `recompute` gets the snapshot and returns the results that do not follow from its data.
    """
    manifest = _json(path / MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("schema_id") != SCHEMA_ID:
        return [f"{MANIFEST} is missing or is no {SCHEMA_ID}"]
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("pointers"), dict):
        return [f"{MANIFEST} lists no files or no values"]
    document = _json(path / SNAPSHOT)
    findings = [*_files(path, manifest["files"]), *_strangers(path, manifest["files"])]
    if not isinstance(document, dict):
        return [*findings, f"{SNAPSHOT} is missing or is no JSON object"]
    findings += _values(document, manifest["pointers"])
    findings += _form(path, document)
    findings += _provenance(document, manifest)
    return findings + _results(document, recompute)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes(), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError):
        return None


def _finite(text: str) -> float:
    """Refuse NaN, infinities and numbers too large to be any: canonical JSON has none."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _files(path: Path, promised: dict[str, str]) -> Iterator[str]:
    for name, expected in sorted(promised.items()):
        there = path / name
        if not there.resolve().is_relative_to(path.resolve()):
            yield f"{name} lies outside the version folder"
        elif not there.is_file():
            yield f"{name} is missing"
        elif digest(there.read_bytes()) != expected:
            yield f"{name} was changed: its SHA-256 is not the manifest's"


def _strangers(path: Path, promised: dict[str, str]) -> Iterator[str]:
    for there in sorted(path.rglob("*")):
        name = there.relative_to(path).as_posix()
        if there.is_file() and name not in (*promised, MANIFEST, SHELL):
            yield f"{name} is in the folder and not in the manifest"


def _values(document: dict[str, Any], promised: dict[str, str]) -> list[str]:
    """Name the values that are not those the manifest was made from."""
    found = pointers(document)
    changed = [
        f"{SNAPSHOT}: the value at {pointer} was changed"
        for pointer in found
        if _differs(pointer, found, promised)
    ]
    gone = [f"{SNAPSHOT}: the value at {pointer} is gone" for pointer in promised if pointer not in found]
    new = [f"{SNAPSHOT}: the value at {pointer} was added" for pointer in found if pointer not in promised]
    every = changed + new + gone
    more = [f"{SNAPSHOT}: and {len(every) - MOST_NAMED} more"] if len(every) > MOST_NAMED else []
    return every[:MOST_NAMED] + more


def _differs(pointer: str, found: dict[str, str], promised: dict[str, str]) -> bool:
    return pointer in promised and promised[pointer] != found[pointer]


def _form(path: Path, document: dict[str, Any]) -> Iterator[str]:
    if (path / SNAPSHOT).read_bytes() != canonical(rounded(document)).encode():
        yield f"{SNAPSHOT} is not in canonical form"
    schema = _json(path / SCHEMA)
    if not isinstance(schema, dict):
        yield f"{SCHEMA} is missing or is no JSON object"
        return
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as fault:
        yield f"{SCHEMA} is no JSON Schema: {fault.message}"
        return
    for wrong in islice(jsonschema.Draft202012Validator(schema).iter_errors(document), MOST_NAMED):
        yield f"{SNAPSHOT} does not follow its schema at {_pointer(wrong)}: {wrong.message[:160]}"


def _pointer(fault: jsonschema.ValidationError) -> str:
    return "/" + "/".join(str(part) for part in fault.absolute_path)


def _provenance(document: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    release = document.get("release")
    if not isinstance(release, dict):
        yield f"{SNAPSHOT} names no version"
        return
    if release.get("digest") != evidence_digest(document):
        yield "the digest in /release/digest is not that of the evidence"
    for name in ("version", "digest", "ledger_seq", "ledger_head"):
        if manifest.get(name) != release.get(name):
            yield f"{MANIFEST} and /release/{name} of {SNAPSHOT} differ"


def _results(document: dict[str, Any], recompute: Recompute | None) -> list[str]:
    try:
        snapshot = Snapshot.model_validate_json(json.dumps(document))
    except ValidationError as fault:
        first = fault.errors()[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        return [f"{SNAPSHOT} is no snapshot of this engine at {place}: {first['msg']}"]
    return recompute(snapshot) if recompute else []
