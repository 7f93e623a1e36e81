"""Risk of bias (RoB 2): one light for each study and domain, and how many of each there are per domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from living.model.judgements import RobOut
from living.model.snapshot import AnalysisOut, ContrastOut, StudyOut
from living.publish.light import JUDGEMENTS, NOT_JUDGED, Light, kind_of

WIDTH = 360.0
LEFT = 148.0
ROW, TOP = 30.0, 34.0
BAR_LEFT, BAR_RIGHT = 36.0, 356.0
# The domains of RoB 2 in the tool's order, with those for cluster and crossover trials (own short names).
DOMAINS = {
    "D1": "randomisation",
    "D1b": "recruitment into clusters",
    "DS": "period and carry-over",
    "D2": "deviations from the assigned treatment",
    "D3": "missing outcome data",
    "D4": "measurement of the outcome",
    "D5": "selection of the reported result",
}
ALIASES = {
    "randomisation": "D1",
    "randomization": "D1",
    "period": "DS",
    "carryover": "DS",
    "carry_over": "DS",
    "crossover": "DS",
    "S": "DS",
    "deviations": "D2",
    "missing": "D3",
    "measurement": "D4",
    "selection": "D5",
}


Lights = Mapping[str, RobOut]


@dataclass(frozen=True)
class Spot:
    """A light where it stands; `name` is short for its column."""

    light: Light
    x: float
    name: str = ""


@dataclass(frozen=True)
class StudyLights:
    """One study's row: a light for each domain, then the overall one."""

    contrast: ContrastOut
    y: float
    spots: tuple[Spot, ...]
    judged: RobOut | None


@dataclass(frozen=True)
class Column:
    id: str
    label: str
    x: float

    @property
    def said(self) -> str:
        """The id with what it stands for, where that is known."""
        return self.label if self.id == "overall" or self.label == self.id else f"{self.id} {self.label}"


@dataclass(frozen=True)
class Share:
    """One piece of a bar: how many studies of how many have this judgement."""

    light: Light
    count: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Bar:
    column: Column
    y: float
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Tally:
    """How many studies have one judgement, column by column."""

    light: Light
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Traffic:
    """The lights of an analysis, study by study."""

    id: str
    analysis: AnalysisOut
    width: float
    height: float
    columns: tuple[Column, ...]
    rows: tuple[StudyLights, ...]
    kinds: tuple[Spot, ...]
    stale: bool

    @property
    def key_y(self) -> float:
        return self.height - (36 if self.stale else 16)


@dataclass(frozen=True)
class Summary:
    """The same judgements, counted: a bar for each domain."""

    id: str
    analysis: AnalysisOut
    width: float
    height: float
    bars: tuple[Bar, ...]
    kinds: tuple[Spot, ...]
    tallies: tuple[Tally, ...]

    @property
    def key_y(self) -> float:
        return self.height - 16


def judged(studies: Sequence[StudyOut], analysis: AnalysisOut) -> dict[str, RobOut]:
    """Return each study's judgement of the result that an analysis uses, of those that people made."""
    known = {study.key: study.rob for study in studies}
    found = {one.study: _of_result(known.get(one.study, ()), analysis, one) for one in analysis.contrasts}
    return {study: judgement for study, judgement in found.items() if judgement is not None}


def overall(judgement: RobOut | None) -> Light:
    return NOT_JUDGED if judgement is None else Light(kind_of(judgement.overall), stale=judgement.stale)


def domain_of(text: str) -> str:
    """Return the RoB 2 domain that an id means; an unknown id stays as it is."""
    word = text.strip()
    return word if word in DOMAINS else ALIASES.get(word.lower(), ALIASES.get(word, word))


def traffic(analysis: AnalysisOut, found: Lights) -> Traffic | None:
    """Lay out the lights of an analysis; None when nothing in it has been judged."""
    if not found:
        return None
    columns = _columns(found)
    rows = tuple(
        _row(contrast, TOP + ROW * (at + 0.5), found.get(contrast.study), columns)
        for at, contrast in enumerate(analysis.contrasts)
    )
    stale = any(judgement.stale for judgement in found.values())
    kinds = {spot.light.kind for row in rows for spot in row.spots}
    return Traffic(
        id=f"rob-{analysis.id}",
        analysis=analysis,
        width=WIDTH,
        height=TOP + ROW * len(rows) + (60 if stale else 40),
        columns=columns,
        rows=rows,
        kinds=_key(kinds),
        stale=stale,
    )


def summary(lights: Traffic) -> Summary:
    """Lay out how many studies have each judgement, domain by domain."""
    columns = lights.columns
    return Summary(
        id=f"rob-summary-{lights.analysis.id}",
        analysis=lights.analysis,
        width=WIDTH,
        height=8 + ROW * len(columns) + 40,
        bars=tuple(_bar(one, 8 + ROW * (at + 0.5), lights.rows, at) for at, one in enumerate(columns)),
        kinds=lights.kinds,
        tallies=tuple(Tally(one.light, _counts(lights, one.light.kind)) for one in lights.kinds),
    )


def _of_result(rob: Sequence[RobOut], analysis: AnalysisOut, one: ContrastOut) -> RobOut | None:
    """The latest judgement of the very cell, else of the outcome, else of the study as a whole."""
    for meant in (one.cell, analysis.outcome, ""):
        matching = [item for item in rob if item.result == meant]
        if matching:
            return matching[-1]
    return None


def _counts(lights: Traffic, kind: str) -> tuple[int, ...]:
    return tuple(
        sum(row.spots[at].light.kind == kind for row in lights.rows) for at in range(len(lights.columns))
    )


def _key(kinds: set[str]) -> tuple[Spot, ...]:
    """Return the signs that a figure uses, one after the other beneath it."""
    starts = {"low": 0.0, "some": 56.0, "high": 182.0, "none": 246.0}
    return tuple(Spot(Light(kind), starts[kind]) for kind in JUDGEMENTS if kind in kinds)


def _columns(found: Lights) -> tuple[Column, ...]:
    named = {domain_of(domain.id): "" for judgement in found.values() for domain in judgement.domains}
    order = [*(name for name in DOMAINS if name in named), *(name for name in named if name not in DOMAINS)]
    ids = [*order, "overall"]
    step = (WIDTH - LEFT) / len(ids)
    return tuple(
        Column(name, DOMAINS.get(name, "all in all" if name == "overall" else name), LEFT + step * (at + 0.5))
        for at, name in enumerate(ids)
    )


def _row(contrast: ContrastOut, y: float, judgement: RobOut | None, columns: Sequence[Column]) -> StudyLights:
    said = {domain_of(item.id): item for item in judgement.domains} if judgement else {}
    spots = []
    for column in columns[:-1]:
        item = said.get(column.id)
        light = Light(kind_of(item.judgement), item.reason) if item else NOT_JUDGED
        spots.append(Spot(light, column.x, column.id))
    spots.append(Spot(overall(judgement), columns[-1].x, columns[-1].label))
    return StudyLights(contrast, y, tuple(spots), judgement)


def _bar(column: Column, y: float, rows: Sequence[StudyLights], at: int) -> Bar:
    kinds = [row.spots[at].light.kind for row in rows]
    counts = tuple(kinds.count(kind) for kind in JUDGEMENTS)
    shares, x = [], BAR_LEFT
    for kind, count in zip(JUDGEMENTS, counts, strict=True):
        width = count / len(rows) * (BAR_RIGHT - BAR_LEFT)
        if count:
            shares.append(Share(Light(kind), count, x, width))
        x += width
    return Bar(column, y, tuple(shares))
