"""Topics of any number of invented studies with everything that can be drawn, computed by the engine."""

import math
from typing import Any

from living.model.judgements import DomainOut, RobOut
from living.model.protocol import Model
from living.model.snapshot import (
    AnalysisOut,
    ContrastOut,
    PoolOut,
    SensitivityOut,
    Snapshot,
    StudyOut,
    SubgroupLevelOut,
    SubgroupOut,
)
from living.model.supplement import (
    Anytime,
    AsymmetryTest,
    Companion,
    EStep,
    Look,
    Omitted,
    Sequential,
    Step,
    Supplement,
)
from living.review.pools import pool, weights
from tests.unit.publish import snapshots

EFFECTS = (-0.34, 0.88, 0.49, -1.1, -0.62, 0.15, -0.9, -0.41, 0.3, -1.6, -0.05, -0.72)
ERRORS = (0.311, 0.806, 0.416, 0.55, 0.28, 0.62, 0.71, 0.34, 0.45, 0.93, 0.22, 0.5)
MODEL = Model(tau2="REML", interval="HK-guarded")
WALD = Model(tau2="DL", interval="wald")
LIGHTS = ("low", "some_concerns", "high", "low", "low")
NAMES = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ironwood-Hawthorne", "Juniper",
    "Larch", "Maple",
)  # fmt: skip


def study(at: int, judged: bool) -> StudyOut:
    base = snapshots.final()
    rob = RobOut(
        result="pain",
        overall=("low", "high", "some_concerns")[at % 3],
        domains=tuple(
            DomainOut(id=f"D{n + 1}", judgement=LIGHTS[(at + n) % 5], reason="an invented reason")
            for n in range(5)
        ),
        by="p-1",
        at="2026-01-02T06:00:00Z",
        stale=at == 4,
    )
    key = f"pubmed:9000{at:04d}"
    return base.model_copy(
        update={
            "key": key,
            "slug": f"{NAMES[at].lower()}-{2010 + at}",
            "label": f"{NAMES[at]} {2010 + at}",
            "available_from": f"{2010 + at}-0{at % 9 + 1}",
            "reports": (base.reports[0].model_copy(update={"record": key}),),
            "cells": (base.cells[0],),
            "rob": (rob,) if judged and at % 4 != 3 else (),
        }
    )


def rows(k: int, ratio: bool) -> tuple[ContrastOut, ...]:
    found = []
    for at in range(k):
        counts = {"events_experimental": 12 + at, "events_control": 17} if ratio else {}
        flags = ("within-person correlation 0.5 imputed",) if at % 5 == 1 else ()
        se = ERRORS[at]
        found.append(
            snapshots.line(
                study(at, False),
                EFFECTS[at],
                EFFECTS[at] - snapshots.Z * se,
                EFFECTS[at] + snapshots.Z * se,
                (40 + at, 41),
                standing="unverified" if at % 3 == 0 else "agreed",
                flags=flags,
                **counts,
            )
        )
    if k < 3:
        return tuple(found)
    shares = weights(found, MODEL)
    return tuple(one.model_copy(update={"weight": share}) for one, share in zip(found, shares, strict=True))


