"""The page behind a link in a letter: one sentence and one button."""

from __future__ import annotations

from dataclasses import dataclass

from living.publish import words
from living.publish.pages import Told, Topic


@dataclass(frozen=True)
class Door:
    """What a link leads to. `done`: the button was pressed; `known` false: nobody has this link."""

    wish: str
    known: bool
    done: bool = False
    topic: Topic | None = None
    state: str = ""
    replay: bool = False


def render_door(door: Door) -> bytes:
    """Return the page; it names the topic and no person."""
    told = Told(door.topic.note if door.topic else "", door.replay)
    return words.render("door.html", door=door, told=told)
