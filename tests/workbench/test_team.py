"""Working together: home, queue, claims, requests, studies, remarks, and what the blind must not see."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fakes import EPSILON, articles, epsilon_article, form, home_at, site_of, toy_records
from tests.workbench.conftest import Client, Desk

SENTINEL = "3.4567"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Desk]:
    """EPSILON came and waits to be screened."""
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path / "home", records) as home, site_of(home.house) as browser:
        home.move_to("2026-02-11")
        home.poll()
        yield Desk(home, browser)


def read(desk: Desk, who: Client, mean: float = 3.5) -> None:
    desk.home.read(form(mean=mean), who.id)


def test_home_shows_what_waits_for_me_with_a_link_to_the_page_that_does_it(team: Desk) -> None:
    ann = team.person("ann", "screener")
    page = ann.get("/desk/")
    assert page.status == 200
    assert f'href="/desk/toy/screen/{EPSILON}"' in page.text
    assert "You are screener here." in page.text


def test_somebody_of_no_review_is_told_so(team: Desk) -> None:
    page = team.person("nia").get("/desk/")
    assert "You belong to no review yet" in page.text
    assert EPSILON not in page.text


def test_a_task_that_is_not_mine_says_why(team: Desk) -> None:
    page = team.person("eve", "reader").get("/desk/toy/?whose=all")
    assert "Not for you: takes one of the roles screener." in page.text
    assert f'href="/desk/toy/screen/{EPSILON}"' not in page.text


def test_a_second_reader_must_be_somebody_else_and_a_third_person_settles(team: Desk) -> None:
    team.home.include(EPSILON)
    ann = team.person("ann", "extractor", "adjudicator")
    ben = team.person("ben", "extractor")
    cem = team.person("cem", "adjudicator")
    read(team, ann)
    assert "you have read it; somebody else must too" in ann.get("/desk/toy/?whose=all").text
    assert f'href="/desk/toy/read/{EPSILON}"' in ben.get("/desk/toy/").text
    read(team, ben, mean=3.6)
    assert "you read it; a third person settles it" in ann.get("/desk/toy/?whose=all").text
    assert f'href="/desk/toy/settle/{EPSILON}"' in cem.get("/desk/toy/").text


def test_the_queue_filters_by_kind_and_whose(team: Desk) -> None:
    ann = team.person("ann", "screener")
    assert EPSILON in ann.get("/desk/toy/?whose=mine&kind=screen").text
    assert EPSILON not in ann.get("/desk/toy/?whose=mine&kind=verify").text
    assert "Nothing of this waits" in ann.get("/desk/toy/?whose=asked").text


def test_a_claim_shows_until_when_holds_its_places_and_expires(team: Desk) -> None:
    ann, ben, cem = (team.person(name, "screener", "extractor") for name in ("ann", "ben", "cem"))
    assert "It is yours until 02:00 UTC." in ann.post(f"/desk/toy/claim/{EPSILON}").text
    assert "Ann is at it until 11 February 2026, 02:00 UTC" in ben.get("/desk/toy/").text
    ben.post(f"/desk/toy/claim/{EPSILON}")
    refused = cem.post(f"/desk/toy/claim/{EPSILON}")
    assert refused.status == 400
    assert "Ann and Ben have claimed this study" in refused.text
    assert EPSILON not in cem.get("/desk/toy/?whose=unclaimed").text
    ann.post(f"/desk/toy/release/{EPSILON}")
    assert "It is yours until" in cem.post(f"/desk/toy/claim/{EPSILON}").text
    team.home.forward(hours=3)
    assert "is at it" not in ben.get("/desk/toy/").text


def test_a_task_is_asked_of_somebody_shows_and_is_taken_back(team: Desk) -> None:
    ann, cem = team.person("ann", "screener"), team.person("cem", "extractor")
    asked = cem.post(f"/desk/toy/ask/{EPSILON}", kind="screen", account=ann.id)
    assert "Asked." in asked.text
    assert "Asked of you" in ann.get("/desk/").text
    assert "Asked of Ann" in cem.get("/desk/toy/?whose=all").text
    assert EPSILON in ann.get("/desk/toy/?whose=asked").text
    wrong = cem.post(f"/desk/toy/ask/{EPSILON}", kind="screen", account=cem.id)
    assert wrong.status == 400
    assert "Cem cannot do it" in wrong.text
    assert "taken back" in cem.post(f"/desk/toy/unask/{EPSILON}", kind="screen", account=ann.id).text
    assert "Asked of" not in ann.get("/desk/").text


def test_counts_on_the_studies_page_add_up(team: Desk) -> None:
    from living.service.progress import study_list

    team.home.include(EPSILON)
    read(team, team.person("ann", "extractor"))
    progress = study_list(team.home.house, "toy").progress
    assert sum(number for _, number in progress.standings) == progress.studies
    assert sum(number for _, number in progress.reading) == progress.included
    assert dict(progress.reading)["read, and another reader is needed"] == 1
    page = team.person("eve", "reader").get("/desk/toy/studies/")
    assert f'href="/desk/toy/study/{quote(EPSILON)}"' in page.text
    assert "1 of 2 have read it" in page.text


def test_the_page_of_a_study_leads_to_every_page_about_it(team: Desk) -> None:
    team.home.include(EPSILON)
    ann = team.person("ann", "screener", "extractor")
    page = ann.get(f"/desk/toy/study/{EPSILON}").text
    for word in ("screen", "read", "trust", "rob", "daily"):
        assert f'href="/desk/toy/{word}/{EPSILON}"' in page
    assert f'href="/desk/toy/settle/{EPSILON}"' not in page
    assert ann.get("/desk/toy/study/pubmed:1").status == 400


# --- remarks ------------------------------------------------------------------------------------------------


def test_a_remark_is_read_answered_and_dealt_with(team: Desk) -> None:
    ann, ben = team.person("ann", "screener"), team.person("ben", "screener")
    written = ann.post(f"/desk/toy/remark/{EPSILON}", follow=False, text="Is this <b>one</b> trial, @ben?")
    assert written.headers["location"] == f"/desk/toy/study/{EPSILON}#remark-1"
    page = ann.get(f"/desk/toy/study/{EPSILON}")
    assert "Is this &lt;b&gt;one&lt;/b&gt; trial, @ben?" in page.text
    home = ben.get("/desk/").text
    assert "Remarks to you" in home
    assert f"/desk/toy/study/{quote(EPSILON)}#remark-1" in home
    ben.post(f"/desk/toy/remark/{EPSILON}", text="It is.", answers="1")
    assert "It is." in ben.get(f"/desk/toy/study/{EPSILON}").text
    assert "It is." in ann.get("/desk/").text
    assert "Dealt with." in ann.post("/desk/toy/remark-done/1").text
    assert "Remarks to you" not in ben.get("/desk/").text


def test_a_remark_by_a_reader_is_held_back_until_the_study_is_open(team: Desk) -> None:
    team.home.include(EPSILON)
    ann, ben = team.person("ann", "extractor"), team.person("ben", "extractor")
    root = team.person("root", "administrator")
    read(team, ann)
    ann.post(f"/desk/toy/remark/{EPSILON}", text=f"I read {SENTINEL}, @ben")
    for client in (ben, root):
        for place in (f"/desk/toy/study/{EPSILON}", "/desk/", "/desk/toy/"):
            assert SENTINEL not in client.get(place).text
    assert "One remark is held back" in ben.get(f"/desk/toy/study/{EPSILON}").text
    assert ben.post(f"/desk/toy/remark/{EPSILON}", text="?", answers="1").status == 400
    assert ben.post("/desk/toy/remark-done/1").status == 400
    assert SENTINEL in ann.get(f"/desk/toy/study/{EPSILON}").text
    read(team, ben)
    assert SENTINEL in ben.get(f"/desk/toy/study/{EPSILON}").text
    assert SENTINEL in ben.get("/desk/").text


def test_a_remark_on_a_cell_shows_to_those_who_may_see_the_cell(team: Desk) -> None:
    from living.model.facts import Extraction

    team.home.include(EPSILON)
    ann, ben, cem = (team.person(name, "extractor") for name in ("ann", "ben", "cem"))
    read(team, ann)
    lines = team.home.house.store.state("toy").of_kind(Extraction)
    cell = next(fact.cell for line, fact in lines if line.by == ann.id)
    ann.post(f"/desk/toy/remark/{EPSILON}", text=f"cell {SENTINEL}", cell=cell.model_dump_json())
    assert SENTINEL not in cem.get(f"/desk/toy/study/{EPSILON}").text
    read(team, ben)
    shown = cem.get(f"/desk/toy/study/{EPSILON}").text
    assert SENTINEL in shown
    assert "ache, remedy v placebo, nrs, 12 weeks, final" in shown


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_remark_that_cannot_be_kept_comes_back_as_it_was_typed(team: Desk, text: str) -> None:
    ann = team.person("ann", "screener")
    page = ann.post(f"/desk/toy/remark/{EPSILON}", text=text)
    assert page.status == 400
    assert 'aria-describedby="wrong-text"' in page.text
    assert text in page.text


def test_an_administrator_erases_what_a_remark_said_and_nobody_else(team: Desk) -> None:
    ann, root = team.person("ann", "screener"), team.person("root", "administrator")
    ann.post(f"/desk/toy/remark/{EPSILON}", text="a name that should not stand here")
    assert ann.post("/desk/toy/remark-erase/1").status == 403
    page = root.post("/desk/toy/remark-erase/1")
    assert "Erased by an administrator." in page.text
    assert "a name that should not" not in ann.get(f"/desk/toy/study/{EPSILON}").text


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "9" * 30])
def test_a_remark_that_there_is_not_is_refused(team: Desk, number: str) -> None:
    ann = team.person("ann", "screener")
    assert ann.post(f"/desk/toy/remark-done/{number}").status == 400


def test_a_claim_is_held_longer_while_its_holder_saves_and_by_nobody_else(team: Desk) -> None:
    from living.service.claims import claims, take
    from living.service.drafts import keep, sheaf_of

    team.home.include(EPSILON)
    ann, ben = team.person("ann", "extractor"), team.person("ben", "extractor")
    house = team.home.house
    take(house, "toy", EPSILON, ann.id)
    team.home.forward(minutes=90)
    for client in (ann, ben):
        keep(house, sheaf_of(house, "toy", "reading", [EPSILON], client.id), {"label": "E"}, 0)
    [held] = claims(house, "toy")
    assert (held.by, held.until) == (ann.id, "2026-02-11T03:30:00Z")


def test_a_remark_by_somebody_with_an_open_form_waits_too(team: Desk) -> None:
    from living.service.drafts import keep, sheaf_of

    team.home.include(EPSILON)
    ann, ben = team.person("ann", "extractor"), team.person("ben", "extractor")
    house = team.home.house
    keep(house, sheaf_of(house, "toy", "reading", [EPSILON], ann.id), {"mean": SENTINEL}, 0)
    ann.post(f"/desk/toy/remark/{EPSILON}", follow=False, text=f"the mean is {SENTINEL}")
    assert SENTINEL not in ben.get(f"/desk/toy/study/{EPSILON}").text
    assert SENTINEL in ann.get(f"/desk/toy/study/{EPSILON}").text


def test_a_remark_is_written_beside_a_number_by_whoever_may_see_it(team: Desk) -> None:
    team.home.include(EPSILON)
    ann, ben = team.person("ann", "extractor"), team.person("ben", "extractor")
    read(team, ann)
    place = f"/desk/toy/study/{EPSILON}"
    assert 'id="numbers"' not in ben.get(place).text  # whether there is a number, too, is ann's to know
    mine = ann.get(place).text
    cell = html.unescape(mine.split('name="cell" value="')[1].split('"')[0])
    ann.post(f"/desk/toy/remark/{EPSILON}", follow=False, text="Is this an SD?", cell=cell)
    beside, _, whole = ann.get(place).text.partition('id="remarks"')
    assert "Is this an SD?" in beside
    assert "Is this an SD?" not in whole
    empty = ann.post(f"/desk/toy/remark/{EPSILON}", text=" ", cell=cell)
    assert empty.status == 400
    assert 'aria-describedby="wrong-text"' in empty.text.partition('id="remarks"')[0]
    assert "Is this an SD?" not in ben.get(place).text
    read(team, ben)
    assert "Is this an SD?" in ben.get(place).text.partition('id="remarks"')[0]
