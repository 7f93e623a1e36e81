"""Polling Europe PMC's stand-in: preprints listed by id, read whole, one record for all versions of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from living.errors import SourceChanged, SourceDown
from living.review.record_changes import typed_changes
from tests.standin import RecordSet, Standin, faults
from tests.standin.europepmc import Preprint, from_europepmc
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.reply import Reply
from tests.standin.synthetic_registers import preprint_json

MON, TUE = datetime(2026, 2, 2, 20, tzinfo=UTC), datetime(2026, 2, 3, 20, tzinfo=UTC)
TODAY = date(2026, 2, 3)
HELD = from_europepmc(
    [
        preprint_json("PPR101"),
        preprint_json("PPR102", indexed="2026-01-20"),
        preprint_json("PPR103", title="Gabapentin in a synthetic ache", indexed="2026-01-20"),
        preprint_json("PPR1004", indexed="2026-01-28"),
    ]
)
SECOND = from_europepmc(
    [preprint_json("PPR2001", version=2, versions=["PPR101", "PPR2001"], indexed="2026-02-03")]
)
NALTREXONE = ("PPR101", "PPR102", "PPR1004")


def running(preprints: tuple[Preprint, ...], now: datetime = MON) -> Standin:
    return Standin(RecordSet(), now, preprints=preprints, others_per_second=IN_NO_HURRY)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running(HELD + SECOND) as started:
        yield started
        assert not started.crashes
        assert not started.violations


@pytest.fixture
def poller(standin: Standin) -> Iterator[Poller]:
    with Poller(standin) as started:
        yield started


ASKED = source("europepmc")


def test_the_first_poll_lists_preprints_alone_and_reads_all_of_them(standin: Standin, poller: Poller) -> None:
    run = poller.poll(ASKED, TODAY)
    assert run.listed == run.asked == NALTREXONE  # by number, not by letters
    assert set(poller.records(run)) == set(NALTREXONE)
    assert run.whole
    assert run.absent == run.unlisted == ()
    assert run.translation == "(naltrexone) AND SRC:PPR"
    assert all("SRC:PPR" in question.params["query"] for question in standin.log)


def test_a_second_poll_of_the_same_data_reads_what_moved_in_its_window_alone(poller: Poller) -> None:
    run = poller.poll(ASKED, TODAY, since=date(2026, 2, 2), known=dict.fromkeys(NALTREXONE, ""))
    assert run.listed == NALTREXONE
    assert run.asked == ("PPR1004",)  # indexed on 28 January, within seven days of overlap
    assert run.windows == ("census", "created or updated 2026-01-26..2026-02-04")


def test_a_new_version_is_the_same_record_and_is_told(standin: Standin, poller: Poller) -> None:
    first = poller.records(poller.poll(ASKED, TODAY))["PPR101"]
    standin.now = TUE
    run = poller.poll(ASKED, TODAY, since=date(2026, 2, 2), known=dict.fromkeys(NALTREXONE, ""))
    second = poller.records(run)["PPR101"]
    assert run.listed == NALTREXONE
    assert "PPR2001" not in {name for page in run.pages for name in page.ids}
    assert (first.version, second.version) == (1, 2)
    assert "NEW_VERSION" in typed_changes(first, second)


def test_an_index_that_lists_every_version_comes_to_the_same_records(
    standin: Standin, poller: Poller
) -> None:
    standin.now = TUE
    newest = poller.poll(ASKED, TODAY)
    standin.europepmc.every_version = True
    every = poller.poll(ASKED, TODAY)
    assert newest.listed == every.listed == NALTREXONE
    assert poller.records(newest)["PPR101"] == poller.records(every)["PPR101"].model_copy(
        update={"payload": poller.records(newest)["PPR101"].payload}
    )


def test_an_id_that_is_due_is_read_in_the_version_that_followed_it(standin: Standin, poller: Poller) -> None:
    standin.now = TUE
    run = poller.poll(ASKED, TODAY, known=dict.fromkeys(NALTREXONE, ""), refetch=frozenset({"PPR101", "x"}))
    assert poller.records(run)["PPR101"].version == 2
    assert run.asked == ("PPR101",)


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("count", [0, 4, 5, 10, 11])
def test_a_listing_is_followed_to_its_end_however_the_service_says_it(
    monkeypatch: pytest.MonkeyPatch, count: int, *, repeats: bool
) -> None:
    monkeypatch.setattr("living.sources.europepmc.PAGE_SIZE", 5)
    monkeypatch.setattr("living.sources.europepmc.BATCH", 4)
    held = from_europepmc([preprint_json(f"PPR{n}") for n in range(1, count + 1)])
    with running(held) as full, Poller(full) as poller:
        full.europepmc.repeats_last_cursor = repeats
        run = poller.poll(ASKED, TODAY)
        assert len(run.listed) == len(poller.records(run)) == count


def test_what_is_listed_no_longer_is_asked_for_and_counts_as_gone_only_after_a_look(
    standin: Standin, poller: Poller
) -> None:
    withdrawn = replace(HELD[1], gone=TUE)
    with running((*HELD[:1], withdrawn, *HELD[2:]), TUE) as now, Poller(now) as later:
        known = dict.fromkeys(NALTREXONE, "")
        missed = later.poll(ASKED, TODAY, known=known)
        assert (missed.absent, missed.gone) == (("PPR102",), {})
        looked = later.poll(ASKED, TODAY, known=known, look=frozenset({"PPR102"}))
        assert looked.gone.keys() == {"PPR102"}
        assert json.loads(later.kept[looked.gone["PPR102"]].body)["hitCount"] == 0


def test_what_the_search_lists_no_more_and_is_there_is_read_and_said(poller: Poller) -> None:
    known = dict.fromkeys((*NALTREXONE, "PPR103"), "")
    run = poller.poll(ASKED, TODAY, known=known)
    assert run.unlisted == ("PPR103",)
    assert "PPR103" in poller.records(run)
    again = poller.poll(ASKED, TODAY, known=known, off=frozenset({"PPR103"}))
    assert (again.unlisted, again.asked) == (("PPR103",), ())


def test_a_list_alone_names_each_preprint_as_it_is_known_here(standin: Standin, poller: Poller) -> None:
    standin.now = TUE
    for known in ({}, dict.fromkeys(NALTREXONE, "")):
        run = poller.poll(ASKED, TODAY, known=known, list_only=True, refetch=frozenset({"PPR102"}))
        assert (run.listed, run.asked, run.pages, run.absent) == (NALTREXONE, (), (), ())
    assert "PPR102" not in standin.log[-1].params["query"]  # due, and not a matter of the list


def test_a_full_search_that_lists_far_fewer_is_refused_before_anything_is_read(
    standin: Standin, poller: Poller
) -> None:
    with pytest.raises(SourceChanged, match="finds 3 entries, the last one found 8; refused"):
        poller.poll(ASKED, TODAY, before=8)
    assert len(standin.log) == 1
    assert poller.poll(ASKED, TODAY, before=7).listed == NALTREXONE


def test_a_known_id_that_turns_out_to_be_a_later_version_is_an_alias(
    standin: Standin, poller: Poller
) -> None:
    standin.now = TUE
    run = poller.poll(ASKED, TODAY, known={"PPR2001": ""}, refetch=frozenset({"PPR2001"}))
    assert run.aliases["PPR2001"][0] == "PPR101"
    assert "PPR101" in poller.records(run)


def _edited(name: str, **fields: object) -> faults.Fault:
    def edit(reply: Reply) -> Reply:
        return replace(reply, body=json.dumps(json.loads(reply.body) | fields).encode())

    return faults.Fault(name, edit=edit)


def test_a_count_that_is_not_what_is_listed_fails_the_run_when_it_stays(
    standin: Standin, poller: Poller
) -> None:
    standin.fault(_edited("miscounted", hitCount=4), times=1)
    assert poller.poll(ASKED, TODAY).listed == NALTREXONE  # begun once more
    standin.fault(_edited("miscounted", hitCount=4), times=2)
    with pytest.raises(SourceDown, match="counts 4 preprints and lists 3, twice in a row"):
        poller.poll(ASKED, TODAY)


def test_a_cursor_that_runs_in_a_circle_ends_the_run(
    standin: Standin, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("living.sources.europepmc.PAGE_SIZE", 1)
    poller.poll(ASKED, TODAY)
    second = standin.log[1].params["cursorMark"]
    standin.fault(_edited("back to the second page", nextCursorMark=second), times=None, after=2)
    with pytest.raises(SourceDown, match="runs in a circle"):
        poller.poll(ASKED, TODAY)


def test_a_clause_that_the_service_did_not_take_up_stops_the_source(poller: Poller) -> None:
    asked = source("europepmc", 'naltrexone AND "low dose"', clauses=["naltrexone", '"low dose"'])
    assert poller.poll(asked, TODAY).listed == NALTREXONE
    lost = source("europepmc", "naltrexone", clauses=["naltrexone", "LDN"])
    with pytest.raises(SourceChanged, match="understood the query without LDN"):
        poller.poll(lost, TODAY)


def test_ids_that_are_listed_and_not_served_are_absent_and_a_batch_of_them_is_an_outage(
    standin: Standin, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = _edited("not served", hitCount=0, resultList={"result": []})
    standin.fault(nothing, times=2, after=1)
    run = poller.poll(ASKED, TODAY)
    assert run.absent == run.asked == NALTREXONE
    monkeypatch.setattr("living.sources.europepmc.EMPTY_BATCH", 3)
    standin.fault(nothing, times=None, after=1)
    with pytest.raises(SourceDown, match="served none of 3 preprints"):
        poller.poll(ASKED, TODAY)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.html(), SourceDown),
        (faults.html(503), SourceDown),
        (faults.busy(429, "1"), SourceDown),
        (faults.says(b"", 200), SourceDown),
        (faults.says(b'{"version": "6.9", "hitCount": NaN}', 200, "application/json"), SourceDown),
        (faults.says(b'{"version": "6.9", "hitCo', 200, "application/json"), SourceDown),
        (faults.says(b'{"errCode": 500, "errMsg": "Search failed"}', 503, "application/json"), SourceDown),
        (faults.says(b'{"errCode": 400, "errMsg": "Bad query"}', 200, "application/json"), SourceChanged),
        (faults.says(b'{"version": "7.0", "items": []}', 200, "application/json"), SourceChanged),
        (faults.says(b"<results/>", 200, "application/xml"), SourceChanged),
        (faults.says(b"[" * 100_000, 200, "application/json"), SourceChanged),
        (faults.says(b'{"hitCount":' + b"[" * 200_000, 200, "application/json"), SourceChanged),
        (faults.redirect("https://example.org/"), SourceChanged),
    ],
)
def test_each_failure_is_told_for_what_it_is(
    standin: Standin, poller: Poller, fault: faults.Fault, expected: type[Exception]
) -> None:
    standin.fault(fault, times=None)
    with pytest.raises(expected):
        poller.poll(ASKED, TODAY)


def test_a_failure_that_passes_is_no_failure(standin: Standin, poller: Poller) -> None:
    standin.fault(faults.html(502), times=2)
    assert poller.poll(ASKED, TODAY).listed == NALTREXONE


def test_polls_keep_to_one_request_a_second() -> None:
    with Standin(RecordSet(), MON, preprints=HELD) as strict, Poller(strict, real_pace=True) as poller:
        assert poller.poll(ASKED, TODAY, since=date(2026, 2, 1)).listed == NALTREXONE
        assert len(strict.log) == 3
        assert strict.violations == []
