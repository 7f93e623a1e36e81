"""Who came first changes nothing but the ledger's own numbers, and the same ledger gives the same bytes."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from living.model.facts import Fact, Link
from living.model.values import canonical
from living.review.identity import link_studies
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import Entry, difference, ledger, read, toy, trial, what

RECORDS = tuple(fact for n in range(4) for fact in trial(str(n))[:1])
COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 3, "total": 40},
    "control": {"events": 5, "total": 40},
}


def key(n: int) -> str:
    return f"pubmed:{n}"


# Each is about something of its own, or said by somebody else: none of them supersedes another.
INDEPENDENT: tuple[Entry, ...] = (
    *(what(key(n), f"Trial {n}", dose=1.0 + n) for n in range(4)),
    *(make.vote(record=key(n), imported="A") for n in range(3)),
    ("ann", make.vote(record=key(3))),
    ("bob", make.vote(record=key(3), reason="as ann")),
    *(read(key(n), difference(0.4 * n - 0.5, 0.3 + 0.1 * n)) for n in range(3)),
    ("ann", read(key(0), difference(-0.5, 0.3), imported=None, notes="ann's")),
    ("bob", read(key(0), difference(-0.5, 0.3), imported=None, population="completers")),
    ("ann", read(key(1), difference(-0.2, 0.4), imported=None)),
    ("bob", read(key(1), difference(-0.3, 0.4), imported=None)),
    read(key(1), difference(0.7, 0.5), weeks=16.0),
    read(key(1), difference(0.7, 0.5), weeks=8.0),
    read(key(3), COUNTS, outcome="any-ae", scale="", estimand="count"),
    ("ann", make.judgement(subject=f"{key(2)} ache")),
)


def without_seq(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_seq(item) for name, item in value.items() if name != "seq"}
    return [without_seq(item) for item in value] if isinstance(value, list) else value


def document(entries: tuple[Entry, ...]) -> Any:
    return without_seq(build_snapshot(toy(*RECORDS, *entries)).model_dump(mode="json"))


EXPECTED = document(INDEPENDENT)


@given(st.permutations(INDEPENDENT))
def test_the_order_of_independent_facts_changes_nothing_but_their_numbers(entries: list[Entry]) -> None:
    assert document(tuple(entries)) == EXPECTED


@given(st.lists(st.sampled_from(INDEPENDENT), max_size=12))
def test_any_ledger_gives_the_same_bytes_twice(entries: list[Entry]) -> None:
    one, other = build_snapshot(toy(*RECORDS, *entries)), build_snapshot(toy(*RECORDS, *entries))
    assert canonical(one) == canonical(other)
    assert snapshot_digest(one) == snapshot_digest(other)


@given(st.permutations(INDEPENDENT), st.integers(0, len(INDEPENDENT)))
def test_what_was_true_at_a_line_is_what_the_ledger_up_to_it_says(entries: list[Entry], cut: int) -> None:
    whole = toy(*RECORDS, *entries)
    part = toy(*RECORDS, *entries[:cut])
    assert build_snapshot(whole.upto(part.seq)) == build_snapshot(part)


# --- identity -------------------------------------------------------------------------------------

KEYS = tuple(key(n) for n in range(4))
PAIRS = tuple((a, b) for a, b in permutations(KEYS, 2))


@st.composite
def rulings(draw: st.DrawFn) -> list[Link]:
    """At most one ruling on each pair, by people or machines."""
    chosen = draw(st.lists(st.sampled_from(PAIRS), unique_by=lambda pair: tuple(sorted(pair)), max_size=6))
    relations, methods = st.sampled_from(["same_study", "different"]), st.sampled_from(["person", "databank"])
    return [make.link(a=a, b=b, relation=draw(relations), method=draw(methods)) for a, b in chosen]


def studies_of(*facts: Fact) -> set[frozenset[str]]:
    return {frozenset(study.records) for study in link_studies(ledger("toy", *facts)).by_key.values()}


@given(rulings())
def test_studies_part_the_records_and_hold_nobody_together_who_is_held_apart(links: list[Link]) -> None:
    found = link_studies(ledger("toy", *RECORDS, *links))
    members = [record for study in found.by_key.values() for record in study.records]
    assert sorted(members) == sorted(KEYS)
    for link in links:
        together = found.key_of[link.a] == found.key_of[link.b]
        if link.relation == "different":
            assert not together
        else:
            assert together is (link not in found.conflicts)
    assert all(study.key == min(study.records, key=KEYS.index) for study in found.by_key.values())


@given(rulings(), st.data())
def test_without_a_contradiction_the_order_of_records_and_rulings_does_not_matter(
    links: list[Link], data: st.DataObject
) -> None:
    expected = link_studies(ledger("toy", *RECORDS, *links))
    shuffled = data.draw(st.permutations([*RECORDS, *links]))
    if not expected.conflicts:
        assert studies_of(*shuffled) == {frozenset(study.records) for study in expected.by_key.values()}
        assert link_studies(ledger("toy", *shuffled)).conflicts == ()


@given(rulings())
def test_undoing_every_join_restores_every_record_as_its_own_study(links: list[Link]) -> None:
    undone = [link.model_copy(update={"relation": "different", "method": "person"}) for link in links]
    assert studies_of(*RECORDS, *links, *undone) == {frozenset({name}) for name in KEYS}