def supplement(every: tuple[ContrastOut, ...]) -> Supplement:
    steps, omitted, anytime, looks = [], [], [], []
    for at, one in enumerate(every):
        day = f"{2010 + at}-0{at % 9 + 1}"
        now = pool(every[: at + 1], MODEL)
        steps.append(
            Step(
                study=one.study,
                label=one.label,
                available=day,
                k=at + 1,
                estimate=now.estimate,
                low=now.low,
                high=now.high,
                reason=now.reason,
            )
        )
        rest = pool(every[:at] + every[at + 1 :], MODEL)
        omitted.append(
            Omitted(
                study=one.study,
                label=one.label,
                estimate=rest.estimate,
                low=rest.low,
                high=rest.high,
                reason=rest.reason,
            )
        )
        middle, half = now.estimate or one.estimate, 4.0 / math.sqrt(at + 1)
        known = at > 0
        anytime.append(
            EStep(
                study=one.study,
                label=one.label,
                available=day,
                log10_e=0.1 * at - 0.3,
                low=middle - half if known else None,
                high=middle + half if known else None,
            )
        )
        fraction = 0.09 * (at + 1)
        looks.append(
            Look(
                label=one.label,
                available=day,
                k=at + 1,
                fraction=fraction,
                z=-0.4 * (at + 1) + (at % 2),
                boundary=2.0 / math.sqrt(min(fraction, 1.0)),
                crossed=at >= 9,
            )
        )
    tests = (
        AsymmetryTest(id="egger", label="Egger's regression", statistic=-1.21, p=0.2541),
        AsymmetryTest(id="begg", label="Rank correlation", reason="not for ratios of counts"),
    )
    return Supplement(
        cumulative=tuple(steps),
        omitted=tuple(omitted),
        asymmetry=tests if len(every) >= 10 else (),
        companion=Companion(
            looks=len(every),
            anytime=Anytime(
                method="normal mixture",
                null="no difference",
                level=0.95,
                prior_sd=1.0,
                log10_e=anytime[-1].log10_e,
                low=anytime[-1].low,
                high=anytime[-1].high,
                steps=tuple(anytime),
            ),
            sequential=Sequential(
                difference=1.0,
                alpha=0.05,
                beta=0.1,
                diversity=41.0,
                required=1200,
                people=900,
                fraction=looks[-1].fraction,
                looks=tuple(looks),
            ),
            caution="Supplementary: the headline never follows from it.",
        ),
    )


def others(every: tuple[ContrastOut, ...]) -> tuple[SensitivityOut, ...]:
    names = tuple(one.label for one in every)

    def other(name: str, label: str, found: PoolOut) -> SensitivityOut:
        return SensitivityOut(id=name, label=label, pool=found, studies=names)

    return (
        other(
            "dl-wald", "DerSimonian-Laird with Wald interval", pool(every, Model(tau2="DL", interval="wald"))
        ),
        other("pm", "Paule-Mandel", pool(every, Model(tau2="PM", interval="HK-guarded"))),
        other("low-risk", "Low risk of bias only", pool(every[:1], MODEL)),
    )


def split(every: tuple[ContrastOut, ...]) -> SubgroupOut:
    half = len(every) // 2
    parts = (("low", "Below 5 mg a day", every[:half]), ("high", "5 to 6 mg a day", every[half:]))
    return SubgroupOut(
        id="dose",
        label="Dose",
        levels=tuple(
            SubgroupLevelOut(
                id=name, label=label, studies=tuple(one.label for one in part), pool=pool(part, MODEL)
            )
            for name, label, part in parts
        ),
        test="not tested: a test needs 10 studies and 3 in each group",
    )


def analysis(k: int, ratio: bool, name: str = "pain") -> AnalysisOut:
    every = rows(k, ratio)
    found = pool(every, MODEL, minimum=3)
    facts: dict[str, Any] = {
        "role": "primary",
        "important_difference": 1.25 if ratio else 1.0,
        "sensitivity": others(every),
        "subgroups": (split(every),),
        "supplement": supplement(every),
        "funnel": "" if k >= 10 else "no funnel plot or small-study test with fewer than 10 studies",
    }
    make = snapshots.ratio if ratio else snapshots.analysis
    return make(name, f"{name.capitalize()} intensity", every, found, **facts)


def topic(k: int, ratio: bool = False, judged: bool = True, analyses: int = 1) -> Snapshot:
    """Return a version of a topic with k studies in each of its analyses."""
    base = snapshots.v2()
    names = ("pain", "function", "sleep", "mood")[:analyses]
    comparison = base.comparisons[0].model_copy(
        update={"analyses": tuple(analysis(k, ratio, name) for name in names)}
    )
    studies = snapshots.screened((*(study(at, judged) for at in range(k)), *snapshots.others()))
    return base.model_copy(
        update={
            "comparisons": (comparison,),
            "studies": studies,
            "flow": snapshots.flow(studies, k),
        }
    )
