"""Links on pairs labelled from the recordings: exact ids find all and join nothing false."""

from dataclasses import replace
from pathlib import Path

import pytest

from living.model.facts import Fact
from living.model.record import AbstractPart, Identifier, Record
from living.review.identity import latest_rulings, link_studies, new_links
from living.review.proposals import proposals
from tests import factories as make
from tests import linked
from tests.linked import SLIPS, Corpus, Pair, Scene, pairs, wrong
from tests.unit.review.scenes import ledger


@pytest.fixture(scope="module")
def held(recorded: Path) -> Corpus:
    return linked.corpus(recorded)


def links(scene: Scene) -> frozenset[Pair]:
    return pairs(link.pair for link in new_links(scene.state))


def asked(scene: Scene) -> frozenset[Pair]:
    return pairs(item.pair for item in proposals(scene.state))


def printed(held: Corpus, truth: frozenset[Pair]) -> frozenset[Pair]:
    """The pairs whose paper prints the number outside its accession list as well."""
    numbers = linked.in_text(held)
    return frozenset(
        (trial, paper) for trial, paper in truth if trial[len("ctgov:") :] in numbers[paper[len("pubmed:") :]]
    )


# --- by exact ids -------------------------------------------------------------------------------------------


def test_every_accession_list_with_one_number_is_linked_and_nothing_else(held: Corpus) -> None:
    scene = linked.accessions(held, "one number", lambda paper: paper)
    assert len(scene.truth) == 155
    assert links(scene) == scene.truth


def test_a_paper_that_lists_several_trials_joins_none_by_itself_and_is_asked_about_with_each(
    held: Corpus,
) -> None:
    scene = linked.accessions(held, "several", lambda paper: paper, single=False)
    assert len(scene.truth) == 26
    assert links(scene) == frozenset()
    assert asked(scene) >= scene.truth


def test_what_a_registration_lists_as_its_result_is_linked_unless_it_is_older_than_the_trial(
    held: Corpus,
) -> None:
    """129 of the 154 papers listed as RESULT were printed in a year before their trial began."""
    scene = linked.listed(held, "one", visible=True)
    assert len(scene.truth) > 100
    assert links(scene) == scene.truth
    background = {(f"ctgov:{item.trial}", item.paper.key) for item in held.cited if item.kind == "BACKGROUND"}
    assert len(background) > 400
    assert links(scene).isdisjoint(background - scene.truth)


def test_a_paper_that_several_registrations_list_joins_none_of_them(held: Corpus) -> None:
    scene = linked.listed(held, "several", visible=True, by_one=False)
    assert scene.truth
    assert links(scene) == frozenset()
    assert asked(scene) >= scene.truth


def test_a_former_number_leads_to_the_registration_that_answers_for_it(held: Corpus) -> None:
    former = {old: trial for trial in held.trials.values() for old in _aliases(trial)}
    assert len(former) == 2
    papers = [
        make.record(id=str(at), identifiers=(Identifier(scheme="nct", value=old),))
        for at, old in enumerate(former, 1)
    ]
    found = {link.pair for link in new_links(ledger("toy", *held.trials.values(), *papers))}
    assert found == {(trial.key, paper.key) for trial, paper in zip(former.values(), papers, strict=True)}


def _aliases(trial: Record) -> tuple[str, ...]:
    return trial.registration.aliases if trial.registration else ()


def test_an_accession_that_is_no_number_of_the_register_never_links(held: Corpus) -> None:
    """Misprinted in the list itself, as the parser then keeps it under another scheme."""

    def slip(paper: Record) -> Record:
        odd = tuple(
            Identifier(scheme="clinicaltrials.gov", value=SLIPS["a digit left out"](number[3:], 4))
            for number in sorted(linked.stated(paper))
        )
        return paper.model_copy(update={"identifiers": odd, "abstract": ()})

    scene = linked.accessions(held, "misprinted list", slip)
    assert links(scene) == frozenset()
    assert asked(scene) >= scene.truth


