"""F11 and F13: answers that arrive whole and are none, at every request of a poll of either registry."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.disturbed import DAYS, EVERY_STEP, STEPS, Pair, pair_at
from tests.standin import faults

XML = '<?xml version="1.0" ?>\n'
DEEP = 100_000
MANY = 3_100_000
BOMB = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(11))
# A root that is named in a comment, before more bytes than anybody looks through, and then what is declared.
HIDDEN = f"<!--<PubmedArticleSet <eSearchResult -->{'<!-- far below -->' * 400}"
FAULTS = {
    "html": faults.html(),
    "html 403": faults.html(403),
    "html 404": faults.html(404),
    "html 500": faults.html(500),
    "html 502": faults.html(502),
    "empty": faults.says(b""),
    "blank": faults.says(b" \n\n "),
    "no content": faults.says(b"", 204),
    "partial content": faults.says(b"{}", 206),
    "not modified": faults.says(b"", 304),
    "teapot": faults.says(b"I am a teapot", 418),
    "null": faults.says(b"null", content_type="application/json"),
    "error in json": faults.says(b'{"error":"Unexpected","api-key":"0123456789abcdef-not-a-real-key"}'),
    "error in xml": faults.says(f"{XML}<eFetchResult><ERROR>Something else</ERROR></eFetchResult>".encode()),
    "error in any root": faults.says(f"{XML}<PubmedArticleSet><ERROR>No</ERROR></PubmedArticleSet>".encode()),
    "another root": faults.says(f"{XML}<Surprise/>".encode(), content_type="text/xml"),
    "cut xml": faults.says(f"{XML}<PubmedArticleSet><PubmedArticle><MedlineCit".encode()),
    "cut json": faults.says(b'{"studies":[{"protocolSection":{"identifica'),
    "not a number": faults.says(b'{"studies":[],"totalCount":NaN}'),
    "wrong types": faults.says(b'{"studies":{"a":1},"totalCount":"2","dataTimestamp":[1]}'),
    "wrong token": faults.says(b'{"studies":[],"totalCount":0,"nextPageToken":["x"],"dataTimestamp":{}}'),
    "utf-16": faults.says('{"studies":[]}'.encode("utf-16")),
    "bad utf-8": faults.says(b'{"studies":[],"totalCount":0,"x":"\xff\xfe"}'),
    "deep json": faults.says(b'{"studies":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "deep xml": faults.says(
        f"{XML}<PubmedArticleSet>{'<a>' * DEEP}{'</a>' * DEEP}</PubmedArticleSet>".encode()
    ),
    "entity bomb": faults.says(
        f'{XML}<!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa">{BOMB}]>'
        "<PubmedArticleSet><PubmedArticle>&l;</PubmedArticle></PubmedArticleSet>".encode()
    ),
    "entity bomb far below": faults.says(
        f'{XML}{HIDDEN}<!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa">{BOMB}]>'
        '<PubmedArticleSet><PubmedArticle q="&l;">&l;</PubmedArticle></PubmedArticleSet>'.encode()
    ),
    "many elements": faults.says(b"<PubmedArticleSet>" + b"<a/>" * MANY + b"</PubmedArticleSet>"),
    "many values": faults.says(b'{"studies":[],"x":[' + b"{}," * MANY + b"{}]}"),
}
SAMPLE = [
    (kind, steps[number % len(steps)], name)
    for kind in STEPS
    for steps in [list(STEPS[kind])]
    for number, name in enumerate(FAULTS)
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One pair of homes; each case is a day of its own."""
    with pair_at(tmp_path_factory.mktemp("homes"), max_bytes=16 * 1_048_576) as pair:
        yield pair


def one_case(pair: Pair, kind: str, step: str, fault: faults.Fault) -> None:
    pair.next_day()
    pair.disturb(kind, step, fault)
    pair.fails(kind)
    assert pair.heals(kind).stored >= 2  # what is new today, and what was revised


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("kind", "step", "name"), SAMPLE)
def test_an_answer_that_is_none_stores_nothing_and_loses_nothing(
    pair: Pair, kind: str, step: str, name: str
) -> None:
    one_case(pair, kind, step, FAULTS[name])


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_every_answer_that_is_none_at_every_request(tmp_path: Path, kind: str, step: str) -> None:
    assert len(FAULTS) < DAYS
    with pair_at(tmp_path, max_bytes=16 * 1_048_576) as pair:
        for fault in FAULTS.values():
            one_case(pair, kind, step, fault)


# --- as recorded --------------------------------------------------------------------------------------------

# What a registry says of an id that it does not have is an answer where records are fetched, and the version
# is one where the version is asked for.
ANSWERS = {
    ("efetch_unknown_pmid_empty_set.xml", "fetch"),
    ("ctgov_200_filter_ids_unknown.json", "fetch"),
    ("ctgov_version.json", "version"),
    ("ctgov_version.json", "version again"),
}
OF_PUBMED = ("efetch", "esearch", "esummary", "ncbi")


def bodies(recorded: Path, kind: str) -> list[tuple[str, faults.Fault]]:
    """Every recorded error of a registry, under each status it was seen with."""
    folder = recorded / "errors"
    noted = json.loads((folder / "index.json").read_text())
    seen = {entry["file"]: entry["http_status"] for entry in noted}
    return [
        (name, faults.recorded(folder, name, status))
        for name, listed in seen.items()
        for status in (listed if isinstance(listed, list) else [listed])
        if name.startswith(OF_PUBMED) == (kind == "pubmed")
    ]


@pytest.mark.parametrize("kind", list(STEPS))
def test_every_recorded_error_fails_the_poll_at_a_request_where_it_is_one(
    recorded: Path, tmp_path: Path, kind: str
) -> None:
    steps = list(STEPS[kind])
    with pair_at(tmp_path) as pair:
        cases = bodies(recorded, kind)
        assert len(cases) >= 14
        for number, (name, fault) in enumerate(cases):
            step = next(s for s in steps[number % len(steps) :] + steps if (name, s) not in ANSWERS)
            one_case(pair, kind, step, fault)


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_every_recorded_error_at_every_request(recorded: Path, tmp_path: Path, kind: str, step: str) -> None:
    with pair_at(tmp_path) as pair:
        for name, fault in bodies(recorded, kind):
            if (name, step) not in ANSWERS:
                one_case(pair, kind, step, fault)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("pubmed", "efetch_unknown_pmid_empty_set.xml"), ("ctgov", "ctgov_200_filter_ids_unknown.json")],
)
def test_records_that_are_not_served_are_open_until_they_come(
    recorded: Path, tmp_path: Path, kind: str, name: str
) -> None:
    with pair_at(tmp_path) as pair:
        pair.next_day()
        pair.disturb(kind, "fetch", faults.recorded(recorded / "errors", name))
        polled = pair.disturbed.poll(kind)
        assert (polled.ok, polled.stored, polled.absent) == (True, 0, 2)
        open_ids = [item.id for item in pair.disturbed.house.store.absent("toy", kind)]
        assert len(open_ids) == 2
        pair.disturbed.standin.heal()
        pair.later(days=1)
        for home in (pair.disturbed, pair.calm):
            assert home.poll(kind).ok
        assert pair.disturbed.house.store.absent("toy", kind) == ()
        hashes = [home.hashes(kind) for home in (pair.disturbed, pair.calm)]
        assert hashes[0] == hashes[1]
        assert set(open_ids) <= hashes[0].keys()
        pair.disturbed.quiet()
