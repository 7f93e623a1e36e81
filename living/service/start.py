"""What must be there before the site opens: every topic has a version, and crashes are mended."""

from __future__ import annotations

from living.service.house import House
from living.service.publish import present, publish_bound
from living.service.refresh import refresh


def first_version(house: House, topic: str) -> str:
    """Finish what a crash left, publish a topic's first version if it has none, and return the latest.

    Letters that were being sent when the last process died become `unknown`: they are not sent again.
    """
    house.store.recover_letters(house.now())
    publish_bound(house, topic)
    if not house.store.published(topic):
        refresh(house, topic)
        publish_bound(house, topic)
    present(house, topic)
    published = house.store.published(topic)
    return published[-1].version if published else "no version"
