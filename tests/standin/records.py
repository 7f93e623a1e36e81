"""The dated record set: what each registry holds, and from which moment it shows it."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

ENTRY = re.compile(rb"<(PubmedArticle|PubmedBookArticle)>.*?</\1>", re.DOTALL)
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


@dataclass(frozen=True)
class Article:
    """One version of one PubMed entry: its bytes, and what its index knows of it."""

    pmid: str
    version: int
    appears: datetime
    raw: bytes = field(repr=False)
    days: dict[str, date] = field(repr=False, compare=False)
    words: dict[str, str] = field(repr=False, compare=False)
    gone: datetime | None = None
    served: datetime | None = None  # from when efetch has it; before, only esearch does


@dataclass(frozen=True)
class Study:
    """One version of one registration."""

    nct: str
    aliases: tuple[str, ...]
    appears: datetime
    raw: bytes = field(repr=False)
    data: Json = field(repr=False, compare=False)
    gone: datetime | None = None


@dataclass(frozen=True)
class RecordSet:
    """All versions of all records. Sets add up with `+`; a later version of a record is one more record."""

    articles: tuple[Article, ...] = ()
    studies: tuple[Study, ...] = ()

    def __add__(self, other: RecordSet) -> RecordSet:
        return RecordSet(self.articles + other.articles, self.studies + other.studies)

    def withdrawn(self, ids: Iterable[str], at: datetime) -> RecordSet:
        """Return the set with these records no longer shown from a moment on."""
        names = set(ids)
        return RecordSet(
            tuple(replace(a, gone=at) if a.pmid in names else a for a in self.articles),
            tuple(replace(s, gone=at) if s.nct in names else s for s in self.studies),
        )

    def served_late(self, ids: Iterable[str], at: datetime) -> RecordSet:
        """Return the set with these articles listed by the search before the fetch server has them."""
        names = set(ids)
        return replace(
            self, articles=tuple(replace(a, served=at) if a.pmid in names else a for a in self.articles)
        )

    def articles_at(self, now: datetime) -> dict[int, Article]:
        """Return what PubMed shows, by place in the set: of each id and Version the latest."""
        latest: dict[tuple[str, int], int] = {}
        for place in self._articles_by_date:
            article = self.articles[place]
            if article.appears > now:
                break
            latest[article.pmid, article.version] = place
        shown = {place: self.articles[place] for place in latest.values()}
        return {place: a for place, a in shown.items() if a.gone is None or a.gone > now}

    def studies_at(self, now: datetime) -> dict[str, Study]:
        """Return what the register shows, by current id. An id that became an alias is no study any more."""
        shown: dict[str, Study] = {}
        for study in sorted(self.studies, key=lambda study: study.appears):
            if study.appears <= now:
                shown[study.nct] = study
        held = {nct: s for nct, s in shown.items() if s.gone is None or s.gone > now}
        aliases = by_alias(held)
        return {nct: s for nct, s in held.items() if nct not in aliases}

    @cached_property
    def _articles_by_date(self) -> list[int]:
        return sorted(range(len(self.articles)), key=lambda place: self.articles[place].appears)


# --- PubMed ---------------------------------------------------------------------------------------------


def from_pubmed_xml(data: bytes, appears: datetime | None = None) -> RecordSet:
    """Cut a PubMed file into its entries, each shown from `appears` on, or else from its own day of entry."""
    return RecordSet(articles=tuple(article(match[0], appears) for match in ENTRY.finditer(data)))


def article(raw: bytes, appears: datetime | None = None) -> Article:
    """Index one entry by its own words and its own History."""
    entry = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))
    pmid = next(entry.iter("PMID"))
    days = dict(_days(entry))
    shown = appears or datetime.combine(days.get("crdt", ALWAYS.date()), time(), UTC)
    # A later version is an entry modified on the day it came, whatever its DateRevised says.
    days["mdat"] = max(days.get("mdat", shown.date()), shown.date())
    return Article(
        pmid=pmid.text or "",
        version=int(pmid.get("Version") or 1),
        appears=shown,
        raw=raw,
        days=days,
        words=_words_of(entry),
    )


def _days(entry: etree._Element) -> Iterator[tuple[str, date]]:
    history = {item.get("PubStatus"): item for item in entry.iter("PubMedPubDate")}
    for tag, status in (("crdt", "entrez"), ("edat", "pubmed")):
        if status in history:
            yield tag, _date(history[status])
    revised = entry.find("MedlineCitation/DateRevised")
    if revised is None:
        revised = entry.find("BookDocument/DateRevised")
    if revised is not None:
        yield "mdat", _date(revised)


def _date(item: etree._Element) -> date:
    year, month, day = (int(item.findtext(part) or 1) for part in ("Year", "Month", "Day"))
    return date(year, month, day)


def normal(text: str) -> str:
    """The index's spelling: lower case, punctuation as spaces, one space at each end."""
    return " " + " ".join(re.sub(r"[^\w]+", " ", text.lower()).split()) + " "


