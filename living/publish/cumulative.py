"""How an average grew: after each study, on the day from which its evidence was to be had."""

from __future__ import annotations

from living.model.snapshot import AnalysisOut
from living.model.supplement import Step
from living.publish import numerals
from living.publish.ladder import Given, Ladder, Line, ladder


def cumulative(analysis: AnalysisOut) -> Ladder | None:
    """Lay out the average after each study; None when fewer than two steps are known."""
    steps = steps_of(analysis)
    if len(steps) < 2:
        return None
    lines = [Line(label(step), (given(step),)) for step in steps]
    return ladder("cumulative", analysis, lines, analysis.pool.estimate)


def steps_of(analysis: AnalysisOut) -> tuple[Step, ...]:
    return analysis.supplement.cumulative if analysis.supplement else ()


def label(step: Step) -> str:
    """Return the day on which the evidence came and the study that brought it."""
    day = numerals.day(step.available) if step.available else "date not known"
    return f"{day}: {step.label}"


def given(step: Step) -> Given:
    if step.estimate is None:
        return Given("none", reason=step.reason)
    return Given("usual", step.estimate, step.low, step.high, step.reason)
