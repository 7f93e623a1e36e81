"""What PubMed XML is known to hold, so that the new is noticed: names, kinds, the year of its DTD."""

from __future__ import annotations

import re
from collections import Counter

# As the DTD of 2025 declares them; the last is of older entries.
ELEMENTS = frozenset(
    b"Abstract AbstractText AccessionNumber AccessionNumberList Acronym Affiliation AffiliationInfo Agency "
    b"Article ArticleDate ArticleId ArticleIdList ArticleTitle Author AuthorList BeginningDate Book "
    b"BookDocument BookDocumentSet BookTitle Chemical ChemicalList Citation CitationSubset CoiStatement "
    b"CollectionTitle CollectiveName CommentsCorrections CommentsCorrectionsList ContractNumber "
    b"ContributionDate CopyrightInformation Country DataBank DataBankList DataBankName DateCompleted "
    b"DateRevised Day DeleteCitation DeleteDocument DescriptorName DispFormula ELocationID Edition EndPage "
    b"EndingDate ForeName GeneSymbol GeneSymbolList GeneralNote Grant GrantID GrantList History Hour "
    b"ISOAbbreviation ISSN ISSNLinking Identifier Initials Investigator InvestigatorList Isbn Issue Item "
    b"ItemList Journal JournalIssue Keyword KeywordList Language LastName LocationLabel Medium "
    b"MedlineCitation MedlineDate MedlineJournalInfo MedlinePgn MedlineTA MeshHeading MeshHeadingList Minute "
    b"Month NameOfSubstance NlmUniqueID Note NumberOfReferences Object ObjectList OtherAbstract OtherID PMID "
    b"Pagination Param PersonalNameSubject PersonalNameSubjectList PubDate PubMedPubDate PublicationStatus "
    b"PublicationType PublicationTypeList Publisher PublisherLocation PublisherName PubmedArticle "
    b"PubmedArticleSet PubmedBookArticle PubmedBookArticleSet PubmedBookData PubmedData QualifierName "
    b"RefSource Reference ReferenceList RegistryNumber ReportNumber Season Second Section SectionTitle "
    b"Sections SpaceFlightMission StartPage Suffix SupplMeshList SupplMeshName Title URL VernacularTitle "
    b"Volume VolumeTitle Year b i sub sup u "
    b"DateCreated".split()
)
# Relations as the DTD of 2025 lists them, and two that are newer.
RELATIONS = frozenset(
    b"AssociatedDataset AssociatedPublication CommentIn CommentOn CorrectedandRepublishedFrom "
    b"CorrectedandRepublishedIn ErratumFor ErratumIn ExpressionOfConcernFor ExpressionOfConcernIn "
    b"OriginalReportIn RepublishedFrom RepublishedIn RetractedandRepublishedFrom RetractedandRepublishedIn "
    b"RetractionIn RetractionOf PartialRetractionIn PartialRetractionOf ReprintIn ReprintOf "
    b"SummaryForPatientsIn UpdateIn UpdateOf Cites".split()
)
KINDS = {
    b"RefType": RELATIONS,
    b"IdType": frozenset(
        b"doi pii pmcpid pmpid pmc mid sici pubmed medline pmcid pmcbook bookaccession".split()
    ),
    b"EIdType": frozenset({b"doi", b"pii"}),
}
# Every value that an attribute whose name ends in Type is known to have: one look for others is cheap.
TYPED = frozenset().union(
    *KINDS.values(),
    b"Electronic Print Undetermined authors editors Geographic AAMC AIDS KIE PIP NASA Publisher FullText "
    b"plain-language-summary Disease Protocol Organism Anatomy Population Class Summary fulltext".split(),
)
DTD = 250101  # the newest that this list was compared with; each January brings another

_ELEMENT = re.compile(rb"<([A-Za-z][\w.:-]*)")
_TYPED = re.compile(rb'Type="([^"]*)"')
_KIND = re.compile(rb'<(?:CommentsCorrections|ArticleId|ELocationID)\s[^>]*?\b(RefType|E?IdType)="([^"]*)"')
_DTD = re.compile(rb"pubmed_(\d{6})\.dtd")


def unmapped(body: bytes) -> Counter[str]:
    """Count the elements, kinds of id and of relation, and DTDs of a set that are not known here.

    They are kept with the answer and mean nothing yet. A known element at a new place is not noticed.

    >>> unmapped(b'<CommentsCorrections RefType="SequelIn">')
    Counter({'RefType SequelIn': 1})
    """
    elements = _ELEMENT.findall(body)
    unknown = {name for name in set(elements) - ELEMENTS if not name.startswith(b"mml:")}
    found = (
        Counter(f"element {shown(name)}" for name in elements if name in unknown) if unknown else Counter()
    )
    if set(_TYPED.findall(body)) - TYPED:
        odd = ((name, kind) for name, kind in _KIND.findall(body) if kind not in KINDS[name])
        found.update(f"{shown(name)} {shown(kind)}" for name, kind in odd)
    found.update(f"DTD {shown(year)}" for year in _DTD.findall(body[:1024]) if int(year) > DTD)
    return found


def shown(name: bytes) -> str:
    return name.decode(errors="replace")[:80]
