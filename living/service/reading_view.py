"""What the reading page shows: every field with its words, its fault, and what the checks saw beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from living.model.protocol import Outcome, Protocol, Scale
from living.review.checks import Finding
from living.review.datums import Asked, Datum, datum_of, datums_for
from living.review.evidence import Evidence
from living.review.fields import WHAT, Fields, arm_ids, below, rows
from living.review.suggested import suggested_numbers
from living.review.typed import number
from living.service.reading import Looked
from living.service.reading_parts import CellView, Control, FieldView, Note, PartView, SheetView, labelled

DESIGNS = (
    ("parallel", "Parallel: each person in one arm"),
    ("crossover", "Crossover: each person in every arm, in turn"),
    ("cluster", "Cluster: groups of people were randomised"),
    ("factorial", "Factorial: two treatments, with and without each other"),
    ("multi_arm", "More than two arms"),
)
DESIGN_HINTS = {
    "crossover": "The same people are in every period. Enter a difference within people, both period means, "
    "or the first period alone; two independent groups are not offered.",
    "cluster": "Take results adjusted for the clusters where the report has them.",
    "factorial": "Compare arms that differ in the treatment of this review and in nothing else.",
    "multi_arm": "One cell for each pair of arms; an arm may stand in several.",
}
KINDS = (
    ("verbatim", "Copied word for word"),
    ("figure", "Read from a figure"),
    ("transcribed", "Transcribed by somebody else; I have not seen the original"),
)
ESTIMANDS = {
    "adjusted": "Adjusted for baseline",
    "change": "Change from baseline",
    "final": "Value at that time",
    "percent_change": "Percent change",
}
POPULATIONS = (
    ("not_stated", "Not stated"),
    ("all_randomised", "All randomised"),
    ("completers", "Those who completed"),
)


@dataclass
class _Making:
    """What field views are made from."""

    fields: Fields
    records: tuple[tuple[str, str], ...]
    protocol: Protocol
    faults: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # one reason answers a check for the whole cell

    def view(self, name: str, label: str, control: Control, **more: object) -> FieldView:
        seen = {finding.code: finding for finding in self.findings.get(name, ())}
        notes = tuple(self._note(name, finding) for finding in seen.values())
        told = "" if any(note.level == "impossible" for note in notes) else self.faults.get(name, "")
        plain = FieldView(name, label, control, self.fields.get(name, ""), fault=told, notes=notes)
        said = self.said.get(name, "")
        return FieldView(**{**vars(plain), "said": said, **more})

    def _note(self, name: str, finding: Finding) -> Note:
        reason = None
        where = f"{name.split('.')[0]}.reason.{finding.code}"
        if finding.level == "warning" and self.asked.setdefault(where, name) == name:
            reason = self.view(where, "Why it stands", "text", needed=False)
        return Note(
            finding.level, finding.title, finding.saw, finding.why, finding.source, finding.suggestion, reason
        )

    def quotes(self, start: str) -> tuple[PartView, ...]:
        return tuple(
            PartView(
                row,
                f"Read in, {place}",
                (
                    self.view(f"{row}.report", "Report", "select", options=self.records),
                    self.view(
                        f"{row}.locator", "Place", "text", hint="Page, table, or field of the register"
                    ),
                    self.view(f"{row}.kind", "How it was read", "select", options=KINDS),
                    self.view(f"{row}.text", "Words", "area", hint="Verbatim, with the numbers in them"),
                ),
            )
            for place, row in enumerate(rows(self.fields, f"{start}.q"), 1)
        )


def sheet_view(
    evidence: Evidence,
    fields: Fields,
    records: tuple[tuple[str, str], ...],
    looked: Looked,
    *,
    told: bool,
) -> SheetView:
    """Return the form as it is shown. `told`: faults are shown too, as after a check or a hand-in."""
    faults = {item.field: item.what for item in looked.faults} if told else {}
    making = _Making(
        fields, records, evidence.protocol, faults, looked.sheet.said, looked.findings if told else {}
    )
    design = fields.get(f"{WHAT}.design", "")
    names = _arms(fields)
    view = SheetView(
        _what(making),
        DESIGN_HINTS.get(design, ""),
        tuple(_arm(making, row, names[place][0]) for place, row in enumerate(rows(fields, "arm"))),
        making.view("arms", "Arms", "text"),
        making.quotes(WHAT),
        tuple(_cell(making, row, design, names, place) for place, row in enumerate(rows(fields, "c"), 1)),
    )
    return replace(view, summary=_summary(view, faults))


def _what(making: _Making) -> tuple[FieldView, ...]:
    groups = tuple((item.id, item.label) for item in making.protocol.condition_groups)
    group: Control = "select" if groups else "text"
    return (
        making.view(
            f"{WHAT}.label", "Study", "text", hint="First author and year, or the trial's name and year"
        ),
        making.view(f"{WHAT}.design", "Design", "select", options=DESIGNS),
        making.view(f"{WHAT}.condition", "What the people had", "text"),
        making.view(f"{WHAT}.group", "Group of the protocol", group, options=groups),
    )


def _arm(making: _Making, row: str, name: str) -> PartView:
    treatments = (
        *((item.id, item.label) for item in making.protocol.interventions),
        ("other", "Another one"),
    )
    fields = (
        making.view(f"{row}.label", "Given", "text", hint="As the report names it"),
        making.view(f"{row}.intervention", "Treatment", "select", options=treatments),
        making.view(f"{row}.dose", "Dose, mg a day", "number", needed=False),
        making.view(f"{row}.n", "Randomised", "number", needed=False),
        making.view(f"{row}.id", "Short name", "text", needed=False, hint=f"Blank: {name or 'made for you'}"),
    )
    return PartView(row, "", fields)


def _arms(fields: Fields) -> tuple[tuple[str, str], ...]:
    listed = [below(fields, row) for row in rows(fields, "arm")]
    return tuple(
        (name, arm.get("label", "") or name) for name, arm in zip(arm_ids(listed), listed, strict=True)
    )


def _cell(making: _Making, row: str, design: str, arms: tuple[tuple[str, str], ...], place: int) -> CellView:
    typed = below(making.fields, row)
    outcome = next((item for item in making.protocol.outcomes if item.id == typed.get("outcome")), None)
    scale = next((item for item in making.protocol.scales if item.id == typed.get("scale")), None)
    datum = datum_of(typed.get("datum", "")) if outcome else None
    suggested = suggested_numbers(typed)
    seen = making.view(
        f"{row}.seen", "I compared these numbers with the register", "tick", options=(("yes", ""),)
    )
    view = CellView(
        row,
        f"{place}. {outcome.label if outcome else 'A number'}",
        _about(making, row, design, arms, outcome, datum),
        datum.hint if datum else "",
        _numbers(making, row, datum, outcome, scale, dict(arms), suggested) if datum and outcome else (),
        making.quotes(row) if datum else (),
        _rest(making, row) if datum else (),
        (),
        seen if typed.get("from") else None,
        making.view(f"{row}.quotes", "Quotes", "text"),
    )
    return replace(view, hidden=_carried(view, typed))


def _carried(view: CellView, typed: Fields) -> tuple[tuple[str, str], ...]:
    """What the cell holds and does not show now: numbers given another way, reasons, what was suggested."""
    parts = (*view.numbers, *view.quotes)
    fields = (*view.about, *view.rest, *(item for part in parts for item in part.fields))
    shown = {item.name for item in fields}
    shown |= {note.reason.name for item in fields for note in item.notes if note.reason}
    shown |= {view.seen.name} if view.seen and view.numbers else set()
    placed = ((f"{view.row}.{name}", value) for name, value in typed.items())
    return tuple((name, value) for name, value in placed if value and name not in shown)


def _about(
    making: _Making,
    row: str,
    design: str,
    arms: tuple[tuple[str, str], ...],
    outcome: Outcome | None,
    datum: Datum | None,
) -> tuple[FieldView, ...]:
    outcomes = tuple((item.id, item.label) for item in making.protocol.outcomes)
    view = making.view
    hint = f"{outcome.unit}; lower is {outcome.less}, higher is {outcome.more}" if outcome else ""
    fields = [view(f"{row}.outcome", "Outcome", "select", options=outcomes, hint=hint)]
    if outcome is None:
        return tuple(fields)
    scales = {item.id: item for item in making.protocol.scales}
    named = tuple((name, _scale_words(scales[name])) for name in outcome.scales if name in scales)
    if named:
        fields.append(view(f"{row}.scale", "Scale", "select", options=named, hint="Preferred first"))
    fields += [
        view(f"{row}.experimental", "Experimental arm", "select", options=arms),
        view(f"{row}.control", "Comparator", "select", options=arms),
        view(f"{row}.weeks", "Weeks from randomisation", "number"),
    ]
    if outcome.type == "continuous":
        offered = datum.estimands if datum else tuple(ESTIMANDS)
        values = tuple((name, ESTIMANDS[name]) for name in ESTIMANDS if name in offered)
        fields.append(view(f"{row}.estimand", "Kind of value", "select", options=values))
    ways = tuple((item.id, item.label) for item in datums_for(outcome, design)) if design else ()
    none = "" if design else "Choose the design above first, then press Next"
    if datum and datum.id not in {name for name, _ in ways}:
        ways = (*ways, (datum.id, f"{datum.label} (not from this design)"))
    fields.append(view(f"{row}.datum", "How the numbers are given", "select", options=ways, hint=none))
    return tuple(fields)


def _scale_words(scale: Scale) -> str:
    return f"{scale.label} ({scale.low:g} to {scale.high:g})"


def _numbers(
    making: _Making,
    row: str,
    datum: Datum,
    outcome: Outcome,
    scale: Scale | None,
    arms: Mapping[str, str],
    suggested: Mapping[str, str],
) -> tuple[PartView, ...]:
    parts = []
    for side in ("experimental", "control", ""):
        asked = [item for item in datum.asked if item.side == side]
        fields = tuple(_number(making, row, item, outcome, scale, suggested) for item in asked)
        chosen = arms.get(making.fields.get(f"{row}.{side}", ""), "")
        title = {"experimental": "Experimental arm", "control": "Comparator", "": ""}[side]
        if fields:
            parts.append(PartView(f"{row}.{side}", f"{title}: {chosen}" if chosen else title, fields))
    return tuple(parts)


def _number(
    making: _Making,
    row: str,
    asked: Asked,
    outcome: Outcome,
    scale: Scale | None,
    suggested: Mapping[str, str],
) -> FieldView:
    control: Control = {"choice": "select", "text": "text"}.get(asked.kind, "number")  # type: ignore[assignment]
    hints = [asked.hint, _range(making.fields.get(f"{row}.estimand", ""), asked, outcome, scale)]
    typed, was = making.fields.get(f"{row}.{asked.path}", ""), suggested.get(asked.path, "")
    moved = was if was and number(was).value != number(typed).value else ""
    return making.view(
        f"{row}.{asked.path}",
        asked.label,
        control,
        hint=". ".join(filter(None, hints)),
        options=asked.options,
        needed=asked.needed,
        was=moved,
    )


def _range(estimand: str, asked: Asked, outcome: Outcome, scale: Scale | None) -> str:
    """Unit, range and direction, in the words of the protocol, at the fields they are about."""
    last = asked.path.rpartition(".")[2]
    if last in ("estimate", "difference") and outcome.type == "continuous":
        return f"Below zero means {outcome.less} with the experimental"
    if scale is None or not last.startswith("mean"):
        return ""
    if estimand == "final":
        return f"{scale.low:g} to {scale.high:g}; higher is {outcome.more}"
    return f"Below zero means {outcome.less} than at baseline" if estimand == "change" else ""


def _rest(making: _Making, row: str) -> tuple[FieldView, ...]:
    return (
        making.view(f"{row}.population", "People analysed", "select", options=POPULATIONS),
        making.view(f"{row}.notes", "Notes", "area", needed=False),
    )


def _summary(view: SheetView, faults: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Every fault with a link to its field: in the order of the form, then what has no field of its own."""
    names: dict[str, str] = {}
    for item, label in labelled(view):
        names[item.name] = label
        names |= {note.reason.name: label for note in item.notes if note.reason}
    placed = [(name, label, faults[name]) for name, label in names.items() if name in faults]
    adrift = [("form", "Form", what) for name, what in faults.items() if name not in names]
    return (*placed, *adrift)
