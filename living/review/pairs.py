"""Two snapshots of one topic side by side: each study under one key, each analysis by its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from living.model.protocol import Model
from living.model.snapshot import AnalysisOut, ContrastOut, Snapshot, StudyOut
from living.review.pools import pool


def analyses(snapshot: Snapshot) -> dict[str, AnalysisOut]:
    """Return every analysis of a snapshot by its id, in the order of the protocol."""
    return {item.id: item for comparison in snapshot.comparisons for item in comparison.analyses}


def model_of(snapshot: Snapshot, analysis: str) -> Model:
    """Return the model that an analysis of a snapshot names."""
    name = next(item.models for item in snapshot.protocol.analyses if item.id == analysis)
    return snapshot.protocol.models[name]


def average(rows: Sequence[ContrastOut], model: Model) -> float | None:
    """Return the model's average of two or more contrasts, one study's own value, or None."""
    if len(rows) == 1:
        return rows[0].estimate
    found = pool(rows, model)
    return found.estimate if found.pooled else None


def in_analyses(found: Iterable[AnalysisOut]) -> dict[str, str]:
    """Return the label of every study that some analysis combines, by its key."""
    return {row.study: row.label for analysis in found for row in analysis.contrasts}


def under_new_keys(old: Snapshot, new: Snapshot) -> Snapshot:
    """Return the old snapshot with its studies, their cells and contrasts under the keys of the new one."""
    keys = _renamed(old, new)
    if not keys:
        return old
    comparisons = tuple(
        comparison.model_copy(
            update={"analyses": tuple(_rekeyed(item, keys) for item in comparison.analyses)}
        )
        for comparison in old.comparisons
    )
    studies = tuple(_moved(study, keys.get(study.key, study.key)) for study in old.studies)
    return old.model_copy(update={"comparisons": comparisons, "studies": studies})


def _moved(study: StudyOut, key: str) -> StudyOut:
    if key == study.key:
        return study
    cells = tuple(cell.model_copy(update={"study": key}) for cell in study.cells)
    names = tuple(name for name in (study.key, *study.aliases) if name != key)
    return study.model_copy(update={"key": key, "cells": cells, "aliases": names})


def _rekeyed(analysis: AnalysisOut, keys: dict[str, str]) -> AnalysisOut:
    rows = (row.model_copy(update={"study": keys.get(row.study, row.study)}) for row in analysis.contrasts)
    return analysis.model_copy(update={"contrasts": tuple(rows)})


def _renamed(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Old key to new key of each study that goes by another now; of two that were joined, neither."""
    was, now = {item.key for item in old.studies}, {item.key for item in new.studies}
    joined = {alias: study.key for study in new.studies for alias in study.aliases}
    used = in_analyses(analyses(new).values())
    keys: dict[str, str] = {}
    for study in old.studies:
        heirs = [alias for alias in study.aliases if alias in used and alias in now - was]
        if joined.get(study.key, study.key) not in was:
            keys[study.key] = joined[study.key]
        elif study.key not in used and len(heirs) == 1 and study.key in in_analyses(analyses(old).values()):
            keys[study.key] = heirs[0]
    taken = list(keys.values())
    return {before: after for before, after in keys.items() if taken.count(after) == 1}
