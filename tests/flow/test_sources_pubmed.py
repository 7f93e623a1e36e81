"""Polling PubMed: windows, census, reconciliation, and what happens when the two back ends disagree."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from living.errors import SourceChanged, SourceDown, SourceError
from tests.standin import RecordSet, Standin, faults, from_pubmed_xml
from tests.standin.poller import IN_NO_HURRY, LDN, Poller, source
from tests.standin.synthetic import article_set, article_xml, book_xml

ALL = source("pubmed", "all[sb]")
JAN, FEB, MAR = date(2026, 1, 20), date(2026, 2, 2), date(2026, 3, 2)

HELD = from_pubmed_xml(
    article_set(
        article_xml(1001, "Low-dose naltrexone for pain", entered="2026-01-05", headings=["Naltrexone"]),
        article_xml(1002, "LDN: laparoscopic donor nephrectomy", entered="2026-01-05"),
        article_xml(1003, "Naltrexone 4.5 mg in fibromyalgia", entered="2026-01-28"),
        # Old, added late: indexed under a date years before its entry.
        article_xml(1004, "Opioid antagonists, an older paper", entered="2026-01-30", indexed="2019-11-18"),
        article_xml(1005, "Very low dose naltrexone", entered="2026-02-20"),
        book_xml(1006, "Low dose naltrexone: a chapter", entered="2026-01-29"),
    )
)
# 1001 becomes retracted in February.
RETRACTED = from_pubmed_xml(
    article_set(
        article_xml(
            1001,
            "Low-dose naltrexone for pain",
            entered="2026-01-05",
            headings=["Naltrexone"],
            types=["Journal Article", "Retracted Publication"],
            corrections=[("RetractionIn", "1099")],
        )
    ),
    appears=datetime(2026, 2, 25, tzinfo=UTC),
)


@pytest.fixture
def standin() -> Iterator[Standin]:
    with running(HELD + RETRACTED, FEB) as started:
        yield started
        assert not started.crashes
        assert not started.violations


@pytest.fixture
def poller(standin: Standin) -> Iterator[Poller]:
    with Poller(standin) as started:
        yield started


def running(records: RecordSet, now: date) -> Standin:
    return Standin(records, now, ncbi_per_second=IN_NO_HURRY)


def many(count: int, day: str = "2026-01-15") -> RecordSet:
    return from_pubmed_xml(article_set(*(article_xml(n, entered=day) for n in range(1, count + 1))))


# --- what is asked --------------------------------------------------------------------------------------


def test_the_first_poll_is_a_census_of_the_topic_and_fetches_all_of_it(poller: Poller) -> None:
    run = poller.poll(source("pubmed"), FEB)
    assert run.listed == run.asked == ("1001", "1003", "1006")
    assert (run.absent, run.windows) == ((), ("census",))
    assert set(poller.records(run)) == set(run.listed)
    assert run.counts["topic"] == 3
    assert "1002" not in run.listed  # "LDN" alone names other things


def test_the_query_is_kept_as_pubmed_understood_it(poller: Poller) -> None:
    run = poller.poll(
        source("pubmed", clauses=("naltrexone[mh]", "LDN[tiab]", '"naltrexone low"[tiab:~3]')), FEB
    )
    assert '"naltrexone"[MeSH Terms]' in run.translation
    assert '"4 5mg"[Title/Abstract]' in run.translation


def test_a_window_finds_what_was_entered_late_under_an_old_date(poller: Poller) -> None:
    run = poller.poll(ALL, FEB, since=date(2026, 1, 31), known={})
    assert run.windows == ("crdt 2026-01-24..2026-02-03", "mdat 2026-01-24..2026-02-03")
    assert "1004" in run.asked


def test_a_modified_record_is_read_again_although_it_is_known(standin: Standin, poller: Poller) -> None:
    first = poller.poll(source("pubmed"), FEB)
    standin.now = MAR
    later = poller.poll(source("pubmed"), MAR, since=date(2026, 2, 20), known=dict.fromkeys(first.listed, ""))
    assert later.asked == ("1001", "1005")
    assert [notice.kind for notice in poller.records(later)["1001"].notices] == ["retraction"]


def test_a_second_poll_of_an_unchanged_topic_asks_for_nothing_old(poller: Poller) -> None:
    first = poller.poll(ALL, FEB, census=True)
    again = poller.poll(ALL, FEB, since=MAR, census=True, known=dict.fromkeys(first.listed, ""))
    assert again.listed == first.listed
    assert again.asked == ()


def test_named_ids_are_read_again_and_nonsense_is_not_asked_for(poller: Poller) -> None:
    known = dict.fromkeys(("1001", "1003", "1006"), "")
    run = poller.poll(source("pubmed"), FEB, known=known, refetch=frozenset({"1003", "ABC123"}))
    assert run.asked == ("1003",)


def test_the_key_and_the_address_are_sent_and_not_stored(standin: Standin, poller: Poller) -> None:
    poller.poll(ALL, FEB, api_key="SECRET")
    assert {question.params["api_key"] for question in standin.log} == {"SECRET"}
    assert {question.params["email"] for question in standin.log} == {"review@example.org"}
    assert not any("SECRET" in answer.url or "review@" in answer.url for answer in poller.kept.values())


def test_every_answer_is_kept_before_it_is_read(poller: Poller) -> None:
    run = poller.poll(ALL, FEB)
    assert {page.payload for page in run.pages} < poller.kept.keys()
    assert run.requests == len(poller.kept) == 2


# --- sizes ----------------------------------------------------------------------------------------------


def test_records_are_fetched_in_batches_of_two_hundred(standin: Standin) -> None:
    with running(many(450), FEB) as big, Poller(big) as poller:
        run = poller.poll(ALL, FEB)
        fetched = [question for question in big.log if question.path.endswith("efetch.fcgi")]
        assert [len(question.params["id"].split(",")) for question in fetched] == [200, 200, 50]
        assert {question.method for question in fetched} == {"POST"}
        assert len(poller.records(run)) == 450


def test_a_topic_too_large_for_one_listing_is_listed_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("living.sources.pubmed.CEILING", 40)
    monkeypatch.setattr("tests.standin.eutils.CEILING", 40)
    days = [f"2026-01-{day:02d}" for day in range(1, 31)]
    held = from_pubmed_xml(article_set(*(article_xml(n, entered=days[n % 30]) for n in range(1, 301))))
    with running(held, FEB) as big, Poller(big) as poller:
        run = poller.poll(ALL, FEB)
    assert len(run.listed) == run.counts["topic"] == 300


def test_one_day_with_too_many_is_a_matter_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("living.sources.pubmed.CEILING", 40)
    monkeypatch.setattr("tests.standin.eutils.CEILING", 40)
    with running(many(41), FEB) as big, Poller(big) as poller, pytest.raises(SourceChanged, match="one day"):
        poller.poll(ALL, FEB)


# --- what does not come ---------------------------------------------------------------------------------


def test_a_record_that_does_not_come_is_asked_for_again_in_the_same_run(
    standin: Standin, poller: Poller
) -> None:
    standin.fault(faults.without("1003"), path="efetch")
    run = poller.poll(ALL, FEB)
    assert run.absent == ()
    assert len(run.pages) == 2
    assert "1003" in poller.records(run)


def test_a_record_that_never_comes_is_named_and_costs_no_other(standin: Standin, poller: Poller) -> None:
    standin.fault(faults.without("1003"), times=None, path="efetch")
    run = poller.poll(ALL, FEB)
    assert run.absent == ("1003",)
    assert run.counts["asked"] == run.counts["received"] + 1
    assert "1001" in poller.records(run)


def test_a_batch_of_which_nothing_comes_is_an_outage(standin: Standin, poller: Poller) -> None:
    empty = faults.says(article_set(), content_type="text/xml")
    standin.fault(empty, times=None, path="efetch")
    with pytest.raises(SourceDown, match="none of"):
        poller.poll(ALL, FEB)


def test_a_single_withdrawn_record_is_no_outage(poller: Poller) -> None:
    run = poller.poll(
        source("pubmed"), FEB, known={"1001": "", "1003": "", "1006": ""}, refetch=frozenset({"77"})
    )
    assert (run.asked, run.absent, run.pages) == (("77",), ("77",), ())


def test_records_that_were_not_asked_for_are_not_ours(standin: Standin, poller: Poller) -> None:
    standin.fault(
        faults.says(article_set(*(a.raw for a in HELD.articles)), content_type="text/xml"), path="efetch"
    )
    run = poller.poll(source("pubmed"), FEB)
    assert set(poller.records(run)) == {"1001", "1003", "1006"}


# --- what is not believed -------------------------------------------------------------------------------


@pytest.mark.parametrize("phrase", ["ultra low dose", "naltrexone"])
def test_a_dropped_phrase_stops_the_source(standin: Standin, poller: Poller, phrase: str) -> None:
    standin.unknown_phrases.add(phrase)
    with pytest.raises(SourceChanged, match=phrase) as caught:
        poller.poll(source("pubmed"), FEB)
    assert caught.value.payload in poller.kept


def test_an_unknown_field_stops_the_source(poller: Poller) -> None:
    with pytest.raises(SourceChanged, match="NoSuchField"):
        poller.poll(source("pubmed", "naltrexone[NoSuchField]"), FEB)


def test_a_clause_missing_from_pubmed_s_reading_stops_the_source(poller: Poller) -> None:
    with pytest.raises(SourceChanged, match="without naltrexone\\[tw\\]"):
        poller.poll(source("pubmed", LDN, clauses=("naltrexone[mh]", "naltrexone[tw]")), FEB)


@pytest.mark.parametrize("fault", [faults.miscounted(), faults.duplicate_ids()], ids=lambda fault: fault.name)
def test_a_listing_that_contradicts_its_count_is_asked_for_again(
    standin: Standin, poller: Poller, fault: faults.Fault
) -> None:
    standin.fault(fault, path="esearch")
    assert poller.poll(ALL, FEB).counts["listed"] == 5
    standin.fault(fault, times=None, path="esearch")
    with pytest.raises(SourceDown, match="counts"):
        poller.poll(ALL, FEB)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.html(), SourceDown),
        (faults.html(500), SourceDown),
        (faults.busy(429), SourceDown),
        (faults.busy(503), SourceDown),
        (faults.cut(150, honest=True), SourceDown),
        (faults.says(b""), SourceDown),
        (faults.says(b"<x/>"), SourceChanged),
        (faults.says(b"no", 400), SourceChanged),
        (
            faults.says(b"<eSearchResult><ERROR>External viewer error. Timeout</ERROR></eSearchResult>", 400),
            SourceDown,
        ),
    ],
)
@pytest.mark.parametrize("path", ["esearch", "efetch"])
def test_a_fault_in_either_step_fails_the_whole_run(
    standin: Standin, poller: Poller, path: str, fault: faults.Fault, error: type[SourceError]
) -> None:
    standin.fault(fault, times=None, path=path)
    with pytest.raises(SourceError) as caught:
        poller.poll(ALL, FEB)
    assert type(caught.value) is error


def test_a_fault_that_passes_leaves_no_trace(standin: Standin, poller: Poller) -> None:
    for fault in (faults.html(), faults.busy(503), faults.reset(), faults.cut_gzip()):
        standin.fault(fault)
    assert poller.poll(ALL, FEB).listed == ("1001", "1002", "1003", "1004", "1006")


@pytest.mark.parametrize("path", ["esearch", "efetch"])
def test_every_recorded_error_fails_a_run_and_never_passes_for_an_answer(
    recorded: Path, standin: Standin, poller: Poller, path: str
) -> None:
    harmless = {("efetch", "efetch_unknown_pmid_empty_set.xml")}  # a record may be gone
    for body in sorted((recorded / "errors").glob("*")):
        if body.name == "index.json" or (path, body.name) in harmless:
            continue
        standin.heal()
        standin.fault(faults.recorded(recorded / "errors", body.name), times=None, path=path)
        with pytest.raises(SourceError):
            poller.poll(ALL, FEB)
