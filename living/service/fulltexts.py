"""Full texts: which report was sought, obtained, or could not be had, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from living.errors import UserError
from living.model.facts import FullText
from living.review.evidence import Evidence
from living.review.particulars import full_texts_of
from living.service.accounts import names
from living.service.house import House
from living.service.saying import Said, say
from living.service.topics import evidence_of
from living.service.uploads import Paper

Status = Literal["sought", "obtained", "not_obtainable", "in_translation"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class ReportRow:
    """A report with how far its full text has come; `status` is empty while nobody has said."""

    record: str
    study: str
    label: str
    title: str
    status: str
    language: str
    note: str
    since: str
    by: str
    papers: tuple[Paper, ...]


def full_texts(house: House, topic: str, study: str = "") -> tuple[ReportRow, ...]:
    """Return the reports of one study, or of every study that was not excluded on its title."""
    evidence = evidence_of(house, topic)
    found, called = full_texts_of(evidence.state), names(house)
    papers: dict[str, list[Paper]] = {}
    for kept in house.store.uploads(topic):
        item = Paper(kept.sha256, kept.record, kept.name, kept.pages, kept.size, kept.by, kept.at)
        papers.setdefault(kept.record, []).append(item)
    rows = []
    for key, record in _reports(evidence, study):
        line, fact = found.get(record, (None, None))
        rows.append(
            ReportRow(
                record=record,
                study=key,
                label=evidence.label(key),
                title=evidence.state.records[record].title,
                status=fact.status if fact else "",
                language=fact.language if fact else "",
                note=fact.note if fact else "",
                since=line.at[:10] if line else "",
                by=called.get(line.by, line.by) if line else "",
                papers=tuple(papers.get(record, ())),
            )
        )
    return tuple(rows)


def note_full_text(
    house: House, topic: str, record: str, status: str, by: str, language: str = "", note: str = ""
) -> Said:
    """Say how far the full text of a report has come. Raises UserError for an unknown report or status."""

    def facts(evidence: Evidence) -> list[FullText]:
        if record not in evidence.state.records:
            raise UserError(f"no record '{record}' here", where=topic, fix="`living studies` lists them")
        known = next((item for item in STATUSES if item == status), None)
        if known is None:
            raise UserError(
                f"'{status}' is no status of a full text", where=record, fix=f"Known: {', '.join(STATUSES)}"
            )
        return [FullText(record=record, status=known, language=language.strip(), note=note.strip())]

    return say(house, topic, by, facts)


def _reports(evidence: Evidence, study: str) -> list[tuple[str, str]]:
    """Pairs of study and record, included studies first, each in order of first sight."""
    if study:
        found = evidence.studies.study_of(study)
        return [(found.key, record) for record in found.records] if found else []
    order = ("included", "awaiting_classification", "ongoing", "stopped", "excluded")
    standing = evidence.standing
    shown = [
        key
        for status in order
        for key, item in standing.items()
        if item.status == status and not (status == "excluded" and item.stage == "title")
    ]
    return [(key, record) for key in shown for record in evidence.studies.by_key[key].records]