def _words_of(entry: etree._Element) -> dict[str, str]:
    def text(*paths: str) -> str:
        return " ".join(
            "".join(map(str, found.itertext())) for path in paths for found in entry.iterfind(path)
        )

    def names(path: str) -> str:
        found = ("".join(map(str, item.itertext())) for item in entry.iterfind(path))
        return "|".join(("", *(normal(name).strip() for name in found), ""))

    base, article_path = "MedlineCitation", "MedlineCitation/Article"
    book = "BookDocument"
    return {
        "ti": normal(text(f"{article_path}/ArticleTitle", f"{book}/ArticleTitle", f"{book}/Book/BookTitle")),
        "ab": normal(text(f"{article_path}/Abstract", f"{base}/OtherAbstract", f"{book}/Abstract")),
        "ot": normal(text(f"{base}/KeywordList", f"{book}/KeywordList")),
        "au": normal(text(f"{article_path}/AuthorList/Author/LastName")),
        "jo": normal(text(f"{article_path}/Journal/Title")),
        "mh": names(f"{base}/MeshHeadingList/MeshHeading/DescriptorName"),
        "sh": names(f"{base}/MeshHeadingList/MeshHeading/QualifierName"),
        "nm": names(f"{base}/ChemicalList/Chemical/NameOfSubstance"),
        "pt": names(f"{article_path}/PublicationTypeList/PublicationType"),
        "la": names(f"{article_path}/Language"),
    }


# --- ClinicalTrials.gov ---------------------------------------------------------------------------------


def from_ctgov_jsonl(path: Path, appears: datetime | None = None) -> RecordSet:
    """Read one study a line, bare or under `study`; `.xz` is unpacked."""
    stored = path.read_bytes()
    lines = (lzma.decompress(stored) if path.suffix == ".xz" else stored).splitlines()
    found = [json.loads(line) for line in lines if line.strip()]
    return from_ctgov([item.get("study", item) for item in found], appears)


def from_ctgov(studies: Iterable[Json], appears: datetime | None = None) -> RecordSet:
    """Take studies as API v2 gives them, each shown from `appears` on, or else from its last update."""
    return RecordSet(studies=tuple(study(item, appears) for item in studies))


def study(data: Json, appears: datetime | None = None) -> Study:
    """Date one study."""
    naming = data["protocolSection"]["identificationModule"]
    return Study(
        nct=naming["nctId"],
        aliases=tuple(naming.get("nctIdAliases", ())),
        appears=appears or _last_update(data),
        raw=json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),
        data=data,
    )


def _last_update(data: Json) -> datetime:
    status = data["protocolSection"].get("statusModule", {})
    day = status.get("lastUpdatePostDateStruct", {}).get("date")
    return datetime.combine(date.fromisoformat(day), time(), UTC) if day else ALWAYS


def by_alias(studies: dict[str, Study]) -> dict[str, str]:
    """Return alias id -> current id."""
    found: dict[str, str] = {}
    for item in studies.values():
        found.update(dict.fromkeys(item.aliases, item.nct))
    return found
