"""What a letter to somebody of the team lists: the tasks that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 20  # of one topic and kind; the desk has them all


@dataclass(frozen=True)
class TaskLine:
    """One thing that waits: the topic's title, the kind of task, the study's label and the page."""

    topic: str
    kind: str
    study: str
    link: str


@dataclass(frozen=True)
class TaskGroup:
    """Those of one topic and kind; `more` are not listed."""

    topic: str
    kind: str
    lines: tuple[TaskLine, ...]
    more: int


def grouped(lines: Sequence[TaskLine]) -> tuple[TaskGroup, ...]:
    """Return the lines by topic and kind, in the order in which each came first."""
    found: dict[tuple[str, str], list[TaskLine]] = {}
    for line in lines:
        found.setdefault((line.topic, line.kind), []).append(line)
    return tuple(
        TaskGroup(topic, kind, tuple(held[:SHOWN]), max(0, len(held) - SHOWN))
        for (topic, kind), held in found.items()
    )
