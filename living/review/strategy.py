"""How a source is searched: what every full search must list, and what a changed search would lose."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from living.model.facts import LedgerLine, ProtocolActivated
from living.model.protocol import Source
from living.model.state import ReviewState
from living.model.surveillance import Strategy
from living.review.evidence import Evidence
from living.review.sightings import sightings


@dataclass(frozen=True)
class Lost:
    """A record that a search would not list.

    `study` and `standing`: the label of its study and how it stands. `canary`: the protocol names it.
    `listed_before`: the last full search did list it.
    """

    key: str
    title: str
    study: str
    standing: str
    canary: bool = False
    listed_before: bool = True

    @property
    def counts(self) -> bool:
        """Whether a full search must list it."""
        return self.canary or self.standing == "included"


@dataclass(frozen=True)
class Compared:
    """What a query lists, next to what must be listed and what the last full search listed.

    `lost` begins with what every full search must list, and holds that whether or not the last search did.
    """

    found: int
    before: int
    gained: tuple[str, ...]
    lost: tuple[Lost, ...]

    @property
    def lost_included(self) -> tuple[str, ...]:
        """Keys of the lost records that every full search must list."""
        return tuple(item.key for item in self.lost if item.counts)


@dataclass(frozen=True)
class Version:
    """One line of how a source came to be searched as it is.

    A protocol that searches it otherwise than the one before came into force, or somebody signed a search.
    """

    line: LedgerLine
    query: str
    signed: Strategy | None = None


def compared(evidence: Evidence, source: Source, found: Iterable[str], before: Iterable[str]) -> Compared:
    """Return what a search of a source gains and loses; `found` and `before` are ids without prefix."""
    now, then = frozenset(found), frozenset(before)
    must = required(evidence, source)
    lost = (_lost(evidence, source, name, name in then) for name in (then | must) - now)
    return Compared(
        len(now),
        len(then),
        tuple(sorted(now - then)),
        tuple(sorted(lost, key=lambda item: (not item.counts, item.key))),
    )


def canaries(evidence: Evidence, source: Source) -> frozenset[str]:
    """Return the ids that every full search of a source must list, without the source's prefix.

    These are what is `required`, less what an editor accepted to lose with a signature on this very query.
    """
    return required(evidence, source) - accepted(evidence.state, source)


def required(evidence: Evidence, source: Source) -> frozenset[str]:
    """Return the ids of the records of included studies, and the protocol's own canaries.

    Left out are those proven to be gone, which are told as such; of an entry that the source answers for
    under another id, that one is asked for.
    """
    stands = sightings(evidence.state)
    found = set()
    for name in _included(evidence, source) | set(source.canaries):
        seen = stands.get(f"{source.id}:{name}")
        if seen is None or seen.state == "returned":
            found.add(name)
        elif seen.current and seen.current.startswith(f"{source.id}:"):
            found.add(_id_of(seen.current))
    return frozenset(found)


def accepted(state: ReviewState, source: Source) -> frozenset[str]:
    """Return the ids that an editor signed to lose with the query as it stands."""
    signed = signed_strategy(state, source)
    return frozenset(_id_of(key) for key in signed[1].lost_included) if signed else frozenset()


def signed_strategy(state: ReviewState, source: Source) -> tuple[LedgerLine, Strategy] | None:
    """Return the latest signature on a source's very query, with its line, or None."""
    mine = (source.id, source.query_digest)
    signed = [item for item in state.of_kind(Strategy) if (item[1].source, item[1].query_digest) == mine]
    return signed[-1] if signed else None


def signed_since(state: ReviewState, source: Source, at: str) -> Strategy | None:
    """Return the latest signature on a source's very query if it is of a later instant, or None."""
    signed = signed_strategy(state, source)
    return signed[1] if signed and signed[0].at > at else None


def in_force_since(state: ReviewState, source: str) -> int:
    """Return the ledger line from which on a source is searched as it is now; 0 when it is not."""
    since, last = 0, ""
    for line, fact in state.of_kind(ProtocolActivated):
        found = _source_in(fact.text, source)
        now = found.query_digest if found else ""
        since = since if now and now == last else line.seq if now else 0
        last = now
    return since


def versions(state: ReviewState, source: str) -> tuple[Version, ...]:
    """Return every change of how a source is searched, and every signature on a search, oldest first."""
    found: list[Version] = []
    last = ""
    for line in state.lines:
        if isinstance(line.fact, Strategy) and line.fact.source == source:
            found.append(Version(line, line.fact.query, line.fact))
        elif isinstance(line.fact, ProtocolActivated):
            now = _source_in(line.fact.text, source)
            if now and now.query_digest != last:
                found.append(Version(line, now.query))
            last = now.query_digest if now else ""
    return tuple(found)


def title_of(state: ReviewState, key: str) -> str:
    """Return a record's title; empty where the record was never stored."""
    return state.records[key].title if key in state.records else ""


def _included(evidence: Evidence, source: Source) -> frozenset[str]:
    prefix = f"{source.id}:"
    return frozenset(
        _id_of(name)
        for key in evidence.included
        for name in evidence.studies.by_key[key].records
        if name.startswith(prefix)
    )


def _lost(evidence: Evidence, source: Source, name: str, before: bool) -> Lost:
    key = f"{source.id}:{name}"
    study = evidence.studies.key_of.get(key, "")
    standing = evidence.standing[study].status if study in evidence.standing else "not stored here"
    label = evidence.label(study) if study in evidence.standing else ""
    title = title_of(evidence.state, key)
    return Lost(key, title, label, standing, name in source.canaries, before)


def _source_in(text: str, source: str) -> Source | None:
    """A source in a protocol's text; a text of old may be refused as a protocol today."""
    for item in tomllib.loads(text).get("sources", []):
        if item.get("id") == source:
            plain = {name: item[name] for name in ("id", "label", "kind", "query") if name in item}
            return Source.model_validate(plain)
    return None


def _id_of(key: str) -> str:
    return key.partition(":")[2]
