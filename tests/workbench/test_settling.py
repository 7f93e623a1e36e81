"""Settling: two readings side by side, a third person's choice with a reason, both originals kept."""

from __future__ import annotations

from typing import Any

import pytest

from living.model.facts import Adjudication, Characteristics, Extraction
from living.service.people import submit_form
from living.service.topics import evidence_of
from tests.fakes import Reply, form
from tests.workbench.conftest import Client, Desk

STUDY = "pubmed:90000001"
PLACE = f"/desk/toy/settle/{STUDY}"
CELL = "ache_remedy-v-placebo_nrs_12w_final"
WHY = "Table 2 prints it so"
MORE = """
[[extractions]]
cell.outcome = "ache"
cell.experimental = "remedy"
cell.control = "placebo"
cell.scale = "nrs"
cell.weeks = 24
cell.estimand = "final"
numbers.shape = "arm_means"
numbers.values = "final"
numbers.experimental = { n = 60, mean = 3.25, spread = { by = "sd", sd = 2.0 } }
numbers.control = { n = 60, mean = 4.5, spread = { by = "sd", sd = 2.0 } }
quotes = [{ report = "pubmed:90000001", locator = "table 3", text = "3.25 and 4.5 (SD 2.0, n = 60)" }]
"""


def hand_in(desk: Desk, name: str, mean: float = 3.5, **more: Any) -> Client:
    client = desk.person(name, "extractor")
    submit_form(desk.home.house, "toy", form(STUDY, mean=mean, **more), "form.toml", client.id)
    desk.home.forward(minutes=1)
    return client


@pytest.fixture
def judge(desk: Desk) -> Client:
    """A third person; ann and ben have read the study and differ in one mean."""
    hand_in(desk, "ann")
    hand_in(desk, "ben", 3.6)
    return desk.person("cleo", "adjudicator")


def stamp(reply: Reply, cell: str = CELL) -> str:
    return reply.text.split(f'name="{cell}.stamp" value="')[1].split('"')[0]


def settled(judge: Client, choice: str, **fields: str) -> Reply:
    given = {
        f"{CELL}.choice": choice,
        f"{CELL}.reason": WHY,
        f"{CELL}.stamp": stamp(judge.get(PLACE)),
        **{f"{CELL}.{name}": value for name, value in fields.items()},
    }
    return judge.form(PLACE, given)


def rulings(desk: Desk) -> list[Adjudication]:
    return [fact for _, fact in evidence_of(desk.home.house, "toy").state.of_kind(Adjudication)]


def test_nobody_sees_the_page_before_both_have_handed_in(desk: Desk) -> None:
    hand_in(desk, "ann")
    for role in ("adjudicator", "editor", "administrator"):
        reply = desk.person(role, role, "adjudicator").get(PLACE)
        assert reply.status == 403
        assert "3.5" not in reply.text


def test_both_readings_stand_side_by_side_and_say_where_they_differ(judge: Client) -> None:
    page = judge.get(PLACE)
    assert page.status == 200
    assert "They differ</strong> in: mean, experimental arm" in page.text
    assert page.text.count('class="differs"') == 2
    for words in ("the mean was 3.5 (SD 2.0", "the mean was 3.6 (SD 2.0", "Ann", "Ben"):
        assert words in page.text


def test_a_side_is_picked_with_a_reason_and_both_originals_stay(desk: Desk, judge: Client) -> None:
    ben = desk.people["ben"].id
    reply = settled(judge, f"side:{ben}")
    assert "Settled: 1." in reply.text
    assert "Nothing of this study waits" in reply.text
    evidence = evidence_of(desk.home.house, "toy")
    [reading] = [item for item in evidence.readings.of_study(STUDY) if item.standing == "adjudicated"]
    assert reading.notes == WHY
    assert getattr(reading.numbers, "experimental").mean == 3.6  # noqa: B009 - one of several shapes
    read = [fact for line, fact in evidence.state.of_kind(Extraction) if fact.imported is None]
    assert len(read) == 2


