"""The numbers of a study as one person may see them, each with the remarks beside it."""

from __future__ import annotations

from dataclasses import dataclass

from living.model.facts import Cell, Extraction
from living.model.values import canonical
from living.review.evidence import Evidence
from living.review.names import said
from living.service.accounts import names
from living.service.claims import known_study
from living.service.house import House
from living.service.remarks import Remarks, RemarkView
from living.service.settling_views import cell_title
from living.service.topics import evidence_of


@dataclass(frozen=True)
class NumberView:
    """One cell of a study. `cell` names it in a form; `readings`: who read what, each by its latest."""

    cell: str
    title: str
    readings: tuple[tuple[str, str], ...]
    remarks: tuple[RemarkView, ...]


def numbers_of(house: House, topic: str, study: str, viewer: str, remarks: Remarks) -> tuple[NumberView, ...]:
    """Return the cells of a study of which the viewer may see a reading, in order of first entry."""
    evidence, key = evidence_of(house, topic), known_study(house, topic, study)
    called = names(house)
    found: dict[Cell, dict[str, str]] = {}
    for line, fact in evidence.state.of_kind(Extraction):
        if evidence.sight.home(fact.cell.study) == key and evidence.sight.extraction(line, viewer):
            cell = fact.cell.model_copy(update={"study": key})
            who = f"import, grade {fact.imported}" if fact.imported else called.get(line.by, line.by)
            found.setdefault(cell, {})[who] = said(fact.numbers)
    return tuple(_view(evidence, cell, read, remarks) for cell, read in found.items())


def _view(evidence: Evidence, cell: Cell, read: dict[str, str], remarks: Remarks) -> NumberView:
    kept = canonical(cell)
    beside = tuple(one for one in remarks.shown if one.beside == kept)
    return NumberView(kept, cell_title(evidence, cell), tuple(read.items()), beside)
