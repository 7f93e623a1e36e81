"""How to cite a version, and the reports it includes: BibTeX, RIS, CSL-JSON, and the tags of its page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from living.model.snapshot import ReleaseOut, ReportOut, Snapshot
from living.model.values import canonical
from living.publish.view import release_of
from living.publish.words import doi_address, plain_title, visible, web_address

FOLDER = "cite"
KINDS = {"article": "article-journal", "preprint": "article", "registration": "dataset"}
RIS_KINDS = {"article-journal": "JOUR", "article": "UNPB", "dataset": "DATA", "report": "RPRT"}
BIBTEX_KINDS = {"article-journal": "article"}
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
# What LaTeX reads as a command, and how it is told not to.
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One thing that can be cited. `kind` is CSL's; nothing is here that the snapshot does not say."""

    id: str
    kind: str
    title: str
    date: str
    container: str = ""
    doi: str = ""
    url: str = ""
    number: str = ""
    note: str = ""
    authors: tuple[str, ...] = ()


def files(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the citations of the version and of its included reports, each in three forms."""
    found: dict[str, bytes] = {}
    for name, works in (("version", [version(snapshot)]), ("included", list(included(snapshot)))):
        found[f"{FOLDER}/{name}.bib"] = "\n".join(map(_bibtex, works)).encode()
        found[f"{FOLDER}/{name}.ris"] = "".join(map(_ris, works)).encode()
        found[f"{FOLDER}/{name}.json"] = canonical([_csl(work) for work in works]).encode()
    return found


def version(snapshot: Snapshot) -> Work:
    """Return the version itself; no author is named where the protocol names none."""
    release = release_of(snapshot)
    return Work(
        id=f"{snapshot.topic}-{release.version}",
        kind="report",
        title=f"{plain_title(snapshot.title)}: a living systematic review",
        date=release.date,
        doi=snapshot.protocol.topic.doi,
        number=release.version,
        note=f"Version {release.version}. sha256:{release.digest}",
        authors=tuple(visible(name) for name in snapshot.protocol.topic.authors),
    )


def included(snapshot: Snapshot) -> Iterator[Work]:
    """Yield every report of the included studies, in the order of the studies; a report once."""
    seen: set[str] = set()
    for study in snapshot.studies:
        for report in study.reports if study.status == "included" else ():
            if report.record not in seen:
                seen.add(report.record)
                yield _report(report)


def _report(report: ReportOut) -> Work:
    return Work(
        id=re.sub(r"[^A-Za-z0-9-]", "-", report.record),
        kind=KINDS.get(report.kind, "document"),
        title=plain_title(report.title),
        date=report.published,
        container=plain_title(report.container),
        doi=visible(report.doi.strip()),
        url=web_address(report.url),
        note=visible(report.record),
    )


def _csl(work: Work) -> dict[str, object]:
    parts = _date_parts(work.date)
    fields: dict[str, object] = {
        "id": work.id,
        "type": work.kind,
        "title": work.title,
        "author": [{"literal": name} for name in work.authors],
        "issued": {"date-parts": [parts]} if parts else None,
        "container-title": work.container,
        "DOI": work.doi,
        "URL": work.url,
        "number": work.number,
        "note": work.note,
    }
    return {name: value for name, value in fields.items() if value}


def _date_parts(date: str) -> list[int]:
    match = _DAY.match(date)
    return [int(part) for part in match.groups() if part] if match else []


def _bibtex(work: Work) -> str:
    parts = _date_parts(work.date)
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" for name in work.authors),
        "title": work.title,
        "year": str(parts[0]) if parts else "",
        "month": str(parts[1]) if len(parts) > 1 else "",
        "journal": work.container,
        "doi": work.doi,
        "url": work.url,
        "version": work.number,
        "note": work.note,
    }
    written = {name: value if name == "author" else _latex(value) for name, value in fields.items()}
    lines = [f"  {name} = {{{value}}},\n" for name, value in written.items() if value]
    return f"@{BIBTEX_KINDS.get(work.kind, 'misc')}{{{work.id},\n{''.join(lines)}}}\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in " ".join(text.split()))


def _ris(work: Work) -> str:
    parts = _date_parts(work.date)
    fields = (
        ("TY", RIS_KINDS.get(work.kind, "GEN")),
        ("ID", work.id),
        *(("AU", name) for name in work.authors),
        ("TI", work.title),
        ("PY", str(parts[0]) if parts else ""),
        ("DA", "/".join(f"{part:02d}" for part in parts) if parts else ""),
        ("T2", work.container),
        ("ET", work.number),
        ("DO", work.doi),
        ("UR", work.url),
        ("N1", work.note),
    )
    return ris_entry(fields)


def ris_entry(fields: Iterable[tuple[str, str]]) -> str:
    """Return one entry of an RIS file, tag by tag; no value can end its line or begin another tag."""
    lines = [f"{tag}  - {' '.join(visible(value).split())}\r\n" for tag, value in fields if value.strip()]
    return f"{''.join(lines)}ER  - \r\n\r\n"


# --- the head of a version's page ---------------------------------------------------------------------------


def meta(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the tags by which reference managers know a page (Highwire Press tags)."""
    work = version(snapshot)
    found = (
        ("citation_title", work.title),
        *(("citation_author", name) for name in work.authors),
        ("citation_publication_date", work.date.replace("-", "/")),
        ("citation_language", "en"),
        ("citation_technical_report_number", work.number),
        ("citation_doi", work.doi),
    )
    return tuple((name, value) for name, value in found if value)


def json_ld(snapshot: Snapshot) -> Markup:
    """Return the version in schema.org's words; what it says is data, and it cannot end its element."""
    release, work = release_of(snapshot), version(snapshot)
    article: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "MedicalScholarlyArticle",
        "name": work.title,
        "headline": work.title,
        "abstract": visible(snapshot.answer.headline),
        "author": [{"@type": "Person", "name": name} for name in work.authors],
        "version": release.version,
        "datePublished": release.date,
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "identifier": identifiers(work, release),
        "isPartOf": {"@type": "CreativeWork", "name": plain_title(snapshot.title), "url": "../"},
        "citation": list(_cited(included(snapshot))),
        "subjectOf": {
            "@type": "Dataset",
            "name": f"Data of {work.title}, {release.version}",
            "description": "Every number of the version with its quote, reader and derivation",
            "distribution": [
                {
                    "@type": "DataDownload",
                    "encodingFormat": "application/json",
                    "contentUrl": "snapshot.json",
                },
                {
                    "@type": "DataDownload",
                    "encodingFormat": "text/csv",
                    "contentUrl": "data/raw/contrasts.csv",
                },
            ],
        },
    }
    stated = {name: value for name, value in article.items() if value not in ([], "")}
    text = json.dumps(stated, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Markup(_inert(text))


def identifiers(work: Work, release: ReleaseOut) -> list[dict[str, str]]:
    """Return what names a version: its digest, and its DOI if it has one."""
    found = [{"@type": "PropertyValue", "propertyID": "sha256", "value": release.digest}]
    if work.doi:
        found.append({"@type": "PropertyValue", "propertyID": "doi", "value": work.doi})
    return found


def _cited(works: Iterable[Work]) -> Iterator[dict[str, str]]:
    for work in works:
        where = doi_address(work.doi) if work.doi else work.url
        yield {"@type": "CreativeWork", "name": work.title, **({"url": where} if where else {})}


def _inert(text: str) -> str:
    """In a script element only these can end it or open a comment; JSON has another way to write each."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@dataclass(frozen=True)
class Head:
    """What the head of a version's page says to machines."""

    meta: tuple[tuple[str, str], ...]
    json_ld: Markup


def head(snapshot: Snapshot) -> Head:
    """Return what the head of a version's page says to machines."""
    return Head(meta(snapshot), json_ld(snapshot))
