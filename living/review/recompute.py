"""Take a snapshot's results again from its own document."""

from __future__ import annotations

from living.model.snapshot import Snapshot


def recompute(snapshot: Snapshot) -> list[str]:
    """Return the results of a snapshot that do not follow from its data."""
    return []
