"""The pages behind the links in letters, and the form on which readers ask for letters."""

from __future__ import annotations

from dataclasses import dataclass

from living.publish import words
from living.publish.pages import Told, Topic

GRAVE = "Retractions and withdrawn versions too."
LEVELS = (
    ("new_study", "A study enters, or methods or conclusions change", GRAVE),
    ("conclusions", "The signed conclusion changes", GRAVE),
    ("retraction", "A study that was used is retracted, or a version withdrawn", "Nothing else."),
    ("every_bulletin", "Every change, however small", "Corrections, verified numbers, trials to come."),
)
PACES = (
    ("at_once", "At once", ""),
    ("weekly", "Once a week", "On Mondays, and only when there is news."),
    ("monthly", "Once a month", "On the first, and only when there is news."),
)


@dataclass(frozen=True)
class Door:
    """What a link leads to. `done`: the button was pressed; `known` false: nobody has this link.

    `for_team`: the letters are those that tell somebody with an account of tasks.
    """

    wish: str
    known: bool
    done: bool = False
    topic: Topic | None = None
    state: str = ""
    replay: bool = False
    level: str = ""
    pace: str = ""
    for_team: bool = False


@dataclass(frozen=True)
class Form:
    """The public form. `closed` says why nobody can ask now, `fault` what is wrong with what was typed in."""

    topic: Topic
    replay: bool = False
    done: bool = False
    level: str = "new_study"
    pace: str = "at_once"
    address: str = ""
    fault: str = ""
    closed: str = ""


def render_door(door: Door) -> bytes:
    """Return the page; it names the topic and no person."""
    told = Told(door.topic.note if door.topic else "", door.replay)
    return words.render("door.html", door=door, told=told, levels=LEVELS, paces=PACES)


def render_form(form: Form) -> bytes:
    """Return the page; of an address it shows only one that was typed in just now and cannot be one."""
    told = Told(form.topic.note, form.replay)
    return words.render("subscribe.html", form=form, told=told, levels=LEVELS, paces=PACES)
