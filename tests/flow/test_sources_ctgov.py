"""Polling ClinicalTrials.gov: one census, what moved, and a data set that must not move meanwhile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from living.errors import SourceChanged, SourceDown, SourceError
from living.sources.run import marker
from tests.standin import RecordSet, Standin, faults, from_ctgov
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.reply import Reply
from tests.standin.synthetic import study_json

MON, TUE = datetime(2026, 2, 2, 20, tzinfo=UTC), datetime(2026, 2, 3, 20, tzinfo=UTC)
TODAY = date(2026, 2, 3)

HELD = from_ctgov(
    [
        study_json("NCT09990001", updated="2026-01-05"),
        study_json("NCT09990002", updated="2026-01-20", status="COMPLETED"),
        study_json("NCT09990003", updated="2026-01-28", aliases=["NCT09990008"]),
        study_json("NCT09990004", updated="2026-01-28", interventions=["Gabapentin"]),
    ]
)
LATER = from_ctgov(
    [
        study_json("NCT09990002", updated="2026-02-03", status="COMPLETED", results_posted="2026-02-03"),
        study_json("NCT09990005", updated="2026-02-03", first_posted="2026-02-03"),
    ]
)
NALTREXONE = ("NCT09990001", "NCT09990002", "NCT09990003")


def running(records: RecordSet, now: datetime = MON) -> Standin:
    return Standin(records, now, ctgov_per_second=IN_NO_HURRY)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running(HELD + LATER) as started:
        yield started
        assert not started.crashes
        assert not started.violations


@pytest.fixture
def poller(standin: Standin) -> Iterator[Poller]:
    with Poller(standin) as started:
        yield started


def test_the_first_poll_lists_the_search_and_fetches_all_of_it(poller: Poller) -> None:
    run = poller.poll(source("ctgov"), TODAY)
    assert run.listed == run.asked == NALTREXONE
    assert run.data_timestamp == "2026-02-02T14:00:00"
    assert set(poller.records(run)) == set(NALTREXONE)


def test_only_what_the_listing_shows_as_moved_is_fetched(standin: Standin, poller: Poller) -> None:
    first = poller.poll(source("ctgov"), TODAY)
    known = {record.id: marker(record) for record in poller.records(first).values()}
    standin.now = TUE
    later = poller.poll(source("ctgov"), TODAY, since=date(2026, 2, 2), known=known)
    assert later.asked == ("NCT09990002", "NCT09990005")
    assert later.counts["window"] == 3  # seven days' overlap
    assert later.data_timestamp == "2026-02-03T14:00:00"


def test_a_second_poll_of_the_same_data_fetches_nothing(poller: Poller) -> None:
    first = poller.poll(source("ctgov"), TODAY)
    known = {record.id: marker(record) for record in poller.records(first).values()}
    again = poller.poll(source("ctgov"), TODAY, since=TODAY, known=known)
    assert (again.listed, again.asked, again.pages) == (NALTREXONE, (), ())


def test_named_ids_are_read_again_and_an_alias_answers_with_its_study(poller: Poller) -> None:
    known = dict.fromkeys(NALTREXONE, "2026")
    run = poller.poll(
        source("ctgov"), TODAY, known=known, refetch=frozenset({"NCT09990008", "NCT09990077", "x"})
    )
    assert run.absent == ("NCT09990077",)
    assert "NCT09990008" in run.asked
    assert "NCT09990008" not in {nct for page in run.pages for nct in page.ids}


def test_a_listing_is_followed_to_its_end_over_short_full_and_empty_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("living.sources.ctgov.PAGE_SIZE", 5)
    monkeypatch.setattr("living.sources.ctgov.BATCH", 4)
    for count in (4, 5, 10, 11):
        held = from_ctgov([study_json(f"NCT0999{n:04d}") for n in range(count)])
        with running(held) as full, Poller(full) as poller:
            run = poller.poll(source("ctgov"), TODAY)
            assert len(run.listed) == len(poller.records(run)) == count
            listings = [q for q in full.log if "query.intr" in q.params]
            assert len(listings) == count // 5 + 1  # a full last page names an empty next one
            assert len({q.params["fields"] for q in listings}) == 1


def test_data_that_move_once_during_a_run_are_read_again_from_the_start(
    standin: Standin, poller: Poller
) -> None:
    moving = [MON, TUE]

    def move(reply: Reply) -> Reply:
        standin._ctgov.move_to(moving.pop())  # the refresh falls between listing and fetching
        return reply

    standin.fault(faults.Fault("refresh", edit=move), path="studies", after=1)
    run = poller.poll(source("ctgov"), TODAY)
    assert run.data_timestamp == "2026-02-03T14:00:00"
    assert "NCT09990005" in run.listed


def test_data_that_keep_moving_are_a_run_that_failed(standin: Standin, poller: Poller) -> None:
    stamps = iter(range(1, 10))
    fault = faults.Fault(
        "refresh",
        edit=lambda reply: Reply(200, b'{"dataTimestamp":"2026-02-0%d"}' % next(stamps), reply.headers),
    )
    standin.fault(fault, times=None, path="version")
    with pytest.raises(SourceDown, match="refreshed during the run, twice"):
        poller.poll(source("ctgov"), TODAY)


@pytest.mark.parametrize("fault", [faults.miscounted(), faults.duplicate_ids()], ids=lambda fault: fault.name)
def test_a_listing_that_contradicts_its_total_is_begun_again(
    standin: Standin, poller: Poller, fault: faults.Fault
) -> None:
    standin.fault(fault, path="studies")
    assert poller.poll(source("ctgov"), TODAY).listed == NALTREXONE
    standin.fault(fault, times=None, path="studies")
    with pytest.raises(SourceDown, match="counts"):
        poller.poll(source("ctgov"), TODAY)


def test_a_window_that_contradicts_the_listing_is_a_run_that_failed(standin: Standin, poller: Poller) -> None:
    empty = faults.says(b'{"studies":[],"totalCount":0}', content_type="application/json")
    standin.fault(empty, times=1, path="studies", after=1)
    standin.fault(empty, times=1, path="studies", after=2)
    with pytest.raises(SourceDown, match="disagree"):
        poller.poll(source("ctgov"), TODAY, since=TODAY)


def test_a_listing_that_runs_in_a_circle_is_left(standin: Standin, poller: Poller) -> None:
    circle = faults.says(
        b'{"studies":[],"totalCount":0,"nextPageToken":"x"}', content_type="application/json"
    )
    standin.fault(circle, times=None, path="studies")
    with pytest.raises(SourceDown, match="circle"):
        poller.poll(source("ctgov"), TODAY)


def test_a_page_that_is_known_no_longer_begins_the_listing_again(
    monkeypatch: pytest.MonkeyPatch, standin: Standin, poller: Poller
) -> None:
    undisturbed = poller.poll(source("ctgov"), TODAY)
    monkeypatch.setattr("living.sources.ctgov.PAGE_SIZE", 2)
    standin.fault(faults.expired_token(), path="studies", after=1)
    assert poller.poll(source("ctgov"), TODAY).listed == undisturbed.listed


def test_tokens_that_never_hold_end_the_run_for_now(
    monkeypatch: pytest.MonkeyPatch, standin: Standin, poller: Poller
) -> None:
    monkeypatch.setattr("living.sources.ctgov.PAGE_SIZE", 2)
    standin.fault(faults.expired_token(), path="studies", after=1)
    standin.fault(faults.expired_token(), path="studies", after=2)
    with pytest.raises(SourceDown, match="no longer knows a page that it named, twice in a row"):
        poller.poll(source("ctgov"), TODAY)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.html(), SourceDown),
        (faults.html(403), SourceDown),
        (faults.html(404), SourceDown),
        (faults.busy(429), SourceDown),
        (faults.says(b"`x` is unknown parameter", 400), SourceChanged),
        (faults.says(b"Parameter 'fields' contains invalid field name", 500), SourceDown),
        (faults.says(b'{"FullStudiesResponse":{}}'), SourceChanged),
        (faults.cut(10, honest=True), SourceDown),
    ],
)
@pytest.mark.parametrize("path", ["version", "studies"])
def test_a_fault_in_either_step_fails_the_whole_run(
    standin: Standin, poller: Poller, path: str, fault: faults.Fault, error: type[SourceError]
) -> None:
    standin.fault(fault, times=None, path=path)
    with pytest.raises(SourceError) as caught:
        poller.poll(source("ctgov"), TODAY)
    assert type(caught.value) is error


def test_every_recorded_error_fails_a_run(recorded: Path, standin: Standin, poller: Poller) -> None:
    for body in sorted((recorded / "errors").glob("ctgov_*")):
        standin.heal()
        standin.fault(faults.recorded(recorded / "errors", body.name), times=None, path="studies")
        with pytest.raises(SourceError):
            poller.poll(source("ctgov"), TODAY)
