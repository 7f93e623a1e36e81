"""A topic's versions on one axis of time: what the headline was at each, and the status notes between."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from living.model.snapshot import AnalysisOut, Snapshot
from living.publish.axis import Axis, Tick, axis
from living.publish.forest import Span, unimportant
from living.publish.view import headline_of

CLOSEST = 46.0  # two numbers of versions nearer than this stand on lanes of their own
LANES = 3
APART = 16.0  # two intervals never stand on one another, even when a day lies between them
LETTER = 8.0  # a wide letter of the small type: the kind of a decision stands where it has room
YEAR = 42.0  # what the name of a year needs on the axis


@dataclass(frozen=True)
class Frame:
    """One of the two drawings: for a page, and for a narrow screen."""

    name: str
    width: float
    left: float
    right: float
    top: float
    bottom: float
    height: float
    inset: float


WIDE = Frame("wide", 960, 64, 946, 64, 284, 352, 80)
NARROW = Frame("narrow", 360, 44, 346, 64, 264, 332, 50)


@dataclass(frozen=True)
class Point:
    """One version: its average, or None in `mid` where it gave none."""

    snapshot: Snapshot
    analysis: AnalysisOut | None
    version: str
    date: str
    kind: str
    x: float
    low: float | None
    mid: float | None
    high: float | None
    cut_low: bool
    cut_high: bool
    lane: int | None
    roomy: bool
    alone: bool

    @property
    def lane_y(self) -> float:
        return 14 + 18 * (self.lane or 0)

    @property
    def kind_y(self) -> float:
        return self.lane_y + 17


@dataclass(frozen=True)
class Timeline:
    id: str
    frame: Frame
    analysis: AnalysisOut
    points: tuple[Point, ...]
    bulletins: tuple[float, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zone: Span | None
    null: float

    @property
    def width(self) -> float:
        return self.frame.width

    @property
    def height(self) -> float:
        return self.frame.height

    @property
    def plot_width(self) -> float:
        return self.frame.right - self.frame.left

    @property
    def base(self) -> float:
        return self.frame.bottom + 8

    @property
    def none_y(self) -> float:
        return self.base - 12

    @property
    def words_x(self) -> float:
        return self.frame.left - 6


def timeline(snapshots: Sequence[Snapshot], bulletins: Sequence[str], frame: Frame) -> Timeline | None:
    """Lay out versions, oldest first, and the days of bulletins; None without a version that has a headline.

    The axis is that of the newest version's headline analysis; a version with another one is marked, no more.
    """
    numbered = [item for item in snapshots if item.release is not None]
    newest = headline_of(numbered[-1]) if numbered else None
    if newest is None:
        return None
    days = [_day(item) for item in numbered] + [date.fromisoformat(text) for text in bulletins]
    first, last = min(days), max(days)
    span = max((last - first).days, 30)

    def x(day: date) -> float:
        return (
            frame.left
            + frame.inset
            + (day - first).days / span * (frame.right - frame.left - 2 * frame.inset)
        )

    scale = _axis([_same(item, newest) for item in numbered], newest, frame)
    half = unimportant(newest)
    return Timeline(
        id=f"timeline-{frame.name}",
        frame=frame,
        analysis=newest,
        points=_points(numbered, newest, scale, _apart([x(_day(item)) for item in numbered], frame), frame),
        bulletins=tuple(sorted({round(x(date.fromisoformat(text)), 2) for text in bulletins})),
        x_ticks=tuple(Tick(x(day), text) for day, text in _calendar(first, last, x)),
        y_ticks=tuple(Tick(_flip(tick.x, frame), tick.label) for tick in scale.ticks),
        zone=None if half is None else Span(_flip(scale.x(half), frame), 0, _flip(scale.x(-half), frame)),
        null=_flip(scale.null, frame),
    )


def kind_of(snapshot: Snapshot) -> str:
    """Return the kind of decision that made a version, in words."""
    return snapshot.release.decision.code.replace("_", " ") if snapshot.release else ""


def _day(snapshot: Snapshot) -> date:
    return date.fromisoformat(snapshot.release.date if snapshot.release else "")


def _same(snapshot: Snapshot, newest: AnalysisOut) -> AnalysisOut | None:
    """The version's headline analysis, where it is the newest one's and on its scale."""
    found = headline_of(snapshot)
    same = found is not None and found.id == newest.id and found.measure == newest.measure
    return found if same else None


def _axis(found: Sequence[AnalysisOut | None], newest: AnalysisOut, frame: Frame) -> Axis:
    pools = [item.pool for item in found if item is not None and item.pool.pooled]
    ends = [(one.low, one.high) for one in pools if one.low is not None and one.high is not None]
    always = [one.estimate for one in pools if one.estimate is not None]
    return axis(frame.top, frame.bottom, ends, [*always, 1.25 * (unimportant(newest) or 0.0)], newest.ratio)


def _flip(at: float, frame: Frame) -> float:
    """Turn the axis upright: higher values stand higher."""
    return frame.top + frame.bottom - at


def _apart(places: Sequence[float], frame: Frame) -> list[float]:
    """Return places in time, moved on where they would cover one another, and back where that leads out."""
    least = min(APART, (frame.right - frame.left - 16) / max(len(places) - 1, 1))
    moved: list[float] = []
    for x in places:
        moved.append(max(x, moved[-1] + least) if moved else x)
    for at in range(len(moved) - 1, -1, -1):
        most = frame.right - 8 if at == len(moved) - 1 else moved[at + 1] - least
        moved[at] = min(moved[at], most)
    return moved


def _lanes(places: Sequence[float]) -> list[int | None]:
    """Return the lane of each version's number; the last and the first come first, and some find no room."""
    lanes: list[int | None] = [None] * len(places)
    for at in dict.fromkeys((len(places) - 1, 0, *range(len(places)))):
        near = {lanes[other] for other, x in enumerate(places) if abs(x - places[at]) < CLOSEST}
        lanes[at] = next((lane for lane in range(LANES) if lane not in near), None)
    return lanes


