"""The kinds of datum a report can give, which designs they can come from, and the fields each asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from living.model.facts import Design
from living.model.numbers import (
    ArmMeans,
    EventCounts,
    EventRates,
    NoNumbers,
    PairedDifference,
    PairedMeans,
    ReportedContrast,
)
from living.model.protocol import Outcome
from living.review.checks.designs import FIRST_PERIOD

Shape = (
    type[ArmMeans]
    | type[PairedDifference]
    | type[PairedMeans]
    | type[EventCounts]
    | type[EventRates]
    | type[ReportedContrast]
    | type[NoNumbers]
)
Kind = Literal["number", "whole", "choice", "text"]
SINGLE: tuple[Design, ...] = ("parallel", "cluster", "factorial", "multi_arm")
EVERY: tuple[Design, ...] = (*SINGLE, "crossover")
CROSSOVER: tuple[Design, ...] = ("crossover",)
NOTHING = "nothing"
LEVELS = (("95", "95%"), ("90", "90%"), ("99", "99%"))
WHY_NOTHING = (
    ("not_measured", "It was not measured"),
    ("no_usable_data", "It was measured, and nothing printed can be used"),
    ("authors_asked", "The authors have been asked"),
)


@dataclass(frozen=True)
class Asked:
    """One field of a datum. `path` leads to its place in the shape; `side` groups fields of one arm."""

    path: str
    label: str
    kind: Kind = "number"
    side: Literal["", "experimental", "control"] = ""
    needed: bool = True
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Datum:
    """A kind of datum: the shape it fills, what goes without asking, and the fields that are asked for."""

    id: str
    label: str
    shape: Shape
    types: tuple[str, ...]
    designs: tuple[Design, ...]
    asked: tuple[Asked, ...]
    estimands: tuple[str, ...]
    given: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    note: str = ""  # what the extraction's notes say of it, so that readers of the numbers know


def datums_for(outcome: Outcome, design: str) -> tuple[Datum, ...]:
    """Return the kinds of datum on offer: of this type of outcome, from this design.

    A crossover is offered paired shapes, or groups of its first period alone; never two independent groups.
    """
    return tuple(item for item in DATUMS if outcome.type in item.types and design in item.designs)


def datum_of(name: str) -> Datum | None:
    """Return the kind of datum of that id, or None."""
    return next((item for item in DATUMS if item.id == name), None)


def _arms(*asked: Asked) -> tuple[Asked, ...]:
    """Ask the same of both arms."""
    return tuple(
        replace(item, path=f"{side}.{item.path}", side=side)
        for side in ("experimental", "control")
        for item in asked
    )


N = Asked("n", "People analysed", "whole")
MEAN = Asked("mean", "Mean")
DF = Asked(
    "precision.df", "Degrees of freedom", needed=False, hint="Only where it is of a t test; else leave blank"
)
LEVEL = Asked("level", "Level of the interval", "choice", options=LEVELS)
_SPREADS: dict[str, tuple[str, tuple[Asked, ...]]] = {
    "sd": ("SDs", (Asked("spread.sd", "SD", hint="The spread between people, not of the mean"),)),
    "se": ("standard errors", (Asked("spread.se", "SE", hint="The standard error of the mean"),)),
    "ci": (
        "confidence intervals",
        (Asked("spread.low", "Interval, lower end"), Asked("spread.high", "Interval, upper end")),
    ),
    "quartiles": (
        "quartiles",
        (Asked("spread.q1", "Lower quartile"), Asked("spread.q3", "Upper quartile")),
    ),
    "not_reported": ("no spread", ()),
}
_PRECISIONS: dict[str, tuple[str, tuple[Asked, ...]]] = {
    "ci": (
        "its confidence interval",
        (
            Asked("precision.low", "Interval, lower end"),
            Asked("precision.high", "Interval, upper end"),
            LEVEL,
            DF,
        ),
    ),
    "se": ("its standard error", (Asked("precision.se", "Standard error"),)),
    "t": ("its t statistic", (Asked("precision.t", "t"), DF)),
    "p": ("its exact P value", (Asked("precision.p", "P", hint="Two-sided, exact as printed"), DF)),
    "not_reported": ("no precision", ()),
}


def _means() -> list[Datum]:
    found = []
    for by, (words, spread) in _SPREADS.items():
        middle = replace(MEAN, label="Median") if by == "quartiles" else MEAN
        label = f"{'Medians' if by == 'quartiles' else 'Means'} with {words}, an arm each"
        asked = (*_arms(N, middle, *spread), *((LEVEL,) if by == "ci" else ()))
        given = (("experimental.spread.by", by), ("control.spread.by", by))
        plain = Datum(
            f"means_{by}",
            label,
            ArmMeans,
            ("continuous",),
            SINGLE,
            asked,
            ("change", "final"),
            given,
        )
        found += [plain, _first_period(plain)]
    return found


def _first_period(plain: Datum) -> Datum:
    words = f"{plain.label[0].lower()}{plain.label[1:]}"
    return replace(
        plain,
        id=f"first_{plain.id}",
        label=f"First period only: {words}",
        designs=CROSSOVER,
        hint="Before the arms cross over they are two groups of different people. Never both periods.",
        note=f"{FIRST_PERIOD.capitalize()} only.",
    )


def _paired() -> list[Datum]:
    sds = tuple(
        Asked(f"sd_{side}", f"SD {words}", needed=False, hint="Where it is printed; a standardiser needs it")
        for side, words in (("experimental", "with the experimental"), ("control", "with the comparator"))
    )
    differences = [
        Datum(
            f"paired_{by}",
            f"Difference within people, with {words}",
            PairedDifference,
            ("continuous",),
            CROSSOVER,
            (
                Asked("n", "People with both periods", "whole"),
                Asked("difference", "Difference, experimental minus comparator"),
                *precision,
                *sds,
            ),
            ("change", "final", "percent_change"),
            (("precision.by", by),),
        )
        for by, (words, precision) in _PRECISIONS.items()
    ]
    means = Datum(
        "paired_means",
        "A mean and SD of each period, the same people in both",
        PairedMeans,
        ("continuous",),
        CROSSOVER,
        (
            Asked("n", "People with both periods", "whole"),
            Asked("mean_experimental", "Mean with the experimental"),
            Asked("sd_experimental", "SD with the experimental"),
            Asked("mean_control", "Mean with the comparator"),
            Asked("sd_control", "SD with the comparator"),
            Asked("r", "Correlation within people", needed=False, hint="Only where the report gives it"),
        ),
        ("change", "final", "percent_change"),
        hint="Standard errors are turned into SDs nowhere: enter them only as a difference.",
    )
    return [*differences, means]


_MEASURES = {
    "continuous": (("MD", "Mean difference"), ("SMD", "Standardised mean difference")),
    "binary": (("RR", "Risk ratio"), ("OR", "Odds ratio"), ("HR", "Hazard ratio")),
    "rate": (("IRR", "Ratio of rates"),),
}
_CONTRASTS = {"continuous": "Difference between the arms", "binary": "Ratio", "rate": "Ratio"}


def _contrasts() -> list[Datum]:
    return [
        Datum(
            f"{'contrast' if kind == 'continuous' else f'ratio_{kind}'}_{by}",
            f"{_CONTRASTS[kind]} as printed, with {words}",
            ReportedContrast,
            (kind,),
            EVERY,
            (
                Asked("measure", "Measure", "choice", options=measures),
                Asked("estimate", "Estimate, experimental minus comparator" if kind == "continuous"
                      else "Estimate, experimental over comparator, as printed (not its logarithm)"),
                *precision,
                Asked("n_experimental", "People analysed, experimental", "whole", needed=False),
                Asked("n_control", "People analysed, comparator", "whole", needed=False),
            ),
            ("adjusted", "change", "final") if kind == "continuous" else ("count",),
            (("precision.by", by),),
            hint="Of a cluster trial, take the one adjusted for clusters.",
        )
        for kind, measures in _MEASURES.items()
        for by, (words, precision) in _PRECISIONS.items()
    ]  # fmt: skip


def _events() -> list[Datum]:
    counts = Datum(
        "counts",
        "People with the event, an arm each",
        EventCounts,
        ("binary",),
        SINGLE,
        _arms(Asked("events", "People with the event", "whole"), Asked("total", "People counted", "whole")),
        ("count",),
        hint="People, not events: somebody with three headaches counts once.",
    )
    rates = Datum(
        "rates",
        "Events, with person-time where it is given",
        EventRates,
        ("rate",),
        EVERY,
        _arms(
            Asked("events", "Events", "whole"),
            Asked("person_weeks", "Person-weeks", needed=False, hint="Blank where the report does not say"),
        ),
        ("count",),
        hint="One person can have several. Without person-time they are described and not pooled.",
    )
    return [counts, _first_period(counts), rates]


DATUMS: tuple[Datum, ...] = (
    *_contrasts(),
    *_means(),
    *_paired(),
    *_events(),
    Datum(
        NOTHING,
        "Nothing that can be used",
        NoNumbers,
        ("continuous", "binary", "rate"),
        EVERY,
        (Asked("status", "Why", "choice", options=WHY_NOTHING), Asked("reason", "In a sentence", "text")),
        ("adjusted", "change", "final", "percent_change", "count"),
    ),
)
