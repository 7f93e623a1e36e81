"""Which entries a source shows no longer, or under another id: what was seen of each last."""

from __future__ import annotations

from living.model.state import ReviewState
from living.model.surveillance import Sighting


def sightings(state: ReviewState) -> dict[str, Sighting]:
    """Return the latest sighting by record key; an entry that never went away has none."""
    return {fact.record: fact for _, fact in state.of_kind(Sighting)}


def away(state: ReviewState) -> dict[str, Sighting]:
    """Return, by record key, the entries that are gone now or stand under another id."""
    return {key: seen for key, seen in sightings(state).items() if seen.state != "returned"}
