"""Two readers of PubMed XML, ours and Bio.Entrez.read, on everything recorded that both accept."""

import random
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from Bio import Entrez

from living.errors import SourceError
from living.model.record import Record
from living.sources import pubmed
from tests.benchmarks.surveillance_speed import recorded_answers
from tests.benchmarks.synthetic_articles import HEAD
from tests.conftest import NetworkRefused

SEED = 20260202
BASELINE_ANSWERS = 150  # of 200 records
UPDATE_ANSWERS = range(BASELINE_ANSWERS, 170)  # those that follow
SAMPLED = 4  # of each
Field = str | tuple[object, ...]

# What is done to a text on its way from PubMed into a record, and Bio.Entrez does not do. A field that is not
# the same at once must become the same by the first so many of these.
ADJUSTMENTS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("as it is", "Bio.Entrez with `escape` keeps &lt; apart from markup", unescape),
    (
        "white space",
        "folded: a text that was only broken anew is the same text",
        lambda text: " ".join(unescape(text).split()),
    ),
    (
        "markup",
        "<i>, <sub> and MathML lose their tags, which Bio.Entrez keeps as text",
        lambda text: " ".join(unescape(re.sub(r"<[^<>]*>", "", text)).split()),
    ),
)
OLDER = "a lower version of an id in the same answer"  # read by both; ours keeps the highest
# Why Bio.Entrez refuses files that we read, and how many there are. With another head it reads them too,
# once it may skip elements of the years before that DTD.
REFUSED = {"no DOCTYPE": 53, "a DTD named by http": 3}
READ_BY_NEITHER = {
    "biopython_pubmed3.html",  # a web page
    "retractobot_pubmed_retracted_publication.xml",  # an article without its set
}


def single_files(recorded: Path) -> Iterator[tuple[str, bytes]]:
    for folder in ("special", "efetch"):
        for path in sorted((recorded / "pubmed" / folder).iterdir()):
            if path.name.endswith(".tar.xz"):
                with tarfile.open(path) as archive:
                    yield from ((m.name, file.read()) for m in archive if (file := archive.extractfile(m)))
            else:
                yield path.name, path.read_bytes()


def theirs(body: bytes, *, validate: bool = True) -> list[Any] | str:
    """Bio.Entrez's reading, or why it refuses. It must never fetch a DTD: it ships those it needs."""
    try:
        found = Entrez.read(BytesIO(body), escape=True, validate=validate)
    except NetworkRefused:
        raise
    except (ValueError, RuntimeError, Entrez.Parser.NotXMLError, Entrez.Parser.CorruptedXMLError) as fault:
        return str(fault)
    return [*found["PubmedArticle"], *found.get("PubmedBookArticle", [])]


def ours(body: bytes) -> dict[str, Record] | str:
    try:
        return {record.id: record for record in pubmed.parse(body)}
    except SourceError as fault:
        return str(fault)


# --- the same fields, read from Bio.Entrez's tree -----------------------------------------------------------


