"""Hash chains: every line's hash covers the one before it, so a changed line is found and named.

A ledger line is sealed first, with a salt that no one can guess, and its hash is taken over the seal. So the
seals alone prove how one head follows from another, and say nothing about a line that is not opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from living.model.chain import GENESIS, Opened, link_hash
from living.model.values import canonical, digest

__all__ = ["GENESIS", "Salt", "fresh_salt", "ledger_hash", "line_hash", "no_salt", "seal_of"]

Salt = Callable[[], str]
SALT_BYTES = 16  # without it a closed vote, one of three words, could be guessed from its seal


def fresh_salt() -> str:
    """Return what makes a seal impossible to guess; it is stored with its line and published when opened."""
    return secrets.token_hex(SALT_BYTES)


def no_salt() -> str:
    """Return the same for every line: of a replay, where nothing is closed and two runs are compared."""
    return "0" * (2 * SALT_BYTES)


def line_hash(body: str, fields: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical JSON of `fields` and `body`.

    The body is spliced in as the text it is stored as: canonical JSON of canonical parts is canonical, and
    text that was changed into other JSON of the same meaning is found too.
    """
    parts = {name: canonical(value) for name, value in fields.items()} | {"body": body}
    return digest("{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}")


def seal_of(line: Opened) -> str:
    """Return the seal of a ledger line."""
    return line_hash(line.body, line.model_dump(mode="json", exclude={"body"}))


def ledger_hash(line: Opened, prev: str) -> str:
    """Return the hash of a ledger line that follows on the line with the hash `prev`."""
    return link_hash(line.topic, line.seq, prev, seal_of(line))
