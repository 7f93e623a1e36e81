"""The part of a ledger's hash chain that a version carries: how its head follows from the one before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from living.model.values import Count, Exact, Instant, Sha256, Text, Value, canonical, digest

GENESIS = "0" * 64  # what stands before the first line
SCHEMA = "living-chain/1"


class Opened(Value):
    """A ledger line with all that its seal was made of; `body` is the fact as canonical JSON."""

    topic: Exact
    seq: Annotated[int, Field(ge=1)]
    at: Instant
    by: Exact
    salt: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    body: Exact


class ChainPlace(Value):
    """A place in the chain; `version` is printed there, and none is before the first version."""

    version: str = ""
    seq: Count
    hash: Sha256


class Chain(Value):
    """The lines after one version's head up to the next one's: their seals, and the last line opened.

    A line's hash is the SHA-256 of the canonical JSON of `prev`, `seal`, `seq` and `topic`; a seal is that of
    the line's `at`, `body`, `by`, `salt`, `seq` and `topic`. Only the line that binds the version is opened:
    what was said and is not settled stays closed.
    """

    schema_id: Literal["living-chain/1"] = "living-chain/1"
    topic: Text
    after: ChainPlace
    head: ChainPlace
    seals: tuple[Sha256, ...]
    opened: Opened


def link_hash(topic: str, seq: int, prev: str, seal: str) -> str:
    """Return the hash of the line `seq`, from the hash before it and its own seal."""
    return digest(canonical({"prev": prev, "seal": seal, "seq": seq, "topic": topic}))
