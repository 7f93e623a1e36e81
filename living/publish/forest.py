"""Where everything in a forest plot stands; its words and shapes are in templates/forest.svg."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from living.model.snapshot import AnalysisOut, ContrastOut, PoolOut, SubgroupLevelOut
from living.publish.axis import Axis, Tick, axis
from living.publish.light import JUDGEMENTS, Light
from living.publish.words import shorten

LARGEST_SQUARE = 18.0
SMALLEST_SQUARE = 3.0
PLAIN_SQUARE = 9.0  # where no average is given there are no weights, and all squares are alike
UNVERIFIED, ASSUMED = "†", "‡"
MEANINGS = {
    UNVERIFIED: "unverified: the number rests on one source",
    ASSUMED: "an assumed value entered",
}
BIAS = {"low": "low risk of bias", "some": "some concerns", "high": "high risk of bias", "none": "not judged"}
LETTER = 7.4  # a wide letter of the figure's type
COLUMN, COLUMN_GAP = 50.0, 14.0


@dataclass(frozen=True)
class Shape:
    """One of the two drawings of a figure: one line a study, or stacked for a narrow screen."""

    name: str
    width: float
    left: float
    right: float
    top: float
    row: float
    next_row: float
    below: float
    label_length: int


WIDE = Shape("wide", 960, 350, 690, 36, 34, 26, 46, 26)
# The whole answer in one small drawing: the average, or the studies where none is given.
GLANCE = Shape("glance", 360, 18, 342, 4, 54, 40, 64, 34)
NARROW = Shape("narrow", 360, 18, 342, 4, 54, 40, 64, 34)


@dataclass(frozen=True)
class Row:
    """One study: where its interval begins and ends, and where it is cut."""

    y: float
    label: str
    contrast: ContrastOut
    low: float
    mid: float
    high: float
    cut_low: bool
    cut_high: bool
    square_at: float
    square_top: float
    square: float
    light: Light | None = None

    @property
    def marks(self) -> str:
        """The signs that the key beneath the figure explains."""
        unverified = UNVERIFIED if self.contrast.standing == "unverified" else ""
        return unverified + (ASSUMED if self.contrast.flags else "")


@dataclass(frozen=True)
class Span:
    """A horizontal range: an average's interval, or the zone of differences too small to matter."""

    low: float
    mid: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class LevelRow:
    """The average of one group of studies; `at` None where none is given. A heading has no level."""

    y: float
    label: str
    level: SubgroupLevelOut | None = None
    at: Span | None = None
    cut_low: bool = False
    cut_high: bool = False


@dataclass(frozen=True)
class Key:
    """One line of the key: a sign and what it means."""

    x: float
    y: float
    sign: str
    meaning: str
    light: Light | None = None

    @property
    def words_x(self) -> float:
        return self.x + 16


@dataclass(frozen=True)
class Forest:
    id: str
    shape: Shape
    analysis: AnalysisOut
    pool: PoolOut
    rows: tuple[Row, ...]
    height: float
    rule_y: float
    pool_y: float
    simple_y: float
    prediction_y: float
    axis_y: float
    axis: Axis
    ticks: tuple[Tick, ...]
    zone: Span | None
    diamond: Span | None
    simple: Span | None
    prediction: Span | None
    levels: tuple[LevelRow, ...] = ()
    lit: bool = False
    keys: tuple[Key, ...] = ()
    left_column: float = 0.0

    @property
    def right_column(self) -> float:
        return self.shape.left - COLUMN_GAP

    @property
    def width(self) -> float:
        return self.shape.width

    @property
    def plot_height(self) -> float:
        return self.axis_y - self.shape.top

    @property
    def favours_left(self) -> float:
        return self.axis.null - 12

    @property
    def favours_right(self) -> float:
        return self.axis.null + 12


