"""The parts a reading page is made of: fields with their words and notes, and the parts they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Control = Literal["text", "number", "area", "select", "tick"]


@dataclass(frozen=True)
class Note:
    """What one check saw. A warning has a field for the reason why the number stands."""

    level: str
    title: str
    saw: str
    why: str
    source: str
    suggestion: str
    reason: FieldView | None = None


@dataclass(frozen=True)
class FieldView:
    name: str
    label: str
    control: Control
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    needed: bool = True
    fault: str = ""
    said: str = ""
    was: str = ""  # what was suggested, where the person changed it
    notes: tuple[Note, ...] = ()

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen; what was chosen before and is not on offer stays, so that it is not lost."""
        known = {value for value, _ in self.options}
        kept = (
            ((self.value, f"{self.value} (not on offer)"),) if self.value and self.value not in known else ()
        )
        return (("", "Choose"), *self.options, *kept)

    @property
    def described(self) -> str:
        """The ids of what belongs to this field, as a screen reader is told them."""
        return " ".join(filter(None, (f"hint-{self.name}" if self.hint else "", f"note-{self.name}")))


@dataclass(frozen=True)
class PartView:
    """A repeated part: an arm, a quote, or the fields of one arm of a datum."""

    row: str
    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True)
class CellView:
    row: str
    title: str
    about: tuple[FieldView, ...]
    hint: str
    numbers: tuple[PartView, ...]
    quotes: tuple[PartView, ...]
    rest: tuple[FieldView, ...]
    hidden: tuple[tuple[str, str], ...]
    seen: FieldView | None = None
    fault: FieldView | None = None  # of the quotes as a whole


@dataclass(frozen=True)
class SheetView:
    """The whole form. `summary`: each fault with its field's id and label, in the order of the form."""

    what: tuple[FieldView, ...]
    design_hint: str
    arms: tuple[PartView, ...]
    arms_fault: FieldView
    what_quotes: tuple[PartView, ...]
    cells: tuple[CellView, ...]
    summary: tuple[tuple[str, str, str], ...] = ()

    @property
    def labelled(self) -> tuple[tuple[FieldView, str], ...]:
        """Every field that can have something beside it, with a name that no other has."""
        return tuple(labelled(self))


def labelled(view: SheetView) -> Iterator[tuple[FieldView, str]]:
    """Yield each field with a name that tells it from its likes in other arms and cells."""
    yield from ((item, item.label) for item in (*view.what, view.arms_fault))
    for place, arm in enumerate(view.arms, 1):
        yield from ((item, f"Arm {place}, {item.label}") for item in arm.fields)
    yield from ((item, item.label) for part in view.what_quotes for item in part.fields)
    for cell in view.cells:
        own = (*cell.about, *((cell.seen,) if cell.seen else ()), *((cell.fault,) if cell.fault else ()))
        yield from ((item, f"{cell.title}: {item.label}") for item in (*own, *cell.rest))
        for part in (*cell.numbers, *cell.quotes):
            where = ", ".join(filter(None, (cell.title, part.title.partition(":")[0])))
            yield from ((item, f"{where}: {item.label}") for item in part.fields)
