"""Other people's results beside ours: each checked against itself, made again, and walked to ours."""

from __future__ import annotations

from collections.abc import Sequence

from living.model.facts import PublishedPool
from living.model.snapshot import ComparisonOut, StudyOut
from living.model.state import ReviewState
from living.model.surroundings import Check, PublishedOut
from living.review.printed import checks, is_ratio, one_rule, value
from living.review.remade import House, reproduce
from living.review.walks import walk


def printed_results(state: ReviewState) -> tuple[PublishedPool, ...]:
    """Return the printed results as they stand: the latest of each id, in order of first sight."""
    found: dict[str, PublishedPool] = {}
    for _, fact in state.of_kind(PublishedPool):
        found[fact.id] = fact
    return tuple(found.values())


def reconcile(
    pools: Sequence[PublishedPool], comparisons: Sequence[ComparisonOut], studies: Sequence[StudyOut]
) -> tuple[PublishedOut, ...]:
    """Check, make again and walk to ours every printed result, in the order given."""
    house = House.of(comparisons, studies)
    mixed: dict[str, Check] = {}
    for review in dict.fromkeys(pool.review for pool in pools):
        mixed |= one_rule([pool for pool in pools if pool.review == review])
    return tuple(
        _one(pool, house, (*checks(pool), *((mixed[pool.id],) if pool.id in mixed else ()))) for pool in pools
    )


def _one(pool: PublishedPool, house: House, found: tuple[Check, ...]) -> PublishedOut:
    ratio = is_ratio(pool.measure)
    again = reproduce(pool, house)
    estimate, low, high = (value(text, ratio) for text in (pool.estimate, pool.low, pool.high))
    known = house.analysis(pool.analysis) if pool.analysis else None
    return PublishedOut(
        pool=pool,
        ratio=ratio,
        estimate=estimate,
        low=low,
        high=high,
        checks=found,
        reproduction=again,
        analysis=known.id if known else "",
        walk=walk(pool, house, again),
    )
