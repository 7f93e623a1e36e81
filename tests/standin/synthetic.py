"""Records written by us in the shapes of the registries; never to be taken for real ones."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

Json = dict[str, Any]


def article_xml(
    pmid: int | str,
    title: str = "A synthetic article",
    *,
    abstract: str = "",
    entered: str = "2026-01-15",
    indexed: str = "",
    revised: str = "",
    version: int = 1,
    types: Sequence[str] = ("Journal Article",),
    headings: Sequence[str] = (),
    substances: Sequence[str] = (),
    keywords: Sequence[str] = (),
    authors: Sequence[tuple[str, str]] = (("Example", "A"),),
    journal: str = "Journal of Synthetic Examples",
    published: str = "<Year>2026</Year><Month>Jan</Month>",
    nct: Sequence[str] = (),
    doi: str = "",
    corrections: Sequence[tuple[str, str]] = (),
    status: str = "ppublish",
    extra: str = "",
) -> bytes:
    """Return one PubmedArticle. Dates are ISO days; `title`, `abstract` and `extra` may hold markup."""
    abstract = (
        abstract if not abstract or abstract.startswith("<") else f"<AbstractText>{abstract}</AbstractText>"
    )
    banks = _each("<AccessionNumber>{}</AccessionNumber>", nct)
    lists = [
        ("Abstract", abstract),
        ("AuthorList", "".join(_author(last, initials) for last, initials in authors)),
        (
            "DataBankList",
            banks
            and "<DataBank><DataBankName>ClinicalTrials.gov</DataBankName>"
            f"<AccessionNumberList>{banks}</AccessionNumberList></DataBank>",
        ),
        ("PublicationTypeList", _each('<PublicationType UI="">{}</PublicationType>', types)),
    ]
    citation = [
        ("ChemicalList", _each("<Chemical><NameOfSubstance>{}</NameOfSubstance></Chemical>", substances)),
        ("CommentsCorrectionsList", "".join(_correction(kind, to) for kind, to in corrections)),
        (
            "MeshHeadingList",
            _each(
                '<MeshHeading><DescriptorName MajorTopicYN="N">{}</DescriptorName></MeshHeading>', headings
            ),
        ),
        ("KeywordList", _each('<Keyword MajorTopicYN="N">{}</Keyword>', keywords)),
    ]
    ids = f'<ArticleId IdType="pubmed">{pmid}</ArticleId>' + (
        f'<ArticleId IdType="doi">{escape(doi)}</ArticleId>' if doi else ""
    )
    history = (
        _day("entrez", entered) + _day("pubmed", indexed or entered) + _day("medline", indexed or entered)
    )
    text = (
        f'<PubmedArticle><MedlineCitation Status="PubMed-not-MEDLINE" Owner="NLM">'
        f'<PMID Version="{version}">{pmid}</PMID>'
        f"<DateRevised>{_ymd(revised or entered)}</DateRevised>"
        f'<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet">'
        f"<PubDate>{published}</PubDate>"
        f"</JournalIssue><Title>{escape(journal)}</Title></Journal><ArticleTitle>{title}</ArticleTitle>"
        + (f'<ELocationID EIdType="doi" ValidYN="Y">{escape(doi)}</ELocationID>' if doi else "")
        + _lists(lists[:2])
        + "<Language>eng</Language>"
        + _lists(lists[2:])
        + f"</Article>{_lists(citation)}{extra}</MedlineCitation>"
        f"<PubmedData><History>{history}</History><PublicationStatus>{status}</PublicationStatus>"
        f"<ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>"
    )
    return text.encode()


def article_set(*articles: bytes) -> bytes:
    """Return what efetch would send."""
    return b'<?xml version="1.0" ?>\n<PubmedArticleSet>\n' + b"\n".join(articles) + b"\n</PubmedArticleSet>"


def book_xml(pmid: int | str, title: str = "A synthetic chapter", *, entered: str = "2026-01-15") -> bytes:
    """Return one PubmedBookArticle, which has no MedlineCitation."""
    return (
        f'<PubmedBookArticle><BookDocument><PMID Version="1">{pmid}</PMID>'
        f"<Book><BookTitle>Synthetic Reviews</BookTitle><PubDate><Year>2026</Year></PubDate></Book>"
        f"<ArticleTitle>{title}</ArticleTitle><Language>eng</Language></BookDocument>"
        f"<PubmedBookData><History>{_day('entrez', entered)}</History>"
        f"<PublicationStatus>ppublish</PublicationStatus></PubmedBookData></PubmedBookArticle>"
    ).encode()


def study_json(
    nct: str,
    title: str = "A synthetic trial",
    *,
    interventions: Sequence[str] = ("Naltrexone",),
    status: str = "RECRUITING",
    updated: str = "2026-01-15",
    first_posted: str = "2025-12-01",
    results_posted: str = "",
    aliases: Sequence[str] = (),
    secondary: Sequence[tuple[str, str]] = (),
    enrolment: int = 60,
    summary: str = "A synthetic summary.",
    **status_module: Any,
) -> Json:
    """Return one study as API v2 gives it."""
    naming: Json = {
        "nctId": nct,
        "briefTitle": title,
        "organization": {"fullName": "Synthetic", "class": "OTHER"},
    }
    if aliases:
        naming["nctIdAliases"] = list(aliases)
    if secondary:
        naming["secondaryIdInfos"] = [{"id": value, "type": kind} for kind, value in secondary]
    dates: Json = {
        "statusVerifiedDate": updated[:7],
        "overallStatus": status,
        "startDateStruct": {"date": "2025-12", "type": "ACTUAL"},
        "primaryCompletionDateStruct": {"date": "2027-03", "type": "ESTIMATED"},
        "completionDateStruct": {"date": "2027-06", "type": "ESTIMATED"},
        "studyFirstSubmitDate": first_posted,
        "studyFirstPostDateStruct": {"date": first_posted, "type": "ACTUAL"},
        "lastUpdateSubmitDate": updated,
        "lastUpdatePostDateStruct": {"date": updated, "type": "ESTIMATED"},
        **status_module,
    }
    if results_posted:
        dates["resultsFirstPostDateStruct"] = {"date": results_posted, "type": "ACTUAL"}
    study: Json = {
        "protocolSection": {
            "identificationModule": naming,
            "statusModule": dates,
            "descriptionModule": {"briefSummary": summary},
            "conditionsModule": {"conditions": ["Chronic pain"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE2"],
                "designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "QUADRUPLE"}},
                "enrollmentInfo": {"count": enrolment, "type": "ESTIMATED"},
            },
            "armsInterventionsModule": {
                "armGroups": [{"label": "Active", "type": "EXPERIMENTAL", "description": "4.5 mg daily"}],
                "interventions": [{"type": "DRUG", "name": name} for name in interventions],
            },
            "outcomesModule": {"primaryOutcomes": [{"measure": "Pain", "timeFrame": "12 weeks"}]},
            "eligibilityModule": {"eligibilityCriteria": "Inclusion:\n\n* Adults"},
            "contactsLocationsModule": {
                "centralContacts": [{"name": "Synthetic Person", "eMail": "person@example.org"}]
            },
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": updated}},
        "hasResults": bool(results_posted),
    }
    if results_posted:
        study["resultsSection"] = {"outcomeMeasuresModule": {"outcomeMeasures": [{"title": "Pain"}]}}
    return study


def _each(pattern: str, values: Sequence[str]) -> str:
    return "".join(pattern.format(escape(value)) for value in values)


def _lists(named: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{content}</{name}>" for name, content in named if content)


def _author(last: str, initials: str) -> str:
    return f"<Author><LastName>{escape(last)}</LastName><Initials>{escape(initials)}</Initials></Author>"


def _correction(kind: str, to: str) -> str:
    pmid = f'<PMID Version="1">{to}</PMID>' if to.isdigit() else ""
    source = "J Synth. 2026" if pmid else escape(to)
    return (
        f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{pmid}</CommentsCorrections>'
    )


def _ymd(day: str) -> str:
    year, month, number = day.split("-")
    return f"<Year>{year}</Year><Month>{month}</Month><Day>{number}</Day>"


def _day(status: str, day: str) -> str:
    return f'<PubMedPubDate PubStatus="{status}">{_ymd(day)}</PubMedPubDate>'
