"""The only way out: polite, bounded HTTP to the registries named in the configuration and nowhere else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote_plus, urlencode, urljoin, urlsplit

from living.errors import SourceChanged, SourceDown, SourceError, UserError
from living.model.values import digest
from living.sources.pace import queue_of
from living.sources.transfer import Broken, session, transfer

MAX_BYTES = 64 * 1024 * 1024  # 200 PubMed records are about 4 MB, 100 registrations about 20 MB
WAIT_AT_MOST = 60.0  # for a longer Retry-After the run ends and the next one comes when it may
BACK_OFF = 1.0
REDIRECTS = 3
A_SECOND = 1.0  # NCBI counts requests in each
SECRET = frozenset({"api_key", "email"})
HIDDEN = "(hidden)"


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
                    raise _discreet(fault, fields) from None
            except SourceError as fault:
                raise _discreet(fault, fields) from None
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
            target = _target(source, url, answer.headers.get("location", ""))
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
        queue = queue_of(host)
        try:
            with queue.turn(self.pace[host], self._sleep, self._monotonic):
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
        if headers.get("x-ratelimit-remaining", "").strip() == "0":
            # Somebody else at this address may be asking too: what a second allows is used up.
            queue.rest(A_SECOND, self._monotonic)
        body = _without_key(body, fields)
        return Answer(shown(url, fields), status, headers, body, digest(body))


def shown(url: str, fields: Mapping[str, str]) -> str:
    """Return the question as one address, without what identifies the asker."""
    place, _, asked = url.partition("?")
    named = [*parse_qsl(asked, keep_blank_values=True), *fields.items()]
    open_fields = [(name, value) for name, value in named if name not in SECRET]
    return f"{place}?{urlencode(open_fields)}" if open_fields else place


def judge_status(source: str, answer: Answer) -> None:
    """Judge an answer by its status alone, after its body told nothing: busy and broken may pass."""
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise SourceDown(source, f"answered HTTP {answer.status}", retry_after=answer.retry_after)
    if answer.status != 200:
        raise SourceChanged(source, f"answered HTTP {answer.status}: {excerpt(answer.body)}")


def excerpt(body: bytes, length: int = 160) -> str:
    """Return the beginning of a body as one printable line."""
    text = body[: 4 * length].decode("utf-8", errors="replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length].rstrip()


def is_html(body: bytes) -> bool:
    """Return whether a body is a web page, whatever its header says."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After as seconds or as a date; the server's own clock decides when it shows one."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    until, shown_now = _moment(said), _moment(headers.get("date", ""))
    if until is None:
        return None
    return max(0.0, until - (time.time() if shown_now is None else shown_now))


def _moment(said: str) -> float | None:
    """Read a date of HTTP, which is UTC whether it says so or not."""
    try:
        read = parsedate_to_datetime(said)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def with_payload(fault: SourceError, sha256: str) -> SourceError:
    """Return the same fault naming the stored bytes it was found in."""
    return _retold(fault, fault.what, sha256)


def _discreet(fault: SourceError, fields: Mapping[str, str]) -> SourceError:
    """Return the same fault without what identifies the asker, which a registry may repeat in its answer."""
    what = fault.what
    for secret in filter(None, (fields.get(name) for name in sorted(SECRET))):
        for spelling in (secret, quote_plus(secret)):
            what = what.replace(spelling, HIDDEN)
    return fault if what == fault.what else _retold(fault, what, fault.payload)


def _retold(fault: SourceError, what: str, payload: str) -> SourceError:
    if isinstance(fault, SourceDown):
        return SourceDown(fault.source, what, payload=payload, retry_after=fault.retry_after)
    return type(fault)(fault.source, what, payload=payload)


def _without_key(body: bytes, fields: Mapping[str, str]) -> bytes:
    """Return the body without our key, which an error can quote: what is stored is kept for ever."""
    key = fields.get("api_key", "")
    return body.replace(key.encode(), HIDDEN.encode()) if key else body


def _target(source: str, url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise SourceChanged(source, "redirects to an address that is none") from None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
