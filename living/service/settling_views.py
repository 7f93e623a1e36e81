"""What the page of an adjudicator shows: readings side by side, and in words where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from living.errors import UserError
from living.model.facts import Cell, Characteristics, Extraction, LedgerLine
from living.model.numbers import Numbers
from living.review.described import Description
from living.review.evidence import Evidence
from living.review.names import said
from living.review.settling import Item, differing, flat, settling
from living.review.typed import number
from living.service.accounts import names
from living.service.adjudicating import for_settling, numbers_like, why_not
from living.service.house import House
from living.service.topics import evidence_of

PLACES = {"experimental": "experimental arm", "control": "control arm", "spread": "", "precision": ""}
THINGS = {
    "shape": "kind of numbers",
    "by": "kind of spread",
    "n": "people analysed",
    "sd": "SD",
    "se": "SE",
    "low": "lower limit",
    "high": "upper limit",
    "level": "level of the interval",
    "df": "degrees of freedom",
    "q1": "lower quartile",
    "q3": "upper quartile",
    "p": "P value",
    "t": "t statistic",
    "r": "correlation within people",
    "total": "people counted",
    "n_experimental": "people, experimental arm",
    "n_control": "people, control arm",
}
SAID = {
    "arm_means": "means of two arms",
    "paired_difference": "a difference within people",
    "paired_means": "means of two periods in the same people",
    "event_counts": "people with events",
    "event_rates": "events over person-time",
    "reported_contrast": "a difference or ratio as printed",
    "no_numbers": "nothing usable",
    "sd": "SD",
    "se": "SE",
    "ci": "confidence interval",
    "t": "t statistic",
    "p": "P value",
    "not_reported": "not reported",
    "percent_change": "percent change",
    "no_usable_data": "no usable data",
    "authors_asked": "authors asked",
    "not_measured": "not measured",
}
FIXED = frozenset({"shape", "by", "values", "estimand", "status", "measure"})  # no report prints them
STANDINGS = {
    "agreed": "both say the same",
    "settled": "settled",
    "differ": "they differ",
    "only": "read by one person only",
}


@dataclass(frozen=True)
class FieldView:
    """One reported value. `path` names it in a form; `differs`: another reader says something else."""

    path: str
    label: str
    value: str
    differs: bool


@dataclass(frozen=True)
class QuoteView:
    report: str
    locator: str
    kind: str
    text: str


@dataclass(frozen=True)
class SideView:
    """One reader's reading of a cell."""

    by: str
    name: str
    at: str
    said: str
    population: str
    notes: str
    reasons: tuple[str, ...]
    fields: tuple[FieldView, ...]
    quotes: tuple[QuoteView, ...]

    @property
    def own(self) -> tuple[FieldView, ...]:
        """What an adjudicator can type instead: the values, not the form they come in."""
        return tuple(item for item in self.fields if item.path.rpartition(".")[2] not in FIXED)


@dataclass(frozen=True)
class CellView:
    """One cell; `differ` says in words where its readers differ. `ruled`: who settled it, and why."""

    number: int
    id: str
    title: str
    standing: str
    stamp: str
    differ: tuple[str, ...]
    sides: tuple[SideView, ...]
    said: str = ""
    ruled_by: str = ""
    ruled_why: str = ""


@dataclass(frozen=True)
class DescribedView:
    """One reader's description of the study, field by field."""

    by: str
    name: str
    fields: tuple[FieldView, ...]
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True)
class SettlingView:
    """A study before its adjudicator; `why_not`: why the viewer cannot; `blind`: cells not shown."""

    study: str
    label: str
    waiting: tuple[CellView, ...]
    folded: tuple[CellView, ...]
    blind: int
    described: tuple[DescribedView, ...]
    described_differ: tuple[str, ...]
    described_stamp: str
    described_why: str
    reports: tuple[tuple[str, str], ...]
    why_not: str

    @property
    def done(self) -> bool:
        return not self.waiting and not self.described_differ


def study_to_settle(house: House, topic: str, study: str, by: str) -> SettlingView:
    """Return what an adjudicator sees of a study. Raises NotAllowed before its readers have handed in."""
    evidence = evidence_of(house, topic)
    found = for_settling(evidence, study)
    called = names(house)
    cells = [_cell(evidence, item, n, called) for n, item in enumerate(found.items) if item.sides]
    waiting = {item.id for item in found.items if item.waits}
    described = found.description
    return SettlingView(
        study=found.study,
        label=evidence.label(found.study),
        waiting=tuple(cell for cell in cells if cell.id in waiting),
        folded=tuple(cell for cell in cells if cell.id not in waiting),
        blind=sum(item.standing == "blind" for item in found.items),
        described=_described(described, called) if described else (),
        described_differ=described.differ if described else (),
        described_stamp=described.stamp if described else "",
        described_why=described.what.settles if described and described.settled else "",
        reports=_reports(evidence, found.study),
        why_not=why_not(evidence, found.study, by),
    )


