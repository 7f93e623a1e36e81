"""One declared analysis, carried out: who enters, by which numbers, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from living import stats
from living.model.facts import Quote
from living.model.numbers import (
    CI,
    SE,
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    Numbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.protocol import Analysis, Measure, Model, Outcome, Protocol, Sensitivity
from living.model.snapshot import (
    AnalysisOut,
    ComparisonOut,
    ContrastOut,
    NotPooledStudy,
    PoolOut,
    SensitivityOut,
)
from living.review.contrasts import Contrast, contrast
from living.review.evidence import Basis
from living.review.formulas import NotDerivable
from living.review.judged import certainty
from living.review.names import cell_id, said, slug_of
from living.review.pools import pool, weights
from living.review.readings import Reading
from living.review.selection import Passed, Scope, arm, choose
from living.review.subgroups import subgroups
from living.review.supplement import supplement

MEASURES: dict[Measure, str] = {
    "MD": "mean difference",
    "SMD-d": "standardised mean difference (Cohen's d)",
    "SMD-g": "standardised mean difference (Hedges' g)",
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "IRR": "incidence rate ratio",
}
RATIO: frozenset[Measure] = frozenset({"RR", "OR", "IRR"})


@dataclass(frozen=True)
class Entered:
    """Who enters one analysis or one variant of it, and who does not with the reason."""

    contrasts: tuple[ContrastOut, ...]
    passed: tuple[NotPooledStudy, ...]


def comparisons(basis: Basis) -> tuple[ComparisonOut, ...]:
    """Carry out every analysis of the protocol, comparison by comparison; two are never pooled together."""
    protocol = basis.protocol
    return tuple(
        ComparisonOut(
            id=item.id,
            label=item.label,
            experimental_label=item.experimental_label,
            control_label=item.control_label,
            analyses=tuple(
                analyse(basis, analysis) for analysis in protocol.analyses if analysis.comparison == item.id
            ),
        )
        for item in protocol.comparisons
        if any(analysis.comparison == item.id for analysis in protocol.analyses)
    )


def analyse(basis: Basis, analysis: Analysis) -> AnalysisOut:
    """Carry out one analysis of the protocol with its sensitivity analyses and subgroups."""
    protocol = basis.protocol
    scope, model = Scope.of(protocol, analysis), protocol.models[analysis.models]
    entered = enter(basis, scope, model)
    rows = _weighted(entered.contrasts, model)
    k = len(rows)
    few = 2 <= k < model.headline_k
    whole = pool(rows, model, minimum=max(2, model.headline_k))
    outcome, comparison = scope.outcome, scope.comparison
    low, high = favours(scope)
    found = AnalysisOut(
        id=analysis.id,
        label=analysis.label,
        role=analysis.role,
        comparison=comparison.id,
        outcome=outcome.id,
        outcome_label=outcome.label,
        importance=outcome.importance,
        window=scope.window.label,
        measure=analysis.measure,
        measure_label=MEASURES[analysis.measure],
        unit=outcome.unit,
        ratio=analysis.measure in RATIO,
        better=outcome.better,
        harm=outcome.harm,
        favours_low=low,
        favours_high=high,
        important_difference=analysis.important_difference,
        note=analysis.note,
        standardiser=analysis.standardiser,
        mixed_estimands=_mixed(rows),
        contrasts=rows,
        pool=whole,
        two_study_pool=pool(rows, model) if few else None,
        sensitivity=tuple(_sensitivity(basis, analysis, model, item, rows) for item in analysis.sensitivity),
        subgroups=subgroups(basis, analysis, model, rows),
        not_pooled=entered.passed,
        funnel=""
        if k >= model.funnel_k
        else f"no funnel plot or small-study test with fewer than {model.funnel_k} studies",
        certainty=certainty(basis.judged, analysis.id, rows, whole),
    )
    return found.model_copy(update={"supplement": supplement(basis, model, found)})


def favours(scope: Scope) -> tuple[str, str]:
    """Return what the low and the high side of an axis mean: `less pain with LDN`."""
    sides = (scope.comparison.experimental_label, scope.comparison.control_label)
    low, high = sides if scope.outcome.better == "lower" else sides[::-1]
    return f"{_better(scope.outcome)} with {low}", f"{_better(scope.outcome)} with {high}"


def _better(outcome: Outcome) -> str:
    return outcome.less if outcome.better == "lower" else outcome.more


def enter(basis: Basis, scope: Scope, model: Model) -> Entered:
    """Choose every included study's cell and turn it into a contrast, or say why it does not enter."""
    contrasts: list[ContrastOut] = []
    passed: list[NotPooledStudy] = []
    for key in basis.included:
        found = _one(basis, scope, model, key)
        if isinstance(found, ContrastOut):
            contrasts.append(found)
        elif found is not None:
            passed.append(found)
    return Entered(tuple(contrasts), tuple(passed))


