"""What a registry sends that is new here is counted under a name that says where it stands."""

import json
from typing import Any

import pytest

from living.errors import SourceChanged
from living.sources import ctgov, pubmed
from tests.standin.synthetic import article_set, article_xml, book_xml, study_json

ARTICLE = article_xml(1, "A title", nct=["NCT09990001"], doi="10.1000/1", corrections=[("ErratumIn", "3")])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"<ArticleTitle>", b"<Mood>calm</Mood><ArticleTitle>", "element Mood"),
        (b'RefType="ErratumIn"', b'RefType="SequelIn"', "RefType SequelIn"),
        (b' IdType="doi"', b' IdType="ark"', "IdType ark"),
        (b'EIdType="doi"', b'EIdType="ark"', "EIdType ark"),
    ],
)
def test_new_elements_and_kinds_of_an_article_are_counted(old: bytes, new: bytes, told: str) -> None:
    body = article_set(ARTICLE, book_xml(2))
    assert pubmed.unmapped(body) == {}
    assert old in body
    assert pubmed.unmapped(body.replace(old, new, 1)) == {told: 1}
    assert [record.id for record in pubmed.parse(body.replace(old, new, 1))] == ["1", "2"]


def test_an_entry_that_is_neither_article_nor_book_is_counted() -> None:
    body = article_set(ARTICLE, b"<PubmedFilmArticle><PMID>9</PMID></PubmedFilmArticle>")
    assert pubmed.unmapped(body) == {"element PubmedFilmArticle": 1}
    assert [record.id for record in pubmed.parse(body)] == ["1"]


def test_a_new_element_among_the_headings_costs_no_record() -> None:
    body = article_set(article_xml(1, "A title", headings=["Pain"]))
    odd = body.replace(b"<MeshHeading>", b"<MeshMood>calm</MeshMood><MeshHeading>", 1)
    assert pubmed.unmapped(odd) == {"element MeshMood": 1}
    assert [record.headings for record in pubmed.parse(odd)] == [
        record.headings for record in pubmed.parse(body)
    ]


@pytest.mark.parametrize("said", ["x", "\u00b2", "9" * 5_000])
def test_a_version_that_is_no_number_is_refused_in_words(said: str) -> None:
    body = article_set(ARTICLE)
    odd = body.replace(b'<PMID Version="1">', f'<PMID Version="{said}">'.encode())
    assert odd != body
    with pytest.raises(SourceChanged, match="whose version is"):
        list(pubmed.parse(odd))


def test_a_dtd_of_a_later_year_is_told_before_anything_else_breaks() -> None:
    head = b'<!DOCTYPE PubmedArticleSet PUBLIC "x" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_%d.dtd">'
    told = [pubmed.unmapped(head % year + b"<PubmedArticleSet/>") for year in (190101, 250101, 270101)]
    assert told == [{}, {}, {"DTD 270101": 1}]


def changed(change: dict[str, Any], *path: str | int) -> bytes:
    study = study_json("NCT09990001")
    inner: Any = study
    for name in path:
        inner = inner[name]
    inner.update(change)
    return json.dumps(study).encode()


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"auditSection": {}}, (), "study auditSection"),
        ({"moodModule": {}}, ("protocolSection",), "protocolSection moodModule"),
        ({"mood": "calm"}, ("protocolSection", "statusModule"), "statusModule mood"),
        (
            {"overallStatus": "PAUSED"},
            ("protocolSection", "statusModule"),
            "statusModule overallStatus PAUSED",
        ),
        (
            {"referencesModule": {"references": [{"pmid": "1", "type": "REBUTTAL"}]}},
            ("protocolSection",),
            "references type REBUTTAL",
        ),
        (
            {"designInfo": {"allocation": "BY_LOT"}},
            ("protocolSection", "designModule"),
            "designInfo allocation BY_LOT",
        ),
    ],
)
def test_new_fields_and_words_of_a_study_are_counted(
    change: dict[str, Any], path: tuple[str, ...], told: str
) -> None:
    assert ctgov.unmapped(json.dumps(study_json("NCT09990001")).encode()) == {}
    body = changed(change, *path)
    assert ctgov.unmapped(body) == {told: 1}
    assert [record.id for record in ctgov.parse(body)] == ["NCT09990001"]
