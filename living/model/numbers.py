"""The shapes in which a trial report gives numbers; each its own class, so none is mistaken for another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from living.model.values import Count, Num, Text, Value

Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Level = Annotated[float, Field(strict=True, gt=0.5, lt=1)]
Size = Annotated[int, Field(strict=True, ge=1)]
Estimand = Literal["adjusted", "change", "final"]
Ratio = Literal["RR", "OR", "IRR", "HR"]


class SD(Value):
    by: Literal["sd"] = "sd"
    sd: Positive


class SE(Value):
    by: Literal["se"] = "se"
    se: Positive


class CI(Value):
    """A confidence interval; `df` says it is a t interval, absent means z."""

    by: Literal["ci"] = "ci"
    low: Num
    high: Num
    level: Level = 0.95
    df: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> CI:
        if not self.low < self.high:
            raise ValueError(f"the interval {self.low:g} to {self.high:g} is empty or reversed")
        return self


class TestT(Value):
    """A t statistic of the estimate against zero."""

    __test__ = False
    by: Literal["t"] = "t"
    t: Num
    df: Positive | None = None


class PValue(Value):
    """A two-sided P value, exact as printed; `df` says it is of a t test."""

    by: Literal["p"] = "p"
    p: Annotated[float, Field(strict=True, gt=0, lt=1)]
    df: Positive | None = None


class Quartiles(Value):
    """Median and quartiles in place of mean and SD."""

    by: Literal["quartiles"] = "quartiles"
    q1: Num
    q3: Num


class NotReported(Value):
    """The source gives the value and no spread: it can be shown, and pooled only by a declared assumption."""

    by: Literal["not_reported"] = "not_reported"


Spread = Annotated[SD | SE | CI | Quartiles | NotReported, Field(discriminator="by")]
Precision = Annotated[SE | CI | TestT | PValue | NotReported, Field(discriminator="by")]


class ArmMean(Value):
    """One arm: people analysed, its mean (its median where `spread` is quartiles), and the spread."""

    n: Size
    mean: Num
    spread: Spread

    @model_validator(mode="after")
    def _inside(self) -> ArmMean:
        if isinstance(self.spread, CI) and not self.spread.low <= self.mean <= self.spread.high:
            raise ValueError(f"the mean {self.mean:g} lies outside its own interval")
        if isinstance(self.spread, Quartiles) and not self.spread.q1 <= self.mean <= self.spread.q3:
            raise ValueError(f"the median {self.mean:g} lies outside its own quartiles")
        return self


class ArmMeans(Value):
    """Two arms of means, of change or of final values."""

    shape: Literal["arm_means"] = "arm_means"
    values: Literal["change", "final"]
    experimental: ArmMean
    control: ArmMean


class PairedDifference(Value):
    """A crossover's within-person difference (experimental minus control), n people with both periods."""

    shape: Literal["paired_difference"] = "paired_difference"
    values: Literal["change", "final", "percent_change"]
    n: Size
    difference: Num
    precision: Precision
    sd_experimental: Positive | None = None
    sd_control: Positive | None = None


class PairedMeans(Value):
    """A crossover's two period means; `r` is the within-person correlation, absent when not reported."""

    shape: Literal["paired_means"] = "paired_means"
    values: Literal["change", "final", "percent_change"]
    n: Size
    mean_experimental: Num
    mean_control: Num
    sd_experimental: Positive
    sd_control: Positive
    r: Annotated[float, Field(strict=True, gt=-1, lt=1)] | None = None


class ArmEvents(Value):
    """Participants with at least one event, of those counted."""

    events: Count
    total: Size

    @model_validator(mode="after")
    def _possible(self) -> ArmEvents:
        if self.events > self.total:
            raise ValueError(f"{self.events} participants with the event of {self.total} cannot be")
        return self


class EventCounts(Value):
    shape: Literal["event_counts"] = "event_counts"
    experimental: ArmEvents
    control: ArmEvents


class ArmRate(Value):
    """Events (one person can have several) over person-time; without person-time they are described only."""

    events: Count
    person_weeks: Positive | None = None


class EventRates(Value):
    shape: Literal["event_rates"] = "event_rates"
    experimental: ArmRate
    control: ArmRate


class ReportedContrast(Value):
    """A between-arm estimate as printed, experimental minus (or over) control."""

    shape: Literal["reported_contrast"] = "reported_contrast"
    estimand: Estimand
    measure: Literal["MD", "SMD"] | Ratio = "MD"
    estimate: Num
    precision: Precision
    n_experimental: Size | None = None
    n_control: Size | None = None

    @model_validator(mode="after")
    def _coherent(self) -> ReportedContrast:
        if self.measure not in ("MD", "SMD") and self.estimate <= 0:
            raise ValueError(
                f"a ratio of {self.estimate:g} cannot be: ratios are entered as printed, not logged"
            )
        if isinstance(self.precision, CI) and not self.precision.low <= self.estimate <= self.precision.high:
            raise ValueError(f"the estimate {self.estimate:g} lies outside its own interval")
        return self


class NoNumbers(Value):
    """The cell was looked for and holds nothing that can be used, with the reason."""

    shape: Literal["no_numbers"] = "no_numbers"
    status: Literal["no_usable_data", "authors_asked", "not_measured"]
    reason: Text


Numbers = Annotated[
    ArmMeans | PairedDifference | PairedMeans | EventCounts | EventRates | ReportedContrast | NoNumbers,
    Field(discriminator="shape"),
]
