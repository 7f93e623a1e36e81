"""What somebody sees and changes of their own account."""

from __future__ import annotations

from dataclasses import dataclass

from living.errors import UserError
from living.model.values import later
from living.service.accounts import checked_address, checked_name, known_account
from living.service.house import House
from living.service.policy import EVERY_TOPIC, Person
from living.service.signin import IDLE, needs_second

LETTERS = ("at_once", "daily", "none")


@dataclass(frozen=True)
class Own:
    """One's own account as its page shows it. `stopped`: why letters go to its address no more."""

    id: str
    login: str
    name: str
    address: str
    letters: str
    second: bool
    second_needed: bool
    stopped: str
    roles: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class BrowserSeen:
    """One browser that is signed in, as far as it said what it is."""

    agent: str
    since: str
    seen: str


def own(house: House, person: Person) -> Own:
    found = known_account(house, person.id)
    roles = tuple(
        (topic if topic != EVERY_TOPIC else "every topic", tuple(sorted(held)))
        for topic, held in sorted(person.roles.items())
    )
    reader = house.store.subscriber(person.id)  # the row of the outbox that has no address of its own
    return Own(
        id=found.id,
        login=found.login or "",
        name=found.name,
        address=found.address or "",
        letters=found.letters,
        second=found.totp_confirmed,
        second_needed=needs_second(house, person),
        stopped=reader.stopped if reader else "",
        roles=roles,
    )


def change_own(house: House, person: Person, name: str, address: str, letters: str) -> None:
    """Change name, address and how letters come; another address is tried afresh.

    Raises UserError naming the field.
    """
    if letters not in LETTERS:
        raise UserError("no such choice", where="letters", fix=f"There are: {', '.join(LETTERS)}")
    said, mail = checked_name(name), checked_address(address.strip())
    before = known_account(house, person.id).address
    house.store.change_account(person.id, house.now(), name=said, address=mail, letters=letters)
    if mail != before:
        try_again(house, person)


def try_again(house: House, person: Person) -> bool:
    """Send letters to one's address again after too many came back. False when none were stopped."""
    return house.store.try_letters_again(person.id, house.now())


def browsers(house: House, person: Person, *, end: bool = False, only: str = "") -> tuple[BrowserSeen, ...]:
    """Return the browsers signed in; `end` signs them out, `only` the one whose forms carry this token."""
    now = house.now()
    found = house.store.sessions(person.id, now, later(now, -IDLE))
    if end and only:
        for item in found:
            if item.csrf == only:
                house.store.end_session(item.token_hash)
    elif end:
        house.store.end_sessions(person.id, now)
    return tuple(BrowserSeen(item.agent or "not said", item.created_at, item.seen_at) for item in found)
