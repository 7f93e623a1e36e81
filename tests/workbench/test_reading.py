"""The extraction page without script: what people type is kept, read, refused beside its field, handed in."""

from __future__ import annotations

import html
import re

from living.model.facts import Characteristics, Extraction
from living.model.record import Record
from tests.factories import record
from tests.fakes import EPSILON, Reply
from tests.workbench.conftest import Client, Desk

READ = f"/desk/toy/read/{EPSILON}"
SAID = "the mean was 3.5 (SD 2.0, n = 60) with the remedy and 4.5 (SD 2.0, n = 60) with placebo"
KEY, BASE = re.compile(r'name="key" value="([^"]+)"'), re.compile(r'name="base" value="(\d+)"')

FILLED = {
    "what.label": "Epsilon 2026",
    "what.design": "parallel",
    "what.condition": "Invented ache",
    "what.group": "ache",
    "what.q0.report": EPSILON,
    "what.q0.locator": "",
    "what.q0.kind": "verbatim",
    "what.q0.text": "",
    "arm0.label": "Invented remedy",
    "arm0.intervention": "remedy",
    "arm1.label": "Placebo",
    "arm1.intervention": "placebo",
    "c0.outcome": "ache",
    "c0.scale": "nrs",
    "c0.experimental": "remedy",
    "c0.control": "placebo",
    "c0.weeks": "12",
    "c0.estimand": "final",
    "c0.datum": "means_sd",
    "c0.experimental.n": "60",
    "c0.experimental.mean": "3,5",
    "c0.experimental.spread.sd": "2.0",
    "c0.control.n": "60",
    "c0.control.mean": "4.5",
    "c0.control.spread.sd": "2.0",
    "c0.q0.report": EPSILON,
    "c0.q0.locator": "abstract",
    "c0.q0.kind": "verbatim",
    "c0.q0.text": SAID,
    "c0.population": "all_randomised",
}


def reader(desk: Desk, name: str = "ann") -> Client:
    """Somebody who may extract, with the study of the page known to the topic."""
    if EPSILON not in desk.home.records():
        known(desk, record(id=EPSILON.partition(":")[2], title="The invented EPSILON trial"))
    return desk.person(name, "extractor")


def known(desk: Desk, found: Record) -> None:
    """A record as a search would have stored it."""
    store = desk.home.house.store
    store.append("toy", desk.home.house.now(), [("machine", found)], after=store.state("toy").seq)


def press(client: Client, do: str, fields: dict[str, str], page: Reply | None = None, **more: str) -> Reply:
    page = page or client.get(READ)
    hidden = {"key": KEY.search(page.text)[1], "base": BASE.findall(page.text)[-1]}  # type: ignore[index]
    return client.form(READ, {**hidden, **fields, "do": do, **more})


def said(desk: Desk, kind: type[Extraction] | type[Characteristics]) -> list[Extraction | Characteristics]:
    """What people have said, imports left out."""
    facts = (line.fact for line in desk.home.house.store.state("toy").lines)
    return [fact for fact in facts if isinstance(fact, kind) and fact.imported is None]


def beside(page: Reply, name: str) -> str:
    """What stands beside a field."""
    found = re.search(
        rf'<div class="note-of" id="note-{re.escape(name)}">(.*?)</div>\n</div>', page.text, re.DOTALL
    )
    assert found, f"no place beside {name}"
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


def test_a_whole_form_is_handed_in_as_one(desk: Desk) -> None:
    ann = reader(desk)
    reply = press(ann, "hand_in", FILLED)
    assert reply.status == 200, reply.text
    assert "Handed in: 1 cell" in reply.text
    (extraction,) = said(desk, Extraction)
    assert isinstance(extraction, Extraction)
    assert extraction.numbers.model_dump()["experimental"]["mean"] == 3.5
    assert extraction.cell.experimental == "remedy"
    assert len(said(desk, Characteristics)) == 1


def test_the_step_before_shows_the_fields_of_the_chosen_datum_and_keeps_the_rest(desk: Desk) -> None:
    ann = reader(desk)
    begun = {name: FILLED[name] for name in FILLED if not re.match(r"c0\.(exp.*\.|con.*\.|q0|pop)", name)}
    page = press(ann, "next", begun)
    assert 'name="c0.experimental.spread.sd"' in page.text
    assert 'value="Epsilon 2026"' in page.text
    assert "0 to 10; higher is more ache" in page.text


def test_a_crossover_is_never_offered_two_independent_groups(desk: Desk) -> None:
    ann = reader(desk)
    page = press(ann, "next", {**FILLED, "what.design": "crossover", "c0.datum": ""})
    offered = re.findall(r'<option value="(\w+)"', page.text[page.text.index('name="c0.datum"') :])
    assert "paired_means" in offered
    assert "paired_ci" in offered
    assert "means_sd" not in offered
    refused = press(ann, "hand_in", {**FILLED, "what.design": "crossover"}, page)
    assert refused.status == 400
    assert "same people, not two independent groups" in beside(refused, "c0.datum")
    assert said(desk, Extraction) == []


