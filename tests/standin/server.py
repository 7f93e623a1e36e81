"""Both registries on loopback, with a movable clock, faults by switch, and an eye on the caller's manners."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standin.ctgov import Ctgov
from tests.standin.europepmc import EuropePmc, Preprint
from tests.standin.eutils import Eutils
from tests.standin.faults import Fault, Wire, says, too_many
from tests.standin.isrctn import Isrctn, Trial
from tests.standin.records import RecordSet
from tests.standin.reply import Question, Reply

PACKED_FROM = 200  # bytes; below, gzip makes it longer
PIECE = 8_192  # bytes of one chunk, where answers are chunked
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

    def remaining(self, limit: int, now: float) -> int:
        """Count this request; return how many more the second allows, below 0 when it was one too many."""
        while self.starts and now - self.starts[0] >= 1.0:
            self.starts.popleft()
        self.starts.append(now)
        return limit - len(self.starts)


class Standin:
    """PubMed at `pubmed_url` and ClinicalTrials.gov at `ctgov_url`; use it as a context.

    What is visible depends on `now` alone. A caller above the limit gets a 429 and a line in `violations`.
    With `tls` both speak HTTPS under that context's certificate. Europe PMC, at `europepmc_url`, and ISRCTN,
    at `isrctn_url`, are there when they are given something to hold.
    """

    def __init__(
        self,
        records: RecordSet,
        now: datetime | date,
        *,
        ncbi_per_second: int = 3,
        ctgov_per_second: int = 1,
        preprints: Iterable[Preprint] | None = None,
        trials: Iterable[Trial] | None = None,
        others_per_second: int = 1,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.violations: list[str] = []
        self.crashes: list[str] = []
        self.log: list[Question] = []
        self._lock = Lock()
        self.closing = Event()
        self._armed: list[_Armed] = []
        self._eutils, self._ctgov = Eutils(records), Ctgov(records)
        self.europepmc, self.isrctn = EuropePmc(preprints or ()), Isrctn(trials or ())
        self.now = now
        self._scheme = "https" if tls else "http"
        self._servers = [
            _Server(self, self._eutils.answer, Manners("NCBI", ncbi_per_second), tls),
            _Server(self, self._ctgov.answer, Manners("ClinicalTrials.gov", ctgov_per_second), tls),
        ]
        self._doors = {"pubmed": 0, "ctgov": 1}
        for kind, held, answer in (
            ("europepmc", preprints, self.europepmc.answer),
            ("isrctn", trials, self.isrctn.answer),
        ):
            if held is not None:
                self._doors[kind] = len(self._servers)
                self._servers.append(_Server(self, answer, Manners(kind, others_per_second), tls))

    def __enter__(self) -> Standin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop both servers and every hanging answer."""
        self.closing.set()
        for server in self._servers:
            server.leave()

    @contextmanager
    def down(self) -> Iterator[None]:
        """For a while nobody listens: open connections end, new ones are refused."""
        for server in self._servers:
            server.leave()
        try:
            yield
        finally:
            self._servers = [server.again() for server in self._servers]

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, moment: datetime | date) -> None:
        if not isinstance(moment, datetime):  # a day means all of it
            moment = datetime.combine(moment, time(23, 59, 59))
        with self._lock:
            self._move(moment)

    def _move(self, moment: datetime) -> None:
        self._now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self._eutils.move_to(self._now)
        self._ctgov.move_to(self._now)
        self.europepmc.move_to(self._now)
        self.isrctn.move_to(self._now)

    @property
    def pubmed_host(self) -> str:
        return self._host("pubmed")

    @property
    def ctgov_host(self) -> str:
        return self._host("ctgov")

    def _host(self, kind: str) -> str:
        return f"127.0.0.1:{self._servers[self._doors[kind]].server_address[1]}"

    @property
    def pubmed_url(self) -> str:
        return f"{self._scheme}://{self.pubmed_host}/entrez/eutils"

    @property
    def ctgov_url(self) -> str:
        return f"{self._scheme}://{self.ctgov_host}/api/v2"

    @property
    def europepmc_url(self) -> str:
        return f"{self._scheme}://{self._host('europepmc')}/europepmc/webservices/rest"

    @property
    def isrctn_url(self) -> str:
        return f"{self._scheme}://{self._host('isrctn')}/api"

    @property
    def urls(self) -> dict[str, str]:
        """The base address of each registry that is here, by kind."""
        found = {"pubmed": self.pubmed_url, "ctgov": self.ctgov_url}
        more = {"europepmc": lambda: self.europepmc_url, "isrctn": lambda: self.isrctn_url}
        return found | {kind: url() for kind, url in more.items() if kind in self._doors}

    @property
    def unknown_phrases(self) -> set[str]:
        """Phrases PubMed's index does not hold, in lower case: dropped, and the rest answered.

        The real index spans all of PubMed, so a phrase that no record here holds may still be known there.
        """
        return self._eutils.unknown

    @property
    def understood_as(self) -> dict[str, str]:
        """Words that PubMed takes for others, in lower case: its translation says so and nothing else."""
        return self._eutils.understood_as

    def fault(self, fault: Fault, times: int | None = 1, *, path: str = "", after: int = 0) -> None:
        """Arm a fault for the next `times` requests (None: for good) whose path holds `path`.

        Faults queue: a request takes the first that is due, and `after` counts those no earlier fault took.
        """
        with self._lock:
            self._armed.append(_Armed(fault, path, times, after))

    def strict(self) -> None:
        """Count from now on as the registries do: 3 a second for PubMed without a key, 1 for all others."""
        for server in self._servers:
            server.manners.per_second = 3 if server.manners.name == "NCBI" else 1

    def heal(self) -> None:
        """Disarm every fault."""
        with self._lock:
            self._armed.clear()

    # --- one request

    def answer(
        self, question: Question, answer: Callable[[Question], Reply], manners: Manners
    ) -> tuple[Reply, Fault | None]:
        """Return what one of the two registries says now, and what goes wrong with it."""
        with self._lock:
            self.log.append(question)
            with_key = manners.name == "NCBI" and bool(question.params.get("api_key"))
            limit = max(10, manners.per_second) if with_key else manners.per_second
            remaining = manners.remaining(limit, question.at)
            if remaining < 0:
                count = limit - remaining
                self.violations.append(f"{manners.name}: {count} requests in one second, {limit} allowed")
                fault: Fault | None = _refusal(manners.name, question, count, limit)
            else:
                fault = next((armed.fault for armed in self._armed if armed.fires(question.path)), None)
            if fault and fault.moves_to:
                self._move(fault.moves_to)
            reply = answer(question)
        reply = fault.edit(reply) if fault and fault.edit else reply
        if manners.name == "NCBI":
            shown = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(remaining, 0))}
            reply = Reply(reply.status, reply.body, shown | reply.headers)
        return reply, fault


