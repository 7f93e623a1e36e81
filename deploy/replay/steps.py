"""One step of the story, and playing them in order: told, done, remembered."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.replay.home import Progress, save
from deploy.replay.stage import Stage

WIDTH, INDENT = 104, " " * 16


@dataclass(frozen=True)
class Step:
    """Something that happens at one virtual instant. `act` may be killed anywhere and done again.

    It returns what there is to tell, and checks what the story promises.
    """

    id: str
    at: str
    title: str
    act: Callable[[Stage], Iterable[str]]

    @property
    def instant(self) -> str:
        return f"{self.at.replace(' ', 'T')}:00Z"


@dataclass(frozen=True)
class Chapter:
    title: str
    steps: tuple[Step, ...]


def play(stage: Stage, chapters: Sequence[Chapter], home: Path, progress: Progress) -> None:
    """Do every step that is not done yet, each at its own instant, and remember it."""
    number = 0
    for chapter in chapters:
        if any(step.id not in progress.done for step in chapter.steps):
            _say(f"\n{chapter.title}")
        for step in chapter.steps:
            number += 1
            if step.id not in progress.done:
                _say(f"{number:2}  {step.at[:10]}  {step.title}")
                _do(stage, step)
                progress.done.append(step.id)
                save(home, progress)


def _do(stage: Stage, step: Step) -> None:
    stage.move_to(step.instant)
    for line in step.act(stage):
        _say(textwrap.fill(line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT))


def _say(line: str) -> None:
    print(line.replace("\N{MINUS SIGN}", "-"), flush=True)  # every terminal has this one
