"""What an adjudicator has before them: a study's readings side by side, where they agree and where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from living.model.facts import Adjudication, Cell, Extraction, LedgerLine
from living.model.numbers import Numbers
from living.review.blinding import EVERYBODY
from living.review.described import Description
from living.review.evidence import Evidence
from living.review.names import cell_id

Told = dict[str, str | float | int | None]
Line = tuple[LedgerLine, Extraction]
Standing = Literal["agreed", "settled", "differ", "only", "blind"]


@dataclass(frozen=True)
class Item:
    """One cell: each reader's latest, by name, the ruling on it if there is one, and where they differ.

    `standing`: readers agree, an adjudicator settled it, they differ, only one of them read it, or it was
    read so late that not everybody may see it. `differ`: the paths of numbers that are not the same.
    """

    cell: Cell
    sides: tuple[Line, ...]
    ruling: tuple[LedgerLine, Adjudication] | None
    standing: Standing
    differ: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return cell_id(self.cell)

    @property
    def stamp(self) -> str:
        """What the cell was like when somebody looked: the ledger lines of its readings and its ruling."""
        ruled = [self.ruling[0].seq] if self.ruling else []
        return "-".join(str(seq) for seq in (*(line.seq for line, _ in self.sides), *ruled))

    @property
    def waits(self) -> bool:
        return self.standing in ("differ", "only")


@dataclass(frozen=True)
class Settling:
    """One study before its adjudicator; `readers` are those who handed in."""

    study: str
    readers: frozenset[str]
    items: tuple[Item, ...]
    description: Description | None = None

    @property
    def done(self) -> bool:
        """Whether nothing of it waits for an adjudicator."""
        described = self.description is None or not self.description.differ
        return described and not any(item.waits for item in self.items)


def settling(evidence: Evidence, study: str) -> Settling:
    """Return the readings of a study as everybody may see them; none before its readers have handed in."""
    key = evidence.sight.home(study)
    if not evidence.sight.open_to_all(key):
        return Settling(key, frozenset(), ())
    readers = evidence.sight.handed_in.get(key, frozenset())
    return Settling(key, readers, tuple(_items(evidence, key)), evidence.described.get(key))


def flat(numbers: Numbers) -> Told:
    """Return every reported value of a shape by its path: `experimental.spread.sd` and so on."""
    return dict(_leaves(numbers.model_dump(mode="json")))


def as_extraction(ruling: Adjudication) -> Extraction:
    """Return a ruling in the form in which checks examine what a reader entered."""
    return Extraction(
        cell=ruling.cell,
        numbers=ruling.numbers,
        quotes=ruling.quotes,
        notes=ruling.reason,
        reasons=ruling.reasons,
    )


def differing(one: Numbers, other: Numbers) -> tuple[str, ...]:
    """Return the paths at which two readings say different things; the whole shape where that differs."""
    if one.shape != other.shape:
        return ("shape",)
    left, right = flat(one), flat(other)
    return tuple(path for path in {**left, **right} if left.get(path) != right.get(path))


def _items(evidence: Evidence, key: str) -> Iterator[Item]:
    sides: dict[Cell, dict[str, Line]] = {}
    rulings: dict[Cell, tuple[LedgerLine, Adjudication]] = {}
    for line in evidence.state.lines:
        fact = line.fact
        if not isinstance(fact, Extraction | Adjudication) or evidence.sight.home(fact.cell.study) != key:
            continue
        cell = fact.cell.model_copy(update={"study": key})
        if isinstance(fact, Adjudication):
            rulings[cell] = (line, fact)
        elif fact.imported is None:
            sides.setdefault(cell, {})[line.by] = (line, fact)
    kinds = {item.cell: item.kind for item in evidence.readings.open}
    for cell in sorted(sides, key=cell_id):
        readers = tuple(sides[cell][name] for name in sorted(sides[cell]))
        yield _item(evidence, cell, readers, rulings.get(cell), kinds.get(cell, ""))


def _item(
    evidence: Evidence,
    cell: Cell,
    sides: tuple[Line, ...],
    ruling: tuple[LedgerLine, Adjudication] | None,
    kind: str,
) -> Item:
    if not all(evidence.sight.extraction(line, EVERYBODY) for line, _ in sides):
        return Item(cell, (), None, "blind")
    paths = {path: None for _, said in sides[1:] for path in differing(sides[0][1].numbers, said.numbers)}
    standing: Standing = "settled" if ruling else "agreed"
    if kind:
        standing = "differ" if kind == "differ" else "only"
    return Item(cell, sides, ruling, standing, tuple(paths))


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str | float | int | None]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif value is None or isinstance(value, str | float | int):
        yield path, value
