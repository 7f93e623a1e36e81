"""What the public pages say of registrations that changed, and of results that no register shows."""

import re
from html import unescape

import pytest

from living.model.record import Item
from living.model.snapshot import Snapshot, StudyOut
from living.publish.bundle import render_version
from living.publish.registrations import overdue_of, registry_of
from living.review.snapshot import build_snapshot, snapshot_digest
from tests import factories as make
from tests.unit.review.scenes import Entry, seeded, version

ALPHA, COMING = "ctgov:NCT99000001", "ctgov:NCT99000077"
ACHE = Item(name="Ache (NRS)", detail="12 weeks\nMean of the last seven days")
SLEEP, DEATH = Item(name="Sleep", detail="12 weeks"), Item(name="Days off work <b>", detail="52 weeks")


def entry(day: str, key: str = ALPHA, payload: str = "", **kw: object) -> Entry:
    given = {
        "status": "COMPLETED",
        "start": "2018-05",
        "primary_completion": "2019-11",
        "last_update_posted": day,
        "primary_outcomes": (ACHE, SLEEP),
    }
    record = make.registered(
        id=key.removeprefix("ctgov:"),
        identifiers=(),
        title="Invented ALPHA, as the register has it",
        registration=make.registration(**(given | kw)),
    )
    return "machine", record.model_copy(update={"payload": payload * 64}), f"{day}T06:00:00Z"


FIRST = entry("2026-07-02", payload="a")
SWITCHED = entry("2026-08-03", payload="b", primary_outcomes=(ACHE, DEATH), secondary_outcomes=(SLEEP,))
TRIAL = (
    entry("2026-07-02", COMING, status="RECRUITING", start="2026-05", primary_completion="2027-03"),
    make.vote(record=COMING, imported="A"),
)
STOPPED_EARLY = entry(
    "2026-08-04", COMING, status="RECRUITING", start="2026-05", primary_completion="2027-03", enrolment=240
)


def built(*entries: Entry) -> Snapshot:
    return version(seeded(*entries))


def study_of(snapshot: Snapshot, key: str) -> StudyOut:
    return next(item for item in snapshot.studies if key in {report.record for report in item.reports})


def page_of(snapshot: Snapshot, key: str) -> str:
    study = study_of(snapshot, key)
    page = render_version(snapshot)[f"study/{study.slug}.html"].decode()
    return page[page.index('id="registration"') :] if 'id="registration"' in page else ""


def text(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_a_switch_stands_on_the_study_s_page_with_both_sides_and_whose_rule_weighs_it() -> None:
    told = text(page_of(built(FIRST, SWITCHED), ALPHA))
    assert "first read here on 2 July 2026, in the version that the register posted on 2 July 2026" in told
    assert "What changed before that is not known here." in told
    assert "Primary outcome made a secondary one major 3 August 2026, after primary completion" in told
    assert "Primary outcome added major 3 August 2026, after primary completion not there Days off" in told
    assert "major by Holst 2023, doi 10.1371/journal.pmed.1004306" in told
    assert f"sha256:{'a' * 64} , then sha256:{'b' * 64}" in told


def test_what_a_register_says_reaches_the_page_as_text() -> None:
    page = page_of(built(FIRST, SWITCHED), ALPHA)
    assert "Days off work &lt;b&gt;" in page
    assert "Days off work <b>" not in page


def test_a_registration_read_without_changes_says_so_and_one_never_read_says_nothing() -> None:
    assert "no version read here changed anything that weighs" in text(page_of(built(FIRST), ALPHA))
    assert page_of(built(), ALPHA) == ""


def test_results_that_no_register_shows_are_told_with_the_day_they_were_due() -> None:
    snapshot = built(FIRST)
    study = study_of(snapshot, ALPHA)
    late = overdue_of(snapshot, study)
    assert late is not None
    assert (late.completed, late.due, late.as_of) == ("2019-11", "2020-11-29", "2026-07-02")
    told = text(page_of(snapshot, ALPHA))
    assert "Results overdue on the register: due by 29 November 2020" in told
    assert "2,041 days later, on 2 July 2026, none were posted there" in told


@pytest.mark.parametrize(
    "more",
    [{"has_results": True}, {"status": "WITHDRAWN"}, {"primary_completion": "2026-01", "completion": ""}],
)
def test_posted_results_a_trial_of_nobody_and_a_year_not_over_are_not_overdue(
    more: dict[str, object],
) -> None:
    snapshot = built(entry("2026-07-02", **more))
    study = study_of(snapshot, ALPHA)
    assert registry_of(snapshot, study).overdue is None


def test_a_trial_to_come_has_a_page_once_its_registration_says_otherwise() -> None:
    quiet, changed = built(*TRIAL), built(*TRIAL, STOPPED_EARLY)
    slug = next(item.slug for item in changed.studies if item.key == COMING)
    assert f"study/{slug}.html" not in render_version(quiet)
    files = render_version(changed)
    assert "Number of people changed by half or more major" in text(files[f"study/{slug}.html"].decode())
    assert f'href="study/{slug}.html"' in files["page.html"].decode()


def test_dates_contacts_and_spelling_leave_the_digest_of_a_snapshot_as_it_was() -> None:
    before = seeded(FIRST)
    kept = snapshot_digest(build_snapshot(before))
    for quiet in (
        entry("2026-09-01"),
        entry("2026-09-01", contacts="c" * 64),
        entry("2026-09-01", start="2018-06", completion="2020-02"),
    ):
        assert snapshot_digest(build_snapshot(seeded(FIRST, quiet))) == kept
    slip = Item(name="SLEEP.", detail="12  weeks")
    respelled = build_snapshot(seeded(FIRST, entry("2026-09-01", primary_outcomes=(ACHE, slip))))
    assert [study.registry for study in respelled.studies if study.registry] == []
    assert snapshot_digest(build_snapshot(seeded(FIRST, SWITCHED))) != kept