def _points(
    numbered: Sequence[Snapshot], newest: AnalysisOut, scale: Axis, places: Sequence[float], frame: Frame
) -> tuple[Point, ...]:
    points = []
    for item, x, lane in zip(numbered, places, _lanes(places), strict=True):
        wide = LETTER * len(kind_of(item))
        roomy = all(abs(x - other) >= wide for other in places if other != x) and wide <= 2 * frame.inset
        alone = all(abs(x - other) >= CLOSEST for other in places if other != x)
        points.append(_point(item, newest, scale, x, lane, frame, (roomy, alone)))
    return tuple(points)


def _point(
    item: Snapshot,
    newest: AnalysisOut,
    scale: Axis,
    x: float,
    lane: int | None,
    frame: Frame,
    room: tuple[bool, bool],
) -> Point:
    analysis = _same(item, newest)
    pool = analysis.pool if analysis and analysis.pool.pooled else None
    low, mid, high = (pool.low, pool.estimate, pool.high) if pool else (None, None, None)
    release = item.release
    return Point(
        snapshot=item,
        analysis=analysis,
        version=release.version if release else "",
        date=release.date if release else "",
        kind=kind_of(item),
        x=x,
        low=None if low is None else _flip(scale.x(low), frame),
        mid=None if mid is None else _flip(scale.x(mid), frame),
        high=None if high is None else _flip(scale.x(high), frame),
        cut_low=low is not None and scale.beyond(low),
        cut_high=high is not None and scale.beyond(high),
        lane=lane,
        roomy=room[0],
        alone=room[1],
    )


def _calendar(first: date, last: date, x: Callable[[date], float]) -> list[tuple[date, str]]:
    """Return days to name on the axis: years where there are several, else first and last month."""
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    if len(years) >= 2:
        step = math.ceil(YEAR / (x(years[1]) - x(years[0])))
        return [(day, str(day.year)) for day in years[::step]]
    ends = [first, last] if x(last) - x(first) > 2 * YEAR else [first]
    return [(day, f"{MONTHS[day.month - 1]} {day.year}") for day in ends]


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
