"""What every verb works with: settings, store, the way out, and the clock."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from living import __version__
from living.config import Settings, shipped
from living.errors import EnvironmentFault, HeldElsewhere, LivingError
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.publish.write import passing
from living.review.evidence import Evidence
from living.review.trail import Trail
from living.review.unusual import Found
from living.sources.gateway import Gateway
from living.sources.registry import REGISTRIES, pace_of
from living.store import Store
from living.store.chain import Salt, fresh_salt, no_salt

Clock = Callable[[], datetime]
# The arrows between the service's own steps; a test stops the program at each, and at those of publish.write.
FAILPOINTS = (
    "refresh.decided",
    "refresh.bound",
    "publication.written",
    "publication.committed",
    "presented",
)
# Those on the way of a search.
POLL_FAILPOINTS = ("poll.kept", "poll.answered", "poll.stored", "poll.linked")
# Those on the way of notices and letters.
LETTER_FAILPOINTS = (
    "notices.told",
    "digests.made",
    "tasks.noted",
    "letter.leased",
    "letter.sending",
    "letter.sent",
)
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
SECRET_BYTES = 32
A_LOOK = 2.0  # seconds; `living status` holds the lock for an instant to see whether a daemon does


class Stopped(LivingError):
    """The service was asked to stop in the middle of a step; what the step had not stored is done again."""


class Life:
    """Whether the service was asked to stop, and when the step at work last showed a sign of life."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.seen_at = time.monotonic()

    def sign(self) -> None:
        """Say that the step at work goes on."""
        self.seen_at = time.monotonic()

    def silent_for(self) -> float:
        """Return the seconds since the last sign."""
        return time.monotonic() - self.seen_at

    def rest(self, seconds: float) -> None:
        """Wait, as the gateway does before every request. Raises Stopped when the service is to stop."""
        self.sign()
        if self.stopping.wait(seconds):
            raise Stopped("stopped in the middle of a search")


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
    life: Life = field(default_factory=Life)
    failpoint: Callable[[str], None] = passing
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    built: dict[tuple[str, int], Snapshot] = field(default_factory=dict)
    gathered: dict[str, Evidence] = field(default_factory=dict)
    trails: dict[str, Trail] = field(default_factory=dict)
    unusual: dict[str, tuple[ReviewState, tuple[Found, ...]]] = field(default_factory=dict)
    committed: set[tuple[str, str]] = field(default_factory=set)
    compared: set[tuple[str, str, str]] = field(default_factory=set)
    failed: tuple[int, str] = (0, "")
    at_rest: dict[str, object] = field(default_factory=dict)
    previews: dict[str, tuple[str, dict[str, bytes]]] = field(default_factory=dict)  # by topic, the latest
    proposed: dict[str, object] = field(default_factory=dict)
    proposing: threading.Lock = field(default_factory=threading.Lock)
    alarmed: dict[str, tuple[object, object]] = field(default_factory=dict)  # by topic: what of, and which

    def now(self) -> str:
        """Return this instant as facts and operations write it."""
        return self.clock().astimezone(UTC).strftime(INSTANT)

    @property
    def secret(self) -> bytes:
        """The key of links in letters, made once per home and readable by its owner only."""
        return _secret(self.settings.home / "secret.key")

    @contextmanager
    def alone(self, doing: str, patience: float = 0.0) -> Iterator[None]:
        """Do one thing in one process at a time: the daemon and a command may want it at once.

        Two searches together would be faster than a registry allows, and two publications would share a
        staging folder. Raises HeldElsewhere when another process is still at it after `patience` seconds.
        """
        lock = FileLock(self.settings.home / f"{doing}.lock", timeout=patience)
        try:
            lock.acquire()
        except Timeout as fault:
            where, fix = str(self.settings.home), "Try again when it is done"
            raise HeldElsewhere(f"another process is {doing} here", where=where, fix=fix) from fault
        try:
            yield
        finally:
            lock.release()


def open_house(
    settings: Settings,
    clock: Clock = wall_clock,
    *,
    replay: bool = False,
    gateway: Gateway | None = None,
    salt: Salt | None = None,
) -> House:
    """Make or open the home. Raises EnvironmentFault when the folder or the store in it cannot be used.

    A `gateway` is only given by who brings registries of their own; the usual one keeps the pace allowed.
    A replay's lines are sealed without salt: its readers are scripts, and two replays are the same bytes.
    """
    prepare(settings.home)
    salted = salt or (no_salt if replay else fresh_salt)
    store = Store.open(settings.database, shipped("db") / "migrations", salt=salted)
    life = Life()
    way_out = gateway or Gateway(settings.contact, __version__, _pace(settings), sleep=life.rest)
    return House(settings, store, way_out, clock, replay, life)


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
    lock = FileLock(home / "daemon.lock", timeout=A_LOOK)
    try:
        lock.acquire()
    except Timeout as fault:
        holder = holder_of(home) or "another process"
        fix = "Stop it first, or set LIVING_HOME to another folder"
        raise HeldElsewhere(f"held by {holder}", where=str(home), fix=fix) from fault
    try:
        note.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def holder_of(home: Path) -> str:
    """Return who wrote that it holds the home; the note alone proves nothing, the lock does."""
    try:
        return (home / "daemon.pid").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _pace(settings: Settings) -> dict[str, float]:
    """The pace of each host; where one host stands in for several registries, the slowest pace."""
    keyed = bool(settings.ncbi_api_key.get_secret_value())
    paces: dict[str, float] = {}
    for kind in REGISTRIES:
        host = urlsplit(settings.base_url(kind)).netloc
        paces[host] = max(pace_of(kind, with_key=keyed), paces.get(host, 0.0))
    return paces


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
