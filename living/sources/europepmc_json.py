"""Europe PMC JSON into Records: preprints alone, each one record whatever the number of its versions.

Written from the reference guide of the web services, version 6.9, and the announcements of versions 6.6 and
6.9 (stored copies, read in November 2026). No live answer was seen.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from living.errors import SourceChanged
from living.model.record import AbstractPart, Identifier, Notice, NoticeKind, Record
from living.model.values import digest
from living.sources.bodies import Json, json_object

SOURCE = "europepmc"
PREPRINTS = "PPR"  # Europe PMC's name for preprints as a source; journal articles are read from PubMed
PPR = re.compile(r"^PPR[1-9][0-9]{0,9}$")
# Where an entry named by source and id is stored here, and what such an id looks like.
PLACES = {"MED": ("pubmed", re.compile(r"^[1-9][0-9]{0,8}$")), PREPRINTS: (SOURCE, PPR)}
NOTICES: dict[str, NoticeKind] = {
    "retraction in": "retraction",
    "partial retraction in": "concern",  # a part may stand: people decide, no banner by itself
    "expression of concern in": "concern",
    "erratum in": "erratum",
    "update in": "update",
}
TAKEN_BACK = frozenset({"preprint-withdrawal", "preprint-removal"})  # types of a version
RELATIONS = frozenset(
    {
        *NOTICES,
        "preprint of", "preprint in", "comment in", "comment on", "erratum for", "retraction of",
        "expression of concern for", "update of", "republished in", "republished from",
    }
)  # fmt: skip
BY_TITLE = "title"  # a link whose note says so rests on a likeness, not on an id
_LABEL = re.compile(r"<h4>(.*?)</h4>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def parse(body: bytes, payload: str = "") -> Iterator[Record]:
    """Yield the preprints of a page of whole records, each in its highest version in this body.

    Raises SourceDown for a web page and for JSON that is cut, SourceChanged for all else that is no page.
    """
    best: dict[str, Json] = {}
    for result in results_in(json_object(SOURCE, body), digest(body)):
        if result.get("source") != PREPRINTS:
            continue
        key = first_id(result)
        if key not in best or version_of(result) >= version_of(best[key]):
            best[key] = result
    for result in best.values():
        yield _record(result).model_copy(update={"payload": payload}).hashed()


def results_in(page: Json, payload: str) -> list[Json]:
    """Return the entries of a page of results; refuse every other object."""
    listed = page.get("resultList")
    results = listed.get("result") if isinstance(listed, dict) else None
    if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
        what = f"no page of results: {', '.join(sorted(page))}"
        raise SourceChanged(SOURCE, what[:200], payload=payload)
    return results


def own_id(result: Json) -> str:
    """Return the id of an entry, whatever fields of it were asked for; refuse what is no preprint."""
    found = str(result.get("id", ""))
    if result.get("source") != PREPRINTS or not PPR.match(found):
        raise SourceChanged(SOURCE, f"a preprint whose id is {result.get('source')} {found!r}")
    return found


def ids_of(result: Json) -> tuple[str, ...]:
    """Return the ids of all versions of a preprint, the first version's first: each version has its own."""
    listed = [item for item in _items(result, "versionList", "version") if PPR.match(str(item.get("id", "")))]
    listed.sort(key=version_of)
    return tuple(dict.fromkeys((*(str(item["id"]) for item in listed), own_id(result))))


def first_id(result: Json) -> str:
    """Return the id by which a preprint is known here: that of its first version, which never changes."""
    return ids_of(result)[0]


def latest_id(result: Json) -> str:
    """Return the id of the highest version that an entry names, its own among them."""
    named = {str(item.get("id")): version_of(item) for item in _items(result, "versionList", "version")}
    named = {own_id(result): version_of(result)} | {name: n for name, n in named.items() if PPR.match(name)}
    return max(named, key=lambda name: named[name])


def version_of(result: Json) -> int:
    """Return the version number of an entry; one that states none is the first."""
    number = result.get("versionNumber")
    return number if type(number) is int and number > 0 else 1  # true is an int to Python


def _record(result: Json) -> Record:
    """Read one preprint. What moves without news is left out: citation counts, links, flags, index dates."""
    types = {_line(item) for item in _texts(result, "pubTypeList", "pubType")} - {""}
    if "preprint" not in {kind.lower() for kind in types}:
        types.add("Preprint")
    notices, relations = _corrections(result)
    return Record(
        source=SOURCE,
        id=first_id(result),
        version=version_of(result),
        title=_plain(result.get("title")),
        abstract=_abstract(result.get("abstractText")),
        authors=_authors(result),
        container=_line(_at(result, "bookOrReportDetails").get("publisher")),
        published=_line(result.get("firstPublicationDate")) or _line(result.get("pubYear")),
        entered=_line(result.get("firstIndexDate")),
        publication_status=_line(result.get("publicationStatus")),
        types=tuple(sorted(types)),
        keywords=_sorted(_texts(result, "keywordList", "keyword")),
        languages=_sorted([result.get("language")]),
        identifiers=_identifiers(result),
        notices=tuple(sorted((*notices, *_taken_back(types)), key=lambda one: (one.kind, one.text))),
        relations=relations,
    )


