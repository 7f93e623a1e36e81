"""The metronome: ask the store what is due, do it, and stop when told to. It decides nothing.

A step that ends in a bug is tried again after a growing pause: a registry must not be asked for the same
answer every minute because we cannot read it. An error somebody can fix is met again at the next tick.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from living.config import notify_socket
from living.errors import EnvironmentFault, LivingError
from living.service.drafts import prune
from living.service.house import House, Stopped
from living.service.pulse import note_failure
from living.service.send import send_letters
from living.service.turn import Turned, turn

log = logging.getLogger("living")
LONGEST_GOODBYE = 50.0  # seconds a step may still take after a stop was asked for
SIGN_OF_LIFE = 20.0  # seconds between two pings of systemd's watchdog
HUNG = 300.0  # seconds without progress; one request to a registry may take 120
FIRST_PAUSE, LONGEST_PAUSE = 300.0, 6 * 3600.0  # seconds after a bug
Step = tuple[str, Callable[[], object]]


class Daemon:
    """One process that keeps one home alive. Losing or repeating a tick changes nothing."""

    def __init__(self, house: House, told: Callable[[Turned], None] = lambda _: None) -> None:
        self.house, self._told = house, told
        self._stop = house.life.stopping
        self._idle = threading.Event()
        self._idle.set()
        self._bugs: dict[str, tuple[int, float]] = {}

    def run(self) -> bool:
        """Tick until SIGTERM or SIGINT, then let the step at work finish. The caller holds the home.

        Returns whether the step at work did finish in time.
        """
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._asked_to_stop)
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(
            self.tick,
            "interval",
            seconds=self.house.settings.tick_seconds,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,  # late is not lost: after a sleep one tick catches up
            coalesce=True,
            max_instances=1,
        )
        notify("READY=1")  # before the first tick, which gives signs of life of its own
        scheduler.start()
        while not self._stop.wait(SIGN_OF_LIFE):
            if not self.hung():
                notify("WATCHDOG=1")
        notify("STOPPING=1")
        scheduler.shutdown(wait=False)
        return self._idle.wait(LONGEST_GOODBYE)

    def tick(self) -> None:
        """Do everything that is due, step by step; between steps look whether to stop."""
        self._idle.clear()
        try:
            for name, step in self._steps():
                if self._stop.is_set():
                    return
                self.house.life.sign()
                self._guarded(name, step)
                notify("WATCHDOG=1")
        finally:
            self._idle.set()
            self.house.life.sign()

    def hung(self) -> bool:
        """Return whether the step at work makes no progress, or no tick comes any more."""
        pause = self.house.settings.tick_seconds if self._idle.is_set() else 0
        return self.house.life.silent_for() > HUNG + pause

    def stop(self) -> None:
        """Ask the daemon to stop after the step at work."""
        self._stop.set()

    def _steps(self) -> Iterator[Step]:
        topics: list[str] = []
        yield "list of topics", lambda: topics.extend(self.house.store.topics())
        for topic in topics:
            yield f"turn of {topic}", lambda topic=topic: self._told(turn(self.house, topic))  # type: ignore[misc]
        yield "letters", lambda: send_letters(self.house, stop=self._stop.is_set)
        yield "drafts", lambda: prune(self.house)

    def _guarded(self, name: str, step: Callable[[], object]) -> None:
        """The one place where anything is caught: a bug ends its step and is remembered; the rest goes on."""
        bugs, not_before = self._bugs.get(name, (0, 0.0))
        if time.monotonic() < not_before:
            return
        try:
            step()
            self._bugs.pop(name, None)
        except Stopped:
            log.info("%s: stopped on the way; what it had not stored is done at the next start", name)
        except LivingError as fault:
            log.warning("%s: %s", name, fault)
            self._remember(name, str(fault))
        except Exception as bug:
            log.exception("%s", name)
            pause = min(FIRST_PAUSE * 2.0 ** min(bugs, 10), LONGEST_PAUSE)
            self._bugs[name] = (bugs + 1, time.monotonic() + pause)
            self._remember(name, f"{type(bug).__name__}: {bug}", traceback.format_exc())

    def _remember(self, name: str, what: str, trace: str = "") -> None:
        """A full disk fails the step and its note alike; the log has both."""
        try:
            note_failure(self.house, name, what, trace)
        except EnvironmentFault as fault:
            log.warning("the failure could not be noted: %s", fault)

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stop()


def notify(message: str) -> None:
    """Tell systemd, when it is listening (sd_notify); elsewhere do nothing."""
    address = notify_socket()
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
        speaker.connect("\0" + address[1:] if address.startswith("@") else address)
        speaker.sendall(message.encode())
