"""Links at the workbench: proposals side by side, confirmed, refused, split again; and what a person sees."""

import re

import pytest

from living.model.record import AbstractPart, Identifier, Record
from living.service.people import queue
from living.service.proposing import proposed
from living.service.topics import evidence_of
from tests import factories as make
from tests.workbench.conftest import Client, Desk
from tests.workbench.test_screening import found

TSUI, FINAL = "NCT04052139", "NCT04270877"


def synthetic_paper(number: str, title: str, text: str, **kw: object) -> Record:
    """A paper of ours in place of a real one: the number it prints is as there, the words are not."""
    given = {
        "id": number,
        "title": title,
        "abstract": (AbstractPart(text=text),),
        "identifiers": (),
        "authors": (),
    }
    return make.record(**given | kw)


def synthetic_trial(number: str, title: str) -> Record:
    return make.registered(id=number, title=title, identifiers=())


TSUI_PAPER = synthetic_paper("11000001", "Opioid antagonists in HIV: a pilot", "Registered as NCT4052139.")
TSUI_TRIAL = synthetic_trial(TSUI, "Pilot of pain treatments")
FINAL_PAPER = synthetic_paper("11000002", "Mechanisms of pain", "Trial number NCT0427877.")
FINAL_TRIAL = synthetic_trial(FINAL, "Naltrexone in women")


@pytest.fixture
def kim(desk: Desk) -> Client:
    found(desk, TSUI_PAPER, TSUI_TRIAL, FINAL_PAPER, FINAL_TRIAL)
    return desk.person("kim", "screener")


def pair_page(a: Record, b: Record) -> str:
    return f"/desk/toy/links/{a.key}?with={b.key}"


def rule(client: Client, a: Record, b: Record, relation: str, why: str = "as it prints") -> str:
    return client.post(f"/desk/toy/links/{a.key}", a=a.key, b=b.key, relation=relation, why=why).text


def studies(desk: Desk) -> set[frozenset[str]]:
    return {frozenset(study.records) for study in evidence_of(desk.home.house, "toy").studies.by_key.values()}


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


# --- trap 1: misprinted numbers -------------------------------------------------------------------


def test_misprinted_registry_ids_yield_proposals_that_say_what_was_printed(kim: Client) -> None:
    page = text_of(kim.get("/desk/toy/links/").text)
    assert "Two pairs of studies may belong together." in page
    assert (
        "pubmed:11000001 names “NCT4052139” in its abstract, which has 7 digits, not 8;"
        f" {TSUI} differs by one slip" in page
    )
    assert "“NCT0427877”" in page
    assert FINAL in page


def test_the_two_stand_side_by_side_with_the_evidence(kim: Client) -> None:
    page = text_of(kim.get(pair_page(TSUI_PAPER, TSUI_TRIAL)).text)
    for words in (
        "What speaks for it",
        "Opioid antagonists in HIV",
        "Pilot of pain treatments",
        "Allocation randomized",
    ):
        assert words in page


def test_a_misprint_near_nothing_known_is_listed_to_be_looked_up(desk: Desk, kim: Client) -> None:
    found(desk, synthetic_paper("11000009", "Of something else", "See NCT777777."))
    page = text_of(kim.get("/desk/toy/links/").text)
    assert "Numbers to look up" in page
    assert "NCT777777 in its abstract of pubmed:11000009" in page


def test_the_queue_asks_for_a_ruling_until_there_is_one(desk: Desk, kim: Client) -> None:
    def asked() -> int:
        return sum(task.kind == "link" for task in queue(desk.home.house, "toy"))

    assert asked() == 2
    rule(kim, TSUI_PAPER, TSUI_TRIAL, "same_study")
    assert asked() == 1
    rule(kim, FINAL_PAPER, FINAL_TRIAL, "different")
    assert asked() == 0


# --- rulings --------------------------------------------------------------------------------------


def test_confirmed_the_two_are_one_study_and_split_again_they_are_two(desk: Desk, kim: Client) -> None:
    before = studies(desk)
    both = frozenset({TSUI_PAPER.key, TSUI_TRIAL.key})
    assert "are now one study" in rule(kim, TSUI_PAPER, TSUI_TRIAL, "same_study")
    assert both in studies(desk)
    page = kim.post(f"/desk/toy/split/{TSUI_TRIAL.key}", why="another trial after all").text
    assert "stands alone again" in page
    assert studies(desk) == before
    assert "are one study again" in rule(kim, TSUI_PAPER, TSUI_TRIAL, "join_again")
    assert both in studies(desk)


def test_refused_it_is_asked_no_more_and_stands_among_what_is_held_apart(desk: Desk, kim: Client) -> None:
    rule(kim, TSUI_PAPER, TSUI_TRIAL, "different", "another <i>city</i>")
    page = kim.get("/desk/toy/links/").text
    assert "One pair of studies" in page
    assert "Held apart (1)" in page
    assert "another &lt;i&gt;city&lt;/i&gt;" in page


def test_one_report_entered_twice_is_said_so(desk: Desk, kim: Client) -> None:
    twin = synthetic_paper("x1", TSUI_PAPER.title, "As before.", source="hand")
    found(desk, twin)
    rule(kim, TSUI_PAPER, twin, "same_report")
    assert "the same report as pubmed:11000001" in kim.get(f"/desk/toy/links/{twin.key}").text


