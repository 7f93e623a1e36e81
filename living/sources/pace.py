"""Not faster than a registry allows: one queue per host for the whole process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

# Seconds between the starts of two requests. NCBI allows 3 a second without a key and 10 with one;
# ClinicalTrials.gov publishes no limit and its robots.txt asks for one second. The guide of Europe PMC names
# no limit, and ISRCTN asks for one request after the other: one a second is our own limit there. Each is a
# fifth slower than allowed: two requests sent apart can still arrive closer together.
NCBI_PACE = 0.4
NCBI_PACE_WITH_KEY = 0.12
CTGOV_PACE = 1.2
EUROPEPMC_PACE = 1.2
ISRCTN_PACE = 1.2
# A request can be slow on its way, and then arrives just before the next one. Only its answer proves that it
# did: counted from there, this part of the pace is still enough (3 x 0.34 s, 10 x 0.102 s, 1 x 1.02 s).
AFTER_ANSWER = 0.85


class Queue:
    """Hands out the next free moment of one host."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free_at = float("-inf")

    @contextmanager
    def turn(
        self, seconds: float, sleep: Callable[[float], None], monotonic: Callable[[], float]
    ) -> Iterator[None]:
        """Wait for a turn, and hold the one request of it; later callers queue behind this one."""
        with self._lock:
            start = max(self._free_at, monotonic())
            self._free_at = start + seconds
        delay = start - monotonic()
        if delay > 0:
            sleep(delay)
        try:
            yield
        finally:
            with self._lock:
                self._free_at = max(self._free_at, monotonic() + seconds * AFTER_ANSWER)

    def rest(self, seconds: float, monotonic: Callable[[], float]) -> None:
        """Let nobody start for so long from now."""
        with self._lock:
            self._free_at = max(self._free_at, monotonic() + seconds)


_queues: dict[str, Queue] = {}
_lock = Lock()


def queue_of(host: str) -> Queue:
    """Return the one queue of a host: the limit is per address, however many gateways there are."""
    with _lock:
        return _queues.setdefault(host, Queue())
