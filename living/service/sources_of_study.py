"""What a reader has beside the form: a study's records, its registration, and results a register posted."""

from __future__ import annotations

from dataclasses import dataclass

from living.errors import NotVerified, SourceError
from living.model.record import Record
from living.review.evidence import Evidence
from living.review.identity import Study
from living.review.posted import Posted, posted_results
from living.review.suggested import Suggestion, suggestions
from living.service.house import House
from living.sources.ctgov_json import SOURCE, nct_id, read, studies_in


@dataclass(frozen=True)
class SourceView:
    """One record as it stands beside the form. `posted` are the register's own tables."""

    key: str
    label: str
    record: Record
    address: str
    posted: tuple[Posted, ...] = ()
    suggested: tuple[tuple[Posted, tuple[Suggestion, ...]], ...] = ()
    missing: str = ""  # why posted results cannot be shown though there are some


def source_view(house: House, record: Record, design: str) -> SourceView:
    """Return a record with all that is stored of it, and what its posted results suggest."""
    posted, missing = _posted(house, record)
    offered = suggestions(posted, design)
    by_table = tuple((table, tuple(item for item in offered if item.posted == table.id)) for table in posted)
    return SourceView(record.key, label_of(record), record, _address(record), posted, by_table, missing)


def suggested_of(
    house: House, evidence: Evidence, study: Study, record: str, design: str
) -> tuple[Suggestion, ...]:
    """Return what a record of the study suggests for a design; nothing for a record of another study."""
    if record not in study.records:
        return ()
    return suggestions(_posted(house, evidence.state.records[record])[0], design)


def label_of(record: Record) -> str:
    """Return what a source is called in a row of sources."""
    if record.source == SOURCE:
        return record.id
    first = record.authors[0].split(",")[0].split(" ")[0] if record.authors else record.id
    return f"{first} {record.published[:4]}".strip()


def _posted(house: House, record: Record) -> tuple[tuple[Posted, ...], str]:
    """Read the tables from the very bytes the register sent; a damaged payload is said, not hidden."""
    if (
        record.source != SOURCE
        or not record.payload
        or not (record.registration and record.registration.has_results)
    ):
        return (), ""
    try:
        body = read(house.store.payload(record.payload))
        study = next((item for item in studies_in(body, record.payload) if nct_id(item) == record.id), None)
    except (NotVerified, SourceError) as fault:
        return (), str(fault)
    return (posted_results(study), "") if study else ((), "the stored answer does not hold this study")


def _address(record: Record) -> str:
    if record.source == SOURCE:
        return f"https://clinicaltrials.gov/study/{record.id}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{record.id}/" if record.source == "pubmed" else ""
