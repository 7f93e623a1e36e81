"""What people are asked to link, and why: misprinted numbers, ids in other spellings, titles, authors."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.facts import Fact
from living.model.record import AbstractPart, Identifier, Record, Reference
from living.review.identity import new_links
from living.review.ids import plain_doi
from living.review.leads import Index
from living.review.misprints import Named, meant, numbers_named, slips
from living.review.proposals import Misprint, Proposal, misprints, proposals
from tests import factories as make
from tests.unit.review.scenes import V2, ldn, ledger, seeded

TSUI, FINAL = "NCT04052139", "NCT04270877"


def paper(number: str, text: str = "", title: str = "", **kw: Any) -> Record:
    words = title or f"Of matter {number} and nothing besides"
    given_ = {"id": number, "title": words, "abstract": (AbstractPart(text=text or "."),), "identifiers": ()}
    return make.record(**{**given_, "authors": (), "types": ("Journal Article",), **kw})


def trial(number: str, title: str = "", *references: tuple[str, str]) -> Record:
    listed = tuple(Reference(type=kind, pmid=pmid) for kind, pmid in references)
    entry = make.registration(references=listed)
    return make.registered(id=number, title=title or f"Trial {number}", identifiers=(), registration=entry)


def proposed(*facts: Fact) -> tuple[Proposal, ...]:
    return proposals(ledger("toy", *facts))


def only(*facts: Fact) -> Proposal:
    (found,) = proposed(*facts)
    return found


def ends(*facts: Fact) -> list[tuple[str, str]]:
    return [item.pair for item in proposed(*facts)]


# --- misprinted numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("NCT4052139", TSUI),  # as PLoS One prints it in one place
        ("NCT0427877", FINAL),  # as CNS Drugs prints it
        ("NCT004052139", TSUI),
        ("NCT040521399", TSUI),
        ("NCT04052193", TSUI),
        ("NCT04052138", TSUI),
        ("nct 4052139", TSUI),
    ],
)
def test_a_misprinted_number_is_proposed_for_the_registration_it_is_one_slip_from(
    printed: str, known: str
) -> None:
    found = only(paper("1", f"Registered as {printed}."), trial(known), trial("NCT99999999"))
    assert (found.pair, found.relation) == ((f"ctgov:{known}", "pubmed:1"), "same_study")
    assert printed in found.evidence[0]
    assert known in found.evidence[0]


def test_a_number_with_the_wrong_count_of_digits_weighs_more_than_one_that_could_be_another_trial() -> None:
    cut = only(paper("1", "NCT4052139"), trial(TSUI))
    near = only(paper("1", "NCT04052138"), trial(TSUI))
    assert cut.score > near.score


def test_a_number_that_is_known_is_no_misprint_of_its_neighbour() -> None:
    assert ends(paper("1", "NCT04052138"), trial("NCT04052138"), trial(TSUI)) == [
        ("ctgov:NCT04052138", "pubmed:1")
    ]


def test_a_misprint_close_to_nothing_known_is_shown_to_be_looked_up() -> None:
    state = ledger("toy", paper("1", "Registered (NCT4052139)."), trial(FINAL))
    assert proposals(state) == ()
    assert misprints(state) == (Misprint("pubmed:1", "NCT4052139", "its abstract"),)


def test_two_registrations_may_be_meant_and_both_are_proposed() -> None:
    assert len(ends(paper("1", "NCT4052139"), trial(TSUI), trial("NCT14052139"))) == 2


def test_an_accession_that_the_index_lists_malformed_is_seen_too() -> None:
    odd = Identifier(scheme="clinicaltrials.gov", value="NCT4052139")
    assert "its list of accession numbers" in only(paper("1", identifiers=(odd,)), trial(TSUI)).evidence[0]


def test_a_review_that_names_many_trials_is_proposed_for_none() -> None:
    assert ends(paper("1", f"{TSUI}, {FINAL}", types=("Review",)), trial(TSUI), trial(FINAL)) == []


@given(st.integers(0, 10**8 - 1).map("{:08d}".format), st.data())
def test_every_single_slip_leads_back_to_the_number(digits: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 7))
    kind = data.draw(st.sampled_from(["missing", "doubled", "changed", "swapped"]))
    slipped = {
        "missing": digits[:at] + digits[at + 1 :],
        "doubled": digits[: at + 1] + digits[at:],
        "changed": digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :],
        "swapped": digits[: at - 1] + digits[at] + digits[at - 1] + digits[at + 1 :] if at else digits,
    }[kind]
    if slipped != digits:
        assert digits in slips(slipped)
        assert meant(Named(slipped, slipped, ""), {f"NCT{digits}"}) == (f"NCT{digits}",)


@given(st.integers(0, 10**8 - 1).map("{:08d}".format), st.integers(0, 7), st.integers(1, 9))
def test_a_new_registration_finds_the_papers_that_misprinted_it(digits: str, at: int, more: int) -> None:
    """From either end the same: whichever of the two came later."""
    printed = digits[:at] + str((int(digits[at]) + more) % 10) + digits[at + 1 :]
    index = Index.of([paper("1", f"NCT{printed}"), trial(f"NCT{digits}")])
    (there,) = index.near("pubmed:1").values()
    (back,) = index.near(f"ctgov:NCT{digits}").values()
    assert {lead.text for lead in there} == {lead.text for lead in back} != set()


def test_numbers_are_found_in_title_abstract_and_lists_each_once() -> None:
    record = paper("1", f"See {TSUI} and NCT-04270877; NCT: 123456.", title=f"Trial {TSUI} again")
    assert [(named.digits, named.whole) for named in numbers_named(record)] == [
        ("04052139", True),
        ("04270877", True),
        ("123456", False),
    ]


# --- ids in other spellings -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelled",
    ["https://doi.org/10.1016/S2665-9913(23)00278-3", "doi:10.1016/s2665-9913(23)00278-3",
     "10.1016%2FS2665-9913(23)00278-3", "10.1016/S2665-9913(23)00278-3."],
)  # fmt: skip
def test_one_doi_has_one_spelling(spelled: str) -> None:
    assert plain_doi(spelled).rstrip(")") == "10.1016/s2665-9913(23)00278-3"


def test_the_same_doi_or_pmid_spelled_differently_is_one_report() -> None:
    doi = Identifier(scheme="doi", value="https://doi.org/10.5555/Toy.9")
    first = paper("1", identifiers=(Identifier(scheme="doi", value="10.5555/toy.9"),))
    by_doi = only(first, paper("x", source="hand", identifiers=(doi,)))
    assert (by_doi.relation, by_doi.pair) == ("same_report", ("hand:x", "pubmed:1"))
    pmid = Identifier(scheme="pmid", value="PMID: 0001")
    assert only(paper("1"), paper("x", source="hand", identifiers=(pmid,))).evidence == ("Both are PMID 1",)


def test_two_papers_with_one_number_of_another_register_may_be_one_study() -> None:
    found = only(paper("1", "EudraCT 2019-000702-30"), paper("2", "(2019-000702-30)"))
    assert (found.relation, found.evidence) == ("same_study", ("Both name EudraCT 2019-000702-30",))


# --- the register's own lists ---------------------------------------------------------------------


def test_a_paper_that_two_registrations_list_is_left_to_people_and_one_in_the_background_is_nothing() -> None:
    records = paper("1"), trial(TSUI, "", ("DERIVED", "1")), trial(FINAL, "", ("RESULT", "1"))
    assert new_links(ledger("toy", *records)) == ()
    assert {item.evidence[0] for item in proposed(*records)} == {
        f"ctgov:{TSUI} lists PMID 1 as DERIVED; so do 1 other registrations",
        f"ctgov:{FINAL} lists PMID 1 as RESULT; so do 1 other registrations",
    }
    assert ends(paper("1"), trial(TSUI, "", ("BACKGROUND", "1"))) == []


# --- titles and authors ---------------------------------------------------------------------------

LONG = "Naltrexone in women with fibromyalgia: a randomised placebo-controlled trial"


def test_nearly_the_same_title_is_one_report_and_a_slip_within_a_word_is_none() -> None:
    twin = LONG.replace("fibromyalgia", "fibromialgia").replace("randomised", "randomized")
    assert only(paper("1", title=LONG), paper("2", title=twin)).relation == "same_report"


def test_a_registration_and_a_paper_that_share_their_rare_words_may_be_one_study() -> None:
    others = [paper(str(n)) for n in range(3, 9)]
    found = only(paper("1", title=LONG), trial(TSUI, "Naltrexone in Women With Fibromyalgia"), *others)
    assert found.relation == "same_study"
    assert "fibromyalgia" in found.evidence[0]


def test_the_same_first_author_and_year_and_some_words_are_a_weak_proposal() -> None:
    same = {"authors": ("Bruun KD", "Sample B"), "published": "2024"}
    one, two = "Pain mechanisms after naltrexone in fibromyalgia", "Naltrexone in fibromyalgia, symptoms"
    found = only(paper("1", title=one, **same), paper("2", title=two, **same))
    assert found.evidence[0].startswith("Same first author and year (Bruun KD, 2024)")
    assert ends(paper("1", title=one, **same), paper("2", title=two, **{**same, "published": "2019"})) == []


def test_words_that_stand_in_most_titles_tell_nothing_beside_a_shared_author() -> None:
    same = {"authors": ("Example A",), "published": "2026"}
    names = ("ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON")
    titles = (f"The invented {name} trial of an invented remedy" for name in names)
    assert ends(*(paper(str(n), title=title, **same) for n, title in enumerate(titles, 1))) == []


def test_titles_alone_prove_nothing_where_paper_and_registration_name_different_trials() -> None:
    assert ends(paper("1", FINAL, title=LONG), trial(TSUI, LONG)) == []


def test_trials_called_alike_but_for_a_name_are_not_proposed() -> None:
    assert proposals(seeded()) == ()
    state = ldn(V2)
    assert proposals(state) == ()


def test_a_title_that_says_nothing_is_no_evidence() -> None:
    assert ends(paper("1", title="Erratum"), paper("2", title="Erratum")) == []


# --- rulings --------------------------------------------------------------------------------------


def test_what_is_joined_or_held_apart_is_not_proposed_again() -> None:
    records = paper("1", "NCT4052139"), trial(TSUI)
    pair = {"a": "pubmed:1", "b": f"ctgov:{TSUI}", "method": "person"}
    assert len(ends(*records)) == 1
    assert ends(*records, make.link(**pair)) == []
    assert ends(*records, make.link(**pair, relation="different")) == []


def test_a_refusal_holds_for_every_record_of_the_two_studies() -> None:
    twin = paper("2", "NCT4052139")
    joined = make.link(a="pubmed:1", b="pubmed:2", method="person")
    refused = make.link(a="pubmed:1", b=f"ctgov:{TSUI}", relation="different", method="person")
    records = paper("1", "NCT4052139"), twin, trial(TSUI)
    assert len(ends(*records, joined)) == 1  # two records of one study, and one question about it
    assert ends(*records, joined, refused) == []


def test_several_reasons_for_one_pair_stand_together_and_weigh_more_than_one() -> None:
    one = only(paper("1", "NCT4052139"), trial(TSUI))
    two = only(paper("1", "NCT4052139", title=f"Trial {TSUI}"), trial(TSUI))
    assert two.score > one.score
    assert len(two.evidence) == 2


@given(st.permutations([paper("1", "NCT4052139"), trial(TSUI), trial(FINAL), paper("2", title=LONG)]))
def test_who_came_first_changes_no_proposal(records: list[Record]) -> None:
    assert ends(*records) == [(f"ctgov:{TSUI}", "pubmed:1")]
