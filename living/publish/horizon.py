"""The trials to come as a page lists them, each with what it might change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.snapshot import Snapshot, StudyOut
from living.model.surroundings import Coming as Trial
from living.model.surroundings import Horizon, NextTrial
from living.publish.studies import has_page, study_anchor, study_path


@dataclass(frozen=True)
class Coming:
    """One registered trial; `chances` by analysis, empty where nothing is simulated; `page` blank without."""

    trial: Trial
    anchor: str
    study: StudyOut
    chances: tuple[NextTrial, ...]
    page: str = ""


def coming(snapshot: Snapshot) -> tuple[Coming, ...]:
    """Return the trials to come in the snapshot's order, soonest first; without a horizon, as listed."""
    horizon = snapshot.horizon or Horizon(as_of="", coming=tuple(_plain(snapshot)))
    known = {study.key: study for study in snapshot.studies}
    return tuple(
        Coming(
            trial,
            study_anchor(trial.slug),
            known[trial.study],
            tuple(item for item in horizon.next_trials if item.study == trial.study),
            study_path(trial.slug) if has_page(known[trial.study]) else "",
        )
        for trial in horizon.coming
    )


def _plain(snapshot: Snapshot) -> Iterator[Trial]:
    for study in snapshot.studies:
        if study.status == "ongoing":
            yield Trial(
                study=study.key,
                slug=study.slug,
                label=study.label,
                status=study.registry_status,
                planned_n=study.planned_n,
                expected=study.expected,
            )