def forest(analysis: AnalysisOut, shape: Shape, rob: Mapping[str, Light] | None = None) -> Forest:
    """Lay out one analysis, with each study's light for risk of bias. Needs at least one study."""
    pool, scale = analysis.pool, _axis(analysis, shape)
    rows = () if shape is GLANCE and pool.pooled else _rows(analysis, scale, shape, rob or {})
    last = shape.top + shape.row * len(rows)
    whole = shape is not GLANCE
    simpler = whole and pool.interval != "wald"
    simple = _span(scale, pool, pool.simple_low, pool.simple_high) if simpler else None
    prediction = _span(scale, pool, pool.prediction_low, pool.prediction_high) if whole else None
    # Where no average is given, the axis follows the studies and the reason stands under it.
    pool_y = last + (shape.row / 2 + 6 if pool.pooled else shape.below + 20)
    simple_y = pool_y + shape.next_row
    prediction_y = simple_y + (shape.next_row if simple else 0)
    bottom = max(pool_y, simple_y if simple else 0, prediction_y if prediction else 0) + 22
    levels = tuple(_levels(analysis, scale, shape, bottom)) if whole and pool.pooled else ()
    bottom = levels[-1].y + 22 if levels else bottom
    axis_y = bottom if pool.pooled else last + 4
    height = bottom + shape.below if pool.pooled else pool_y + 12
    keys = tuple(_keys(rows, shape.width, height + 8)) if whole else ()
    return Forest(
        id=f"{analysis.id}-{shape.name}",
        shape=shape,
        analysis=analysis,
        pool=pool,
        rows=rows,
        height=keys[-1].y + 10 if keys else height,
        rule_y=last + 4,
        pool_y=pool_y,
        simple_y=simple_y,
        prediction_y=prediction_y,
        axis_y=axis_y,
        axis=scale,
        ticks=scale.ticks,
        zone=_zone(analysis, scale),
        diamond=_span(scale, pool, pool.low, pool.high),
        simple=simple,
        prediction=prediction,
        levels=levels,
        lit=whole and bool(rob),
        left_column=shape.left - 2 * COLUMN_GAP - _column(analysis),
        keys=keys,
    )


def unimportant(analysis: AnalysisOut) -> float | None:
    """Return half the width of the zone too small to matter, on the scale of the estimates.

    For a ratio the protocol names the ratio itself (1.25), and the zone runs from its inverse to it.
    """
    size = analysis.important_difference
    if size is None or size <= 0 or (analysis.ratio and size == 1):
        return None
    return abs(math.log(size)) if analysis.ratio else size


def _axis(analysis: AnalysisOut, shape: Shape) -> Axis:
    pool = analysis.pool
    if shape is GLANCE and pool.pooled:
        reach = (
            pool.estimate or 0.0,
            pool.low or 0.0,
            pool.high or 0.0,
            1.25 * (unimportant(analysis) or 0.0),
        )
        return axis(shape.left, shape.right, (), reach, analysis.ratio)
    always = [contrast.estimate for contrast in analysis.contrasts]
    if pool.pooled:
        drawn = (pool.estimate, pool.low, pool.high, pool.prediction_low, pool.prediction_high)
        always += [value for value in drawn if value is not None]
        always += [level.pool.estimate or 0.0 for split in analysis.subgroups for level in split.levels]
    always.append(1.25 * (unimportant(analysis) or 0.0))
    intervals = [(contrast.low, contrast.high) for contrast in analysis.contrasts]
    return axis(shape.left, shape.right, intervals, always, analysis.ratio)


def _column(analysis: AnalysisOut) -> float:
    """Return how wide a column of people, or of people with the event, has to be."""
    sides = [
        side
        for one in analysis.contrasts
        for side in ((one.events_experimental, one.n_experimental), (one.events_control, one.n_control))
    ]
    said = [f"{n or 0:,}" if events is None else f"{events:,}/{n or 0:,}" for events, n in sides]
    return max(COLUMN, LETTER * max((len(text) for text in said), default=0))


