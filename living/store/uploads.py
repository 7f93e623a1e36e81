"""Reports' files that people brought: kept under their hash for the team's eyes, with their pages as drawn.

They lie beside the database as payloads do, and only the account that runs the service may read them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from living.errors import EnvironmentFault, NotVerified
from living.model.values import Count, Instant, RecordKey, Sha256, Text, Value, digest
from living.store.engine import Connected
from living.store.payloads import write_durably
from living.store.people_tables import UPLOAD
from living.store.rows import of_table, value, values

PRIVATE = 0o600


class Upload(Value):
    """A file that belongs to a record of a topic. `removed_at`: it was taken away again."""

    record: RecordKey
    sha256: Sha256
    name: Text
    size: Count
    pages: Count
    by: Text
    at: Instant
    removed_at: Instant | None = None


class Uploads(Connected):
    def keep_upload(self, topic: str, upload: Upload, body: bytes) -> None:
        """Keep the bytes first, then the row that names them; what was taken away comes back."""
        place = self.upload_place(upload.sha256)
        if not place.exists():
            place.parent.parent.mkdir(mode=0o700, exist_ok=True)
            write_durably(place, body, PRIVATE)
        row = upload.model_dump() | {"topic": topic}
        with self._writing() as conn:
            again = {name: row[name] for name in ("name", "by", "at", "removed_at")}
            fresh = upsert(UPLOAD).values(row)
            key = ["topic", "record", "sha256"]
            conn.execute(fresh.on_conflict_do_update(key, set_=again, where=UPLOAD.c.removed_at.is_not(None)))

    def uploads(self, topic: str) -> tuple[Upload, ...]:
        """Return the files of a topic that were not taken away, oldest first."""
        query = of_table(UPLOAD, Upload).where(UPLOAD.c.topic == topic, UPLOAD.c.removed_at.is_(None))
        with self._reading() as conn:
            return values(conn, query.order_by(UPLOAD.c.at, UPLOAD.c.record, UPLOAD.c.sha256), Upload)

    def upload(self, topic: str, sha: str) -> Upload | None:
        """Return a file of a topic by its hash; None when it has none such, or it was taken away."""
        mine = (UPLOAD.c.topic == topic, UPLOAD.c.sha256 == sha, UPLOAD.c.removed_at.is_(None))
        with self._reading() as conn:
            return value(conn, of_table(UPLOAD, Upload).where(*mine).order_by(UPLOAD.c.at).limit(1), Upload)

    def remove_upload(self, topic: str, record: str, sha: str, at: str) -> bool:
        """Take a file away from a record; its bytes go when no record of any topic has it any more."""
        row = (UPLOAD.c.topic == topic, UPLOAD.c.record == record, UPLOAD.c.sha256 == sha)
        used = select(UPLOAD.c.sha256).where(UPLOAD.c.sha256 == sha, UPLOAD.c.removed_at.is_(None)).limit(1)
        with self._writing() as conn:
            gone = conn.execute(
                update(UPLOAD).where(*row, UPLOAD.c.removed_at.is_(None)).values(removed_at=at)
            )
            last = conn.execute(used).first() is None
        if last:
            self._forget(sha)
        return gone.rowcount > 0

    def upload_bytes(self, sha: str) -> bytes:
        """Raises NotVerified when the bytes are gone or are not those of that name."""
        place = self.upload_place(sha)
        try:
            body = place.read_bytes()
        except FileNotFoundError:
            fix = "Restore it from a backup, or upload it again"
            raise NotVerified("the file is missing", where=str(place), fix=fix) from None
        except OSError as fault:
            raise EnvironmentFault(f"cannot be read ({fault.strerror})", where=str(place)) from fault
        if digest(body) != sha:
            raise NotVerified("the file is not what its name says", where=str(place))
        return body

    def keep_page(self, sha: str, page: int, picture: bytes, text: str) -> None:
        """Keep a page as it was drawn and read, the picture last: where it lies, both do."""
        write_durably(self._page(sha, page, "txt"), text.encode(), PRIVATE)
        write_durably(self._page(sha, page, "png"), picture, PRIVATE)

    def page(self, sha: str, page: int) -> tuple[bytes, str] | None:
        """Return the picture and the text of a page; None while it was never drawn."""
        try:
            picture = self._page(sha, page, "png").read_bytes()
            return picture, self._page(sha, page, "txt").read_text(encoding="utf-8")
        except OSError:
            return None

    def upload_place(self, sha: str) -> Path:
        return self.path.parent / "uploads" / sha[:2] / f"{sha}.pdf"

    def _page(self, sha: str, page: int, kind: str) -> Path:
        return self.path.parent / "uploads" / sha[:2] / f"{sha}-{page}" / f"page.{kind}"

    def _forget(self, sha: str) -> None:
        """Erase the bytes and every page drawn of them."""
        place = self.upload_place(sha)
        for file in (place, *place.parent.glob(f"{sha}-*/page.*")):
            with suppress(FileNotFoundError):
                file.unlink()
        for folder in place.parent.glob(f"{sha}-*"):
            with suppress(OSError):
                folder.rmdir()
