"""A funnel plot with contours: estimates against standard errors, and where chance alone would lie."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from living.model.snapshot import AnalysisOut, ContrastOut
from living.model.supplement import AsymmetryTest
from living.publish.axis import Axis, Tick, axis, steps_to
from living.publish.ladder import spaced

WIDTH, HEIGHT = 360.0, 352.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 340.0, 24.0, 268.0
LEVELS = (0.1, 0.05, 0.01)  # two-sided P at the edges of the shaded bands, from the middle outward


@dataclass(frozen=True)
class Dot:
    contrast: ContrastOut
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """One contour: where results of this P stand, left and right, at the largest standard error."""

    p: float
    low: float
    high: float


@dataclass(frozen=True)
class Funnel:
    id: str
    analysis: AnalysisOut
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    axis: Axis
    dots: tuple[Dot, ...]
    edges: tuple[Edge, ...]
    bands: tuple[str, ...]
    average: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]

    @property
    def plot_width(self) -> float:
        return self.right - self.left

    @property
    def plot_height(self) -> float:
        return self.bottom - self.top

    @property
    def tests(self) -> tuple[AsymmetryTest, ...]:
        return self.analysis.supplement.asymmetry if self.analysis.supplement else ()

    @property
    def tested(self) -> bool:
        return any(test.p is not None for test in self.tests)


def funnel(analysis: AnalysisOut) -> Funnel | None:
    """Lay out the funnel plot; None where the protocol's rule gives none, in words, in `analysis.funnel`."""
    if analysis.funnel or not analysis.pool.pooled or analysis.pool.estimate is None:
        return None
    marks = steps_to(max(one.se for one in analysis.contrasts), 4)
    most = marks[-1][0]
    scale = _axis(analysis, most)
    edges = tuple(_edge(p, most, scale) for p in LEVELS)

    def down(se: float) -> float:
        return TOP + se / most * (BOTTOM - TOP)

    return Funnel(
        id=f"funnel-{analysis.id}",
        analysis=analysis,
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        axis=scale,
        dots=tuple(Dot(one, scale.x(one.estimate), down(one.se)) for one in analysis.contrasts),
        edges=edges,
        bands=tuple(_band(edge, most, scale) for edge in reversed(edges)),
        average=scale.x(analysis.pool.estimate),
        x_ticks=spaced(scale.ticks),
        y_ticks=tuple(Tick(down(value), text) for value, text in marks),
    )


def limit(p: float) -> float:
    """Return the |z| at which a two-sided test has this P."""
    return NormalDist().inv_cdf(1 - p / 2)


def _axis(analysis: AnalysisOut, most: float) -> Axis:
    """Reach every study and the average, and show the outermost contour where that is not far beyond them."""
    estimates = [one.estimate for one in analysis.contrasts] + [analysis.pool.estimate or 0.0]
    farthest = max(abs(value) for value in estimates)
    contour = limit(LEVELS[-1]) * most
    return axis(LEFT, RIGHT, [], [*estimates, min(contour, max(1.5 * farthest, contour / 2))], analysis.ratio)


def _edge(p: float, most: float, scale: Axis) -> Edge:
    reach = limit(p) * most
    return Edge(p, scale.x(-reach), scale.x(reach))


def _band(edge: Edge, most: float, scale: Axis) -> str:
    """Return the triangle within a contour, cut at the sides of the figure."""
    reach = limit(edge.p) * most
    if not scale.beyond(reach):
        return f"M{scale.null:.2f} {TOP:.2f}L{edge.low:.2f} {BOTTOM:.2f}H{edge.high:.2f}Z"
    side = TOP + scale.reach / reach * (BOTTOM - TOP)
    left, right = f"{scale.left:.2f} {side:.2f}V{BOTTOM:.2f}", f"H{scale.right:.2f}V{side:.2f}"
    return f"M{scale.null:.2f} {TOP:.2f}L{left}{right}Z"
