"""Check a version folder against its own promises, its schema and its data; needs nothing but the folder.

What needs no library is in `standalone`, which the site offers as one file to anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from living.model.snapshot import Snapshot
from living.publish import standalone
from living.publish.standalone import MOST_NAMED, SNAPSHOT
from living.review.recompute import recompute as from_its_data

SCHEMA = "schema.json"
Recompute = Callable[[Snapshot], list[str]]


def verify_folder(path: Path, recompute: Recompute | None = None) -> list[str]:
    """Return every way in which a version folder is not what its manifest says; nothing means all is well.

    `recompute` gets the snapshot and returns the results that do not follow from its data.
    """
    return [*standalone.check(path).findings, *_beyond(path, recompute)]


def computed_again(path: Path) -> list[str]:
    """Return where the snapshot of a folder does not follow its schema or from its own data."""
    return _beyond(path, from_its_data)


def _beyond(path: Path, recompute: Recompute | None) -> list[str]:
    document = standalone.read_json(path / SNAPSHOT)
    if not isinstance(document, dict):
        return []  # which is a finding of its own already
    return [*_form(path, document), *_results(document, recompute)]


def _form(path: Path, document: dict[str, Any]) -> Iterator[str]:
    schema = standalone.read_json(path / SCHEMA)
    if not isinstance(schema, dict):
        yield f"{SCHEMA} is missing or is no JSON object"
        return
    try:  # a folder may be anybody's: nothing is fetched, and no pattern takes more than linear time
        follows = jsonschema_rs.Draft202012Validator(
            schema, offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError as fault:
        yield f"{SCHEMA} is no JSON Schema: {_first_line(fault)}"
        return
    try:
        for wrong in islice(follows.iter_errors(document), MOST_NAMED):
            yield f"{SNAPSHOT} does not follow its schema at {_pointer(wrong)}: {wrong.message[:160]}"
    except ValueError as fault:  # half a character, or deeper than any snapshot
        yield f"{SNAPSHOT} cannot be held against its schema: {_first_line(fault)}"


def _first_line(fault: ValueError) -> str:
    said, *_ = str(fault).split("\n")
    return said[:160]


def _pointer(fault: jsonschema_rs.ValidationError) -> str:
    return "/" + "/".join(str(part) for part in fault.instance_path)


def _results(document: dict[str, Any], recompute: Recompute | None) -> list[str]:
    try:
        snapshot = Snapshot.model_validate_json(json.dumps(document))
    except ValidationError as fault:
        first = fault.errors()[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        return [f"{SNAPSHOT} is no snapshot of this engine at {place}: {first['msg']}"]
    return recompute(snapshot) if recompute else []
