"""Whatever Europe PMC and ISRCTN answer, it becomes valid records, or a fault that says whose it is."""

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from living.errors import SourceError
from living.model.record import Record
from living.sources import europepmc_json, isrctn_xml
from tests.standin.synthetic_registers import preprint_json, trial_xml

RICH = preprint_json(
    "PPR640",
    version=2,
    versions=["PPR501", "PPR640"],
    corrections=[("Preprint of", "MED", "7", "by title"), ("Erratum in", "PPR", "PPR9", "")],
    keywordList={"keyword": ["pain"]},
    language="eng",
)
TRIAL = trial_xml(
    "90000001",
    nct="NCT09000001",
    secondary=[("ctis", "2025-512345-12-00")],
    outputs=[("resultsarticle", "https://pubmed.ncbi.nlm.nih.gov/123/", "2026-02-02")],
)
LISTED = f'<allTrials totalCount="1" xmlns="http://www.67bricks.com/isrctn">{TRIAL}</allTrials>'
ODD_TEXT = st.text(max_size=12) | st.sampled_from(
    ["²", "١٢", "9" * 5000, "PPR 9", " ", "\u202e", "<b>", "Nil"]
)
ODD = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ODD_TEXT
ANY = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3)
)


def read(parse: Callable[[bytes, str], Any], body: bytes) -> list[Record]:
    """The records of a body; a fault that names a source is an answer too, and anything else is a bug."""
    try:
        return list(parse(body, "sha"))
    except SourceError:
        return []


def places(found: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [path, *(deeper for name, item in inner for deeper in places(item, (*path, name)))]


PAGE = {"version": "6.9", "hitCount": 1, "resultList": {"result": [RICH]}}


@given(path=st.sampled_from(places(PAGE)), value=ANY, twice=st.booleans())
def test_a_preprint_with_anything_in_any_place_is_read_or_refused(
    path: tuple[Any, ...], value: object, *, twice: bool
) -> None:
    page: Any = copy.deepcopy(PAGE)
    if twice:
        page["resultList"]["result"].append(copy.deepcopy(RICH))
    if path:
        inner = page
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
    body = json.dumps(page if path else value).encode()
    records = read(europepmc_json.parse, body)
    assert len({record.id for record in records}) == len(records) <= 2
    assert all(record.hashed() == record for record in records)
    read(lambda found, _: europepmc_json.unmapped(found) and [], body)


ELEMENTS = len(list(etree.fromstring(LISTED).iter()))


@given(
    at=st.integers(0, ELEMENTS - 1), text=ODD_TEXT, how=st.sampled_from(["text", "drop", "twice", "empty"])
)
def test_a_trial_with_anything_in_any_place_is_read_or_refused(at: int, text: str, how: str) -> None:
    root = etree.fromstring(LISTED)
    element = list(root.iter())[at]
    parent = element.getparent()
    printable = "".join(one for one in text if one.isprintable())
    if how == "text" or parent is None:
        element.text = printable
        for name in element.attrib:
            element.set(name, printable)
    elif how == "drop":
        parent.remove(element)
    elif how == "twice":
        parent.append(copy.deepcopy(element))
    else:
        element.clear()
    body = etree.tostring(root)
    records = read(isrctn_xml.parse, body)
    assert len(records) <= 2
    assert all(record.hashed() == record for record in records)
    read(lambda found, _: isrctn_xml.unmapped(found) and [], body)


@given(
    body=st.binary(max_size=200) | st.sampled_from([json.dumps(PAGE).encode(), LISTED.encode()]),
    cut=st.integers(0, 9_000),
)
def test_bytes_of_any_kind_and_any_cut_are_read_or_refused(body: bytes, cut: int) -> None:
    whole = body[:cut] == body
    for parse in (europepmc_json.parse, isrctn_xml.parse):
        records = read(parse, body[:cut])
        assert whole or not records
