"""Why a record is here: the query's words as they stand in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living.model.record import AbstractPart, Item, Record
from living.review.surfaced import Surfaced, clauses_of, pieces, surfaced
from tests import factories as make
from tests.unit.review.scenes import protocol

LDN = protocol("ldn")


def why(record: Record) -> Surfaced:
    return surfaced(record, LDN)


def paper(title: str, text: str = "", **kw: object) -> Record:
    return make.record(**{"title": title, "abstract": (AbstractPart(text=text or "."),), **kw})


def clauses(found: Surfaced) -> dict[str, tuple[str, ...]]:
    return {match.clause: match.words for match in found.matches}


def test_each_clause_that_stands_in_a_record_is_named_with_the_words_as_they_stand() -> None:
    found = why(paper("Low-dose Naltrexone in fibromyalgia", "Pain fell."))
    assert clauses(found) == {
        "naltrexone[tiab]": ("Naltrexone",),
        '"low dose"[tiab]': ("Low-dose",),
        '"low-dose"[tiab]': ("Low-dose",),
        '"naltrexone low"[tiab:~3]': ("Low", "Naltrexone"),
        "pain[tiab]": ("Pain",),
        "fibromyalgia[tiab]": ("fibromyalgia",),
    }
    assert (found.source, found.kind) == ("PubMed", "pubmed")


@pytest.mark.parametrize(
    ("clause", "where"),
    [
        ("TITLE:naltrexone", "title and abstract"),
        ('ABSTRACT:"low dose"', "title and abstract"),
        ("KW:naltrexone", "keywords"),
        ("intervention:naltrexone", "register entry"),
        ("condition:gabapentin", None),
        ("TITLE:gabapentin", None),
    ],
)
def test_a_field_before_a_colon_is_searched_where_it_says(clause: str, where: str | None) -> None:
    entry = make.registration(conditions=("Pain",), interventions=(Item(name="Naltrexone"),), arms=())
    record = make.registered(
        source="isrctn",
        title="Naltrexone",
        abstract=(AbstractPart(text="A low dose."),),
        keywords=("naltrexone",),
        registration=entry,
    )
    [source] = [item for item in LDN.sources if item.id == "ctgov"]
    asked = source.model_copy(update={"id": "isrctn", "kind": "isrctn", "query": clause})
    found = surfaced(record, LDN.model_copy(update={"sources": (asked,)}))
    assert [match.where for match in found.matches] == ([where] if where else [])
    assert clauses_of(asked) == (clause,)


def test_a_word_within_another_is_not_that_word() -> None:
    assert clauses(why(paper("Painting and naltrexones"))) == {}


def test_a_heading_counts_whole_and_without_its_star_and_qualifier() -> None:
    found = why(paper("A title", headings=("Naltrexone/administration & dosage*", "Pain, Postoperative")))
    assert [(match.clause, match.where) for match in found.matches] == [
        ("naltrexone[mh]", "subject headings")
    ]


def test_words_near_each_other_may_stand_in_any_order_but_not_far_apart() -> None:
    near, far = "naltrexone at a low dose", "naltrexone was given to people who were feeling low"
    assert '"naltrexone low"[tiab:~3]' in clauses(why(paper(near)))
    assert '"naltrexone low"[tiab:~3]' not in clauses(why(paper(far)))


def test_a_register_entry_is_found_by_what_it_gives_in_its_own_fields() -> None:
    given_ = make.registration(interventions=(Item(name="Naltrexone 4.5 mg", type="DRUG"),))
    found = why(make.registered(title="A trial", registration=given_))
    assert [(match.clause, match.where, match.words) for match in found.matches] == [
        ("naltrexone", "register entry", ("Naltrexone",))
    ]


def test_what_no_source_searches_for_was_entered_by_people() -> None:
    assert surfaced(paper("x", source="elsewhere"), LDN) == Surfaced("elsewhere", "import")


def test_a_query_without_listed_clauses_is_taken_apart() -> None:
    source = next(item for item in LDN.sources if item.id == "pubmed").model_copy(update={"clauses": ()})
    assert clauses_of(source)[:3] == ("naltrexone[mh]", "naltrexone[nm]", "naltrexone[tiab]")
    assert "OR" not in clauses_of(source)


@pytest.mark.parametrize("odd", ["((((", "[x]", '"', "a[tiab:~99999999999999999999]", "*", "[mh]"])
def test_an_odd_clause_matches_nothing_and_breaks_nothing(odd: str) -> None:
    sources = tuple(item.model_copy(update={"clauses": (odd,)}) for item in LDN.sources)
    found = surfaced(paper("Naltrexone ((( a"), LDN.model_copy(update={"sources": sources}))
    assert isinstance(found.matches, tuple)


# --- marking --------------------------------------------------------------------------------------


def test_the_words_found_are_marked_and_nothing_of_the_text_is_lost() -> None:
    assert pieces("Pain and painful pain", ("pain",)) == (
        ("Pain", True),
        (" and painful ", False),
        ("pain", True),
    )


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_the_pieces_together_are_the_text(text: str, words: list[str]) -> None:
    assert "".join(part for part, _ in pieces(text, words)) == text
