"""One run's questions to a register: each answer is stored before anything reads it, and then judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from living.errors import SourceChanged, SourceDown, SourceError
from living.sources.gateway import Answer, Gateway, Judge, judge_status, with_payload
from living.sources.run import Keep, Run


@dataclass
class Asker:
    """A register as one run sees it."""

    gateway: Gateway
    source: str
    base_url: str
    keep: Keep
    started_at: int = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.gateway.requests

    def get(self, path: str, params: Mapping[str, str], judge: Judge) -> Answer:
        """Return an answer that `judge` accepted; what it refuses names the stored bytes."""

        def look(answer: Answer) -> None:
            passing = answer.status == 429 or answer.status >= 500
            kept = "" if passing else self.keep(answer)
            try:
                judge(answer)
            except SourceError as fault:
                raise with_payload(fault, kept) from None

        return self.gateway.get(self.source, f"{self.base_url.rstrip('/')}/{path}", params, look)

    @property
    def requests(self) -> int:
        """How many requests this run has sent."""
        return self.gateway.requests - self.started_at


class Moved(Exception):
    """The data changed between two requests, so that their answers do not belong together."""


def again_if_moved(source: str, crawl: Callable[[], Run]) -> Run:
    """Return what a crawl comes to; when the data moved meanwhile, all is discarded and begun once more.

    Raises SourceDown when they moved again.
    """
    try:
        return crawl()
    except Moved:
        pass
    try:
        return crawl()
    except Moved as moved:
        raise SourceDown(source, f"{moved}, twice in a row") from None


def judge_body_first(source: str, answer: Answer, read: Callable[[bytes], object]) -> None:
    """Judge by what `read` makes of the body, then by the status, which may excuse what the body is.

    Raises SourceDown for what may pass by itself, SourceChanged for the rest.
    """
    try:
        read(answer.body)
    except SourceChanged:
        judge_status(source, answer)
        raise
    judge_status(source, answer)
