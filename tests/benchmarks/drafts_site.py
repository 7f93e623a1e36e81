"""The site of one home in a process of its own: `python -m tests.benchmarks.drafts_site HOME PORT`."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from living.web.serve import Site
from tests.fakes import opened


def main(home: str, port: str) -> None:
    house = opened(Path(home), port=int(port))
    site, stop = Site(house), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    site.start()
    stop.wait()
    site.stop()
    house.store.close()
    house.gateway.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
