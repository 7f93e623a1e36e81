"""The metronome: ask the store what is due, do it, and stop when told to. It decides nothing."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from living.config import notify_socket
from living.errors import LivingError
from living.service.house import House
from living.service.pulse import note_failure
from living.service.send import send_letters
from living.service.turn import Turned, turn

log = logging.getLogger("living")
LONGEST_GOODBYE = 50.0  # seconds a step may still take after a stop was asked for; systemd kills after 60
Step = tuple[str, Callable[[], object]]


class Daemon:
    """One process that keeps one home alive. Losing or repeating a tick changes nothing."""

    def __init__(self, house: House, told: Callable[[Turned], None] = lambda _: None) -> None:
        self.house, self._told = house, told
        self._stop = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    def run(self) -> None:
        """Tick until SIGTERM or SIGINT, then let the step at work finish. The caller holds the home."""
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
        scheduler.start()
        notify("READY=1")
        self._stop.wait()
        notify("STOPPING=1")
        scheduler.shutdown(wait=False)
        self._idle.wait(LONGEST_GOODBYE)

    def tick(self) -> None:
        """Do everything that is due, step by step; between steps look whether to stop."""
        self._idle.clear()
        try:
            for name, step in self._steps():
                if self._stop.is_set():
                    return
                self._guarded(name, step)
                notify("WATCHDOG=1")
        finally:
            self._idle.set()

    def stop(self) -> None:
        """Ask the daemon to stop after the step at work."""
        self._stop.set()

    def _steps(self) -> Iterator[Step]:
        for topic in self.house.store.topics():
            yield f"turn of {topic}", lambda topic=topic: self._told(turn(self.house, topic))  # type: ignore[misc]
        yield "letters", lambda: send_letters(self.house, stop=self._stop.is_set)

    def _guarded(self, name: str, step: Callable[[], object]) -> None:
        """The one place where anything is caught: a bug ends its step and is remembered; the rest goes on."""
        try:
            step()
        except LivingError as fault:
            log.warning("%s: %s", name, fault)
            note_failure(self.house, name, str(fault))
        except Exception as bug:
            log.exception("%s", name)
            note_failure(self.house, name, f"{type(bug).__name__}: {bug}", traceback.format_exc())

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stop()


def notify(message: str) -> None:
    """Tell systemd, when it is listening (sd_notify); elsewhere do nothing."""
    address = notify_socket()
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
        speaker.connect("\0" + address[1:] if address.startswith("@") else address)
        speaker.sendall(message.encode())
