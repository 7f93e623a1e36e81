"""A door that nobody may knock at: where hostile answers point, and where the environment would send us."""

from __future__ import annotations

import socket
from threading import Thread


class Canary:
    """Listens on loopback and remembers who came; use it as a context."""

    def __init__(self) -> None:
        self.visits: list[bytes] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> Canary:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _watch(self) -> None:
        while True:
            try:
                visitor, _ = self._door.accept()
            except OSError:
                return  # closed
            with visitor:
                visitor.settimeout(1.0)
                try:
                    self.visits.append(visitor.recv(1024))
                except OSError:
                    self.visits.append(b"")
