"""The JSON Schemas (draft 2020-12) of the JSON documents that the site publishes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from living.model.chain import Chain
from living.model.difference import Difference
from living.model.snapshot import Snapshot
from living.publish import api, feeds, surveillance

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = "schemas"


class Form(NamedTuple):
    """A document's shape and the number of its format, raised when an old reader would misread it."""

    shape: type[BaseModel]
    number: int = 1


FORMS = {
    "snapshot": Form(Snapshot),
    "manifest": Form(api.ManifestOut),
    "chain": Form(Chain),
    "difference": Form(Difference),
    "status": Form(api.StatusOut),
    "index": Form(api.IndexOut),
    "versions": Form(api.VersionsOut),
    "latest": Form(api.LatestOut),
    "as-of": Form(api.AsOfOut),
    "feed": Form(feeds.FeedOut),
    "runs": Form(surveillance.SurveillanceOut),
}


def of(name: str) -> dict[str, Any]:
    """Return the schema of a document, under an id that names it and the number of its format."""
    form = FORMS[name]
    found = form.shape.model_json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": f"urn:living:schema:{name}:{form.number}", **found}


@cache
def readable(name: str) -> bytes:
    """Return a schema as text that people read too; it follows from the code alone, so it is made once."""
    return (json.dumps(of(name), sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def files() -> dict[str, bytes]:
    """Return every schema by its path on the site; the number of the format is part of it."""
    return {path: readable(name) for name, path in paths().items()}


def paths() -> dict[str, str]:
    """Return where each document's schema stands."""
    return {name: f"{FOLDER}/{name}-{form.number}.json" for name, form in FORMS.items()}
