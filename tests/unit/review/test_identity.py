"""Which records are one study: every merge and split gives the same answer in whatever order it was said."""

from itertools import permutations

import pytest

from living.model.facts import Fact, Link
from living.model.record import Identifier, Record, Reference
from living.review.identity import link_studies, new_links
from tests import factories as make
from tests.unit.review.scenes import ledger

A, B, C = "pubmed:1", "pubmed:2", "ctgov:NCT00000003"
RECORDS = {
    A: make.record(id="1", identifiers=()),
    B: make.record(id="2", identifiers=()),
    C: make.registered(id="NCT00000003", identifiers=()),
}


def same(a: str, b: str, method: str = "person") -> Link:
    return make.link(a=a, b=b, relation="same_study", method=method)


def different(a: str, b: str, method: str = "person") -> Link:
    return make.link(a=a, b=b, relation="different", method=method)


def groups(*facts: Fact) -> set[tuple[str, ...]]:
    """Every study as its members, sorted."""
    studies = link_studies(ledger("toy", *facts))
    return {tuple(sorted(study.records)) for study in studies.by_key.values()}


def paper(number: str, *trials: str, **kw: object) -> Record:
    names = tuple(Identifier(scheme="nct", value=trial) for trial in trials)
    return make.record(id=number, identifiers=names, **kw)


def trial(number: str, *references: tuple[str, str], aliases: tuple[str, ...] = ()) -> Record:
    listed = tuple(Reference(type=kind, pmid=pmid) for kind, pmid in references)
    return make.registered(
        id=number, identifiers=(), registration=make.registration(references=listed, aliases=aliases)
    )


def proven(*records: Record) -> list[tuple[str, str, str]]:
    return [(link.a, link.b, link.method) for link in new_links(ledger("toy", *records))]


# --- merge and split ------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [*permutations((A, B, C))], ids=" ".join)
def test_the_key_is_the_record_that_was_stored_first_and_the_rest_are_aliases(order: tuple[str, ...]) -> None:
    studies = link_studies(ledger("toy", *(RECORDS[key] for key in order), same(A, B), same(B, C)))
    assert list(studies.by_key) == [order[0]]
    assert studies.by_key[order[0]].aliases == order[1:]
    assert {studies.key_of[key] for key in order} == {order[0]}


@pytest.mark.parametrize("rulings", [*permutations((same(A, B), same(B, C), same(A, C)))])
def test_merges_close_into_one_study_in_every_order_of_entry(rulings: tuple[Link, ...]) -> None:
    assert groups(*RECORDS.values(), *rulings) == {tuple(sorted((A, B, C)))}


@pytest.mark.parametrize("facts", [*permutations((RECORDS[A], RECORDS[C], same(A, C)))])
def test_a_link_waits_for_records_that_were_not_stored_when_it_was_made(facts: tuple[Fact, ...]) -> None:
    assert groups(*facts) == {(C, A)}


def test_a_link_to_a_record_that_never_comes_joins_nothing() -> None:
    assert groups(RECORDS[A], same(A, C)) == {(A,)}
    assert link_studies(ledger("toy", RECORDS[A], same(A, C))).study_of(C) is None


def test_a_split_restores_both_studies_under_their_own_keys() -> None:
    studies = link_studies(ledger("toy", RECORDS[C], RECORDS[A], same(A, C), different(A, C)))
    assert {key: study.aliases for key, study in studies.by_key.items()} == {C: (), A: ()}


def test_a_split_that_is_taken_back_joins_again() -> None:
    assert groups(RECORDS[A], RECORDS[C], same(A, C), different(C, A), same(A, C)) == {(C, A)}


@pytest.mark.parametrize("rulings", [*permutations((same(A, B), same(B, C), different(A, C)))])
def test_records_held_apart_stay_apart_and_the_later_joining_ruling_is_a_conflict(
    rulings: tuple[Link, ...],
) -> None:
    studies = link_studies(ledger("toy", *RECORDS.values(), *rulings))
    assert studies.key_of[A] != studies.key_of[C]
    joins = [ruling for ruling in rulings if ruling.relation == "same_study"]
    assert studies.conflicts == (joins[1],)
    assert studies.key_of[joins[0].a] == studies.key_of[joins[0].b]