def _at(found: Json, *path: str) -> Json:
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _items(found: Json, *path: str) -> list[Json]:
    listed = _at(found, *path[:-1]).get(path[-1])
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _texts(found: Json, *path: str) -> list[object]:
    listed = _at(found, *path[:-1]).get(path[-1])
    return listed if isinstance(listed, list) else []


def _line(value: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(value or "")).split())


def _plain(value: object) -> str:
    """Return a text without its mark-up: <i> and <sub> lose their tags, p < 0.05 stays."""
    return _line(html.unescape(_TAG.sub("", str(value or ""))))


def _sorted(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({line for value in values if (line := _line(value))}))


def _abstract(value: object) -> tuple[AbstractPart, ...]:
    """Cut an abstract at its headings: <h4>Methods</h4>..."""
    pieces = _LABEL.split(str(value or ""))
    labels = ["", *pieces[1::2]]
    parts = ((_plain(label), _plain(text)) for label, text in zip(labels, pieces[0::2], strict=True))
    return tuple(AbstractPart(label=label, text=text) for label, text in parts if text)


def _authors(result: Json) -> tuple[str, ...]:
    names = (_author(item) for item in _items(result, "authorList", "author"))
    return tuple(name for name in names if name)


def _author(author: Json) -> str:
    """Return `Younger J` or the name of a group."""
    person = " ".join(filter(None, (_line(author.get("lastName")), _line(author.get("initials")))))
    return _line(author.get("collectiveName")) or person or _line(author.get("fullName"))


def _identifiers(result: Json) -> tuple[Identifier, ...]:
    found = {
        ("doi", _line(result.get("doi")).lower()),
        ("pmid", _line(result.get("pmid"))),
        ("pmc", _line(result.get("pmcid"))),
    }
    return tuple(Identifier(scheme=scheme, value=value) for scheme, value in sorted(found) if value)


def _taken_back(types: set[str]) -> list[Notice]:
    """A version that withdraws or removes the preprint is its retraction."""
    return [Notice(kind="retraction", text=kind) for kind in sorted(types) if kind.lower() in TAKEN_BACK]


def _corrections(result: Json) -> tuple[list[Notice], tuple[str, ...]]:
    """Return the notices about this preprint, and every pointer to an entry that can be stored here.

    A pointer that Europe PMC drew itself, because titles and first authors are alike, is told apart from one
    that rests on the registered metadata of the DOIs.
    """
    notices, relations = {}, set()
    for item in _items(result, "commentCorrectionList", "commentCorrection"):
        kind, record = _line(item.get("type")), _named(item)
        if record:
            likeness = "ByTitle" if BY_TITLE in _line(item.get("note")).lower() else ""
            words = "".join(word[:1].upper() + word[1:] for word in kind.split())
            relations.add(f"{words}{likeness} {record}")
        if kind.lower() in NOTICES:
            text = "" if record else _line(item.get("reference"))
            notices[kind.lower(), record, text] = Notice(kind=NOTICES[kind.lower()], record=record, text=text)
    return list(notices.values()), tuple(sorted(relations))


def _named(item: Json) -> str | None:
    """Return the key of the entry that a pointer names, where such an entry can be stored here."""
    place, form = PLACES.get(str(item.get("source")), ("", PPR))
    own = _line(item.get("id"))
    return f"{place}:{own}" if place and form.match(own) else None


# What the reference guide of 6.9 lists of a whole record, and three fields that examples show.
KNOWN = frozenset(
    "id source pmid pmcid fullTextIdList doi title authorString authorList authorIdList investigatorList "
    "journalInfo pubYear pageInfo abstractText affiliation publicationStatus language pubModel pubTypeList "
    "grantsList meshHeadingList keywordList chemicalList subsetList bookOrReportDetails brSummary bookid "
    "fullTextUrlList commentCorrectionList extCommentList license versionList versionNumber hasEvaluations "
    "isOpenAccess inEPMC inPMC hasPDF hasBook hasSuppl citedByCount hasData hasReferences hasTextMinedTerms "
    "hasDbCrossReferences dbCrossReferenceList hasLabsLinks authMan epmcAuthMan nihAuthMan manuscriptId "
    "hasTMAccessionNumbers tmAccessionTypeList embargoDate dateOfCompletion dateOfCreation dateOfRevision "
    "firstIndexDate fullTextReceivedDate firstPublicationDate electronicPublicationDate dataLinksTagsList "
    "patentDetailsInfo luceneScore".split()
)


def unmapped(body: bytes) -> Counter[str]:
    """Count the fields and the kinds of relation of entries that are not known here."""
    found: Counter[str] = Counter()
    for result in results_in(json_object(SOURCE, body), ""):
        found.update(f"field {name}" for name in result.keys() - KNOWN)
        kinds = (
            _line(item.get("type")) for item in _items(result, "commentCorrectionList", "commentCorrection")
        )
        found.update(f"relation {kind}" for kind in kinds if kind.lower() not in RELATIONS)
    return found
