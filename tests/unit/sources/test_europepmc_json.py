"""Reading Europe PMC's preprints: one record for all versions, and nothing that moves without news."""

import json
from typing import Any

import pytest

from living.errors import SourceChanged, SourceDown
from living.model.record import Notice, Record
from living.review.record_changes import is_retracted, typed_changes
from living.sources.europepmc_json import parse, unmapped
from tests.standin.synthetic_registers import Json, preprint_json


def page(*results: Json, **more: Any) -> bytes:
    return json.dumps(
        {"version": "6.9", "hitCount": len(results), "resultList": {"result": results}} | more
    ).encode()


def read(*results: Json) -> list[Record]:
    return list(parse(page(*results), "sha"))


def one(**fields: Any) -> Record:
    [record] = read(preprint_json("PPR101", **fields))
    return record


def test_a_preprint_is_read_into_a_record() -> None:
    record = one(
        title="Naltrexone, <i>low</i> dose &amp; pain",
        doi="10.1101/2026.01.09.X1",
        keywordList={"keyword": ["pain", "naltrexone"]},
        language="eng",
        pmid="123",
    )
    assert (record.key, record.version, record.payload) == ("europepmc:PPR101", 1, "sha")
    assert record.title == "Naltrexone, low dose & pain"
    assert [(part.label, part.text) for part in record.abstract] == [
        ("Methods", "A randomised synthetic trial."),
        ("Results", "Less pain (p < 0.05)."),
    ]
    assert record.authors == ("Invented A", "The Synthetic Group")
    assert (record.container, record.published, record.entered) == ("medRxiv", "2026-01-10", "2026-01-10")
    assert (record.types, record.keywords, record.languages) == (
        ("preprint",),
        ("naltrexone", "pain"),
        ("eng",),
    )
    assert {(item.scheme, item.value) for item in record.identifiers} == {
        ("doi", "10.1101/2026.01.09.x1"),
        ("pmid", "123"),
    }


def test_an_abstract_without_headings_and_none_at_all_are_read() -> None:
    assert [(part.label, part.text) for part in one(abstract="Plain words.").abstract] == [
        ("", "Plain words.")
    ]
    assert one(abstract="").abstract == ()


def test_all_versions_are_one_record_that_is_called_as_the_first() -> None:
    versions = ["PPR101", "PPR205", "PPR300"]
    first = preprint_json("PPR101", versions=versions)
    third = preprint_json("PPR300", version=3, versions=versions, title="Revised")
    for order in ((first, third), (third, first)):
        [record] = read(*order)
        assert (record.id, record.version, record.title) == ("PPR101", 3, "Revised")
    [alone] = read(third)
    assert alone == record


def test_what_moves_without_news_changes_no_hash() -> None:
    moved = one(
        cited=31,
        isOpenAccess="Y",
        hasEvaluations="Y",
        fullTextUrlList={"fullTextUrl": [{"url": "https://example.org/x"}]},
        dateOfRevision="2026-02-01",
        tmAccessionTypeList={"accessionType": ["nct"]},
    )
    assert one().content_hash == moved.content_hash
    assert one(title="Another").content_hash != moved.content_hash


@pytest.mark.parametrize("kind", ["preprint-withdrawal", "Preprint-removal"])
def test_a_version_that_takes_the_preprint_back_is_its_retraction(kind: str) -> None:
    taken = one(types=["preprint", kind], version=2)
    assert is_retracted(taken)
    assert Notice(kind="retraction", text=kind) in taken.notices
    assert set(typed_changes(one(), taken)) >= {"RETRACTED", "NEW_VERSION"}


def test_pointers_are_kept_and_what_rests_on_a_likeness_is_told_apart() -> None:
    record = one(
        corrections=[
            ("Preprint of", "MED", "38605817", "CrossRef Pre-print loader"),
            ("Preprint of", "MED", "38605818", "Link created based on a title-first author match"),
            ("Erratum in", "PPR", "PPR9", ""),
            ("Expression of concern in", "MED", "5", ""),
            ("Comment in", "AGR", "IND1", ""),
        ]
    )
    assert record.relations == (
        "ErratumIn europepmc:PPR9",
        "ExpressionOfConcernIn pubmed:5",
        "PreprintOf pubmed:38605817",
        "PreprintOfByTitle pubmed:38605818",
    )
    assert {(notice.kind, notice.record) for notice in record.notices} == {
        ("erratum", "europepmc:PPR9"),
        ("concern", "pubmed:5"),
    }


def test_only_preprints_are_taken_and_each_is_typed_as_one() -> None:
    article = {"id": "39709209", "source": "MED", "title": "An article"}
    records = read(article, preprint_json("PPR101", types=["Journal Article"]))
    assert [record.key for record in records] == ["europepmc:PPR101"]
    assert records[0].types == ("Journal Article", "Preprint")


def test_sparse_and_odd_entries_are_read_for_what_they_hold() -> None:
    bare = {
        "id": "PPR7",
        "source": "PPR",
        "versionNumber": "2",
        "authorList": None,
        "pubTypeList": {"pubType": 3},
    }
    [record] = read(bare)
    assert (record.id, record.version, record.title, record.types) == ("PPR7", 1, "", ("Preprint",))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", SourceDown),
        (b"<!DOCTYPE html><html>", SourceDown),
        (b'{"resultList": {"result": [', SourceDown),
        (b'{"resultList": {"result": [{"id": NaN}]}}', SourceDown),
        (b"[]", SourceChanged),
        (b'{"resultList": {}}', SourceChanged),
        (b'{"resultList": {"result": [1]}}', SourceChanged),
        (b'{"resultList": {"result": [{"source": "PPR", "id": "PPR1; DROP"}]}}', SourceChanged),
        (b'{"resultList": {"result": [{"source": "PPR", "id": "101"}]}}', SourceChanged),
    ],
)
def test_what_is_no_page_of_preprints_is_refused(body: bytes, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        list(parse(body))


def test_what_is_not_known_is_counted() -> None:
    odd = preprint_json("PPR1", corrections=[("Sequel of", "MED", "1", "")], newField=1)
    assert unmapped(page(odd, preprint_json("PPR2"))) == {"field newField": 1, "relation Sequel of": 1}
