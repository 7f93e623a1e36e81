"""Averages under one another on one axis: the ground of the cumulative, sensitivity and companion figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from living.model.snapshot import AnalysisOut
from living.publish.axis import Axis, Tick, axis
from living.publish.forest import Span, unimportant

WIDTH = 360.0  # one drawing for a phone and for the left half of a page
LEFT, RIGHT = 20.0, 184.0
TOP = 6.0
BAR = 19.0  # from one interval to the next
NAME = 19.0  # the line above the intervals
GAP = 13.0
HEADING = 30.0
BELOW, KEY = 66.0, 20.0
CUT_BEYOND = 2.0  # averages of two studies reach so far that beside them nothing else could be seen
SPARE = 1.8  # and nothing is cut that reaches hardly farther than the averages themselves
LETTER = 8.0  # a wide letter of the figures' small type


@dataclass(frozen=True)
class Given:
    """One average as it came, or why there is none. `kind` names how it is drawn."""

    kind: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One line of words with its averages; without any it is a heading."""

    label: str
    given: tuple[Given, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """One average where it stands. `dot` is None where only a range is known, `at` where nothing is."""

    given: Given
    y: float
    at: Span | None
    dot: float | None
    cut_low: bool
    cut_high: bool


@dataclass(frozen=True)
class Rung:
    line: Line
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Ladder:
    id: str
    analysis: AnalysisOut
    rungs: tuple[Rung, ...]
    width: float
    height: float
    top: float
    axis_y: float
    axis: Axis
    ticks: tuple[Tick, ...]
    zone: Span | None
    null: str
    guide: str
    keyed: bool

    @property
    def unheadlined(self) -> bool:
        """Whether an average is drawn that the protocol would not give as a headline."""
        return any(bar.at and bar.given.reason for rung in self.rungs for bar in rung.bars)

    @property
    def plot_height(self) -> float:
        return self.axis_y - self.top


def ladder(
    name: str, analysis: AnalysisOut, lines: Sequence[Line], guide: float | None = None, keyed: bool = False
) -> Ladder:
    """Lay out lines of averages. `guide` is marked by a dotted line; `keyed` makes room for a key."""
    scale = _axis(analysis, lines, guide)
    rungs = tuple(_rungs(lines, scale))
    bottom = max((rung.y + BAR * len(rung.bars) for rung in rungs), default=TOP) + GAP
    half = unimportant(analysis)
    return Ladder(
        id=f"{name}-{analysis.id}",
        analysis=analysis,
        rungs=rungs,
        width=WIDTH,
        height=bottom + BELOW + (KEY if keyed else 0.0),
        top=TOP,
        axis_y=bottom,
        axis=scale,
        ticks=spaced(scale.ticks),
        zone=None if half is None else Span(scale.x(-half), scale.null, scale.x(half)),
        null=_beside_bars(rungs, scale.null),
        guide="" if guide is None else _beside_bars(rungs, scale.x(guide)),
        keyed=keyed,
    )


def spaced(ticks: tuple[Tick, ...]) -> tuple[Tick, ...]:
    """Return the ticks whose labels have room, else only the ends and the middle."""
    gaps = [after.x - before.x for before, after in pairwise(ticks)]
    widest = max(len(tick.label) for tick in ticks)
    roomy = min(gaps, default=WIDTH) >= 6 + LETTER * widest
    return ticks if roomy else (ticks[0], ticks[len(ticks) // 2], ticks[-1])


def _beside_bars(rungs: Sequence[Rung], x: float) -> str:
    """Return a vertical line that breaks at the words."""
    bars = [bar for rung in rungs for bar in rung.bars if bar.at]
    return "".join(f"M{x:.2f} {bar.y - BAR / 2:.2f}v{BAR:.2f}" for bar in bars)


def _axis(analysis: AnalysisOut, lines: Sequence[Line], guide: float | None) -> Axis:
    every = [given for line in lines for given in line.given]
    always = [given.estimate for given in every if given.estimate is not None]
    always += [end for one in every if one.kind == "main" for end in (one.low, one.high) if end is not None]
    always += [1.25 * (unimportant(analysis) or 0.0), guide or 0.0]
    intervals = [(one.low, one.high) for one in every if one.low is not None and one.high is not None]
    return axis(LEFT, RIGHT, intervals, always, analysis.ratio, CUT_BEYOND, SPARE)


def _rungs(lines: Sequence[Line], scale: Axis) -> Iterator[Rung]:
    y = TOP
    for line in lines:
        if not line.given:
            yield Rung(line, y + 20, ())
            y += HEADING
            continue
        name = y + NAME - 5
        bars = tuple(_bar(given, scale, y + NAME + BAR * (at + 0.5)) for at, given in enumerate(line.given))
        yield Rung(line, name, bars)
        y += NAME + BAR * len(bars) + GAP


def _bar(given: Given, scale: Axis, y: float) -> Bar:
    if given.low is None or given.high is None:
        return Bar(given, y, None, None, False, False)
    middle = (given.low + given.high) / 2 if given.estimate is None else given.estimate
    return Bar(
        given=given,
        y=y,
        at=Span(scale.x(given.low), scale.x(middle), scale.x(given.high)),
        dot=None if given.estimate is None else scale.x(given.estimate),
        cut_low=scale.beyond(given.low),
        cut_high=scale.beyond(given.high),
    )
