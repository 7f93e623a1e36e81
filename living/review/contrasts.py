"""From a reading to one study's effect and standard error, with every step on the way recorded."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.numbers import (
    CI,
    SD,
    SE,
    ArmMean,
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    NotReported,
    Numbers,
    PairedDifference,
    PairedMeans,
    Precision,
    PValue,
    Quartiles,
    ReportedContrast,
    TestT,
)
from living.model.protocol import Measure, Model
from living.model.snapshot import Derivation
from living.review.formulas import NotDerivable, Trail
from living.review.readings import Reading

RATIOS = frozenset({"RR", "OR", "IRR"})
FROM_ARMS = {"MD": "md_from_arms", "SMD-d": "d_from_arms", "SMD-g": "g_from_arms"}
PAIRED = {"MD": "md_paired", "SMD-d": "d_paired_average_sd", "SMD-g": "g_paired_average_sd"}
COUNTS = {"RR": "log_rr", "OR": "log_or", "RD": "rd"}
NO_EVENTS = "no events in either arm: a ratio cannot be estimated"


@dataclass(frozen=True)
class Contrast:
    """One study's effect (ratios as logarithms), the steps to it, and what a reader must know of it."""

    reading: Reading
    estimate: float
    se: float
    n_experimental: int | None
    n_control: int | None
    derivations: tuple[Derivation, ...]
    flags: tuple[str, ...] = ()


def contrast(
    reading: Reading, measure: Measure, model: Model, to_unit: float = 1.0, r: float | None = None
) -> Contrast:
    """Return a study's effect under a measure, in the outcome's unit.

    `to_unit` multiplies points of the study's scale into that unit (only a mean difference has one). `r`
    replaces the model's imputed within-person correlation. Raises NotDerivable with the reason when the
    reported numbers do not give this measure.
    """
    trail = Trail()
    flags: list[str] = []
    paired_r = model.paired_r if r is None else r
    estimate, se = _effect(reading.numbers, measure, trail, flags, paired_r, model)
    if measure == "MD" and to_unit != 1.0:
        (estimate,) = trail.take("scaled", value=estimate, factor=to_unit)
        (se,) = trail.take("scaled", value=se, factor=to_unit)
    n_experimental, n_control = sizes(reading.numbers)
    return Contrast(reading, estimate, se, n_experimental, n_control, tuple(trail.steps), tuple(flags))


def sizes(numbers: Numbers) -> tuple[int | None, int | None]:
    """Return the people analysed in each arm; a crossover's people stand in both."""
    match numbers:
        case ArmMeans(experimental=one, control=two):
            return one.n, two.n
        case PairedDifference(n=n) | PairedMeans(n=n):
            return n, n
        case EventCounts(experimental=first, control=second):
            return first.total, second.total
        case ReportedContrast(n_experimental=n_experimental, n_control=n_control):
            return n_experimental, n_control
        case EventRates() | NoNumbers():
            return None, None


def _effect(
    numbers: Numbers, measure: Measure, trail: Trail, flags: list[str], paired_r: float | None, model: Model
) -> tuple[float, float]:
    match numbers:
        case ArmMeans():
            return _arm_means(numbers, measure, trail, flags)
        case PairedDifference():
            return _paired_difference(numbers, measure, trail, flags)
        case PairedMeans():
            return _paired_means(numbers, measure, trail, flags, paired_r)
        case EventCounts():
            return _event_counts(numbers, measure, trail, flags, model)
        case EventRates():
            return _event_rates(numbers, measure, trail, flags, model)
        case ReportedContrast():
            return _reported(numbers, measure, trail)
        case NoNumbers(reason=reason):
            raise NotDerivable(reason)


