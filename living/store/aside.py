"""Entries set aside before the lock is taken: reading a search takes long, and others write meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile

from pydantic import TypeAdapter

from living.errors import EnvironmentFault
from living.model.facts import Fact
from living.store.ledger import Entry, body_of

IN_MEMORY = 16_000_000  # bytes; a search that brings more goes through a nameless file
FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


@contextmanager
def set_aside(entries: Iterable[Entry], folder: Path) -> Iterator[Iterator[Entry]]:
    """Read all entries to their end, then give them back one by one; what one of them raises is raised here.

    They are never in memory together as values: of 100,000 records that would be half a gigabyte.
    """
    with SpooledTemporaryFile(IN_MEMORY, dir=str(folder)) as file:
        for by, fact in entries:
            _write(file, f"{json.dumps(by)}\t{body_of(fact)}\n".encode(), folder)
        file.seek(0)
        yield (_entry(line) for line in file)


def _write(file: SpooledTemporaryFile[bytes], line: bytes, folder: Path) -> None:
    try:
        file.write(line)
    except OSError as error:
        what = f"what a search brought could not be set aside ({error.strerror})"
        raise EnvironmentFault(what, where=str(folder), fix="Free some space; nothing was written") from error


def _entry(line: bytes) -> Entry:
    by, _, body = line.partition(b"\t")
    return json.loads(by), FACT.validate_json(body)
