"""What looking again and again does to an average: intervals that stay valid, and sequential limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from living.model.snapshot import AnalysisOut
from living.model.supplement import Companion, EStep, Look, Sequential, Step
from living.publish.axis import Tick, steps_to
from living.publish.cumulative import given, label, steps_of
from living.publish.ladder import Given, Ladder, Line, ladder

WIDTH, HEIGHT = 360.0, 308.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 346.0, 20.0, 236.0
MOST_Z = 8.0  # O'Brien-Fleming limits of very early looks lie far beyond any result


@dataclass(frozen=True)
class Beside:
    """One date of the evidence: the usual interval and the one that stays valid."""

    label: str
    step: Step | None
    anytime: EStep


def companion_of(analysis: AnalysisOut) -> Companion | None:
    return analysis.supplement.companion if analysis.supplement else None


def beside(analysis: AnalysisOut) -> tuple[Beside, ...]:
    """Return each date of the confidence sequence with the usual average of the same studies."""
    companion = companion_of(analysis)
    usual = {step.study: step for step in steps_of(analysis)}
    found = companion.anytime.steps if companion else ()
    return tuple(Beside(_label(usual.get(one.study), one), usual.get(one.study), one) for one in found)


def sequence(analysis: AnalysisOut) -> Ladder | None:
    """Lay out both intervals at each date of the evidence; None without a confidence sequence."""
    every = beside(analysis)
    if not any(one.anytime.low is not None for one in every):
        return None
    return ladder("sequence", analysis, [Line(one.label, _both(one)) for one in every], keyed=True)


def _both(one: Beside) -> tuple[Given, ...]:
    step, anytime = one.step, one.anytime
    usual = given(step) if step else Given("none", reason="no usual interval")
    if anytime.low is None:
        return usual, Given("none", reason="no limit yet")
    return usual, Given("anytime", None, anytime.low, anytime.high)


def _label(step: Step | None, one: EStep) -> str:
    return label(step or Step(study=one.study, label=one.label, available=one.available, k=0))


@dataclass(frozen=True)
class LookAt:
    """One look where it stands; `limit` None where it has none or lies beyond the figure."""

    look: Look
    name: str
    x: float
    y: float
    upper: float | None
    lower: float | None
    cut: bool


@dataclass(frozen=True)
class Boundary:
    id: str
    analysis: AnalysisOut
    sequential: Sequential
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    looks: tuple[LookAt, ...]
    path: str
    upper: str
    lower: str
    once: float
    once_upper: float
    once_lower: float
    zero: float
    full: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]

    @property
    def crossed(self) -> bool:
        return any(one.look.crossed for one in self.looks)

    @property
    def tick_y(self) -> float:
        return self.bottom + 4

    @property
    def tick_text_y(self) -> float:
        return self.bottom + 17

    @property
    def words_y(self) -> float:
        return self.bottom + 38

    @property
    def key_y(self) -> float:
        return self.bottom + 60


def boundary(analysis: AnalysisOut) -> Boundary | None:
    """Lay out z against the share of the required information; None where there is no look to show."""
    companion = companion_of(analysis)
    if companion is None or not companion.sequential.looks:
        return None
    found = companion.sequential
    once = single_look(found.alpha)
    farthest = max([once, *(abs(look.z) for look in found.looks), *_limits(found.looks)])
    y_marks = steps_to(farthest * 1.08, 4)
    x_marks = steps_to(max(1.0, *(look.fraction for look in found.looks)), 5)
    plane = _Plane(x_marks[-1][0], y_marks[-1][0])
    looks = tuple(_look(look, at, plane) for at, look in enumerate(found.looks))
    start = (plane.x(0), plane.y(0))
    return Boundary(
        id=f"boundary-{analysis.id}",
        analysis=analysis,
        sequential=found,
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        looks=looks,
        path=_path([start, *((one.x, one.y) for one in looks)]),
        upper=_path([(one.x, one.upper) for one in looks if one.upper is not None]),
        lower=_path([(one.x, one.lower) for one in looks if one.lower is not None]),
        once=once,
        once_upper=plane.y(once),
        once_lower=plane.y(-once),
        zero=plane.y(0),
        full=plane.x(1.0),
        x_ticks=tuple(Tick(plane.x(value), text) for value, text in x_marks),
        y_ticks=tuple(Tick(plane.y(value), text) for value, text in _mirrored(y_marks)),
    )


def single_look(alpha: float) -> float:
    """Return the limit of |z| that would hold if one looked only once."""
    return NormalDist().inv_cdf(1 - alpha / 2)


@dataclass(frozen=True)
class _Plane:
    most_x: float
    most_z: float

    def x(self, fraction: float) -> float:
        return LEFT + fraction / self.most_x * (RIGHT - LEFT)

    def y(self, z: float) -> float:
        inside = min(max(z, -self.most_z), self.most_z)
        return (TOP + BOTTOM) / 2 - inside / self.most_z * (BOTTOM - TOP) / 2


def _limits(looks: Sequence[Look]) -> list[float]:
    return [look.boundary for look in looks if look.boundary is not None and look.boundary <= MOST_Z]


def _look(look: Look, at: int, plane: _Plane) -> LookAt:
    limit = look.boundary if look.boundary is not None and math.isfinite(look.boundary) else None
    return LookAt(
        look=look,
        name=str(at + 1),
        x=plane.x(look.fraction),
        y=plane.y(look.z),
        upper=None if limit is None else plane.y(limit),
        lower=None if limit is None else plane.y(-limit),
        cut=limit is not None and limit > plane.most_z,
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return a line through points, its coordinates rounded; nothing for fewer than two."""
    said = [f"{x:.2f} {y:.2f}" for x, y in points]
    return f"M{'L'.join(said)}" if len(said) > 1 else ""


def _mirrored(marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    below = [(-value, f"−{text}") for value, text in marks[:0:-1]]
    return [*below, *marks]
