"""One turn of the service for one topic: everything that is due, in order, each step safe to be killed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from living.errors import HeldElsewhere
from living.review.notices import retirement_of
from living.service.house import House
from living.service.poll import Polled, due, link, poll
from living.service.publish import present, publish_bound
from living.service.pulse import last_failure, source_pulses
from living.service.refresh import Refreshed, refresh
from living.service.topics import active

AN_HOUR = len("2026-01-01T00")  # of an instant; time alone makes sources stale and versions due


@dataclass(frozen=True)
class Turned:
    """What a turn did."""

    topic: str
    polled: tuple[Polled, ...]
    linked: int
    refreshed: Refreshed
    published: tuple[str, ...]


def turn(house: House, topic: str) -> Turned:
    """Carry out what is due for a topic.

    1. Versions that were bound and not finished are published first: a number once given is always completed.
    2. Every source that is due is searched; a source that fails is told on the pages and tried again later.
    3. Exact ids link records; the rule decides on the evidence; a new version is published.
    4. The pages around the versions are rendered again, so that pulse and notices are true.

    While nothing is due and nothing was said, 3 and 4 are done once an hour.
    """
    finished = publish_bound(house, topic)
    polled = _search(house, topic)
    if not polled and not finished and house.at_rest.get(topic) == _seen(house, topic):
        return Turned(topic, (), 0, Refreshed(topic, None), ())
    linked = link(house, topic)
    refreshed = refresh(house, topic)
    published = publish_bound(house, topic)
    present(house, topic)
    house.at_rest[topic] = _seen(house, topic)
    return Turned(topic, polled, linked, refreshed, (*finished, *published))


def _search(house: House, topic: str) -> tuple[Polled, ...]:
    """Search what is due; while another process searches, it is due again in the next turn.

    Of a topic that people retired nothing is searched by itself.
    """
    state, protocol = active(house, topic)
    found: list[Polled] = []
    if retirement_of(state):
        return ()
    with suppress(HeldElsewhere):
        for source in due(house, topic, protocol):
            found.append(poll(house, topic, source))  # noqa: PERF401 - what was searched before is kept
    return tuple(found)


def _seen(house: House, topic: str) -> object:
    """Everything that what a turn derives and renders follows from."""
    _, protocol = active(house, topic)
    sources = source_pulses(house, topic, protocol)
    return house.store.head(topic), sources, last_failure(house), house.now()[:AN_HOUR]
