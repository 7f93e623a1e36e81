"""A published document proves itself: every result is made again from the numbers beside it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from living.model.snapshot import Snapshot
from living.model.values import canonical, rounded
from living.review.recompute import recompute
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import (
    V1,
    V2,
    Entry,
    changed,
    difference,
    graded,
    judged,
    ldn,
    read,
    seeded,
    then,
    toy,
    trial,
    version,
)

PERIODS = {
    "shape": "paired_means",
    "values": "change",
    "n": 25,
    "mean_experimental": -1.5,
    "mean_control": -0.5,
    "sd_experimental": 2.0,
    "sd_control": 1.5,
}
MORE_VARIANTS = """id = "r"
label = "r"
paired_r = 0.5
[[analyses.sensitivity]]
id = "low"
label = "low"
low_risk_of_bias_only = true
[[analyses.sensitivity]]
id = "bayes"
label = "b"
bayes_half_normal = 1.0
[[analyses.sensitivity]]
id = "dl-wald\""""
VARIANTS = ('id = "dl-wald"', MORE_VARIANTS)


def printed(snapshot: Snapshot) -> dict[str, Any]:
    """The document as it is published: canonical, with twelve significant digits."""
    found: dict[str, Any] = json.loads(canonical(rounded(snapshot.model_dump(mode="json"))))
    return found


def findings(document: dict[str, Any]) -> list[str]:
    return recompute(Snapshot.model_validate_json(json.dumps(document)))


def everything() -> Snapshot:
    """Six studies: arms, contrast, crossovers, counts; agreed, judged, awaiting and excluded."""
    agreed: list[Entry] = [(who, read("pubmed:5", difference(0.3), imported=None)) for who in ("ann", "bob")]
    facts: list[Entry] = [
        *trial("4", read("pubmed:4", PERIODS), design="crossover", dose=2.5),
        *trial("5"),
        *agreed,
        make.record(identifiers=()),
    ]
    plain = seeded(*facts, text=changed("toy", VARIANTS))
    low = [judged(plain, f"{record} ache") for record in ("pubmed:5", "pubmed:90000001")]
    return version(then(plain, *low, graded(plain, "ache")))