class Told:
    """One entry as Bio.Entrez tells it, with every text adjusted in one way."""

    def __init__(self, item: Any, adjust: Callable[[str], str]) -> None:
        self.adjust = adjust
        self.is_book = "BookDocument" in item
        self.entry = item["BookDocument"] if self.is_book else item["MedlineCitation"]
        self.article = self.entry if self.is_book else self.entry["Article"]
        self.data = item["PubmedBookData" if self.is_book else "PubmedData"]

    def text(self, found: Any) -> str:
        return self.adjust(str(found))

    def texts(self, found: Iterable[Any]) -> tuple[str, ...]:
        return tuple(sorted({text for one in found if (text := self.text(one))}))

    def version(self) -> str:
        return str(self.entry["PMID"].attributes["Version"])

    def title(self) -> str:
        titles = (self.article.get("ArticleTitle"), self.article.get("VernacularTitle"))
        return (
            next((text for title in titles if title and (text := self.text(title))), "") or self.book_title()
        )

    def book_title(self) -> str:
        return self.text(self.entry.get("Book", {}).get("BookTitle", ""))

    def abstract(self) -> Field:
        other = self.entry.get("OtherAbstract") or [{}]
        own = self.article["Abstract"] if "Abstract" in self.article else other[0]
        return tuple(self.parts(own.get("AbstractText", [])))

    def authors(self) -> Field:
        listed = self.article.get("AuthorList", [])
        people = [one for some in listed for one in some] if self.is_book else listed
        return tuple(name for one in people if (name := self.author(one)))

    def container(self) -> str:
        return self.text(self.article.get("Journal", {}).get("Title", "")) or self.book_title()

    def published(self) -> str:
        issue = self.entry["Book"] if self.is_book else self.article["Journal"]["JournalIssue"]
        order = ("MedlineDate", "Year", "Season", "Month", "Day")
        return " ".join(self.text(issue["PubDate"][part]) for part in order if part in issue["PubDate"])

    def entered(self) -> str:
        seen = (when for when in self.data.get("History", []) if when.attributes["PubStatus"] == "entrez")
        days = (date(int(when["Year"]), int(when["Month"]), int(when["Day"])) for when in seen)
        return next((day.isoformat() for day in days), "")

    def publication_status(self) -> str:
        return self.text(self.data.get("PublicationStatus", ""))

    def types(self) -> Field:
        return ("book",) if self.is_book else self.texts(self.article["PublicationTypeList"])

    def headings(self) -> Field:
        return tuple(sorted(set(self.each_heading())))

    def keywords(self) -> Field:
        return self.texts(word for words in self.entry.get("KeywordList", []) for word in words)

    def languages(self) -> Field:
        return self.texts(self.article["Language"])

    def identifiers(self) -> Field:
        return tuple(sorted(set(self.each_identifier())))

    def relations(self) -> Field:
        listed = self.entry.get("CommentsCorrectionsList", [])
        pointers = ((item.attributes["RefType"], item.get("PMID")) for item in listed)
        return tuple(sorted({f"{kind} pubmed:{pmid}" for kind, pmid in pointers if pmid}))

    def notices(self) -> Field:
        return tuple(sorted(set(self.each_notice())))

    def parts(self, listed: Iterable[Any]) -> Iterator[tuple[str, str]]:
        for part in listed:
            label = getattr(part, "attributes", {}).get("Label", "")
            if text := self.text(part):
                yield self.text(label), text

    def author(self, one: Any) -> str:
        told = {name: self.text(one[name]) for name in one if name != "Identifier"}
        given = told.get("Initials") or told.get("ForeName", "")
        person = (told.get("LastName", ""), given, told.get("Suffix", ""))
        return told.get("CollectiveName") or " ".join(part for part in person if part)

    def each_heading(self) -> Iterator[str]:
        def starred(name: Any) -> str:
            return "*" if name.attributes["MajorTopicYN"] == "Y" else ""

        for heading in self.entry.get("MeshHeadingList", []):
            name = heading["DescriptorName"]
            yield self.text(name) + starred(name)
            for qualifier in heading["QualifierName"]:
                yield f"{self.text(name)}/{self.text(qualifier)}{starred(qualifier)}"

    def each_identifier(self) -> Iterator[tuple[str, str]]:
        listed = self.data["ArticleIdList"] if not self.is_book else self.entry.get("ArticleIdList", [])
        for item in listed:
            if item.attributes["IdType"] in ("doi", "pmc"):
                yield item.attributes["IdType"], self.text(item)
        for place in () if self.is_book else self.article.get("ELocationID", []):
            yield place.attributes["EIdType"], self.text(place)
        for bank in self.article.get("DataBankList", []):
            for number in bank.get("AccessionNumberList", []):
                yield self.text(bank["DataBankName"]), self.text(number)

    def each_notice(self) -> Iterator[tuple[str, str]]:
        kinds = {
            "RetractionIn": "retraction",
            "RetractedandRepublishedIn": "retraction",
            "PartialRetractionIn": "concern",
            "ExpressionOfConcernIn": "concern",
            "ErratumIn": "erratum",
            "CorrectedandRepublishedIn": "erratum",
            "UpdateIn": "update",
        }
        for item in self.entry.get("CommentsCorrectionsList", []):
            if kind := kinds.get(item.attributes["RefType"]):
                yield kind, f"pubmed:{item['PMID']}" if item.get("PMID") else self.text(item["RefSource"])


