"""PubMed XML into Records: hardened, streaming, and deaf to what is no content."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO

from lxml import etree

from living.errors import SourceChanged, SourceDown
from living.model.record import AbstractPart, Identifier, Notice, NoticeKind, Record
from living.model.values import digest
from living.sources.gateway import excerpt, is_html

SOURCE = "pubmed"
PMID = re.compile(r"^[1-9]\d{0,8}$")
ENTRIES = ("PubmedArticle", "PubmedBookArticle")
NOTICES: dict[str, NoticeKind] = {
    "RetractionIn": "retraction",
    "RetractedandRepublishedIn": "retraction",
    "PartialRetractionIn": "concern",  # a part may stand: people decide, no banner by itself
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "erratum",
    "CorrectedandRepublishedIn": "erratum",
    "UpdateIn": "update",
}
# As the DTD of 2025 lists them, and two that are newer.
RELATIONS = frozenset(
    "AssociatedDataset AssociatedPublication CommentIn CommentOn CorrectedandRepublishedFrom "
    "CorrectedandRepublishedIn ErratumFor ErratumIn ExpressionOfConcernFor ExpressionOfConcernIn "
    "OriginalReportIn RepublishedFrom RepublishedIn RetractedandRepublishedFrom RetractedandRepublishedIn "
    "RetractionIn RetractionOf PartialRetractionIn PartialRetractionOf ReprintIn ReprintOf "
    "SummaryForPatientsIn UpdateIn UpdateOf Cites".split()
)
SCHEMES = {"clinicaltrials.gov": "nct", "eudract": "eudract", "isrctn": "isrctn"}
_ERROR = re.compile(rb"<ERROR>(.*?)</ERROR>", re.DOTALL)
_PASSING = re.compile(r"search backend failed|timeout|timed out|proxy_stream|unable to open", re.IGNORECASE)
_CEILING = re.compile(r"retstart|out of acceptable range", re.IGNORECASE)
_ELEMENT = re.compile(rb"<[A-Za-z]")
_RELATION = re.compile(rb'<CommentsCorrections\b[^>]*\bRefType="([^"]{1,80})"')
_HEADED = re.compile(rb'<MedlineCitation\b[^>]*>\s*<PMID Version="(\d+)">\s*(\d+)\s*</PMID>')


def parse(body: bytes, payload: str = "") -> Iterator[Record]:
    """Yield the records of a PubmedArticleSet, each in its highest version in this body.

    Raises SourceDown for an answer that is cut or is an outage in disguise, SourceChanged for anything else
    that is not such a set. Memory is bounded by the largest record, not by the body.
    """
    refuse(body)
    highest = _highest_versions(body)
    for entry in _entries(body, payload):
        record = _article(entry) if entry.tag == "PubmedArticle" else _book(entry)
        if record.version >= highest.get(record.id, 0):
            yield record.model_copy(update={"payload": payload}).hashed()


def unmapped(body: bytes) -> Counter[str]:
    """Count the kinds of relation between articles that are not known here, which are kept and mean nothing.

    >>> unmapped(b'<CommentsCorrections RefType="SequelIn">')
    Counter({'RefType SequelIn': 1})
    """
    found = Counter(kind.decode() for kind in _RELATION.findall(body))
    return Counter({f"RefType {kind}": n for kind, n in found.items() if kind not in RELATIONS})


def ids_in(body: bytes) -> tuple[str, ...]:
    """Return the ids of a set in the order it holds them; the same refusals as `parse`."""
    refuse(body)
    return tuple(dict.fromkeys(_pmid(entry, "") for entry in _entries(body, "")))


def deleted_in(body: bytes) -> tuple[str, ...]:
    """Return the ids that an update file takes back. E-utilities never announce these."""
    tags = ("DeleteCitation", "DeleteDocument")
    return tuple(_text(pmid) for entry in _entries(body, "", tags) for pmid in entry.iterfind("PMID"))


def refuse(body: bytes, root: str = "PubmedArticleSet") -> None:
    """Raise what an answer deserves that is not the XML asked for; the body decides before any status."""
    payload = digest(body)
    if not body.strip():
        raise SourceDown(SOURCE, "an empty answer", payload=payload)
    if is_html(body):
        raise SourceDown(SOURCE, f"a web page where XML was expected: {excerpt(body, 80)}", payload=payload)
    if body.lstrip()[:1] == b"{":
        refuse_json(body)
    if said := _ERROR.search(body[:4096]):
        _refuse_error(excerpt(said[1]), payload)
    if b"<!ENTITY" in body[:4096]:
        raise SourceChanged(SOURCE, "XML that declares entities", payload=payload)
    if body.lstrip()[:1] == b"<" and (not body.rstrip().endswith(b">") or not _ELEMENT.search(body)):
        raise SourceDown(SOURCE, f"cut off before </{root}>", payload=payload)
    if f"<{root}".encode() not in body[:4096]:
        raise SourceChanged(SOURCE, f"not a {root}: {excerpt(body)}", payload=payload)
    if not body.rstrip().endswith((f"</{root}>".encode(), f"<{root}/>".encode(), f"<{root} />".encode())):
        raise SourceDown(SOURCE, f"cut off before </{root}>", payload=payload)


def refuse_json(body: bytes) -> None:
    """Raise for JSON where XML was asked for. The body is never shown: it can hold the key."""
    if b"rate limit" in body:
        raise SourceDown(SOURCE, "asked to slow down (API rate limit exceeded)")
    raise SourceChanged(SOURCE, "JSON where XML was expected", payload=digest(body))


def _refuse_error(said: str, payload: str) -> None:
    if _CEILING.search(said):
        raise SourceChanged(SOURCE, f"more results than can be listed: {said}", payload=payload)
    if _PASSING.search(said):
        raise SourceDown(SOURCE, f"an outage told as an answer: {said}", payload=payload)
    raise SourceChanged(SOURCE, f"an error told as an answer: {said}", payload=payload)


def _entries(body: bytes, payload: str, tags: tuple[str, ...] = ENTRIES) -> Iterator[etree._Element]:
    """Yield whole entries one by one and forget them; no DTD, no entity, no network."""
    events = etree.iterparse(
        BytesIO(body),
        events=("end",),
        tag=tags,
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,  # keeps libxml2's own limits on depth and on the length of one text
    )
    try:
        for _, entry in events:
            yield entry
            entry.clear()
            while entry.getprevious() is not None:
                del entry.getparent()[0]
    except etree.XMLSyntaxError as fault:
        raise SourceDown(SOURCE, f"XML that cannot be read: {fault.msg}", payload=payload) from None


def _highest_versions(body: bytes) -> dict[str, int]:
    """Return the highest version of each id, read off the raw bytes: versions of one id may be far apart."""
    highest: dict[str, int] = {}
    for head in _HEADED.finditer(body):
        version, pmid = int(head[1]), head[2].decode()
        highest[pmid] = max(version, highest.get(pmid, 0))
    return highest


def _article(entry: etree._Element) -> Record:
    """Read one article; DateRevised, Status, CitationSubset, CoiStatement and references are left out."""
    citation = _need(entry, "MedlineCitation")
    article = _need(citation, "Article")
    notices, relations = _corrections(citation)
    types = _set(article, "PublicationTypeList/PublicationType")
    if "Retracted Publication" in types and not any(notice.kind == "retraction" for notice in notices):
        notices = (*notices, Notice(kind="retraction", text="publication type Retracted Publication"))
    return Record(
        source=SOURCE,
        id=_pmid(entry, ""),
        version=int(_need(citation, "PMID").get("Version") or 1),
        title=_first(article, "ArticleTitle") or _first(article, "VernacularTitle"),
        abstract=_abstract(citation, article),
        authors=_authors(article.find("AuthorList")),
        container=_first(article, "Journal/Title"),
        published=_printed(article.find("Journal/JournalIssue/PubDate")),
        entered=_entered(entry),
        publication_status=_first(entry, "PubmedData/PublicationStatus"),
        types=types,
        headings=_headings(citation),
        keywords=_set(citation, "KeywordList/Keyword"),
        languages=_set(article, "Language"),
        identifiers=_identifiers(entry, article),
        notices=notices,
        relations=relations,
    )


def _book(entry: etree._Element) -> Record:
    """Read a book or a chapter, which has no citation: seen and kept, never silently lost."""
    document = _need(entry, "BookDocument")
    return Record(
        source=SOURCE,
        id=_pmid(entry, ""),
        version=int(_need(document, "PMID").get("Version") or 1),
        title=_first(document, "ArticleTitle") or _first(document, "Book/BookTitle"),
        abstract=_parts(document.find("Abstract")),
        authors=_authors(document.find("AuthorList")),
        container=_first(document, "Book/BookTitle"),
        published=_printed(document.find("Book/PubDate")),
        entered=_entered(entry),
        publication_status=_first(entry, "PubmedBookData/PublicationStatus"),
        types=("book",),
        keywords=_set(document, "KeywordList/Keyword"),
        languages=_set(document, "Language"),
        identifiers=_unique(_article_ids(document.find("ArticleIdList"))),
    )


def _need(element: etree._Element, path: str) -> etree._Element:
    found = element.find(path)
    if found is None:
        raise SourceChanged(SOURCE, f"a {element.tag} without {path}")
    return found


def _pmid(entry: etree._Element, payload: str) -> str:
    place = "MedlineCitation/PMID" if entry.tag == "PubmedArticle" else "BookDocument/PMID"
    pmid = _first(entry, place)
    if not PMID.match(pmid):
        raise SourceChanged(SOURCE, f"a {entry.tag} whose PMID is {pmid!r}", payload=payload)
    return pmid


def _text(element: etree._Element | None) -> str:
    """Return all inner text, so that <i>, <sub> and MathML lose their tags and nothing else."""
    if element is None:
        return ""
    inner = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join(unicodedata.normalize("NFC", inner).split())


def _first(element: etree._Element, path: str) -> str:
    return _text(element.find(path))


def _set(element: etree._Element, path: str) -> tuple[str, ...]:
    return tuple(sorted({text for found in element.iterfind(path) if (text := _text(found))}))


def _abstract(citation: etree._Element, article: etree._Element) -> tuple[AbstractPart, ...]:
    """Return the abstract; where there is none, one in another language or for another reader."""
    own = article.find("Abstract")
    return _parts(own) if own is not None else _parts(citation.find("OtherAbstract"))


def _parts(abstract: etree._Element | None) -> tuple[AbstractPart, ...]:
    if abstract is None:
        return ()
    found = ((part.get("Label") or "", _text(part)) for part in abstract.iterfind("AbstractText"))
    return tuple(AbstractPart(label=" ".join(label.split()), text=text) for label, text in found if text)


def _authors(listed: etree._Element | None) -> tuple[str, ...]:
    if listed is None:
        return ()
    return tuple(name for author in listed.iterfind("Author") if (name := _author(author)))


def _author(author: etree._Element) -> str:
    """Return `Younger J` or the name of a group."""
    told = {part.tag: _text(part) for part in author if part.tag != "AffiliationInfo"}
    given = told.get("Initials") or told.get("ForeName", "")
    person = (told.get("LastName", ""), given, told.get("Suffix", ""))
    return told.get("CollectiveName") or " ".join(part for part in person if part)


def _printed(when: etree._Element | None) -> str:
    """Return a publication date as printed: `2020 Nov-Dec`, `2016 Sep`, `1978`."""
    if when is None:
        return ""
    parts = ("MedlineDate", "Year", "Season", "Month", "Day")
    return " ".join(text for part in parts if (text := _first(when, part)))


def _entered(entry: etree._Element) -> str:
    for place in ("PubmedData", "PubmedBookData"):
        found = entry.find(f"{place}/History/PubMedPubDate[@PubStatus='entrez']")
        if found is not None:
            return _day(found)
    return ""


def _day(when: etree._Element) -> str:
    told = {part.tag: _text(part) for part in when}
    try:
        return date(int(told.get("Year", "")), int(told.get("Month", 1)), int(told.get("Day", 1))).isoformat()
    except ValueError:
        return ""


def _headings(citation: etree._Element) -> tuple[str, ...]:
    """Return `Descriptor` and `Descriptor/qualifier`, with * on what the article is mainly about."""
    found = set()
    for heading in citation.iterfind("MeshHeadingList/MeshHeading"):
        descriptor = _need(heading, "DescriptorName")
        found.add(_text(descriptor) + _star(descriptor))
        for qualifier in heading.iterfind("QualifierName"):
            found.add(f"{_text(descriptor)}/{_text(qualifier)}{_star(qualifier)}")
    return tuple(sorted(found))


def _star(name: etree._Element) -> str:
    return "*" if name.get("MajorTopicYN") == "Y" else ""


def _identifiers(entry: etree._Element, article: etree._Element) -> tuple[Identifier, ...]:
    """Return the ids the entry states in their own fields; an id that only stands in a text is none."""
    found = _article_ids(entry.find("PubmedData/ArticleIdList"))  # not the lists of the references
    for place in article.iterfind("ELocationID"):
        found.append((place.get("EIdType") or "", _text(place)))
    for bank in article.iterfind("DataBankList/DataBank"):
        name = _first(bank, "DataBankName").lower()
        numbers = bank.iterfind("AccessionNumberList/AccessionNumber")
        found += [_accession(SCHEMES.get(name, name), _text(number)) for number in numbers]
    return _unique(found)


def _article_ids(listed: etree._Element | None) -> list[tuple[str, str]]:
    if listed is None:
        return []
    wanted = {"doi": "doi", "pmc": "pmc"}
    ids = ((wanted.get(item.get("IdType") or ""), _text(item)) for item in listed.iterfind("ArticleId"))
    return [(scheme, value) for scheme, value in ids if scheme]


def _accession(scheme: str, value: str) -> tuple[str, str]:
    """Return an accession; one that is no NCT number, however listed, must never link a trial."""
    tight = "".join(value.split()).upper()
    if scheme == "nct":
        return ("nct", tight) if re.fullmatch(r"NCT\d{8}", tight) else ("clinicaltrials.gov", value)
    return scheme, value


def _unique(found: list[tuple[str, str]]) -> tuple[Identifier, ...]:
    named = {
        (
            re.sub(r"[^a-z0-9._-]+", "-", scheme.lower()).strip("-._"),
            value.lower() if scheme == "doi" else value,
        )
        for scheme, value in found
    }
    return tuple(
        Identifier(scheme=scheme, value=value) for scheme, value in sorted(named) if scheme and value
    )


def _corrections(citation: etree._Element) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """Return the notices about this report, and every pointer with a PMID."""
    notices, relations = set(), set()
    for item in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        kind, pmid = item.get("RefType") or "", _first(item, "PMID")
        record = f"{SOURCE}:{pmid}" if PMID.match(pmid) else None
        if record:
            relations.add(f"{kind} {record}")
        if kind in NOTICES:
            notices.add((NOTICES[kind], record or "", "" if record else _first(item, "RefSource")))
    return (
        tuple(Notice(kind=kind, record=record or None, text=text) for kind, record, text in sorted(notices)),
        tuple(sorted(relations)),
    )
