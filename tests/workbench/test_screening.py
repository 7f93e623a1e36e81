"""Screening at the workbench: what a person sees, votes, takes back, and does not see of the others."""

from pathlib import Path

import pytest

from living.model.facts import MACHINE
from living.model.record import AbstractPart, Record
from living.service.people import vote
from living.service.screening import withdraw
from living.service.topics import evidence_of
from tests import factories as make
from tests.fakes import ROOT, at, home_at, site_of
from tests.workbench.conftest import Client, Desk

EPSILON, ZETA = "pubmed:90000005", "pubmed:90000006"
HERE = "/desk/toy/screen/"


TRIAL = make.record(
    id="90000005",
    title="The invented EPSILON trial of an invented remedy",
    abstract=(
        AbstractPart(label="RESULTS", text="Ache: the mean was 3.5 (SD 2.0) with the invented remedy."),
    ),
)
SERIES = make.record(
    id="90000006",
    title="The invented ZETA series of an invented remedy",
    abstract=(AbstractPart(text="An invented remedy given to all; nobody was compared."),),
    types=("Journal Article",),
    identifiers=(),
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Two articles have been found by the first search."""
    found(desk, TRIAL, SERIES)
    return desk


def found(desk: Desk, *records: Record) -> None:
    store, now = desk.home.house.store, desk.home.house.now()
    store.append("toy", now, [(MACHINE, record) for record in records])


def voted(client: Client, study: str = EPSILON, verdict: str = "include", **more: str) -> str:
    fields = {"vote": verdict, "stage": "title", "criterion": "", "reason": "", **more}
    return client.post(f"{HERE}{study}", **fields).text


def standing(desk: Desk, study: str = EPSILON) -> tuple[str, str, bool]:
    found = evidence_of(desk.home.house, "toy").standing[study]
    return found.status, found.stage, found.conflict


def test_the_queue_shows_likelier_trials_first_and_leaves_none_out(desk: Desk) -> None:
    page = desk.person("ann", "screener").get(HERE).text
    assert 0 < page.index("EPSILON") < page.index("ZETA")
    assert "indexed as a randomised trial" in page
    assert 'For me to screen <span class="soft">(2)' in page


def test_a_study_shows_its_text_why_it_came_and_the_criteria(desk: Desk) -> None:
    page = desk.person("ann", "screener").get(f"{HERE}{EPSILON}").text
    assert "the mean was 3.5" in page
    assert "<code>&#34;invented remedy&#34;[tiab]</code> in title and abstract" in page
    assert "2 February 2026, 06:00 UTC" in page  # when it was first seen
    for criterion in ("E1", "X1"):
        assert f'value="{criterion}"' in page


def test_a_vote_is_kept_and_the_next_study_shown_at_once(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    page = voted(ann)
    assert "Included." in page
    assert "ZETA" in page
    assert "Take the last vote back" in page


def test_a_vote_given_twice_is_one_and_the_page_says_so(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    voted(ann)
    before = desk.home.head()
    assert "You had said this before" in voted(ann)
    assert desk.home.head() == before
    assert "Included." in voted(ann, reason="looked again after the notice")


def test_a_vote_can_be_taken_back_from_the_next_page(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    voted(ann)
    page = ann.post(f"/desk/toy/withdraw/{EPSILON}").text
    assert "Your vote was taken back" in page
    assert standing(desk)[0] == "unscreened"
    assert ann.post(f"/desk/toy/withdraw/{EPSILON}").status == 400


def test_an_exclusion_without_a_criterion_comes_back_with_what_was_typed(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    reply = ann.post(f"{HERE}{EPSILON}", vote="exclude", stage="title", reason="no <b>control</b> group")
    assert reply.status == 400
    assert "An exclusion names its criterion" in reply.text
    assert 'value="no &lt;b&gt;control&lt;/b&gt; group"' in reply.text
    assert 'value="exclude" accesskey="e" data-key="e" checked' in reply.text
    assert standing(desk)[0] == "unscreened"


@pytest.mark.parametrize(
    "fields",
    [{}, {"vote": "perhaps", "stage": "title"}, {"vote": "include"}, {"vote": "include", "stage": "x"},
     {"vote": "exclude", "stage": "title", "criterion": "Z9"}],
)  # fmt: skip
def test_what_is_no_vote_is_refused_and_stores_nothing(desk: Desk, fields: dict[str, str]) -> None:
    before = desk.home.head()
    assert desk.person("ann", "screener").post(f"{HERE}{EPSILON}", **fields).status == 400
    assert desk.home.head() == before


def test_an_unknown_study_or_list_is_a_plain_fault(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    assert ann.get(f"{HERE}pubmed:404").status == 400
    assert ann.get(f"{HERE}?show=<script>").status == 400
    assert ann.get(f"{HERE}?page=99999999999999999999999").status == 200


# --- two, blind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("show", ["mine", "conflicts", "all"])
def test_the_second_screener_s_pages_are_the_same_whatever_the_first_said(desk: Desk, show: str) -> None:
    ann, bob = desk.person("ann", "screener"), desk.person("bob", "screener")
    said = [("include", ""), ("exclude", "X1"), ("unsure", "")]
    seen = []
    for verdict, criterion in said:
        voted(ann, verdict=verdict, criterion=criterion, reason=f"sentinel {verdict}")
        seen.append((bob.get(f"{HERE}?show={show}").text, bob.get(f"{HERE}{EPSILON}").text))
    assert seen[0] == seen[1] == seen[2]
    assert "sentinel" not in "".join(seen[0])
    assert "One other vote is hidden until you have voted" in seen[0][1]


def test_what_both_said_shows_once_both_have_voted(desk: Desk) -> None:
    ann, bob = desk.person("ann", "screener"), desk.person("bob", "screener")
    voted(ann, reason="as I read it")
    voted(bob, verdict="unsure")
    assert "as I read it" in bob.get(f"{HERE}{EPSILON}").text


def test_a_conflict_waits_for_a_third_person_and_neither_of_the_two_breaks_the_tie(desk: Desk) -> None:
    ann, bob, eve = (desk.person(name, "screener") for name in ("ann", "bob", "eve"))
    voted(ann)
    voted(bob, verdict="exclude", criterion="X1")
    assert standing(desk) == ("awaiting_classification", "", True)
    assert EPSILON not in ann.get(HERE).text
    assert EPSILON in eve.get(f"{HERE}?show=conflicts").text
    refused = ann.post(f"{HERE}{EPSILON}", vote="exclude", criterion="X1", stage="title")
    assert refused.status == 400
    assert "somebody who has not voted decides" in refused.text
    voted(eve, verdict="exclude", criterion="X1")
    assert standing(desk) == ("excluded", "title", False)


def test_one_of_the_two_may_change_the_own_vote_when_that_is_said(desk: Desk) -> None:
    ann, bob = desk.person("ann", "screener"), desk.person("bob", "screener")
    voted(ann)
    voted(bob, verdict="exclude", criterion="X1")
    voted(bob, change="yes")
    assert standing(desk) == ("awaiting_classification", "title", False)


def test_after_the_title_the_full_report_is_asked_for(desk: Desk) -> None:
    ann, bob = desk.person("ann", "screener"), desk.person("bob", "screener")
    for client in (ann, bob):
        voted(client)
    assert EPSILON in ann.get(HERE).text
    assert 'value="full_text" checked' in ann.get(f"{HERE}{EPSILON}").text
    for client in (ann, bob):
        voted(client, stage="full_text")
    assert standing(desk) == ("included", "full_text", False)


def test_who_is_at_a_study_is_said(desk: Desk) -> None:
    ann, bob = desk.person("ann", "screener"), desk.person("bob", "screener")
    desk.home.house.store.claim("toy", EPSILON, bob.id, desk.home.house.now(), "2030-01-01T00:00:00Z")
    assert "Bob is at it" in ann.get(HERE).text
    assert "Bob is at it" in ann.get(f"{HERE}{EPSILON}").text


def test_only_screeners_screen(desk: Desk) -> None:
    reader = desk.person("rea", "reader")
    assert reader.get(HERE).status == 403
    assert reader.post(f"{HERE}{EPSILON}", vote="include", stage="title").status == 403
    assert reader.post(f"/desk/toy/withdraw/{EPSILON}").status == 403


def test_the_last_study_says_that_nothing_else_waits(desk: Desk) -> None:
    ann = desk.person("ann", "screener")
    voted(ann)
    assert "Nothing else waits for you" in voted(ann, ZETA, "exclude", criterion="X1")
    assert "Nothing waits for your vote" in ann.get(HERE).text


def test_the_command_line_takes_a_vote_back_too(desk: Desk) -> None:
    vote(desk.home.house, "toy", EPSILON, "include", "ann", stage="title")
    assert withdraw(desk.home.house, "toy", EPSILON, "ann").facts == 1
    assert standing(desk)[0] == "unscreened"


# --- trap 10: controlled by placebo, crossed over, and not randomised -------------------------------


def test_a_placebo_controlled_crossover_in_one_fixed_order_fails_the_criterion_of_randomisation(
    desk: Desk,
) -> None:
    text = (
        "Ten women took placebo for two weeks and then the invented remedy, single-blind, all in that order."
    )
    synthetic = make.record(
        id="90000010",
        title="An invented remedy in ache: a placebo-controlled crossover pilot",
        abstract=(AbstractPart(label="METHODS", text=text),),
        types=("Journal Article",),
        identifiers=(),
    )
    found(desk, synthetic)
    page = desk.person("ann", "screener").get(f"{HERE}{synthetic.key}").text
    assert "all in that order" in page
    assert "<strong>X1</strong> Not randomised" in page
    assert "speaks of placebo, sham, blinding or crossover" in page
    assert "says that it was randomised" not in page
    for name in ("ann", "bob"):
        voted(desk.person(name, "screener"), synthetic.key, "exclude", criterion="X1")
    assert "Excluded, X1." in desk.person("ann").get(f"{HERE}{synthetic.key}").text


def test_younger_and_mackey_2009_stands_excluded_as_not_randomised_from_the_first_day(tmp_path: Path) -> None:
    folder = ROOT / "db" / "topics" / "ldn-chronic-pain"
    with (
        home_at(tmp_path / "home", topics=(folder,), now=at("2026-07-01")) as home,
        site_of(home.house) as site,
    ):
        ann = Desk(home, site).person("ann", "screener")
        page = ann.get("/desk/ldn-chronic-pain/screen/pubmed:19453963").text
        assert "Low-dose naltrexone in fibromyalgia, pilot study with placebo first" in page
        assert "Excluded, X1." in page
        assert "says that it was randomised" not in page
        listing = ann.get("/desk/ldn-chronic-pain/screen/?show=mine").text
        assert "pubmed:19453963" not in listing
