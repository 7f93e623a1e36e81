"""Studies by where they stand in a snapshot's lists, and who stands there newly."""

from __future__ import annotations

from collections.abc import Callable

from living.model.snapshot import Snapshot, StudyOut


def awaiting(study: StudyOut) -> bool:
    """Return whether a study may be eligible and awaits classification or data."""
    return study.status == "awaiting_classification" or study.awaiting_data


def ongoing(study: StudyOut) -> bool:
    """Return whether a study is listed as ongoing."""
    return study.status == "ongoing"


def newly(is_so: Callable[[StudyOut], bool], old: Snapshot, new: Snapshot) -> tuple[StudyOut, ...]:
    """Return the studies that stand where they did not stand in the last version."""
    was = {name for study in old.studies if is_so(study) for name in (study.key, *study.aliases)}
    return tuple(
        study for study in new.studies if is_so(study) and was.isdisjoint((study.key, *study.aliases))
    )