def told_by(record: Record) -> dict[str, Field]:
    """Our reading in the same form; a scheme that is named in our own way gets PubMed's name back."""
    names = {"nct": "ClinicalTrials.gov", "isrctn": "ISRCTN", "eudract": "EudraCT"}
    same = (
        "title",
        "authors",
        "container",
        "published",
        "entered",
        "publication_status",
        "types",
        "headings",
    )
    noticed = {(notice.kind, notice.record or notice.text) for notice in record.notices}
    return {
        **{name: getattr(record, name) for name in (*same, "keywords", "languages", "relations")},
        "version": str(record.version),
        "abstract": tuple((part.label, part.text) for part in record.abstract),
        "identifiers": tuple(sorted((names.get(i.scheme, i.scheme), i.value) for i in record.identifiers)),
        "notices": tuple(sorted(noticed - {("retraction", "publication type Retracted Publication")})),
    }


# --- comparing ----------------------------------------------------------------------------------------------


def compared(record: Record, item: Any, seen: Counter[str]) -> list[str]:
    """Return the fields that no adjustment makes equal, and count how far each of the others had to go."""
    mine = told_by(record)
    left = set(mine)
    for name, _, adjust in ADJUSTMENTS:
        told = Told(item, adjust)
        agreed = {field for field in left if mine[field] == as_kept(field, getattr(told, field)())}
        seen[name] += len(agreed)
        left -= agreed
        if not left:
            break
    return [f"{record.key} {field}: {mine[field]!r} and {getattr(told, field)()!r}" for field in sorted(left)]


def as_kept(field: str, said: Field) -> Field:
    """DOIs are kept in lower case, names of databanks that are not ours as slugs, an id without value not."""
    if field != "identifiers":
        return said
    known = {"ClinicalTrials.gov", "ISRCTN", "EudraCT", "doi", "pmc", "pii"}
    kept = {
        (scheme if scheme in known else scheme.lower(), value.lower() if scheme == "doi" else value)
        for scheme, value in said
        if value
    }
    return tuple(sorted(kept))


def why_refused(body: bytes) -> str:
    if b"<!DOCTYPE" not in body:
        return "no DOCTYPE"
    return "a DTD named by http" if re.search(rb'<!DOCTYPE[^>]*"http://', body) else str(theirs(body))


def compare_answer(body: bytes, seen: Counter[str], *, validate: bool = True) -> list[str]:
    """Compare all entries of an answer that both read."""
    items, records = theirs(body, validate=validate), ours(body)
    assert not isinstance(items, str), items
    assert not isinstance(records, str), records
    odd: list[str] = []
    ids = set()
    for item in items:
        pmid = (item["BookDocument"] if "BookDocument" in item else item["MedlineCitation"])["PMID"]
        ids.add(str(pmid))
        if int(pmid.attributes["Version"]) < records[str(pmid)].version:
            seen[OLDER] += 1
            continue
        seen["records"] += 1
        odd += compared(records[str(pmid)], item, seen)
    assert ids == records.keys()
    return odd


def test_two_readers_agree_on_every_field_of_every_single_answer(recorded: Path) -> None:
    seen: Counter[str] = Counter()
    neither, refused, odd = set(), Counter[str](), list[str]()
    for name, body in single_files(recorded):
        if isinstance(ours(body), str):
            assert isinstance(theirs(body), str)
            neither.add(name)
            continue
        readable = not isinstance(theirs(body), str)
        if not readable:
            refused[why_refused(body)] += 1
            body = HEAD + body[body.index(b"<PubmedArticleSet>") + len(b"<PubmedArticleSet>") :]
        odd += compare_answer(body, seen, validate=readable)
    assert odd == []
    assert neither == READ_BY_NEITHER
    assert refused == REFUSED
    assert seen["records"] >= 300
    assert seen[OLDER] == 2
    assert all(seen[name] for name, *_ in ADJUSTMENTS)  # no reason is listed that nothing needs


def test_two_readers_agree_on_a_sample_of_the_large_files(recorded: Path) -> None:
    draw = random.Random(SEED)
    chosen = {*draw.sample(range(BASELINE_ANSWERS), SAMPLED), *draw.sample(UPDATE_ANSWERS, SAMPLED)}
    seen: Counter[str] = Counter()
    for number, body in enumerate(recorded_answers(recorded)):
        if number in chosen:
            assert compare_answer(body, seen) == []
    assert seen["records"] >= 2 * SAMPLED * 190


@pytest.mark.soak
def test_two_readers_agree_on_every_record_of_the_large_files(recorded: Path) -> None:
    seen: Counter[str] = Counter()
    for body in recorded_answers(recorded):
        assert compare_answer(body, seen) == []
    assert seen["records"] + seen[OLDER] == 33_845
