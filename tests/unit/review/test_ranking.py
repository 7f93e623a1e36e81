"""The order of the screening queue: transparent, the same whoever voted, and never shorter than what came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.facts import Fact
from living.model.record import AbstractPart, Record
from living.review.identity import link_studies
from living.review.ranking import FEATURES, Ranked, passes_filter, rank, treatment_words
from tests import factories as make
from tests.unit.review.scenes import Entry, ledger, protocol

TEXTS = (
    "A randomised trial of the invented remedy against placebo",
    "A review of remedies",
    "Rats and the remedy",
    "An open, non-randomised series",
    "",
)


def paper(number: int, title: str = TEXTS[0], **kw: object) -> Record:
    return make.record(
        **{"id": str(number), "title": title, "abstract": (), "identifiers": (), "types": ()} | kw
    )


def ranked(*facts: Fact | Entry) -> tuple[Ranked, ...]:
    state = ledger("toy", *facts)
    studies = link_studies(state)
    return rank(studies.by_key, state, studies, protocol())


def only(record: Record) -> Ranked:
    (found,) = ranked(record)
    return found


papers = st.builds(
    paper,
    st.integers(1, 10_000),
    st.sampled_from(TEXTS),
    types=st.sampled_from([(), ("Review",), ("Randomized Controlled Trial",)]),
    headings=st.sampled_from([(), ("Humans",), ("Animals",)]),
)


@given(st.lists(papers, max_size=8, unique_by=lambda item: item.id), st.randoms(use_true_random=False))
def test_ranking_orders_and_never_adds_or_removes(records: list[Record], luck: object) -> None:
    found = ranked(*records)
    assert sorted(item.study for item in found) == sorted(record.key for record in records)
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


@given(st.lists(papers, min_size=1, max_size=6, unique_by=lambda item: item.id), st.data())
def test_what_anybody_voted_moves_nothing(records: list[Record], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(records))
    said = data.draw(st.sampled_from(["include", "exclude", "unsure"]))
    vote = make.vote(record=chosen.key, vote=said, criterion="X1")
    assert ranked(*records, ("ann", vote)) == ranked(*records)


def test_a_score_is_the_sum_of_the_reasons_that_are_shown() -> None:
    found = only(paper(1, types=("Randomized Controlled Trial",), headings=("Humans",)))
    assert found.reasons == (
        ("indexed as a randomised trial", 4),
        ("says that it was randomised", 3),
        ("names a treatment of the protocol", 3),
        ("speaks of placebo, sham, blinding or crossover", 3),
        ("its title speaks of a trial or of randomisation", 2),
        ("Cochrane’s sensitive filter for randomised trials lets it through", 1),
        ("indexed as about humans", 1),
    )
    assert found.score == 17


def test_the_likelier_trial_comes_first_and_of_two_alike_the_longer_known() -> None:
    order = [paper(1, "Nothing of note"), paper(2), paper(3), paper(4, types=("Review",))]
    assert [item.study for item in ranked(*order)] == ["pubmed:2", "pubmed:3", "pubmed:4", "pubmed:1"]


@pytest.mark.parametrize("words", ["A non-randomised trial", "not randomised", "quasi-experiment"])
def test_to_say_that_it_was_not_randomised_is_no_sign_of_a_randomised_trial(words: str) -> None:
    assert "says that it was randomised" not in dict(only(paper(1, words)).reasons)


def test_a_registration_counts_by_its_allocation_and_the_treatment_it_names() -> None:
    found = only(make.registered(title="A trial", registration=make.registration(allocation="NA")))
    assert ("registered without random allocation", -3) in found.reasons


@pytest.mark.parametrize(
    ("let_through", "changes"),
    [
        (True, {"title": "A randomized study"}),
        (True, {"title": "Salt", "abstract": (AbstractPart(text="Pain in both groups."),)}),
        (True, {"title": "Salt", "types": ("Controlled Clinical Trial",)}),
        (True, {"title": "Salt", "headings": ("Pain/*drug therapy",)}),
        (True, {"title": "A trial in rats and men", "headings": ("Animals", "Humans", "Rats")}),
        (False, {"title": "A trial in rats", "headings": ("Animals", "Rats")}),
        (False, {"title": "Salt", "types": ("Clinical Trial",)}),
        (False, {"title": "Trials, groupings and a therapy with drugs"}),
    ],
)
def test_the_filter_reads_as_cochrane_words_it(let_through: bool, changes: dict[str, object]) -> None:
    assert passes_filter(paper(1, **changes)) is let_through  # type: ignore[arg-type]


def test_what_the_filter_would_keep_out_waits_like_every_other() -> None:
    rats = paper(1, "A trial in rats", headings=("Animals",))
    assert [item.study for item in ranked(rats, paper(2))] == ["pubmed:2", "pubmed:1"]


def test_only_what_names_a_treatment_is_looked_for() -> None:
    assert treatment_words(protocol("ldn")) == {"naltrexone"}
    assert treatment_words(protocol("toy")) == {"invented", "remedy"}


def test_a_study_has_the_features_of_all_its_records() -> None:
    article = paper(1, "A report", abstract=(AbstractPart(text="Nothing."),))
    trial = make.registered(identifiers=())
    (found,) = ranked(article, trial, make.link(a=article.key, b=trial.key))
    assert ("registered as randomised", 4) in found.reasons


def test_each_feature_has_a_name_of_its_own() -> None:
    assert (
        len({feature.id for feature in FEATURES})
        == len({feature.words for feature in FEATURES})
        == len(FEATURES)
    )
