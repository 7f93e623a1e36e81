"""Invented PubMed answers of a realistic size and variety, the same in every run."""

import random
from collections.abc import Iterator
from itertools import accumulate

BATCH = 200  # ids in one efetch request
HEAD = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC '
    b'"-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
TAIL = b"\n</PubmedArticleSet>\n"
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va wé xi yo zü".split()
LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
TYPES = ("Journal Article", "Randomized Controlled Trial", "Review", "Letter", "Clinical Trial")


class Inventor:
    """Words as unevenly spread as those of titles are, and articles made of them."""

    def __init__(self) -> None:
        self.luck = random.Random(20260101)
        words = {"".join(self.luck.choices(SYLLABLES, k=self.luck.randint(1, 5))) for _ in range(20_000)}
        self.words = sorted(words)
        self.luck.shuffle(self.words)
        self.weights = list(accumulate(1 / (at + 1) for at in range(len(self.words))))
        self.journals = [self.some(4).title() for _ in range(3_000)]
        self.terms = [self.some(2).title() for _ in range(9_000)]

    def some(self, number: int) -> str:
        return " ".join(self.luck.choices(self.words, cum_weights=self.weights, k=number))

    def article(self, pmid: int) -> str:
        """Return one entry of about nine thousand characters."""
        luck = self.luck
        year, month, day = 1990 + pmid % 36, pmid % 12 + 1, pmid % 28 + 1
        doi = f"10.{1000 + pmid % 9000}/syn.{pmid}"
        return f"""<PubmedArticle>
    <MedlineCitation Status="MEDLINE" Owner="NLM">
      <PMID Version="1">{pmid}</PMID>
      <DateRevised><Year>{year}</Year><Month>{month:02}</Month><Day>{day:02}</Day></DateRevised>
      <Article PubModel="Print-Electronic">
        <Journal>
          <JournalIssue CitedMedium="Internet">
            <Volume>{pmid % 90}</Volume>
            <PubDate>
              <Year>{year}</Year>
              <Month>{month:02}</Month>
            </PubDate>
          </JournalIssue>
          <Title>{luck.choice(self.journals)}</Title>
        </Journal>
        <ArticleTitle>{self.some(9).capitalize()} in <i>{self.some(1)}</i>.</ArticleTitle>
        <ELocationID EIdType="doi" ValidYN="Y">{doi}</ELocationID>
        <Abstract>{"".join(self.part(label) for label in LABELS)}
        </Abstract>
        <AuthorList CompleteYN="Y">{"".join(self.author() for _ in range(luck.randint(1, 11)))}
        </AuthorList>
        <Language>{"eng" if pmid % 11 else "fre"}</Language>
        {self.databank(pmid)}<PublicationTypeList>
          <PublicationType UI="D016428">{TYPES[pmid % len(TYPES)]}</PublicationType>
          <PublicationType UI="D013485">Research Support, Non-U.S. Gov't</PublicationType>
        </PublicationTypeList>
      </Article>
      <CitationSubset>IM</CitationSubset>
      <MeshHeadingList>{"".join(self.heading() for _ in range(luck.randint(6, 15)))}
      </MeshHeadingList>
      <KeywordList Owner="NOTNLM">{"".join(self.keyword() for _ in range(luck.randint(0, 6)))}
      </KeywordList>
    </MedlineCitation>
    <PubmedData>
      <History>{"".join(self.date(status, year, month, day) for status in ("received", "pubmed", "entrez"))}
      </History>
      <PublicationStatus>ppublish</PublicationStatus>
      <ArticleIdList>
        <ArticleId IdType="pubmed">{pmid}</ArticleId>
        <ArticleId IdType="doi">{doi}</ArticleId>
      </ArticleIdList>
    </PubmedData>
  </PubmedArticle>"""

    def part(self, label: str) -> str:
        text = f"{self.some(45).capitalize()} (n = {self.luck.randint(9, 900)}; P &lt; 0.05)."
        return f'\n          <AbstractText Label="{label}" NlmCategory="{label}">{text}</AbstractText>'

    def author(self) -> str:
        given = self.luck.choice("ABCDEFGHJKLM")
        return f"""
          <Author ValidYN="Y">
            <LastName>{self.some(1).title()}</LastName>
            <ForeName>{given}{self.some(1)}</ForeName>
            <Initials>{given}</Initials>
            <AffiliationInfo>
              <Affiliation>{self.some(14)}</Affiliation>
            </AffiliationInfo>
          </Author>"""

    def databank(self, pmid: int) -> str:
        if pmid % 20:
            return ""
        number = f"<AccessionNumber>NCT{pmid:08}</AccessionNumber>"
        name = "<DataBankName>ClinicalTrials.gov</DataBankName>"
        bank = f"<DataBank>{name}<AccessionNumberList>{number}</AccessionNumberList></DataBank>"
        return f'<DataBankList CompleteYN="Y">{bank}</DataBankList>'

    def heading(self) -> str:
        first = (
            f'<DescriptorName UI="D000001" MajorTopicYN="N">{self.luck.choice(self.terms)}</DescriptorName>'
        )
        second = '<QualifierName UI="Q000002" MajorTopicYN="Y">drug therapy</QualifierName>'
        return f"""
        <MeshHeading>
          {first}
          {second if self.luck.random() < 0.4 else ""}
        </MeshHeading>"""

    def keyword(self) -> str:
        return f'\n        <Keyword MajorTopicYN="N">{self.some(2)}</Keyword>'

    def date(self, status: str, year: int, month: int, day: int) -> str:
        return f"""
        <PubMedPubDate PubStatus="{status}">
          <Year>{year}</Year>
          <Month>{month}</Month>
          <Day>{day}</Day>
          <Hour>6</Hour>
          <Minute>0</Minute>
        </PubMedPubDate>"""


def answers(many: int) -> Iterator[bytes]:
    """Yield efetch answers that together hold so many articles, of which no two are alike."""
    inventor = Inventor()
    for start in range(1, many + 1, BATCH):
        entries = (inventor.article(pmid) for pmid in range(start, min(start + BATCH, many + 1)))
        yield HEAD + "\n".join(entries).encode() + TAIL
