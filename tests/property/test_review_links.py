"""However records are linked and parted, no study is counted twice: not in the list, and not in a pool."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.facts import Fact, Link
from living.model.record import AbstractPart
from living.review.compare import analyses
from living.review.identity import latest_rulings, link_studies
from living.review.proposals import proposals
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import analysis, difference, ledger, read, toy, trial

KEYS = tuple(f"pubmed:{n}" for n in range(1, 6))
# Five included reports with a number each, so that any two that are one study would enter a pool twice.
TRIALS = tuple(
    fact
    for n, key in enumerate(KEYS, 1)
    for fact in trial(str(n), read(key, difference(-0.1 * n, 0.3 + 0.05 * n)))
)
RECORDS = tuple(fact for fact in TRIALS if fact.kind == "record")

rulings = st.lists(
    st.builds(
        lambda pair, relation, method: make.link(a=pair[0], b=pair[1], relation=relation, method=method),
        st.sampled_from([*combinations(KEYS, 2)]),
        st.sampled_from(["same_report", "same_study", "different"]),
        st.sampled_from(["person", "databank", "seed"]),
    ),
    max_size=10,
)


@given(rulings)
def test_each_record_is_in_exactly_one_study_whatever_was_ruled_and_in_which_order(links: list[Link]) -> None:
    studies = link_studies(ledger("toy", *RECORDS, *links))
    members = [record for study in studies.by_key.values() for record in study.records]
    assert sorted(members) == sorted(KEYS)
    assert studies.key_of == {
        record: study.key for study in studies.by_key.values() for record in study.records
    }


@settings(max_examples=25)  # each builds a whole snapshot
@given(rulings)
def test_no_study_enters_a_pool_twice_and_none_beside_its_own_report(links: list[Link]) -> None:
    state = toy(*TRIALS, *links)
    studies = link_studies(state)
    for found in analyses(build_snapshot(state)).values():
        entered = [studies.key_of[contrast.study] for contrast in found.contrasts]
        assert len(entered) == len(set(entered))


def test_two_included_studies_that_turn_out_to_be_one_give_one_contrast() -> None:
    def entered(*facts: Fact) -> list[str]:
        return [item.study for item in analysis(toy(*TRIALS, *facts), "ache").contrasts]

    joined = make.link(a=KEYS[0], b=KEYS[1], method="person")
    parted = make.link(a=KEYS[0], b=KEYS[1], relation="different", method="person")
    assert len(entered()) == 5
    assert len(entered(joined)) == 4
    assert KEYS[1] not in entered(joined)
    assert entered(joined, parted) == entered()


NAMING = tuple(
    make.record(
        id=str(n), title=f"Of matter {n}", abstract=(AbstractPart(text="NCT4052139"),), identifiers=()
    )
    for n in range(1, 6)
)
NAMED = make.registered(id="NCT04052139", identifiers=())


@given(rulings)
def test_nothing_is_proposed_that_is_joined_or_held_apart(links: list[Link]) -> None:
    state = ledger("toy", *NAMING, NAMED, *links)
    studies = link_studies(state)
    found = proposals(state, studies)
    asked = {frozenset((studies.key_of[item.a], studies.key_of[item.b])) for item in found}
    assert len(asked) == len(found)  # one question for two studies
    assert all(len(ends) == 2 for ends in asked)
    apart = {link.pair for link, _ in latest_rulings(state) if link.relation == "different"}
    assert apart.isdisjoint(item.pair for item in found)
