"""What waits to be screened as RIS, for a reference manager or a screening tool, and readable here again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from living.model.protocol import Protocol
from living.model.record import Record
from living.publish.cite import ris_entry
from living.review.catalogue import URLS
from living.service.house import House
from living.service.topics import evidence_of

KINDS = {"conference paper": "CONF", "conference abstract": "CONF", "book": "BOOK", "preprint": "UNPB"}
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sub|sup)>")  # the tags that titles may carry


@dataclass(frozen=True)
class QueueFile:
    """The queue as a file, and how much is in it."""

    content: bytes
    records: int
    studies: int


def queue_as_ris(house: House, topic: str) -> QueueFile:
    """Return every record of the studies that wait to be screened, in the order of the queue.

    Its key here stands in N1 ("record pubmed:1") and ID, what its source calls it in AN.
    """
    evidence = evidence_of(house, topic)
    waiting = dict.fromkeys(task.study for task in evidence.queue() if task.kind == "screen")
    keys = [key for study in waiting for key in evidence.studies.by_key[study].records]
    records = [evidence.state.records[key] for key in keys]
    written = "".join(ris_entry(_tags(record, evidence.protocol)) for record in records)
    return QueueFile(written.encode(), len(records), len(waiting))


def _tags(record: Record, protocol: Protocol) -> Iterator[tuple[str, str]]:
    label = next((item.label for item in protocol.sources if item.id == record.source), record.source)
    ids = {item.scheme: item.value for item in reversed(record.identifiers)}
    yield "TY", _kind(record)
    yield "ID", record.key
    yield from (("AU", name) for name in record.authors)
    yield "TI", _MARKUP.sub("", record.title)
    yield "PY", record.published[:4] if record.published[:4].isdigit() else ""
    yield "DA", record.published.replace("-", "/") if record.published[:4].isdigit() else ""
    yield "T2", record.container
    yield (
        "AB",
        " ".join(f"{part.label}: {part.text}" if part.label else part.text for part in record.abstract),
    )
    yield from (("KW", word) for word in record.keywords)
    yield from (("LA", language) for language in record.languages)
    yield from (("M3", kind) for kind in record.types)
    yield "DB", label
    yield "AN", record.id
    yield "DO", ids.get("doi", "")
    yield "PM", record.id if record.source == "pubmed" else ids.get("pmid", "")
    yield from (
        ("CN", item.value) for item in record.identifiers if item.scheme not in ("doi", "pmid", "pmc")
    )
    yield "UR", URLS[record.source].format(record.id) if record.source in URLS else ""
    yield "N1", f"record {record.key}"


def _kind(record: Record) -> str:
    if record.registration:
        return "DATA"
    return next((KINDS[kind.lower()] for kind in record.types if kind.lower() in KINDS), "JOUR")