def test_pressing_twice_says_it_once(desk: Desk, judge: Client) -> None:
    given = {
        f"{CELL}.choice": f"side:{desk.people['ann'].id}",
        f"{CELL}.reason": WHY,
        f"{CELL}.stamp": stamp(judge.get(PLACE)),
    }
    judge.form(PLACE, given)
    again = judge.form(PLACE, given)
    assert "nothing changed" in again.text
    assert len(rulings(desk)) == 1


def test_own_numbers_need_their_words(desk: Desk, judge: Client) -> None:
    ann = desk.people["ann"].id
    own = {
        f"own.{ann}.experimental.mean": "3.7",
        f"own.{ann}.q0.report": STUDY,
        f"own.{ann}.q0.locator": "table 2",
        f"own.{ann}.q0.kind": "verbatim",
        f"own.{ann}.q0.text": "3.5 (SD 2.0, n = 60) v 4.5 (SD 2.0, n = 60)",
    }
    refused = settled(judge, f"own:{ann}", **own)
    assert refused.status == 400
    assert "No quote contains experimental mean 3.7" in refused.text
    assert f'id="wrong-{CELL}"' in refused.text  # beside the cell it is about
    assert 'value="3.7"' in refused.text  # what was typed is still there
    assert WHY in refused.text
    assert rulings(desk) == []
    right = {**own, f"own.{ann}.q0.text": "3.7 (SD 2.0, n = 60) v 4.5 (SD 2.0, n = 60)"}
    assert settled(judge, f"own:{ann}", **right).status == 200
    [ruling] = rulings(desk)
    assert (ruling.quotes[0].locator, ruling.reason) == ("table 2", WHY)
    assert getattr(ruling.numbers, "experimental").mean == 3.7  # noqa: B009


def test_a_reason_is_needed(desk: Desk, judge: Client) -> None:
    reply = settled(judge, f"side:{desk.people['ann'].id}", reason=" ")
    assert reply.status == 400
    assert "reason" in reply.text
    assert rulings(desk) == []


def test_a_number_that_is_none_is_refused_and_kept(desk: Desk, judge: Client) -> None:
    ann = desk.people["ann"].id
    reply = settled(judge, f"own:{ann}", **{f"own.{ann}.experimental.mean": "three and a half"})
    assert reply.status == 400
    assert 'value="three and a half"' in reply.text


def test_a_reading_that_came_meanwhile_is_shown_and_nothing_is_lost(desk: Desk, judge: Client) -> None:
    old = stamp(judge.get(PLACE))
    submit_form(desk.home.house, "toy", form(STUDY, mean=3.8), "form.toml", desk.people["ben"].id)
    reply = settled(judge, f"side:{desk.people['ben'].id}", stamp=old)
    assert reply.status == 400
    assert "since you looked" in reply.text
    assert "the mean was 3.8" in reply.text
    assert WHY in reply.text
    assert rulings(desk) == []


def test_readers_who_came_to_agree_meanwhile_leave_the_typed_words_on_the_page(
    desk: Desk, judge: Client
) -> None:
    old = stamp(judge.get(PLACE))
    submit_form(desk.home.house, "toy", form(STUDY, mean=3.5), "form.toml", desk.people["ben"].id)
    given = {f"{CELL}.choice": f"side:{desk.people['ben'].id}", f"{CELL}.reason": WHY, f"{CELL}.stamp": old}
    reply = judge.form(PLACE, given)
    assert reply.status == 400
    assert "What you had typed" in reply.text
    assert WHY in reply.text


def test_two_readers_who_agree_need_nobody(desk: Desk) -> None:
    hand_in(desk, "ann")
    hand_in(desk, "ben")
    page = desk.person("cleo", "adjudicator").get(PLACE)
    assert "Nothing of this study waits" in page.text
    assert "Both say the same" in page.text


