"""F15, F16: entries are revised, retracted, withdrawn, merged and extended while registries come and go."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from living.model.surveillance import Sighting
from tests.fakes import Home, toy_article, toy_records
from tests.flow.disturbed import EVERY_STEP, Pair, pair_at, registered, working_day
from tests.standin import RecordSet, faults, from_ctgov, from_pubmed_xml
from tests.standin.canary import Canary
from tests.standin.reply import Reply
from tests.standin.synthetic import article_set

OUTAGES = (
    faults.html(), faults.html(503), faults.busy(429), faults.reset(), faults.cut(60), faults.cut_gzip(),
    faults.cut_chunks(60), faults.says(b""), faults.miscounted(), faults.expired_token(),
)  # fmt: skip
DAYS = 14


OLD = "2026-01-12"
RETRACTED = {"types": ["Journal Article", "Retracted Publication"], "corrections": [("RetractionIn", "9")]}


def morning(day: int) -> datetime:
    return working_day(day) - timedelta(hours=16)


def paper(number: int, since: int, name: str = "", **fields: Any) -> RecordSet:
    """An article as it looks from the morning of a day on."""
    raw = toy_article(3_000 + number, name or f"NO {number}", **{"day": OLD, **fields})
    return from_pubmed_xml(article_set(raw), morning(since))


def trial(number: int, day: int, **fields: Any) -> RecordSet:
    """A registration, likewise."""
    updated = f"{working_day(day):%Y-%m-%d}"
    return from_ctgov([registered(700 + number, updated=updated, **fields)], morning(day))


def eventful() -> RecordSet:
    """Two weeks in which everything happens that can happen to an entry."""
    held = toy_records()
    for number in range(8):
        held += paper(number, 0) + trial(number, 0)
    held += paper(0, 2, "NO 0, corrected") + paper(1, 3, **RETRACTED)
    held += paper(2, 4, corrections=[("ExpressionOfConcernIn", "8")])
    held += paper(20, 3, day=f"{working_day(3):%Y-%m-%d}").served_late(["90003020"], working_day(5))
    held += trial(0, 2, status="COMPLETED") + trial(0, 6, results_posted="2026-02-10")
    held += trial(1, 5, aliases=["NCT99100702"])  # registered twice, and merged
    held += trial(3, 4, status="WITHHELD") + trial(20, 7)
    held = held.withdrawn(["90003003", "NCT99100704"], working_day(4))
    return held + paper(3, 11)


def days_with_outages(pair: Pair, chance: random.Random) -> int:
    """Each day the disturbed home's registries fail once or twice before they answer."""
    failed = 0
    for _ in range(DAYS):
        pair.next_day()
        for kind in ("pubmed", "ctgov"):
            for _ in range(chance.randrange(3)):
                step = chance.choice([step for of, step in EVERY_STEP if of == kind])
                pair.disturb(kind, step, chance.choice(OUTAGES))
                failed += not pair.disturbed.poll(kind).ok
                pair.disturbed.standin.heal()
            polled, reference = pair.disturbed.poll(kind), pair.calm.poll(kind)
            assert polled.ok, polled.error
            assert reference.ok, reference.error
    return failed


def sighted(home: Home) -> set[tuple[str, str]]:
    facts = (line.fact for line in home.house.store.state("toy").lines)
    return {(fact.record, fact.state) for fact in facts if isinstance(fact, Sighting)}


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 25))])
def test_two_weeks_of_changes_and_outages_end_as_two_weeks_of_changes(tmp_path: Path, seed: int) -> None:
    with pair_at(tmp_path, eventful) as pair:
        assert days_with_outages(pair, random.Random(seed)) >= 5
        for home in (pair.disturbed, pair.calm):
            records = home.records()
            assert [notice.kind for notice in records["pubmed:90003001"].notices] == ["retraction"]
            assert [notice.kind for notice in records["pubmed:90003002"].notices] == ["concern"]
            assert "corrected" in records["pubmed:90003000"].title
            assert "pubmed:90003020" in records
            registration = records["ctgov:NCT99100700"].registration
            assert registration is not None
            assert registration.has_results
            assert sighted(home) >= {
                ("pubmed:90003003", "gone"),
                ("pubmed:90003003", "returned"),
                ("ctgov:NCT99100704", "gone"),
                ("ctgov:NCT99100702", "aliased"),
            }
            home.quiet()
        for kind in ("pubmed", "ctgov"):
            hashes = [home.hashes(kind) for home in (pair.disturbed, pair.calm)]
            assert hashes[0] == hashes[1]
            open_ids = [home.house.store.absent("toy", kind) for home in (pair.disturbed, pair.calm)]
            assert [item.id for item in open_ids[0]] == [item.id for item in open_ids[1]]


