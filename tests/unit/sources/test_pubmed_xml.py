"""Every trap that PubMed's XML is known to hold, in a payload written for it."""

from pathlib import Path

import pytest
from lxml import etree

from living.errors import SourceChanged, SourceDown, SourceError
from living.model.record import Record
from living.model.values import digest
from living.sources.pubmed import deleted_in, parse
from living.sources.pubmed_xml import ids_in
from tests.standin.synthetic import article_set, article_xml

BODY = (Path(__file__).parents[2] / "payloads/sources/synthetic_traps.xml").read_bytes()


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for record in parse(BODY, digest(BODY))}


def one(**fields: object) -> Record:
    return next(iter(parse(article_set(article_xml(1, **fields)))))  # type: ignore[arg-type]


def test_of_several_versions_the_highest_is_kept_wherever_it_stands() -> None:
    versions = [(record.id, record.version) for record in parse(BODY)]
    assert versions == [("900001", 2), ("900002", 1), ("900003", 1)]


def test_a_title_keeps_its_words_and_loses_its_markup(records: dict[str, Record]) -> None:
    assert records["900001"].title == "Effect of low-dose naltrexone on CO2 & x=1."


def test_an_article_without_an_english_title_has_its_own(records: dict[str, Record]) -> None:
    assert records["900002"].title == "Niedrig dosiertes Naltrexon."


def test_an_abstract_keeps_its_labels_and_folds_its_lines(records: dict[str, Record]) -> None:
    parts = [(part.label, part.text) for part in records["900001"].abstract]
    assert parts == [
        ("BACKGROUND", "NCT09999998 stands only in this text."),
        ("RESULTS", "Pain fell by 1.0 point."),
    ]


def test_an_abstract_in_another_language_is_better_than_none(records: dict[str, Record]) -> None:
    assert [part.text for part in records["900002"].abstract] == ["Un resumen."]


def test_a_group_is_an_author_and_an_article_may_have_none(records: dict[str, Record]) -> None:
    assert records["900001"].authors == ("Muster E", "Synthetic Pain Group", "Solo")
    assert records["900002"].authors == ()


def test_dates_are_kept_as_printed_and_as_entered(records: dict[str, Record]) -> None:
    assert [records[pmid].published for pmid in ("900001", "900002")] == ["2020 Nov-Dec", "1978 Mar 4"]
    assert records["900001"].entered == "2021-06-04"


def test_later_notices_about_the_report_are_notices(records: dict[str, Record]) -> None:
    notices = {notice.kind: (notice.record, notice.text) for notice in records["900001"].notices}
    assert notices == {
        "retraction": ("pubmed:900010", ""),
        "concern": (None, "J Synth. 2026;2:3"),
        "erratum": ("pubmed:900011", ""),
        "update": ("pubmed:900012", ""),
    }
    assert "CommentIn pubmed:900013" in records["900001"].relations


def test_a_retracted_publication_without_a_link_is_still_retracted(records: dict[str, Record]) -> None:
    assert [(notice.kind, notice.record) for notice in records["900002"].notices] == [("retraction", None)]


def test_only_ids_in_their_own_fields_are_identifiers(records: dict[str, Record]) -> None:
    found = {(item.scheme, item.value) for item in records["900001"].identifiers}
    assert found == {
        ("doi", "10.5555/abc.1"),
        ("pii", "S0000-0001"),
        ("pmc", "PMC1"),
        ("nct", "NCT09999999"),
        ("clinicaltrials.gov", "NCT123"),  # misprinted: kept, and no link
        ("isrctn", "ISRCTN00000001"),
    }


def test_headings_name_what_the_article_is_mainly_about(records: dict[str, Record]) -> None:
    assert records["900001"].headings == ("Adult", "Naltrexone", "Naltrexone/therapeutic use*")


def test_a_book_is_a_record_of_its_own_type(records: dict[str, Record]) -> None:
    book = records["900003"]
    assert (book.types, book.title, book.container) == (("book",), "A chapter", "Synthetic Reviews")


def test_deleted_citations_are_no_records_and_can_be_asked_for() -> None:
    assert deleted_in(BODY) == ("900004", "900005")
    assert ids_in(BODY) == ("900001", "900002", "900003")


def test_a_record_names_the_payload_it_was_read_from(records: dict[str, Record]) -> None:
    assert {record.payload for record in records.values()} == {digest(BODY)}


# --- what counts as content -----------------------------------------------------------------------------


