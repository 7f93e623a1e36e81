"""The JSON Schemas (draft 2020-12) of every JSON document that the site publishes."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of(value: type[BaseModel], name: str, number: int = 1) -> dict[str, Any]:
    """Return the schema of a document, under an id that names it and the number of its format."""
    found = value.model_json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": f"urn:living:schema:{name}:{number}", **found}


def readable(schema: dict[str, Any]) -> bytes:
    """Return a schema as text that people read too."""
    return (json.dumps(schema, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
