"""Which module speaks to which kind of source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from living.model.record import Record
from living.sources import ctgov, pubmed
from living.sources.gateway import Gateway
from living.sources.pace import CTGOV_PACE, NCBI_PACE, NCBI_PACE_WITH_KEY
from living.sources.run import Ask, Keep, Run


class Fetch(Protocol):
    """Polls a source once and returns a complete run, or raises SourceDown or SourceChanged."""

    def __call__(
        self,
        gateway: Gateway,
        base_url: str,
        ask: Ask,
        keep: Keep,
        *,
        email: str,
        tool: str,
        api_key: str = "",
    ) -> Run: ...


Parse = Callable[[bytes, str], Iterator[Record]]
"""Reads a stored payload, whose digest is the second argument, into records."""

FETCH: Mapping[str, Fetch] = {"pubmed": pubmed.fetch, "ctgov": ctgov.fetch}
PARSE: Mapping[str, Parse] = {"pubmed": pubmed.parse, "ctgov": ctgov.parse}


def pace_of(kind: str, *, with_key: bool = False) -> float:
    """Return the seconds between the starts of two requests to a source of this kind."""
    if kind == "pubmed":
        return NCBI_PACE_WITH_KEY if with_key else NCBI_PACE
    return {"ctgov": CTGOV_PACE}[kind]
