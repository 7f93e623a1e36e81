"""A pooled ratio of risks as people per thousand, at a baseline risk that is named."""

from __future__ import annotations

from living.model.protocol import Protocol
from living.model.snapshot import AnalysisOut
from living.model.supplement import Absolute
from living.review.information import baseline, risk_under

PER = 1000


def absolute(protocol: Protocol, analysis: AnalysisOut) -> Absolute | str:
    """Return an analysis's absolute effect, or the reason there is none; empty where none is meant.

    The baseline is taken as known: its own uncertainty is not in the interval. An experimental risk is capped
    at 1.
    """
    if analysis.measure not in ("RR", "OR"):
        return ""
    pool = analysis.pool
    if not pool.pooled or pool.estimate is None or pool.low is None or pool.high is None:
        return "no absolute effect without an average"
    found = baseline(protocol, analysis)
    if found is None:
        return "no study counts people and events in a control group, and the protocol names no risk"
    risk, source = found
    if risk == 0:
        return "no events in the control groups, so a ratio says nothing about numbers of people"
    control = PER * risk
    middle, low, high = (
        PER * risk_under(analysis.measure, risk, effect) for effect in (pool.estimate, pool.low, pool.high)
    )
    return Absolute(
        baseline=risk,
        baseline_source=source,
        per=PER,
        control=control,
        experimental=middle,
        experimental_low=low,
        experimental_high=high,
        difference=middle - control,
        difference_low=low - control,
        difference_high=high - control,
    )