def _refusal(name: str, question: Question, count: int, limit: int) -> Fault:
    """Return what a caller hears who asks too fast; PubMed's words hold the key, or else the address."""
    if name != "NCBI":
        return too_many()
    caller = question.params.get("api_key") or "127.0.0.1"
    said = {"error": "API rate limit exceeded", "api-key": caller, "count": str(count), "limit": str(limit)}
    return says(json.dumps(said).encode(), 429, "application/json")


class _Server(ThreadingHTTPServer):
    """One registry's door. PubMed's answers come in chunks, as recorded."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        standin: Standin,
        answer: Callable[[Question], Reply],
        manners: Manners,
        tls: ssl.SSLContext | None,
        port: int = 0,
    ) -> None:
        self.standin, self.answer, self.manners, self.tls = standin, answer, manners, tls
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, caller = super().get_request()
        if self.tls is not None:  # the handshake is left to the thread that answers
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.open.add(connection)
        return connection, caller

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def leave(self) -> None:
        """Stop listening and end what is open."""
        self.shutdown()
        self.server_close()
        for connection in tuple(self.open):
            try:
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            except OSError:
                continue  # gone already

    def again(self) -> _Server:
        """Listen at the same door."""
        return _Server(self.standin, self.answer, self.manners, self.tls, self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        fault = sys.exception()
        if not isinstance(fault, HUNG_UP):
            self.standin.crashes.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    server: _Server

    def do_GET(self) -> None:
        self._handle(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        fields = parse_qsl(urlsplit(self.path).query) + parse_qsl(body, keep_blank_values=True)
        self._handle(dict(fields))

    def _handle(self, params: dict[str, str]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        question = Question(self.command, urlsplit(self.path).path, params, headers, monotonic())
        reply, fault = self.server.standin.answer(question, self.server.answer, self.server.manners)
        wire = Wire(self, self.server.standin.closing)
        if fault and fault.write:
            fault.write(wire, reply)
        else:
            self._send(wire, reply)

    def _send(self, wire: Wire, reply: Reply) -> None:
        headers, body = dict(reply.headers), reply.body
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) >= PACKED_FROM:
            body = gzip.compress(body, 1)
            headers |= {"Content-Encoding": "gzip"}
        chunked = self.server.manners.name == "NCBI" and reply.status != 304
        if chunked:
            headers |= {"Transfer-Encoding": "chunked"}
        elif reply.status != 304:
            headers |= {"Content-Length": str(len(body))}
        wire.head(reply.status, headers)
        for part in _chunks(body) if chunked else (body,):
            self.wfile.write(part)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        return


def _chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        part = body[start : start + PIECE]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"