def _arm_means(numbers: ArmMeans, measure: Measure, trail: Trail, flags: list[str]) -> tuple[float, float]:
    m1, sd1 = _mean_sd(numbers.experimental, trail, flags)
    m2, sd2 = _mean_sd(numbers.control, trail, flags)
    inputs = {
        "m1": m1,
        "sd1": sd1,
        "n1": numbers.experimental.n,
        "m2": m2,
        "sd2": sd2,
        "n2": numbers.control.n,
    }
    if measure not in FROM_ARMS:
        raise NotDerivable(f"means do not give a {measure}")
    estimate, se = trail.take(FROM_ARMS[measure], **inputs)
    return estimate, se


def _mean_sd(arm: ArmMean, trail: Trail, flags: list[str]) -> tuple[float, float]:
    match arm.spread:
        case SD(sd=sd):
            return arm.mean, sd
        case SE(se=se):
            return arm.mean, trail.take("sd_from_se", se=se, n=arm.n)[0]
        case CI(low=low, high=high, level=level, df=None):
            return arm.mean, trail.take("sd_from_ci_z", low=low, high=high, n=arm.n, level=level)[0]
        case CI(low=low, high=high, level=level):
            return arm.mean, trail.take("sd_from_ci_t", low=low, high=high, n=arm.n, level=level)[0]
        case NotReported():
            raise NotDerivable("means are given without a standard deviation, standard error or interval")
        case Quartiles(q1=q1, q3=q3):
            flags.append("mean and SD estimated from median and quartiles")
            mean = trail.take("mean_from_quartiles_luo", q1=q1, median=arm.mean, q3=q3, n=arm.n)[0]
            return mean, trail.take("sd_from_quartiles_wan", q1=q1, q3=q3, n=arm.n)[0]


def _paired_difference(
    numbers: PairedDifference, measure: Measure, trail: Trail, flags: list[str]
) -> tuple[float, float]:
    se = _se(numbers.difference, numbers.precision, trail)
    if measure == "MD":
        if numbers.values == "percent_change":
            raise NotDerivable("reported as percent change, which is not in points of the scale")
        return numbers.difference, se
    if measure not in PAIRED:
        raise NotDerivable(f"a paired difference does not give a {measure}")
    if numbers.sd_experimental is None or numbers.sd_control is None:
        raise NotDerivable("the SDs of the two periods are not reported")
    sds = {"sd1": numbers.sd_experimental, "sd2": numbers.sd_control}
    (r,) = trail.take("r_from_paired_se", se=se, n=numbers.n, **sds)
    flags.append(f"within-person correlation {r:.2f} derived from the reported difference")
    estimate, error = trail.take(PAIRED[measure], difference=numbers.difference, n=numbers.n, r=r, **sds)
    return estimate, error


def _paired_means(
    numbers: PairedMeans, measure: Measure, trail: Trail, flags: list[str], paired_r: float | None
) -> tuple[float, float]:
    r = numbers.r
    if r is None:
        if paired_r is None:
            raise NotDerivable("crossover without a reported correlation, and the protocol imputes none")
        r = paired_r
        flags.append(f"within-person correlation {r:g} imputed")
    inputs = {
        "difference": numbers.mean_experimental - numbers.mean_control,
        "sd1": numbers.sd_experimental,
        "sd2": numbers.sd_control,
        "n": numbers.n,
        "r": r,
    }
    if measure == "MD" and numbers.values == "percent_change":
        raise NotDerivable("reported as percent change, which is not in points of the scale")
    if measure not in PAIRED:
        raise NotDerivable(f"paired means do not give a {measure}")
    estimate, se = trail.take(PAIRED[measure], **inputs)
    return estimate, se


def _event_counts(
    numbers: EventCounts, measure: Measure, trail: Trail, flags: list[str], model: Model
) -> tuple[float, float]:
    one, two = numbers.experimental, numbers.control
    if measure not in COUNTS:
        raise NotDerivable(f"participants with an event do not give a {measure}")
    if one.events == 0 == two.events and measure != "RD":
        raise NotDerivable(NO_EVENTS)
    adds = model.zero_cells == "add_half_when_any"
    if adds and _has_empty_cell(numbers):
        flags.append("0.5 added to every cell because one is empty")
    inputs = {"events1": one.events, "n1": one.total, "events2": two.events, "n2": two.total}
    estimate, se = trail.take(COUNTS[measure] + ("" if adds else "_no_half"), **inputs)
    return estimate, se


