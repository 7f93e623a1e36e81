"""The queue: a query over the facts, most urgent first, then the longest waiting."""

from typing import Any

import pytest

from living.model.facts import Fact
from living.model.record import Notice, Record
from living.model.state import ReviewState
from living.review.work import ORDER, Task, news
from tests import factories as make
from tests.unit.review.scenes import V1, V2, Entry, difference, evidence, ldn, read, seeded, then, trial

ALPHA, BETA = "pubmed:90000001", "pubmed:90000002"
NUMBERS = {  # what the seed imported for BETA
    "shape": "reported_contrast",
    "estimand": "change",
    "measure": "MD",
    "estimate": -0.5,
    "precision": {"by": "ci", "low": -1.5, "high": 0.5},
    "n_experimental": 40,
    "n_control": 40,
}


def queue(state: ReviewState) -> tuple[Task, ...]:
    return evidence(state).queue()


def after(*entries: Entry) -> list[tuple[str, str, str]]:
    """What the toy topic's queue has that it had not before."""
    old = set(queue(seeded()))
    return [
        (task.kind, task.study, task.detail) for task in queue(then(seeded(), *entries)) if task not in old
    ]


def kinds(*entries: Entry) -> list[str]:
    return [kind for kind, _, _ in after(*entries)]


def beta(**kw: Any) -> Record:
    """The live sight of a seeded record."""
    return make.record(id="90000002", identifiers=(), **kw)


def said(by: str, estimate: float = -0.5, **kw: Any) -> Entry:
    return (by, read(BETA, {**NUMBERS, "estimate": estimate}, imported=None, **kw))


def notice(kind: str) -> Record:
    return beta(notices=(Notice(kind=kind, record="pubmed:99"),))


def vote(**kw: Any) -> Fact:
    return make.vote(**({"record": BETA} | kw))


# --- reading --------------------------------------------------------------------------------------


def test_numbers_of_one_imported_source_wait_for_two_readers() -> None:
    assert {(task.kind, task.study) for task in queue(seeded())} == {
        ("verify", key) for key in (ALPHA, BETA, "pubmed:90000003")
    }


def test_an_included_study_without_numbers_is_to_be_extracted() -> None:
    assert after(*trial("4")) == [("extract", "pubmed:4", "nothing read yet")]


def test_the_reason_why_nothing_can_be_used_is_in_the_task() -> None:
    nothing = {"shape": "no_numbers", "status": "authors_asked", "reason": "asked for the SDs"}
    assert after(*trial("4", read("pubmed:4", nothing))) == [("extract", "pubmed:4", "asked for the SDs")]


def test_values_that_the_primary_analysis_does_not_combine_are_no_numbers_for_it() -> None:
    percent = {"shape": "paired_difference", "values": "percent_change", "n": 9, "difference": -1.0,
               "precision": {"by": "se", "se": 1.0}}  # fmt: skip
    assert kinds(*trial("4", read("pubmed:4", percent, estimand="percent_change"))) == ["extract"]


def test_one_reader_calls_for_a_second() -> None:
    assert after(said("ann")) == [("second_reader", BETA, "1 of 2 people have read it")]


def test_readers_who_differ_call_for_an_adjudicator() -> None:
    assert kinds(said("ann"), said("bob", -0.6)) == ["adjudicate"]


def test_numbers_that_two_have_read_wait_for_nobody() -> None:
    state = then(seeded(), said("ann"), said("bob"))
    assert BETA not in {task.study for task in queue(state)}


COUNTS = {
    "shape": "event_counts",
    "experimental": {"events": 1, "total": 9},
    "control": {"events": 2, "total": 9},
}


def harms(by: str) -> Entry:
    return (by, read("pubmed:4", COUNTS, imported=None, outcome="any-ae", scale="", estimand="count"))


def test_other_numbers_do_not_hide_that_the_main_number_is_missing() -> None:
    assert kinds(*trial("4"), harms("ann"), harms("bob")) == ["extract"]


