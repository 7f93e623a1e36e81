"""Where a study stands after people, or an import in their place, have voted."""

from itertools import permutations
from typing import Any

import pytest

from living.model.facts import ScreeningVote
from living.model.protocol import People
from living.model.record import Record
from living.review.catalogue import catalogue
from living.review.flow import flow
from living.review.identity import link_studies
from living.review.screening import Screened, screening
from tests import factories as make
from tests.unit.review.scenes import Entry, evidence, ldn, ledger, protocol, toy

PAPER, TRIAL = make.STUDY, make.TRIAL


def yes(**kw: Any) -> ScreeningVote:
    return make.vote(**kw)


def no(criterion: str = "X1", **kw: Any) -> ScreeningVote:
    return make.vote(vote="exclude", criterion=criterion, **kw)


def unsure(**kw: Any) -> ScreeningVote:
    return make.vote(vote="unsure", **kw)


def stands(*entries: Entry, of: str = PAPER) -> Screened:
    state = ledger("toy", *entries)
    return screening(state, link_studies(state), protocol())[of]


def article(*votes: Entry) -> Screened:
    return stands(make.record(), *votes)


def registered(status: str, *more: Entry, **kw: Any) -> Screened:
    """An imported inclusion of a trial of which only the registration, and what is given, is known."""
    entry = make.registered(registration=make.registration(status=status, **kw))
    return stands(entry, yes(record=TRIAL, imported="A"), *more, of=TRIAL)


# --- votes ----------------------------------------------------------------------------------------


def test_a_study_that_nobody_voted_on_is_unscreened() -> None:
    assert article() == Screened("unscreened")


def test_one_vote_of_two_decides_nothing() -> None:
    found = article(("ann", yes()))
    assert (found.status, found.voters, found.conflict) == ("awaiting_classification", ("ann",), False)
    assert found.reason == "1 of 2 screeners have voted"  # and nothing of what was said


def test_two_equal_votes_include() -> None:
    assert article(("ann", yes()), ("bob", yes())) == Screened(
        "included", decided_by="ann, bob", voters=("ann", "bob"), stage="full_text"
    )


def test_two_exclusions_exclude_by_a_named_criterion() -> None:
    found = article(("ann", no("E2", reason="no pain")), ("bob", no("E2")))
    assert (found.status, found.criterion, found.reason) == ("excluded", "E2", "no pain")


def test_the_same_person_voting_twice_is_one_voice_and_the_latest() -> None:
    assert article(("ann", yes()), ("ann", yes())).status == "awaiting_classification"
    assert article(("ann", yes()), ("bob", no()), ("ann", no())).status == "excluded"


@pytest.mark.parametrize("third", [yes(), no(), unsure()])
def test_two_who_disagree_are_a_conflict_until_a_third_vote_decides(third: ScreeningVote) -> None:
    split = ("ann", yes()), ("bob", no())
    found = article(*split)
    assert (found.status, found.conflict, found.reason) == (
        "awaiting_classification",
        True,
        "screeners disagree",
    )
    decided = {"include": "included", "exclude": "excluded", "unsure": "awaiting_classification"}
    assert article(*split, ("eve", third)).status == decided[third.vote]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_order_of_three_voters_changes_nothing(order: tuple[int, ...]) -> None:
    votes = ("ann", no("E2", reason="first")), ("bob", no("X1", reason="second")), ("eve", yes())
    assert article(*(votes[i] for i in order)) == article(*votes)


def test_two_who_are_unsure_leave_the_study_awaiting() -> None:
    found = article(("ann", unsure()), ("bob", unsure()))
    assert (found.status, found.conflict) == ("awaiting_classification", False)


def test_fewer_voices_than_the_protocol_asks_for_are_no_conflict_yet() -> None:
    three = protocol().model_copy(update={"people": People(screeners=3)})
    state = ledger("toy", make.record(), ("ann", yes()), ("bob", no()))
    found = screening(state, link_studies(state), three)[PAPER]
    assert (found.conflict, found.reason) == (False, "2 of 3 screeners have voted")


# --- taking a vote back ---------------------------------------------------------------------------


def back(stage: str = "full_text") -> ScreeningVote:
    return make.vote(vote="withdrawn", stage=stage)


def test_a_vote_taken_back_counts_no_more() -> None:
    assert article(("ann", yes()), ("ann", back())) == Screened("unscreened")
    found = article(("ann", yes()), ("bob", no()), ("ann", back()))
    assert (found.conflict, found.voters) == (False, ("bob",))


def test_a_vote_taken_back_reopens_what_it_had_settled() -> None:
    settled = ("ann", no()), ("bob", no())
    assert article(*settled).status == "excluded"
    found = article(*settled, ("bob", back()))
    assert (found.status, found.criterion, found.voters) == ("awaiting_classification", "", ("ann",))
    assert article(*settled, ("bob", back()), ("bob", no())).status == "excluded"