def test_a_cell_that_one_reader_left_out_waits_too(desk: Desk) -> None:
    hand_in(desk, "ann", extra=MORE)
    hand_in(desk, "ben")
    judge = desk.person("cleo", "adjudicator")
    page = judge.get(PLACE)
    assert "Read by one person only" in page.text
    late = CELL.replace("12w", "24w")
    given = {
        f"{late}.choice": f"side:{desk.people['ann'].id}",
        f"{late}.reason": "It stands in table 3",
        f"{late}.stamp": stamp(page, late),
    }
    assert "Nothing of this study waits" in judge.form(PLACE, given).text


def test_what_the_study_is_can_be_settled_too(desk: Desk) -> None:
    hand_in(desk, "ann")
    hand_in(desk, "ben", label="Epsilon 2027")
    judge = desk.person("cleo", "adjudicator")
    page = judge.get(PLACE)
    assert "They differ in: <strong>label</strong>" in page.text
    given = {
        "description.choice": f"side:{desk.people['ann'].id}",
        "description.reason": "It appeared in 2026",
        "description.stamp": stamp(page, "description"),
    }
    assert "Nothing of this study waits" in judge.form(PLACE, given).text
    evidence = evidence_of(desk.home.house, "toy")
    assert evidence.label(STUDY) == "Epsilon 2026"
    said = [fact.settles for _, fact in evidence.state.of_kind(Characteristics) if fact.settles]
    assert said == ["It appeared in 2026"]


def test_readers_can_be_asked_to_look_again(desk: Desk, judge: Client) -> None:
    reply = settled(judge, "back", reason="Which table is it?")
    assert "Sent back: 1." in reply.text
    [remark] = desk.home.house.store.remarks("toy")
    assert (remark.text, remark.study, remark.by) == ("Which table is it?", STUDY, judge.id)
    assert rulings(desk) == []


def test_a_reader_of_the_study_looks_and_does_not_settle(desk: Desk, judge: Client) -> None:
    dora = desk.person("dora", "extractor", "adjudicator")
    submit_form(desk.home.house, "toy", form(STUDY), "form.toml", dora.id)
    page = dora.get(PLACE)
    assert "the protocol asks a third person" in page.text
    assert "Settle what is chosen" not in page.text
    before = desk.home.head()
    reply = settled(dora, f"side:{desk.people['ann'].id}", stamp=stamp(judge.get(PLACE)))
    assert reply.status == 403
    assert desk.home.head() == before


def test_nothing_chosen_is_said_and_a_stranger_s_side_is_refused(desk: Desk, judge: Client) -> None:
    assert "Nothing was chosen" in judge.form(PLACE, {}).text
    reply = settled(judge, "side:nobody")
    assert reply.status == 400
    assert rulings(desk) == []


def test_a_check_that_asks_is_answered_on_the_page(desk: Desk) -> None:
    """An SD of 0.26 beside one of 2.0 is more likely a standard error."""
    words = "3.5 (SD {}, n = 60) with the remedy and 4.5 (SD 2.0, n = 60)"
    why = 'reasons = [["unequal_spread", "The table says SD"], ["se_for_sd", "The table says SD"]]'
    hand_in(desk, "ann", spread=0.26, words=words.format(0.26), extra=why)
    hand_in(desk, "ben", spread=0.27, words=words.format(0.27), extra=why)
    judge = desk.person("cleo", "adjudicator")
    ann = desk.people["ann"].id
    own = {
        f"own.{ann}.experimental.spread.sd": "0.28",
        f"own.{ann}.q0.report": STUDY,
        f"own.{ann}.q0.locator": "table 2",
        f"own.{ann}.q0.text": words.format(0.28),
    }
    asked = settled(judge, f"own:{ann}", **own)
    assert asked.status == 400
    assert "unequal_spread" in asked.text
    assert "Settled: 1." in settled(judge, f"own:{ann}", why="The authors confirmed it", **own).text
    [ruling] = rulings(desk)
    assert dict(ruling.reasons) == dict.fromkeys(("unequal_spread", "se_for_sd"), "The authors confirmed it")
