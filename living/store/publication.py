"""Versions: bound to a number on the ledger, published once their folder stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from living.errors import NotVerified
from living.model.facts import LedgerLine, Release
from living.model.values import Count, Instant, Sha256, Text, Value
from living.store.engine import Connected
from living.store.lines import head_of, lines_of
from living.store.operations import note
from living.store.outbox import NewLetter, enqueue
from living.store.rows import of_table, value, values
from living.store.tables import PUBLISHED, RELEASE


class Published(Value):
    """A version readers may see; `ledger_seq` and `ledger_head` are what it was printed with."""

    version: Text
    digest: Sha256
    at: Instant
    manifest_sha256: Sha256
    ledger_seq: Count
    ledger_head: Sha256


class Publication(Connected):
    def bound(self, topic: str) -> tuple[tuple[LedgerLine, Release], ...]:
        """Numbers given but not yet published, oldest first: recovery builds exactly these."""
        with self._reading() as conn:
            done = {one.version for one in values(conn, _published(topic), Published)}
            releases = list(lines_of(conn, topic, kinds=("release",)))
        return tuple(
            (line, line.fact)
            for line in releases
            if isinstance(line.fact, Release) and line.fact.version not in done
        )

    def commit_publication(
        self,
        topic: str,
        version: str,
        digest: str,
        at: str,
        manifest_sha256: str,
        letters: Iterable[NewLetter] = (),
        *,
        ledger_seq: int | None = None,
    ) -> bool:
        """One transaction: the published row, its letters, a log line. False when it was published before.

        `ledger_seq` is the head the version prints, its own ledger line unless told otherwise. Raises
        NotVerified when the number is not bound to this digest, or was published with another.
        """
        with self._writing() as conn:
            wanted = _row(conn, topic, version, digest, at, manifest_sha256, ledger_seq)
            before = value(conn, _published(topic).where(PUBLISHED.c.version == version), Published)
            if before is not None:
                _same(topic, before, wanted)
                return False
            conn.execute(insert(PUBLISHED).values(wanted.model_dump() | {"topic": topic}))
            note(conn, at, "published", wanted.model_dump() | {"topic": topic})
            enqueue(conn, topic, at, letters)
        return True

    def published(self, topic: str) -> tuple[Published, ...]:
        """Oldest first."""
        with self._reading() as conn:
            return values(conn, _published(topic), Published)


def _published(topic: str) -> Select[Any]:
    return of_table(PUBLISHED, Published).where(PUBLISHED.c.topic == topic).order_by(PUBLISHED.c.id)


def _row(
    conn: Connection, topic: str, version: str, digest: str, at: str, manifest: str, ledger_seq: int | None
) -> Published:
    bound = select(RELEASE.c.digest, RELEASE.c.seq).where(
        RELEASE.c.topic == topic, RELEASE.c.version == version
    )
    release = conn.execute(bound).one_or_none()
    where = f"{topic} {version}"
    if release is None:
        raise NotVerified("no ledger line binds this number", where=where, fix="Bind it before publishing it")
    if release.digest != digest:
        raise NotVerified("the number is bound to another digest", where=where, fix="Build what was bound")
    head = head_of(conn, topic, release.seq if ledger_seq is None else ledger_seq)
    if head is None:
        raise NotVerified(f"the ledger has no line {ledger_seq}", where=where)
    return Published(
        version=version,
        digest=digest,
        at=at,
        manifest_sha256=manifest,
        ledger_seq=head.seq,
        ledger_head=head.hash,
    )


def _same(topic: str, before: Published, wanted: Published) -> None:
    """A second commit may differ in its time alone."""
    if before.model_copy(update={"at": wanted.at}) != wanted:
        where = f"{topic} {wanted.version}"
        raise NotVerified(
            "the version was published with other bytes", where=where, fix="It is fixed for ever"
        )
