"""The list of people as administrators see it."""

from __future__ import annotations

from dataclasses import dataclass

from living.service.house import House
from living.service.policy import EVERY_TOPIC, Role


@dataclass(frozen=True)
class Held:
    """One role in one topic; `where` is how it is named."""

    role: str
    topic: str
    where: str


@dataclass(frozen=True)
class Member:
    """One account. `second`: whether signing in asks for a code."""

    id: str
    name: str
    login: str
    address: str
    state: str
    second: bool
    held: tuple[Held, ...]


def roster(house: House) -> tuple[Member, ...]:
    """Return everybody, those who left at the end."""
    order = {role.value: at for at, role in enumerate(Role)}
    held: dict[str, list[Held]] = {}
    for item in house.store.holdings():
        where = "every topic" if item.topic == EVERY_TOPIC else item.topic
        held.setdefault(item.account, []).append(Held(item.role, item.topic, where))
    members = [
        Member(
            id=item.id,
            name=item.name or item.id,
            login=item.login or "",
            address=item.address or "",
            state=item.state,
            second=item.totp_confirmed,
            held=tuple(sorted(held.get(item.id, ()), key=lambda one: (one.topic, order[one.role]))),
        )
        for item in house.store.accounts()
    ]
    return tuple(sorted(members, key=lambda one: (one.state == "closed", one.name.casefold(), one.id)))


def places(house: House) -> tuple[tuple[str, str], ...]:
    """Return where a role may hold: everywhere, or in one topic."""
    return ((EVERY_TOPIC, "every topic"), *((topic, topic) for topic in house.store.topics()))
