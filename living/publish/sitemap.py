"""What search engines are told: where every permanent page is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from living.publish import words

SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"


class Place(NamedTuple):
    """A page that stays: its address and the day it last changed, empty where that is not known."""

    address: str
    date: str = ""


@dataclass(frozen=True)
class Told:
    """Which pages of a topic stay: its versions with their days."""

    topic: str
    versions: tuple[tuple[str, str], ...]


def sitemap(address: str, told: Iterable[Told]) -> bytes:
    """Return the map of a site at a public address (sitemaps.org 0.9)."""
    places = [Place(f"{address}/")]
    for item in told:
        newest = max((day for _, day in item.versions), default="")
        places.append(Place(f"{address}/{item.topic}/", newest))
        places += [Place(f"{address}/{item.topic}/{version}/", day) for version, day in item.versions]
    return words.render("feeds/sitemap.xml", places=places)


def robots(address: str) -> bytes:
    """Return what robots may read: everything but the doors of letters."""
    return words.render("feeds/robots.txt", sitemap=f"{address}/{SITEMAP}" if address else "")
