"""The links in letters: a look changes nothing, a button does."""

from __future__ import annotations

from enum import StrEnum

from living.publish.doors import Door
from living.service.house import House
from living.service.letters import confirm, leave, of_link
from living.service.publish import topic_of
from living.store import Subscriber


class Wish(StrEnum):
    """What a link of a letter is for."""

    CONFIRM = "confirm"
    LEAVE = "leave"


def look(house: House, wish: Wish, secret: str) -> Door:
    """Return the page behind a link: what its button would do."""
    return _door(house, wish, of_link(house, wish.value, secret), done=False)


def act(house: House, wish: Wish, secret: str) -> Door:
    """Do what the link is for. Twice is once."""
    reader = confirm(house, secret) if wish is Wish.CONFIRM else leave(house, secret)
    return _door(house, wish, reader, done=True)


def _door(house: House, wish: Wish, reader: Subscriber | None, *, done: bool) -> Door:
    if reader is None:
        return Door(wish.value, known=False, replay=house.replay)
    topic = topic_of(house, house.store.state(reader.topic))
    done = done or (wish is Wish.LEAVE and reader.state == "left")
    return Door(wish.value, known=True, done=done, topic=topic, state=reader.state, replay=house.replay)