def test_a_view_of_the_full_report_taken_back_leaves_what_was_said_of_the_title() -> None:
    passed = ("ann", title(yes())), ("bob", title(yes()))
    assert article(*passed, ("ann", no()), ("ann", back())) == article(*passed)
    assert article(*passed, ("ann", back("title"))).voters == ("bob",)


def test_what_a_person_said_before_a_vote_taken_back_does_not_return() -> None:
    assert article(("ann", yes()), ("ann", no()), ("ann", back())) == Screened("unscreened")


def test_an_import_stands_again_when_people_take_their_votes_back() -> None:
    imported = yes(imported="A")
    settled = ("ann", no()), ("bob", no())
    assert article(imported, *settled, ("ann", back())).status == "included"
    assert article(imported, ("ann", back())).status == "included"


def test_votes_on_any_record_of_a_study_count_together() -> None:
    joined = make.record(), make.registered(registration=make.registration(has_results=True)), make.link()
    votes = ("ann", yes(record=PAPER)), ("bob", yes(record=TRIAL))
    assert stands(*joined, *votes).status == "included"
    parted = make.link(relation="different", method="person")
    assert stands(*joined, *votes, ("ann", parted)).status == "awaiting_classification"


def test_a_vote_on_a_record_that_was_never_stored_is_no_vote() -> None:
    assert article(("ann", yes(record="pubmed:404"))).status == "unscreened"


# --- an import in place of people -----------------------------------------------------------------


def test_an_import_stands_in_until_as_many_people_as_needed_have_decided() -> None:
    imported = yes(imported="A")
    assert article(imported).decided_by == "import"
    assert article(imported, ("ann", no())).status == "included"
    assert article(imported, ("ann", no()), ("bob", no())) == Screened(
        "excluded", criterion="X1", decided_by="ann, bob", voters=("ann", "bob"), stage="full_text"
    )


def test_an_import_counts_as_no_voter_and_stands_through_a_conflict() -> None:
    found = article(yes(imported="A"), ("ann", yes()), ("bob", no()))
    assert (found.status, found.decided_by, found.conflict) == ("included", "import", True)


def test_the_latest_import_counts() -> None:
    assert article(yes(imported="B"), no("E2", imported="A")).criterion == "E2"


# --- title and abstract, then the full report -----------------------------------------------------


def title(vote: ScreeningVote) -> ScreeningVote:
    return vote.model_copy(update={"stage": "title"})


def where(*votes: Entry) -> tuple[str, str, bool]:
    found = article(*votes)
    return found.status, found.stage, found.conflict


def test_title_and_abstract_never_include() -> None:
    found = article(("ann", title(yes())), ("bob", title(yes())))
    assert (found.status, found.stage, found.passed) == ("awaiting_classification", "title", True)
    assert found.reason == "passed on title and abstract; the full report is to be judged"
    assert article(title(yes(imported="A"))).passed


def test_in_doubt_about_the_title_the_full_report_is_read() -> None:
    assert article(("ann", title(yes())), ("bob", title(unsure()))).passed


def test_two_exclusions_on_the_title_exclude_there() -> None:
    found = article(("ann", title(no("E2"))), ("bob", title(no("E2"))))
    assert (found.status, found.criterion, found.stage) == ("excluded", "E2", "title")


@pytest.mark.parametrize("third", [yes(), no(), unsure()])
def test_two_who_disagree_on_the_title_have_settled_nothing_until_a_third(third: ScreeningVote) -> None:
    split = ("ann", title(yes())), ("bob", title(no()))
    assert where(*split) == ("awaiting_classification", "", True)
    decided = {
        "include": "awaiting_classification",
        "exclude": "excluded",
        "unsure": "awaiting_classification",
    }
    assert where(*split, ("eve", title(third))) == (decided[third.vote], "title", False)


def test_one_title_vote_of_two_settles_nothing() -> None:
    assert where(("ann", title(no()))) == ("awaiting_classification", "", False)


def test_the_full_report_is_judged_by_as_many_as_the_protocol_asks() -> None:
    passed = ("ann", title(yes())), ("bob", title(yes()))
    begun = article(*passed, ("ann", yes()))
    assert (begun.status, begun.stage, begun.voters) == ("awaiting_classification", "full_text", ("ann",))
    assert where(*passed, ("ann", yes()), ("bob", yes())) == ("included", "full_text", False)
    assert where(*passed, ("ann", no()), ("bob", no())) == ("excluded", "full_text", False)


def test_a_verdict_on_the_full_report_comes_before_one_on_the_title() -> None:
    out = ("ann", title(no())), ("bob", title(no()))
    assert where(*out, ("eve", yes())) == ("excluded", "title", False)
    assert where(*out, ("eve", yes()), ("joe", yes())) == ("included", "full_text", False)


def test_an_exclusion_on_the_title_joins_one_on_the_full_report_and_opposes_an_inclusion() -> None:
    assert where(("ann", title(no())), ("bob", no())) == ("excluded", "full_text", False)
    assert where(("ann", title(no())), ("bob", yes())) == ("awaiting_classification", "full_text", True)