def test_of_a_study_that_waits_for_its_second_reader_the_queue_says_nothing_else() -> None:
    """Neither which cells the first has read, nor which are still missing, nor how many."""
    later = ("ann", read("pubmed:4", NUMBERS, imported=None), "2026-07-02T06:00:00Z")
    told = [("second_reader", "pubmed:4", "1 of 2 people have read it")]
    assert after(*trial("4"), harms("ann")) == told
    assert after(*trial("4"), harms("ann"), later) == told


def test_a_cell_that_one_of_two_readers_left_out_calls_for_an_adjudicator() -> None:
    more = said("ann", weeks=24.0)
    assert after(said("ann"), more, said("bob")) == [
        ("adjudicate", BETA, "ache, 24 weeks, change: read by one person only")
    ]


def test_a_cell_read_after_the_opening_is_not_named_before_another_has_read_it() -> None:
    more = (*said("ann", weeks=24.0), "2026-07-02T06:00:00Z")
    assert after(said("ann"), said("bob"), more) == [
        ("second_reader", BETA, "a cell was read later and needs another reader")
    ]


def test_readers_who_describe_a_study_differently_call_for_an_adjudicator() -> None:
    trial_of = make.characteristics(study=BETA, label="Beta 2020")
    other = make.characteristics(study=BETA, label="Beta 2021", design="crossover")
    state = then(seeded(), ("ann", trial_of), said("ann"), ("bob", other), said("bob"))
    told = [(task.kind, task.detail) for task in queue(state) if task.study == BETA]
    assert told == [("adjudicate", "described differently: label, design")]


def test_a_study_that_is_not_included_is_not_read() -> None:
    assert kinds(*trial("4"), vote(record="pubmed:4", vote="exclude", criterion="X1", imported="A")) == []


# --- screening ------------------------------------------------------------------------------------


def test_a_record_that_nobody_voted_on_is_to_be_screened() -> None:
    assert after(make.record(identifiers=())) == [("screen", make.STUDY, "2 votes needed")]


def test_one_vote_calls_for_another_also_where_an_import_stands_in() -> None:
    one = "1 of 2 screeners have voted"
    assert after(make.record(identifiers=()), ("ann", make.vote())) == [("screen", make.STUDY, one)]
    assert after(("ann", vote(vote="exclude", criterion="X1"))) == [("screen", BETA, one)]


def test_screeners_who_disagree_call_for_another_vote() -> None:
    votes = ("ann", vote()), ("bob", vote(vote="exclude", criterion="X1"))
    assert after(*votes) == [("screen", BETA, "screeners disagree: another vote decides")]
    assert kinds(*votes, ("eve", vote())) == []


def test_two_who_are_unsure_are_not_asked_again() -> None:
    assert kinds(("ann", vote(vote="unsure")), ("bob", vote(vote="unsure"))) == []


# --- identity -------------------------------------------------------------------------------------


def test_rulings_that_contradict_each_other_call_for_a_person() -> None:
    gamma = "pubmed:90000003"
    links = [
        make.link(a=ALPHA, b=BETA),
        make.link(a=BETA, b=gamma),
        make.link(a=ALPHA, b=gamma, relation="different"),
    ]
    found = after(*links)
    assert ("link", BETA, f"rulings contradict: {BETA} and {gamma}") in found


# --- news -----------------------------------------------------------------------------------------


def test_the_first_live_sight_of_a_seeded_record_wakes_nobody() -> None:
    assert after(beta(title="The title as the source prints it")) == []


def test_a_retraction_and_a_concern_stand_first_until_somebody_votes() -> None:
    for kind, name in (("retraction", "RETRACTED"), ("concern", "CONCERN")):
        bad = notice(kind)
        assert after(bad)[0] == ("retraction", BETA, f"{BETA}: {name}")
        assert "retraction" in kinds(bad, said("ann"))
        assert "retraction" not in kinds(bad, ("ann", vote()))
        assert "retraction" in kinds(("ann", vote()), bad)


