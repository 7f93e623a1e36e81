"""The only way out: polite, bounded HTTP to the registries named in the configuration and nowhere else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urljoin, urlsplit

from living.errors import SourceChanged, SourceDown, SourceError, UserError
from living.model.values import digest
from living.sources.pace import queue_of
from living.sources.transfer import Broken, session, transfer

MAX_BYTES = 64 * 1024 * 1024  # 200 PubMed records are about 4 MB, 100 registrations about 20 MB
WAIT_AT_MOST = 60.0  # for a longer Retry-After the run ends and the next one comes when it may
BACK_OFF = 1.0
REDIRECTS = 3
SECRET = frozenset({"api_key", "email"})


@dataclass(frozen=True)
class Answer:
    """One whole answer. `url` says what was asked, without the key and the address of the asker."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sha256: str

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asks us to wait, from either form of Retry-After."""
        return seconds_to_wait(self.headers)


Judge = Callable[[Answer], None]
"""Raises SourceDown for what may pass by itself, SourceChanged for what a person must look at."""


class Gateway:
    """HTTP with manners: paced per host, retried with growing pauses, and only to the hosts of `pace`.

    `total_deadline` bounds one attempt from its first byte sent to its last byte read. A `sleep` that raises
    ends the waiting between attempts at once.
    """

    def __init__(
        self,
        contact: str,
        tool_version: str,
        pace: Mapping[str, float],
        total_deadline: float = 120.0,
        max_bytes: int = MAX_BYTES,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.pace = {host.lower(): seconds for host, seconds in pace.items()}
        self.requests = 0
        self._total_deadline, self._max_bytes, self._attempts = total_deadline, max_bytes, attempts
        self._sleep, self._monotonic, self._jitter = sleep, monotonic, jitter
        self._web = session(f"living-review/{tool_version} (mailto:{contact})")

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections kept open."""
        self._web.close()

    def get(self, source: str, url: str, params: Mapping[str, str], judge: Judge) -> Answer:
        """Return the first answer that `judge` accepts."""
        return self._persist(source, "GET", url, params, judge)

    def post(self, source: str, url: str, fields: Mapping[str, str], judge: Judge) -> Answer:
        """The same with the fields in the body, where neither length nor secrecy is a worry."""
        return self._persist(source, "POST", url, fields, judge)

    def _persist(self, source: str, method: str, url: str, fields: Mapping[str, str], judge: Judge) -> Answer:
        for attempt in range(1, self._attempts + 1):
            try:
                answer = self._follow(source, method, url, fields)
                judge(answer)
                return answer
            except SourceDown as fault:
                pause = self._pause(attempt, fault.retry_after)
                if attempt == self._attempts or pause > WAIT_AT_MOST:
                    raise
            self._sleep(pause)
        raise SourceDown(source, "no attempt was allowed")

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        """Twice as long each time, spread by up to a half so that installations do not knock in step."""
        grown = BACK_OFF * 2.0 ** (attempt - 1) * (1 + self._jitter() / 2)
        return min(grown, WAIT_AT_MOST) if retry_after is None else max(grown, retry_after)

    def _follow(self, source: str, method: str, url: str, fields: Mapping[str, str]) -> Answer:
        """Follow redirects within the host; ClinicalTrials.gov sends an old id to its current one."""
        asked: Mapping[str, str] = fields
        for _ in range(REDIRECTS + 1):
            answer = self._once(source, method, url, asked)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            if method != "GET" or _origin(target) != _origin(url):
                raise SourceChanged(
                    source, f"redirects to {urlsplit(target).netloc or 'nowhere'}: not followed"
                )
            url, asked = target, ({} if urlsplit(target).query else fields)
        raise SourceChanged(source, f"redirects more than {REDIRECTS} times")

    def _once(self, source: str, method: str, url: str, fields: Mapping[str, str]) -> Answer:
        host = urlsplit(url).netloc.lower()
        if host not in self.pace or urlsplit(url).scheme not in ("http", "https"):
            raise UserError(
                f"{host or url!r} is not a configured registry", fix="see the base URLs in the settings"
            )
        self.requests += 1
        try:
            with queue_of(host).turn(self.pace[host], self._sleep, self._monotonic):
                status, headers, body = transfer(
                    self._web,
                    method,
                    url,
                    fields,
                    deadline=self._total_deadline,
                    max_bytes=self._max_bytes,
                    monotonic=self._monotonic,
                )
        except Broken as fault:
            raise SourceDown(source, f"{host}: {fault}") from None
        return Answer(shown(url, fields), status, headers, body, digest(body))


def shown(url: str, fields: Mapping[str, str]) -> str:
    """Return the question as one address, without what identifies the asker."""
    open_fields = {name: value for name, value in fields.items() if name not in SECRET}
    return f"{url}?{urlencode(open_fields)}" if open_fields else url


def judge_status(source: str, answer: Answer) -> None:
    """Judge an answer by its status alone, after its body told nothing: busy and broken may pass."""
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise SourceDown(source, f"answered HTTP {answer.status}", retry_after=answer.retry_after)
    if answer.status != 200:
        raise SourceChanged(source, f"answered HTTP {answer.status}: {excerpt(answer.body)}")


def excerpt(body: bytes, length: int = 160) -> str:
    """Return the beginning of a body as one printable line."""
    text = body[: 4 * length].decode("utf-8", errors="replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]


def is_html(body: bytes) -> bool:
    """Return whether a body is a web page, whatever its header says."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After as seconds or as a date; the server's own clock decides when it shows one."""
    said = headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        now = time.time()
    return max(0.0, until - now)


def with_payload(fault: SourceError, sha256: str) -> SourceError:
    """Return the same fault naming the stored bytes it was found in."""
    if isinstance(fault, SourceDown):
        return SourceDown(fault.source, fault.what, payload=sha256, retry_after=fault.retry_after)
    return type(fault)(fault.source, fault.what, payload=sha256)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
