"""Forms of judgements and of settling that were not handed in: drafts, by form and subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from living.errors import UserError
from living.service import drafts
from living.service.drafts import Differing, Kept
from living.service.house import House
from living.service.judging_sheets import Sheet
from living.service.settling_views import CellView, SettlingView
from living.service.topics import evidence_of
from living.store.drafts import Sheaf as Sheaf

READING = "reading"
# A draft's form: what people call it, and the word of its page.
FORMS: Mapping[str, tuple[str, str]] = {
    READING: ("reading", "read"),
    "trust": ("trustworthiness", "trust"),
    "trust_settle": ("trustworthiness, to settle", "trust/settle"),
    "rob": ("risk of bias", "rob"),
    "rob_settle": ("risk of bias, to settle", "rob/settle"),
    "grade": ("certainty", "grade"),
    "settle": ("readings, to settle", "settle"),
}
SETTLED = {"choice": "what was chosen", "reason": "why", "why": "why the numbers stand"}


@dataclass(frozen=True)
class KeptForm:
    """Where a form stands. `base`: what it grows from; `at`: when the text on it was kept, else empty.

    `differ`: the address on which to choose between it and a state beside it. `moved`: what it is about
    changed since it was typed. `typed`: what it says, by label, for a page that no longer has its fields.
    """

    base: int
    at: str = ""
    differ: str = ""
    moved: bool = False
    typed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TwoStates:
    """Two states of one form, with the label of each field in which they differ."""

    label: str
    mine: Kept
    other: Kept
    fields: tuple[tuple[Differing, str], ...]


@dataclass(frozen=True)
class Labels:
    """What the fields of a form are called, and the words of their answers."""

    fields: Mapping[str, str]
    answers: Mapping[tuple[str, str], str]

    def said(self, field: str, value: str) -> str:
        return self.answers.get((field, value), value)


def sheaf_for(house: House, topic: str, form: str, subject: str, by: str) -> Sheaf:
    """Return whose draft of which form about what; a study's result stands behind the study's key."""
    study, _, rest = subject.partition(" ")
    found = evidence_of(house, topic).studies.study_of(study)
    keys = dict.fromkeys((study, *(found.records if found else ())))
    return drafts.sheaf_of(house, topic, form, [f"{key} {rest}".strip() for key in keys], by)


def page_of_form(topic: str, form: str, subject: str, revision: int | None = None) -> str:
    """Return the address of a form's page, or of the choice between one of its states and another."""
    about, _, result = subject.partition(" ")
    asked = {"result": result} if result else {}
    asked |= {"differ": str(revision)} if revision is not None else {}
    query = f"?{urlencode(asked)}" if asked else ""
    return f"/desk/{topic}/{FORMS[form][1]}/{quote(about, safe=':/')}{query}"


def keep(house: House, sheaf: Sheaf, fields: Mapping[str, str], base: int | None) -> Kept | None:
    """Keep a form as it stands; None for one that was handed in just so, which may be sent once more.

    Without a base it grows from the newest state.
    """
    last = house.store.draft_marks(sheaf)[-1:]
    newest = drafts.found(house, sheaf, last[0].revision) if last else None
    if newest and newest.state == "handed_in" and dict(newest.fields) == dict(fields):
        return None
    return drafts.keep(house, sheaf, fields, base if base is not None else newest.revision if newest else 0)


def close(house: House, sheaf: Sheaf, kept: Kept | None, rest: Mapping[str, str] | None = None) -> None:
    """A form was handed in: its draft is closed. What was typed beside it and not said is kept on."""
    if kept is not None:
        drafts.hand_in_draft(house, sheaf, kept.revision, kept.fields)
    if rest:
        drafts.keep(house, sheaf, rest, drafts.last_handed_in(house, sheaf))


def drop(house: House, sheaf: Sheaf, kept: Kept | None) -> None:
    """Put a draft away; its states stay in the store."""
    if kept is not None:
        house.store.save_draft(sheaf, kept.revision, drafts.body_of(kept.fields), house.now(), "dropped")


def choose(house: House, sheaf: Sheaf, revision: int, taken: tuple[str, ...]) -> Kept:
    """Go on with a state, taking the named fields from the one beside it. Raises UserError without one."""
    mine, other = _pair(house, sheaf, revision)
    fields = {name: text for name, text in mine.fields.items() if name not in taken}
    fields |= {name: other.fields[name] for name in taken if name in other.fields}
    return drafts.settle(house, sheaf, mine, fields)


