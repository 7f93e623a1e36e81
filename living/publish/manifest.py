"""What a version folder promises: a hash of every file, and one of every value in the snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from living.model.snapshot import Snapshot
from living.model.values import canonical, digest, rounded
from living.publish.view import release_of

MANIFEST = "manifest.json"
SCHEMA_ID = "living-manifest/1"
POINTER_DIGITS = 16  # enough to name a changed value; the file's own hash is what proves that nothing changed


def manifest(snapshot: Snapshot, files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of these files as canonical JSON."""
    release = release_of(snapshot)
    document = rounded(snapshot.model_dump(mode="json"))
    return canonical(
        {
            "schema_id": SCHEMA_ID,
            "topic": snapshot.topic,
            "version": release.version,
            "digest": release.digest,
            "ledger_seq": release.ledger_seq,
            "ledger_head": release.ledger_head,
            "files": {path: digest(content) for path, content in files.items()},
            "pointers": pointers(document),
        }
    ).encode()


def evidence_digest(document: Mapping[str, Any]) -> str:
    """Return the digest of a snapshot document: SHA-256 of all but `release`, canonical and rounded."""
    evidence = {key: value for key, value in document.items() if key != "release"}
    return digest(canonical(rounded(evidence)))


def pointers(document: object) -> dict[str, str]:
    """Return a hash for every leaf of a JSON document, by its JSON Pointer (RFC 6901)."""
    return {pointer: _leaf(value) for pointer, value in _leaves(document, "")}


def _leaf(value: object) -> str:
    return digest(json.dumps(value, ensure_ascii=False))[:POINTER_DIGITS]


def _leaves(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    """Walk to every scalar and every empty container: an emptied list must be noticed as well."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value
