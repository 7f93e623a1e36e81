"""Entries of two registers that are one trial, preprints that became articles: proven by ids, or not."""

import pytest

from living.model.record import Identifier, Record, Reference
from living.review.counterparts import superseded_by
from living.review.identity import link_studies, new_links
from tests import factories as make
from tests.unit.review.scenes import ledger

NCT, OTHER_NCT = "NCT09000001", "NCT09000002"
ISRCTN, OTHER_ISRCTN = "ISRCTN90000001", "ISRCTN90000002"
EUDRACT = "2025-512345-12"


def registered(own: str, **named: str) -> Record:
    """An entry of ClinicalTrials.gov or of ISRCTN that names these numbers by scheme, several with commas."""
    found = [(scheme, value) for scheme, values in named.items() for value in values.split(",")]
    return make.registered(
        source="ctgov" if own.startswith("NCT") else "isrctn",
        id=own,
        title=f"Entry {own}",
        identifiers=tuple(Identifier(scheme=scheme, value=value) for scheme, value in found),
    )


def joined(*records: Record) -> list[tuple[str, str, str, str]]:
    return [(link.a, link.b, link.relation, link.method) for link in new_links(ledger("toy", *records))]


TWINS = [(f"ctgov:{NCT}", f"isrctn:{ISRCTN}", "same_study", "register_number")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"nct": NCT}),
        ({"isrctn": ISRCTN}, {}),
        ({"nct": NCT, "isrctn": "isrctn 90000001"}, {"isrctn": ISRCTN, "nct": NCT}),
        ({"eudract": EUDRACT}, {"eudract": EUDRACT}),
        ({"ctis": "2025-512345-12-00"}, {"ctis": "2025-512345-12-00"}),
    ],
)
def test_entries_of_two_registers_with_one_number_are_one_study(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert joined(registered(NCT, **one), registered(ISRCTN, **other)) == TWINS
    assert joined(registered(ISRCTN, **other), registered(NCT, **one)) == TWINS


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([registered(NCT), registered(ISRCTN)], id="no number"),
        pytest.param([registered(NCT), registered(ISRCTN, nct=OTHER_NCT)], id="another trial's number"),
        pytest.param([registered(NCT), registered(ISRCTN, nct=f"{NCT},{OTHER_NCT}")], id="two trials named"),
        pytest.param(
            [registered(NCT), registered(ISRCTN, nct=NCT), registered(OTHER_ISRCTN, nct=NCT)],
            id="two entries name one",
        ),
        pytest.param(
            [registered(NCT, isrctn=OTHER_ISRCTN), registered(ISRCTN, nct=NCT)],
            id="they contradict each other",
        ),
        pytest.param(
            [registered(NCT, eudract=EUDRACT), registered(OTHER_NCT, eudract=EUDRACT)], id="one register"
        ),
        pytest.param(
            [
                registered(NCT, eudract=EUDRACT),
                registered(OTHER_NCT, eudract=EUDRACT),
                registered(ISRCTN, eudract=EUDRACT),
            ],
            id="a trial and its extension under one number",
        ),
    ],
)
def test_what_the_numbers_do_not_prove_is_left_to_people(records: list[Record]) -> None:
    assert joined(*records) == []


def test_a_paper_that_names_both_numbers_of_one_trial_belongs_to_it() -> None:
    named = (Identifier(scheme="nct", value=NCT), Identifier(scheme="isrctn", value=ISRCTN))
    records = (registered(NCT), registered(ISRCTN, nct=NCT), make.record(id="1", identifiers=named))
    assert ("pubmed:1", f"ctgov:{NCT}", "same_study", "databank") in joined(*records)
    apart = (registered(NCT), registered(ISRCTN), make.record(id="1", identifiers=named))
    assert joined(*apart) == []  # two trials, as far as anybody can tell


def test_a_paper_that_both_registers_list_is_claimed_by_one_trial() -> None:
    listed = make.registration(references=(Reference(type="RESULT", pmid="1"),))
    one, other = (
        entry.model_copy(update={"registration": listed})
        for entry in (registered(NCT), registered(ISRCTN, nct=NCT))
    )
    found = joined(one, other, make.record(id="1", identifiers=()))
    assert ("pubmed:1", f"ctgov:{NCT}", "same_study", "registry_reference") in found
    assert ("pubmed:1", f"isrctn:{ISRCTN}", "same_study", "registry_reference") in found


def test_entries_that_people_held_apart_are_two_trials_for_everything_that_follows() -> None:
    named = (Identifier(scheme="nct", value=NCT), Identifier(scheme="isrctn", value=ISRCTN))
    ruling = make.link(a=f"ctgov:{NCT}", b=f"isrctn:{ISRCTN}", relation="different", method="person")
    records = (registered(NCT), registered(ISRCTN, nct=NCT), make.record(id="1", identifiers=named))
    assert new_links(ledger("toy", *records, ruling)) == ()


# --- preprints -------------------------------------------------------------------------------------------


def preprint(*relations: str, own: str = "PPR1") -> Record:
    return make.record(
        source="europepmc", id=own, types=("Preprint",), identifiers=(), relations=relations, title="Draft"
    )


ARTICLE = make.record(id="7", identifiers=(), title="Article")


def test_a_preprint_is_one_study_with_the_article_that_its_source_names() -> None:
    found = joined(preprint("PreprintOf pubmed:7"), ARTICLE)
    assert found == [("pubmed:7", "europepmc:PPR1", "same_study", "preprint")]


@pytest.mark.parametrize(
    ("relations", "types"),
    [
        (("PreprintOfByTitle pubmed:7",), ()),  # a likeness: people decide
        (("PreprintOf pubmed:7", "PreprintOf pubmed:8"), ()),
        (("PreprintOf pubmed:8",), ()),  # not stored here
        (("CommentOn pubmed:7",), ()),
        (("PreprintOf pubmed:7",), ("Review",)),
    ],
)
def test_a_preprint_is_left_to_people_where_its_source_proves_nothing(
    relations: tuple[str, ...], types: tuple[str, ...]
) -> None:
    article = ARTICLE.model_copy(update={"types": types})
    assert joined(preprint(*relations), article, make.record(id="9", identifiers=(), title="Else")) == []


@pytest.mark.parametrize("kind", ["PreprintOf", "PreprintOfByTitle", "UpdateIn"])
def test_a_preprint_is_superseded_by_its_article_once_both_are_one_study(kind: str) -> None:
    draft = preprint(f"{kind} pubmed:7", "CommentOn pubmed:8")
    assert superseded_by(draft, ("europepmc:PPR1", "pubmed:7", "pubmed:8")) == "pubmed:7"
    assert superseded_by(draft, ("europepmc:PPR1", "pubmed:8")) == ""
    article = draft.model_copy(update={"types": ("Journal Article",)})
    assert superseded_by(article, ("pubmed:7",)) == ""


def test_preprint_article_and_both_registrations_come_to_one_study() -> None:
    named = (Identifier(scheme="nct", value=NCT),)
    records = (
        preprint("PreprintOf pubmed:7"),
        ARTICLE.model_copy(update={"identifiers": named}),
        registered(NCT),
        registered(ISRCTN, nct=NCT),
    )
    links = new_links(ledger("toy", *records))
    [study] = link_studies(ledger("toy", *records, *links)).by_key.values()
    assert study.records == ("europepmc:PPR1", "pubmed:7", f"ctgov:{NCT}", f"isrctn:{ISRCTN}")