def test_every_fault_stands_beside_its_field_and_all_that_was_typed_stays(desk: Desk) -> None:
    ann = reader(desk)
    wrong = {
        **FILLED,
        "what.label": "",
        "c0.weeks": "twelve",
        "c0.experimental.mean": "1,234",
        "c0.control.n": "59.5",
        "c0.q0.locator": "",
    }
    page = press(ann, "hand_in", wrong)
    assert page.status == 400
    assert "Name the study" in beside(page, "what.label")
    assert "'twelve' is no number" in beside(page, "c0.weeks")
    assert "1.234 or 1234" in beside(page, "c0.experimental.mean")
    assert "no whole number" in beside(page, "c0.control.n")
    assert "Say where in it" in beside(page, "c0.q0.locator")
    for text in ("twelve", "1,234", "59.5", SAID):
        assert html.escape(text) in page.text
    for name in ("what.label", "c0.weeks", "c0.experimental.mean", "c0.control.n", "c0.q0.locator"):
        assert f'href="#{name}"' in page.text
    assert said(desk, Extraction) == []


def test_a_number_that_its_quote_does_not_hold_is_flagged_at_the_field(desk: Desk) -> None:
    ann = reader(desk)
    page = press(ann, "hand_in", {**FILLED, "c0.control.mean": "4.6"})
    assert page.status == 400
    assert "No quote of this cell contains 4.6" in beside(page, "c0.control.mean")
    figure = {**FILLED, "c0.control.mean": "4.6", "c0.q0.kind": "figure", "c0.q0.text": "Figure 2, by ruler"}
    assert "Handed in: 1 cell" in press(ann, "hand_in", figure, page).text


def test_a_decimal_comma_says_how_it_was_read(desk: Desk) -> None:
    ann = reader(desk)
    assert "read as 3.5" in beside(press(ann, "check", FILLED), "c0.experimental.mean")


def test_a_warning_asks_for_a_reason_and_the_reason_is_kept(desk: Desk) -> None:
    ann = reader(desk)
    words = "the mean was 3.5 (SD 0.2, n = 60) with the remedy and 4.5 (SD 0.2, n = 60) with placebo"
    odd = {**FILLED, "c0.q0.text": words, "c0.experimental.spread.sd": "0.2", "c0.control.spread.sd": "0.2"}
    page = press(ann, "hand_in", odd)
    assert page.status == 400
    asked = re.findall(r'name="(c0\.reason\.[^"]+)"', page.text)
    assert asked, page.text
    assert len(asked) == len(set(asked)), "one reason, asked for in two places, would lose one of them"
    answered = press(ann, "hand_in", {**odd, **dict.fromkeys(asked, "The table says SD twice")}, page)
    assert "Handed in: 1 cell" in answered.text
    (extraction,) = said(desk, Extraction)
    assert isinstance(extraction, Extraction)
    assert {code for code, _ in extraction.reasons} == {name.removeprefix("c0.reason.") for name in asked}


def test_what_a_person_handed_in_comes_back_to_be_corrected(desk: Desk) -> None:
    ann = reader(desk)
    done = press(ann, "hand_in", FILLED)
    again = press(ann, "again", {}, done)
    assert 'name="c0.control.mean" value="4.5"' in again.text
    assert SAID in again.text


def test_the_second_reader_sees_nothing_of_the_first(desk: Desk) -> None:
    press(reader(desk), "hand_in", {**FILLED, "what.label": "A label of Ann's", "c0.notes": "Ann's remark"})
    ben = reader(desk, "ben")
    page = ben.get(READ)
    for secret in ("A label of Ann", "Ann&#39;s remark", 'value="4.5"', SAID):
        assert secret not in page.text
    assert "You have handed in" not in page.text


def test_a_field_the_form_does_not_know_says_nothing(desk: Desk) -> None:
    ann = reader(desk)
    more = {"c0.imported": "A", "by": "ben", "c0.cell.study": "pubmed:1", "study": "pubmed:1"}
    assert "Handed in" in press(ann, "hand_in", {**FILLED, **more}).text
    (extraction,) = said(desk, Extraction)
    assert isinstance(extraction, Extraction)
    assert (extraction.imported, extraction.cell.study) == (None, EPSILON)


def test_markup_in_what_was_typed_stays_text(desk: Desk) -> None:
    ann = reader(desk)
    page = press(ann, "check", {**FILLED, "what.label": '"><script>alert(1)</script>'})
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
