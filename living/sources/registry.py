"""Which module speaks to which kind of source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from living.model.record import Record
from living.sources import ctgov, europepmc, isrctn, pubmed
from living.sources.gateway import Gateway
from living.sources.pace import CTGOV_PACE, EUROPEPMC_PACE, ISRCTN_PACE, NCBI_PACE, NCBI_PACE_WITH_KEY
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

Unmapped = Callable[[bytes], Counter[str]]
"""Counts what a stored payload holds that its reader does not know: fields, values, kinds of entry."""


@dataclass(frozen=True)
class Registry:
    """What a source of one kind can do, and the seconds between the starts of two requests to it.

    `whole`: it is small enough that each search lists everything. `read_weekly`: an entry can change where
    its listing does not show it, so once a week all are read again.
    """

    fetch: Fetch
    parse: Parse
    unmapped: Unmapped
    pace: float
    pace_with_key: float | None = None
    whole: bool = False
    read_weekly: bool = False


REGISTRIES: Mapping[str, Registry] = {
    "pubmed": Registry(pubmed.fetch, pubmed.parse, pubmed.unmapped, NCBI_PACE, NCBI_PACE_WITH_KEY),
    "ctgov": Registry(ctgov.fetch, ctgov.parse, ctgov.unmapped, CTGOV_PACE, whole=True, read_weekly=True),
    "europepmc": Registry(europepmc.fetch, europepmc.parse, europepmc.unmapped, EUROPEPMC_PACE, whole=True),
    "isrctn": Registry(isrctn.fetch, isrctn.parse, isrctn.unmapped, ISRCTN_PACE, whole=True),
}


def pace_of(kind: str, *, with_key: bool = False) -> float:
    """Return the seconds between the starts of two requests to a source of this kind."""
    registry = REGISTRIES[kind]
    return registry.pace_with_key if with_key and registry.pace_with_key is not None else registry.pace
