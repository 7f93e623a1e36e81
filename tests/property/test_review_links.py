"""However records are linked and parted, no study is counted twice: not in the list, and not in a pool."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from living.model.facts import Fact, Link
from living.model.record import AbstractPart, Identifier, Record, Reference
from living.review.compare import analyses
from living.review.identity import latest_rulings, link_studies, new_links
from living.review.leads import Index
from living.review.proposals import Standing, proposals
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
    found = proposals(state)
    asked = {frozenset((studies.key_of[item.a], studies.key_of[item.b])) for item in found}
    assert len(asked) == len(found)  # one question for two studies
    assert all(len(ends) == 2 for ends in asked)
    apart = {link.pair for link, _ in latest_rulings(state) if link.relation == "different"}
    assert apart.isdisjoint(item.pair for item in found)


# --- kept as lines are added --------------------------------------------------------------------------------

NUMBERS = ("NCT04052139", "NCT04052138", "NCT14052139", "NCT04270877")
SAID = (*NUMBERS, "NCT4052139", "NCT004052139", "NCT O4052139", "2019-000702-30", "")
WORDS = ("naltrexone", "fibromyalgia", "fibromialgia", "women", "symptoms", "salt")

papers = st.builds(
    lambda number, words, said, author, kind, doi: make.record(
        id=str(number),
        title=" ".join(words),
        abstract=(AbstractPart(text=said or "."),),
        authors=(author,),
        types=(kind,),
        identifiers=(Identifier(scheme="doi", value=doi),) if doi else (),
        relations=("UpdateOf pubmed:2",) if kind == "Preprint" else (),
    ),
    st.integers(1, 6),
    st.lists(st.sampled_from(WORDS), max_size=5),
    st.sampled_from(SAID),
    st.sampled_from(["Bruun KD", "Younger J"]),
    st.sampled_from(["Journal Article", "Review", "Preprint"]),
    st.sampled_from(["", "10.5555/toy.1", "https://doi.org/10.5555/TOY.1"]),
)
registered = st.builds(
    lambda number, words, former, listed: make.registered(
        id=number,
        title=" ".join(words),
        identifiers=(Identifier(scheme="eudract", value="2019-000702-30"),),
        registration=make.registration(
            aliases=former, references=tuple(Reference(type=kind, pmid=pmid) for kind, pmid in listed)
        ),
    ),
    st.sampled_from(NUMBERS),
    st.lists(st.sampled_from(WORDS), max_size=5),
    st.lists(st.sampled_from(NUMBERS), max_size=1).map(tuple),
    st.lists(st.tuples(st.sampled_from(["RESULT", "BACKGROUND"]), st.sampled_from("123")), max_size=2),
)
ruled = st.builds(
    lambda pair, relation: make.link(a=pair[0], b=pair[1], relation=relation, method="person"),
    st.sampled_from([*combinations([*(f"pubmed:{n}" for n in range(1, 7)), f"ctgov:{NUMBERS[0]}"], 2)]),
    st.sampled_from(["same_report", "same_study", "different"]),
)


@settings(max_examples=150)
@given(st.lists(st.one_of(papers, registered, ruled), max_size=25), st.data())
def test_what_is_kept_as_lines_come_is_what_is_found_from_all_of_them_at_once(
    facts: list[Fact], data: st.DataObject
) -> None:
    """Records new, changed and taken back; rulings; words that stop leading anywhere; weights taken anew."""
    rare, small = data.draw(st.sampled_from([(2, 2), (60, 3), (60, 250)]))
    state = ledger("toy", *facts)
    kept, at = Standing(Index(rare=rare, small=small)), 0
    while at < state.seq:
        at = data.draw(st.integers(at + 1, state.seq))
        kept.read(state.upto(at))
        fresh = Standing(Index(rare=rare, small=small))
        fresh.read(state.upto(at))
        assert kept.proposals() == fresh.proposals()
        assert kept.misprints() == fresh.misprints()
        assert kept.index == fresh.index
        assert kept.of == fresh.of


@given(st.lists(st.one_of(papers, registered), max_size=12))
def test_what_leads_from_one_record_to_another_leads_back(records: list[Record]) -> None:
    index = Index.of(records)
    for key in index.records:
        for other, leads in index.near(key).items():
            back = index.near(other)[key]
            assert {(lead.kind, lead.text) for lead in leads} == {(lead.kind, lead.text) for lead in back}


@given(st.lists(st.one_of(papers, registered, ruled), max_size=12))
def test_no_proposal_joins_anything_by_itself(facts: list[Fact]) -> None:
    """Only links on the ledger do; of what is proposed none is among those that exact ids prove."""
    state = ledger("toy", *facts)
    before = link_studies(state)
    proposals(state)
    assert link_studies(state) == before
    asked = {item.pair for item in proposals(ledger("toy", *facts, *new_links(state)))}
    assert asked.isdisjoint(link.pair for link in new_links(state))
