"""Connections to the one SQLite file: how it is opened and locked, and what its faults are called."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from living.errors import EnvironmentFault
from living.store.chain import Salt, fresh_salt

BUSY_SECONDS = 15.0  # longer than the largest import holds the lock, shorter than a reader's patience

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an acknowledged write survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # without it INSERT OR REPLACE deletes past the triggers
    "PRAGMA secure_delete=ON",  # an erased address is overwritten, not only unlinked
)

# The second word of SQLite's error name, and what a person can do about it.
FAULTS = {
    "BUSY": ("is locked by another process", "Wait for it to finish, or stop it, then try again"),
    "LOCKED": ("is locked by another connection", "Try again"),
    "FULL": ("could not be written: the disk is full", "Free some space; nothing was half written"),
    "IOERR": (
        "could not be read or written: the disk reports an error",
        "Check the disk; nothing was half written",
    ),
    "READONLY": ("cannot be written", "Give this account the right to write the file and its folder"),
    "PERM": ("cannot be opened", "Give this account the right to write the file and its folder"),
    "CANTOPEN": ("cannot be opened", "Check that its folder exists and that this account may write there"),
    "CORRUPT": ("is damaged", "Restore it from a backup; published versions are untouched"),
    "NOTADB": (
        "is not a database, or is damaged",
        "Restore it from a backup; published versions are untouched",
    ),
}


class Connected:
    """One file and its connections; every room of the store stands on this."""

    def __init__(self, path: Path, engine: Engine, salt: Salt = fresh_salt) -> None:
        self.path, self._engine, self.salt = path, engine, salt

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One consistent view, however long it is read."""
        with named_faults(self.path), self._engine.begin() as conn:
            yield conn

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """All or nothing, with the append lock held from the first statement."""
        writer = self._engine.execution_options(living_writes=True)
        with named_faults(self.path), writer.begin() as conn:
            yield conn

    def _empty_the_log(self) -> None:
        """Move what is written into the file and cut the write-ahead log, where erased bytes would linger.

        While somebody reads, the log stays for the next time; nothing waits for it.
        """
        with named_faults(self.path), self._engine.connect() as conn:
            checkpoint = conn.connection.cursor()  # outside any transaction, as a checkpoint must be
            checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            checkpoint.close()

    def close(self) -> None:
        self._engine.dispose()


def connect(path: Path, busy_seconds: float = BUSY_SECONDS) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": busy_seconds},
        pool_size=8,
        max_overflow=56,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes late and never IMMEDIATE
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(conn: Connection) -> None:
    """Read-then-write under a plain BEGIN fails when somebody wrote in between; IMMEDIATE waits instead."""
    writes = conn.get_execution_options().get("living_writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """Turn what the machine did to the file into one sentence; errors of ours stay what they are."""
    try:
        yield
    except DBAPIError as error:
        raise _named(path, error.orig) or error from error
    except sqlite3.Error as error:
        raise _named(path, error) or error from error


def _named(path: Path, error: BaseException | None) -> EnvironmentFault | None:
    name = getattr(error, "sqlite_errorname", None) or ""
    what, fix = FAULTS.get(name.removeprefix("SQLITE_").split("_")[0], ("", ""))
    return EnvironmentFault(f"the store {what} ({error})", where=str(path), fix=fix) if what else None
