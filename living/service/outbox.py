"""Looking at the outbox without touching it."""

from __future__ import annotations

from pathlib import Path

from living.errors import EnvironmentFault
from living.service.house import House
from living.service.send import compose_letter
from living.store import Leased, Letter

WAITING = ("queued", "retry")


def outbox(house: House, topic: str) -> tuple[Letter, ...]:
    """Return every letter of a topic, oldest first."""
    return house.store.letters(topic)


def drafts(house: House, topic: str, folder: Path) -> tuple[str, ...]:
    """Write the letters that wait as .eml files, as they would be sent; nothing is sent or marked."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for letter in outbox(house, topic):
            reader = house.store.subscriber(letter.subscriber)
            if letter.state not in WAITING or reader is None or reader.address is None:
                continue
            message = compose_letter(house, Leased(letter=letter, address=reader.address, name=reader.name))
            path = folder / f"{letter.message_id}.eml"
            path.write_bytes(message.as_bytes())
            written.append(str(path))
    except OSError as fault:
        raise EnvironmentFault(f"cannot write ({fault.strerror})", where=str(folder)) from fault
    return tuple(written)
