"""The protocols a review has had, as its ledger tells them."""

from __future__ import annotations

import tomllib

from living.model.facts import ProtocolActivated
from living.model.state import ReviewState
from living.model.surroundings import ProtocolVersion

UNNAMED = "not stated"


def protocol_history(state: ReviewState) -> tuple[ProtocolVersion, ...]:
    """Return every protocol that was in force, oldest first; the last is the one in force.

    The same text activated again is no new protocol.
    """
    found: list[ProtocolVersion] = []
    for line, fact in state.of_kind(ProtocolActivated):
        if found and found[-1].sha256 == fact.sha256:
            continue
        found.append(
            ProtocolVersion(version=_version(fact.text), at=line.at, sha256=fact.sha256, note=fact.note)
        )
    return tuple(found)


def _version(text: str) -> str:
    """An older protocol need not be valid for this code; its number can be read all the same."""
    try:
        head = tomllib.loads(text).get("topic")
    except tomllib.TOMLDecodeError:
        return UNNAMED
    version = head.get("version") if isinstance(head, dict) else None
    return version if isinstance(version, str) and version.strip() else UNNAMED
