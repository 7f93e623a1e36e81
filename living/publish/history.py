"""A topic's past in two figures for its page: its versions on an axis of time, and the flow in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from living.model.snapshot import AnalysisOut, Snapshot
from living.publish import flowchart, timeline
from living.publish.figures import draw


@dataclass(frozen=True)
class Flowed:
    """One box of the flow with its number in each version."""

    label: str
    aside: bool
    counts: tuple[int, ...]


@dataclass(frozen=True)
class History:
    """The drawings and what their tables say; the drawings are empty where there is nothing to draw."""

    points: tuple[timeline.Point, ...]
    analysis: AnalysisOut | None
    wide: Markup
    narrow: Markup
    bulletins: int
    versions: tuple[str, ...]
    flow: Markup
    rows: tuple[Flowed, ...]
    left_out: int


def history(snapshots: Sequence[Snapshot], bulletins: Sequence[str] = ()) -> History | None:
    """Draw numbered versions, oldest first, and the days of bulletins; None without a version."""
    columns = flowchart.across(snapshots)
    if columns is None:
        return None
    wide = timeline.timeline(snapshots, bulletins, timeline.WIDE)
    narrow = timeline.timeline(snapshots, bulletins, timeline.NARROW)
    return History(
        points=wide.points if wide else (),
        analysis=wide.analysis if wide else None,
        wide=_drawn("timeline", wide),
        narrow=_drawn("timeline", narrow),
        bulletins=len(bulletins),
        versions=tuple(column.version for column in columns.columns),
        flow=_drawn("flow-versions", columns),
        rows=tuple(
            Flowed(row.label, row.aside, tuple(count.count for count in row.counts)) for row in columns.rows
        ),
        left_out=columns.left_out,
    )


def _drawn(template: str, figure: object) -> Markup:
    """Return a figure to stand in the page; the templates have escaped every text in it."""
    return Markup(draw(template, figure, alone=False).decode()) if figure else Markup("")
