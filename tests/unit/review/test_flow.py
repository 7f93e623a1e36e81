"""The boxes of the PRISMA flow: what each counts, and what a version kept of the one before."""

from typing import Any

import pytest

from living.model.facts import FullText
from living.model.flow import Flow
from living.model.snapshot import Snapshot
from living.model.state import ReviewState
from living.review.snapshot import build_snapshot
from tests import factories as make
from tests.unit.review.scenes import Entry, seeded, then, toy, trial, version


def flow_of(*entries: Entry) -> Flow:
    return build_snapshot(toy(*entries)).flow


def paper(name: str, **kw: Any) -> Entry:
    return make.record(id=name, identifiers=(), **kw)


def voted(name: str, verdict: str = "include", stage: str = "full_text", **kw: Any) -> Entry:
    criterion = "X1" if verdict == "exclude" else ""
    given = {"vote": verdict, "criterion": criterion, "stage": stage, "imported": "A"}
    return make.vote(record=f"pubmed:{name}", **{**given, **kw})


def same(a: str, b: str, **kw: Any) -> Entry:
    return make.link(a=f"pubmed:{a}", b=f"pubmed:{b}", **{"relation": "same_report", "method": "doi", **kw})


def test_records_are_counted_by_the_kind_of_their_source() -> None:
    counts = flow_of(paper("1"), make.registered(), make.record(source="hand", id="thesis", identifiers=()))
    assert counts.by_source == {"ctgov": 1, "hand": 1, "pubmed": 1}
    assert counts.by_place == {"databases": 1, "registers": 1, "imports": 1}


def test_a_further_record_of_a_report_is_a_duplicate_and_counted_nowhere_else() -> None:
    counts = flow_of(paper("1"), paper("2"), voted("1"), same("1", "2"))
    assert (counts.records, counts.duplicates, counts.records_screened) == (2, 1, 1)
    assert (counts.included, counts.reports_included) == (1, 1)


def test_two_reports_of_a_study_are_no_duplicates() -> None:
    counts = flow_of(paper("1"), paper("2"), voted("1"), same("1", "2", relation="same_study"))
    assert (counts.duplicates, counts.included, counts.reports_included) == (0, 1, 2)


@pytest.mark.parametrize(("method", "machine", "people"), [("doi", 1, 0), ("person", 0, 1)])
def test_who_found_a_duplicate_is_told(method: str, machine: int, people: int) -> None:
    counts = flow_of(paper("1"), paper("2"), same("1", "2", method=method))
    assert (counts.duplicates_by_machine, counts.duplicates_by_people) == (machine, people)


def test_where_people_and_a_machine_join_the_same_records_people_did() -> None:
    three = paper("1"), paper("2"), paper("3")
    joined = same("1", "2"), same("2", "3"), same("1", "3", method="person")
    counts = flow_of(*three, *joined)
    assert (counts.duplicates, counts.duplicates_by_machine, counts.duplicates_by_people) == (2, 1, 1)


def test_records_held_apart_are_no_duplicates() -> None:
    apart = same("1", "2", relation="different", method="person")
    assert flow_of(paper("1"), paper("2"), same("1", "2"), apart).duplicates == 0


def test_each_standing_has_its_box() -> None:
    names = [str(n) for n in range(1, 8)]
    counts = flow_of(
        *(paper(name) for name in names),
        voted("1"),
        voted("2", "exclude"),
        voted("3", "exclude", "title"),
        voted("4", "include", "title"),
        voted("5", "unsure"),
        ("ann", voted("6", "exclude", "title", imported=None)),
    )
    assert (counts.records, counts.records_awaiting_screening, counts.records_screened) == (7, 2, 5)
    assert (counts.records_excluded, counts.reports_sought, counts.reports_awaited) == (1, 4, 1)
    assert (counts.reports_assessed, counts.reports_excluded, counts.reports_excluded_by) == (3, 1, {"X1": 1})
    assert (counts.reports_awaiting_classification, counts.reports_included) == (1, 1)
    assert (counts.excluded, counts.excluded_on_title, counts.awaiting_classification) == (2, 1, 3)
    assert (counts.studies, counts.studies_awaiting_screening) == (7, 1)


def test_a_report_that_cannot_be_had_is_not_retrieved_unless_somebody_judged_it_all_the_same() -> None:
    gone = [("ann", FullText(record=f"pubmed:{n}", status="not_obtainable")) for n in ("1", "2", "3")]
    passed = voted("1", "include", "title"), voted("2", "include", "title"), voted("3")
    counts = flow_of(paper("1"), paper("2"), paper("3"), *passed, *gone)
    assert (counts.reports_sought, counts.reports_not_retrieved, counts.reports_awaited) == (3, 2, 0)
    assert (counts.reports_assessed, counts.reports_included) == (1, 1)
    found = ("ann", FullText(record="pubmed:2", status="obtained"))
    assert flow_of(paper("1"), paper("2"), paper("3"), *passed, *gone, found).reports_not_retrieved == 1


def test_a_document_from_before_these_boxes_can_still_be_read() -> None:
    old = {"records": 0, "by_source": {}, "studies": 0, "included": 0, "excluded": 0, "excluded_by": {}}
    more = {"awaiting_classification": 0, "awaiting_data": 0, "ongoing": 0, "records_awaiting_screening": 0}
    assert Flow.model_validate(old | more | {"in_headline": 0}).duplicates == 0


# --- what a version kept of the one before --------------------------------------------------------


def next_version(state: ReviewState, *entries: Entry) -> Snapshot:
    """v2.0 of a state whose v1.0 was bound before these facts."""
    first = make.release(digest="a" * 64)
    after = then(then(state, ("machine", first)), *entries)
    return version(after, "v2.0", previous="v1.0")


def test_the_first_version_kept_nothing() -> None:
    assert version(seeded()).release.before is None  # type: ignore[union-attr]


def test_new_and_lost_studies_lead_from_the_version_before_to_this_one() -> None:
    gone = make.vote(record="pubmed:90000001", vote="exclude", criterion="X1", imported="A")
    found = next_version(seeded(), gone, *trial("5"), *trial("6"))
    before = found.release.before  # type: ignore[union-attr]
    assert before is not None
    assert (before.version, before.studies_left, before.studies_new) == ("v1.0", 1, 2)
    assert before.studies - before.studies_left + before.studies_new == found.flow.included
    assert before.reports - before.reports_left + before.reports_new == found.flow.reports_included


def test_of_two_studies_that_were_joined_one_has_left_and_no_report() -> None:
    state = toy(*trial("5"), *trial("6"))
    joined = same("5", "6", relation="same_study", method="person")
    before = next_version(state, joined).release.before  # type: ignore[union-attr]
    assert before is not None
    assert (before.studies, before.studies_left, before.studies_new) == (2, 1, 0)
    assert (before.reports, before.reports_left, before.reports_new) == (2, 0, 0)
