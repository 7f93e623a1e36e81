"""What the web asks about the site: may this be read, is the service well."""

from __future__ import annotations

import re

from living.service.house import House
from living.service.pulse import last_failure, source_pulses
from living.service.topics import active

VERSION = re.compile(r"v\d+\.\d+")
LATEST = "latest"


def readable(house: House, parts: tuple[str, ...]) -> bool:
    """Return whether readers may see a file of the site: of a version, only once it was committed."""
    if len(parts) < 2 or not VERSION.fullmatch(parts[1]):
        return True
    place = (parts[0], parts[1])
    if place not in house.committed:  # once committed, readable also while the store is away
        house.committed |= {(parts[0], item.version) for item in house.store.published(parts[0])}
    return place in house.committed


def health(house: House) -> dict[str, object]:
    """Return the state of the service for machines: `ok` is false only when the service itself is broken."""
    topics = house.store.topics()
    return {
        "ok": True,
        "at": house.now(),
        "replay": house.replay,
        "topics": {topic: _topic(house, topic) for topic in topics},
        "last_failure": last_failure(house),
    }


def _topic(house: House, topic: str) -> dict[str, object]:
    _, protocol = active(house, topic)
    published = house.store.published(topic)
    return {
        "version": published[-1].version if published else None,
        "sources": {source.id: source.state for source in source_pulses(house, topic, protocol)},
    }