def test_rulings_that_agree_are_no_conflict() -> None:
    assert link_studies(ledger("toy", *RECORDS.values(), same(A, B), different(A, C))).conflicts == ()


# --- people before machines -----------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_person_s_ruling_on_a_pair_stands_before_and_after_a_machine_s(order: tuple[int, int]) -> None:
    rulings = (different(A, C, "person"), same(A, C, "databank"))
    assert groups(RECORDS[A], RECORDS[C], *(rulings[i] for i in order)) == {(A,), (C,)}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_joins_that_cannot_both_hold_the_person_s_is_followed(order: tuple[int, int]) -> None:
    joins = (same(A, B, "databank"), same(B, C, "person"))
    studies = link_studies(ledger("toy", *RECORDS.values(), different(A, C), *(joins[i] for i in order)))
    assert studies.key_of[B] == studies.key_of[C] != studies.key_of[A]
    assert studies.conflicts == (joins[0],)


# --- what exact ids prove -------------------------------------------------------------------------


def test_a_paper_belongs_to_the_registration_that_it_names() -> None:
    assert proven(paper("1", "NCT00000003"), trial("NCT00000003")) == [(A, C, "databank")]


def test_a_paper_that_names_an_old_number_of_a_registration_belongs_to_it() -> None:
    assert proven(paper("1", "NCT00000099"), trial("NCT00000003", aliases=("NCT00000099",))) == [
        (A, C, "databank")
    ]


@pytest.mark.parametrize("kind", ["RESULT", "DERIVED"])
def test_a_paper_belongs_to_the_registration_that_lists_it_as_a_report(kind: str) -> None:
    assert proven(paper("1"), trial("NCT00000003", (kind, "1"))) == [(A, C, "registry_reference")]


def test_a_background_reference_proves_nothing() -> None:
    assert proven(paper("1"), trial("NCT00000003", ("BACKGROUND", "1"))) == []


def test_a_paper_that_names_several_registrations_proves_nothing() -> None:
    records = paper("1", "NCT00000003", "NCT00000004"), trial("NCT00000003", ("RESULT", "1"))
    assert proven(*records, trial("NCT00000004")) == []


def test_a_paper_that_two_registrations_claim_does_not_make_them_one_study() -> None:
    claims = [trial(f"NCT0000000{n}", ("DERIVED", "1")) for n in (3, 4)]
    assert proven(paper("1"), *claims) == []


def test_a_paper_that_names_another_trial_is_not_linked_by_a_reference() -> None:
    assert proven(paper("1", "NCT00000004"), trial("NCT00000003", ("RESULT", "1"))) == []


@pytest.mark.parametrize("kind", ["Review", "Systematic Review", "Meta-Analysis", "Comment", "Editorial"])
def test_a_review_or_comment_proves_nothing_by_the_trials_it_names(kind: str) -> None:
    records = paper("1", "NCT00000003", types=(kind,)), trial("NCT00000003", ("RESULT", "1"))
    assert proven(*records) == []


def test_two_records_with_one_doi_are_one_report_whatever_its_case() -> None:
    doi = [Identifier(scheme="doi", value=value) for value in ("10.5555/Toy", "10.5555/toy")]
    found = new_links(
        ledger("toy", *(make.record(id=str(n), identifiers=(item,)) for n, item in enumerate(doi, 1)))
    )
    assert [(link.a, link.b, link.relation, link.method) for link in found] == [(A, B, "same_report", "doi")]


def test_what_was_proven_once_and_written_down_is_not_proven_again() -> None:
    records = paper("1", "NCT00000003"), trial("NCT00000003", ("RESULT", "1"))
    (found,) = new_links(ledger("toy", *records))
    assert new_links(ledger("toy", *records, found)) == ()


def test_a_pair_that_a_person_has_parted_is_not_proposed_again() -> None:
    records = paper("1", "NCT00000003"), trial("NCT00000003")
    assert new_links(ledger("toy", *records, different(A, C))) == ()


@pytest.mark.parametrize("turn", [1, -1])
def test_proven_links_come_in_one_order_whatever_the_order_of_the_records(turn: int) -> None:
    records = [paper("1", "NCT00000003"), paper("2", "NCT00000003"), trial("NCT00000003")][::turn]
    assert proven(*records) == [(A, C, "databank"), (B, C, "databank")]
