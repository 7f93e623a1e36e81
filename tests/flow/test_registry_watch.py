"""From a poll to the pages: what wakes somebody, what changes a snapshot, and what only stays on record."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from living.model.snapshot import Snapshot
from living.review.overdue import overdue_results
from living.review.snapshot import build_snapshot, snapshot_digest
from living.service.publish import publish_bound
from living.service.refresh import refresh
from living.service.topics import evidence_of
from tests.fakes import Home, home_at, toy_records
from tests.standin import from_ctgov
from tests.standin.synthetic import study_json
from tests.terminal import typed

ALPHA, NCT = "pubmed:90000001", "NCT99000001"
ENDED = {
    "startDateStruct": {"date": "2018-05", "type": "ACTUAL"},
    "primaryCompletionDateStruct": {"date": "2019-11", "type": "ACTUAL"},
    "completionDateStruct": {"date": "2019-12", "type": "ACTUAL"},
}


def study(updated: str, **more: Any) -> dict[str, Any]:
    given = {"interventions": ["Invented remedy"], "status": "COMPLETED", **ENDED, **more}
    return study_json(NCT, "Invented ALPHA", updated=updated, **given)


def contacts(found: dict[str, Any]) -> dict[str, Any]:
    moved = copy.deepcopy(found)
    moved["protocolSection"]["contactsLocationsModule"]["centralContacts"][0]["name"] = "Other Synthetic"
    return moved


def outcomes(found: dict[str, Any], *named: tuple[str, str]) -> dict[str, Any]:
    switched = copy.deepcopy(found)
    listed = [{"measure": name, "timeFrame": when} for name, when in named]
    switched["protocolSection"]["outcomesModule"]["primaryOutcomes"] = listed
    return switched


FIRST = study("2026-03-01")
QUIET = {
    "the day of the last update": study("2026-03-03"),
    "start and completion": study(
        "2026-03-03",
        startDateStruct={"date": "2018-06", "type": "ACTUAL"},
        completionDateStruct={"date": "2020-01", "type": "ACTUAL"},
    ),
    "contacts": contacts(study("2026-03-03")),
}


def snapshot(home: Home) -> Snapshot:
    return build_snapshot(home.house.store.state(home.topic))


def lines(home: Home) -> int:
    return home.house.store.state(home.topic).seq


def polled(home: Home, day: str) -> None:
    home.move_to(f"{day}T20:00:00")
    home.poll("ctgov")


@pytest.mark.parametrize("later", QUIET.values(), ids=list(QUIET))
def test_other_dates_or_contacts_move_neither_the_queue_nor_the_digest(
    tmp_path: Path, later: dict[str, Any]
) -> None:
    with home_at(tmp_path / "home", toy_records(from_ctgov([FIRST, later]))) as home:
        polled(home, "2026-03-02")
        queue, kept, before = home.queue, snapshot_digest(snapshot(home)), lines(home)
        polled(home, "2026-03-04")
        assert lines(home) > before  # every version is kept
        assert home.queue == queue
        assert snapshot_digest(snapshot(home)) == kept
        home.quiet()


def test_a_switch_brings_the_study_back_and_is_told_without_a_version(tmp_path: Path) -> None:
    switched = outcomes(study("2026-03-03"), ("Days off work", "12 weeks"))
    with home_at(tmp_path / "home", toy_records(from_ctgov([FIRST, switched]))) as home:
        polled(home, "2026-03-02")
        refresh(home.house, home.topic)
        publish_bound(home.house, home.topic)
        assert home.versions == ["v1.0"]
        polled(home, "2026-03-04")
        assert ("look_again", ALPHA) in home.queue
        decided = refresh(home.house, home.topic)
        assert decided.version == ""
        assert decided.decision is not None
        assert decided.decision.level == "bulletin"
        (cause,) = decided.decision.causes
        assert cause.kind == "list"
        assert cause.text == (
            "Alpha 2020, its registration: primary outcome dropped (major), primary outcome added (major)"
        )
        assert refresh(home.house, home.topic).new is False
        home.quiet()


def test_the_next_version_s_page_and_the_command_line_tell_of_the_switch(tmp_path: Path) -> None:
    switched = outcomes(study("2026-03-03"), ("Pain", "24 weeks"))
    with home_at(tmp_path / "home", toy_records(from_ctgov([FIRST, switched]))) as home:
        polled(home, "2026-03-02")
        polled(home, "2026-03-04")
        refresh(home.house, home.topic)
        publish_bound(home.house, home.topic)
        page = home.page("v1.0/study/alpha-2020-90000001.html")
        told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        assert "Primary outcome measured at another time major 3 March 2026, after primary completion" in told
        assert "Pain (12 weeks) Pain (24 weeks)" in told
        (late,) = overdue_results(evidence_of(home.house, home.topic), "2026-03-04")
        assert (late.registration, late.due, late.reported) == (f"ctgov:{NCT}", "2020-11-29", True)
    shown = typed(tmp_path / "home", "registration", NCT)
    assert shown.returncode == 0, shown.stderr
    assert "2 versions read here since 2026-03-02; what changed before that is not known." in shown.stdout
    plain = json.loads(typed(tmp_path / "home", "registration", f"ctgov:{NCT}", "--json").stdout)
    (change,) = plain["changes"]
    assert (change["weight"], change["before"], change["after"]) == (
        "major",
        "Pain (12 weeks)",
        "Pain (24 weeks)",
    )
    unknown = typed(tmp_path / "home", "registration", "NCT00000000")
    assert unknown.returncode == 4
    assert "no registration NCT00000000 is stored" in unknown.stderr
    assert "Traceback" not in unknown.stderr