def _one(basis: Basis, scope: Scope, model: Model, key: str) -> ContrastOut | NotPooledStudy | None:
    what = basis.what.get(key)
    readings = basis.readings.of_study(key)
    scope = _resolved(basis, scope)
    choice = choose(readings, what, scope)
    if choice is None:
        return None
    if isinstance(choice, Passed):
        return _passed(basis, key, choice.reason, choice.reading)
    if scope.variant.low_risk_of_bias_only and key not in basis.low_risk:
        return _passed(basis, key, "not rated at low risk of bias", choice.reading)
    try:
        found = _contrast(basis.protocol, choice.reading, readings, scope, model)
    except NotDerivable as reason:
        return _passed(basis, key, str(reason), choice.reading)
    return _out(basis, model, key, found)


def _resolved(basis: Basis, scope: Scope) -> Scope:
    """Let an alternative name a study by any of its record keys."""
    alternative = scope.variant.alternative
    study = basis.key_of.get(alternative.study) if alternative else None
    if alternative is None or study is None:
        return scope
    update = {"alternative": alternative.model_copy(update={"study": study})}
    return replace(scope, variant=scope.variant.model_copy(update=update))


def _contrast(
    protocol: Protocol, reading: Reading, readings: tuple[Reading, ...], scope: Scope, model: Model
) -> Contrast:
    measure = scope.variant.measure or scope.analysis.measure
    r, to_unit = scope.variant.paired_r, _to_unit(protocol, reading)
    alternative = scope.variant.alternative
    try:
        return contrast(reading, measure, model, to_unit, r)
    except NotDerivable:
        if alternative is None or alternative.se_from is None or alternative.study != reading.cell.study:
            raise
        se_from = alternative.se_from
    lender = contrast(_lender(reading, readings, se_from), "MD", model)
    borrowed = replace(reading, numbers=_with_se(reading.numbers, reading.cell.estimand, lender.se))
    found = contrast(borrowed, measure, model, to_unit, r)
    steps = (*(step for step in lender.derivations if step.output == "se"), *found.derivations)
    flag = f"no standard error is reported; that of the {se_from} difference stands in"
    return replace(found, reading=reading, derivations=steps, flags=(*found.flags, flag))


def _lender(reading: Reading, readings: tuple[Reading, ...], estimand: str) -> Reading:
    """The same study's cell whose standard error a sensitivity analysis borrows."""
    here = reading.cell.model_copy(update={"estimand": estimand})
    found = next((other for other in readings if other.cell == here), None)
    if found is None:
        raise NotDerivable(f"no {estimand} value at {reading.cell.weeks:g} weeks lends a standard error")
    return found


def _with_se(numbers: Numbers, estimand: str, se: float) -> Numbers:
    if isinstance(numbers, ArmMeans):
        estimate = numbers.experimental.mean - numbers.control.mean
        left, right = numbers.experimental.n, numbers.control.n
        return ReportedContrast(
            estimand="change", estimate=estimate, precision=SE(se=se), n_experimental=left, n_control=right
        )
    if isinstance(numbers, ReportedContrast):
        return numbers.model_copy(update={"precision": SE(se=se)})
    raise NotDerivable(f"the {estimand} value is in no form that a standard error can be lent to")


