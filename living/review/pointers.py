"""Facts for people's GRADE judgement of one analysis. None of them is a rating, and none leads to one."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from living import stats
from living.model.protocol import Model
from living.model.snapshot import AnalysisOut, PoolOut
from living.model.supplement import Pointer
from living.review.evidence import Basis
from living.review.information import NO_DIFFERENCE, all_people, important, needed
from living.review.judged import rob_of
from living.review.pools import weights
from living.review.wording import interval, signed, spelled

FRAGILE = 100  # outcomes; a ratio that withstands more of them changed does not hang on single people
PRECISION, CONSISTENCY, BIAS = "imprecision", "inconsistency", "risk of bias"
PUBLICATION, SOURCES = "publication bias", "how far the numbers are checked"


def pointers(basis: Basis, model: Model, analysis: AnalysisOut) -> tuple[Pointer, ...]:
    """Return the facts about an analysis with at least one study, domain by domain."""
    if not analysis.contrasts:
        return ()
    return (
        *_risk_of_bias(basis, model, analysis),
        *_inconsistency(analysis),
        *_size(basis, analysis),
        *_interval(basis, analysis),
        *_chances(basis, analysis),
        *_fragility(model, analysis),
        _publication(model, analysis),
        _unverified(analysis),
    )


def _risk_of_bias(basis: Basis, model: Model, analysis: AnalysisOut) -> Iterator[Pointer]:
    """The share of the weight by overall judgement; of one study, all of it."""
    rows = analysis.contrasts
    shares = weights(rows, model) if len(rows) > 1 else (100.0,)
    total: dict[str, float] = {"low": 0.0, "some concerns": 0.0, "high": 0.0, "not judged": 0.0}
    for row, share in zip(rows, shares, strict=True):
        found = rob_of(basis.rob(row.study), analysis.outcome, row.cell).replace("_", " ")
        name = {"": "not judged", "some": "some concerns"}.get(found, found)
        total[name] = total.get(name, 0.0) + (share or 0.0)
    if not sum(total.values()):
        return
    for name, share in total.items():
        if not share:
            continue
        yield Pointer(
            id=f"weight-{name.replace(' ', '-')}",
            domain=BIAS,
            label=f"Weight of studies {'not judged' if name == 'not judged' else f'judged {name}'}",
            value=share,
            said=f"{share:.0f}% of the weight",
        )


def _inconsistency(analysis: AnalysisOut) -> Iterator[Pointer]:
    pool = analysis.pool
    if not pool.pooled or pool.i2 is None or pool.tau2 is None:
        return
    yield Pointer(
        id="i2", domain=CONSISTENCY, label="I\N{SUPERSCRIPT TWO}", value=pool.i2, said=f"{pool.i2:.0f}%"
    )
    high = "" if pool.tau2_high is None else f" to {pool.tau2_high:.3g}"
    low = "" if pool.tau2_low is None else f"; 95% interval {pool.tau2_low:.3g}{high or ' and beyond'}"
    yield Pointer(
        id="tau2",
        domain=CONSISTENCY,
        label="Variance between studies",
        value=pool.tau2,
        said=f"{pool.tau2:.3g}{low.replace('95', f'{100 * pool.level:g}')}",
    )
    if pool.prediction_low is None or pool.prediction_high is None:
        said = f"none ({pool.prediction_reason})" if pool.prediction_reason else "none"
    else:
        said = interval(pool.prediction_low, pool.prediction_high, analysis.ratio)
    yield Pointer(id="prediction", domain=CONSISTENCY, label="Prediction interval", said=said)


def _size(basis: Basis, analysis: AnalysisOut) -> Iterator[Pointer]:
    there, size = all_people(analysis.contrasts), needed(basis.protocol, analysis)
    known = "an unreported number of people" if there is None else f"{there:,} people"
    if isinstance(size, str):
        yield _optimal(f"{known} so far; the size one trial would need is {_reason(size)}", None)
        return
    settings = basis.protocol.supplementary
    told = (
        f"{known} so far; one adequate trial would need {size.people:,} for a difference of "
        f"{_shown(size.difference, analysis)} ({size.rests_on}; two-sided alpha {settings.alpha:g}, "
        f"power {100 * (1 - settings.beta):g}%)"
    )
    yield _optimal(told, None if there is None else there / size.people)


def _optimal(said: str, share: float | None) -> Pointer:
    return Pointer(
        id="optimal-size", domain=PRECISION, label="Optimal information size", value=share, said=said
    )


def _reason(why: str) -> str:
    return why if why == NO_DIFFERENCE else f"not given: {why}"


def _shown(difference: float, analysis: AnalysisOut) -> str:
    if analysis.ratio:
        toward = -difference if analysis.better == "lower" else difference
        return f"a ratio of {signed(toward, True)}"
    return f"{signed(difference)} {analysis.unit}"


def _interval(basis: Basis, analysis: AnalysisOut) -> Iterator[Pointer]:
    pool = analysis.pool
    if not pool.pooled or pool.low is None or pool.high is None:
        return
    yield _crossed("crosses-none", "no difference", 0.0, pool)
    limit = important(analysis, basis.protocol.supplementary)
    if limit is None:
        return
    benefit = -limit if analysis.better == "lower" else limit
    yield _crossed("crosses-benefit", "an important benefit", benefit, pool)
    yield _crossed("crosses-harm", "an important harm", -benefit, pool)


def _crossed(name: str, what: str, line: float, pool: PoolOut) -> Pointer:
    """Whether the interval reaches a line, or what lies beyond it on the side away from no difference."""
    low, high = pool.low or 0.0, pool.high or 0.0
    holds = low <= line <= high or (line > 0 and low > line) or (line < 0 and high < line)
    said = f"the interval {'includes' if holds else 'excludes'} {what}"
    return Pointer(id=name, domain=PRECISION, label=f"Includes {what}", value=float(holds), said=said)


def _chances(basis: Basis, analysis: AnalysisOut) -> Iterator[Pointer]:
    pool, limit = analysis.pool, important(analysis, basis.protocol.supplementary)
    if limit is None or not pool.pooled or pool.estimate is None or not pool.se:
        return
    df = inf if pool.interval == "wald" else float(pool.k - 1)
    found = stats.chances(pool.estimate, pool.se, important=limit, better=analysis.better, df=df)
    for name, label, chance in (
        ("chance-benefit", "Chance of an important benefit", found.important_benefit),
        ("chance-harm", "Chance of an important harm", found.important_harm),
    ):
        said = f"{_percent(chance)} for the average, read from its interval ({found.basis})"
        yield Pointer(id=name, domain=PRECISION, label=label, value=chance, said=said)


def _percent(share: float) -> str:
    if share < 0.01:
        return "below 1%"
    return "above 99%" if share > 0.99 else f"{100 * share:.0f}%"


def _fragility(model: Model, analysis: AnalysisOut) -> Iterator[Pointer]:
    """How many outcomes a significant pooled ratio hangs on; nothing where people are not counted."""
    rows = analysis.contrasts
    if analysis.measure != "RR" or not analysis.pool.pooled or len(rows) < model.headline_k:
        return
    if any(row.events_experimental is None for row in rows):
        return
    found = stats.fragility_of_pool(
        [row.events_experimental or 0 for row in rows],
        [row.n_experimental or 0 for row in rows],
        [row.events_control or 0 for row in rows],
        [row.n_control or 0 for row in rows],
        measure="RR",
        tau2=model.tau2,
        interval=model.interval,
        alpha=1 - model.level,
        most=FRAGILE,
    )
    if isinstance(found, stats.NotEstimable):
        said, value = found.reason, None
    elif found.index is None:
        said, value = found.why, None
    else:
        people = "one person's outcome" if found.index == 1 else f"{spelled(found.index)} people's outcomes"
        said, value = f"{people} changed would take the interval to no difference", float(found.index)
    yield Pointer(id="fragility", domain=PRECISION, label="Fragility", value=value, said=said)


def _publication(model: Model, analysis: AnalysisOut) -> Pointer:
    few = len(analysis.contrasts) < model.funnel_k
    said = (
        f"too few studies to test ({spelled(len(analysis.contrasts))}; {spelled(model.funnel_k)} are needed)"
        if few
        else "see the small-study tests beside this analysis"
    )
    return Pointer(id="small-studies", domain=PUBLICATION, label="Small-study tests", said=said)


def _unverified(analysis: AnalysisOut) -> Pointer:
    rows = analysis.contrasts
    count = sum(row.standing == "unverified" for row in rows)
    of = f"{spelled(len(rows))} {'number' if len(rows) == 1 else 'numbers'}"
    said = f"{spelled(count)} of {of} {'rests' if count == 1 else 'rest'} on one source"
    return Pointer(id="unverified", domain=SOURCES, label="Unverified numbers", value=float(count), said=said)
