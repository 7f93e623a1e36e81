"""The site as a thread beside the daemon: one process, one home."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn

from living.errors import EnvironmentFault
from living.service.house import House
from living.web.app import make_app

STARTED_WITHIN = 10.0
GOODBYE = 5.0


class Site:
    """A running site; `address` is where it listens."""

    def __init__(self, house: House) -> None:
        self._socket = _listening(house.settings.host, house.settings.port)
        host, port = self._socket.getsockname()[:2]
        self.address = f"http://{host}:{port}"
        self.port = int(port)
        config = uvicorn.Config(
            make_app(house),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(GOODBYE) - 2,  # a reader who takes no bytes is not waited for
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="site", daemon=True)

    def start(self) -> None:
        """Start serving; return once requests are answered."""
        self._thread.start()
        until = time.monotonic() + STARTED_WITHIN
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)
        if not self._server.started:
            raise EnvironmentFault("the site did not start", where=self.address)

    def stop(self) -> None:
        """Stop taking requests and let those at work end."""
        self._server.should_exit = True
        self._thread.join(GOODBYE)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as fault:
        fix = "Stop what listens there, or set LIVING_PORT to another port (0 picks a free one)"
        raise EnvironmentFault(
            f"cannot listen ({fault.strerror})", where=f"{host}:{port}", fix=fix
        ) from fault
