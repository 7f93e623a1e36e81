"""What differs between two snapshots, by cause, and what each cause did to each average."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.decision import Cause, Shift
from living.model.snapshot import Snapshot
from living.review.causes import METHODS, causes
from living.review.courses import courses
from living.review.pairs import analyses, average, model_of, under_new_keys

__all__ = ["METHODS", "Changes", "analyses", "average", "compare", "model_of", "under_new_keys"]


@dataclass(frozen=True)
class Changes:
    """Every difference with its cause, and each analysis's way from the old average to the new."""

    causes: tuple[Cause, ...]
    shifts: tuple[Shift, ...]

    def of(self, kind: str) -> tuple[Cause, ...]:
        return tuple(cause for cause in self.causes if cause.kind == kind)

    def __bool__(self) -> bool:
        return bool(self.causes)


def compare(old: Snapshot | None, new: Snapshot) -> Changes:
    """Compare two snapshots of one topic; `old` None is the state before the first version.

    The shifts are those of `courses`: each cause alone, in a fixed order, as a pool made again. A study that
    was joined to another record since, or parted from one, is the same study under another key.
    """
    if old is None:
        return Changes((), ())
    found = causes(under_new_keys(old, new), new)
    return Changes(found, tuple(_shifts(old, new)))


def _shifts(old: Snapshot, new: Snapshot) -> Iterator[Shift]:
    for course in courses(old, new, whole=False):
        before = course.before.estimate
        for move in course.moves:
            yield Shift(analysis=course.id, cause=move.text, before=before, after=move.after.estimate)
            before = move.after.estimate
