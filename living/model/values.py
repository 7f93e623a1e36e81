"""The base of every domain value: frozen, complete, and valid once built."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
SIGNIFICANT_DIGITS = 12  # published numbers; engines differ beyond the 13th digit across platforms


class Value(BaseModel):
    """An immutable value; unknown fields are errors, so a typo cannot pass unnoticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    def model_post_init(self, _context: object) -> None:
        """Forget which fields were given: nothing asks, and of 100,000 records that is 300 MB."""
        object.__setattr__(self, "__pydantic_fields_set__", _FORGOTTEN)


Num = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0)]
Text = Annotated[str, StringConstraints(min_length=1)]
Exact = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
RecordKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*:\S+$", max_length=200)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Instant = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]


# Shared by all values; a copy of a value copies it before adding to it.
_FORGOTTEN: set[str] = set()
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, UTF-8, no spaces, no NaN.

    Raises ValueError when a float is not finite.
    """
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return _ENCODER.encode(plain)


def digest(text: str | bytes) -> str:
    """Return the SHA-256 of a text (as UTF-8) or of bytes, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def later(instant: str, pause: timedelta) -> str:
    """Return the instant that a pause after another leads to.

    Raises ValueError when the text is no instant.
    """
    return (datetime.strptime(instant, INSTANT_FORMAT) + pause).strftime(INSTANT_FORMAT)  # noqa: DTZ007 - UTC


def rounded(value: Any) -> Any:
    """Return a JSON-like value with every float at the published 12 significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value