def test_a_record_split_from_three_leaves_the_other_two_together(desk: Desk, kim: Client) -> None:
    third = synthetic_paper("11000003", "A third", "Nothing.")
    found(desk, third)
    rule(kim, TSUI_PAPER, TSUI_TRIAL, "same_study")
    rule(kim, TSUI_PAPER, third, "same_study")
    rule(kim, TSUI_TRIAL, third, "same_study")
    kim.post(f"/desk/toy/split/{third.key}", why="of another trial")
    assert frozenset({TSUI_PAPER.key, TSUI_TRIAL.key}) in studies(desk)
    assert frozenset({third.key}) in studies(desk)


def test_a_link_that_another_ruling_holds_apart_is_refused_and_that_ruling_named(
    desk: Desk, kim: Client
) -> None:
    third = synthetic_paper("11000003", "A third", "Nothing.")
    found(desk, third)
    rule(kim, TSUI_PAPER, TSUI_TRIAL, "same_study")
    rule(kim, TSUI_TRIAL, third, "different")
    reply = kim.post(
        f"/desk/toy/links/{third.key}",
        a=third.key,
        b=TSUI_PAPER.key,
        relation="same_study",
        why="typed by me",
    )
    assert reply.status == 400
    assert f"A ruling holds {TSUI_TRIAL.key} and {third.key} apart" in reply.text
    assert "typed by me" in reply.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"relation": "same_study", "why": " "}, "The reason is missing"),
        ({"relation": "married", "why": "x"}, "No ruling was chosen"),
        ({"relation": "same_study", "why": "x", "b": "pubmed:404"}, "No record"),
        ({"relation": "same_study", "why": "x", "b": TSUI_PAPER.key}, "a link joins two records"),
    ],
)
def test_what_is_no_ruling_is_refused_and_stores_nothing(
    desk: Desk, kim: Client, fields: dict[str, str], words: str
) -> None:
    before = desk.home.head()
    given = {"a": TSUI_PAPER.key, "b": TSUI_TRIAL.key, **fields}
    reply = kim.post(f"/desk/toy/links/{TSUI_PAPER.key}", **given)
    assert reply.status == 400
    assert words in text_of(reply.text)
    assert desk.home.head() == before


def test_nothing_to_split_from_is_said(kim: Client) -> None:
    reply = kim.post(f"/desk/toy/split/{TSUI_PAPER.key}", why="x")
    assert reply.status == 400


def test_any_two_records_may_be_looked_at_side_by_side(kim: Client) -> None:
    assert "Are " in kim.get(pair_page(TSUI_PAPER, FINAL_TRIAL)).text
    unknown = kim.get(f"/desk/toy/links/{TSUI_PAPER.key}?with=pubmed:404")
    assert unknown.status == 400
    assert "No record" in unknown.text


def test_readers_and_extractors_rule_on_no_links(desk: Desk, kim: Client) -> None:
    rea = desk.person("rea", "extractor")
    assert rea.get("/desk/toy/links/").status == 403
    refused = rea.post(
        f"/desk/toy/links/{TSUI_PAPER.key}",
        a=TSUI_PAPER.key,
        b=TSUI_TRIAL.key,
        relation="same_study",
        why="x",
    )
    assert refused.status == 403


def test_a_vote_makes_no_new_search_for_links(desk: Desk, kim: Client) -> None:
    first = proposed(desk.home.house, "toy")
    kim.post(f"/desk/toy/screen/{TSUI_PAPER.key}", vote="include", stage="title")
    assert proposed(desk.home.house, "toy") is first


# --- trap 2: one trial, several papers ------------------------------------------------------------


def test_the_four_reports_of_final_are_one_study_and_never_four(desk: Desk) -> None:
    """One names the registration rightly, one misprints it, one names the other register, one nothing."""
    nct = (Identifier(scheme="nct", value=FINAL), Identifier(scheme="eudract", value="2019-000702-30"))
    bruun = {"authors": ("Due Bruun K", "Sample B"), "published": "2026"}
    reports = (
        synthetic_paper(
            "12000001", "Naltrexone 6 mg in women with fibromyalgia", "A trial.", identifiers=nct
        ),
        synthetic_paper("12000002", "Spinal pain mechanisms", "Registered: NCT0427877."),
        synthetic_paper(
            "12000003", "Six symptoms of fibromyalgia after naltrexone", "2019-000702-30", **bruun
        ),
        synthetic_paper("12000004", "Fibromyalgia symptoms in women on naltrexone", "Long-term.", **bruun),
    )
    found(desk, FINAL_TRIAL, *reports)
    desk.home.poll("ctgov")  # exact numbers are linked by the machine after each search
    kim = desk.person("kim", "screener")
    for _ in reports:
        for item in proposed(desk.home.house, "toy").links[:1]:
            kim.post(f"/desk/toy/links/{item.a}", a=item.a, b=item.b, relation="same_study", why="as shown")
    family = frozenset({FINAL_TRIAL.key, *(report.key for report in reports)})
    assert family in studies(desk)
    page = text_of(kim.get(f"/desk/toy/screen/{reports[3].key}").text)
    for report in reports:
        assert report.key in page
    listing = kim.get("/desk/toy/screen/").text
    assert sum(f"/desk/toy/screen/{report.key.replace(':', '%3A')}" in listing for report in reports) == 0
    assert FINAL_TRIAL.key in listing
