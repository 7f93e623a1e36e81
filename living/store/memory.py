"""States already read. A ledger only grows, so what was read once needs only its newer lines."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from living.model.state import ReviewState
from living.store.lines import Head

LINES_KEPT = 100_000  # about 0.7 GB of records with abstracts; beyond it the topic asked for longest ago goes


class Memory:
    """The latest state of each topic, with the head it ends at; shared by the threads of one store."""

    def __init__(self) -> None:
        self._states: OrderedDict[str, tuple[Head, ReviewState]] = OrderedDict()
        self._lock = Lock()

    def recall(self, topic: str) -> tuple[Head, ReviewState] | None:
        with self._lock:
            if topic in self._states:
                self._states.move_to_end(topic)
            return self._states.get(topic)

    def keep(self, topic: str, head: Head, state: ReviewState) -> None:
        with self._lock:
            self._states[topic] = (head, state)
            self._states.move_to_end(topic)
            while len(self._states) > 1 and self._lines() > LINES_KEPT:
                self._states.popitem(last=False)

    def _lines(self) -> int:
        return sum(head.seq for head, _ in self._states.values())


@contextmanager
def collector_paused() -> Iterator[None]:
    """34,000 facts are a million objects and no garbage; the collector would walk them again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
