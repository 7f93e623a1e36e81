"""Both registries on loopback, with a movable clock, faults by switch, and an eye on the caller's manners."""

from __future__ import annotations

import gzip
import sys
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standin.ctgov import Ctgov
from tests.standin.eutils import Eutils
from tests.standin.faults import Fault, Wire, busy
from tests.standin.records import RecordSet
from tests.standin.reply import Question, Reply

PACKED_FROM = 200  # bytes; below, gzip makes it longer
HUNG_UP = (OSError, ValueError)  # what writing to, or closing, a connection that is gone can raise


@dataclass
class _Armed:
    fault: Fault
    path: str
    times: int | None
    after: int

    def fires(self, path: str) -> bool:
        if self.path not in path or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Manners:
    """Counts requests in each sliding second."""

    name: str
    per_second: int
    starts: deque[float] = field(default_factory=deque)

    def remaining(self, limit: int) -> int:
        """Count this request; return how many more the second allows, below 0 when it was one too many."""
        now = monotonic()
        while self.starts and now - self.starts[0] >= 1.0:
            self.starts.popleft()
        self.starts.append(now)
        return limit - len(self.starts)


class Standin:
    """PubMed at `pubmed_url` and ClinicalTrials.gov at `ctgov_url`; use it as a context.

    What is visible depends on `now` alone. A caller above the limit gets a 429 and a line in `violations`.
    """

    def __init__(
        self,
        records: RecordSet,
        now: datetime | date,
        *,
        ncbi_per_second: int = 3,
        ctgov_per_second: int = 1,
    ) -> None:
        self.violations: list[str] = []
        self.crashes: list[str] = []
        self.log: list[Question] = []
        self._lock = Lock()
        self._closing = Event()
        self._armed: list[_Armed] = []
        self._eutils, self._ctgov = Eutils(records), Ctgov(records)
        self.now = now
        self._servers = [
            self._serve(self._eutils.answer, Manners("NCBI", ncbi_per_second)),
            self._serve(self._ctgov.answer, Manners("ClinicalTrials.gov", ctgov_per_second)),
        ]

    def __enter__(self) -> Standin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop both servers and every hanging answer."""
        self._closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, moment: datetime | date) -> None:
        if not isinstance(moment, datetime):  # a day means all of it
            moment = datetime.combine(moment, time(23, 59, 59))
        with self._lock:
            self._now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            self._eutils.move_to(self._now)
            self._ctgov.move_to(self._now)

    @property
    def pubmed_host(self) -> str:
        return f"127.0.0.1:{self._servers[0].server_address[1]}"

    @property
    def ctgov_host(self) -> str:
        return f"127.0.0.1:{self._servers[1].server_address[1]}"

    @property
    def pubmed_url(self) -> str:
        return f"http://{self.pubmed_host}/entrez/eutils"

    @property
    def ctgov_url(self) -> str:
        return f"http://{self.ctgov_host}/api/v2"

    @property
    def unknown_phrases(self) -> set[str]:
        """Phrases PubMed's index does not hold, in lower case: dropped, and the rest answered.

        The real index spans all of PubMed, so a phrase that no record here holds may still be known there.
        """
        return self._eutils.unknown

    def fault(self, fault: Fault, times: int | None = 1, *, path: str = "", after: int = 0) -> None:
        """Arm a fault for the next `times` requests (None: for good) whose path holds `path`.

        Faults queue: a request takes the first that is due, and `after` counts those no earlier fault took.
        """
        with self._lock:
            self._armed.append(_Armed(fault, path, times, after))

    def heal(self) -> None:
        """Disarm every fault."""
        with self._lock:
            self._armed.clear()

    # --- one request

    def _answer(
        self, question: Question, answer: Callable[[Question], Reply], manners: Manners
    ) -> tuple[Reply, Fault | None]:
        with self._lock:
            self.log.append(question)
            with_key = manners.name == "NCBI" and bool(question.params.get("api_key"))
            limit = 10 if with_key else manners.per_second
            remaining = manners.remaining(limit)
            if remaining < 0:
                self.violations.append(
                    f"{manners.name}: {limit - remaining} requests in one second, {limit} allowed"
                )
                fault: Fault | None = busy()
            else:
                fault = next((armed.fault for armed in self._armed if armed.fires(question.path)), None)
            reply = answer(question)
        if manners.name == "NCBI":
            shown = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(remaining, 0))}
            reply = Reply(reply.status, reply.body, reply.headers | shown)
        return (fault.edit(reply) if fault and fault.edit else reply), fault

    def _serve(self, answer: Callable[[Question], Reply], manners: Manners) -> ThreadingHTTPServer:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536

            def do_GET(self) -> None:
                self._handle(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                fields = parse_qsl(urlsplit(self.path).query) + parse_qsl(body, keep_blank_values=True)
                self._handle(dict(fields))

            def _handle(self, params: dict[str, str]) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                question = Question(self.command, urlsplit(self.path).path, params, headers)
                reply, fault = standin._answer(question, answer, manners)
                if fault and fault.write:
                    fault.write(Wire(self, standin._closing), reply)
                else:
                    self._send(reply)

            def _send(self, reply: Reply) -> None:
                headers, body = dict(reply.headers), reply.body
                if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) >= PACKED_FROM:
                    body = gzip.compress(body, 1)
                    headers |= {"Content-Encoding": "gzip"}
                if reply.status != 304:
                    headers |= {"Content-Length": str(len(body))}
                Wire(self, standin._closing).head(reply.status, headers)
                self.wfile.write(body)
                self.wfile.flush()

            def log_message(self, *_: Any) -> None:
                return

        server = _Server(("127.0.0.1", 0), Handler)
        server.standin = self
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    standin: Standin

    def handle_error(self, request: Any, client_address: Any) -> None:
        fault = sys.exception()
        if not isinstance(fault, HUNG_UP):
            self.standin.crashes.append(traceback.format_exc())
