"""Answers whose parts are not as described: read as far as they go, or refused, and never a crash."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from living.errors import SourceError
from living.sources import ctgov, ctgov_json, europepmc_json, isrctn_xml, pubmed
from living.sources.gateway import Answer
from living.sources.pubmed_xml import ids_in
from tests.standin.synthetic import article_set, article_xml, book_xml, study_json
from tests.standin.synthetic_registers import preprint_json, trial_xml

SHAPES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # how a crash would look
ODD: list[Any] = [None, 5, -1.5, True, "x", "", [], [None], [1, "x"], {}, {"a": None}, {"date": 7}]
STUDY = study_json(
    "NCT09990001",
    aliases=["NCT09990002"],
    secondary=[("EUDRACT_NUMBER", "2020-000001-01")],
    results_posted="2026-01-15",
)
STUDY["protocolSection"]["referencesModule"] = {
    "references": [{"pmid": "1", "type": "RESULT", "citation": "Example", "retractions": [{"pmid": "2"}]}]
}
ARTICLE = article_xml(
    1,
    "A title",
    abstract='<AbstractText Label="AIM">To see.</AbstractText>',
    types=["Journal Article", "Retracted Publication"],
    headings=["Pain"],
    keywords=["pain"],
    nct=["NCT09990001"],
    doi="10.1000/1",
    corrections=[("RetractionIn", "3"), ("ErratumIn", "J Synth. 2027")],
)


def places(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value but the whole of it."""
    inside = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from places(value, (*path, name))


def with_odd(found: Any, path: tuple[Any, ...], value: Any) -> Any:
    odd = copy.deepcopy(found)
    inner = odd
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return odd


def read_studies(body: bytes) -> None:
    for study in ctgov_json.studies_in(ctgov_json.read(body), ""):
        ctgov_json.nct_id(study)
        ctgov_json.aliases(study)
        ctgov_json.listing(study)
    ctgov.unmapped(body)
    list(ctgov.parse(body))


def test_a_study_of_any_shape_is_read_or_refused() -> None:
    read = refused = 0
    for path in places(STUDY):
        for value in ODD:
            body = json.dumps({"studies": [with_odd(STUDY, path, value)]}).encode()
            try:
                read_studies(body)
                read += 1
            except SourceError:
                refused += 1
            except SHAPES as fault:
                pytest.fail(f"{'.'.join(map(str, path))} = {value!r}: {fault!r}")
    assert read > 100
    assert refused > 10


def changed(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The XML with each element left out, doubled, emptied, renamed or filled with something else."""
    count = len(list(etree.fromstring(body).iter()))
    for number in range(1, count):
        for what in ("left out", "doubled", "emptied", "renamed", "filled", "numbered", "without attributes"):
            root = etree.fromstring(body)
            item = list(root.iter())[number]
            parent = item.getparent()
            assert parent is not None
            if what == "left out":
                parent.remove(item)
            elif what == "doubled":
                item.addnext(copy.deepcopy(item))
            elif what == "emptied":
                item.clear()
            elif what == "renamed":
                item.tag = "Unheard"
            elif what == "filled":
                item.text = "no number"
            elif what == "numbered":
                item.text = "\xb2"  # a digit to Python, and no number
            else:
                item.attrib.clear()
            yield f"{root.getroottree().getpath(parent)}, no. {number} {what}", etree.tostring(root)


@pytest.mark.parametrize("entry", [ARTICLE, book_xml(2)], ids=["article", "book"])
def test_an_entry_of_any_shape_is_read_or_refused(entry: bytes) -> None:
    read = refused = 0
    for what, body in changed(article_set(entry)):
        for reader in (lambda given: list(pubmed.parse(given)), ids_in, pubmed.unmapped):
            try:
                reader(body)
                read += 1
            except SourceError:
                refused += 1
            except SHAPES as fault:
                pytest.fail(f"{reader}: {what}: {fault!r}")
    assert read > 50
    assert refused > 5


SEARCH = (
    b"<eSearchResult><Count>2</Count><RetMax>2</RetMax><RetStart>0</RetStart><IdList><Id>1</Id><Id>2</Id></IdList>"
    b"<TranslationSet/><QueryTranslation>x</QueryTranslation><WarningList><OutputMessage>No items found."
    b"</OutputMessage></WarningList></eSearchResult>"
)


def test_a_search_result_of_any_shape_is_read_or_refused() -> None:
    for what, body in changed(SEARCH):
        answer = Answer("", 200, {}, body, "")
        try:
            pubmed.judge(answer, "eSearchResult")
            pubmed._found(answer, 10)
        except SourceError:
            continue
        except SHAPES as fault:
            pytest.fail(f"{what}: {fault!r}")


def read_preprints(body: bytes) -> None:
    for result in europepmc_json.results_in(json.loads(body), ""):
        europepmc_json.latest_id(result)
        europepmc_json.first_id(result)
    europepmc_json.unmapped(body)
    list(europepmc_json.parse(body))


def test_a_preprint_of_any_shape_is_read_or_refused() -> None:
    preprint = preprint_json("PPR1")
    for path in places(preprint):
        for value in ODD:
            odd = with_odd(preprint, path, value)
            body = json.dumps({"version": "6.9", "hitCount": 1, "resultList": {"result": [odd]}}).encode()
            try:
                read_preprints(body)
            except SourceError:
                continue
            except SHAPES as fault:
                pytest.fail(f"{'.'.join(map(str, path))} = {value!r}: {fault!r}")


def read_trials(body: bytes) -> None:
    isrctn_xml.total(body)
    for entry in isrctn_xml.entries(body):
        isrctn_xml.isrctn_of(entry)
        isrctn_xml.edited(entry)
    isrctn_xml.unmapped(body)
    list(isrctn_xml.parse(body))


def test_a_trial_of_any_shape_is_read_or_refused() -> None:
    listed = f'<allTrials totalCount="1" xmlns="http://www.67bricks.com/isrctn">{trial_xml("ISRCTN12345678")}'
    whole = f"{listed}</allTrials>".encode()
    assert len(list(isrctn_xml.parse(whole))) == 1
    for what, body in changed(whole):
        try:
            read_trials(body)
        except SourceError:
            continue
        except SHAPES as fault:
            pytest.fail(f"{what}: {fault!r}")
