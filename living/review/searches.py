"""Searches by hand: which of them stand, and how far each source was searched."""

from __future__ import annotations

from collections.abc import Mapping

from living.model.facts import LedgerLine
from living.model.state import ReviewState
from living.model.surveillance import Search

Said = tuple[LedgerLine, Search]


def hand_searches(state: ReviewState) -> Mapping[str, tuple[Said, ...]]:
    """Return the searches that stand, by source, in the order of their days.

    A file that is handed in again with another day or strategy corrects what was said of it before: its
    latest search stands.
    """
    latest: dict[tuple[str, str], Said] = {}
    for line, search in state.of_kind(Search):
        latest[(search.source, search.payload)] = (line, search)
    found: dict[str, list[Said]] = {}
    for said in sorted(latest.values(), key=lambda said: (said[1].day, said[0].seq)):
        found.setdefault(said[1].source, []).append(said)
    return {source: tuple(searches) for source, searches in found.items()}


def searched_by_hand(state: ReviewState) -> Mapping[str, str]:
    """Return the day of the last search by hand of each source that was searched so."""
    return {source: searches[-1][1].day for source, searches in hand_searches(state).items()}
