"""How long it took from a report's first sight in a source to the version that used it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from living.model.record import Record
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.pairs import analyses


@dataclass(frozen=True)
class Delay:
    """One report: the version that first used a number of it, and the days since it was first seen."""

    report: str
    version: str
    days: int


@dataclass(frozen=True)
class Timeliness:
    """The delays of all reports that the review found itself; without any there is no median."""

    delays: tuple[Delay, ...] = ()

    @property
    def median(self) -> float | None:
        return median(delay.days for delay in self.delays) if self.delays else None

    @property
    def shortest(self) -> int | None:
        return min((delay.days for delay in self.delays), default=None)

    @property
    def longest(self) -> int | None:
        return max((delay.days for delay in self.delays), default=None)


NO_DELAYS = Timeliness()


def timeliness(state: ReviewState, versions: Sequence[Snapshot]) -> Timeliness:
    """Return the days from first sight to use, of each report once, from published versions, oldest first.

    A report counts when a number read from it enters an analysis. What was known when the review was loaded
    was found by others, and is not counted.
    """
    used: set[str] = set()
    delays: list[Delay] = []
    for version in versions:
        fresh = [record for record in _read_in(version) if record not in used]
        used.update(fresh)
        for record in fresh:
            days = _days(state, record, version)
            if days is not None and version.release:
                delays.append(Delay(record, version.release.version, days))
    return Timeliness(tuple(delays))


def _read_in(version: Snapshot) -> tuple[str, ...]:
    """Return the reports that the numbers of a version's analyses were read from."""
    cells = {(study.key, cell.id): cell for study in version.studies for cell in study.cells}
    rows = (row for item in analyses(version).values() for row in item.contrasts)
    found = (cells[row.study, row.cell] for row in rows if (row.study, row.cell) in cells)
    return tuple(dict.fromkeys(quote.report for cell in found for quote in cell.quotes))


def _days(state: ReviewState, record: str, version: Snapshot) -> int | None:
    line = state.first_seen.get(record)
    if line is None or version.release is None or not isinstance(line.fact, Record) or line.fact.seeded:
        return None
    return (date.fromisoformat(version.release.date) - date.fromisoformat(line.at[:10])).days
