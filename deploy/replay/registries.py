"""What the stand-ins of both registries hold, and from which day they show it.

Real entries are made from the topic's seed evidence: ids, journals, registrations and months are real, the
day is the first that fits, and every sentence is ours and says so. What is not known is not filled in.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from living.model.record import Record, Registration
from living.review.protocol import parse
from living.review.seed import Seed, read_seed
from living.service.topics import EVIDENCE, PROTOCOL
from tests.standin import RecordSet, from_ctgov, from_pubmed_xml
from tests.standin.synthetic import article_set, article_xml

LAST_DAY = "2026-06-30"  # what appeared later is not in this story
INNOVA = "42385209"
ALCOHOL, KIDNEY = "990000101", "990000102"  # no real record has a number of this kind
APPEARS = {INNOVA: "2026-06-15"}  # a day of our choice; only the month is known
# The protocol paper of INNOVA is years older than the month in which the seed evidence enters it.
LEFT_OUT = frozenset({"34992118"})
OURS = (
    "Synthetic text of a replay, not the registry's own: low-dose naltrexone and pain. "
    "What is known of this entry stands in the topic's seed evidence."
)
JOURNAL = re.compile(r"(.+?),? (?:\d+ \w+ )?\d{4}")
Json = dict[str, Any]


def ldn_records(folder: Path) -> RecordSet:
    """Return the entries of the topic's seed evidence, and two invented ones that only look alike."""
    found = _invented_lookalikes()
    for seed in _seeds(folder):
        if isinstance(seed.fact, Record) and seed.fact.id not in LEFT_OUT:
            found += _entry(seed.fact, APPEARS.get(seed.fact.id) or first_day(seed.available_from))
    return found


def invented_records(folder: Path, words: str, retracted: str, on: str, notice: str) -> RecordSet:
    """Return the invented trials, and one of them once more as it looks from the day of its retraction."""
    found = RecordSet()
    for seed in _seeds(folder):
        record = seed.fact
        if not isinstance(record, Record):
            continue
        day = first_day(seed.available_from)
        found += from_pubmed_xml(article_set(_article(record, day, words)), _start(day))
        if record.id == retracted:
            later = _article(
                record,
                day,
                words,
                revised=on,
                types=("Journal Article", "Retracted Publication"),
                corrections=(("RetractionIn", notice),),
            )
            found += from_pubmed_xml(article_set(later), _start(on))
    return found


def first_day(text: str) -> str:
    """Return the first day that a date of any precision can mean."""
    return text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text


def _seeds(folder: Path) -> Iterator[Seed]:
    protocol = parse((folder / PROTOCOL).read_text(encoding="utf-8"), PROTOCOL)
    seeds = read_seed((folder / EVIDENCE).read_text(encoding="utf-8"), EVIDENCE, protocol)
    return (seed for seed in seeds if seed.available_from <= LAST_DAY)


def _entry(record: Record, day: str) -> RecordSet:
    if day > LAST_DAY:
        return RecordSet()
    if record.source == "pubmed":
        return from_pubmed_xml(article_set(_article(record, day, OURS)), _start(day))
    if record.source == "ctgov":
        return from_ctgov([_study(record)], _start(day))
    return RecordSet()


def _article(record: Record, day: str, words: str, **more: Any) -> bytes:
    ids = {item.scheme: item.value for item in record.identifiers}
    journal = JOURNAL.match(record.container)
    return article_xml(
        record.id,
        escape(record.title),
        abstract=escape(words),
        entered=day,
        authors=(),
        journal=journal[1] if journal else "",
        published=_published(record.published),
        nct=[ids["nct"]] if "nct" in ids else [],
        doi=ids.get("doi", ""),
        **more,
    )


def _published(text: str) -> str:
    year, _, month = text.partition("-")
    name = calendar.month_abbr[int(month[:2])] if month else ""
    return f"<Year>{year}</Year>" + (f"<Month>{name}</Month>" if name else "")


def _study(record: Record) -> Json:
    """Return a registration with what is known of it; the API leaves out what a study does not have."""
    about = record.registration or Registration()
    others = [
        {"id": item.value, "type": f"{item.scheme.upper()}_NUMBER"}
        for item in record.identifiers
        if item.scheme != "nct"
    ]
    protocol = {
        "identificationModule": {
            "nctId": record.id,
            "briefTitle": record.title,
            **_known(secondaryIdInfos=others),
        },
        "statusModule": _known(
            overallStatus=about.status,
            startDateStruct=_known(date=about.start),
            completionDateStruct=_known(date=about.completion),
            resultsFirstPostDateStruct=_known(date=about.results_first_posted),
        ),
        "descriptionModule": {"briefSummary": OURS},
        "conditionsModule": _known(conditions=list(about.conditions)),
        "designModule": _known(
            phases=list(about.phases),
            designInfo=_known(allocation=about.allocation, maskingInfo=_known(masking=about.masking)),
            enrollmentInfo={} if about.enrolment is None else {"count": about.enrolment},
        ),
        "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "Naltrexone"}]},
    }
    return {"protocolSection": _known(**protocol), "hasResults": about.has_results}


def _known(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in ("", [], {})}


def _invented_lookalikes() -> RecordSet:
    """One that the search brings and people exclude, and one that the search must not bring."""
    marked = "[Synthetic record of the replay]"
    day = "2026-06-12"
    alcohol = article_xml(
        ALCOHOL,
        f"{marked} Naltrexone 50 mg in alcohol use disorder, with pain scores",
        abstract="Synthetic text of a replay. Naltrexone at a usual dose for alcohol use disorder.",
        entered=day,
        authors=(),
    )
    kidney = article_xml(
        KIDNEY,
        f"{marked} Laparoscopic donor nephrectomy (LDN): pain on the day after surgery",
        abstract="Synthetic text of a replay. LDN is short for laparoscopic donor nephrectomy here.",
        entered=day,
        authors=(),
    )
    return from_pubmed_xml(article_set(alcohol, kidney), _start(day))


def _start(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
