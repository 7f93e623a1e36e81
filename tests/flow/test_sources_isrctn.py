"""Polling ISRCTN's stand-in: one whole list, by days of the last edit where it is too long for one answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from living.errors import SourceChanged, SourceDown
from tests.standin import RecordSet, Standin, faults
from tests.standin.isrctn import Trial, from_isrctn
from tests.standin.poller import IN_NO_HURRY, Poller, source
from tests.standin.reply import Reply
from tests.standin.synthetic_registers import trial_xml

MON, TUE = datetime(2026, 2, 2, 20, tzinfo=UTC), datetime(2026, 2, 3, 20, tzinfo=UTC)
TODAY = date(2026, 2, 3)
HELD = from_isrctn(
    [
        trial_xml("90000001"),
        trial_xml("90000002", edited="2026-01-20T10:00:00.5Z"),
        trial_xml("90000003", title="Gabapentin for a synthetic ache", drug="Gabapentin"),
        trial_xml("90000004", edited="2026-01-28T10:00:00Z", title="Follow-up of ISRCTN90000003"),
    ]
)
NALTREXONE = ("ISRCTN90000001", "ISRCTN90000002", "ISRCTN90000004")
ASKED = source("isrctn")


def running(trials: tuple[Trial, ...], now: datetime = MON) -> Standin:
    return Standin(RecordSet(), now, trials=trials, others_per_second=IN_NO_HURRY)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running(HELD) as started:
        yield started
        assert not started.crashes
        assert not started.violations


@pytest.fixture
def poller(standin: Standin) -> Iterator[Poller]:
    with Poller(standin) as started:
        yield started


def test_one_question_lists_the_search_and_brings_all_of_it(standin: Standin, poller: Poller) -> None:
    run = poller.poll(ASKED, TODAY)
    assert run.listed == run.asked == NALTREXONE
    assert set(poller.records(run)) == set(NALTREXONE)
    assert (run.whole, run.absent, run.unlisted, run.requests) == (True, (), (), 1)
    assert [question.params for question in standin.log] == [{"q": "naltrexone", "limit": "500"}]


@pytest.mark.parametrize("count", [4, 5, 9, 30])
def test_a_listing_too_long_for_one_answer_is_cut_by_the_day_of_the_last_edit(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("living.sources.isrctn.LIMIT", 4)
    held = from_isrctn(
        [trial_xml(f"9000{n:04d}", edited=f"2026-01-{n % 28 + 1:02d}T00:00:00Z") for n in range(count)]
    )
    with running(held) as full, Poller(full) as poller:
        run = poller.poll(ASKED, TODAY)
        assert len(run.listed) == len(poller.records(run)) == count
        assert run.windows[0] == "census" if count == 4 else run.windows[0].startswith("census by last edit")


def test_more_on_one_day_than_can_be_listed_stops_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("living.sources.isrctn.LIMIT", 2)
    held = from_isrctn([trial_xml(f"9000000{n}") for n in range(3)])
    with (
        running(held) as full,
        Poller(full) as poller,
        pytest.raises(SourceChanged, match="3 trials edited on the one day 2026-01-15"),
    ):
        poller.poll(ASKED, TODAY)


def test_a_filter_that_the_register_drops_without_a_word_is_noticed(
    standin: Standin, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    [page] = poller.poll(ASKED, TODAY).pages
    unfiltered = poller.kept[page.payload].body.replace(b'totalCount="3"', b'totalCount="2"')
    monkeypatch.setattr("living.sources.isrctn.LIMIT", 2)
    standin.fault(faults.says(unfiltered, 200, "text/xml"), times=None, after=2)
    with pytest.raises(SourceChanged, match=r"ISRCTN9000000\d, edited 2026-01.*, came for 1999-01-01"):
        poller.poll(ASKED, TODAY)


def test_what_the_list_lacks_is_asked_for_by_number_and_gone_only_beside_a_witness(poller: Poller) -> None:
    known = dict.fromkeys((*NALTREXONE, "ISRCTN90000003", "ISRCTN90000099"), "")
    run = poller.poll(ASKED, TODAY, known=known)
    assert (run.absent, run.gone) == (("ISRCTN90000099",), {})
    assert run.unlisted == ("ISRCTN90000003",)  # not among what the search finds, and in the register
    assert "ISRCTN90000003" in poller.records(run)
    looked = poller.poll(ASKED, TODAY, known=known, look=frozenset({"ISRCTN90000099"}))
    assert looked.gone.keys() == {"ISRCTN90000099"}
    assert b"90000001" in poller.kept[looked.gone["ISRCTN90000099"]].body
    quiet = poller.poll(ASKED, TODAY, known=known, off=frozenset({"ISRCTN90000003", "ISRCTN90000099"}))
    assert quiet.unlisted == ("ISRCTN90000003", "ISRCTN90000099")
    assert quiet.asked == NALTREXONE


def test_a_number_finds_entries_that_only_mention_it_and_they_are_not_taken_for_it(poller: Poller) -> None:
    run = poller.poll(ASKED, TODAY, refetch=frozenset({"ISRCTN90000003", "nonsense"}))
    assert run.asked == (*NALTREXONE[:2], "ISRCTN90000003", NALTREXONE[2])
    asked_alone = [page.ids for page in run.pages if "ISRCTN90000003" in page.ids]
    assert asked_alone == [("ISRCTN90000003",)]


def test_a_list_alone_brings_no_record(poller: Poller) -> None:
    run = poller.poll(ASKED, TODAY, list_only=True, known={"ISRCTN90000003": ""})
    assert (run.listed, run.asked, run.pages) == (NALTREXONE, (), ())
    assert run.unlisted == ("ISRCTN90000003",)


def test_a_full_search_that_lists_far_fewer_is_refused(standin: Standin, poller: Poller) -> None:
    with pytest.raises(SourceChanged, match="finds 3 entries, the last one found 8; refused"):
        poller.poll(ASKED, TODAY, before=8)
    assert len(standin.log) == 1
    assert poller.poll(ASKED, TODAY, before=7).listed == NALTREXONE


def test_a_witness_that_is_not_served_proves_nothing(standin: Standin, poller: Poller) -> None:
    known = dict.fromkeys((*NALTREXONE, "ISRCTN90000099"), "")
    empty = b'<allTrials totalCount="0" xmlns="http://www.67bricks.com/isrctn"></allTrials>'
    standin.fault(faults.says(empty, 200, "text/xml"), times=None, after=1)
    with pytest.raises(SourceDown, match="lists ISRCTN90000001 and does not find it"):
        poller.poll(ASKED, TODAY, known=known, look=frozenset({"ISRCTN90000099"}))


def test_a_count_that_is_not_what_is_listed_fails_the_run_when_it_stays(
    standin: Standin, poller: Poller
) -> None:
    def edit(reply: Reply) -> Reply:
        return replace(reply, body=reply.body.replace(b'totalCount="3"', b'totalCount="4"'))

    standin.fault(faults.Fault("miscounted", edit=edit), times=1)
    assert poller.poll(ASKED, TODAY).listed == NALTREXONE
    standin.fault(faults.Fault("miscounted", edit=edit), times=2)
    with pytest.raises(SourceDown, match="counts 4 trials and lists 3, twice in a row"):
        poller.poll(ASKED, TODAY)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><allTrials totalCount="0">&b;</allTrials>'
LEAK = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><allTrials totalCount="0"/>'
SPACE = b'xmlns="http://www.67bricks.com/isrctn"'


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.html(), SourceDown),
        (faults.html(500), SourceDown),
        (faults.busy(503, "1"), SourceDown),
        (faults.says(b"", 200), SourceDown),
        (faults.says(b"<allTrials " + SPACE + b' totalCount="1"><fullTri', 200, "text/xml"), SourceDown),
        (faults.says(b"<allTrials " + SPACE + b"></allTrials>", 200, "text/xml"), SourceChanged),
        (faults.says(b"<trials totalCount='0'/>", 200, "text/xml"), SourceChanged),
        (faults.says(b"Query not understood", 200), SourceChanged),
        (faults.says(b"Query not understood", 400), SourceChanged),
        (faults.says(BOMB, 200, "text/xml"), SourceChanged),
        (faults.says(LEAK, 200, "text/xml"), SourceChanged),
        (faults.says(b"<a>" * 2_000, 200, "text/xml"), SourceDown),
        (faults.redirect("https://example.org/"), SourceChanged),
    ],
)
def test_each_failure_is_told_for_what_it_is(
    standin: Standin, poller: Poller, fault: faults.Fault, expected: type[Exception]
) -> None:
    standin.fault(fault, times=None)
    with pytest.raises(expected):
        poller.poll(ASKED, TODAY)


def test_polls_keep_to_one_request_a_second() -> None:
    with Standin(RecordSet(), MON, trials=HELD) as strict, Poller(strict, real_pace=True) as poller:
        poller.poll(ASKED, TODAY, known={"ISRCTN90000099": ""}, look=frozenset({"ISRCTN90000099"}))
        assert len(strict.log) == 3
        assert strict.violations == []
