"""An editor sees what would be published, publishes it as provisional, and signs its digest."""

import re
from html import unescape

import pytest

from living.errors import UserError
from living.model.facts import Judgement, Particular, Particulars
from living.model.record import AbstractPart
from living.review.judged import grade_digest
from living.review.snapshot import build_snapshot
from living.service.people import sign
from living.service.saying import say
from tests.factories import record
from tests.fakes import EPSILON, Home, Reply, form
from tests.workbench.conftest import PASSWORD, Client, Desk

AT = "/desk/toy/sign/"
SENTENCE = "The invented remedy may help a little."


def shown_digest(page: Reply) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


def typed(page: Reply, **more: str) -> dict[str, str]:
    certainty = re.search(r'name="certainty" value="([a-z_]+)"', page.text)
    assert certainty
    given = {
        "digest": shown_digest(page),
        "certainty": certainty[1],
        "conclusion": SENTENCE,
        "meaning": "approved",
        "password": PASSWORD,
    }
    return given | more


def found_epsilon(home: Home) -> None:
    """A further trial, included and read by two people who agree."""
    said = "the mean was 3.5 (SD 2.0, n = 60) with the remedy and 4.5 (SD 2.0, n = 60) with placebo."
    paper = record(id="90000005", abstract=(AbstractPart(label="RESULTS", text=said),))
    home.house.store.append(home.topic, home.house.now(), [("machine", paper)], after=home.head()[0])
    home.include(EPSILON)
    home.read(form())


def signed(ed: Client, **more: str) -> Reply:
    return ed.post(AT, **typed(ed.get(AT), **more))


@pytest.fixture
def ed(desk: Desk) -> Client:
    return desk.person("ed", "editor")


def test_an_editor_sees_the_first_version_before_anybody_else_does(desk: Desk, ed: Client) -> None:
    page = ed.get(AT)
    assert "Publishing now would make v1.0" in page.text
    assert "First version" in page.text
    assert "There is no earlier version" in page.text
    assert "unverified: each rests on one source" in page.text
    assert desk.home.versions == []
    preview = ed.get(AT + "preview/").text
    assert "A preview." in preview
    figures = sorted(set(re.findall(r'src="(figures/[^"]+)"', preview)))
    assert figures
    for name in figures:
        assert ed.get(f"{AT}preview/{name}").headers["content-type"] == "image/svg+xml"
    assert ed.get(AT + "preview/figures/none.svg").status == 400


def test_until_somebody_signs_readers_see_that_it_is_provisional(desk: Desk, ed: Client) -> None:
    assert "Published: v1.0." in ed.post(AT + "publish/").text
    assert desk.home.versions == ["v1.0"]
    assert "No editor has signed this version" in desk.home.page("v1.0/index.html")
    assert "Nobody has signed a conclusion on it" in ed.get(AT).text
    assert "The rule makes no version of this" in ed.post(AT + "publish/").text


def test_a_signature_makes_the_minor_version_that_carries_the_sentence(desk: Desk, ed: Client) -> None:
    desk.home.turn()
    assert "Signed." in signed(ed).text
    desk.home.turn()
    assert desk.home.versions == ["v1.0", "v1.1"]
    for version in ("v1.0", "v1.1"):
        page = desk.home.page(f"{version}/index.html")
        assert f"Signed by Ed ({ed.id})" in page
        assert "Reviewed and approved" in page
        assert "Provisional" not in page
    assert SENTENCE in desk.home.page("v1.1/page.html")
    assert SENTENCE not in desk.home.page("v1.0/page.html")
    assert "its conclusion is signed" in ed.get(AT).text
    desk.home.turn()
    assert desk.home.versions == ["v1.0", "v1.1"]
    desk.home.quiet()


def test_what_is_not_yet_published_can_be_signed_first_and_appears_signed(desk: Desk, ed: Client) -> None:
    assert "Signed." in signed(ed).text
    assert desk.home.versions == []
    ed.post(AT + "publish/")
    assert desk.home.versions == ["v1.0"]
    page = desk.home.page("v1.0/index.html")
    assert f"Signed by Ed ({ed.id})" in page
    assert SENTENCE in desk.home.page("v1.0/page.html")


