"""Raw bytes as a source sent them, kept under their hash before anything reads them.

They are files, not rows: each proves itself by its name even when the database is lost, and the database
stays small enough to be checked at every start and copied in one piece.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from living.errors import EnvironmentFault, NotVerified
from living.model.values import Instant, Sha256, Text, Value, digest
from living.store.engine import Connected
from living.store.rows import of_table, value
from living.store.tables import PAYLOAD

QUICK = 1  # zlib level: a third of the time of the default for a tenth more bytes


class Payload(Value):
    """Where bytes came from the first time they were seen."""

    sha256: Sha256
    source: Text
    url: str
    status: int
    content_type: str
    at: Instant
    size: int


class Payloads(Connected):
    def keep(self, body: bytes, *, source: str, url: str, status: int, content_type: str, at: str) -> str:
        """Return the hash of the bytes once they would survive a power cut; the same bytes are kept once."""
        sha = digest(body)
        row = Payload(
            sha256=sha,
            source=source,
            url=url,
            status=status,
            content_type=content_type,
            at=at,
            size=len(body),
        )
        place = self._place(sha)
        if not place.exists():
            write_durably(place, zlib.compress(body, QUICK))
        if self.payload_seen(sha) is None:
            with self._writing() as conn:
                conn.execute(upsert(PAYLOAD).on_conflict_do_nothing(), row.model_dump())
        return sha

    def payload(self, sha: str) -> bytes:
        """Raises NotVerified when the bytes are gone or are not those of that name."""
        place = self._place(sha)
        try:
            body = zlib.decompress(place.read_bytes())
        except FileNotFoundError:
            raise NotVerified(
                "the payload is missing", where=str(place), fix="Restore it from a backup"
            ) from None
        except zlib.error as error:
            raise NotVerified(f"the payload is damaged ({error})", where=str(place)) from error
        if digest(body) != sha:
            raise NotVerified("the payload is not what its name says", where=str(place))
        return body

    def payload_seen(self, sha: str) -> Payload | None:
        with self._reading() as conn:
            return value(conn, of_table(PAYLOAD, Payload).where(PAYLOAD.c.sha256 == sha), Payload)

    def payloads(self) -> tuple[str, ...]:
        with self._reading() as conn:
            return tuple(conn.execute(select(PAYLOAD.c.sha256).order_by(PAYLOAD.c.at)).scalars())

    def _place(self, sha: str) -> Path:
        return self.path.parent / "payloads" / sha[:2] / f"{sha}.z"


def write_durably(place: Path, body: bytes, mode: int = 0o666) -> None:
    """Whole or absent: written beside, synced, then renamed, and the folder synced so that the name lasts."""
    draft = place.with_suffix(f".{os.getpid()}-{get_ident()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode)
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        for folder in (place.parent, place.parent.parent):
            _sync_folder(folder)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise EnvironmentFault(
            f"the file could not be kept ({error.strerror})",
            where=str(place),
            fix="Free or unlock the disk",
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
