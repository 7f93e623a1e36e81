"""The links in letters and the public form: a look changes nothing, a button does."""

from __future__ import annotations

from enum import StrEnum

from living.errors import UserError
from living.publish.doors import Door, Form
from living.publish.pages import Topic
from living.service.house import House
from living.service.letters import ask, choose, confirm, leave, of_link
from living.service.publish import topic_of
from living.store import DESK, Subscriber

NO_MAIL = "No letters are sent from here: no mail server is set."
OF_THE_TEAM = Topic("desk", "the tasks that wait for you")
TOO_MANY = "Too many people ask at the moment. Please try again in an hour."


class Wish(StrEnum):
    """What a link of a letter is for."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    MANAGE = "manage"


def look(house: House, wish: Wish, secret: str) -> Door:
    """Return the page behind a link: what its button would do."""
    return _door(house, wish, of_link(house, wish.value, secret), done=False)


def act(house: House, wish: Wish, secret: str, level: str = "", pace: str = "") -> Door:
    """Do what the link is for. Twice is once. A choice that there is not changes nothing."""
    if _of_the_team(house, wish, secret) and wish is not Wish.LEAVE:
        return _door(house, wish, None, done=False)
    if wish is Wish.CONFIRM:
        return _door(house, wish, confirm(house, secret), done=True)
    if wish is Wish.LEAVE:
        return _door(house, wish, leave(house, secret), done=True)
    try:
        return _door(house, wish, choose(house, secret, level, pace), done=True)
    except UserError:
        return _door(house, wish, of_link(house, wish.value, secret), done=False)


def form(house: House, topic: str) -> Form | None:
    """Return the page on which readers ask for letters; None for a topic that is not here."""
    if topic not in house.store.topics():
        return None
    about = topic_of(house, house.store.state(topic))
    return Form(about, replay=house.replay, closed="" if house.settings.smtp_host else NO_MAIL)


def hand_in(house: House, topic: str, address: str, level: str, pace: str) -> Form | None:
    """Take a filled form. The answer is the same whether or not the address is known."""
    page = form(house, topic)
    if page is None or page.closed:
        return page
    try:
        taken = ask(house, topic, address, level, pace)
    except UserError as fault:
        return Form(page.topic, page.replay, level=level, pace=pace, address=address, fault=fault.what)
    return (
        Form(page.topic, page.replay, done=True) if taken else Form(page.topic, page.replay, closed=TOO_MANY)
    )


def _of_the_team(house: House, wish: Wish, secret: str) -> bool:
    """Whether a link is of somebody with an account, who chooses letters there and not behind a link."""
    reader = of_link(house, wish.value, secret)
    return reader is not None and reader.topic == DESK


def _door(house: House, wish: Wish, reader: Subscriber | None, *, done: bool) -> Door:
    if reader is not None and reader.topic == DESK:
        known, left = wish is Wish.LEAVE, reader.state == "left"
        about = OF_THE_TEAM if known else None
        return Door(wish.value, known, left, about, reader.state, house.replay, for_team=True)
    if reader is None:
        return Door(wish.value, known=False, replay=house.replay)
    topic = topic_of(house, house.store.state(reader.topic))
    done = done or (wish is Wish.LEAVE and reader.state == "left")
    state = "stopped" if reader.stopped and reader.state == "confirmed" else reader.state
    return Door(
        wish.value,
        known=True,
        done=done,
        topic=topic,
        state=state,
        replay=house.replay,
        level=reader.level,
        pace=reader.pace,
    )