DOCUMENTS = {
    "ldn v1": version(ldn(V1)),
    "ldn v2": version(ldn(V2), "v2.0"),
    "toy": version(seeded()),
    "everything": everything(),
    "one study": version(toy(*trial("1", read("pubmed:1", difference(-0.5))))),
    "nothing": version(toy()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_follows_from_its_own_data(name: str) -> None:
    assert recompute(DOCUMENTS[name]) == []
    assert findings(printed(DOCUMENTS[name])) == []


def test_an_early_document_with_nothing_beside_its_analyses_follows_from_its_data() -> None:
    document = printed(DOCUMENTS["everything"])
    document["horizon"] = None
    for analysis in document["comparisons"][0]["analyses"]:
        analysis["supplement"] = None
    assert findings(document) == []


def test_what_stands_beside_one_analysis_cannot_be_left_out_alone() -> None:
    document = printed(DOCUMENTS["everything"])
    document["comparisons"][0]["analyses"][0]["supplement"] = None
    (found,) = findings(document)
    assert found.startswith("/comparisons/0/analyses/0/supplement is None")


def test_a_signed_document_follows_from_its_data_whatever_the_sentence() -> None:
    signature = make.signature(
        digest=snapshot_digest(build_snapshot(seeded())), conclusion="A person's words."
    )
    signed = build_snapshot(then(seeded(), ("ed", signature)))
    assert signed.answer.headline == "A person's words."
    assert findings(printed(signed)) == []


# --- one changed value ----------------------------------------------------------------------------

WATCHED = ("/estimate", "/se", "/low", "/high", "/weight", "/tau2", "/i2", "/q", "/p", "/value", "/inputs/")


def numbers(value: object, path: str = "") -> Iterator[str]:
    """The pointers of every number of a JSON value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, f"{path}/{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from numbers(item, f"{path}/{place}")
    elif isinstance(value, float):
        yield path


def with_value(document: dict[str, Any], pointer: str, change: Any) -> dict[str, Any]:
    """A copy of a document in which one value was changed by a function of it."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    *way, last = pointer.removeprefix("/").split("/")
    inside: Any = copy
    for part in way:
        inside = inside[int(part) if isinstance(inside, list) else part]
    last_key: Any = int(last) if isinstance(inside, list) else last
    inside[last_key] = change(inside[last_key])
    return copy


def nudged(value: float) -> float:
    """The value with its seventh significant digit changed."""
    return value + 1e-6 if value == 0 else value * (1 + 1e-6)


ALL = printed(DOCUMENTS["everything"])
RESULTS = [
    pointer for pointer in numbers(ALL["comparisons"], "/comparisons") if any(w in pointer for w in WATCHED)
]


@pytest.mark.parametrize("pointer", RESULTS)
def test_a_changed_digit_of_any_result_is_found_and_named(pointer: str) -> None:
    found = findings(with_value(ALL, pointer, nudged))
    assert found
    assert found[0].startswith(f"{pointer} is ")


def test_the_results_that_are_watched_are_many_and_of_every_kind() -> None:
    assert len(RESULTS) > 100
    assert {watched for watched in WATCHED if not any(watched in pointer for pointer in RESULTS)} == set()
    assert any("/sensitivity/" in pointer for pointer in RESULTS)


def test_a_changed_digit_of_the_two_study_pool_and_the_subgroups_is_found() -> None:
    v1 = printed(DOCUMENTS["ldn v1"])
    for pointer in (
        "/comparisons/0/analyses/0/two_study_pool/estimate",
        "/comparisons/0/analyses/0/subgroups/0/levels",
    ):
        change = nudged if pointer.endswith("estimate") else (lambda levels: levels[:-1])
        (found, *_) = findings(with_value(v1, pointer, change))
        assert found.startswith(pointer)


REPORTED: dict[str, tuple[str, Any]] = {
    "a reported number": ("/studies/0/cells/0/numbers/experimental/mean", lambda _: 3.9),
    "a scale": ("/studies/0/cells/0/scale", lambda _: "vas"),
    "a time": ("/studies/0/cells/0/weeks", lambda _: 2.0),
    "a status": ("/studies/0/status", lambda _: "excluded"),
    "a standing": ("/studies/0/cells/0/standing", lambda _: "verified"),
    "a dose": ("/studies/0/arms/0/dose_mg", lambda _: 7.0),
    "a rating": ("/comparisons/0/analyses/0/certainty/stale", lambda _: True),
    "what was judged": ("/comparisons/0/analyses/0/certainty/judged", lambda _: "0" * 64),
    "what was judged of a study": ("/studies/0/rob/0/judged", lambda _: "0" * 64),
    "who was judged": ("/studies/0/rob/0/overall", lambda _: "high"),
    "how often there was a look": (
        "/comparisons/0/analyses/0/supplement/companion/looks",
        lambda count: count + 1,
    ),
    "the order of the evidence": (
        "/comparisons/0/analyses/0/supplement/cumulative",
        lambda steps: steps[::-1],
    ),
    "a fact for a judgement": (
        "/comparisons/0/analyses/0/supplement/pointers/0/said",
        lambda _: "certainly",
    ),
    "when evidence was to be had": ("/studies/0/available_from", lambda _: "2031"),
    "who is at low risk": ("/studies/0/low_risk_of_bias", lambda _: False),
    "a count": ("/flow/included", lambda count: count + 1),
    "the number in the headline": ("/flow/in_headline", lambda count: count + 1),
    "the headline": ("/answer/headline", lambda _: "It works"),
    "the lede": ("/answer/lede", lambda _: "It works"),
    "who stands in the analysis": ("/comparisons/0/analyses/0/contrasts", lambda rows: rows[1:]),
    "an analysis": ("/comparisons/0/analyses", lambda found: found[:1]),
    "a role": ("/comparisons/0/analyses/0/role", lambda _: "main"),
    "the protocol": ("/protocol/models/random/interval", lambda _: "wald"),
    "the protocol's text": ("/protocol_text", lambda text: text.replace("HK-guarded", "wald")),
    "the digest of the text": ("/protocol_sha256", lambda _: "0" * 64),
    "the digest of the rule": ("/rule_sha256", lambda _: "0" * 64),
}


@pytest.mark.parametrize(("pointer", "change"), REPORTED.values(), ids=REPORTED)
def test_whatever_else_a_result_rests_on_cannot_be_changed_alone(pointer: str, change: Any) -> None:
    assert findings(with_value(ALL, pointer, change))


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/protocol_text", lambda text: text[: len(text) // 2]),
        ("/studies/0/cells/0/numbers/experimental/n", lambda _: -1),
        ("/studies/0/cells/0/numbers", lambda _: {"shape": "guess"}),
        ("/studies/0/design", lambda _: "dream"),
        ("/comparisons", lambda _: []),
        ("/answer/analysis", lambda _: "nowhere"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_finding_and_no_crash(pointer: str, change: Any) -> None:
    found = findings(with_value(ALL, pointer, change))
    assert found
    assert all("\n" not in line for line in found)


def test_a_difference_beyond_what_is_published_is_none() -> None:
    pointer = "/comparisons/0/analyses/0/pool/estimate"
    assert findings(with_value(ALL, pointer, lambda value: value * (1 + 1e-10))) == []
    assert findings(with_value(ALL, pointer, lambda value: value * (1 + 1e-8))) != []
