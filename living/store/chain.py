"""Hash chains: every line's hash covers the one before it, so a changed line is found and named."""

from __future__ import annotations

from collections.abc import Mapping

from living.model.values import canonical, digest

GENESIS = "0" * 64


def line_hash(body: str, fields: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical JSON of `fields` and `body`.

    The body is spliced in as the text it is stored as: canonical JSON of canonical parts is canonical, and
    text that was changed into other JSON of the same meaning is found too.
    """
    parts = {name: canonical(value) for name, value in fields.items()} | {"body": body}
    return digest("{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}")
