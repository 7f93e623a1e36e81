"""The companion of an analysis that is looked at again and again: e-values, and limits for repeated looks.

Chosen: a normal mixture (Robbins) over one common effect, because it needs no direction, is defined from the
first study on and has the confidence sequence that belongs to it. Its spread is the analysis's important
difference, else the protocol's by measure; any spread is valid. The product runs over the studies in order of
their evidence dates and is computed anew from today's numbers: a corrected number never multiplies on.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    if sd is None:
        why = "not given: the protocol names neither an important difference nor a spread for this measure"
        return Anytime(method=METHOD, null=NULL, level=level, reason=why)
    yi, vi = [row.estimate for row in rows], [row.se**2 for row in rows]
    running = stats.safe_mixture(yi, vi, prior_variance=sd**2)
    sequence = stats.confidence_sequence(yi, vi, prior_variance=sd**2, level=level)
    if isinstance(running, stats.NotEstimable) or isinstance(sequence, stats.NotEstimable):
        bad = running if isinstance(running, stats.NotEstimable) else sequence
        why = bad.reason if isinstance(bad, stats.NotEstimable) else ""
        return Anytime(method=METHOD, null=NULL, level=level, prior_sd=sd, reason=why)
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
    return Anytime(
        method=METHOD,
        null=NULL,
        level=level,
        prior_sd=sd,
        log10_e=last.log10_e,
        low=last.low,
        high=last.high,
        steps=steps,
    )


def _sequential(
    protocol: Protocol,
    model: Model,
    analysis: AnalysisOut,
    rows: Sequence[ContrastOut],
    dates: Sequence[str],
) -> Sequential:
    settings = protocol.supplementary
    plain = Sequential(
        difference=important(analysis, settings),
        alpha=settings.alpha,
        beta=settings.beta,
        people=all_people(rows),
    )
    if len(rows) < 2:
        return plain.model_copy(update={"reason": "one study: nothing accumulates yet"})
    size = needed(protocol, analysis)
    if isinstance(size, str):
        return plain.model_copy(update={"reason": size})
    plain = plain.model_copy(update={"rests_on": size.rests_on})
    counted = [people(row) for row in rows]
    sizes = [count for count in counted if count]
    if len(sizes) < len(rows):
        return plain.model_copy(update={"reason": "a study does not say how many people it analysed"})
    yi, vi = [row.estimate for row in rows], [row.se**2 for row in rows]
    diverse = stats.diversity(yi, vi, tau2=model.tau2)
    if isinstance(diverse, stats.NotEstimable):
        return plain.model_copy(update={"reason": diverse.reason})
    required = stats.adjusted_size(size.people, diverse)
    found = stats.sequential(
        yi,
        vi,
        sizes,
        required=float(required),
        alpha=settings.alpha,
        sides=2,
        spending="OBF",
        tau2=model.tau2,
    )
    if isinstance(found, stats.NotEstimable):
        return plain.model_copy(update={"reason": found.reason})
    looks = tuple(
        Look(
            label=row.label,
            available=day,
            k=look.k,
            fraction=look.fraction,
            z=look.z,
            boundary=look.boundary,
            crossed=look.crossed,
            reason=look.why_not,
        )
        for row, day, look in zip(rows, dates, found.looks, strict=True)
    )
    update = {
        "diversity": 100 * diverse,
        "required": required,
        "fraction": looks[-1].fraction,
        "looks": looks,
    }
    return plain.model_copy(update=update)
