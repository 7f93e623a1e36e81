"""PubMed XML into Records: hardened, streaming, and deaf to what is no content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from io import BytesIO

from lxml import etree

from living.errors import SourceChanged, SourceDown
from living.model.record import AbstractPart, Identifier, Notice, NoticeKind, Record
from living.model.values import digest
from living.sources.gateway import excerpt, is_html

SOURCE = "pubmed"
Parts = dict[str, etree._Element]
PMID = re.compile(r"^[1-9]\d{0,8}$")
PLACES = {"PubmedArticle": "MedlineCitation/PMID", "PubmedBookArticle": "BookDocument/PMID"}
ENTRIES = tuple(PLACES)
NOTICES: dict[str, NoticeKind] = {
    "RetractionIn": "retraction",
    "RetractedandRepublishedIn": "retraction",
    "PartialRetractionIn": "concern",  # a part may stand: people decide, no banner by itself
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "erratum",
    "CorrectedandRepublishedIn": "erratum",
    "UpdateIn": "update",
}
NAMING = ("LastName", "ForeName", "Initials", "Suffix", "CollectiveName")
SCHEMES = {"clinicaltrials.gov": "nct", "eudract": "eudract", "isrctn": "isrctn"}
_ERROR = re.compile(rb"<ERROR>(.*?)</ERROR>", re.DOTALL)
_PASSING = re.compile(r"search backend failed|timeout|timed out|proxy_stream|unable to open", re.IGNORECASE)
_CEILING = re.compile(r"retstart|out of acceptable range", re.IGNORECASE)
_ELEMENT = re.compile(rb"<[A-Za-z]")
_VERSION = re.compile(r"[0-9]{1,9}")
_HEADED = re.compile(rb'<MedlineCitation\b[^>]*>\s*<PMID Version="(\d{1,9})">\s*(\d+)\s*</PMID>')


def parse(body: bytes, payload: str = "") -> Iterator[Record]:
    """Yield the records of a PubmedArticleSet, each in its highest version in this body.

    Raises SourceDown for an answer that is cut or is an outage in disguise, SourceChanged for anything else
    that is not such a set. Memory is bounded by the largest record, not by the body.
    """
    refuse(body)
    highest = _highest_versions(body)
    for entry in _entries(body, payload):
        record = _article(entry, payload) if entry.tag == "PubmedArticle" else _book(entry, payload)
        if record.version >= highest.get(record.id, 0):
            yield record.hashed()


def ids_in(body: bytes) -> tuple[str, ...]:
    """Return the ids of a set in the order it holds them; the same refusals as `parse`."""
    refuse(body)
    return tuple(dict.fromkeys(_pmid(entry, entry.find(PLACES[entry.tag])) for entry in _entries(body, "")))


def deleted_in(body: bytes) -> tuple[str, ...]:
    """Return the ids that an update file takes back. E-utilities never announce these."""
    tags = ("DeleteCitation", "DeleteDocument")
    return tuple(_text(pmid) for entry in _entries(body, "", tags) for pmid in entry.iterfind("PMID"))


def refuse(body: bytes, root: str = "PubmedArticleSet") -> None:
    """Raise what an answer deserves that is not the XML asked for; the body decides before any status."""
    head, tail = body[:4096].lstrip(), body[-4096:].rstrip()
    if not head and not body.strip():
        raise SourceDown(SOURCE, "an empty answer", payload=digest(body))
    if is_html(body):
        raise SourceDown(
            SOURCE, f"a web page where XML was expected: {excerpt(body, 80)}", payload=digest(body)
        )
    if head[:1] == b"{":
        refuse_json(body)
    if said := _ERROR.search(head):
        _refuse_error(excerpt(said[1]), digest(body))
    if b"<!ENTITY" in head:
        raise SourceChanged(SOURCE, "XML that declares entities", payload=digest(body))
    if head[:1] == b"<" and (not tail.endswith(b">") or not _ELEMENT.search(body)):
        raise SourceDown(SOURCE, f"cut off before </{root}>", payload=digest(body))
    if f"<{root}".encode() not in head:
        raise SourceChanged(SOURCE, f"not a {root}: {excerpt(body)}", payload=digest(body))
    if not tail.endswith((f"</{root}>".encode(), f"<{root}/>".encode(), f"<{root} />".encode())):
        raise SourceDown(SOURCE, f"cut off before </{root}>", payload=digest(body))


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
    if body.count(b'Version="') == body.count(b'Version="1"'):
        return highest
    for head in _HEADED.finditer(body):
        version, pmid = int(head[1]), head[2].decode()
        highest[pmid] = max(version, highest.get(pmid, 0))
    return highest


def _article(entry: etree._Element, payload: str) -> Record:
    """Read one article; DateRevised, Status, CitationSubset, CoiStatement and references are left out."""
    parts = _children(entry)
    citation = _need(parts, "MedlineCitation", entry)
    told = _children(citation)
    article = _need(told, "Article", citation)
    of_article, data = _children(article), _children(parts.get("PubmedData"))
    journal = _children(of_article.get("Journal"))
    types = _set(of_article.get("PublicationTypeList"), "PublicationType")
    notices, relations = _corrections(told.get("CommentsCorrectionsList"))
    if "Retracted Publication" in types and not any(notice.kind == "retraction" for notice in notices):
        notices = (*notices, Notice(kind="retraction", text="publication type Retracted Publication"))
    return Record(
        source=SOURCE,
        id=_pmid(entry, told.get("PMID"), payload),
        version=_version(told["PMID"]),
        title=_text(of_article.get("ArticleTitle")) or _text(of_article.get("VernacularTitle")),
        abstract=_abstract(of_article.get("Abstract"), told.get("OtherAbstract")),
        authors=_authors(of_article.get("AuthorList")),
        container=_text(journal.get("Title")),
        published=_printed(_children(journal.get("JournalIssue")).get("PubDate")),
        entered=_entered(data.get("History")),
        publication_status=_text(data.get("PublicationStatus")),
        types=types,
        headings=_headings(told.get("MeshHeadingList")),
        keywords=_keywords(citation),
        languages=_set(article, "Language"),
        identifiers=_identifiers(data.get("ArticleIdList"), article, of_article.get("DataBankList")),
        notices=notices,
        relations=relations,
        payload=payload,
    )


def _book(entry: etree._Element, payload: str) -> Record:
    """Read a book or a chapter, which has no citation: seen and kept, never silently lost."""
    parts = _children(entry)
    document = _need(parts, "BookDocument", entry)
    told, data = _children(document), _children(parts.get("PubmedBookData"))
    book = _children(told.get("Book"))
    return Record(
        source=SOURCE,
        id=_pmid(entry, told.get("PMID"), payload),
        version=_version(told["PMID"]),
        title=_text(told.get("ArticleTitle")) or _text(book.get("BookTitle")),
        abstract=_parts(told.get("Abstract")),
        authors=_authors(told.get("AuthorList")),
        container=_text(book.get("BookTitle")),
        published=_printed(book.get("PubDate")),
        entered=_entered(data.get("History")),
        publication_status=_text(data.get("PublicationStatus")),
        types=("book",),
        keywords=_keywords(document),
        languages=_set(document, "Language"),
        identifiers=_unique(_article_ids(told.get("ArticleIdList"))),
        payload=payload,
    )


def _children(element: etree._Element | None) -> Parts:
    """Return the first child of each name: one pass, where a search for each would walk them anew."""
    return {} if element is None else {child.tag: child for child in reversed(element)}


def _need(parts: Parts, name: str, of: etree._Element) -> etree._Element:
    found = parts.get(name)
    if found is None:
        raise SourceChanged(SOURCE, f"a {of.tag} without {name}")
    return found


def _pmid(entry: etree._Element, found: etree._Element | None, payload: str = "") -> str:
    pmid = _text(found)
    if not PMID.match(pmid):
        raise SourceChanged(SOURCE, f"a {entry.tag} whose PMID is {pmid!r}", payload=payload)
    return pmid


def _version(pmid: etree._Element) -> int:
    said = pmid.get("Version") or "1"
    if not _VERSION.fullmatch(said):
        raise SourceChanged(SOURCE, f"a PMID whose version is {said[:20]!r}")
    return int(said)


def _text(element: etree._Element | None) -> str:
    """Return all inner text, so that <i>, <sub> and MathML lose their tags and nothing else."""
    if element is None:
        return ""
    inner = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join((inner if inner.isascii() else unicodedata.normalize("NFC", inner)).split())


def _set(listed: etree._Element | None, name: str) -> tuple[str, ...]:
    if listed is None:
        return ()
    return tuple(sorted({text for found in listed.iterchildren(name) if (text := _text(found))}))


def _keywords(citation: etree._Element) -> tuple[str, ...]:
    """Return the keywords of all lists: of the authors, of NLM, of other indexers."""
    lists = (_set(listed, "Keyword") for listed in citation.iterchildren("KeywordList"))
    return tuple(sorted({keyword for keywords in lists for keyword in keywords}))


def _abstract(own: etree._Element | None, other: etree._Element | None) -> tuple[AbstractPart, ...]:
    """Return the abstract; where there is none, one in another language or for another reader."""
    return _parts(own) if own is not None else _parts(other)


def _parts(abstract: etree._Element | None) -> tuple[AbstractPart, ...]:
    if abstract is None:
        return ()
    found = ((part.get("Label") or "", _text(part)) for part in abstract.iterchildren("AbstractText"))
    return tuple(AbstractPart(label=" ".join(label.split()), text=text) for label, text in found if text)


def _authors(listed: etree._Element | None) -> tuple[str, ...]:
    people: list[dict[str, str]] = []
    for part in (
        () if listed is None else listed.iter("Author", *NAMING)
    ):  # an author, then the author's names
        if part.tag == "Author":
            people.append({})
        elif people:
            people[-1][part.tag] = _text(part)
    return tuple(name for told in people if (name := _author(told)))


def _author(told: dict[str, str]) -> str:
    """Return `Younger J` or the name of a group."""
    given = told.get("Initials") or told.get("ForeName", "")
    person = (told.get("LastName", ""), given, told.get("Suffix", ""))
    return told.get("CollectiveName") or " ".join(part for part in person if part)


def _printed(when: etree._Element | None) -> str:
    """Return a publication date as printed: `2020 Nov-Dec`, `2016 Sep`, `1978`."""
    told = _children(when)
    parts = ("MedlineDate", "Year", "Season", "Month", "Day")
    return " ".join(text for part in parts if (text := _text(told.get(part))))


def _entered(history: etree._Element | None) -> str:
    if history is None:
        return ""
    entries = (found for found in history.iterchildren("PubMedPubDate") if found.get("PubStatus") == "entrez")
    return next(map(_day, entries), "")


def _day(when: etree._Element) -> str:
    told = _children(when)
    year, month, day = (_text(told.get(part)) for part in ("Year", "Month", "Day"))
    try:
        return date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""


def _headings(listed: etree._Element | None) -> tuple[str, ...]:
    """Return `Descriptor` and `Descriptor/qualifier`, with * on what the article is mainly about."""
    if listed is None:
        return ()
    found, descriptor, described = set(), "", 0
    for name in listed.iter("DescriptorName", "QualifierName"):  # a descriptor comes before its qualifiers
        if name.tag == "DescriptorName":
            text = descriptor = _text(name)
            described += 1
        else:
            text = f"{descriptor}/{_text(name)}"
        found.add(f"{text}*" if name.get("MajorTopicYN") == "Y" else text)
    if described < sum(1 for _ in listed.iterchildren("MeshHeading")):
        raise SourceChanged(SOURCE, "a MeshHeading without DescriptorName")
    return tuple(sorted(found))


def _identifiers(
    listed: etree._Element | None, article: etree._Element, banks: etree._Element | None
) -> tuple[Identifier, ...]:
    """Return the ids the entry states in their own fields; an id that only stands in a text is none."""
    found = _article_ids(listed)  # not the lists of the references
    for place in article.iterchildren("ELocationID"):
        found.append((place.get("EIdType") or "", _text(place)))
    for bank in () if banks is None else banks.iterchildren("DataBank"):
        name = _text(bank.find("DataBankName")).lower()
        numbers = bank.iterfind("AccessionNumberList/AccessionNumber")
        found += [_accession(SCHEMES.get(name, name), _text(number)) for number in numbers]
    return _unique(found)


def _article_ids(listed: etree._Element | None) -> list[tuple[str, str]]:
    if listed is None:
        return []
    wanted = {"doi": "doi", "pmc": "pmc"}
    ids = ((wanted.get(item.get("IdType") or ""), item) for item in listed.iterchildren("ArticleId"))
    return [(scheme, _text(item)) for scheme, item in ids if scheme]


def _accession(scheme: str, value: str) -> tuple[str, str]:
    """Return an accession; one that is no NCT number, however listed, must never link a trial."""
    tight = "".join(value.split()).upper()
    if scheme == "nct":
        return ("nct", tight) if re.fullmatch(r"NCT\d{8}", tight) else ("clinicaltrials.gov", value)
    return scheme, value


def _unique(found: list[tuple[str, str]]) -> tuple[Identifier, ...]:
    named = {(_slug(scheme), value.lower() if scheme == "doi" else value) for scheme, value in found}
    return tuple(
        Identifier(scheme=scheme, value=value) for scheme, value in sorted(named) if scheme and value
    )


@lru_cache
def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")


def _corrections(listed: etree._Element | None) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """Return the notices about this report, and every pointer with a PMID."""
    if listed is None:
        return (), ()
    notices, relations = set(), set()
    for item in listed.iterchildren("CommentsCorrections"):
        kind, pmid = item.get("RefType") or "", _text(item.find("PMID"))
        record = f"{SOURCE}:{pmid}" if PMID.match(pmid) else None
        if record:
            relations.add(f"{kind} {record}")
        if kind in NOTICES:
            notices.add((NOTICES[kind], record or "", "" if record else _text(item.find("RefSource"))))
    return (
        tuple(Notice(kind=kind, record=record or None, text=text) for kind, record, text in sorted(notices)),
        tuple(sorted(relations)),
    )