# --- what nobody has described yet --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair_at(tmp_path_factory.mktemp("homes")) as pair:
        yield pair


def edited(change: Callable[[bytes], bytes]) -> faults.Fault:
    return faults.Fault("edited", edit=lambda reply: replace(reply, body=change(reply.body)))


def test_a_new_dtd_year_is_read_and_nobody_goes_to_fetch_it(tmp_path: Path) -> None:
    with pair_at(tmp_path) as pair, Canary() as canary:

        def next_year(body: bytes) -> bytes:
            ours = body.replace(b"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd", place)
            assert ours != body
            return ours

        place = f"{canary.url}/ncbi/pubmed/out/pubmed_270101.dtd".encode()
        pair.next_day()
        pair.disturb("pubmed", "fetch", edited(next_year))
        disturbed, calm = pair.disturbed.poll("pubmed"), pair.calm.poll("pubmed")
        assert disturbed.ok, disturbed.error
        assert disturbed.stored == calm.stored == 2
        stored = [home.hashes("pubmed") for home in (pair.disturbed, pair.calm)]
        assert stored[0] == stored[1]
        assert canary.visits == []


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY e SYSTEM "{url}/entity">',
        '<!ENTITY % p SYSTEM "{url}/parameter"> %p;',
        '<!ENTITY e PUBLIC "-//X//EN" "{url}/public">',
    ],
)
@pytest.mark.parametrize("far", ["", "<!-- <eSearchResult <PubmedArticleSet -->" + "<!-- far -->" * 500])
def test_what_an_answer_declares_elsewhere_is_never_fetched(pair: Pair, declared: str, far: str) -> None:
    with Canary() as canary:

        def hostile(body: bytes) -> bytes:
            root = b"<PubmedArticleSet>"
            head = f'<?xml version="1.0"?>{far}<!DOCTYPE PubmedArticleSet SYSTEM "{canary.url}/dtd" ['
            inside = declared.format(url=canary.url)
            return f"{head}{inside}]>".encode() + root + body.partition(root)[2]

        pair.next_day()
        pair.disturb("pubmed", "fetch", edited(hostile))
        polled = pair.disturbed.poll("pubmed")
        assert polled.ok or "entities" in polled.error, polled.error
        assert canary.visits == []
        pair.disturbed.standin.heal()
        assert pair.disturbed.poll("pubmed").ok
        pair.disturbed.quiet()


def test_unknown_elements_and_kinds_are_passed_over_and_counted(pair: Pair) -> None:
    def extended(body: bytes) -> bytes:
        more = b'<CommentsCorrectionsList><CommentsCorrections RefType="SequelIn"><PMID>5</PMID>'
        more += b'</CommentsCorrections></CommentsCorrectionsList><Unheard Of="x"><Deep/></Unheard>'
        return body.replace(b"</MedlineCitation>", more + b"</MedlineCitation>")

    pair.next_day()
    pair.disturb("pubmed", "fetch", edited(extended))
    polled = pair.disturbed.poll("pubmed")
    assert polled.ok, polled.error
    assert polled.stored >= 2
    [run] = pair.disturbed.house.store.runs("toy", "pubmed", 1)
    assert run.details.unmapped["RefType SequelIn"] == polled.fetched
    pair.disturbed.quiet()
    pair.disturbed.standin.heal()


def test_unknown_modules_and_states_of_a_registration_are_kept_and_counted(pair: Pair) -> None:
    def extended(reply: Reply) -> Reply:
        body = reply.body.replace(b'"overallStatus":"RECRUITING"', b'"overallStatus":"PONDERING"')
        return replace(reply, body=body.replace(b'"hasResults":', b'"novelSection":{"a":[1]},"hasResults":'))

    pair.next_day()
    pair.disturbed.standin.fault(faults.Fault("extended", edit=extended), None, path="studies")
    polled = pair.disturbed.poll("ctgov")
    assert polled.ok, polled.error
    assert polled.stored >= 2
    [run] = pair.disturbed.house.store.runs("toy", "ctgov", 1)
    counted = " ".join(run.details.unmapped)
    assert "novelSection" in counted
    assert "PONDERING" in counted
    pair.disturbed.quiet()
    pair.disturbed.standin.heal()