def test_evidence_that_moved_while_somebody_wrote_is_not_signed_and_no_word_is_lost(
    desk: Desk, ed: Client
) -> None:
    desk.home.turn()
    before = typed(ed.get(AT))
    noted = Particulars(study="pubmed:90000001", items=(Particular(topic="funder", said="A public fund"),))
    say(desk.home.house, desk.home.topic, "ann", lambda _: [noted])
    page = ed.post(AT, **before)
    assert page.status == 400
    assert "the evidence moved since this was shown" in page.text
    assert SENTENCE in page.text
    assert shown_digest(page) != before["digest"]
    assert not desk.home.house.store.state(desk.home.topic).signatures


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("conclusion", "  ", "says nothing"),
        ("meaning", "", "say that you reviewed and approve it"),
        ("certainty", "high", "no GRADE rating stands"),
        ("certainty", "", "no GRADE rating stands"),
        ("digest", "0" * 64, "the evidence moved"),
        ("digest", "<script>", "the evidence moved"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_the_text_kept(
    desk: Desk, ed: Client, field: str, value: str, said: str
) -> None:
    desk.home.turn()
    page = signed(ed, **{"conclusion": "A <b>bold</b> sentence.", field: value})
    assert page.status == 400
    assert said in unescape(page.text)
    assert field == "conclusion" or "A &lt;b&gt;bold&lt;/b&gt; sentence." in page.text
    assert not desk.home.house.store.state(desk.home.topic).signatures


def test_a_signature_takes_the_right_password_and_an_editor(desk: Desk, ed: Client) -> None:
    desk.home.turn()
    fields = typed(ed.get(AT))
    for wrong in ("", "another password"):
        page = ed.post(AT, **fields | {"password": wrong})
        assert page.status == 403
        assert SENTENCE in page.text  # it is offered again as it was typed
    for role in ("reader", "screener", "extractor", "adjudicator"):
        other = desk.person(f"a-{role}", role)
        assert other.get(AT).status == 403
        assert other.post(AT, **fields).status == 403
        assert other.post(AT + "publish/").status == 403
    assert not desk.home.house.store.state(desk.home.topic).signatures


def test_new_evidence_is_shown_with_what_it_moves_before_it_is_published(desk: Desk, ed: Client) -> None:
    home = desk.home
    home.turn()
    found_epsilon(home)
    page = ed.get(AT)
    assert "Publishing now would make v2.0, after v1.0" in page.text
    assert "New evidence" in page.text
    assert "Epsilon 2026" in page.text
    assert 'id="difference"' in page.text
    assert home.versions == ["v1.0"]
    ed.post(AT + "publish/")
    assert home.versions == ["v1.0", "v2.0"]


def test_a_signed_sentence_goes_when_the_evidence_moves_on(desk: Desk, ed: Client) -> None:
    home = desk.home
    home.turn()
    signed(ed)
    home.turn()
    found_epsilon(home)
    home.turn()
    assert "No editor has signed this version" in home.page(f"{home.versions[-1]}/index.html")


def test_a_signature_carries_the_grade_rating_that_stands_and_no_other(desk: Desk, ed: Client) -> None:
    home = desk.home
    home.turn()
    analysis = next(
        item
        for item in build_snapshot(home.house.store.state(home.topic)).comparisons[0].analyses
        if item.role == "primary"
    )
    judged = grade_digest(analysis.contrasts, analysis.pool)
    rated = Judgement(tool="grade", subject=analysis.id, judged=judged, overall="low", reason="Few people.")
    say(home.house, home.topic, "cat", lambda _: [rated])
    page = ed.get(AT)
    assert typed(page)["certainty"] == "low"
    refused = ed.post(AT, **typed(page, certainty="high"))
    assert (refused.status, "the GRADE rating that stands is low" in refused.text) == (400, True)
    assert "Signed." in ed.post(AT, **typed(page)).text
    home.turn()
    assert home.house.store.state(home.topic).signatures[-1][1].certainty == "low"
    shell = home.page(f"{home.versions[-1]}/index.html")
    assert "Certainty: low." in shell
    with pytest.raises(UserError, match="the GRADE rating that stands is low"):
        sign(home.house, home.topic, home.versions[-1], SENTENCE, "ed", "high")
