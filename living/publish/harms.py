"""All harms in one table: who had one, the ratio, the people per thousand, and which studies are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.numbers import EventCounts
from living.model.snapshot import AnalysisOut, CellOut, ContrastOut, Snapshot
from living.model.supplement import Absolute
from living.publish.studies import analysis_anchor, cell_path
from living.review.missing import Gap


@dataclass(frozen=True)
class Count:
    """People with the event of those counted, summed over the studies that counted both groups."""

    events: int
    people: int


@dataclass(frozen=True)
class Uncombined:
    """A study that counted the harm and has no ratio, as where nobody had it."""

    label: str
    counts: EventCounts
    reason: str
    href: str


@dataclass(frozen=True)
class HarmView:
    """One harm. `experimental` None: no study counted it, which is not the same as nobody having had it."""

    analysis: AnalysisOut
    anchor: str
    experimental: Count | None
    control: Count | None
    lines: tuple[tuple[ContrastOut, str], ...]
    uncombined: tuple[Uncombined, ...]
    absolute: Absolute | None
    reported: tuple[str, ...]
    silent: tuple[str, ...]


def harms(found: tuple[Gap, ...], snapshot: Snapshot, comparison: str) -> tuple[HarmView, ...]:
    """Return the harms of a comparison, one row each, as the protocol orders them."""
    return tuple(
        _harm(item, snapshot) for item in found if item.analysis.harm and item.comparison.id == comparison
    )


def _harm(gap: Gap, snapshot: Snapshot) -> HarmView:
    analysis = gap.analysis
    rows, others = analysis.contrasts, tuple(_uncombined(analysis, snapshot))
    ours = [(row.events_experimental, row.n_experimental) for row in rows]
    theirs = [(row.events_control, row.n_control) for row in rows]
    more = {one.label for one in others}
    return HarmView(
        analysis=analysis,
        anchor=analysis_anchor(analysis),
        experimental=_count(
            [*ours, *((o.counts.experimental.events, o.counts.experimental.total) for o in others)]
        ),
        control=_count([*theirs, *((o.counts.control.events, o.counts.control.total) for o in others)]),
        lines=tuple((row, cell_path(row.slug, row.cell)) for row in rows),
        uncombined=others,
        absolute=analysis.supplement.absolute if analysis.supplement else None,
        reported=gap.reported,
        silent=tuple(one.label for one in gap.missing if one.label not in more),
    )


def _uncombined(analysis: AnalysisOut, snapshot: Snapshot) -> Iterator[Uncombined]:
    """Yield who counted both groups and still is in no ratio: no event at all is a count, not a silence."""
    cells = {
        (study.key, cell.outcome, cell.said): cell
        for study in snapshot.studies
        for cell in study.cells
        if _counts(cell)
    }
    for one in analysis.not_pooled:
        cell = cells.get((one.study, analysis.outcome, one.found))
        if cell:
            counts = EventCounts.model_validate(cell.numbers)
            yield Uncombined(one.label, counts, one.reason, cell_path(one.slug, cell.id))


def _counts(cell: CellOut) -> bool:
    return cell.numbers.get("shape") == "event_counts"


def _count(pairs: list[tuple[int | None, int | None]]) -> Count | None:
    known = [(events, people) for events, people in pairs if events is not None and people is not None]
    if not known or len(known) < len(pairs):
        return None
    return Count(sum(events for events, _ in known), sum(people for _, people in known))
