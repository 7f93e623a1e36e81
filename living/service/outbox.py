"""Looking at the outbox without touching it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from living.errors import EnvironmentFault
from living.service.compose import compose_letter
from living.service.digests import due_digests
from living.service.house import House
from living.service.topics import known
from living.store import CONFIRMATION, DESK, Held, Leased, Letter, Standing, Subscriber

WAITING = ("queued", "retry")


@dataclass(frozen=True)
class Draft:
    """A letter as it would go out; `reader` is an opaque id."""

    topic: str
    about: str
    kind: str
    reader: str
    subject: str
    path: str


@dataclass(frozen=True)
class Reader:
    """Somebody who asked for letters; the address only where it was asked for."""

    id: str
    state: str
    level: str
    pace: str
    bounces: int
    stopped: str
    address: str | None = None


def readers(house: House, topic: str, *, addresses: bool = False) -> tuple[Reader, ...]:
    """Return everybody who asked for a topic's letters, by state and then the time of asking."""
    back = Counter(bounce.subscriber for bounce in house.store.bounces(topic))
    states: tuple[Standing, ...] = ("confirmed", "pending", "left")
    return tuple(
        Reader(
            id=item.id,
            state="stopped" if item.stopped and item.state == "confirmed" else item.state,
            level=item.level,
            pace=item.pace,
            bounces=back[item.id],
            stopped=item.stopped,
            address=item.address if addresses else None,
        )
        for state in states
        for item in house.store.subscribers(topic, state)
    )


def held(house: House, topic: str) -> tuple[Held, ...]:
    """Return what waits for the digests of a topic's readers."""
    return house.store.held(topic)


def outbox(house: House, topic: str) -> tuple[Letter, ...]:
    """Return every letter of a topic, oldest first."""
    return house.store.letters(topic)


def drafts(house: House, topic: str, folder: Path) -> tuple[Draft, ...]:
    """Write what would go out as .eml files, due digests included; nothing is sent, marked or made."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for letter, items, reader in _waiting(house, topic):
            address = _address(house, reader)
            message = compose_letter(house, Leased(letter=letter, address=address, name=reader.name), items)
            path = folder / f"{letter.message_id}.eml"
            path.write_bytes(message.as_bytes())
            subject = str(message["Subject"])
            written.append(Draft(topic, letter.event, letter.kind, reader.id, subject, str(path)))
    except OSError as fault:
        raise EnvironmentFault(f"cannot write ({fault.strerror})", where=str(folder)) from fault
    return tuple(written)


def _waiting(house: House, topic: str) -> Iterator[tuple[Letter, tuple[Held, ...] | None, Subscriber]]:
    """The letters that wait for readers who still want them, then the digests that are due."""
    for letter in outbox(house, topic):
        reader = house.store.subscriber(letter.subscriber)
        if letter.state in WAITING and reader is not None and _wanted(house, reader, letter):
            yield letter, None, reader
    for digest in due_digests(house):
        reader = house.store.subscriber(digest.letter.subscriber)
        if digest.letter.topic == topic and reader is not None:
            yield digest.letter, digest.items, reader


def _wanted(house: House, reader: Subscriber, letter: Letter) -> bool:
    if reader.topic == DESK and not _address(house, reader):
        return False
    if letter.kind == CONFIRMATION:
        return reader.state == "pending"
    return reader.state == "confirmed" and not reader.stopped


def _address(house: House, reader: Subscriber) -> str:
    """Where a letter goes: for somebody of the team what their account says now, nothing if it wants none."""
    if reader.topic != DESK:
        return reader.address or ""
    account = house.store.account(reader.id)
    wanting = account is not None and account.state == "active" and account.letters != "none"
    return (account.address or "") if account and wanting else ""


def places(house: House, topic: str | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Return the topics whose letters are meant: the one named, else those given and the team's."""
    if topic is None:
        return (*otherwise, DESK)
    return (DESK,) if topic == DESK else (known(house, topic),)