def test_an_import_on_the_title_stands_until_people_judge_the_full_report() -> None:
    assert where(title(no(imported="A"))) == ("excluded", "title", False)
    assert where(title(no(imported="A")), ("ann", yes())) == ("awaiting_classification", "full_text", False)
    assert article(yes(imported="A"), ("ann", title(yes())), ("bob", title(yes()))).decided_by == "import"


def test_votes_without_a_stage_are_on_the_full_report() -> None:
    older = {"kind": "screening_vote", "record": PAPER, "vote": "include"}
    assert ScreeningVote.model_validate(older).stage == "full_text"


def test_what_passed_on_the_title_waits_in_the_queue_for_the_full_report() -> None:
    passed = ("ann", title(yes())), ("bob", title(yes()))
    tasks = evidence(toy(make.record(), *passed)).queue()
    assert [(task.kind, task.detail) for task in tasks] == [
        ("screen", "passed on title and abstract; the full report is to be judged")
    ]
    assert evidence(toy(make.record(), ("ann", title(no())), ("bob", title(no())))).queue() == ()
    begun = evidence(toy(make.record(), *passed, ("ann", yes()))).queue()
    assert [task.detail for task in begun] == ["1 of 2 screeners have voted"]


# --- ongoing and stopped --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", ["RECRUITING", "NOT_YET_RECRUITING", "ACTIVE_NOT_RECRUITING", "COMPLETED", ""]
)
def test_an_included_registration_without_results_is_ongoing(status: str) -> None:
    assert registered(status).status == "ongoing"


@pytest.mark.parametrize("status", ["TERMINATED", "WITHDRAWN", "SUSPENDED", "NO_LONGER_AVAILABLE"])
def test_a_registration_that_ended_without_results_is_stopped_and_not_ongoing(status: str) -> None:
    assert registered(status).status == "stopped"


def test_posted_results_make_a_registration_a_report_however_the_trial_ended() -> None:
    assert registered("COMPLETED", has_results=True).status == "included"
    assert registered("TERMINATED", has_results=True).status == "included"


def linked(paper: Record) -> tuple[Entry, ...]:
    return paper, make.link(a=paper.key, b=TRIAL)


def test_an_article_ends_the_waiting() -> None:
    assert registered("RECRUITING", *linked(make.record())).status == "included"
    assert registered("TERMINATED", *linked(make.record())).status == "included"


def test_a_protocol_paper_reports_no_results_and_ends_nothing() -> None:
    paper = make.record(types=("Journal Article", "Clinical Trial Protocol"))
    assert registered("RECRUITING", *linked(paper)).status == "ongoing"
    assert registered("WITHDRAWN", *linked(paper)).status == "stopped"


def test_a_trial_with_two_registrations_stops_only_when_both_have() -> None:
    second = make.registered(id="NCT09000002", registration=make.registration(status="RECRUITING"))
    joined = make.link(a="ctgov:NCT09000002", b=TRIAL)
    assert registered("TERMINATED", second, joined).status == "ongoing"
    ended = make.registered(id="NCT09000002", registration=make.registration(status="WITHDRAWN"))
    assert registered("TERMINATED", ended, joined).status == "stopped"


def test_the_status_that_stands_now_counts() -> None:
    resumed = make.registered(registration=make.registration(status="RECRUITING"))
    assert registered("SUSPENDED", resumed).status == "ongoing"


def test_an_excluded_or_undecided_registration_is_neither_ongoing_nor_stopped() -> None:
    entry = make.registered(registration=make.registration(status="TERMINATED"))
    assert stands(entry, no(record=TRIAL, imported="A"), of=TRIAL).status == "excluded"
    assert stands(entry, unsure(record=TRIAL, imported="A"), of=TRIAL).status == "awaiting_classification"


# --- the lists and counts of a snapshot -----------------------------------------------------------


def test_the_counts_add_up_and_stopped_trials_have_their_own() -> None:
    found = evidence(ldn("2026-06-30"))
    studies = catalogue(found)
    counts = flow(found, studies, 3)
    assert {study.key for study in studies if study.status == "stopped"} == {
        "ctgov:NCT03970330",
        "ctgov:NCT04115020",
    }
    assert counts.stopped == 2
    parts = (counts.included, counts.excluded, counts.awaiting_classification, counts.ongoing, counts.stopped)
    assert sum(parts) == counts.studies == len(studies)
    assert sum(counts.by_source.values()) == counts.records
    assert sum(counts.excluded_by.values()) == counts.excluded


def test_unscreened_records_are_counted_and_not_listed() -> None:
    found = evidence(toy(make.record(), make.record(id="40000002"), make.vote(imported="A")))
    studies = catalogue(found)
    assert [study.key for study in studies] == [PAPER]
    assert flow(found, studies, 0).records_awaiting_screening == 1
