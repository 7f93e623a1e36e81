"""Not faster than a registry allows: one queue per host for the whole process."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

# Seconds between the starts of two requests. NCBI allows 3 a second without a key and 10 with one;
# ClinicalTrials.gov publishes no limit and its robots.txt asks for one second. Each is a fifth slower than
# allowed: two requests sent apart can still arrive closer together.
NCBI_PACE = 0.4
NCBI_PACE_WITH_KEY = 0.12
CTGOV_PACE = 1.2


class Queue:
    """Hands out the next free moment of one host."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free_at = float("-inf")

    def wait(self, seconds: float, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        """Return when the next request may start; later callers queue behind this one."""
        with self._lock:
            start = max(self._free_at, monotonic())
            self._free_at = start + seconds
        delay = start - monotonic()
        if delay > 0:
            sleep(delay)


_queues: dict[str, Queue] = {}
_lock = Lock()


def queue_of(host: str) -> Queue:
    """Return the one queue of a host: the limit is per address, however many gateways there are."""
    with _lock:
        return _queues.setdefault(host, Queue())