def test_dates_of_the_index_status_subset_interest_and_references_are_no_content() -> None:
    reread = BODY.replace(b"<Year>2026</Year><Month>02</Month><Day>03</Day>", b"<Year>2027</Year>")
    for old, new in (
        (b'Status="In-Process"', b'Status="MEDLINE"'),
        (b"<CitationSubset>IM</CitationSubset>", b""),
        (b"<CoiStatement>None.</CoiStatement>", b"<CoiStatement>Some.</CoiStatement>"),
        (b"10.5555/not.ours", b"10.5555/other"),
        (b"<Year>2019</Year>", b"<Year>2018</Year>"),
        (b'<ArticleId IdType="pmc">PMC1</ArticleId>\n', b""),
        (b'<ArticleId IdType="doi">', b'<ArticleId IdType="pmc">PMC1</ArticleId><ArticleId IdType="doi">'),
    ):
        assert old in reread
        reread = reread.replace(old, new)
    assert [r.content_hash for r in parse(reread)] == [r.content_hash for r in parse(BODY)]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Another"},
        {"abstract": "Another"},
        {"abstract": '<AbstractText Label="AIM">X</AbstractText>'},
        {"authors": [("Other", "B")]},
        {"journal": "Other"},
        {"published": "<Year>2025</Year>"},
        {"types": ["Journal Article", "Randomized Controlled Trial"]},
        {"headings": ["Naltrexone"]},
        {"keywords": ["pain"]},
        {"nct": ["NCT00000001"]},
        {"doi": "10.5555/1"},
        {"status": "aheadofprint"},
        {"version": 2},
        {"corrections": [("RetractionIn", "2")]},
        {"corrections": [("CommentIn", "2")]},
    ],
)
def test_everything_else_is_content(fields: dict[str, object]) -> None:
    assert one(**fields).content_hash != one().content_hash


def test_what_is_a_set_has_no_order() -> None:
    assert (
        one(keywords=["a", "b"], types=["x", "y"]).content_hash
        == one(keywords=["b", "a"], types=["y", "x"]).content_hash
    )


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", SourceDown),
        (b"<html><body>blocked</body></html>", SourceDown),
        (BODY[:-30], SourceDown),
        (BODY.replace(b"</MedlineCitation>", b"</Medline>", 1), SourceDown),
        (b"<eSearchResult><ERROR>Search Backend failed: x</ERROR></eSearchResult>", SourceDown),
        (b"<eFetchResult><ERROR>External viewer error. Status: Timeout</ERROR></eFetchResult>", SourceDown),
        (b'{"error":"API rate limit exceeded","api-key":"SECRET"}', SourceDown),
        (b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>", SourceChanged),
        (b"<eSearchResult><ERROR>'retstart' cannot be larger</ERROR></eSearchResult>", SourceChanged),
        (b'{"error":"Invalid uid"}', SourceChanged),
        (b"id: 1 Error occurred: The following PMID is not available: 1", SourceChanged),
        (article_set(article_xml("ABC")), SourceChanged),
        (article_set(b"<PubmedArticle><PubmedData/></PubmedArticle>"), SourceChanged),
    ],
)
def test_a_body_that_is_no_whole_set_is_refused_by_its_kind(body: bytes, error: type[SourceError]) -> None:
    with pytest.raises(error) as caught:
        list(parse(body))
    assert type(caught.value) is error
    assert "SECRET" not in str(caught.value)


def test_an_empty_set_is_an_answer() -> None:
    assert list(parse(article_set())) == []
    assert list(parse(b"<PubmedArticleSet/>")) == []


def test_a_body_that_declares_entities_is_refused_before_any_is_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa">'
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
    )
    with pytest.raises(SourceChanged, match="entities"):
        list(parse(bomb))


def test_neither_a_dtd_nor_a_file_is_ever_read(tmp_path: Path) -> None:
    canary = tmp_path / "canary.dtd"
    canary.write_text('<!ENTITY leak "leaked">')
    body = (
        f'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet SYSTEM "file://{canary}"><PubmedArticleSet>'.encode()
        + article_xml(1, "A &leak; title")
        + b"</PubmedArticleSet>"
    )
    try:
        titles = [record.title for record in parse(body)]
    except SourceError:
        titles = []
    assert "leaked" not in "".join(titles)


def test_nesting_without_end_is_refused() -> None:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    with pytest.raises(SourceDown):
        list(parse(b"<PubmedArticleSet>" + deep + b"</PubmedArticleSet>"))


def test_unknown_elements_and_attributes_are_passed_over() -> None:
    body = article_set(article_xml(1, extra='<NewIn2027 a="b"><c/></NewIn2027>'))
    assert [record.id for record in parse(body)] == ["1"]
    assert etree.fromstring(body) is not None