def _to_unit(protocol: Protocol, reading: Reading) -> float:
    return next((scale.to_unit for scale in protocol.scales if scale.id == reading.cell.scale), 1.0)


def _passed(basis: Basis, key: str, reason: str, reading: Reading | None) -> NotPooledStudy:
    found = "" if reading is None or isinstance(reading.numbers, NoNumbers) else said(reading.numbers)
    return NotPooledStudy(
        study=key,
        slug=slug_of(basis.labels[key], key),
        label=basis.labels[key],
        reason=reason,
        found=found,
    )


def _out(basis: Basis, model: Model, key: str, found: Contrast) -> ContrastOut:
    reading, label, what = found.reading, basis.labels[key], basis.what.get(key)
    low, high = _interval(found, model)
    treated = arm(what, reading.cell.experimental)
    events = _events(reading)
    return ContrastOut(
        study=key,
        slug=slug_of(label, key),
        label=label,
        cell=cell_id(reading.cell),
        n_experimental=found.n_experimental,
        n_control=found.n_control,
        events_experimental=events[0],
        events_control=events[1],
        estimate=found.estimate,
        se=found.se,
        low=low,
        high=high,
        weight=None,
        estimand=reading.cell.estimand,
        weeks=reading.cell.weeks,
        scale_label=_scale_label(basis.protocol, reading),
        dose_mg=treated.dose_mg if treated else None,
        condition=what.condition if what else "",
        standing=reading.standing,
        derivations=found.derivations,
        said=said(reading.numbers),
        where=_where(reading.quotes),
        flags=found.flags,
        same_people=isinstance(reading.numbers, PairedDifference | PairedMeans),
    )


def _interval(found: Contrast, model: Model) -> tuple[float, float]:
    """The study's interval as printed, where a difference was reported with one; else from its SE.

    Printed limits are rounded, so an interval made again from their width may miss them in the last digit.
    """
    numbers = found.reading.numbers
    if isinstance(numbers, ReportedContrast) and isinstance(numbers.precision, CI):
        printed = numbers.precision
        if printed.level == model.level and numbers.measure == "MD" and numbers.estimate == found.estimate:
            return printed.low, printed.high
    low, high = stats.study_interval(found.estimate, found.se**2, model.level)
    return float(low), float(high)


def _events(reading: Reading) -> tuple[int | None, int | None]:
    numbers = reading.numbers
    if isinstance(numbers, EventCounts | EventRates):
        return numbers.experimental.events, numbers.control.events
    return None, None


def _scale_label(protocol: Protocol, reading: Reading) -> str:
    return next((scale.label for scale in protocol.scales if scale.id == reading.cell.scale), "")


def _where(quotes: tuple[Quote, ...]) -> str:
    return "; ".join(dict.fromkeys(quote.locator for quote in quotes))


def _weighted(rows: tuple[ContrastOut, ...], model: Model) -> tuple[ContrastOut, ...]:
    if len(rows) < model.headline_k:
        return rows
    shares = weights(rows, model)
    return tuple(row.model_copy(update={"weight": share}) for row, share in zip(rows, shares, strict=True))


def _mixed(rows: tuple[ContrastOut, ...]) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(row.estimand for row in rows))
    return kinds if len(kinds) > 1 else ()


def _sensitivity(
    basis: Basis, analysis: Analysis, model: Model, variant: Sensitivity, rows: Sequence[ContrastOut]
) -> SensitivityOut:
    """One variant; its note tells the assumptions that the analysis itself does not make."""
    known = {(row.study, flag) for row in rows for flag in row.flags}
    entered = enter(basis, Scope.of(basis.protocol, analysis, variant), model)
    found: PoolOut = pool(entered.contrasts, model, variant)
    return SensitivityOut(
        id=variant.id,
        label=variant.label,
        pool=found,
        studies=tuple(row.label for row in entered.contrasts),
        note="; ".join(
            f"{row.label}: {flag}"
            for row in entered.contrasts
            for flag in row.flags
            if (row.study, flag) not in known
        ),
    )
