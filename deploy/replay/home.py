"""The replay's own folder: its marker, which is also its memory of the steps that are done."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

from living.errors import EnvironmentFault, UserError

MARKER = "replay.json"
DRAFT = "replay.json.new"
MARK = "a replay of the living review; this folder may be deleted"
HELD = {"daemon.lock", "daemon.pid"}  # held by the one process that clears


@dataclass
class Progress:
    """What a replay remembers: of which story it is, the steps that are done, and what they noted."""

    story: str
    done: list[str] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)
    finished: bool = False
    clearing: bool = False
    mark: str = MARK


def claim(home: Path, story: str) -> Progress:
    """Return how far the replay in a folder got; a folder of nobody becomes a replay's.

    Raises UserError for a folder that holds anything else: the replay deletes only what bears its marker.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        if (home / MARKER).exists():
            return _read(home)
        if any(path.name != DRAFT for path in home.iterdir()):
            fix = "Set LIVING_HOME to a new folder for the replay, or unset it"
            raise UserError("this folder holds something other than a replay", where=str(home), fix=fix)
        fresh = Progress(story)
        save(home, fresh)
    except OSError as fault:
        what = f"cannot write here ({fault.strerror})"
        raise EnvironmentFault(what, where=str(home), fix="Set LIVING_HOME to a folder of yours") from fault
    return fresh


def renewed(home: Path, progress: Progress, story: str) -> Progress:
    """Return the progress to go on from: a finished replay, or one of another story, begins anew.

    The caller holds the folder. Killed in the middle of clearing, the next start clears the rest.
    """
    if not (progress.finished or progress.clearing or progress.story != story):
        return progress
    progress.clearing = True
    save(home, progress)
    for path in home.iterdir():
        if path.name == MARKER or path.name in HELD:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    fresh = Progress(story)
    save(home, fresh)
    return fresh


def save(home: Path, progress: Progress) -> None:
    """Write the marker whole or not at all."""
    text = json.dumps(asdict(progress), indent=1, sort_keys=True) + "\n"
    (home / DRAFT).write_text(text, encoding="utf-8")
    os.replace(home / DRAFT, home / MARKER)  # noqa: PTH105 - the one atomic step


def _read(home: Path) -> Progress:
    try:
        progress = Progress(**json.loads((home / MARKER).read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        progress = Progress("", mark="")
    if progress.mark != MARK:
        raise UserError("this is no marker of a replay", where=str(home / MARKER), fix="Name another folder")
    return progress