@pytest.mark.parametrize("change", [linked.by_doi, linked.by_pmid])
def test_a_second_entry_with_the_same_id_is_the_same_report(held: Corpus, change: linked.Change) -> None:
    scene = linked.copies(held, "copies", change)
    assert len(scene.truth) > 700
    assert links(scene) == scene.truth


def test_two_letters_on_one_page_share_a_doi_and_are_two_reports() -> None:
    """As PMIDs 420122 and 420123 do in the recorded baseline."""
    doi = (Identifier(scheme="doi", value="10.5555/toy.277"),)
    one = make.record(id="1", title="Amino acids and the weight of infants at birth", identifiers=doi)
    two = make.record(id="2", title="Fatness of mothers and the size of the placenta", identifiers=doi)
    assert new_links(ledger("toy", one, two)) == ()
    (found,) = proposals(ledger("toy", one, two))
    assert found.kinds == ("shared_id",)


# --- what people are asked ----------------------------------------------------------------------------------


def test_where_the_list_is_hidden_every_number_in_a_text_is_asked_about_and_none_is_joined(
    held: Corpus,
) -> None:
    scene = linked.accessions(held, "hidden", linked.without_list)
    can = printed(held, scene.truth)
    assert len(can) == 141
    assert links(scene) == frozenset()
    assert asked(scene) >= can
    assert wrong(scene, asked(scene)) == frozenset()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", SLIPS)
def test_every_misprinted_number_is_asked_about_and_hardly_another(held: Corpus, name: str) -> None:
    """A slip can print a number that is one slip from two trials: then both are asked about."""
    scene = linked.accessions(held, name, linked.misprinted(SLIPS[name]))
    assert links(scene) == frozenset()
    assert asked(scene) >= printed(held, scene.truth)
    assert len(wrong(scene, asked(scene))) <= 2


def test_a_number_of_another_register_leads_to_the_registration_that_carries_it(held: Corpus) -> None:
    scene = linked.other_registers(held)
    assert len(scene.truth) > 30
    assert links(scene) == frozenset()
    assert asked(scene) >= scene.truth
    assert wrong(scene, asked(scene)) == frozenset()


def test_titles_are_asked_about_and_never_join(held: Corpus) -> None:
    scene = linked.listed(held, "hidden", visible=False)
    assert links(scene) == frozenset()
    found = {item.pair: item for item in proposals(scene.state)}
    sure = {pair for pair, item in found.items() if item.kinds[0] == "trial_title"}
    assert sure & scene.truth
    assert link_studies(scene.state).key_of == {record.key: record.key for record in scene.records}


def test_a_link_taken_back_parts_the_studies_as_they_were(held: Corpus) -> None:
    scene = linked.accessions(held, "one number", lambda paper: paper)
    scene = replace(scene, records=tuple(sorted(scene.records, key=lambda record: record.key)))
    alone = link_studies(scene.state)
    made = new_links(scene.state)
    joined: list[Fact] = [*scene.records, *made]
    assert len(link_studies(ledger("toy", *joined)).by_key) == len(alone.by_key) - len(made)
    parted = [make.link(a=link.a, b=link.b, relation="different", method="person") for link in made]
    state = ledger("toy", *joined, *parted)
    assert link_studies(state) == replace(alone, conflicts=())
    assert new_links(state) == ()
    assert {link.pair for link, _ in latest_rulings(state)} == {link.pair for link in made}


def test_a_number_with_its_letters_missing_is_read_only_behind_the_register_s_name() -> None:
    texts = ("ClinicalTrials.gov number 04052139.", "Grant 04052139.", "ClinicalTrials.gov, seen 20190405.")
    papers = [
        make.record(id=str(at), title=f"Of {at}", abstract=(AbstractPart(text=text),), identifiers=())
        for at, text in enumerate(texts, 1)
    ]
    found = proposals(ledger("toy", *papers, make.registered(id="NCT04052139", identifiers=())))
    assert [item.pair for item in found] == [("ctgov:NCT04052139", "pubmed:1")]
