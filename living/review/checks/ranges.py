"""Means, differences and SDs against the ends of the scale they were measured on."""

from __future__ import annotations

from living import stats
from living.model.numbers import ArmMean, ArmMeans, PairedDifference, PairedMeans, Quartiles, ReportedContrast
from living.model.protocol import Scale
from living.review.checks.finding import Case, Findings, found, shown
from living.review.checks.sides import Side, sides

TENTH = 0.1  # of a scale: values that all lie below may be of a scale a tenth as long


def mean_range(case: Case) -> Findings:
    """A level lies on its scale."""
    scale = case.scale
    if scale is None or case.extraction.cell.estimand != "final":
        return
    for side in sides(case.extraction.numbers):
        if not scale.low <= side.mean <= scale.high:
            saw = f"a mean of {shown(side.mean)} cannot be on {scale.label}"
            yield found("mean_range", side.mean_field, saw, _longer(case, scale, side.mean))
    for field, arm in _with_quartiles(case):
        for name, value in arm.spread.model_dump(exclude={"by"}).items():
            if not scale.low <= value <= scale.high:
                saw = f"a quartile of {shown(value)} cannot be on {scale.label}"
                yield found("mean_range", f"{field}.spread.{name}", saw, _longer(case, scale, value))


def change_range(case: Case) -> Findings:
    """A difference is no longer than its scale."""
    scale = case.scale
    if scale is None or case.extraction.cell.estimand == "percent_change":
        return
    for field, value in _differences(case):
        if abs(value) > scale.high - scale.low:
            saw = f"a difference of {shown(value)} cannot be on {scale.label}"
            yield found("change_range", field, saw, _longer(case, scale, abs(value) + scale.low))


def sd_range(case: Case) -> Findings:
    """Values on a scale with this mean have an SD up to a certain size; exact for so many people."""
    scale = case.scale
    if scale is None or case.extraction.cell.estimand == "percent_change":
        return
    low, high = _ends(case, scale)
    for side in sides(case.extraction.numbers):
        if side.median or side.n < 2 or not low <= side.mean <= high:
            continue
        if side.sd is not None and (most := _exceeded(case, side, side.sd, low, high)) is not None:
            saw = f"an SD of {shown(side.sd)} cannot be on {scale.label}: with a mean of {shown(side.mean)} "
            saw += f"and n = {side.n} it is at most {shown(most)}"
            yield found("sd_range", side.spread_field, saw)
        if side.implied is not None and (most := _exceeded(case, side, side.implied, low, high)) is not None:
            saw = f"the spread means an SD of {shown(side.implied)}, and on {scale.label} with n = {side.n} "
            saw += f"it is at most {shown(most)}"
            yield found("sd_for_se", side.spread_field, saw)


def scale_length(case: Case) -> Findings:
    """Final values that all lie in the lowest tenth of a scale of which there is a shorter kind."""
    scale, both = case.scale, sides(case.extraction.numbers)
    if scale is None or case.extraction.cell.estimand != "final" or not both:
        return
    shorter = [item for item in _sisters(case) if _length(item) * 10 == _length(scale)]
    top = scale.low + TENTH * _length(scale)
    small = all(side.sd is None or side.sd <= TENTH * _length(scale) / 2 for side in both)
    if shorter and small and all(side.mean <= top for side in both):
        means = " and ".join(shown(side.mean) for side in both)
        saw = f"means of {means} on {scale.label}"
        yield found("scale_length", "cell.scale", saw, f"Was it {shorter[0].label} ({shorter[0].id})?")


def _ends(case: Case, scale: Scale) -> tuple[float, float]:
    """Between what one person's value can lie: on the scale, or a change either way."""
    if case.extraction.cell.estimand == "change":
        return -_length(scale), _length(scale)
    return scale.low, scale.high


def _exceeded(case: Case, side: Side, sd: float, low: float, high: float) -> float | None:
    """The largest SD that is possible, where the entered one is larger."""
    mean, printed = case.text_of(side.mean), case.text_of(sd)
    check = stats.sd_in_range(mean, printed, side.n, low, high)
    return None if check.consistent else check.high


def _differences(case: Case) -> tuple[tuple[str, float], ...]:
    match case.extraction.numbers:
        case ReportedContrast(measure="MD", estimate=estimate):
            return (("numbers.estimate", estimate),)
        case PairedDifference(difference=difference):
            return (("numbers.difference", difference),)
        case ArmMeans(values="change") | PairedMeans(values="change") as numbers:
            return tuple((side.mean_field, side.mean) for side in sides(numbers))
        case _:
            return ()


def _with_quartiles(case: Case) -> tuple[tuple[str, ArmMean], ...]:
    numbers = case.extraction.numbers
    if not isinstance(numbers, ArmMeans):
        return ()
    arms = (("numbers.experimental", numbers.experimental), ("numbers.control", numbers.control))
    return tuple((field, arm) for field, arm in arms if isinstance(arm.spread, Quartiles))


def _longer(case: Case, scale: Scale, value: float) -> str:
    """Another scale of this outcome on which the value could be."""
    for item in _sisters(case):
        if item.low <= value <= item.high and _length(item) > _length(scale):
            return f"Was it {item.label} ({item.id})?"
    return ""


def _sisters(case: Case) -> list[Scale]:
    ids = case.outcome.scales if case.outcome else ()
    return [item for item in case.protocol.scales if item.id in ids and item != case.scale]


def _length(scale: Scale) -> float:
    return scale.high - scale.low


CHECKS = (mean_range, change_range, sd_range, scale_length)
