"""Digests: when a week and a month begin, and which letters that makes."""

from __future__ import annotations

from datetime import date, timedelta

from living.service.house import House
from living.store import Digest

MIDNIGHT = "T00:00:00Z"


def make_digests(house: House) -> int:
    """Queue every digest that is due. A week begins on Monday, a month on its first day, UTC."""
    return house.store.make_digests(house.now(), *began(house.now()))


def due_digests(house: House) -> tuple[Digest, ...]:
    """Return the digests that the next sending would make, without making them."""
    return house.store.due_digests(house.now(), *began(house.now()))


def began(instant: str) -> tuple[str, str]:
    """Return when the week and the month of an instant began."""
    today = date.fromisoformat(instant[:10])
    monday = today - timedelta(days=today.weekday())
    return f"{monday.isoformat()}{MIDNIGHT}", f"{today.replace(day=1).isoformat()}{MIDNIGHT}"
