"""The page, the figure and the document of the difference between two versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from living.model.difference import Course, Difference, Move, Point
from living.model.values import canonical, rounded
from living.publish import words
from living.publish.axis import Axis, axis
from living.publish.pages import Told
from living.publish.words import shorten

FOLDER, PAGE, DOCUMENT = "diff", "index.html", "difference.json"
KINDS = {
    "methods": "Methods",
    "corrected": "Corrected",
    "verified": "Verified",
    "removed": "Removed",
    "added": "Added",
    "judged": "Ruled",
}


@dataclass(frozen=True)
class Frame:
    """One of the two drawings of a way: one line a cause, or stacked for a narrow screen."""

    name: str
    width: float
    left: float
    right: float
    top: float
    row: float
    below: float
    label_length: int


WIDE = Frame("wide", 960, 250, 620, 36, 34, 46, 32)
NARROW = Frame("narrow", 360, 18, 342, 6, 52, 64, 21)


@dataclass(frozen=True)
class Step:
    """One row: a version, or a cause and what it left. `came_from` is where the estimate stood before."""

    y: float
    label: str
    point: Point
    version: bool
    shift: float | None = None
    low: float = 0.0
    mid: float = 0.0
    high: float = 0.0
    drawn: bool = False
    cut_low: bool = False
    cut_high: bool = False
    came_from: float | None = None


@dataclass(frozen=True)
class Waterfall:
    """A way laid out: what every cause left of the estimate, from the older version to the newer one."""

    id: str
    frame: Frame
    course: Course
    steps: tuple[Step, ...]
    axis: Axis
    axis_y: float
    height: float

    @property
    def plot_height(self) -> float:
        return self.axis_y - self.frame.top

    @property
    def favours_left(self) -> float:
        return self.axis.null - 12

    @property
    def favours_right(self) -> float:
        return self.axis.null + 12


@dataclass(frozen=True)
class CourseView:
    """One number's way as a page shows it; an analysis is drawn, its splits and variants stand in tables."""

    course: Course
    anchor: str
    lines: tuple[tuple[Point, Move], ...]
    wide: Waterfall | None
    narrow: Waterfall | None


@dataclass(frozen=True)
class AnalysisDifference:
    """What moved of one analysis: its average, and what else was asked of the same studies."""

    label: str
    anchor: str
    main: CourseView | None
    others: tuple[CourseView, ...]


@dataclass(frozen=True)
class DifferencePage:
    difference: Difference
    analyses: tuple[AnalysisDifference, ...]
    others: tuple[str, ...]

    @property
    def headline(self) -> Course | None:
        found = (item for item in self.difference.courses if item.id == self.difference.headline)
        return next(found, None)

    @property
    def beside(self) -> tuple[str, ...]:
        """What differs and moved no number: lists, notices, checks, ratings."""
        return tuple(
            cause.text
            for cause in self.difference.causes
            if cause.kind in ("verification", "judgement", "notice", "list")
        )


def pair_of(older: str, newer: str) -> str:
    """Return the name of a difference: `v1.0...v3.0`."""
    return f"{older}...{newer}"


def place_of(topic: str, older: str, newer: str, name: str = PAGE) -> str:
    """Return where a difference stands on the site."""
    return f"{topic}/{FOLDER}/{pair_of(older, newer)}/{name}"


def render_difference(found: Difference, others: Sequence[str] = ()) -> bytes:
    """Return the page of a difference; `others` are the other versions before the newer one, oldest first."""
    page = difference_page(found, others)
    return words.render("difference.html", d=page, told=Told(found.public_note, found.replay))


def difference_page(found: Difference, others: Sequence[str] = ()) -> DifferencePage:
    """Lay a difference out as a page shows it."""
    return DifferencePage(found, tuple(_analyses(found)), tuple(others))


def difference_json(found: Difference) -> bytes:
    """Return a difference for programs, as canonical JSON with twelve significant digits."""
    return canonical(rounded(found.model_dump(mode="json"))).encode()


def _analyses(found: Difference) -> Iterator[AnalysisDifference]:
    for name in dict.fromkeys(course.analysis for course in found.courses):
        courses = [course for course in found.courses if course.analysis == name]
        main = next((course for course in courses if course.kind == "analysis"), None)
        yield AnalysisDifference(
            label=main.label if main else courses[0].label,
            anchor=f"way-{name}",
            main=_view(main, found, drawn=True) if main else None,
            others=tuple(_view(course, found) for course in courses if course is not main),
        )


def _view(course: Course, found: Difference, *, drawn: bool = False) -> CourseView:
    before = [course.before, *(move.after for move in course.moves)]
    versions = (found.older.version, found.newer.version)
    return CourseView(
        course=course,
        anchor=f"way-{course.id.replace('/', '-')}",
        lines=tuple(zip(before, course.moves, strict=False)),
        wide=waterfall(course, versions, WIDE) if drawn else None,
        narrow=waterfall(course, versions, NARROW) if drawn else None,
    )


def waterfall(course: Course, versions: tuple[str, str], frame: Frame) -> Waterfall | None:
    """Lay a way out; None where no number of it is on the newer version's scale."""
    scale = course.after if course.after.measure else course.before
    points = [course.before, *(move.after for move in course.moves), course.after]
    shown = [point for point in points if _on(scale, point)]
    if not shown:
        return None
    found = _axis(shown, frame, scale.ratio)
    steps = tuple(_steps(course, versions, scale, found, frame))
    axis_y = frame.top + frame.row * len(steps) + 4
    return Waterfall(
        id=f"{course.id}-{frame.name}",
        frame=frame,
        course=course,
        steps=steps,
        axis=found,
        axis_y=axis_y,
        height=axis_y + frame.below,
    )


def _on(scale: Point, point: Point) -> bool:
    """Whether a point has a number on the scale that is drawn."""
    same = (point.measure, point.unit) == (scale.measure, scale.unit)
    return same and None not in (point.estimate, point.low, point.high)


def _axis(points: Sequence[Point], frame: Frame, ratio: bool) -> Axis:
    intervals = [(point.low or 0.0, point.high or 0.0) for point in points]
    always = [point.estimate or 0.0 for point in points]
    return axis(frame.left, frame.right, intervals, always, ratio)


def _steps(
    course: Course, versions: tuple[str, str], scale: Point, found: Axis, frame: Frame
) -> Iterator[Step]:
    rows: list[tuple[str, Point, float | None, bool]] = [(versions[0], course.before, None, True)]
    rows += [(_label(move), move.after, move.shift, False) for move in course.moves]
    rows.append((versions[1], course.after, course.total, True))
    before: float | None = None
    for index, (label, point, shift, version) in enumerate(rows):
        drawn = _on(scale, point)
        mid = found.x(point.estimate or 0.0) if drawn else 0.0
        yield Step(
            y=frame.top + frame.row * (index + 0.5),
            label=shorten(label, frame.label_length),
            point=point,
            version=version,
            shift=shift,
            low=found.x(point.low or 0.0) if drawn else 0.0,
            mid=mid,
            high=found.x(point.high or 0.0) if drawn else 0.0,
            drawn=drawn,
            cut_low=drawn and found.beyond(point.low or 0.0),
            cut_high=drawn and found.beyond(point.high or 0.0),
            came_from=before if drawn else None,
        )
        before = mid if drawn else None


def _label(move: Move) -> str:
    return f"{KINDS[move.cause]}: {move.label}" if move.label else KINDS[move.cause]