def _has_empty_cell(numbers: EventCounts) -> bool:
    return any(arm.events in (0, arm.total) for arm in (numbers.experimental, numbers.control))


def _event_rates(
    numbers: EventRates, measure: Measure, trail: Trail, flags: list[str], model: Model
) -> tuple[float, float]:
    one, two = numbers.experimental, numbers.control
    if measure != "IRR":
        raise NotDerivable(f"events (not participants) do not give a {measure}")
    if one.person_weeks is None or two.person_weeks is None:
        raise NotDerivable("events are counted but person-time is not reported")
    if one.events == 0 == two.events:
        raise NotDerivable(NO_EVENTS)
    inputs = {
        "events1": one.events,
        "time1": one.person_weeks,
        "events2": two.events,
        "time2": two.person_weeks,
    }
    adds = model.zero_cells == "add_half_when_any"
    if adds and 0 in (one.events, two.events):
        flags.append("0.5 added to both counts because one is zero")
    estimate, se = trail.take("log_irr" + ("" if adds else "_no_half"), **inputs)
    return estimate, se


def _reported(numbers: ReportedContrast, measure: Measure, trail: Trail) -> tuple[float, float]:
    reported = numbers.measure
    if measure in RATIOS and reported == measure:
        return _reported_ratio(numbers, trail)
    if measure == "MD" and reported == "MD":
        return numbers.estimate, _se(numbers.estimate, numbers.precision, trail)
    if measure == "SMD-d" and reported == "SMD":
        return numbers.estimate, _se(numbers.estimate, numbers.precision, trail)
    if measure in ("SMD-d", "SMD-g") and reported == "MD":
        if numbers.n_experimental is None or numbers.n_control is None:
            raise NotDerivable("the numbers analysed in each arm are not reported")
        se = _se(numbers.estimate, numbers.precision, trail)
        inputs = {
            "difference": numbers.estimate,
            "se": se,
            "n1": numbers.n_experimental,
            "n2": numbers.n_control,
        }
        estimate, error = trail.take(
            "d_from_difference" if measure == "SMD-d" else "g_from_difference", **inputs
        )
        return estimate, error
    raise NotDerivable(f"a reported {reported} does not give a {measure}")


def _reported_ratio(numbers: ReportedContrast, trail: Trail) -> tuple[float, float]:
    if not isinstance(numbers.precision, CI):
        raise NotDerivable("a reported ratio is used with its interval; none is given")
    ci = numbers.precision
    if ci.low <= 0:
        raise NotDerivable("the interval of a ratio must lie above zero")
    (estimate,) = trail.take("log_estimate_from_ci", low=ci.low, high=ci.high)
    (se,) = trail.take("log_se_from_ci_z", low=ci.low, high=ci.high, level=ci.level)
    return estimate, se


def _se(estimate: float, precision: Precision, trail: Trail) -> float:
    match precision:
        case SE(se=se):
            return se
        case CI(low=low, high=high, level=level, df=None):
            return trail.take("se_from_ci_z", low=low, high=high, level=level)[0]
        case CI(low=low, high=high, level=level, df=df) if df is not None:
            return trail.take("se_from_ci_t", low=low, high=high, level=level, df=df)[0]
        case TestT(t=t):
            return trail.take("se_from_t", estimate=estimate, t=t)[0]
        case PValue(p=p, df=None):
            return trail.take("se_from_p_z", estimate=estimate, p=p)[0]
        case PValue(p=p, df=df) if df is not None:
            return trail.take("se_from_p_t", estimate=estimate, p=p, df=df)[0]
    raise NotDerivable("no standard error, interval, t or P is reported")
