"""All harms in one table: who had one, the ratio, the people per thousand, and which studies are silent."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.snapshot import AnalysisOut, ContrastOut
from living.model.supplement import Absolute
from living.publish.studies import analysis_anchor, cell_path
from living.review.missing import Gap


@dataclass(frozen=True)
class Count:
    """People with the event of those counted, summed over the studies that counted both groups."""

    events: int
    people: int


@dataclass(frozen=True)
class HarmView:
    """One harm. `experimental` None: no study counted it, which is not the same as nobody having had it."""

    analysis: AnalysisOut
    anchor: str
    experimental: Count | None
    control: Count | None
    lines: tuple[tuple[ContrastOut, str], ...]
    absolute: Absolute | None
    why_none: str
    reported: tuple[str, ...]
    silent: tuple[str, ...]


def harms(found: tuple[Gap, ...], comparison: str) -> tuple[HarmView, ...]:
    """Return the harms of a comparison, one row each, as the protocol orders them."""
    return tuple(_harm(item) for item in found if item.analysis.harm and item.comparison.id == comparison)


def _harm(gap: Gap) -> HarmView:
    analysis = gap.analysis
    supplement = analysis.supplement
    return HarmView(
        analysis=analysis,
        anchor=analysis_anchor(analysis),
        experimental=_count([(row.events_experimental, row.n_experimental) for row in analysis.contrasts]),
        control=_count([(row.events_control, row.n_control) for row in analysis.contrasts]),
        lines=tuple((row, cell_path(row.slug, row.cell)) for row in analysis.contrasts),
        absolute=supplement.absolute if supplement else None,
        why_none=supplement.absolute_reason if supplement else "",
        reported=gap.reported,
        silent=tuple(one.label for one in gap.missing),
    )


def _count(pairs: list[tuple[int | None, int | None]]) -> Count | None:
    known = [(events, people) for events, people in pairs if events is not None and people is not None]
    if not known or len(known) < len(pairs):
        return None
    return Count(sum(events for events, _ in known), sum(people for _, people in known))
