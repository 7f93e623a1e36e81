"""The real sources pointed at a stand-in, for tests: quick unless told to pace itself as in production."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from living.model.protocol import Source
from living.model.record import Record
from living.sources.gateway import Answer, Gateway
from living.sources.registry import REGISTRIES, pace_of
from living.sources.run import Ask, Run
from tests.standin.server import Standin

LDN = (
    "(naltrexone[mh] OR naltrexone[nm] OR naltrexone[tiab] OR naltrexone[ot]) AND "
    '("low dose"[tiab] OR "low-dose"[tiab] OR "ultra low dose"[tiab] OR "very low dose"[tiab] OR '
    'LDN[tiab] OR "naltrexone low"[tiab:~3] OR 4.5mg[tiab] OR "4.5 mg"[tiab])'
)
IN_NO_HURRY = 1_000_000  # requests a second that a stand-in lets pass when pace is not the point


def source(kind: str, query: str = "", **fields: Any) -> Source:
    """Return a source as a protocol would declare it."""
    queries = {"pubmed": LDN}
    return Source.model_validate(
        {"id": kind, "label": kind, "kind": kind, "query": query or queries.get(kind, "naltrexone"), **fields}
    )


class Poller:
    """Polls a stand-in and keeps what came, as the service does."""

    def __init__(self, standin: Standin, *, real_pace: bool = False, **gateway: Any) -> None:
        self.bases = standin.urls
        pace = {urlsplit(url).netloc: pace_of(kind) if real_pace else 0.0 for kind, url in self.bases.items()}
        self.slept: list[float] = []
        options = {"sleep": self.slept.append, "jitter": lambda: 0.0} if not real_pace else {}
        self.gateway = Gateway("review@example.org", "1.0", pace, **{**options, **gateway})
        self.kept: dict[str, Answer] = {}

    def __enter__(self) -> Poller:
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.close()

    def keep(self, answer: Answer) -> str:
        self.kept[answer.sha256] = answer
        return answer.sha256

    def poll(
        self,
        asked: Source,
        today: date = date(2026, 2, 2),
        since: date | None = None,
        known: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Run:
        ask = Ask(
            asked,
            today,
            since,
            known or {},
            **{
                key: more.pop(key)
                for key in ("census", "refetch", "look", "off", "before", "read", "list_only")
                if key in more
            },
        )
        fields = {"email": "review@example.org", "tool": "living-review", **more}
        return REGISTRIES[asked.kind].fetch(self.gateway, self.bases[asked.kind], ask, self.keep, **fields)

    def records(self, run: Run) -> dict[str, Record]:
        """Parse the stored payloads of a run, keeping what it asked for."""
        return {
            record.id: record
            for page in run.pages
            for record in REGISTRIES[run.source].parse(self.kept[page.payload].body, page.payload)
            if record.id in page.ids
        }