def two_states(house: House, sheaf: Sheaf, revision: int, label: str, labels: Labels) -> TwoStates:
    """Return what two states of one form hold differently. Raises UserError when nothing stands beside."""
    mine, other = _pair(house, sheaf, revision)
    found = [item for item in drafts.differences(mine.fields, other.fields) if item.field in labels.fields]
    return TwoStates(
        label,
        mine,
        other,
        tuple(
            (
                replace(
                    item,
                    one=labels.said(item.field, item.one),
                    other=labels.said(item.field, item.other),
                ),
                labels.fields[item.field],
            )
            for item in found
        ),
    )


def stands(house: House, sheaf: Sheaf, kept: Kept | None, labels: Labels, now: Mapping[str, str]) -> KeptForm:
    """Return where a form stands. `now`: the hidden fields that say what it is about, as they are now."""
    if kept is None:
        return KeptForm(drafts.last_handed_in(house, sheaf))
    differ = page_of_form(sheaf.topic, sheaf.form, sheaf.subject, kept.revision) if kept.beside else ""
    typed = tuple(
        (labels.fields[name], labels.said(name, text))
        for name, text in kept.fields.items()
        if text.strip() and name in labels.fields
    )
    moved = any(kept.fields.get(name, told) != told for name, told in now.items())
    return KeptForm(kept.revision, kept.at, differ, moved, typed)


def sheet_labels(sheet: Sheet) -> Labels:
    """Return what the fields of a judgement are called."""
    asked = [one for part in sheet.sections for one in (*part.questions, part.judgement)] + [sheet.overall]
    words = [(f"{part.label}: why", part.reason) for part in sheet.sections]
    fields = {one.name: f"{one.number} {one.asks}".strip() for one in asked}
    fields |= {one.name: told for told, one in (*words, ("All in all: why", sheet.reason))}
    return Labels(fields, {(one.name, item.value): item.word for one in asked for item in one.choices})


def settling_labels(view: SettlingView) -> Labels:
    """Return what the fields of settling are called: the cell, and what of it."""
    fields = {f"description.{name}": f"What the study is: {told}" for name, told in SETTLED.items()}
    answers: dict[tuple[str, str], str] = {}
    for cell in (*view.waiting, *view.folded):
        fields |= {f"{cell.id}.{name}": f"{cell.title}: {told}" for name, told in SETTLED.items()}
        for side in cell.sides:
            start = f"{cell.id}.own.{side.by}"
            fields |= {
                f"{start}.{item.path}": f"{cell.title}: {item.label}, given as {side.name} gave it"
                for item in side.own
            }
            for n, _ in enumerate(side.quotes):
                fields |= {
                    f"{start}.q{n}.{part}": f"{cell.title}: quote {n + 1}, {part}"
                    for part in ("report", "locator", "kind", "text")
                }
            answers[f"{cell.id}.choice", f"side:{side.by}"] = f"As {side.name} read it"
            answers[f"{cell.id}.choice", f"own:{side.by}"] = f"Other numbers, as {side.name} gave them"
        answers[f"{cell.id}.choice", "back"] = "Ask the readers to look again"
    for described in view.described:
        answers["description.choice", f"side:{described.by}"] = f"As {described.name} describes it"
    return Labels(fields, answers | {("description.choice", "back"): "Ask both to look again"})


def still_unsaid(view: SettlingView, typed: Mapping[str, str], said: set[str]) -> dict[str, str]:
    """Return what was typed about cells that were left open, where it is more than the page had put there."""
    given = {name: text for cell in view.waiting for name, text in _given(cell)}
    rest = {
        name: text for name, text in typed.items() if not any(name.startswith(f"{cell}.") for cell in said)
    }
    own = (name for name in rest if not name.endswith(".stamp") and rest[name].strip())
    return rest if any(rest[name] != given.get(name, "") for name in own) else {}


def _given(cell: CellView) -> Iterator[tuple[str, str]]:
    """What the page puts into the fields of a cell before anybody types."""
    for side in cell.sides:
        start = f"{cell.id}.own.{side.by}"
        for item in side.own:
            yield f"{start}.{item.path}", item.value
        for n, one in enumerate(side.quotes):
            for part in ("report", "locator", "kind", "text"):
                yield f"{start}.q{n}.{part}", getattr(one, part)


def _pair(house: House, sheaf: Sheaf, revision: int) -> tuple[Kept, Kept]:
    mine = drafts.found(house, sheaf, revision)
    other = drafts.found(house, sheaf, mine.beside[0]) if mine and mine.beside else None
    if mine is None or other is None:
        raise UserError("nothing stands beside this draft", where=sheaf.subject, fix="Open the form")
    return mine, other