def test_a_retraction_that_is_taken_back_is_looked_at_and_no_longer_urgent() -> None:
    found = after(notice("retraction"), beta())
    assert {kind for kind, _, _ in found} == {"look_again"}
    assert f"{BETA}: REINSTATED" in {detail for _, _, detail in found}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"has_results": True, "results": "a" * 64}, "RESULTS_POSTED"),
        ({"arms": ()}, "ARMS_DOSE"),
        ({"primary_outcomes": ()}, "PRIMARY_OUTCOME"),
        ({"status": "WITHHELD"}, "WITHHELD"),
    ],
)
def test_news_about_a_study_that_was_dealt_with_is_looked_at_again(
    change: dict[str, Any], detail: str
) -> None:
    entry, decision = make.registered(identifiers=()), make.vote(record=make.TRIAL, imported="A")
    changed = make.registered(identifiers=(), registration=make.registration(**change))
    found = after(entry, decision, changed)
    assert ("look_again", make.TRIAL, f"{make.TRIAL}: {detail}") in found
    assert "look_again" not in kinds(entry, decision, changed, ("ann", make.vote(record=make.TRIAL)))


@pytest.mark.parametrize(
    "change",
    [
        {"last_update_posted": "2026-08-01", "completion": "2027-01"},
        {"contacts": "c" * 64},
        {"status": "COMPLETED"},
        {"enrolment": 61},
    ],
)
def test_dates_contacts_status_and_enrolment_wake_nobody(change: dict[str, Any]) -> None:
    entry, decision = make.registered(identifiers=()), make.vote(record=make.TRIAL, imported="A")
    changed = make.registered(identifiers=(), registration=make.registration(**change))
    assert after(entry, decision, changed) == after(entry, decision)


def test_a_new_report_of_a_known_study_is_looked_at() -> None:
    paper = make.record(id="95", identifiers=())
    assert after(paper, make.link(a="pubmed:95", b=BETA)) == [("look_again", BETA, "pubmed:95: NEW")]


def test_a_new_record_that_is_a_study_of_its_own_is_screened_and_not_looked_at_again() -> None:
    paper = make.record(id="95", identifiers=())
    assert after(paper, make.vote(record="pubmed:95", imported="A")) == [
        ("extract", "pubmed:95", "nothing read yet")
    ]


def test_an_adjudication_counts_as_having_looked() -> None:
    version_two = beta(version=2)
    assert kinds(beta(), version_two) == ["look_again"]
    ruling = make.adjudication(cell=read(BETA, NUMBERS).cell, numbers=read(BETA, NUMBERS).numbers)
    assert kinds(beta(), version_two, ("eve", said("ann")[1]), ("eve", ruling)) == []


def test_news_lists_the_lines_that_a_person_must_see_and_no_others() -> None:
    state = then(seeded(), beta(), beta(title="Edited"), notice("erratum"))
    assert [(line.seq - seeded().seq, changes) for line, changes in news(state)] == [(3, ("ERRATUM", "TEXT"))]


# --- order ----------------------------------------------------------------------------------------


def test_the_queue_is_ordered_by_urgency_and_then_by_waiting() -> None:
    everything: list[Entry] = [
        make.record(identifiers=()),
        *trial("4"),
        *trial("5"),
        make.record(id="95", identifiers=()),
        make.link(a="pubmed:95", b=ALPHA),
        said("ann"),
        said("bob", -0.6),
        ("ann", read("pubmed:90000003", difference(-1.0), imported=None)),
        notice("retraction"),
    ]
    found = queue(then(seeded(), *everything))
    places = [ORDER.index(task.kind) for task in found]
    assert places == sorted(places)
    for kind in ORDER:
        waiting = [task.since for task in found if task.kind == kind]
        assert waiting == sorted(waiting)
    assert {task.kind for task in found} == {*ORDER[: ORDER.index("judge_again")]} - {"link"}


def test_the_queue_of_the_ldn_review_before_and_after_innova() -> None:
    before, later = queue(ldn(V1)), queue(ldn(V2))
    to_extract = {task.label for task in before if task.kind == "extract"}
    assert to_extract == {
        "Younger 2013",
        "Bested 2023",
        "Paula 2023",
        "Srinivasan 2021",
        "Beaudette-Zlatanova 2023",
    }
    assert {task.label for task in before if task.kind == "verify"} == {"FINAL 2024", "Tsui 2024"}
    more = {(task.kind, task.label) for task in later} - {(task.kind, task.label) for task in before}
    assert more == {("verify", "INNOVA 2026")}
    assert {task.kind for task in later} == {"extract", "verify"}
