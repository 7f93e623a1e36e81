"""What every verb works with: settings, store, the way out, and the clock."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from living import __version__
from living.config import Settings, shipped
from living.errors import EnvironmentFault, HeldElsewhere
from living.model.snapshot import Snapshot
from living.sources.gateway import Gateway
from living.sources.registry import pace_of
from living.store import Store

Clock = Callable[[], datetime]
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
SECRET_BYTES = 32


def wall_clock() -> datetime:
    """Return the time of day, UTC."""
    return datetime.now(UTC)


@dataclass
class House:
    """One opened LIVING_HOME. `replay` marks everything published from it."""

    settings: Settings
    store: Store
    gateway: Gateway
    clock: Clock = wall_clock
    replay: bool = False
    built: dict[tuple[str, int], Snapshot] = field(default_factory=dict)
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    def now(self) -> str:
        """Return this instant as facts and operations write it."""
        return self.clock().astimezone(UTC).strftime(INSTANT)

    @property
    def secret(self) -> bytes:
        """The key of links in letters, made once per home and readable by its owner only."""
        return _secret(self.settings.home / "secret.key")


def open_house(settings: Settings, clock: Clock = wall_clock, *, replay: bool = False) -> House:
    """Make or open the home. Raises EnvironmentFault when the folder or the store in it cannot be used."""
    prepare(settings.home)
    store = Store.open(settings.database, shipped("db") / "migrations")
    return House(settings, store, Gateway(settings.contact, __version__, _pace(settings)), clock, replay)


def prepare(home: Path) -> None:
    """Make the folder and prove that it can be written to."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as fault:
        what = f"cannot write here ({fault.strerror})"
        raise EnvironmentFault(what, where=str(home), fix="Set LIVING_HOME to a folder of yours") from fault


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the home as its one daemon. Raises HeldElsewhere naming who holds it."""
    note = home / "daemon.pid"
    lock = FileLock(home / "daemon.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as fault:
        holder = note.read_text(encoding="utf-8").strip() if note.exists() else "another process"
        fix = "Stop it first, or set LIVING_HOME to another folder"
        raise HeldElsewhere(f"held by {holder}", where=str(home), fix=fix) from fault
    try:
        note.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _pace(settings: Settings) -> dict[str, float]:
    keyed = bool(settings.ncbi_api_key.get_secret_value())
    return {
        urlsplit(settings.ncbi_url).netloc: pace_of("pubmed", with_key=keyed),
        urlsplit(settings.ctgov_url).netloc: pace_of("ctgov"),
    }


def _secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(SECRET_BYTES))
        try:
            path.hardlink_to(draft)  # whoever is first wins; the other reads the winner's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_bytes()
