"""One turn of the service for one topic: everything that is due, in order, each step safe to be killed."""

from __future__ import annotations

from dataclasses import dataclass

from living.service.house import House
from living.service.poll import Polled, due, link, poll
from living.service.publish import present, publish_bound
from living.service.refresh import Refreshed, refresh
from living.service.topics import active


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
    """
    finished = publish_bound(house, topic)
    _, protocol = active(house, topic)
    polled = tuple(poll(house, topic, source) for source in due(house, topic, protocol))
    linked = link(house, topic)
    refreshed = refresh(house, topic)
    published = publish_bound(house, topic)
    present(house, topic)
    return Turned(topic, polled, linked, refreshed, (*finished, *published))
