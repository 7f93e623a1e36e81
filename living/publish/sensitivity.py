"""What other choices would have given: every other way to compute an analysis beside the one it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from living.model.protocol import Protocol, Sensitivity
from living.model.snapshot import AnalysisOut, PoolOut
from living.model.supplement import Omitted
from living.publish.ladder import Given, Ladder, Line, ladder

MODEL = "Another model or interval"
CORRELATION = "Another correlation within people"
STUDIES = "Fewer or other studies"
NUMBERS = "Other numbers of the same studies"
MEASURE = "Other choices"
OMITTED = "One study left out"
FEW = "Below the protocol's minimum"
GROUPS = (FEW, MODEL, CORRELATION, NUMBERS, STUDIES, MEASURE, OMITTED)


@dataclass(frozen=True)
class Other:
    """One result under another choice, of `k` studies."""

    label: str
    k: int
    pool: PoolOut | None = None
    omitted: Omitted | None = None
    note: str = ""
    simple: bool = False

    @property
    def given(self) -> Given:
        if self.omitted:
            one = self.omitted
            return _given(one.estimate, one.low, one.high, one.reason)
        pool = self.pool
        if pool is None or not pool.pooled:
            return Given("none", reason=pool.reason if pool else "")
        if self.simple:
            return _given(pool.estimate, pool.simple_low, pool.simple_high, "")
        return _given(pool.estimate, pool.low, pool.high, "")


@dataclass(frozen=True)
class Group:
    """The results that differ from the main one in the same kind of choice."""

    label: str
    others: tuple[Other, ...]


def groups(analysis: AnalysisOut, protocol: Protocol) -> tuple[Group, ...]:
    """Return every other result, by what was changed; groups without one are left out."""
    found: dict[str, list[Other]] = {name: [] for name in GROUPS}
    k = len(analysis.contrasts)
    if analysis.pool.pooled and analysis.pool.interval != "wald":
        found[MODEL].append(Other("z interval of the same model", k, analysis.pool, simple=True))
    if analysis.two_study_pool:
        label = "two averaged; not a result of this review"
        found[FEW].append(Other(label, analysis.two_study_pool.k, analysis.two_study_pool))
    declared = _declared(analysis, protocol)
    for item in analysis.sensitivity:
        kind = kind_of(declared[item.id]) if item.id in declared else MEASURE
        found[kind].append(Other(item.label, item.pool.k, item.pool, note=item.note))
    for one in analysis.supplement.omitted if analysis.supplement else ():
        found[OMITTED].append(Other(f"without {one.label}", k - 1, omitted=one))
    return tuple(Group(name, tuple(others)) for name, others in found.items() if others)


def sensitivity(analysis: AnalysisOut, protocol: Protocol) -> Ladder | None:
    """Lay out the main result and every other one; None when fewer than two others can be drawn."""
    found = groups(analysis, protocol)
    drawn = [other for group in found for other in group.others if other.given.estimate is not None]
    if len(drawn) < 2:
        return None
    return ladder("sensitivity", analysis, list(_lines(analysis, found)), analysis.pool.estimate)


def kind_of(change: Sensitivity) -> str:
    """Return what a declared departure changes, in the words of the figure's headings."""
    if change.paired_r is not None:
        return CORRELATION
    if change.tau2 or change.interval or change.bayes_half_normal is not None:
        return MODEL
    if change.alternative:
        return NUMBERS
    narrowed = change.verified_only or change.low_risk_of_bias_only or change.design or change.any_time
    return STUDIES if narrowed or change.max_dose_mg is not None else MEASURE


def _lines(analysis: AnalysisOut, found: tuple[Group, ...]) -> Iterator[Line]:
    pool = analysis.pool
    if pool.pooled:
        yield Line("This review's result", (Given("main", pool.estimate, pool.low, pool.high),))
    else:
        yield Line("This review's result", (Given("none", reason=pool.reason),))
    for group in found:
        yield Line(group.label)
        for other in group.others:
            yield Line(other.label, (other.given,))


def _declared(analysis: AnalysisOut, protocol: Protocol) -> dict[str, Sensitivity]:
    every = (item for item in protocol.analyses if item.id == analysis.id)
    return {change.id: change for item in every for change in item.sensitivity}


def _given(estimate: float | None, low: float | None, high: float | None, reason: str) -> Given:
    return Given("none", reason=reason) if estimate is None else Given("usual", estimate, low, high)
