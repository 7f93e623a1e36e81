"""What each analysis comes to at every stage between two snapshots, and what each cause moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from living.model.difference import Course, Move, Point
from living.model.protocol import Analysis, Model, Protocol, Sensitivity, Subgroup
from living.model.snapshot import ContrastOut, Snapshot
from living.review.analysis import MEASURES, RATIO, enter, favours
from living.review.course_words import cause_of, no_shift, said_of, sentence
from living.review.pairs import under_new_keys
from living.review.pools import NONE_LEFT, pool
from living.review.selection import PLAIN, Scope
from living.review.stages import Stage, stages
from living.review.subgroups import level_of

CLOSE = 1e-12  # relative; two averages of the same numbers in another order differ by less
SUM = 1e-10  # what the parts of a way may miss its whole by, of the largest estimate where that is above 1
NOWHERE = Point(k=0, reason="the protocol has no such analysis")

Rows = dict[str, ContrastOut]


@dataclass(frozen=True)
class Track:
    """One number that a protocol asks for: an analysis, a level of its split, or a sensitivity analysis."""

    analysis: Analysis
    variant: Sensitivity = PLAIN
    split: Subgroup | None = None
    level: str = ""

    @property
    def id(self) -> str:
        if self.split:
            return f"{self.analysis.id}/subgroup/{self.split.id}/{self.level}"
        plain = self.variant is PLAIN
        return self.analysis.id if plain else f"{self.analysis.id}/sensitivity/{self.variant.id}"

    @property
    def entry(self) -> tuple[str, str]:
        """What decides who enters; the levels of a split share it with their analysis."""
        return self.analysis.id, "" if self.variant is PLAIN else self.variant.id

    @property
    def label(self) -> str:
        if self.split:
            level = next(item.label for item in self.split.levels if item.id == self.level)
            return f"{self.analysis.label}, {self.split.label}: {level}"
        return (
            self.analysis.label if self.variant is PLAIN else f"{self.analysis.label}: {self.variant.label}"
        )


@dataclass(frozen=True)
class State:
    """A stage carried out: who enters by which numbers, and what every track comes to."""

    stage: Stage
    entered: Mapping[tuple[str, str], Rows]
    tracks: Mapping[str, Track]
    rows: Mapping[str, tuple[ContrastOut, ...]]
    points: Mapping[str, Point]


def courses(old: Snapshot, new: Snapshot, *, whole: bool = True) -> tuple[Course, ...]:
    """Return the way of every number of two snapshots, from the older value to the newer one.

    Each stage is a pool made again from what the documents hold, by one cause more than the stage before;
    the last is the newer snapshot's own. The shifts of a way add up to its total. `whole` False leaves the
    splits and the sensitivity analyses out.
    """
    old = under_new_keys(old, new)
    states: list[State] = []
    for stage in stages(old, new, lambda stage: frozenset(_entering(stage))):
        states.append(_carried_out(stage, states[-1] if states else None, whole))
    names = dict.fromkeys((*states[-1].tracks, *states[0].tracks))
    return tuple(_course(name, states) for name in names)


def _entering(stage: Stage) -> Iterator[str]:
    for analysis in stage.protocol.analyses:
        scope, model = Scope.of(stage.protocol, analysis), stage.protocol.models[analysis.models]
        yield from (row.study for row in enter(stage.basis(), scope, model).contrasts)


def tracks_of(protocol: Protocol, *, whole: bool = True) -> Iterator[Track]:
    """Yield every number that a protocol asks for, in its order."""
    splits = {item.id: item for item in protocol.subgroups}
    for analysis in protocol.analyses:
        yield Track(analysis)
        if whole:
            for name in analysis.subgroups:
                yield from (Track(analysis, PLAIN, splits[name], level.id) for level in splits[name].levels)
            yield from (Track(analysis, variant) for variant in analysis.sensitivity)


def _carried_out(stage: Stage, before: State | None, whole: bool) -> State:
    """Carry out a stage; whatever did not change since the stage before is taken from there."""
    same = before if before and before.stage.protocol is stage.protocol else None
    tracks = {track.id: track for track in tracks_of(stage.protocol, whole=whole)}
    entered: dict[tuple[str, str], Rows] = {}
    rows: dict[str, tuple[ContrastOut, ...]] = {}
    points: dict[str, Point] = {}
    for name, track in tracks.items():
        if track.entry not in entered:
            entered[track.entry] = _entered(stage, track, same)
        rows[name] = _of_track(stage, track, entered[track.entry])
        unchanged = same is not None and same.rows[name] == rows[name]
        points[name] = same.points[name] if same and unchanged else _point(stage.protocol, track, rows[name])
    return State(stage, entered, tracks, rows, points)


def _entered(stage: Stage, track: Track, same: State | None) -> Rows:
    scope = Scope.of(stage.protocol, track.analysis, track.variant)
    model = stage.protocol.models[track.analysis.models]
    found: Rows = {}
    for key, held in stage.studies.items():
        if same and same.stage.studies.get(key) is held:
            row = same.entered[track.entry].get(key)
        else:
            row = next(iter(enter(stage.basis(key), scope, model).contrasts), None)
        if row:
            found[key] = row
    return found


def _of_track(stage: Stage, track: Track, entered: Rows) -> tuple[ContrastOut, ...]:
    if track.split is None:
        return tuple(entered.values())
    what = {key: held.what for key, held in stage.studies.items() if held.what}
    groups = {key: item.condition_group for key, item in what.items()}
    return tuple(
        row for key, row in entered.items() if level_of(track.split, row, groups.get(key, "")) == track.level
    )


def _point(protocol: Protocol, track: Track, rows: Sequence[ContrastOut]) -> Point:
    analysis = track.analysis
    model = protocol.models[analysis.models]
    unit = next(item.unit for item in protocol.outcomes if item.id == analysis.outcome)
    about = Point(
        k=len(rows),
        asks=f"{analysis.comparison}: {analysis.outcome}",
        measure=analysis.measure,
        measure_label=MEASURES[analysis.measure],
        unit=unit,
        ratio=analysis.measure in RATIO,
    )
    if not rows:
        return about.model_copy(update={"reason": NONE_LEFT})
    if len(rows) == 1:
        return about.model_copy(update=_numbers(rows[0].estimate, rows[0].low, rows[0].high))
    found = pool(rows, model, None if track.variant is PLAIN else track.variant)
    if not found.pooled:
        return about.model_copy(update={"reason": found.reason})
    given = len(rows) >= _fewest(track, model)
    return about.model_copy(update={**_numbers(found.estimate, found.low, found.high), "given": given})


def _numbers(estimate: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"estimate": estimate, "low": low, "high": high}


def _fewest(track: Track, model: Model) -> int:
    if track.variant is not PLAIN:
        return 2
    return max(2, model.subgroup_k if track.split else model.headline_k)


def _course(name: str, states: Sequence[State]) -> Course:
    first, last = (state.points.get(name, NOWHERE) for state in (states[0], states[-1]))
    state = states[-1] if name in states[-1].tracks else states[0]
    track = state.tracks[name]
    low, high = favours(Scope.of(state.stage.protocol, track.analysis))
    course = Course(
        id=name,
        analysis=track.analysis.id,
        kind="subgroup" if track.split else "analysis" if track.variant is PLAIN else "sensitivity",
        label=track.label,
        before=first,
        moves=tuple(_moves(name, states)),
        after=last,
        total=_shift(first, last),
        said=sentence(track.label, first, last, _shift(first, last)),
        favours_low=low,
        favours_high=high,
    )
    assert adds_up(course), f"{name}: the parts of the way miss its whole"
    return course


def adds_up(course: Course) -> bool:
    """Return whether the shifts of a way sum to its total, wherever all of them are numbers."""
    parts = [move.shift for move in course.moves]
    if course.total is None or None in parts:
        return True
    points = (course.before, *(move.after for move in course.moves), course.after)
    size = max(1.0, *(abs(point.estimate or 0.0) for point in points))
    return abs(math.fsum(part for part in parts if part is not None) - course.total) <= SUM * size


def _moves(name: str, states: Sequence[State]) -> Iterator[Move]:
    was = states[0].points.get(name, NOWHERE)
    for before, after in pairwise(states):
        now = after.points.get(name, NOWHERE)
        if not _same(was, now):
            yield _move(name, before, after, was, now)
            was = now


def _move(name: str, before: State, after: State, was: Point, now: Point) -> Move:
    stage, track = after.stage, after.tracks.get(name) or before.tracks[name]
    left, right = (_row(state, name, stage.study) for state in (before, after))
    ratio, grouped = now.ratio or was.ratio, track.split is not None
    text = cause_of(before.stage, stage, track.analysis.id, left, right, ratio=ratio, grouped=grouped)
    shift = _shift(was, now)
    return Move(
        cause=stage.cause,
        study=stage.study,
        label=stage.label,
        text=text,
        said=said_of(text, was, now, shift),
        after=now,
        shift=shift,
        no_shift="" if shift is not None else no_shift(was, now),
    )


def _row(state: State, name: str, study: str) -> ContrastOut | None:
    return next((row for row in state.rows.get(name, ()) if row.study == study), None)


def _shift(was: Point, now: Point) -> float | None:
    """The step from one estimate to the next; there is none between two scales or two questions."""
    alike = all(getattr(was, name) == getattr(now, name) for name in ("asks", "measure", "unit"))
    if was.estimate is None or now.estimate is None or not alike:
        return None
    return now.estimate - was.estimate


def _same(one: Point, other: Point) -> bool:
    drop = {"estimate", "low", "high"}
    if one.model_dump(exclude=drop) != other.model_dump(exclude=drop):
        return False
    pairs = ((one.estimate, other.estimate), (one.low, other.low), (one.high, other.high))
    return all(_close(left, right) for left, right in pairs)


def _close(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=CLOSE, abs_tol=CLOSE)
