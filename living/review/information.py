"""How much the studies of an analysis tell for their number of people, and how many that calls for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from living import stats
from living.model.protocol import Protocol, Supplementary
from living.model.snapshot import AnalysisOut, ContrastOut
from living.review.conclusions import limit_of

NO_DIFFERENCE = "not given: the protocol names no important difference"


@dataclass(frozen=True)
class Needed:
    """People that one adequate trial needs to find `difference`; `rests_on` in words."""

    difference: float
    people: int
    rests_on: str


def people(row: ContrastOut) -> int | None:
    """Return how many people a study analysed, those of a crossover once; None when it does not say."""
    if row.n_experimental is None or row.n_control is None:
        return None
    return row.n_experimental if row.same_people else row.n_experimental + row.n_control


def all_people(rows: Sequence[ContrastOut]) -> int | None:
    """Return the people of all studies together; None when one does not say, or there is none."""
    counted = [people(row) for row in rows]
    known = [count for count in counted if count]
    return sum(known) if counted and len(known) == len(counted) else None


def spread(rows: Sequence[ContrastOut]) -> float | None:
    """Return the SD of one person's value that the parallel studies' standard errors and sizes imply.

    Pooled by degrees of freedom. A standard error adjusted for covariates gives the smaller SD that is left
    after them. Crossovers tell nothing here without the correlation of their periods. For a ratio it is the
    square root of a person's share in the variance of its logarithm.
    """
    sizes = [
        (row.se, row.n_experimental, row.n_control)
        for row in rows
        if row.n_experimental and row.n_control and not row.same_people
    ]
    total = sum(max(n + m - 2, 1) for _, n, m in sizes)
    if not total:
        return None
    return sqrt(sum(max(n + m - 2, 1) * se**2 / (1 / n + 1 / m) for se, n, m in sizes) / total)


def baseline(protocol: Protocol, analysis: AnalysisOut) -> tuple[float, str] | None:
    """Return the control group's risk and where it comes from; None where no study counts people."""
    declared = protocol.supplementary.baselines.get(analysis.outcome)
    if declared is not None:
        return declared, "declared in the protocol"
    groups = [
        (row.events_control, row.n_control)
        for row in analysis.contrasts
        if row.events_control is not None and row.n_control
    ]
    if not groups:
        return None
    count = "one included study" if len(groups) == 1 else f"{len(groups)} included studies"
    if protocol.supplementary.baseline == "pooled":
        risk = sum(events for events, _ in groups) / sum(n for _, n in groups)
        return risk, f"events over people in the control groups of {count}"
    risks = sorted(events / n for events, n in groups)
    middle = len(risks) // 2
    risk = risks[middle] if len(risks) % 2 else (risks[middle - 1] + risks[middle]) / 2
    return risk, f"risk in the control group of {count}" if len(groups) == 1 else (
        f"median risk in the control groups of {count}"
    )


def important(analysis: AnalysisOut, settings: Supplementary) -> float | None:
    """Return the smallest difference that matters, positive; a logarithm for a ratio."""
    declared = limit_of(analysis)
    if declared is not None:
        return declared
    if analysis.ratio and settings.relative_reduction is not None:
        return -log(1 - settings.relative_reduction)
    return None


def needed(protocol: Protocol, analysis: AnalysisOut) -> Needed | str:
    """Return the size of one adequate trial for the important difference, or the reason there is none."""
    settings = protocol.supplementary
    difference = important(analysis, settings)
    if difference is None:
        return NO_DIFFERENCE
    if analysis.measure in ("RR", "OR", "RD"):
        return _by_risks(protocol, analysis, difference)
    if analysis.measure == "MD":
        return _by_spread(analysis, difference, settings)
    if analysis.measure == "IRR":
        return "a number of people is not enough for rates: they count events in time"
    size = stats.required_size_means(difference, 1.0, alpha=settings.alpha, beta=settings.beta)
    return Needed(difference, size, "a difference in standard deviations")


def risk_under(measure: str, control: float, effect: float) -> float:
    """Return the risk that an effect makes of a control risk, at most 1; ratios are logarithms."""
    if measure == "OR":
        odds = control * exp(effect)
        return odds / (1 - control + odds)
    moved = control + effect if measure == "RD" else control * exp(effect)
    return min(max(moved, 0.0), 1.0)


def _by_spread(analysis: AnalysisOut, difference: float, settings: Supplementary) -> Needed | str:
    sd = spread(analysis.contrasts)
    if sd is None:
        return "no parallel study gives both groups' sizes, so no spread between people can be derived"
    size = stats.required_size_means(difference, sd, alpha=settings.alpha, beta=settings.beta)
    source = f"an SD of {sd:.2f}, derived from standard errors and sizes of the included parallel studies"
    if any(row.estimand == "adjusted" and not row.same_people for row in analysis.contrasts):
        source += ", some adjusted for covariates, which leaves a smaller SD"
    if any(row.same_people for row in analysis.contrasts):
        source += "; people of crossovers count once, although each tells more than one of a parallel study"
    return Needed(difference, size, source)


def _by_risks(protocol: Protocol, analysis: AnalysisOut, difference: float) -> Needed | str:
    found, settings = baseline(protocol, analysis), protocol.supplementary
    if found is None:
        return "no study counts people and events in a control group"
    risk, source = found
    toward = -difference if analysis.better == "lower" else difference
    other = risk_under(analysis.measure, risk, toward)
    if not (0 < risk < 1 and 0 < other < 1):
        return "the control risk leaves no room for the important difference"
    size = stats.required_size_risks(risk, other, alpha=settings.alpha, beta=settings.beta)
    return Needed(difference, size, f"a risk of {risk:.3f} without the treatment ({source})")
