"""Two registries over a year: recorded and invented records that come, change, go, and come back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce

from tests.standin import RecordSet, from_ctgov, from_pubmed_xml
from tests.standin.faults import Fault
from tests.standin.records import Article, Study
from tests.standin.reply import Reply
from tests.standin.synthetic import article_xml, study_json

REMEDY = ["Invented remedy"]
LATE = timedelta(days=10)  # nothing changes so shortly before the end that no search could still see it


@dataclass(frozen=True)
class Year:
    """What both registries hold over a stretch of time, and which ids had which fate."""

    held: RecordSet
    withdrawn: frozenset[str]
    returned: frozenset[str]
    aliased: frozenset[str]
    retracted: frozenset[str]


@dataclass
class Author:
    """Draws the fates of records between two days."""

    chance: random.Random
    start: datetime
    end: datetime

    def moment(self, after: datetime | None = None, before: datetime | None = None) -> datetime:
        begin, last = after or self.start, before or self.end - LATE
        return begin + timedelta(seconds=self.chance.uniform(0, max(0.0, (last - begin).total_seconds())))

    def middle(self) -> datetime:
        return self.start + (self.end - self.start) / 2


def year(
    recorded_articles: list[Article], recorded_studies: list[Study], start: datetime, end: datetime, seed: int
) -> Year:
    """Return the registries of a stretch of time: the same for the same seed."""
    author = Author(random.Random(seed), start, end)
    papers, gone_papers, back_papers, retracted = _papers(author)
    trials, gone_trials, aliased = _trials(author)
    appearing = RecordSet(
        tuple(replace(item, appears=author.moment()) for item in recorded_articles),
        tuple(replace(item, appears=author.moment()) for item in recorded_studies),
    )
    return Year(
        reduce(RecordSet.__add__, [appearing, *papers, *trials]),
        frozenset(gone_papers | gone_trials),
        frozenset(back_papers),
        frozenset(aliased),
        frozenset(retracted),
    )


def _papers(author: Author) -> tuple[list[RecordSet], set[str], set[str], set[str]]:
    """Invented articles; of each eight one is revised, one indexed, one retracted, one in a new version."""
    found: list[RecordSet] = []
    gone, back, retracted = set(), set(), set()
    for number in range(80):
        pmid, came = 95_000_000 + number, author.moment(before=author.middle())
        then, entered = author.moment(after=came), str(came.date())
        first = from_pubmed_xml(article_xml(pmid, f"Invented article {number}", entered=entered), came)
        if number % 16 == 5:
            gone.add(str(pmid))
            first = first.withdrawn([str(pmid)], author.moment(came, author.middle()))
            if number % 32 == 5:
                back.add(str(pmid))
                first += _paper(pmid, f"Invented article {number}", entered, author.end - LATE)
        elif number % 8 == 1:
            first += _paper(pmid, "Revised", entered, then)
        elif number % 8 == 2:
            first += from_pubmed_xml(
                article_xml(pmid, f"Invented article {number}", entered=entered, headings=["Pain"]), then
            )
        elif number % 8 == 3:
            retracted.add(f"pubmed:{pmid}")
            types = ["Journal Article", "Retracted Publication"]
            first += from_pubmed_xml(
                article_xml(pmid, f"Invented article {number}", entered=entered, types=types), then
            )
        elif number % 8 == 4:
            first += from_pubmed_xml(article_xml(pmid, "Second version", entered=entered, version=2), then)
        found.append(first)
    return found, gone, back, retracted


def _paper(pmid: int, title: str, entered: str, then: datetime) -> RecordSet:
    return from_pubmed_xml(article_xml(pmid, title, entered=entered), then)


def _trials(author: Author) -> tuple[list[RecordSet], set[str], set[str]]:
    """Invented registrations; of each six one gets results, one other dates, one is finished."""
    found: list[RecordSet] = []
    gone, aliased = set(), set()
    for number in range(48):
        nct, came = f"NCT095{number:05d}", author.moment(before=author.middle())
        then = author.moment(after=came + timedelta(days=1))
        first = _trial(nct, came)
        if number % 16 == 3:
            gone.add(nct)
            first = first.withdrawn([nct], author.moment(came + timedelta(days=1), author.middle()))
        elif number % 16 == 4:
            aliased.add(nct)
            first = first.withdrawn([nct], then) + _trial(f"NCT096{number:05d}", then, aliases=[nct])
        elif number % 6 == 1:
            first += _trial(nct, then, results_posted=str(then.date()), status="COMPLETED")
        elif number % 6 == 2:
            first += _trial(nct, then, primaryCompletionDateStruct={"date": "2028-01", "type": "ESTIMATED"})
        elif number % 6 == 5:
            first += _trial(nct, then, status="COMPLETED", enrolment=40)
        found.append(first)
    return found, gone, aliased


def _trial(nct: str, day: datetime, **fields: object) -> RecordSet:
    given = {"interventions": REMEDY, "updated": str(day.date()), **fields}
    return from_ctgov([study_json(nct, f"Invented {nct}", **given)], day)  # type: ignore[arg-type]


# --- how the world changes around them --------------------------------------------------------------------


def next_year_s_schema() -> Fault:
    """From a January on: another DTD and an element nobody knows; a module and a state nobody knows."""

    def edit(reply: Reply) -> Reply:
        body = reply.body.replace(b"pubmed_250101.dtd", b"pubmed_270101.dtd")
        body = body.replace(
            b"</MedlineCitation>", b"<NovelList><Novel>1</Novel></NovelList></MedlineCitation>"
        )
        body = body.replace(b'"protocolSection":{', b'"protocolSection":{"novelModule":{"novel":true},')
        return replace(reply, body=body)

    return Fault("next year's schema", edit=edit)


def outages(chance: random.Random, start: date, days: int) -> Iterator[tuple[date, frozenset[str]]]:
    """Return for each day which registries are down all day: now and then for several days in a row."""
    down: dict[str, int] = {"pubmed": 0, "ctgov": 0}
    for number in range(days):
        for name in down:
            if not down[name] and chance.random() < 1 / 30:
                down[name] = chance.choice((1, 1, 2, 3, 5))
        yield start + timedelta(days=number), frozenset(name for name, left in down.items() if left)
        down = {name: max(0, left - 1) for name, left in down.items()}
