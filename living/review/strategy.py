"""How a source is searched: what every full search must list, and what a changed search would lose."""

from __future__ import annotations

from living.model.protocol import Source
from living.model.state import ReviewState
from living.model.surveillance import Sighting, Strategy
from living.review.evidence import Evidence


def canaries(evidence: Evidence, source: Source) -> frozenset[str]:
    """Return the ids that every full search of a source must list, without the source's prefix.

    These are the records of included studies and the protocol's own canaries. Left out are those that an
    editor accepted to lose with a signature on this very query, and those proven to be gone, which are told
    as such; of an entry that the source answers for under another id, that one is asked for.
    """
    wanted = (included_ids(evidence, source) | set(source.canaries)) - accepted(evidence.state, source)
    stands = sightings(evidence.state)
    found = set()
    for name in wanted:
        seen = stands.get(f"{source.id}:{name}")
        if seen is None or seen.state == "returned":
            found.add(name)
        elif seen.current and seen.current.startswith(f"{source.id}:"):
            found.add(_id_of(seen.current))
    return frozenset(found)


def included_ids(evidence: Evidence, source: Source) -> frozenset[str]:
    """Return the ids of a source's records that belong to included studies."""
    prefix = f"{source.id}:"
    return frozenset(
        _id_of(name)
        for key in evidence.included
        for name in evidence.studies.by_key[key].records
        if name.startswith(prefix)
    )


def accepted(state: ReviewState, source: Source) -> frozenset[str]:
    """Return the ids that an editor signed to lose with the query as it stands."""
    signed = standing_strategy(state, source)
    return frozenset(_id_of(key) for key in signed.lost_included) if signed else frozenset()


def standing_strategy(state: ReviewState, source: Source) -> Strategy | None:
    """Return the latest signature on a source's query as it stands, or None."""
    signed = [fact for _, fact in state.of_kind(Strategy) if fact.source == source.id]
    return next((fact for fact in reversed(signed) if fact.query_digest == source.query_digest), None)


def sightings(state: ReviewState) -> dict[str, Sighting]:
    """Return, by record key, whether its source still shows it; what was never missed is not there."""
    return {fact.record: fact for _, fact in state.of_kind(Sighting)}


def _id_of(key: str) -> str:
    return key.partition(":")[2]
