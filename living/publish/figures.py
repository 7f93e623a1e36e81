"""Which figures a version has: each laid out once, drawn to a file of its own and shown beside its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.protocol import Protocol
from living.model.snapshot import AnalysisOut, StudyOut
from living.publish import companion, funnel, lights, words
from living.publish.cumulative import cumulative
from living.publish.flowchart import Chart
from living.publish.ladder import Ladder
from living.publish.light import Light
from living.publish.sensitivity import Group, groups, sensitivity

FOLDER = "figures"


@dataclass(frozen=True)
class Beside:
    """The figures beside an analysis's forest plot; None where there is nothing to draw."""

    rob: dict[str, Light]
    traffic: lights.Traffic | None
    summary: lights.Summary | None
    sensitivity: Ladder | None
    groups: tuple[Group, ...]
    cumulative: Ladder | None
    funnel: funnel.Funnel | None
    sequence: Ladder | None
    boundary: companion.Boundary | None
    dates: tuple[companion.Beside, ...]

    @property
    def anything(self) -> bool:
        """Whether anything stands beside the analysis."""
        figures = (self.traffic, self.cumulative, self.funnel, self.sequence, self.boundary)
        return bool(self.groups) or any(figure is not None for figure in figures)


def beside(analysis: AnalysisOut, studies: tuple[StudyOut, ...], protocol: Protocol) -> Beside:
    """Lay out every figure of an analysis but its forest plot."""
    found = lights.judged(studies, analysis)
    traffic = lights.traffic(analysis, found)
    return Beside(
        rob={one.study: lights.overall(found.get(one.study)) for one in analysis.contrasts} if found else {},
        traffic=traffic,
        summary=lights.summary(traffic) if traffic else None,
        sensitivity=sensitivity(analysis, protocol),
        groups=groups(analysis, protocol),
        cumulative=cumulative(analysis),
        funnel=funnel.funnel(analysis),
        sequence=companion.sequence(analysis),
        boundary=companion.boundary(analysis),
        dates=companion.beside(analysis),
    )


def drawn(found: Beside) -> Iterator[tuple[str, bytes]]:
    """Yield each of them as a path and an image that stands alone."""
    pictures = (
        ("sensitivity", found.sensitivity),
        ("cumulative", found.cumulative),
        ("funnel", found.funnel),
        ("lights", found.traffic),
        ("bars", found.summary),
        ("sequence", found.sequence),
        ("boundary", found.boundary),
    )
    for template, figure in pictures:
        if figure is not None:
            yield f"{FOLDER}/{figure.id}.svg", draw(template, figure)


def drawn_flow(chart: Chart) -> tuple[str, bytes]:
    return f"{FOLDER}/{chart.id}.svg", draw("flow", chart)


def draw(template: str, figure: object, alone: bool = True) -> bytes:
    """Return a figure as SVG: `alone` with its own style, else to stand in a page that has it."""
    return words.render(f"figures/{template}.svg", f=figure, alone=alone).lstrip()
