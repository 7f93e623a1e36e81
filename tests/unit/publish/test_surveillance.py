"""What stands first on the page about the sources: whether all is well, in words that anybody reads."""

import pytest

from living.publish.surveillance import FailureOut, SourceOut, in_few_words, render_surveillance, runs_json
from tests.unit.publish import watched
from tests.unit.publish.watched import run, source

TWO = (source("pubmed", "PubMed"), source("ctgov", "ClinicalTrials.gov"))
EARLIER = source(
    "ctgov", "ClinicalTrials.gov", last=run("ctgov", "ClinicalTrials.gov", "2026-11-20T06:00:00Z")
)
DOWN = FailureOut(kind="down", text="timed out", since="2026-11-21T06:00:00Z", tries=3, next_try=None)
FAILING = source("pubmed", "PubMed", state="failed", failure=DOWN)
NEVER = source("pubmed", "PubMed", state="never", last=None, last_full=None, next_due=None)


ON = "last searched completely on 22 November 2026"


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (TWO[:1], "PubMed was searched completely on 22 November 2026"),
        (TWO, f"All two sources were {ON}"),
        (
            (TWO[0], EARLIER),
            "All two sources were last searched completely between 20 November 2026 and 22 November 2026",
        ),
        ((FAILING, TWO[1]), f"1 of 2 sources is not searched as planned: PubMed ({ON})"),
        ((NEVER, TWO[1]), "1 of 2 sources is not searched as planned: PubMed (never yet)"),
        ((FAILING,), f"No source is searched as it should be: PubMed ({ON})"),
    ],
)
def test_the_first_sentence_says_whether_every_source_was_searched(
    sources: tuple[SourceOut, ...], said: str
) -> None:
    assert in_few_words(sources) == f"{said}; every entry that was asked for has come."


def test_where_nothing_is_or_was_searched_that_is_all_there_is_to_say() -> None:
    assert in_few_words(()) == "No source of this review is searched by machine."
    assert in_few_words((NEVER,)) == "Nothing has been searched yet: the first search lists everything."


def test_what_is_missing_alarming_or_overdue_is_counted_after_it() -> None:
    busy = watched.busy()
    assert busy.said.endswith(
        "three entries were asked for and have not come yet. One thing has to be looked into."
        " One source searched by hand is overdue."
    )


def test_of_an_ended_review_nothing_else_is_said() -> None:
    said = in_few_words((FAILING,), watched.busy().by_hand, "2026-08-01")
    assert said == "This review has ended: since 1 August 2026 its sources are not searched any more."


def test_no_text_of_a_source_is_ever_markup_but_the_few_tags_of_a_title() -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    failure = DOWN.model_copy(update={"text": evil})
    view = watched.view((source("pubmed", evil, query=evil, reading=evil, state="failed", failure=failure),))
    page = render_surveillance(view).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "<i>invented</i>" in render_surveillance(watched.busy()).decode()


def test_the_same_sources_are_the_same_bytes() -> None:
    assert render_surveillance(watched.busy()) == render_surveillance(watched.busy())
    assert runs_json(watched.busy()) == runs_json(watched.busy())