def own_numbers(
    house: House, topic: str, study: str, cell: str, side: str, typed: Mapping[str, str]
) -> Numbers:
    """Return the adjudicator's own numbers, in the form of one reader's. Raises UserError."""
    found = settling(evidence_of(house, topic), study)
    item = next((item for item in found.items if item.id == cell), None)
    reading = next((told for line, told in (item.sides if item else ()) if line.by == side), None)
    if reading is None:
        raise UserError("nobody of that name read this cell", where=cell, fix="Choose again")
    values: dict[str, str | float | int | None] = {}
    for path, before in flat(reading.numbers).items():
        told = typed.get(path)
        values[path] = before if told is None else _value(told.strip(), before, path, cell)
    return numbers_like(reading.numbers, values, cell)


def _value(text: str, before: object, path: str, cell: str) -> str | float | int | None:
    if not text and before is None:
        return None
    if isinstance(before, str):
        return text
    read = number(text)
    if read.value is None:
        raise UserError(f"{label_of(path)}: {read.fault}", where=cell)
    whole = read.value == int(read.value)
    return int(read.value) if whole and not isinstance(before, float) else read.value


def label_of(path: str) -> str:
    """Return what a path of a shape is called: `control.spread.sd` is "SD, control arm"."""
    *places, thing = path.split(".")
    told = [THINGS.get(thing, thing.replace("_", " ")), *(PLACES.get(place, place) for place in places)]
    return ", ".join(part for part in told if part)


def _cell(evidence: Evidence, item: Item, n: int, called: Mapping[str, str]) -> CellView:
    ruling = item.ruling if item.standing == "settled" else None
    first = item.sides[0][1]
    return CellView(
        number=n,
        id=item.id,
        title=cell_title(evidence, item.cell),
        standing=STANDINGS[item.standing],
        stamp=item.stamp,
        differ=tuple(label_of(path) for path in item.differ),
        sides=tuple(_side(line, told, item, called) for line, told in item.sides),
        said=said(ruling[1].numbers if ruling else first.numbers),
        ruled_by=called.get(ruling[0].by, ruling[0].by) if ruling else "",
        ruled_why=ruling[1].reason if ruling else "",
    )


def cell_title(evidence: Evidence, cell: Cell) -> str:
    """Return a cell as people call it: outcome, arms, scale, time, kind of value."""
    protocol = evidence.protocol
    outcome = next((item.label for item in protocol.outcomes if item.id == cell.outcome), cell.outcome)
    scale = next((item.label for item in protocol.scales if item.id == cell.scale), cell.scale)
    what = evidence.what.get(cell.study)
    arms = {arm.id: arm.label for arm in what.arms} if what else {}
    sides = f"{arms.get(cell.experimental, cell.experimental)} v {arms.get(cell.control, cell.control)}"
    values = "" if cell.estimand == "count" else f"{cell.estimand.replace('_', ' ')} values"
    parts = (outcome, sides, scale, f"{cell.weeks:g} weeks", values)
    return ", ".join(part for part in parts if part)


def _side(line: LedgerLine, told: Extraction, item: Item, called: Mapping[str, str]) -> SideView:
    others = [other.numbers for _, other in item.sides if other is not told]
    paths = {path for numbers in others for path in differing(told.numbers, numbers)}
    return SideView(
        by=line.by,
        name=called.get(line.by, line.by),
        at=line.at,
        said=said(told.numbers),
        population=told.population.replace("_", " "),
        notes=told.notes,
        reasons=tuple(why for _, why in told.reasons),
        fields=tuple(
            FieldView(path, label_of(path), _shown(path, value), path in paths)
            for path, value in flat(told.numbers).items()
        ),
        quotes=tuple(QuoteView(q.report, q.locator, q.kind, q.text) for q in told.quotes),
    )


def _shown(path: str, value: str | float | int | None) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    told = "" if value is None else str(value)
    return SAID.get(told, told) if path.rpartition(".")[2] in FIXED else told


DESCRIBED: dict[str, Callable[[Characteristics], str]] = {
    "label": lambda what: what.label,
    "design": lambda what: what.design.replace("_", " "),
    "condition": lambda what: what.condition,
    "condition group": lambda what: what.condition_group,
    "arms": lambda what: "; ".join(
        f"{arm.label} ({arm.id}: {arm.intervention}"
        + (f", {arm.dose_mg:g} mg" if arm.dose_mg is not None else "")
        + (f", n {arm.n_randomised}" if arm.n_randomised is not None else "")
        + ")"
        for arm in what.arms
    ),
    "available from": lambda what: what.available_from,
}


def _described(found: Description, called: Mapping[str, str]) -> tuple[DescribedView, ...]:
    return tuple(
        DescribedView(
            by=line.by,
            name=called.get(line.by, line.by),
            fields=tuple(
                FieldView(name, name, shown(what), name in found.differ) for name, shown in DESCRIBED.items()
            ),
            quotes=tuple(QuoteView(q.report, q.locator, q.kind, q.text) for q in what.quotes),
        )
        for line, what in found.readers
    )


def _reports(evidence: Evidence, study: str) -> tuple[tuple[str, str], ...]:
    records = evidence.studies.by_key[study].records
    return tuple((key, evidence.state.records[key].title or key) for key in records)
