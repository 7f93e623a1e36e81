"""What a version folder promises: a hash of every file, and one of every value in the snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from living.model.snapshot import Snapshot
from living.model.values import canonical, digest, rounded
from living.publish.standalone import MANIFEST, MANIFEST_ID, evidence_digest, manifest_digest, pointers
from living.publish.view import release_of

__all__ = ["MANIFEST", "evidence_digest", "manifest", "pointers"]


def manifest(snapshot: Snapshot, files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of these files as canonical JSON; its own hash covers all else in it."""
    release = release_of(snapshot)
    promised = {
        "schema_id": MANIFEST_ID,
        "topic": snapshot.topic,
        "version": release.version,
        "digest": release.digest,
        "ledger_seq": release.ledger_seq,
        "ledger_head": release.ledger_head,
        "files": {path: digest(content) for path, content in files.items()},
        "pointers": pointers(rounded(snapshot.model_dump(mode="json"))),
    }
    return canonical(promised | {"self_sha256": manifest_digest(promised)}).encode()
