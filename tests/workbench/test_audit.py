"""The audit page: every fact and operation with old, new and why; exports, the chain, and blindness."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from living.service.audit import looking
from living.service.events import events
from living.service.people import vote
from tests.fakes import EPSILON, articles, epsilon_article, form, home_at, site_of, toy_records
from tests.workbench.conftest import Client, Desk

SENTINEL = "3.4567"
HELD_BACK = "held back until as many people as the protocol asks have handed in theirs"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Desk]:
    """EPSILON is included; Ann has read it, nobody else has."""
    records = toy_records(articles(epsilon_article(), since="2026-02-10"))
    with home_at(tmp_path / "home", records) as home, site_of(home.house) as browser:
        home.move_to("2026-02-11")
        home.poll()
        home.include(EPSILON)
        found = Desk(home, browser)
        ann = found.person("ann", "extractor")
        home.forward(hours=1)
        home.read(form(mean=float(SENTINEL)), ann.id)
        yield found


def editor(desk: Desk) -> Client:
    return desk.person("ed", "editor")


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(client.get(f"/desk/toy/audit/trail.json{query}").text)["lines"]
    return found


def test_a_changed_vote_shows_who_when_before_after_and_why(team: Desk) -> None:
    from living.service.people import vote

    ann = team.people["ann"]
    for verdict, reason in (("include", "looks randomised"), ("unsure", "allocation is unclear")):
        vote(team.home.house, "toy", "pubmed:90000004", verdict, ann.id, reason=reason)  # type: ignore[arg-type]
    vote(team.home.house, "toy", "pubmed:90000004", "unsure", "zoe", reason="so do I")
    lines = exported(editor(team), "?kind=screening_vote&study=pubmed:90000004")
    changed = next(line for line in lines if line["by"] == ann.id)
    assert (changed["who"], changed["at"], changed["why"]) == (
        "Ann",
        "2026-02-11T01:00:00Z",
        "allocation is unclear",
    )
    assert "vote include" in changed["old"]
    assert "vote unsure" in changed["new"]
    page = editor(team).get(f"/desk/toy/audit/line/{changed['line']}").text
    assert f"/desk/toy/audit/line/{changed['supersedes']}" in page
    assert "looks randomised" not in page  # the reason of the older vote stands with the older vote


@pytest.mark.parametrize("role", ["editor", "administrator", "adjudicator"])
def test_a_blind_reading_is_on_no_page_and_in_no_export_whatever_the_role(team: Desk, role: str) -> None:
    client = team.person(f"the-{role}", role)
    numbers = {line["line"] for line in exported(client, "?kind=extraction") if line["new"] == HELD_BACK}
    assert numbers
    places = ["", "?kind=extraction", f"?text={SENTINEL}", "trail.csv", "trail.json", "events/"]
    places += [f"line/{number}" for number in numbers]
    for place in places:
        reply = client.get(f"/desk/toy/audit/{place}")
        assert reply.status == 200
        body = reply.text.replace(f'value="{SENTINEL}"', "").replace(f"text={SENTINEL}", "")
        assert SENTINEL not in body, place
        if place.startswith("line/"):
            assert "12 weeks" not in body  # not even which cell it is
    assert exported(client, f"?text={SENTINEL}") == []


def test_the_author_sees_the_own_reading_and_all_do_once_it_is_open(team: Desk) -> None:
    team.home.house.store.grant("toy", team.people["ann"].id, "adjudicator", team.home.house.now(), "console")
    assert exported(team.people["ann"], f"?text={SENTINEL}")
    assert not exported(editor(team), f"?text={SENTINEL}")
    team.home.read(form(), team.person("ben", "extractor").id)
    assert exported(editor(team), f"?text={SENTINEL}")


@pytest.mark.parametrize("role", ["reader", "screener", "extractor"])
def test_only_those_who_audit_come_in(team: Desk, role: str) -> None:
    client = team.person(f"the-{role}", role)
    for place in ("", "events/", "trail.csv", "trail.json", "line/1"):
        assert client.get(f"/desk/toy/audit/{place}").status == 403


def test_filters_narrow_and_add_up(team: Desk) -> None:
    ed, ann = editor(team), team.people["ann"]
    every = exported(ed)
    kinds = {line["kind"] for line in every}
    assert sum(len(exported(ed, f"?kind={kind}")) for kind in kinds) == len(every)
    assert {line["by"] for line in exported(ed, f"?person={ann.id}")} == {ann.id}
    assert {line["study"] for line in exported(ed, f"?study={EPSILON}")} == {EPSILON}
    assert {line["at"][:10] for line in exported(ed, "?since=2026-02-11&until=2026-02-11")} == {"2026-02-11"}
    assert exported(ed, "?since=2031-01-01") == []


def test_operations_are_part_of_the_trail(team: Desk) -> None:
    lines = exported(editor(team), "?kind=operation")
    said = " ".join(line["new"] for line in lines)
    assert "role extractor" in said
    assert all(line["line"].startswith("o") for line in lines)


@pytest.mark.parametrize("query", ["?since=yesterday", "?until=2026-2-1", "?kind=nothing"])
def test_a_filter_that_cannot_be_is_said_on_the_page_with_what_was_typed(team: Desk, query: str) -> None:
    page = editor(team).get(f"/desk/toy/audit/{query}")
    assert page.status == 400
    assert 'role="alert"' in page.text


def test_no_text_of_the_spreadsheet_can_act_as_a_formula(team: Desk) -> None:
    from living.service.people import vote

    vote(team.home.house, "toy", "pubmed:90000004", "unsure", "zoe", reason="=HYPERLINK(1)")
    vote(team.home.house, "toy", "pubmed:90000004", "unsure", "yan", reason="@SUM(1)")
    text = editor(team).get("/desk/toy/audit/trail.csv").body.decode("utf-8-sig")
    fields = [field for row in csv.reader(io.StringIO(text)) for field in row]
    assert "'=HYPERLINK(1)" in fields
    assert not [field for field in fields if field.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_page_recomputes_the_chain_and_names_a_broken_line(team: Desk) -> None:
    ed = editor(team)
    head = team.home.house.store.head("toy")
    page = ed.get("/desk/toy/audit/?check=yes").text
    assert "The chain holds" in page
    assert head.hash in page
    with sqlite3.connect(team.home.house.store.path) as insider:
        insider.execute("DROP TRIGGER ledger_refuses_update")
        insider.execute("UPDATE ledger SET by = 'somebody' WHERE seq = 3")
    page = ed.get("/desk/toy/audit/?check=yes").text
    assert "The chain is broken" in page
    assert "ledger line 3" in page


def test_the_trail_cannot_be_switched_off(team: Desk) -> None:
    with sqlite3.connect(team.home.house.store.path) as insider:
        for statement in (
            "DELETE FROM ledger",
            "UPDATE ledger SET at = at",
            "DELETE FROM operation",
            "UPDATE operation SET at = at",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                insider.execute(statement)


def test_unusual_events_are_listed_and_a_review_is_recorded(team: Desk) -> None:
    ann, ed = team.people["ann"], editor(team)
    team.home.read(form(), team.person("ben", "extractor").id)
    team.home.forward(minutes=5)
    team.home.read(form(mean=3.6), ann.id)
    page = ed.get("/desk/toy/audit/events/").text
    assert "Changed an own reading after the other" in page
    assert "1 new" in page
    assert "Nobody has reviewed them yet." in page
    head = str(team.home.house.store.head("toy").seq)
    done = ed.post("/desk/toy/audit/events/", line=head, operation="999", note="Ann corrected a typo; seen.")
    assert "Your review is recorded." in done.text
    assert "Last reviewed by Ed" in done.text
    assert "No events are new since." in done.text
    [operation] = team.home.house.store.operations(kind="audit_reviewed")
    assert operation.body["line"] == int(head)
    empty = ed.post("/desk/toy/audit/events/", line=head, operation="1", note="  ")
    assert empty.status == 400
    assert 'aria-describedby="wrong-note"' in empty.text


@pytest.mark.parametrize("number", ["0", "99999", "-1", "x", "9" * 40, "o1"])
def test_a_line_that_there_is_not_is_refused(team: Desk, number: str) -> None:
    assert editor(team).get(f"/desk/toy/audit/line/{number}").status == 400


def test_the_trail_is_derived_once_for_each_state_and_each_viewer_sees_their_own_of_it(team: Desk) -> None:
    house, ann = team.home.house, team.people["ann"].id
    mine, other = looking(house, "toy", ann), looking(house, "toy", "zoe")
    assert mine.trail is other.trail
    reading = next(line for line in mine.evidence.state.lines if line.by == ann)
    assert mine.sight.may_see(reading, mine.viewer)
    assert not other.sight.may_see(reading, other.viewer)
    before = events(house, "toy", "zoe").last_line
    vote(house, "toy", "pubmed:90000004", "unsure", "zoe", reason="unclear")
    assert events(house, "toy", "zoe").last_line == before + 1
    assert looking(house, "toy", "zoe").trail.line(before + 1)
