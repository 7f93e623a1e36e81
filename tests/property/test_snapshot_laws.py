"""Laws of snapshots over random ledgers: PRISMA's boxes add up, and a state has one document."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.facts import FullText
from living.model.flow import Flow, FlowBefore
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.model.values import canonical
from living.publish.bundle import render_version
from living.review.compare import compare
from living.review.difference import difference
from living.review.evidence import gather
from living.review.recompute import recompute
from living.review.snapshot import build_snapshot, protocol_of
from tests import factories as make
from tests.unit.review.scenes import Entry, ledger, read, then, toy, version, what
from tests.unit.review.scenes import difference as effect

SEED = 20261122
STORES, IN_EVERY_RUN, AT_ONCE = 1000, 400, 100  # of random facts; the rest behind --soak
NAMES = tuple(str(number) for number in range(12))
SOURCES = ("pubmed", "pubmed", "pubmed", "ctgov", "hand")
PEOPLE = ("import", "ann", "ben", "cleo")
STATUSES = ("RECRUITING", "COMPLETED", "TERMINATED", "")
COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 3, "total": 40},
    "control": {"events": 5, "total": 40},
}


class Luck:
    """Choices from one seeded generator."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def one(self, items: tuple[str, ...]) -> str:
        return items[int(self._rng.integers(len(items)))]

    def number(self, least: int, most: int) -> int:
        return int(self._rng.integers(least, most + 1))

    def chance(self, of: float) -> bool:
        return bool(self._rng.random() < of)


# --- random facts -------------------------------------------------------------------------------------------


@cache
def source_of(name: str) -> str:
    return SOURCES[int(name) % len(SOURCES)]


def key_of(name: str) -> str:
    return f"{source_of(name)}:{name}"


def a_record(luck: Luck) -> Entry:
    name = luck.one(NAMES)
    if source_of(name) == "ctgov":
        about = make.registration(status=luck.one(STATUSES), has_results=luck.chance(0.2))
        return make.registered(id=name, identifiers=(), registration=about)
    return make.record(source=source_of(name), id=name, identifiers=(), title=f"Invented trial {name}")


def a_link(luck: Luck) -> Entry | None:
    a, b = luck.one(NAMES), luck.one(NAMES)
    if a == b:
        return None
    relation = luck.one(("same_report", "same_report", "same_study", "different"))
    method = luck.one(("doi", "person", "databank"))
    by = "ann" if method == "person" else "machine"
    return by, make.link(a=key_of(a), b=key_of(b), relation=relation, method=method)


def a_vote(luck: Luck) -> Entry:
    by, verdict = luck.one(PEOPLE), luck.one(("include", "include", "exclude", "unsure"))
    given = {
        "record": key_of(luck.one(NAMES)),
        "vote": verdict,
        "criterion": luck.one(("E1", "X1")) if verdict == "exclude" else "",
        "stage": luck.one(("title", "full_text", "full_text")),
        "imported": "B" if by == "import" else None,
    }
    return by, make.vote(**given)


def a_number(luck: Luck) -> Entry:
    by, key = luck.one(PEOPLE), key_of(luck.one(NAMES))
    imported = "A" if by == "import" else None
    if luck.chance(0.3):
        return by, read(key, COUNTS, imported, outcome="any-ae", scale="", estimand="count")
    return by, read(key, effect(luck.number(-12, 12) / 10, luck.number(2, 8) / 10), imported)


def a_description(luck: Luck) -> Entry:
    name = luck.one(NAMES)
    return what(key_of(name), f"Trial {name}")


def a_trial(luck: Luck) -> Iterator[Entry]:
    """A whole trial as an import brings it, so that there is something to pool."""
    name = luck.one(NAMES)
    key = key_of(name)
    yield make.record(source=source_of(name), id=name, identifiers=(), title=f"Invented trial {name}")
    yield what(key, f"Trial {name}")
    yield make.vote(record=key, imported="A")
    yield read(key, effect(luck.number(-12, 12) / 10, luck.number(2, 8) / 10))


def a_full_text(luck: Luck) -> Entry:
    status = luck.one(("sought", "obtained", "not_obtainable", "not_obtainable"))
    said = {"record": key_of(luck.one(NAMES)), "status": status, "language": "Polish"}
    return "ann", FullText.model_validate(said)


KINDS = (a_record, a_record, a_link, a_vote, a_vote, a_vote, a_number, a_description, a_full_text)


def facts(luck: Luck) -> Iterator[Entry]:
    for _ in range(luck.number(0, 50)):
        if luck.chance(0.1):
            yield from a_trial(luck)
            continue
        made = KINDS[luck.number(0, len(KINDS) - 1)](luck)
        if made is not None:
            yield made


def store(seed: int) -> ReviewState:
    return toy(*facts(Luck(SEED + seed)))


def flow_of(state: ReviewState) -> Flow:
    """The flow alone: no analysis is needed to count."""
    from living.review.catalogue import catalogue
    from living.review.flow import flow

    found = gather(state, protocol_of(state)[1])
    return flow(found, catalogue(found), 0)


# --- PRISMA's boxes -----------------------------------------------------------------------------------------


