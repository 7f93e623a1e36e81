"""What a version folder says of itself to archives: a Frictionless data package and an RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from living.model.snapshot import Snapshot
from living.model.values import digest
from living.publish import cite
from living.publish.columns import TABLES, Column, Table
from living.publish.view import release_of

DATA_PACKAGE, CRATE = "datapackage.json", "ro-crate-metadata.json"
MEDIA = {
    "html": "text/html", "json": "application/json", "csv": "text/csv", "svg": "image/svg+xml",
    "toml": "application/toml", "bib": "application/x-bibtex", "ris": "application/x-research-info-systems",
    "R": "text/x-r-source",
}  # fmt: skip
WHAT = {
    "snapshot.json": "The whole version: protocol, data, results and their sources",
    "schema.json": "JSON Schema of snapshot.json",
    "protocol.toml": "The protocol in force",
    "page.html": "The version as people read it",
    "chain.json": "How the ledger's head follows from that of the version before",
    "refit.R": "Fits every average again with R's metafor and compares",
    "cite/version.json": "How to cite this version (CSL-JSON)",
    "cite/included.json": "The reports of the included studies (CSL-JSON)",
    **{f"data/{table.name}.csv": f"{table.title}, for spreadsheets" for table in TABLES},
    **{f"data/raw/{table.name}.csv": f"{table.title}, for programs" for table in TABLES},
}
RAW = "data/raw/"
CONFORMS = "https://w3id.org/ro/crate/1.1"


def files(snapshot: Snapshot, others: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return both descriptions of the other files of a version."""
    return {
        DATA_PACKAGE: _readable(data_package(snapshot, others)),
        CRATE: _readable(crate(snapshot, others)),
    }


def data_package(snapshot: Snapshot, others: Mapping[str, bytes]) -> dict[str, object]:
    """Return the Frictionless description of the tables for programs, with every column's meaning."""
    release, work = release_of(snapshot), cite.version(snapshot)
    return {
        "profile": "tabular-data-package",
        "name": f"{snapshot.topic}-{release.version}".lower(),
        "id": f"sha256:{release.digest}",
        "title": f"{work.title}, {release.version}",
        "description": "Every number with its quote, reader and standing; empty fields are not stated",
        "version": release.version,
        "created": release.at,
        "resources": [_resource(table, others[f"{RAW}{table.name}.csv"]) for table in TABLES],
    }


def _resource(table: Table, content: bytes) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "path": f"{RAW}{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{digest(content)}",
        "schema": schema,
    }


def _field(column: Column) -> dict[str, object]:
    unit = f" [{column.unit}]" if column.unit else ""
    return {"name": column.name, "type": column.kind, "description": f"{column.meaning}{unit}"}


def crate(snapshot: Snapshot, others: Mapping[str, bytes]) -> dict[str, object]:
    """Return the RO-Crate 1.1 description of the folder: every file with its kind, size and hash."""
    release, work = release_of(snapshot), cite.version(snapshot)
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{work.title}, {release.version}",
        "description": cite.version(snapshot).note,
        "datePublished": release.date,
        "version": release.version,
        "identifier": f"https://doi.org/{work.doi}" if work.doi else f"sha256:{release.digest}",
        "hasPart": [{"@id": name} for name in sorted(others)],
    }
    if work.authors:
        root["author"] = [{"@id": _person(at)} for at, _ in enumerate(work.authors)]
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CONFORMS},
    }
    people = [{"@id": _person(at), "@type": "Person", "name": name} for at, name in enumerate(work.authors)]
    graph = [about, root, *(_entity(name, others[name]) for name in sorted(others)), *people]
    return {"@context": f"{CONFORMS}/context", "@graph": graph}


def _entity(name: str, content: bytes) -> dict[str, object]:
    return {
        "@id": name,
        "@type": "File",
        "name": WHAT.get(name, name),
        "encodingFormat": MEDIA.get(PurePosixPath(name).suffix.removeprefix("."), "application/octet-stream"),
        "contentSize": str(len(content)),
        "sha256": digest(content),
    }


def _person(at: int) -> str:
    return f"#author-{at + 1}"


def _readable(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()
