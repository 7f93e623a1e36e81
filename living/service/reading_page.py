"""One page of reading: the form as it stands, and beside it what it is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from living.review.examined import said_by
from living.review.fields import WHAT, Fields
from living.service import drafts
from living.service.drafts import Differing, Kept
from living.service.house import House
from living.service.reading import Looked, compared, fresh_key, look, opened, study_for
from living.service.reading_parts import SheetView
from living.service.reading_view import sheet_view
from living.service.sources_of_study import SourceView, label_of, source_view
from living.service.uploads import Paper, pages_of


@dataclass(frozen=True)
class SourceName:
    """A source that can be shown beside the form."""

    key: str
    label: str
    here: bool


@dataclass(frozen=True)
class ReadingPage:
    """`said_cells`: cells this person has handed in before; nobody else's are counted anywhere here."""

    study: str
    label: str
    by: str
    kept: Kept
    sheet: SheetView
    key: str
    sources: tuple[SourceName, ...]
    source: SourceView
    papers: tuple[Paper, ...]
    readers: int
    said_cells: int
    told: bool = False


@dataclass(frozen=True)
class DifferencePage:
    study: str
    label: str
    mine: Kept
    other: Kept
    fields: tuple[tuple[Differing, str], ...]  # with the field's label


def reading_page(
    house: House,
    topic: str,
    by: str,
    key: str,
    *,
    kept: Kept | None = None,
    source: str = "",
    looked: Looked | None = None,
    press: str = "",
) -> ReadingPage:
    """Return the page. `looked`: what a check or a hand-in found, to be shown beside the fields."""
    evidence, study = study_for(house, topic, by, key)
    kept = kept or opened(house, topic, by, key)
    records = [evidence.state.records[name] for name in study.records]
    beside = next((record for record in records if record.key == source), records[0])
    names = tuple((record.key, f"{label_of(record)}, {record.key}") for record in records)
    read = looked or look(house, topic, by, key, kept.fields)
    return ReadingPage(
        study=study.key,
        label=" ".join(records[0].title.split()) or study.key,
        by=by,
        kept=kept,
        sheet=sheet_view(evidence, kept.fields, names, read, told=looked is not None),
        key=press or fresh_key(),
        sources=tuple(SourceName(r.key, label_of(r), r is beside) for r in records),
        source=source_view(house, beside, kept.fields.get(f"{WHAT}.design", "")),
        papers=pages_of(house, topic, study.key),
        readers=evidence.protocol.people.readers,
        said_cells=len(said_by(evidence, study.key, by)),
        told=looked is not None,
    )


def typed_so_far(house: House, topic: str, by: str, key: str, fields: Fields) -> SheetView:
    """Return the form's fields with what can be said of them while somebody types: nothing of empty ones."""
    evidence, study = study_for(house, topic, by, key)
    looked = look(house, topic, by, key, fields)
    faults = tuple(item for item in looked.faults if fields.get(item.field, "").strip())
    return sheet_view(evidence, fields, _names(study.records), replace(looked, faults=faults), told=True)


def difference_page(
    house: House, topic: str, by: str, key: str, revision: int | None = None
) -> DifferencePage:
    """Return two states of one form side by side. Raises UserError when there is nothing to choose."""
    evidence, study = study_for(house, topic, by, key)
    mine, other = compared(house, topic, by, key, revision)
    labels = {**_labels(house, topic, by, key, other.fields), **_labels(house, topic, by, key, mine.fields)}
    record = evidence.state.records[study.records[0]]
    found = drafts.differences(mine.fields, other.fields)
    named = tuple((item, labels.get(item.field, item.field)) for item in found)
    return DifferencePage(study.key, " ".join(record.title.split()) or study.key, mine, other, named)


def _labels(house: House, topic: str, by: str, key: str, fields: Mapping[str, str]) -> dict[str, str]:
    evidence, study = study_for(house, topic, by, key)
    looked = look(house, topic, by, key, fields)
    view = sheet_view(evidence, fields, _names(study.records), looked, told=False)
    return {item.name: label for item, label in view.labelled}


def _names(records: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in records)