def adds_up(f: Flow) -> None:
    assert f.records == sum(f.by_source.values()) == sum(f.by_place.values())
    assert f.records == f.duplicates + f.records_awaiting_screening + f.records_screened
    assert f.duplicates == f.duplicates_by_machine + f.duplicates_by_people
    assert f.records_screened == f.records_excluded + f.reports_sought
    assert f.reports_sought == f.reports_not_retrieved + f.reports_awaited + f.reports_assessed
    kept = f.reports_awaiting_classification + f.reports_ongoing + f.reports_stopped + f.reports_included
    assert f.reports_assessed == f.reports_excluded + kept
    assert f.reports_excluded == sum(f.reports_excluded_by.values())
    listed = f.included + f.excluded + f.awaiting_classification + f.ongoing + f.stopped
    assert f.studies == f.studies_awaiting_screening + listed
    assert f.excluded == sum(f.excluded_by.values()) >= f.excluded_on_title
    assert f.awaiting_data <= f.included <= f.reports_included
    assert f.records_excluded >= f.excluded_on_title
    assert f.studies <= f.records - f.duplicates


def leads_on(before: FlowBefore, now: Flow) -> None:
    assert before.studies - before.studies_left + before.studies_new == now.included
    assert before.reports - before.reports_left + before.reports_new == now.reports_included
    assert before.studies_left <= before.studies
    assert before.reports_left <= before.reports


PARTS = [
    pytest.param(first, marks=pytest.mark.soak if first >= IN_EVERY_RUN else ())
    for first in range(0, STORES, AT_ONCE)
]


@pytest.mark.parametrize("first", PARTS)
def test_the_boxes_add_up_in_random_stores(first: int) -> None:
    for number in range(first, first + AT_ONCE):
        adds_up(flow_of(store(number)))


def test_the_random_stores_reach_every_box() -> None:
    """A law over boxes that are always empty would say nothing."""
    found = [flow_of(store(number)).model_dump() for number in range(AT_ONCE)]
    empty = [name for name in Flow.model_fields if not any(flow[name] for flow in found)]
    assert empty == ["in_headline"]  # left out above; the next test has it


@pytest.mark.parametrize("seed", range(20))
def test_a_later_version_leads_on_from_the_one_before(seed: int) -> None:
    luck = Luck(SEED + seed)
    first = toy(*facts(luck))
    bound = ("machine", make.release(digest="a" * 64))
    found = version(then(then(first, bound), *facts(luck)), "v2.0", previous="v1.0")
    assert found.release is not None
    assert found.release.before is not None
    assert found.release.before.studies == flow_of(first).included
    leads_on(found.release.before, found.flow)
    adds_up(found.flow)


# --- one state, one document --------------------------------------------------------------------------------

seeds = st.integers(0, 10**6)
FEW = settings(max_examples=12)  # each builds whole versions


@FEW
@given(seeds)
def test_a_version_built_twice_is_the_same_bundle_byte_for_byte(seed: int) -> None:
    one, other = (version(store(seed)) for _ in range(2))
    assert render_version(one) == render_version(other)


@FEW
@given(seeds)
def test_a_version_differs_from_itself_in_nothing(seed: int) -> None:
    one = version(store(seed))
    assert compare(one, one).causes == ()
    found = difference(one, one)
    assert (found.courses, found.causes, found.headline) == ((), (), one.answer.analysis)


@FEW
@given(seeds)
def test_a_document_gives_its_own_results_again(seed: int) -> None:
    assert recompute(Snapshot.model_validate_json(canonical(version(store(seed))))) == []


@FEW
@given(seeds)
def test_a_snapshot_of_the_past_is_that_of_the_ledger_up_to_it(seed: int) -> None:
    state = store(seed)
    cut = 1 + seed % state.seq
    part = ReviewState.of(state.topic, state.lines[:cut])
    assert canonical(build_snapshot(state.upto(cut))) == canonical(build_snapshot(part))


@given(seeds, st.data())
def test_who_said_what_first_changes_no_box_and_no_standing(seed: int, data: st.DataObject) -> None:
    """Votes of several people, one each; the records stand where they stood, so keys are the same."""
    records = [make.record(id=name, identifiers=()) for name in ("1", "2", "3")]
    luck = Luck(SEED + seed)
    votes: list[Entry] = []
    for by in PEOPLE[1:]:
        for name in ("1", "2", "3"):
            said = a_vote(luck)
            assert isinstance(said, tuple)
            again = said[1].model_copy(update={"record": f"pubmed:{name}", "imported": None})
            votes.append((by, again))
    shuffled = data.draw(st.permutations(votes))
    one, other = (toy(*records, *order) for order in (votes, shuffled))
    assert flow_of(one) == flow_of(other)
    assert _standings(one) == _standings(other)


@given(st.permutations([("1", "2"), ("2", "3"), ("4", "5"), ("1", "3")]))
def test_the_order_of_rulings_on_reports_changes_no_box(pairs: list[tuple[str, str]]) -> None:
    records = [make.record(id=name, identifiers=()) for name in ("1", "2", "3", "4", "5")]
    by_people = {("1", "3")}
    links = [
        make.link(
            a=f"pubmed:{a}",
            b=f"pubmed:{b}",
            relation="same_report",
            method="person" if (a, b) in by_people else "doi",
        )
        for a, b in pairs
    ]
    found = flow_of(ledger("toy", toy().lines[0].fact, *records, *links))
    assert (found.duplicates, found.duplicates_by_machine, found.duplicates_by_people) == (3, 2, 1)


def _standings(state: ReviewState) -> dict[str, tuple[str, str, bool]]:
    standing = gather(state, protocol_of(state)[1]).standing
    return {key: (item.status, item.stage, item.conflict) for key, item in standing.items()}
