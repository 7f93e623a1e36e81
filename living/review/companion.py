"""The companion of an analysis that is looked at again and again: e-values, and limits for repeated looks.

Chosen: a normal mixture (Robbins) over one common effect, because it needs no direction, is defined from the
first study on and has the confidence sequence that belongs to it. Its spread is the analysis's important
difference, else the protocol's by measure; any spread is valid. The product runs over the studies in order of
their evidence dates and is computed anew from today's numbers: a corrected number never multiplies on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from living import stats
from living.model.protocol import Model, Protocol
from living.model.snapshot import AnalysisOut, ContrastOut
from living.model.supplement import Anytime, Companion, EStep, Look, Sequential
from living.review.evidence import Basis
from living.review.information import all_people, important, needed, people
from living.review.looks import data_digest

CAUTION = (
    "Supplementary. The Cochrane Handbook advises against adjusting the main analysis of a review for "
    "repeated looks, because reviewers do not decide when trials are done or end; the headline follows the "
    "protocol's rule and not these limits."
)
NULL = (
    "No effect in any study (the common null). If true effects differ between studies "
    "(tau\N{SUPERSCRIPT TWO} above 0) that null is false even where their mean is zero: the e-value then "
    "grows and rejects it, and the interval, which is about one common effect, covers the mean less often "
    "than it says. No method used here stays valid for the mean under such differences."
)
METHOD = (
    "Normal mixture over one common effect; studies in the order of their evidence dates, all of them taken "
    "again whenever a number is corrected"
)
LOG_TEN = log(10.0)


def companion(
    basis: Basis,
    model: Model,
    analysis: AnalysisOut,
    rows: Sequence[ContrastOut],
    dates: Sequence[str],
) -> Companion | None:
    """Return the companion of a primary or main analysis with a study; `rows` in the order of `dates`."""
    if analysis.role == "continuity" or not rows:
        return None
    now = data_digest(rows)
    earlier = basis.looks.get(analysis.id, ())
    before = earlier[:-1] if earlier and earlier[-1][1] == now else earlier
    return Companion(
        looks=len(before) + 1,
        earlier=tuple(look for look, _ in before),
        anytime=_anytime(basis.protocol, analysis, rows, dates),
        sequential=_sequential(basis.protocol, model, analysis, rows, dates),
        caution=CAUTION,
    )


def prior_sd(protocol: Protocol, analysis: AnalysisOut) -> float | None:
    """Return the spread of the mixture: the important difference, else the protocol's by measure."""
    found = important(analysis, protocol.supplementary)
    return found or next(
        (sd for name, sd in protocol.supplementary.prior_sd.items() if name == analysis.measure), None
    )


def _anytime(
    protocol: Protocol, analysis: AnalysisOut, rows: Sequence[ContrastOut], dates: Sequence[str]
) -> Anytime:
    level, sd = 1 - protocol.supplementary.alpha, prior_sd(protocol, analysis)
    known = Anytime(method=METHOD, null=NULL, level=level, prior_sd=sd)
    if sd is None:
        why = "not given: the protocol names neither an important difference nor a spread for this measure"
        return known.model_copy(update={"reason": why})
    running = stats.safe_mixture(*_arrays(rows), prior_variance=sd**2)
    sequence = stats.confidence_sequence(*_arrays(rows), prior_variance=sd**2, level=level)
    if isinstance(running, stats.NotEstimable):
        return known.model_copy(update={"reason": running.reason})
    if isinstance(sequence, stats.NotEstimable):
        return known.model_copy(update={"reason": sequence.reason})
    steps = tuple(
        EStep(
            study=row.study,
            label=row.label,
            available=day,
            log10_e=float(running.log_e[place] / LOG_TEN),
            low=float(sequence.low[place]),
            high=float(sequence.high[place]),
        )
        for place, (row, day) in enumerate(zip(rows, dates, strict=True))
    )
    last = steps[-1]
    update = {"log10_e": last.log10_e, "low": last.low, "high": last.high, "steps": steps}
    return known.model_copy(update=update)


@dataclass(frozen=True)
class _Accrued:
    """What limits for looks rest on: people by study, the people required, D2 and where the size is from."""

    sizes: list[int]
    required: int
    diversity: float
    rests_on: str


def _accrued(
    protocol: Protocol, model: Model, analysis: AnalysisOut, rows: Sequence[ContrastOut]
) -> _Accrued | str:
    """Return the information there is and there should be, or the reason why it cannot be told."""
    if len(rows) < 2:
        return "one study: nothing accumulates yet"
    size = needed(protocol, analysis)
    if isinstance(size, str):
        return size
    sizes = [count for row in rows if (count := people(row))]
    if len(sizes) < len(rows):
        return "a study does not say how many people it analysed"
    diverse = stats.diversity(*_arrays(rows), tau2=model.tau2)
    if isinstance(diverse, stats.NotEstimable):
        return diverse.reason
    return _Accrued(sizes, stats.adjusted_size(size.people, diverse), diverse, size.rests_on)


def _sequential(
    protocol: Protocol,
    model: Model,
    analysis: AnalysisOut,
    rows: Sequence[ContrastOut],
    dates: Sequence[str],
) -> Sequential:
    settings = protocol.supplementary
    known = Sequential(
        difference=important(analysis, settings),
        alpha=settings.alpha,
        beta=settings.beta,
        people=all_people(rows),
    )
    there = _accrued(protocol, model, analysis, rows)
    if isinstance(there, str):
        return known.model_copy(update={"reason": there})
    found = stats.sequential(
        *_arrays(rows), there.sizes, required=float(there.required), alpha=settings.alpha, tau2=model.tau2
    )
    if isinstance(found, stats.NotEstimable):
        return known.model_copy(update={"reason": found.reason})
    told = zip(rows, dates, found.looks, strict=True)
    update = {
        "rests_on": there.rests_on,
        "diversity": 100 * there.diversity,
        "required": there.required,
        "fraction": found.looks[-1].fraction,
        "looks": tuple(_look(row.label, day, look) for row, day, look in told),
    }
    return known.model_copy(update=update)


def _look(label: str, day: str, look: stats.Look) -> Look:
    return Look(
        label=label,
        available=day,
        k=look.k,
        fraction=look.fraction,
        z=look.z,
        boundary=look.boundary,
        crossed=look.crossed,
        reason=look.why_not,
    )


def _arrays(rows: Sequence[ContrastOut]) -> tuple[list[float], list[float]]:
    return [row.estimate for row in rows], [row.se**2 for row in rows]
