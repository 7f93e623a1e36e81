"""One run's questions to a register: each answer is stored before anything reads it, and then judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from living.errors import SourceError
from living.sources.gateway import Answer, Gateway, Judge, with_payload
from living.sources.run import Keep


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