def _label_length(analysis: AnalysisOut, shape: Shape) -> int:
    """Return how many letters of a study's name fit, where the numbers of people stand in line with it."""
    if shape is not WIDE:
        return shape.label_length
    room = shape.left - 3 * COLUMN_GAP - 2 * _column(analysis)
    return min(shape.label_length, int(room / LETTER) - len(UNVERIFIED + ASSUMED))


def _rows(analysis: AnalysisOut, scale: Axis, shape: Shape, rob: Mapping[str, Light]) -> tuple[Row, ...]:
    contrasts = analysis.contrasts
    weights = [contrast.weight or 0.0 for contrast in contrasts] if analysis.pool.pooled else []
    heaviest, length = max(weights, default=0.0), _label_length(analysis, shape)
    return tuple(
        _row(
            contrast,
            scale,
            shape,
            shape.top + shape.row * (index + 0.5),
            heaviest,
            rob.get(contrast.study),
            length,
        )
        for index, contrast in enumerate(contrasts)
    )


def _row(
    contrast: ContrastOut,
    scale: Axis,
    shape: Shape,
    y: float,
    heaviest: float,
    light: Light | None,
    label_length: int,
) -> Row:
    mid, side = scale.x(contrast.estimate), _side(contrast.weight, heaviest)
    return Row(
        y=y,
        label=shorten(contrast.label, label_length),
        contrast=contrast,
        low=scale.x(contrast.low),
        mid=mid,
        high=scale.x(contrast.high),
        cut_low=scale.beyond(contrast.low),
        cut_high=scale.beyond(contrast.high),
        square_at=mid - side / 2,
        square_top=-side / 2,
        square=side,
        light=light,
    )


def _levels(analysis: AnalysisOut, scale: Axis, shape: Shape, y: float) -> Iterator[LevelRow]:
    """Yield each split with its groups, where at least one of them has an average of its own."""
    for split in analysis.subgroups:
        if not any(level.pool.pooled for level in split.levels):
            continue
        y += shape.next_row
        yield LevelRow(y, split.label)
        for level in split.levels:
            y += shape.next_row
            low, high = level.pool.low, level.pool.high
            yield LevelRow(
                y=y,
                label=shorten(level.label, shape.label_length),
                level=level,
                at=_span(scale, level.pool, low, high),
                cut_low=low is not None and scale.beyond(low),
                cut_high=high is not None and scale.beyond(high),
            )


def _keys(rows: tuple[Row, ...], width: float, y: float) -> Iterator[Key]:
    """Yield what the signs in the rows mean, those that occur, in lines as wide as the figure."""
    signs = "".join(row.marks for row in rows)
    kinds = {row.light.kind for row in rows if row.light}
    told: list[tuple[str, str, Light | None]] = [(s, m, None) for s, m in MEANINGS.items() if s in signs]
    told += [("", BIAS[kind], Light(kind)) for kind in JUDGEMENTS if kind in kinds]
    if any(row.light and row.light.stale for row in rows):
        told.append(("*", "judged before the numbers changed", None))
    x = 8.0
    for sign, meaning, light in told:
        needed = 16 + LETTER * len(meaning)
        if x > 8 and x + needed > width:
            x, y = 8.0, y + 20
        yield Key(x, y, sign, meaning, light)
        x += needed + 22


def _side(weight: float | None, heaviest: float) -> float:
    """Return the side of a square whose area is the weight."""
    if weight is None or not heaviest:
        return PLAIN_SQUARE
    return max(LARGEST_SQUARE * math.sqrt(weight / heaviest), SMALLEST_SQUARE)


def _span(scale: Axis, pool: PoolOut, low: float | None, high: float | None) -> Span | None:
    if not pool.pooled or low is None or pool.estimate is None or high is None:
        return None
    return Span(scale.x(low), scale.x(pool.estimate), scale.x(high))


def _zone(analysis: AnalysisOut, scale: Axis) -> Span | None:
    half = unimportant(analysis)
    return None if half is None else Span(scale.x(-half), scale.null, scale.x(half))
